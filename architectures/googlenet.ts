/** Going Deeper with Convolutions, https://arxiv.org/abs/1409.4842 */

import { type Architecture, basicArchitecture } from '../engine/architecture.ts';
import { FLAG, heightAndWidthFrom } from '../engine/common/kinds.ts';
import type { BasicGraphBuilder } from '../engine/graph/builder.ts';
import type { Value } from '../engine/graph/graph.ts';
import { CONCATENATING, WINOGRAD } from '../engine/kernels/candidates.ts';
import { dense, normalizedConvolution } from './layers.ts';
import { type ClassifierOptions, classifierOptions, demandOptions, readOptions } from './options.ts';

/** Channels: of 1x1; of 1x1 before 3x3, of 3x3; of 1x1 before 5x5, of 5x5; of 1x1 after the pooling. */
type Row = readonly [one: number, reduce3: number, three: number, reduce5: number, five: number, pool: number];

/** Table 1, the inception modules between poolings. */
const STAGES: readonly Readonly<Record<string, Row>>[] = [
  {
    '3a': [64, 96, 128, 16, 32, 32],
    '3b': [128, 128, 192, 32, 96, 64],
  },
  {
    '4a': [192, 96, 208, 16, 48, 64],
    '4b': [160, 112, 224, 24, 64, 64],
    '4c': [128, 128, 256, 24, 64, 64],
    '4d': [112, 144, 288, 32, 64, 64],
    '4e': [256, 160, 320, 32, 128, 128],
  },
  {
    '5a': [256, 160, 320, 32, 128, 128],
    '5b': [384, 192, 384, 48, 128, 128],
  },
];

/** Windows of the poolings between the stages. Table 1 has 3 for both; torchvision's weights were trained with these. */
const POOLINGS = [3, 2];

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

export interface GoogLeNetOptions extends ClassifierOptions {
  /**
   * Whether the input, normalised with ImageNet's mean and standard deviation like every network's of torchvision, is
   * first normalised anew with 0.5 and 0.5. False by default; torchvision's trained weights need true.
   */
  transformInput?: boolean;
}

/**
 * GoogLeNet with batch normalization, without the auxiliary classifiers that helped to train it: their tensors may be in
 * the weights. Input `image` [batch, inChannels, height, width], at least 15 x 15; output `logits` [batch, classes].
 * Tensors have the names of torchvision's state dict. Throws an `ArchitectureError` on a wrong option.
 */
export function googLeNet(options: GoogLeNetOptions = {}): Architecture<'logits'> {
  const { transformInput, classes, inChannels, inputSize, batch } = readOptions('googLeNet', options, {
    transformInput: [FLAG, false],
    ...classifierOptions,
    inputSize: [heightAndWidthFrom(15), [224, 224]],
  });
  demandOptions(
    'googLeNet',
    !transformInput || inChannels === 3,
    `The option 'inChannels' is ${inChannels}; it should be 3 where 'transformInput' is true.`,
  );
  return basicArchitecture('googlenet', [CONCATENATING, WINOGRAD], (g) => {
    g.ignore('aux1.');
    g.ignore('aux2.');
    let x = g.input('image', [batch, inChannels, ...inputSize]);
    if (transformInput) x = normalizedAnew(g, x);
    x = pool(g, convolution(g, x, 'conv1', 64, 7, 2), 3);
    x = convolution(g, x, 'conv2', 64, 1);
    x = pool(g, convolution(g, x, 'conv3', 192, 3), 3);
    for (const [index, modules] of STAGES.entries()) {
      const window = POOLINGS[index - 1];
      if (window !== undefined) x = pool(g, x, window);
      for (const [name, row] of Object.entries(modules)) x = inception(g, x, `inception${name}`, row);
    }
    g.output('logits', dense(g, g.flatten(g.averagePool2d(x)), 'fc', classes));
  });
}

/** Figure 2 (b): four branches side by side. */
function inception(g: BasicGraphBuilder, input: Value, scope: string, row: Row): Value {
  const [one, reduce3, three, reduce5, five, poolProjection] = row;
  const window = { windowDimensions: 3, padding: 1 } as const;
  const branch1 = convolution(g, input, `${scope}.branch1`, one, 1);
  const reduced3 = convolution(g, input, `${scope}.branch2.0`, reduce3, 1);
  const reduced5 = convolution(g, input, `${scope}.branch3.0`, reduce5, 1);
  return g.concat([
    branch1,
    convolution(g, reduced3, `${scope}.branch2.1`, three, 3),
    // The paper has 5x5 here; torchvision's weights are 3x3 (https://github.com/pytorch/vision/issues/906).
    convolution(g, reduced5, `${scope}.branch3.1`, five, 3),
    convolution(g, g.maxPool2d(input, window), `${scope}.branch4.1`, poolProjection, 1),
  ]);
}

function convolution(
  g: BasicGraphBuilder,
  input: Value,
  scope: string,
  outChannels: number,
  kernel: number,
  stride = 1,
) {
  const options = { outChannels, kernel, stride, epsilon: 1e-3 };
  return g.relu(normalizedConvolution(g, input, `${scope}.conv`, `${scope}.bn`, options));
}

function pool(g: BasicGraphBuilder, input: Value, window: number): Value {
  return g.maxPool2d(input, { windowDimensions: window, strides: 2, roundingType: 'ceil' });
}

/** (x * std + mean - 0.5) / 0.5. */
function normalizedAnew(g: BasicGraphBuilder, image: Value): Value {
  const { mean, std } = IMAGENET;
  const scale = g.constant(
    'transform.scale',
    std.map((value) => value / 0.5),
  );
  const bias = g.constant(
    'transform.bias',
    mean.map((value) => (value - 0.5) / 0.5),
  );
  const [zero, one] = [g.constant('transform.mean', [0, 0, 0]), g.constant('transform.variance', [1, 1, 1])];
  return g.batchNormalization(image, zero, one, { scale, bias, epsilon: 0 });
}
