import type { BasicGraphBuilder, PaddingOption } from '../engine/graph/builder.ts';
import type { MapShape, Pair, Value } from '../engine/graph/graph.ts';

/** `symmetric` pads by half the window on every side, as PyTorch's networks do; `same-upper` is TensorFlow's SAME. */
export type PaddingRule = 'symmetric' | 'same-upper';

/** Zeros around a window of `kernel` x `kernel`. */
export function paddingFor(rule: PaddingRule, [height, width]: Pair, kernel: number, stride: number): PaddingOption {
  if (rule === 'same-upper') return [...sameUpper(height, kernel, stride), ...sameUpper(width, kernel, stride)];
  return (kernel - 1) / 2;
}

/** As many zeros as ceil(size / stride) windows need; an odd one goes to the end. */
function sameUpper(size: number, kernel: number, stride: number): [before: number, after: number] {
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + kernel - size, 0);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

/**
 * The nearest multiple of 8, but never less than 90 % of `channels`: how the MobileNets round scaled channel counts
 * (`_make_divisible` of https://github.com/tensorflow/models, research/slim/nets/mobilenet).
 */
export function roundChannels(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

export interface ConvolutionOptions {
  outChannels: number;
  kernel: number;
  stride?: number;
  /** `symmetric` by default. */
  padding?: PaddingRule | PaddingOption;
  /** Channels are divided into so many groups, each with filters of its own; 1 by default. */
  groups?: number;
}

/** A convolution: tensor `<name>.weight`, and `<name>.bias` where there is one. */
export function convolution(
  g: BasicGraphBuilder,
  input: Value,
  name: string,
  { outChannels, kernel, stride = 1, padding = 'symmetric', groups = 1, bias }: ConvolutionOptions & { bias: boolean },
): Value {
  const [, channels, height, width] = input.shape as MapShape;
  const filter = g.tensor(`${name}.weight`, [outChannels, channels / groups, kernel, kernel]);
  return g.conv2d(input, filter, {
    bias: bias ? g.tensor(`${name}.bias`, [outChannels]) : undefined,
    strides: stride,
    padding: typeof padding === 'string' ? paddingFor(padding, [height, width], kernel, stride) : padding,
    groups,
  });
}

/** Batch normalization: tensors `<name>.weight`, `.bias`, `.running_mean` and `.running_var`. */
export function normalization(g: BasicGraphBuilder, input: Value, name: string, epsilon: number): Value {
  const perChannel = (tensor: string) => g.tensor(`${name}.${tensor}`, [input.shape[1]]);
  const [scale, bias] = [perChannel('weight'), perChannel('bias')];
  return g.batchNormalization(input, perChannel('running_mean'), perChannel('running_var'), { scale, bias, epsilon });
}

/** A convolution without bias and its batch normalization. */
export function normalizedConvolution(
  g: BasicGraphBuilder,
  input: Value,
  conv: string,
  norm: string,
  { epsilon, ...options }: ConvolutionOptions & { epsilon: number },
): Value {
  return normalization(g, convolution(g, input, conv, { ...options, bias: false }), norm, epsilon);
}

/** A dense layer on `[batch, features]`: tensors `<name>.weight` `[outFeatures, features]` and `<name>.bias`. */
export function dense(g: BasicGraphBuilder, input: Value, name: string, outFeatures: number): Value {
  const filter = g.tensor(`${name}.weight`, [outFeatures, input.shape[1]]);
  return g.gemm(input, filter, { bias: g.tensor(`${name}.bias`, [outFeatures]) });
}

/** min(max(x, 0), 6). */
export function relu6(g: BasicGraphBuilder, input: Value): Value {
  return g.clamp(input, { minValue: 0, maxValue: 6 });
}
