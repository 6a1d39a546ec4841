/** Densely Connected Convolutional Networks, https://arxiv.org/abs/1608.06993 */

import { type Architecture, basicArchitecture } from '../engine/architecture.ts';
import { FRACTION, heightAndWidthFrom, oneOf, POSITIVE_INTEGER } from '../engine/common/kinds.ts';
import type { BasicGraphBuilder } from '../engine/graph/builder.ts';
import type { Value } from '../engine/graph/graph.ts';
import { CONCATENATING, WINOGRAD } from '../engine/kernels/candidates.ts';
import { convolution, dense, normalization, normalizedConvolution } from './layers.ts';
import { type ClassifierOptions, classifierOptions, LENGTHS, readOptions } from './options.ts';

type Depth = 121 | 161 | 169 | 201;

/** Table 1, the layers of each dense block; 161, with a growth rate of 48, is in the paper's earlier versions. */
const BLOCKS: Readonly<Record<Depth, readonly number[]>> = {
  121: [6, 12, 24, 16],
  161: [6, 12, 36, 24],
  169: [6, 12, 32, 32],
  201: [6, 12, 48, 32],
};

const EPSILON = 1e-5;

export interface DenseNetOptions extends ClassifierOptions {
  /** 121 by default. */
  depth?: Depth;
  /** Layers of each dense block; those of the depth by default. */
  blocks?: readonly number[];
  /** The paper's k: channels that a layer adds. 32 by default, at depth 161 48. */
  growthRate?: number;
  /** The paper's theta: the share of channels that a transition keeps. 0.5 by default. */
  compression?: number;
}

/**
 * DenseNet-BC. Input `image` [batch, inChannels, height, width], at least 29 x 29; output `logits` [batch, classes].
 * Tensors have the names of torchvision's state dict. Throws an `ArchitectureError` on a wrong option.
 */
export function denseNet(options: DenseNetOptions = {}): Architecture<'logits'> {
  const { depth, blocks, growthRate, compression, classes, inChannels, inputSize, batch } = readOptions(
    'denseNet',
    options,
    {
      depth: [oneOf(121, 161, 169, 201), 121],
      blocks: [LENGTHS, BLOCKS[options?.depth ?? 121]],
      // Options from JSON may be null, which is for `readOptions` to refuse.
      growthRate: [POSITIVE_INTEGER, options?.depth === 161 ? 48 : 32],
      compression: [FRACTION, 0.5],
      ...classifierOptions,
      inputSize: [heightAndWidthFrom(29), [224, 224]],
    },
  );
  return basicArchitecture(`densenet-${options.blocks ?? depth}`, [CONCATENATING, WINOGRAD], (g) => {
    const image = g.input('image', [batch, inChannels, ...inputSize]);
    const first = { outChannels: 2 * growthRate, kernel: 7, stride: 2, epsilon: EPSILON };
    let x = g.relu(normalizedConvolution(g, image, 'features.conv0', 'features.norm0', first));
    x = g.maxPool2d(x, { windowDimensions: 3, strides: 2, padding: 1 });
    for (const [index, layers] of blocks.entries()) {
      if (index > 0) x = transition(g, x, `features.transition${index}`, compression);
      x = denseBlock(g, x, `features.denseblock${index + 1}`, layers, growthRate);
    }
    x = g.relu(normalization(g, x, 'features.norm5', EPSILON));
    g.output('logits', dense(g, g.flatten(g.averagePool2d(x)), 'classifier', classes));
  });
}

/** Each layer sees the input and what all layers before it have made (equation 2), and adds `growthRate` channels. */
function denseBlock(g: BasicGraphBuilder, input: Value, scope: string, layers: number, growthRate: number): Value {
  const features = [input];
  let x = input;
  for (let layer = 1; layer <= layers; layer++) {
    features.push(denseLayer(g, x, `${scope}.denselayer${layer}`, growthRate));
    x = g.concat(features);
  }
  return x;
}

/** Batch norm, ReLU and a pointwise convolution to 4k channels; batch norm, ReLU and a 3x3 convolution to k. */
function denseLayer(g: BasicGraphBuilder, input: Value, scope: string, growthRate: number): Value {
  let x = g.relu(normalization(g, input, `${scope}.norm1`, EPSILON));
  x = plainConvolution(g, x, `${scope}.conv1`, 4 * growthRate, 1);
  x = g.relu(normalization(g, x, `${scope}.norm2`, EPSILON));
  return plainConvolution(g, x, `${scope}.conv2`, growthRate, 3);
}

/** Between two blocks: a share of the channels, half the height and width. */
function transition(g: BasicGraphBuilder, input: Value, scope: string, compression: number): Value {
  const outChannels = Math.floor(compression * input.shape[1]);
  const x = g.relu(normalization(g, input, `${scope}.norm`, EPSILON));
  const compressed = plainConvolution(g, x, `${scope}.conv`, outChannels, 1);
  return g.averagePool2d(compressed, { windowDimensions: 2, strides: 2 });
}

function plainConvolution(
  g: BasicGraphBuilder,
  input: Value,
  name: string,
  outChannels: number,
  kernel: number,
): Value {
  return convolution(g, input, name, { outChannels, kernel, bias: false });
}
