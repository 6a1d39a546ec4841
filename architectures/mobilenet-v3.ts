/** Searching for MobileNetV3, https://arxiv.org/abs/1905.02244 */

import { type Architecture, basicArchitecture } from '../engine/architecture.ts';
import { oneOf, POSITIVE_NUMBER } from '../engine/common/kinds.ts';
import type { BasicGraphBuilder } from '../engine/graph/builder.ts';
import type { Value } from '../engine/graph/graph.ts';
import { convolution, dense, normalizedConvolution, type PaddingRule, roundChannels } from './layers.ts';
import { invertedResidual } from './mobilenet-v2.ts';
import { type ClassifierOptions, classifierOptions, readOptions } from './options.ts';

/** Kernel size, expansion size, output channels, squeeze-excite, nonlinearity (RE: ReLU, HS: hard swish), stride. */
type Row = readonly [kernel: 3 | 5, expansion: number, out: number, se: boolean, nl: 'RE' | 'HS', s: 1 | 2];

/** Table 1. */
const LARGE: readonly Row[] = [
  [3, 16, 16, false, 'RE', 1],
  [3, 64, 24, false, 'RE', 2],
  [3, 72, 24, false, 'RE', 1],
  [5, 72, 40, true, 'RE', 2],
  [5, 120, 40, true, 'RE', 1],
  [5, 120, 40, true, 'RE', 1],
  [3, 240, 80, false, 'HS', 2],
  [3, 200, 80, false, 'HS', 1],
  [3, 184, 80, false, 'HS', 1],
  [3, 184, 80, false, 'HS', 1],
  [3, 480, 112, true, 'HS', 1],
  [3, 672, 112, true, 'HS', 1],
  [5, 672, 160, true, 'HS', 2],
  [5, 960, 160, true, 'HS', 1],
  [5, 960, 160, true, 'HS', 1],
];

/** Table 2. */
const SMALL: readonly Row[] = [
  [3, 16, 16, true, 'RE', 2],
  [3, 72, 24, false, 'RE', 2],
  [3, 88, 24, false, 'RE', 1],
  [5, 96, 40, true, 'HS', 2],
  [5, 240, 40, true, 'HS', 1],
  [5, 240, 40, true, 'HS', 1],
  [5, 120, 48, true, 'HS', 1],
  [5, 144, 48, true, 'HS', 1],
  [5, 288, 96, true, 'HS', 2],
  [5, 576, 96, true, 'HS', 1],
  [5, 576, 96, true, 'HS', 1],
];

export interface MobileNetV3Options extends ClassifierOptions {
  /** `large` by default. */
  variant?: 'large' | 'small';
  /** The width multiplier; channels are rounded to multiples of 8. 1 by default. */
  width?: number;
  /** `symmetric`, as in PyTorch, by default; TensorFlow's checkpoints need `same-upper`. */
  padding?: PaddingRule;
  /** Added to the variance in batch normalization. 1e-3 by default; timm's checkpoints need 1e-5. */
  epsilon?: number;
}

/**
 * MobileNet v3. Input `image` [batch, inChannels, height, width], output `logits` [batch, classes].
 * Tensors have the names of torchvision's state dict. Throws an `ArchitectureError` on a wrong option.
 */
export function mobileNetV3(options: MobileNetV3Options = {}): Architecture<'logits'> {
  const { variant, width, classes, inChannels, inputSize, batch, ...shared } = readOptions('mobileNetV3', options, {
    variant: [oneOf('large', 'small'), 'large'],
    width: [POSITIVE_NUMBER, 1],
    ...classifierOptions,
    padding: [oneOf('symmetric', 'same-upper'), 'symmetric'],
    epsilon: [POSITIVE_NUMBER, 1e-3],
  });
  const [rows, lastChannels] = variant === 'large' ? [LARGE, 1280] : [SMALL, 1024];
  const scaled = (channels: number) => roundChannels(channels * width);

  return basicArchitecture(`mobilenet-v3-${variant}`, [], (g) => {
    const image = g.input('image', [batch, inChannels, ...inputSize]);
    const stem = { outChannels: scaled(16), kernel: 3, stride: 2, ...shared };
    let x = g.hardSwish(normalizedConvolution(g, image, 'features.0.0', 'features.0.1', stem));
    for (const [index, [kernel, expansion, out, squeezeExcite, nonlinearity, stride]] of rows.entries()) {
      x = invertedResidual(g, x, `features.${index + 1}.block`, {
        kernel,
        expanded: scaled(expansion),
        outChannels: scaled(out),
        activate: (value) => (nonlinearity === 'HS' ? g.hardSwish(value) : g.relu(value)),
        stride,
        gate: squeezeExcite ? (value, name) => g.mul(value, excitation(g, value, name)) : undefined,
        nested: true,
        ...shared,
      });
    }
    const head = { outChannels: 6 * x.shape[1], kernel: 1, ...shared };
    const scope = `features.${rows.length + 1}`;
    x = g.hardSwish(normalizedConvolution(g, x, `${scope}.0`, `${scope}.1`, head));
    x = g.hardSwish(dense(g, g.flatten(g.averagePool2d(x)), 'classifier.0', scaled(lastChannels)));
    g.output('logits', dense(g, x, 'classifier.3', classes));
  });
}

/** A factor for each channel from its mean: squeeze to a quarter, excite back (https://arxiv.org/abs/1709.01507). */
function excitation(g: BasicGraphBuilder, input: Value, scope: string): Value {
  const channels = input.shape[1];
  const squeezed = roundChannels(Math.floor(channels / 4));
  const pointwise = { kernel: 1, bias: true };
  const mean = g.averagePool2d(input);
  const hidden = g.relu(convolution(g, mean, `${scope}.fc1`, { outChannels: squeezed, ...pointwise }));
  const excited = convolution(g, hidden, `${scope}.fc2`, { outChannels: channels, ...pointwise });
  return g.hardSigmoid(excited, { alpha: 1 / 6, beta: 0.5 });
}
