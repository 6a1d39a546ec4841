/** MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications, https://arxiv.org/abs/1704.04861 */

import { type Architecture, basicArchitecture } from '../engine/architecture.ts';
import { FLAG, oneOf, POSITIVE_NUMBER } from '../engine/common/kinds.ts';
import type { BasicGraphBuilder } from '../engine/graph/builder.ts';
import type { Value } from '../engine/graph/graph.ts';
import { convolution, normalizedConvolution, type PaddingRule, relu6 } from './layers.ts';
import { type ClassifierOptions, classifierOptions, readOptions } from './options.ts';

/** Table 1, one row for a depthwise and a pointwise convolution: the stride of the first, the filters of the second. */
const ROWS: readonly (readonly [stride: 1 | 2, filters: number])[] = [
  [1, 64],
  [2, 128],
  [1, 128],
  [2, 256],
  [1, 256],
  [2, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  // The paper prints stride 2 in both of the last rows; its sizes, and every implementation, have 1 in the second.
  [2, 1024],
  [1, 1024],
];

export interface MobileNetV1Options extends ClassifierOptions {
  /** The width multiplier: every layer has `floor(alpha * filters)` filters. 1 by default. */
  alpha?: number;
  /** False replaces each depthwise separable pair by one standard 3x3 convolution (table 4 of the paper). True by default. */
  separable?: boolean;
  /**
   * `keras` pads layers of stride 2 by one on the right and below, the others on all sides (the default);
   * `same-upper` is TensorFlow's SAME; `symmetric` pads by one on all sides, as timm's checkpoints need.
   */
  padding?: 'keras' | PaddingRule;
  /** Added to the variance in batch normalization. 1e-3 by default, as in Keras; timm's checkpoints need 1e-5. */
  epsilon?: number;
}

interface Layer {
  outChannels: number;
  kernel?: number;
  stride?: number;
  groups?: number;
}

/**
 * MobileNet v1. Input `image` [batch, inChannels, height, width], output `logits` [batch, classes].
 * Tensors have the names of keras-applications' layers: `conv1`, `conv_dw_1`, `conv_dw_1_bn`, `conv_pw_1`, ...,
 * `conv_preds`; where `separable` is false, `conv_1` and `conv_1_bn` stand for the pair.
 * Throws an `ArchitectureError` on a wrong option.
 */
export function mobileNetV1(options: MobileNetV1Options = {}): Architecture<'logits'> {
  const { alpha, classes, inChannels, inputSize, batch, separable, padding, epsilon } = readOptions(
    'mobileNetV1',
    options,
    {
      alpha: [POSITIVE_NUMBER, 1],
      ...classifierOptions,
      separable: [FLAG, true],
      padding: [oneOf('keras', 'same-upper', 'symmetric'), 'keras'],
      epsilon: [POSITIVE_NUMBER, 1e-3],
    },
  );

  /** Convolution, batch normalization and ReLU6. */
  function layer(g: BasicGraphBuilder, input: Value, name: string, { kernel = 3, stride = 1, ...rest }: Layer): Value {
    const pads = padding === 'keras' && stride === 2;
    const x = normalizedConvolution(g, pads ? g.pad(input, [0, 1, 0, 1]) : input, name, `${name}_bn`, {
      kernel,
      stride,
      padding: pads ? [0, 0, 0, 0] : padding === 'keras' ? 'symmetric' : padding,
      epsilon,
      ...rest,
    });
    return relu6(g, x);
  }

  return basicArchitecture('mobilenet-v1', [], (g) => {
    const image = g.input('image', [batch, inChannels, ...inputSize]);
    let channels = Math.floor(32 * alpha);
    let x = layer(g, image, 'conv1', { outChannels: channels, stride: 2 });
    for (const [index, [stride, filters]] of ROWS.entries()) {
      const k = index + 1;
      const outChannels = Math.floor(filters * alpha);
      if (separable) {
        x = layer(g, x, `conv_dw_${k}`, { outChannels: channels, stride, groups: channels });
        x = layer(g, x, `conv_pw_${k}`, { outChannels, kernel: 1 });
      } else {
        x = layer(g, x, `conv_${k}`, { outChannels, stride });
      }
      channels = outChannels;
    }
    const predict = { outChannels: classes, kernel: 1, bias: true };
    g.output('logits', g.flatten(convolution(g, g.averagePool2d(x), 'conv_preds', predict)));
  });
}
