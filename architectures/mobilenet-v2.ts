/** MobileNetV2: Inverted Residuals and Linear Bottlenecks, https://arxiv.org/abs/1801.04381 */

import { type Architecture, basicArchitecture } from '../engine/architecture.ts';
import { oneOf, POSITIVE_NUMBER } from '../engine/common/kinds.ts';
import type { BasicGraphBuilder } from '../engine/graph/builder.ts';
import type { Value } from '../engine/graph/graph.ts';
import { dense, normalizedConvolution, type PaddingRule, relu6, roundChannels } from './layers.ts';
import { type ClassifierOptions, classifierOptions, readOptions } from './options.ts';

/** Table 2: expansion factor t, output channels c, repetitions n, stride s of the first repetition. */
const ROWS: readonly (readonly [t: number, c: number, n: number, s: 1 | 2])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

export interface MobileNetV2Options extends ClassifierOptions {
  /** The width multiplier; channels are rounded to multiples of 8, and the last layer never shrinks. 1 by default. */
  width?: number;
  /** `symmetric`, as in PyTorch, by default; TensorFlow's checkpoints need `same-upper`. */
  padding?: PaddingRule;
  /** Added to the variance in batch normalization. 1e-5 by default, as in PyTorch; Keras has 1e-3. */
  epsilon?: number;
}

/**
 * MobileNet v2. Input `image` [batch, inChannels, height, width], output `logits` [batch, classes].
 * Tensors have the names of torchvision's state dict. Throws an `ArchitectureError` on a wrong option.
 */
export function mobileNetV2(options: MobileNetV2Options = {}): Architecture<'logits'> {
  const { width, classes, inChannels, inputSize, batch, ...shared } = readOptions('mobileNetV2', options, {
    width: [POSITIVE_NUMBER, 1],
    ...classifierOptions,
    padding: [oneOf('symmetric', 'same-upper'), 'symmetric'],
    epsilon: [POSITIVE_NUMBER, 1e-5],
  });

  return basicArchitecture('mobilenet-v2', [], (g) => {
    const image = g.input('image', [batch, inChannels, ...inputSize]);
    const stem = { outChannels: roundChannels(32 * width), kernel: 3, stride: 2, ...shared };
    let x = relu6(g, normalizedConvolution(g, image, 'features.0.0', 'features.0.1', stem));
    let k = 1;
    for (const [t, c, n, s] of ROWS) {
      for (let repetition = 0; repetition < n; repetition++) {
        x = invertedResidual(g, x, `features.${k++}.conv`, {
          kernel: 3,
          expanded: x.shape[1] * t,
          outChannels: roundChannels(c * width),
          stride: repetition === 0 ? s : 1,
          activate: (value) => relu6(g, value),
          ...shared,
        });
      }
    }
    const head = { outChannels: roundChannels(1280 * Math.max(1, width)), kernel: 1, ...shared };
    x = relu6(g, normalizedConvolution(g, x, `features.${k}.0`, `features.${k}.1`, head));
    g.output('logits', dense(g, g.flatten(g.averagePool2d(x)), 'classifier.1', classes));
  });
}

interface InvertedResidual {
  kernel: number;
  expanded: number;
  outChannels: number;
  stride: number;
  activate(value: Value): Value;
  /** What comes between the depthwise and the last convolution, if anything (MobileNet v3). */
  gate?: ((value: Value, name: string) => Value) | undefined;
  /** Whether the last convolution and its normalization are one layer of the checkpoint, as the others are, or two. */
  nested?: boolean;
  padding: PaddingRule;
  epsilon: number;
}

/** Figure 4 (d): a pointwise expansion, a depthwise convolution, a linear pointwise projection, and the input where shapes agree. */
export function invertedResidual(g: BasicGraphBuilder, input: Value, scope: string, options: InvertedResidual): Value {
  const { kernel, expanded, outChannels, stride, activate, gate, nested = false, ...shared } = options;
  const channels = input.shape[1];
  // The checkpoint numbers the layers that are there.
  let index = 0;
  let x = input;
  const next = () => `${scope}.${index++}`;
  const activated = (options: { kernel: number; stride?: number; groups?: number }) => {
    const name = next();
    x = activate(
      normalizedConvolution(g, x, `${name}.0`, `${name}.1`, { outChannels: expanded, ...options, ...shared }),
    );
  };
  if (expanded !== channels) activated({ kernel: 1 });
  activated({ kernel, stride, groups: expanded });
  if (gate) x = gate(x, next());
  const name = next();
  const names = nested ? ([`${name}.0`, `${name}.1`] as const) : ([name, next()] as const);
  x = normalizedConvolution(g, x, ...names, { outChannels, kernel: 1, ...shared });
  return stride === 1 && channels === outChannels ? g.add(input, x) : x;
}
