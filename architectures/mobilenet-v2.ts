/** MobileNetV2: Inverted Residuals and Linear Bottlenecks, https://arxiv.org/abs/1801.04381 */
import { type Architecture, architecture, type GraphBuilder, type Value } from '../engine/graph.ts';
import { oneOf, POSITIVE_NUMBER } from '../engine/kinds.ts';
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
  const { width, classes, inChannels, inputSize, batch, padding, epsilon } = readOptions('mobileNetV2', options, {
    width: [POSITIVE_NUMBER, 1],
    ...classifierOptions,
    padding: [oneOf('symmetric', 'same-upper'), 'symmetric'],
    epsilon: [POSITIVE_NUMBER, 1e-5],
  });
  const shared = { padding, epsilon };

  return architecture('mobilenet-v2', (g) => {
    const image = g.input('image', [batch, inChannels, ...inputSize]);
    const stem = { outChannels: roundChannels(32 * width), kernel: 3, stride: 2, ...shared };
    let x = relu6(g, normalizedConvolution(g, image, 'features.0.0', 'features.0.1', stem));
    let k = 1;
    for (const [t, c, n, s] of ROWS) {
      for (let repetition = 0; repetition < n; repetition++) {
        const [outChannels, stride] = [roundChannels(c * width), repetition === 0 ? s : 1];
        x = invertedResidual(g, x, `features.${k++}.conv`, { expansion: t, outChannels, stride, ...shared });
      }
    }
    const head = { outChannels: roundChannels(1280 * Math.max(1, width)), kernel: 1, ...shared };
    x = relu6(g, normalizedConvolution(g, x, `features.${k}.0`, `features.${k}.1`, head));
    g.output('logits', dense(g, g.flatten(g.averagePool2d(x)), 'classifier.1', classes));
  });
}

interface InvertedResidual {
  expansion: number;
  outChannels: number;
  stride: number;
  padding: PaddingRule;
  epsilon: number;
}

/** Figure 4 (d): a pointwise expansion, a depthwise 3x3, a linear pointwise projection, and the input where shapes agree. */
function invertedResidual(
  g: GraphBuilder,
  input: Value,
  scope: string,
  { expansion, outChannels, stride, ...shared }: InvertedResidual,
): Value {
  const channels = input.shape[1] as number;
  const expanded = channels * expansion;
  let index = 0;
  let x = input;
  if (expansion !== 1) {
    const expand = { outChannels: expanded, kernel: 1, ...shared };
    x = relu6(g, normalizedConvolution(g, x, `${scope}.${index}.0`, `${scope}.${index}.1`, expand));
    index++;
  }
  const depthwise = { outChannels: expanded, kernel: 3, stride, groups: expanded, ...shared };
  x = relu6(g, normalizedConvolution(g, x, `${scope}.${index}.0`, `${scope}.${index}.1`, depthwise));
  const project = { outChannels, kernel: 1, ...shared };
  x = normalizedConvolution(g, x, `${scope}.${index + 1}`, `${scope}.${index + 2}`, project);
  return stride === 1 && channels === outChannels ? g.add(input, x) : x;
}
