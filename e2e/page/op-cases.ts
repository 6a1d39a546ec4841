// One operation each: a control case, and a row for each thing that is varied. Maps are odd and not square, channels no
// multiples of four. Plain descriptions, so that the spec can name them and the page can run them.

import type { Architecture, GraphBuilder, Shape, Tensor, Value } from 'linnet';
import { architecture } from '../../engine/all-ops.ts';
import { reductionCases } from './reduction-cases.ts';
import { samplingCases, viewCases } from './view-cases.ts';
import { webnnCases } from './webnn-cases.ts';

export interface OpCase {
  /** Of the input. */
  readonly input: Shape;
  readonly add: (g: GraphBuilder, image: Value) => Value;
  /** Whether small integers give integers (or halves), which float32 holds exactly. True unless given. */
  readonly exact?: false;
  /** What the input's numbers in -1..1 are multiplied by; 1 unless given. */
  readonly range?: number;
  /** What all numbers of the input are instead. */
  readonly constant?: number;
  /** Whether some of the input's numbers are infinite. */
  readonly infinite?: true;
}

export function architectureOf({ input, add }: OpCase): Architecture {
  return architecture('test', (g) => g.output('result', add(g, g.input('image', input))));
}

type ConvOptions = Omit<NonNullable<Parameters<GraphBuilder['conv2d']>[2]>, 'bias'> & { name?: string; bias?: false };
type TransposedOptions = Omit<NonNullable<Parameters<GraphBuilder['convTranspose2d']>[2]>, 'bias'> & { bias?: false };
type ResampleOptions = Parameters<GraphBuilder['resample2d']>[1];
type PoolOptions = NonNullable<Parameters<GraphBuilder['averagePool2d']>[1]>;

const conv =
  (outChannels: number, kernel: readonly [number, number], { name = 'conv', bias, ...options }: ConvOptions = {}) =>
  (g: GraphBuilder, image: Value): Value => {
    const channels = image.shape[1] / (options.groups ?? 1);
    const filter = g.tensor(`${name}.weight`, [outChannels, channels, ...kernel]);
    if (bias === false) return g.conv2d(image, filter, options);
    return g.conv2d(image, filter, { bias: g.tensor(`${name}.bias`, [outChannels]), ...options });
  };

const transposed =
  (outChannels: number, kernel: readonly [number, number], { bias, ...options }: TransposedOptions = {}) =>
  (g: GraphBuilder, image: Value): Value => {
    const filter = g.tensor('conv.weight', [image.shape[1], outChannels / (options.groups ?? 1), ...kernel]);
    if (bias === false) return g.convTranspose2d(image, filter, options);
    return g.convTranspose2d(image, filter, { bias: g.tensor('conv.bias', [outChannels]), ...options });
  };

const depthwise = (kernel: readonly [number, number], options: ConvOptions = {}) => {
  const padding = [kernel[0] >> 1, kernel[0] >> 1, kernel[1] >> 1, kernel[1] >> 1] as const;
  return (g: GraphBuilder, image: Value) => {
    const channels = image.shape[1];
    return conv(channels, kernel, { padding, groups: channels, ...options })(g, image);
  };
};

const norm = (g: GraphBuilder, value: Value, name = 'norm'): Value => {
  const vector = (role: string): Tensor => g.tensor(`${name}.${role}`, [value.shape[1]]);
  const [scale, bias] = [vector('weight'), vector('bias')];
  return g.batchNormalization(value, vector('running_mean'), vector('running_var'), { scale, bias, epsilon: 0 });
};

const sloped = (g: GraphBuilder, value: Value, name = 'slope') =>
  g.prelu(value, g.tensor(name, [1, value.shape[1], 1, 1]));

const dense =
  (outFeatures: number, activate = (_g: GraphBuilder, value: Value) => value) =>
  (g: GraphBuilder, image: Value): Value => {
    const features = g.flatten(image);
    const filter = g.tensor('fc.weight', [outFeatures, features.shape[1]]);
    return activate(g, g.gemm(features, filter, { bias: g.tensor('fc.bias', [outFeatures]) }));
  };

const activations = {
  relu: (g, value) => g.relu(value),
  clamp: (g, value) => g.clamp(value, { minValue: -3, maxValue: 6 }),
  hardSwish: (g, value) => g.hardSwish(value),
  hardSigmoid: (g, value) => g.hardSigmoid(value, { alpha: 1 / 6, beta: 0.5 }),
  sigmoid: (g, value) => g.sigmoid(value),
  leakyRelu: (g, value) => g.leakyRelu(value, { alpha: 0.25 }),
  gelu: (g, value) => g.gelu(value),
} as const satisfies Record<string, (g: GraphBuilder, value: Value) => Value>;

const isExact = (activation: string) =>
  ['relu', 'clamp', 'leakyRelu'].includes(activation) ? {} : ({ exact: false } as const);

/** A case for each activation after an operation. */
function withActivations(name: string, input: Shape, add: OpCase['add']): Record<string, OpCase> {
  return Object.fromEntries(
    Object.entries(activations).map(([activation, apply]) => [
      `${name}, ${activation}`,
      { input, add: (g: GraphBuilder, image: Value) => apply(g, add(g, image)), range: 4, ...isExact(activation) },
    ]),
  );
}

const SMALL: Shape = [1, 5, 9, 13];
const same = { padding: [1, 1, 1, 1] } as const;

const conv2dCases: Record<string, OpCase> = {
  'conv2d 3x3': { input: SMALL, add: conv(7, [3, 3], same) },
  'conv2d without bias': { input: SMALL, add: conv(7, [3, 3], { ...same, bias: false }) },
  'conv2d 2x2': { input: SMALL, add: conv(7, [2, 2]) },
  'conv2d 5x5': { input: SMALL, add: conv(7, [5, 5], { padding: [2, 2, 2, 2] }) },
  'conv2d 7x7': { input: SMALL, add: conv(7, [7, 7], { padding: [3, 3, 3, 3] }) },
  'conv2d 1x5': { input: SMALL, add: conv(7, [1, 5], { padding: [0, 0, 2, 2] }) },
  'conv2d 4x1': { input: SMALL, add: conv(7, [4, 1], { padding: [1, 2, 0, 0] }) },
  'conv2d 6x3': { input: SMALL, add: conv(7, [6, 3], same) },
  'conv2d 1x1, stride 2': { input: SMALL, add: conv(7, [1, 1], { strides: [2, 2] }) },
  'conv2d 1x1, padding': { input: SMALL, add: conv(7, [1, 1], { padding: [0, 1, 2, 0] }) },
  'conv2d stride 2': { input: SMALL, add: conv(7, [3, 3], { ...same, strides: [2, 2] }) },
  'conv2d stride 3x1': { input: SMALL, add: conv(7, [3, 3], { ...same, strides: [3, 1] }) },
  'conv2d stride 1x4': { input: SMALL, add: conv(7, [3, 3], { ...same, strides: [1, 4] }) },
  'conv2d dilation 2': { input: SMALL, add: conv(7, [3, 3], { padding: [2, 2, 2, 2], dilations: [2, 2] }) },
  'conv2d dilation 1x4': { input: SMALL, add: conv(7, [3, 3], { ...same, dilations: [1, 4] }) },
  'conv2d dilation 3x2, stride 2x3': {
    input: SMALL,
    add: conv(7, [3, 3], { padding: [3, 1, 0, 2], dilations: [3, 2], strides: [2, 3] }),
  },
  'conv2d padding after': { input: SMALL, add: conv(7, [3, 3], { padding: [0, 1, 0, 1], strides: [2, 2] }) },
  'conv2d padding before': { input: SMALL, add: conv(7, [3, 3], { padding: [2, 0, 1, 0] }) },
  'conv2d padding wider than the window': { input: SMALL, add: conv(7, [2, 2], { padding: [3, 4, 4, 3] }) },
  'conv2d one channel to one': { input: [1, 1, 9, 13], add: conv(1, [3, 3], same) },
  'conv2d one channel to many': { input: [1, 1, 9, 13], add: conv(18, [3, 3], same) },
  'conv2d three channels to 33': { input: [1, 3, 9, 13], add: conv(33, [3, 3], { ...same, strides: [2, 2] }) },
  'conv2d many channels to one': { input: [1, 35, 5, 7], add: conv(1, [3, 3], same) },
  'conv2d whole slices': { input: [1, 8, 9, 13], add: conv(16, [3, 3], same) },
  'conv2d one pixel': { input: [1, 5, 1, 1], add: conv(7, [3, 3], same) },
  'conv2d one column': { input: [1, 5, 37, 1], add: conv(7, [3, 3], same) },
  'conv2d one row': { input: [1, 5, 1, 37], add: conv(7, [3, 3], same) },
  'conv2d window as large as the map': { input: [1, 5, 5, 7], add: conv(7, [5, 7]) },
  'conv2d batch 3': { input: [3, 5, 9, 13], add: conv(7, [3, 3], same) },
  'conv2d large map': { input: [1, 1, 203, 517], add: conv(2, [3, 3], same) },
  'conv2d normalized': { input: SMALL, add: (g, image) => norm(g, conv(7, [3, 3], same)(g, image)) },
  'conv2d many tiles': { input: [2, 18, 47, 61], add: conv(20, [3, 3], same) },
  'conv2d many filters': { input: [2, 66, 9, 6], add: conv(69, [3, 3], same) },
  'conv2d many filters, a slope for each channel': {
    input: [2, 66, 9, 6],
    add: (g, image) => sloped(g, conv(69, [3, 3], same)(g, image)),
  },
  'conv2d residual': {
    input: [3, 6, 9, 13],
    add: (g, image) => g.relu(g.add(conv(6, [3, 3], same)(g, image), image)),
  },
};

const groupCases: Record<string, OpCase> = {
  'conv2d groups of 1, two filters each': { input: [1, 5, 9, 13], add: conv(10, [3, 3], { ...same, groups: 5 }) },
  'conv2d groups of 2': { input: [1, 10, 9, 13], add: conv(10, [3, 3], { ...same, groups: 5 }) },
  'conv2d groups of 3': { input: [1, 12, 9, 13], add: conv(8, [3, 3], { ...same, groups: 4 }) },
  'conv2d groups of 4': { input: [1, 16, 9, 13], add: conv(16, [3, 3], { ...same, groups: 4 }) },
  'conv2d groups of 6': { input: [1, 18, 9, 13], add: conv(15, [3, 3], { ...same, groups: 3 }) },
  'conv2d groups of 8': { input: [1, 24, 9, 13], add: conv(24, [3, 3], { ...same, groups: 3, strides: [2, 2] }) },
  'conv2d groups of 16 to 1': { input: [1, 48, 5, 7], add: conv(3, [3, 3], { ...same, groups: 3 }) },
  'conv2d 1x1, groups of 3': { input: [1, 9, 5, 7], add: conv(12, [1, 1], { groups: 3 }) },
  'conv2d groups, batch 3, residual': {
    input: [3, 10, 9, 13],
    add: (g, image) => g.add(image, conv(10, [3, 3], { ...same, groups: 5 })(g, image)),
  },
};

const twice = { strides: [2, 2] } as const;

const transposedCases: Record<string, OpCase> = {
  'transposed 2x2, stride 2': { input: [2, 5, 7, 9], add: transposed(7, [2, 2], twice) },
  'transposed without bias': { input: SMALL, add: transposed(7, [2, 2], { ...twice, bias: false }) },
  'transposed 4x4, stride 2, padding': { input: SMALL, add: transposed(7, [4, 4], { ...twice, ...same }) },
  'transposed 3x3, stride 2, padding': { input: SMALL, add: transposed(7, [3, 3], { ...twice, ...same }) },
  'transposed 3x3, stride 2, output padding': {
    input: SMALL,
    add: transposed(7, [3, 3], { ...twice, ...same, outputPadding: [1, 1] }),
  },
  'transposed 5x5, stride 2, output padding': {
    input: SMALL,
    add: transposed(7, [5, 5], { ...twice, padding: [2, 2, 2, 2], outputPadding: [1, 1] }),
  },
  'transposed 8x8, stride 4': {
    input: [1, 3, 5, 7],
    add: transposed(6, [8, 8], { strides: [4, 4], padding: [2, 2, 2, 2] }),
  },
  'transposed 16x16, stride 8': {
    input: [1, 3, 2, 4],
    add: transposed(5, [16, 16], { strides: [8, 8], padding: [4, 4, 4, 4] }),
  },
  'transposed 3x3': { input: SMALL, add: transposed(7, [3, 3], same) },
  'transposed 3x3, dilation 2': { input: SMALL, add: transposed(7, [3, 3], { dilations: [2, 2] }) },
  'transposed 3x2, dilation 2x3, stride 2x4': {
    input: SMALL,
    add: transposed(7, [3, 2], { dilations: [2, 3], strides: [2, 4], padding: [1, 0, 0, 3], outputPadding: [1, 2] }),
  },
  'transposed 3x3, dilation 2, stride 3': {
    input: SMALL,
    add: transposed(7, [3, 3], { dilations: [2, 2], strides: [3, 3], padding: [1, 1, 2, 2] }),
  },
  'transposed 4x3, dilation 4x2, stride 6x4': {
    input: [1, 5, 4, 5],
    add: transposed(7, [4, 3], { dilations: [4, 2], strides: [6, 4], padding: [3, 2, 1, 0] }),
  },
  'transposed 3x3, dilation 2x3, output padding above the strides': {
    input: SMALL,
    add: transposed(7, [3, 3], { dilations: [2, 3], outputPadding: [1, 2] }),
  },
  'transposed 2x3, dilation 4x3, stride 3x2, output padding above the strides': {
    input: [2, 5, 4, 5],
    add: transposed(7, [2, 3], { dilations: [4, 3], strides: [3, 2], padding: [1, 0, 2, 1], outputPadding: [3, 2] }),
  },
  'transposed 1x1, stride 2x3': {
    input: SMALL,
    add: transposed(7, [1, 1], { strides: [2, 3], outputPadding: [1, 2] }),
  },
  'transposed 1x5': { input: SMALL, add: transposed(7, [1, 5], { strides: [1, 2], padding: [0, 0, 2, 2] }) },
  'transposed 4x1': { input: SMALL, add: transposed(7, [4, 1], { strides: [3, 1] }) },
  'transposed stride 2x1': { input: SMALL, add: transposed(7, [3, 3], { strides: [2, 1], ...same }) },
  'transposed stride 1x3': { input: SMALL, add: transposed(7, [3, 3], { strides: [1, 3], ...same }) },
  'transposed padding 0 1 2 0': { input: SMALL, add: transposed(7, [4, 4], { ...twice, padding: [0, 1, 2, 0] }) },
  'transposed padding 3 0 1 2': { input: SMALL, add: transposed(7, [4, 3], { ...twice, padding: [3, 0, 1, 2] }) },
  'transposed padding wider than the window': {
    input: SMALL,
    add: transposed(7, [2, 2], { ...twice, padding: [3, 4, 5, 3] }),
  },
  'transposed one channel to one': { input: [1, 1, 9, 13], add: transposed(1, [4, 4], { ...twice, ...same }) },
  'transposed one channel to many': { input: [1, 1, 5, 7], add: transposed(34, [2, 2], twice) },
  'transposed many channels to one': { input: [1, 35, 5, 7], add: transposed(1, [2, 2], twice) },
  'transposed whole slices': { input: [1, 16, 8, 8], add: transposed(8, [2, 2], twice) },
  'transposed one pixel': { input: [1, 5, 1, 1], add: transposed(7, [3, 3], { ...twice, ...same }) },
  'transposed one column': { input: [1, 5, 37, 1], add: transposed(7, [4, 4], { ...twice, ...same }) },
  'transposed one row': { input: [1, 5, 1, 37], add: transposed(7, [4, 4], { ...twice, ...same }) },
  'transposed large map': { input: [1, 1, 103, 257], add: transposed(2, [2, 2], twice) },
  'transposed batch 2': { input: [2, 5, 9, 13], add: transposed(7, [3, 3], { ...twice, outputPadding: [1, 0] }) },
  'transposed groups of 5 to 2': { input: [1, 10, 7, 9], add: transposed(4, [4, 4], { ...twice, ...same, groups: 2 }) },
  'transposed groups of 3 to 3, batch 2': { input: [2, 9, 7, 9], add: transposed(9, [3, 3], { ...twice, groups: 3 }) },
  'transposed groups of 2 to 6': { input: [1, 6, 7, 9], add: transposed(18, [2, 2], { ...twice, groups: 3 }) },
  'transposed groups of 8': { input: [1, 24, 5, 7], add: transposed(24, [2, 2], { ...twice, groups: 3 }) },
  'transposed depthwise': { input: [1, 13, 7, 9], add: transposed(13, [4, 4], { ...twice, ...same, groups: 13 }) },
  'transposed groups of 1 to 2': { input: [1, 6, 7, 9], add: transposed(12, [3, 3], { ...same, groups: 6 }) },
  'transposed normalized': {
    input: SMALL,
    add: (g, image) => norm(g, transposed(7, [4, 4], { ...twice, ...same })(g, image)),
  },
  'transposed residual': {
    input: [2, 6, 9, 13],
    add: (g, image) => {
      const large = g.resample2d(image, { scales: [2, 2] });
      return g.relu(g.add(transposed(6, [4, 4], { ...twice, ...same })(g, image), large));
    },
  },
};

const DEEP: Shape = [1, 6, 11, 15];

const around = (size: number) => [size, size, size, size] as const;

/** Filters too large to be written out in a kernel's text. */
const largeFilterCases: Record<string, OpCase> = {
  'conv2d 63x63 of a map of 64x64': { input: [1, 3, 64, 64], add: conv(5, [63, 63], { padding: around(3) }) },
  'conv2d 31x31, batch 2': { input: [2, 9, 14, 11], add: conv(10, [31, 31], { padding: around(13) }) },
  'conv2d 1x31': { input: [1, 9, 5, 35], add: conv(10, [1, 31], { padding: [0, 0, 15, 15] }) },
  'conv2d 31x1': { input: [1, 9, 35, 5], add: conv(10, [31, 1], { padding: [15, 15, 0, 0] }) },
  'conv2d 16x16, stride 16': { input: [1, 3, 48, 80], add: conv(21, [16, 16], { strides: [16, 16] }) },
  'conv2d 9x9, groups of 3, stride 2x1': {
    input: [2, 12, 9, 13],
    add: conv(8, [9, 9], { padding: around(4), groups: 4, strides: [2, 1] }),
  },
  'conv2d 7x7, dilation 3x4, stride 2x3': {
    input: [1, 5, 23, 29],
    add: conv(7, [7, 7], { padding: around(9), dilations: [3, 4], strides: [2, 3] }),
  },
  'conv2d dilation 18': { input: [1, 5, 25, 27], add: conv(7, [3, 3], { padding: around(18), dilations: [18, 18] }) },
  'conv2d 13x13, residual': {
    input: [2, 6, 9, 13],
    add: (g, image) => g.relu(g.add(conv(6, [13, 13], { padding: around(6) })(g, image), image)),
  },
  'depthwise 31x31': { input: [1, 6, 21, 23], add: depthwise([31, 31]) },
  'depthwise 15x15, batch 2': { input: [2, 6, 9, 13], add: depthwise([15, 15]) },
  'depthwise 1x31': { input: [1, 6, 5, 35], add: depthwise([1, 31]) },
  'depthwise 31x1, stride 2': { input: [1, 6, 35, 5], add: depthwise([31, 1], { strides: [2, 2] }) },
  'depthwise 9x9, dilation 3, stride 2x1': {
    input: [1, 6, 25, 27],
    add: depthwise([9, 9], { padding: around(12), dilations: [3, 3], strides: [2, 1] }),
  },
  'depthwise 5x5, dilation 6': {
    input: [1, 6, 25, 27],
    add: depthwise([5, 5], { padding: around(12), dilations: [6, 6] }),
  },
  'depthwise 6x2': { input: DEEP, add: depthwise([6, 2], { padding: [2, 3, 0, 1] }) },
  'transposed 31x31': { input: [1, 3, 9, 11], add: transposed(6, [31, 31], { padding: around(15) }) },
  'transposed 2x2, stride 20': { input: [1, 5, 2, 3], add: transposed(7, [2, 2], { strides: [20, 20] }) },
  'transposed 9x11, dilation 2x6, stride 3x4': {
    input: [1, 5, 6, 7],
    add: transposed(7, [9, 11], { strides: [3, 4], dilations: [2, 6], padding: [1, 2, 3, 0] }),
  },
  'transposed 7x9, groups of 3, stride 2x5': {
    input: [2, 12, 4, 5],
    add: transposed(8, [7, 9], { strides: [2, 5], groups: 4, outputPadding: [1, 3] }),
  },
};

/** A depthwise convolution with so many filters for each channel. */
const multiplied = (
  multiplier: number,
  kernel: readonly [number, number],
  options: ConvOptions = {},
): OpCase['add'] => {
  const padding = [kernel[0] >> 1, kernel[0] >> 1, kernel[1] >> 1, kernel[1] >> 1] as const;
  return (g, image) =>
    conv(image.shape[1] * multiplier, kernel, { padding, groups: image.shape[1], ...options })(g, image);
};

const multipliedCases: Record<string, OpCase> = {
  ...Object.fromEntries(
    [2, 3, 4, 5, 6, 7, 8, 12, 17].map((multiplier): [string, OpCase] => [
      `depthwise, ${multiplier} filters for each channel`,
      { input: [2, 7, 9, 13], add: multiplied(multiplier, [3, 3]) },
    ]),
  ),
  'depthwise, 2 filters for each channel, stride 2': {
    input: [3, 6, 9, 13],
    add: multiplied(2, [3, 3], { strides: [2, 2], padding: [0, 1, 0, 1] }),
  },
  'depthwise, 3 filters for each channel, 5x5': { input: [1, 10, 9, 13], add: multiplied(3, [5, 5]) },
  'depthwise, 2 filters for each channel, 9x9, dilation 2': {
    input: [1, 5, 21, 23],
    add: multiplied(2, [9, 9], { dilations: [2, 2], padding: [8, 8, 8, 8] }),
  },
  'depthwise, 3 filters for each channel, 1x31': { input: [1, 5, 5, 35], add: multiplied(3, [1, 31]) },
  'depthwise, 8 filters for each channel, 1x1': { input: [2, 3, 9, 13], add: multiplied(8, [1, 1]) },
  'depthwise, 2 filters for each channel, all that follows': {
    input: [2, 5, 9, 13],
    add: (g, image) => sloped(g, norm(g, multiplied(2, [3, 3])(g, g.pad(image, [0, 1, 2, 0])))),
  },
  'depthwise, 2 filters for each channel, a residual': {
    input: [2, 5, 9, 13],
    add: (g, image) => g.add(multiplied(2, [3, 3])(g, image), multiplied(2, [3, 3], { name: 'other' })(g, image)),
  },
};

const depthwiseCases: Record<string, OpCase> = {
  'depthwise 3x3': { input: DEEP, add: depthwise([3, 3]) },
  'depthwise 5x5': { input: DEEP, add: depthwise([5, 5]) },
  'depthwise 7x7': { input: DEEP, add: depthwise([7, 7]) },
  'depthwise 3x3, stride 2': { input: DEEP, add: depthwise([3, 3], { strides: [2, 2] }) },
  'depthwise 5x5, stride 2': { input: DEEP, add: depthwise([5, 5], { strides: [2, 2] }) },
  'depthwise 7x7, stride 2': { input: DEEP, add: depthwise([7, 7], { strides: [2, 2] }) },
  'depthwise stride 1x2': { input: DEEP, add: depthwise([3, 3], { strides: [1, 2] }) },
  'depthwise stride 3x1': { input: DEEP, add: depthwise([3, 3], { strides: [3, 1] }) },
  'depthwise 1x1': { input: DEEP, add: depthwise([1, 1]) },
  'depthwise 2x4': { input: DEEP, add: depthwise([2, 4]) },
  'depthwise dilation 2': { input: DEEP, add: depthwise([3, 3], { dilations: [2, 2] }) },
  'depthwise dilation 3x1, stride 2': { input: DEEP, add: depthwise([3, 3], { dilations: [3, 1], strides: [2, 2] }) },
  'depthwise padding after': { input: DEEP, add: depthwise([3, 3], { padding: [0, 1, 0, 1], strides: [2, 2] }) },
  'depthwise padding 3 0 0 2': { input: DEEP, add: depthwise([3, 3], { padding: [3, 0, 0, 2] }) },
  'depthwise without padding': { input: DEEP, add: depthwise([3, 3], { padding: [0, 0, 0, 0] }) },
  'depthwise many channels': { input: [1, 37, 5, 7], add: depthwise([3, 3]) },
  'depthwise one pixel': { input: [1, 6, 1, 1], add: depthwise([3, 3]) },
  'depthwise one column': { input: [1, 6, 37, 1], add: depthwise([3, 3]) },
  'depthwise batch 3': { input: [3, 6, 11, 15], add: depthwise([3, 3]) },
  'depthwise large map': { input: [1, 2, 203, 517], add: depthwise([3, 3]) },
  'depthwise normalized': { input: DEEP, add: (g, image) => norm(g, depthwise([3, 3])(g, image)) },
  'depthwise residual': { input: DEEP, add: (g, image) => g.add(image, depthwise([3, 3])(g, image)) },
};

const pointwise = (outChannels: number, name = 'conv') => conv(outChannels, [1, 1], { name });
const FLAT: Shape = [1, 10, 7, 9];

const squeezeExcite = (outChannels: number) => (g: GraphBuilder, image: Value) => {
  const factor = g.clamp(pointwise(image.shape[1], 'excite')(g, g.maxPool2d(image)), { minValue: 0 });
  return pointwise(outChannels)(g, g.mul(image, factor));
};

/** Batch normalization and ReLU before a convolution, as DenseNet has them. */
const preActivated =
  (add: OpCase['add']): OpCase['add'] =>
  (g, image) =>
    add(g, g.relu(norm(g, image, 'before')));

const pointwiseCases: Record<string, OpCase> = {
  pointwise: { input: FLAT, add: pointwise(13) },
  'pointwise one channel': { input: [1, 1, 7, 9], add: pointwise(13) },
  'pointwise to one channel': { input: FLAT, add: pointwise(1) },
  'pointwise many channels': { input: [1, 67, 3, 5], add: pointwise(70) },
  'pointwise whole slices': { input: [1, 16, 8, 8], add: pointwise(32) },
  'pointwise many pixels': { input: [1, 5, 33, 47], add: pointwise(6) },
  'pointwise batch 3': { input: [3, 10, 7, 9], add: pointwise(13) },
  'pointwise normalized': { input: FLAT, add: (g, image) => norm(g, pointwise(13)(g, image)) },
  'pointwise residual': { input: [3, 10, 7, 9], add: (g, image) => g.relu(g.add(image, pointwise(10)(g, image))) },
  'pointwise after squeeze-excite': { input: [3, 10, 7, 9], add: squeezeExcite(13) },
  'pointwise after squeeze-excite, residual': {
    input: [3, 10, 7, 9],
    add: (g, image) => g.add(image, squeezeExcite(10)(g, image)),
  },
  'pointwise after normalization': { input: [3, 10, 7, 9], add: preActivated(pointwise(13)) },
  'pointwise after normalization, normalized': {
    input: FLAT,
    add: (g, image) => g.relu(norm(g, preActivated(pointwise(13))(g, image))),
  },
  'pointwise after normalization, residual': {
    input: [3, 10, 7, 9],
    add: (g, image) => g.add(image, preActivated(pointwise(10))(g, image)),
  },
  'tiny pointwise after normalization': { input: [3, 70, 1, 2], add: preActivated(pointwise(13)) },
  'tiny pointwise, one pixel': { input: [1, 70, 1, 1], add: pointwise(13) },
  'tiny pointwise, 1x3': { input: [1, 70, 1, 3], add: pointwise(13) },
  'tiny pointwise, 2x2': { input: [1, 70, 2, 2], add: pointwise(45) },
  'tiny pointwise, one channel': { input: [1, 1, 1, 2], add: pointwise(5) },
  'tiny pointwise, batch 3': { input: [3, 70, 1, 2], add: pointwise(13) },
  'tiny pointwise, residual': { input: [3, 14, 2, 2], add: (g, image) => g.add(pointwise(14)(g, image), image) },
  'tiny pointwise after squeeze-excite': { input: [3, 10, 1, 2], add: squeezeExcite(13) },
  'dense layer': { input: [1, 37, 1, 1], add: dense(11) },
  'dense layer, batch 3': { input: [3, 37, 1, 1], add: dense(11) },
  'dense layer, whole slices, batch 3': { input: [3, 32, 1, 1], add: dense(12) },
  'dense layer, many features': { input: [1, 1029, 1, 1], add: dense(3) },
  'dense layer of a map': { input: [1, 10, 5, 7], add: dense(203) },
  'dense layer of a map, whole slices, batch 3': { input: [3, 8, 3, 2], add: dense(11) },
  'dense layer, relu': { input: [3, 37, 1, 1], add: dense(11, activations.relu) },
};

const pool = (kind: 'averagePool2d' | 'maxPool2d', options: PoolOptions) => (g: GraphBuilder, image: Value) =>
  g[kind](image, options);

const poolOptions: Record<string, PoolOptions> = {
  '2x2': { windowDimensions: [2, 2], strides: [2, 2] },
  '3x3, stride 2, padding': { windowDimensions: [3, 3], strides: [2, 2], padding: [1, 1, 1, 1] },
  '2x3, stride 1x2': { windowDimensions: [2, 3], strides: [1, 2] },
  'asymmetric padding': { windowDimensions: [3, 3], strides: [2, 2], padding: [0, 1, 1, 0] },
  'rounded up': { windowDimensions: [2, 2], strides: [2, 2], roundingType: 'ceil' },
  'rounded up, padding': { windowDimensions: [3, 3], strides: [3, 2], padding: [1, 1, 0, 1], roundingType: 'ceil' },
  dilation: { windowDimensions: [2, 3], dilations: [3, 2] },
  'dilation and padding': { windowDimensions: [3, 2], dilations: [2, 3], strides: [2, 3], padding: [3, 1, 2, 2] },
  'padding of more than half a window': {
    windowDimensions: [3, 4],
    strides: [2, 3],
    padding: [2, 2, 3, 3],
    roundingType: 'ceil',
  },
};

const poolCases: Record<string, OpCase> = {
  ...Object.fromEntries(
    Object.entries(poolOptions).flatMap(([name, options]) => [
      [`maximum ${name}`, { input: [3, 6, 9, 13], add: pool('maxPool2d', options) }],
      [`average ${name}`, { input: [3, 6, 9, 13], add: pool('averagePool2d', options), exact: false }],
      [
        `average ${name}, padding counted`,
        { input: [3, 6, 9, 13], add: pool('averagePool2d', { ...options, countIncludePad: true }), exact: false },
      ],
    ]),
  ),
  ...Object.fromEntries(
    Object.entries({ plain: {}, 'padding counted': { padding: [1, 0, 0, 1], countIncludePad: true } } as const).map(
      ([name, options]): [string, OpCase] => [
        `average ${name}, after zeros around it`,
        {
          input: [3, 6, 9, 13],
          add: (g, image) =>
            g.averagePool2d(g.pad(image, [2, 3, 4, 1]), {
              ...{ windowDimensions: [3, 2], strides: [2, 3], roundingType: 'ceil' },
              ...options,
            }),
          exact: false,
        },
      ],
    ),
  ),
  'maximum of the whole map': { input: [3, 6, 9, 13], add: (g, image) => g.maxPool2d(image) },
  'mean of the whole map': { input: [3, 6, 9, 13], add: (g, image) => g.averagePool2d(image), exact: false },
  // Mesa's software adapter ends a thread's loops after 65,535 turns in all.
  'maximum of a large window': {
    input: [1, 5, 300, 310],
    add: pool('maxPool2d', { windowDimensions: [290, 298], strides: [10, 7], padding: [3, 0, 0, 5] }),
    range: 1000,
  },
  'maximum of the whole large map': { input: [1, 5, 300, 310], add: (g, image) => g.maxPool2d(image), range: 1000 },
  'average of a large window': {
    input: [1, 5, 300, 310],
    add: pool('averagePool2d', {
      windowDimensions: [290, 148],
      strides: [10, 7],
      padding: [3, 2, 0, 5],
      dilations: [1, 2],
    }),
    exact: false,
  },
  'average of a large window, padding counted': {
    input: [1, 5, 300, 310],
    add: pool('averagePool2d', {
      ...{ windowDimensions: [290, 300], strides: [9, 8], padding: [31, 2, 7, 5] },
      ...{ roundingType: 'ceil', countIncludePad: true },
    }),
    exact: false,
  },
  'means of windows that do not divide a large map': {
    input: [1, 1, 601, 603],
    add: (g, image) => g.adaptiveAveragePool2d(image, 2),
    exact: false,
  },
  'means of overlapping windows': {
    input: [3, 6, 9, 13],
    add: (g, image) => g.adaptiveAveragePool2d(image, [7, 5]),
    exact: false,
  },
  'means of windows that divide the map': {
    input: [3, 6, 9, 14],
    add: (g, image) => g.adaptiveAveragePool2d(image, [3, 7]),
    exact: false,
  },
  'means into a larger map': {
    input: [1, 6, 2, 3],
    add: (g, image) => g.adaptiveAveragePool2d(image, [7, 7]),
    exact: false,
  },
  'mean of few pixels': { input: [1, 6, 3, 2], add: (g, image) => g.averagePool2d(image), exact: false },
  'mean of one pixel': { input: [1, 6, 1, 1], add: (g, image) => g.averagePool2d(image) },
};

const resample =
  (options: ResampleOptions): OpCase['add'] =>
  (g, image) =>
    g.resample2d(image, options);

const corners = { mode: 'linear', coordinates: 'align-corners' } as const;

const resampleCases: Record<string, OpCase> = {
  'nearest twice as large': { input: [2, 6, 9, 13], add: resample({ scales: [2, 2] }) },
  'nearest three times as large': { input: [1, 5, 9, 13], add: resample({ scales: [3, 3] }) },
  'nearest 2x5': { input: [1, 5, 9, 13], add: resample({ scales: [2, 5] }) },
  'nearest to other sizes': { input: [2, 5, 9, 13], add: resample({ sizes: [14, 31] }) },
  'nearest by other factors': { input: [1, 5, 9, 13], add: resample({ scales: [1.5, 2.7] }) },
  'nearest by factors that keep or double the size': {
    input: [2, 5, 10, 13],
    add: resample({ scales: [1.05, 2.07] }),
  },
  'linear by factors that keep or double the size': {
    input: [1, 5, 10, 13],
    add: resample({ mode: 'linear', scales: [1.05, 2.07] }),
    exact: false,
  },
  'nearest down': { input: [2, 5, 19, 23], add: resample({ sizes: [7, 9] }) },
  'nearest down by factors': { input: [1, 5, 19, 23], add: resample({ scales: [0.5, 0.3] }) },
  'nearest of a large map': { input: [1, 1, 97, 1021], add: resample({ sizes: [231, 1531] }) },
  'nearest to one pixel': { input: [1, 5, 9, 13], add: resample({ sizes: [1, 1] }) },
  'nearest from one pixel': { input: [1, 5, 1, 1], add: resample({ sizes: [3, 5] }) },
  'linear twice as large': { input: [2, 6, 9, 13], add: resample({ mode: 'linear', scales: [2, 2] }) },
  'linear 4x2': { input: [1, 5, 9, 13], add: resample({ mode: 'linear', scales: [4, 2] }) },
  'linear by other factors': {
    input: [1, 5, 9, 13],
    add: resample({ mode: 'linear', scales: [1.5, 2.7] }),
    exact: false,
  },
  'linear to other sizes': { input: [2, 5, 9, 13], add: resample({ mode: 'linear', sizes: [14, 31] }), exact: false },
  'linear down': { input: [1, 5, 19, 23], add: resample({ mode: 'linear', sizes: [7, 9] }), exact: false },
  'linear half as large': { input: [1, 5, 18, 22], add: resample({ mode: 'linear', scales: [0.5, 0.5] }) },
  'linear to one pixel': { input: [1, 5, 8, 13], add: resample({ mode: 'linear', sizes: [1, 1] }) },
  'linear from one pixel': { input: [1, 5, 1, 1], add: resample({ mode: 'linear', sizes: [3, 5] }) },
  'linear with corners aligned': { input: [2, 6, 9, 13], add: resample({ ...corners, sizes: [17, 49] }) },
  'linear with corners aligned, by factors': {
    input: [1, 5, 9, 13],
    add: resample({ ...corners, scales: [2, 1.6] }),
    exact: false,
  },
  'linear with corners aligned, down': { input: [1, 5, 19, 23], add: resample({ ...corners, sizes: [7, 12] }) },
  'linear with corners aligned, to one pixel': { input: [1, 5, 9, 13], add: resample({ ...corners, sizes: [1, 1] }) },
  'linear with corners aligned, from one row': { input: [1, 5, 1, 13], add: resample({ ...corners, sizes: [3, 25] }) },
};

const elementwiseCases: Record<string, OpCase> = {
  add: { input: [3, 6, 9, 13], add: (g, image) => g.add(image, g.maxPool2d(image, { windowDimensions: [1, 1] })) },
  'add to itself': { input: SMALL, add: (g, image) => g.add(image, image) },
  'add, relu': { input: SMALL, add: (g, image) => g.relu(g.add(image, g.clamp(image, { maxValue: 2 }))) },
  mul: { input: [3, 6, 9, 13], add: (g, image) => g.mul(image, g.clamp(image, { minValue: -2 })) },
  'mul by a factor for each channel': { input: [3, 6, 9, 13], add: (g, image) => g.mul(image, g.maxPool2d(image)) },
  'mul, the factor first': { input: [3, 6, 9, 13], add: (g, image) => g.relu(g.mul(g.maxPool2d(image), image)) },
  'add for each channel': { input: [3, 6, 9, 13], add: (g, image) => g.relu(g.add(image, g.maxPool2d(image))) },
  'add for each channel, the map last': { input: [3, 6, 9, 13], add: (g, image) => g.add(g.maxPool2d(image), image) },
  'add for each channel to a convolution': {
    input: [3, 6, 9, 13],
    add: (g, image) => g.add(conv(6, [3, 3], same)(g, image), pointwise(6, 'pooled')(g, g.maxPool2d(image))),
  },
  'add of a convolution for each channel': {
    input: [3, 6, 9, 13],
    add: (g, image) => g.add(pointwise(6, 'pooled')(g, g.maxPool2d(image)), image),
  },
  'mul by itself': { input: SMALL, add: (g, image) => g.mul(image, image) },
  'mul of one pixel by itself, then a convolution': {
    input: [3, 6, 1, 1],
    add: (g, image) => pointwise(5)(g, g.mul(image, image)),
  },
  'mul of one pixel': { input: [3, 6, 1, 1], add: (g, image) => g.mul(image, g.maxPool2d(image)) },
  'mul, hardSwish': {
    input: SMALL,
    add: (g, image) => g.hardSwish(g.mul(image, g.maxPool2d(image))),
    exact: false,
  },
  ...withActivations('by itself', [3, 6, 9, 13], (_, image) => image),
  'sigmoid of large numbers': { input: SMALL, add: (g, image) => g.sigmoid(image), exact: false, range: 200 },
  'batch normalization': { input: [3, 6, 9, 13], add: (g, image) => norm(g, image) },
  'batch normalization, relu': { input: SMALL, add: (g, image) => g.relu(norm(g, image)) },
  pad: { input: [3, 6, 9, 13], add: (g, image) => g.pad(image, [1, 2, 3, 4]) },
  'pad before a pool': {
    input: SMALL,
    add: (g, image) => g.maxPool2d(g.pad(image, [0, 1, 2, 0]), { windowDimensions: [3, 2] }),
  },
  'softmax of a vector': { input: [1, 37, 1, 1], add: (g, image) => g.softmax(image), exact: false, range: 4 },
  'softmax of a vector, batch 3': {
    input: [3, 37, 1, 1],
    add: (g, image) => g.softmax(g.flatten(image)),
    exact: false,
  },
  'softmax of many channels': { input: [1, 1001, 1, 1], add: (g, image) => g.softmax(image), exact: false, range: 9 },
  'softmax of large numbers': { input: [1, 10, 1, 1], add: (g, image) => g.softmax(image), exact: false, range: 300 },
  'softmax of negative numbers': {
    input: [1, 9, 1, 1],
    add: (g, image) => g.softmax(g.clamp(image, { maxValue: -50 })),
    exact: false,
    range: 99,
  },
  'softmax of a map': { input: [3, 6, 9, 13], add: (g, image) => g.softmax(image), exact: false, range: 9 },
  'in and out again': { input: [3, 6, 9, 13], add: (_, image) => image },
  'in and out again, a vector': { input: [3, 8, 1, 1], add: (g, image) => g.flatten(image) },
};

const EXACT = ['abs', 'neg', 'floor', 'ceil', 'roundEven', 'sign'] as const;
const INEXACT = ['exp', 'sin', 'cos', 'erf', 'tanh', 'softplus', 'softsign', 'gelu', 'silu', 'elu'] as const;

/** Functions of one number, of fractions and of large numbers. */
const functionCases: Record<string, OpCase> = {
  ...Object.fromEntries(
    [...EXACT, ...INEXACT].flatMap((name): [string, OpCase][] => [
      [name, { input: SMALL, add: (g, image) => g[name](image), exact: false, range: 4 }],
      [`${name} of small numbers`, { input: SMALL, add: (g, image) => g[name](image), exact: false, range: 0.5 }],
    ]),
  ),
  ...Object.fromEntries(
    (['tanh', 'softplus', 'softsign', 'gelu', 'silu', 'elu', 'erf'] as const).map((name): [string, OpCase] => [
      `${name} of large numbers`,
      { input: SMALL, add: (g, image) => g[name](image), exact: false, range: 3000 },
    ]),
  ),
  'rounding of halves': { input: SMALL, add: (g, image) => g.roundEven(g.linear(image, { alpha: 0.5 })) },
  tan: { input: SMALL, add: (g, image) => g.tan(image), exact: false },
  log: {
    input: [2, 6, 5, 7],
    add: (g, image) => g.log(g.add(g.mul(image, image), g.constant('least', [1 / 64], [1, 1, 1, 1]))),
    exact: false,
  },
  sqrt: { input: [2, 6, 5, 7], add: (g, image) => g.sqrt(g.abs(image)), exact: false },
  reciprocal: { input: SMALL, add: (g, image) => g.reciprocal(g.clamp(image, { minValue: 0.25 })), exact: false },
  linear: { input: SMALL, add: (g, image) => g.linear(image, { alpha: -3, beta: 7 }) },
  'hardSigmoid of any slope': { input: SMALL, add: (g, image) => g.hardSigmoid(image), exact: false, range: 4 },
  'elu with another alpha': { input: SMALL, add: (g, image) => g.elu(image, { alpha: 1.5 }), exact: false },
  'leakyRelu of small slope': { input: SMALL, add: (g, image) => g.leakyRelu(image), exact: false },
  identity: { input: SMALL, add: (g, image) => g.relu(g.identity(image)) },
  'a convolution of what is infinite beyond the last channel': {
    input: SMALL,
    add: (g, image) => pointwise(7)(g, g.log(g.linear(g.abs(image), { beta: 1 }))),
    exact: false,
  },
};

const scalar = (g: GraphBuilder, value: number) => g.constant(`number ${value}`, [value], [1, 1, 1, 1]);

/** Operands of all sizes: `image` is [3, 6, 9, 13]. */
const BROADCAST: Record<string, Shape> = {
  'of the same sizes': [3, 6, 9, 13],
  'for all items': [1, 6, 9, 13],
  'for all channels': [3, 1, 9, 13],
  'for each channel': [1, 6, 1, 1],
  'for each channel of each item': [3, 6, 1, 1],
  'for each row': [1, 1, 9, 1],
  'for each column': [3, 6, 1, 13],
  'for each row of each channel': [1, 6, 9, 1],
  'for all': [1, 1, 1, 1],
};

/** Further from 0 by a quarter. */
const away = (g: GraphBuilder, image: Value) => g.add(image, g.linear(g.sign(image), { alpha: 0.25 }));

const broadcastCases: Record<string, OpCase> = {
  ...Object.fromEntries(
    Object.entries(BROADCAST).flatMap(([name, shape]): [string, OpCase][] => [
      [`sub of a value ${name}`, { input: [3, 6, 9, 13], add: (g, image) => g.sub(image, pooledTo(g, image, shape)) }],
      [
        `max of a value ${name}, first`,
        { input: [3, 6, 9, 13], add: (g, image) => g.max(pooledTo(g, image, shape), image) },
      ],
      ...(shape[0] === 1
        ? ([
            [
              `sub of a tensor ${name}`,
              { input: [3, 6, 9, 13], add: (g, image) => g.sub(image, g.tensor('operand', shape)) },
            ],
            [
              `sub from a tensor ${name}`,
              { input: [3, 6, 9, 13], add: (g, image) => g.sub(g.tensor('operand', shape), image) },
            ],
            [
              `mul by a tensor ${name}`,
              { input: [3, 6, 9, 13], add: (g, image) => g.mul(g.tensor('operand', shape), image) },
            ],
          ] as [string, OpCase][])
        : []),
    ]),
  ),
  ...Object.fromEntries(
    (['add', 'sub', 'mul', 'min', 'max', 'prelu'] as const).map((name): [string, OpCase] => [
      `${name} of two values`,
      { input: SMALL, add: (g, image) => g[name](image, g.linear(image, { alpha: -1, beta: 2 })) },
    ]),
  ),
  'both operands are broadcast': {
    input: [3, 6, 9, 13],
    add: (g, image) => g.sub(pooledTo(g, image, [3, 1, 9, 1]), pooledTo(g, image, [1, 6, 1, 13])),
  },
  'a tensor larger than the value': {
    input: [2, 1, 1, 13],
    add: (g, image) => g.add(image, g.tensor('operand', [1, 6, 9, 1])),
  },
  'a tensor of several items': {
    input: [1, 8, 3, 5],
    add: (g, image) => g.sub(image, g.tensor('operand', [3, 8, 3, 5])),
  },
  div: { input: SMALL, add: (g, image) => g.div(image, g.clamp(g.abs(image), { minValue: 0.25 })), exact: false },
  'div by a tensor': {
    input: SMALL,
    add: (g, image) => g.div(image, g.constant('operand', [1, 2, 3, 4, 5], [1, 5, 1, 1])),
    exact: false,
  },
  'pow of two values': {
    input: SMALL,
    add: (g, image) => g.pow(g.linear(g.abs(image), { beta: 0.5 }), image),
    exact: false,
    range: 3,
  },
  'pow of negative numbers': {
    input: [1, 6, 5, 7],
    add: (g, image) => g.pow(away(g, image), g.constant('powers', [-1, 0, 1, 2, 3, -2], [1, 6, 1, 1])),
    exact: false,
  },
  ...Object.fromEntries(
    [-2, -1, 0, 0.5, 1, 1.5, 2, 3, 4, 5].map((power): [string, OpCase] => [
      `pow ${power}`,
      {
        input: SMALL,
        add: (g, image) =>
          g.pow(
            Number.isInteger(power) && power > 0 ? image : g.linear(g.abs(image), { beta: 0.25 }),
            scalar(g, power),
          ),
        exact: false,
        range: 3,
      },
    ]),
  ),
  'numbers, second': {
    input: SMALL,
    add: (g, image) =>
      g.min(
        g.max(g.div(g.mul(g.sub(g.add(image, scalar(g, 3)), scalar(g, 1)), scalar(g, 3)), scalar(g, 2)), scalar(g, -9)),
        scalar(g, 20),
      ),
  },
  'numbers, first': {
    input: SMALL,
    add: (g, image) =>
      g.min(scalar(g, 20), g.max(scalar(g, -9), g.mul(scalar(g, 3), g.sub(scalar(g, 1), g.add(scalar(g, 3), image))))),
  },
  'a number divided': {
    input: SMALL,
    add: (g, image) => g.div(scalar(g, 3), g.clamp(image, { minValue: 1 })),
    exact: false,
  },
  'prelu, a slope for each channel': {
    input: SMALL,
    add: (g, image) => g.prelu(image, g.tensor('slope', [1, 5, 1, 1])),
  },
  'prelu after a sum, a slope for each channel': {
    input: SMALL,
    add: (g, image) => sloped(g, g.add(image, g.relu(image))),
  },
  'prelu after broadcasting, a slope for each channel': {
    input: [3, 6, 9, 13],
    add: (g, image) => sloped(g, g.sub(image, g.reduceMax(image, { axes: [3], keepDimensions: true }))),
  },
  'prelu after batch normalization, a slope for each channel': {
    input: SMALL,
    add: (g, image) => sloped(g, norm(g, image)),
  },
  'prelu after a convolution, a slope for each channel': {
    input: [3, 5, 9, 13],
    add: (g, image) => sloped(g, conv(11, [3, 3], same)(g, image)),
  },
  'prelu after a 1x1 convolution and a residual, a slope for each channel': {
    input: [2, 11, 9, 13],
    add: (g, image) => sloped(g, g.add(conv(11, [1, 1])(g, image), image)),
  },
  'prelu after a depthwise convolution, a slope for each channel': {
    input: [2, 11, 9, 13],
    add: (g, image) => sloped(g, depthwise([3, 3])(g, image)),
  },
  'prelu after a transposed convolution, a slope for each channel': {
    input: [2, 5, 9, 13],
    add: (g, image) => sloped(g, transposed(11, [3, 3], { strides: [2, 2] })(g, image)),
  },
  'prelu after a dense layer, a slope for each channel': {
    input: [3, 10, 1, 1],
    add: (g, image) => g.prelu(dense(11)(g, image), g.tensor('slope', [1, 11])),
  },
  'prelu after two convolutions of one input, slopes for each channel': {
    input: [2, 5, 9, 13],
    add: (g, image) => {
      const slope = g.constant('slope', [0.5, -2, 3, 0, 0.25, 1, -1, 2], [1, 8, 1, 1]);
      const branch = (name: string) => g.prelu(conv(8, [1, 1], { name })(g, image), slope);
      return g.add(branch('a'), branch('b'));
    },
  },
  'prelu of a map made by halves, a slope for each channel': {
    input: [1, 3, 64, 64],
    add: (g, image) => {
      const expanded = sloped(g, conv(48, [1, 1], { name: 'expand' })(g, image), 'first');
      const spread = depthwise([3, 3], { name: 'spread', strides: [2, 2] })(g, expanded);
      return conv(8, [1, 1])(g, sloped(g, spread, 'second'));
    },
  },
  'prelu after a convolution, a slope for all': {
    input: SMALL,
    add: (g, image) => g.prelu(conv(7, [3, 3], same)(g, image), scalar(g, 0.5)),
  },
  'arithmetic with tensors after a convolution': {
    input: SMALL,
    add: (g, image) => {
      const vector = (name: string) => g.tensor(name, [1, 7, 1, 1]);
      return g.relu(g.sub(g.mul(conv(7, [3, 3], same)(g, image), vector('factor')), vector('minus')));
    },
    exact: false,
  },
  'batch normalization that is spelled out': {
    input: SMALL,
    add: (g, image) => {
      const vector = (name: string) => g.tensor(name, [1, 7, 1, 1]);
      const centred = g.sub(conv(7, [3, 3], same)(g, image), vector('minus'));
      return g.relu(g.add(g.mul(vector('factor'), centred), vector('plus')));
    },
    exact: false,
  },
  'arithmetic of five axes': {
    input: [2, 6, 4, 15],
    add: (g, image) => {
      const five = g.reshape(image, [2, 6, 4, 3, 5]);
      const tensor = g.max(five, g.tensor('operand', [1, 6, 4, 1, 5]));
      return g.sub(tensor, g.reduceMax(five, { axes: [0, 3], keepDimensions: true }));
    },
  },
  'arithmetic of three axes, and of matrices': {
    input: [2, 6, 4, 15],
    add: (g, image) => {
      const three = g.reshape(image, [2, 6, 60]);
      const rows = g.sub(three, g.reduceMin(three, { axes: [0, 1], keepDimensions: true }));
      const matrix = g.reshape(rows, [12, 60]);
      return g.mul(
        g.min(matrix, g.tensor('operand', [1, 60])),
        g.reduceMax(matrix, { axes: [1], keepDimensions: true }),
      );
    },
  },
  'arithmetic with tensors after a dense layer': {
    input: [3, 10, 1, 1],
    add: (g, image) => g.relu(g.add(dense(7)(g, image), g.tensor('plus', [1, 7]))),
  },
  'a function after broadcasting': {
    input: [3, 6, 9, 13],
    add: (g, image) => g.tanh(g.sub(image, g.averagePool2d(image))),
    exact: false,
  },
};

/** A value of this shape, of integers where the image is: some maxima. */
function pooledTo(g: GraphBuilder, image: Value, [, channels = 1, height, width]: Shape): Value {
  const [, , rows = 1, columns = 1] = image.shape;
  const windowDimensions = [height === 1 ? rows : 1, width === 1 ? columns : 1] as const;
  const pooled = g.maxPool2d(image, { windowDimensions });
  return channels === 1 ? conv(1, [1, 1], { name: 'one' })(g, pooled) : pooled;
}

/** The concatenation of what some functions make of the picture. */
const side =
  (...branches: OpCase['add'][]): OpCase['add'] =>
  (g, image) =>
    g.concat(branches.map((add) => add(g, image)));

const named = (name: string, outChannels: number) => conv(outChannels, [3, 3], { ...same, name });

const everyOperation: OpCase['add'][] = [
  named('general', 5),
  (g, x) => norm(g, conv(4, [1, 1], { name: 'pointwise' })(g, x), 'norm'),
  conv(7, [1, 1], { name: 'sibling' }),
  (g, x) => g.relu(depthwise([3, 3], { name: 'depthwise' })(g, x)),
  (g, x) => g.convTranspose2d(x, g.tensor('transposed.weight', [x.shape[1], 8, 3, 3]), same),
  (g, x) => g.maxPool2d(x, { windowDimensions: [3, 3], ...same }),
  (g, x) => g.averagePool2d(x, { windowDimensions: [3, 3], ...same }),
  (g, x) => g.adaptiveAveragePool2d(g.pad(x, [0, 1, 0, 1]), [x.shape[2] as number, x.shape[3] as number]),
  (g, x) => g.resample2d(x, { scales: [1, 1] }),
  (g, x) => g.mul(x, g.averagePool2d(x)),
  (g, x) => norm(g, x, 'alone'),
  (g, x) => g.add(named('residual', x.shape[1])(g, x), x),
  (g, x) => g.softmax(x),
  (g, x) => g.slice(g.pad(x, [2, 1, 0, 3]), [0, 0, 1, 2], [...x.shape]),
];

/** More workgroups in one direction than a device allows. */
const MANY: Shape = [70_000, 3, 1, 2];
const WIDE: Shape = [1, 1, 1, 540_000];

/** They take long, so each is run with one kind of numbers, and on one kind of device. */
export const largeMapCases: Readonly<Record<string, OpCase>> = {
  'large conv2d': { input: [1, 1, 1040, 2060], add: conv(2, [3, 3], same) },
  'many conv2d': { input: MANY, add: conv(5, [3, 3], same) },
  'many conv2d, groups': { input: [70_000, 6, 1, 2], add: conv(6, [1, 2], { groups: 2 }) },
  'many transposed': { input: MANY, add: transposed(2, [2, 2], twice) },
  'many transposed 1x9': { input: MANY, add: transposed(2, [1, 9], { padding: [0, 0, 4, 4] }) },
  'many depthwise': { input: MANY, add: depthwise([1, 3]) },
  'many depthwise 1x9': { input: MANY, add: depthwise([1, 9]) },
  'many pointwise': { input: [70_000, 3, 1, 5], add: pointwise(2) },
  'many pointwise after squeeze-excite': { input: [70_000, 3, 1, 5], add: squeezeExcite(2) },
  'dense layer of 70,000 channels': { input: [1, 70_000, 1, 1], add: dense(2) },
  'pointwise to 70,000 channels': { input: [1, 3, 1, 5], add: pointwise(70_000) },
  'maximum of a wide map': { input: WIDE, add: pool('maxPool2d', { windowDimensions: [1, 2] }) },
  'many averages': { input: MANY, add: pool('averagePool2d', { windowDimensions: [1, 2] }), exact: false },
  'many means of the whole map': { input: MANY, add: (g, image) => g.averagePool2d(image), exact: false },
  'means of 70,000 channels': {
    input: [1, 280_000, 1, 2],
    add: (g, image) => g.averagePool2d(image),
    exact: false,
  },
  'means into a wider map': {
    input: [1, 1, 1, 66_000],
    add: (g, image) => g.adaptiveAveragePool2d(image, [1, 66_001]),
    exact: false,
  },
  'nearest of a wide map': { input: [1, 1, 1, 270_000], add: resample({ scales: [1, 2] }) },
  'many linear': { input: MANY, add: resample({ mode: 'linear', scales: [1, 2] }) },
  'pad of a high map': { input: [1, 1, 270_000, 1], add: (g, image) => g.pad(image, [1, 2, 0, 1]) },
  'many sums': { input: MANY, add: (g, image) => g.add(image, g.relu(image)) },
  'sum of large maps': { input: [1, 1, 1, 2_100_000], add: (g, image) => g.add(image, image) },
  'many softmax': { input: MANY, add: (g, image) => g.softmax(image), exact: false },
  'many softmax of vectors': { input: [70_000, 3, 1, 1], add: (g, image) => g.softmax(image), exact: false },
  'many copies': { input: MANY, add: (g, image) => g.concat([image, g.relu(image)]) },
};

const INFINITE: Shape = [3, 6, 9, 13];

const infiniteCases: Record<string, OpCase> = Object.fromEntries(
  Object.entries<OpCase>({
    ...withActivations('infinities', INFINITE, (_, image) => image),
    ...withActivations('infinities from a convolution', INFINITE, depthwise([1, 1])),
    'infinities and a bound': { input: INFINITE, add: (g, image) => g.clamp(image, { minValue: 1 }) },
    'infinities as they are': { input: INFINITE, add: (_, image) => image },
    'sum of infinities': { input: INFINITE, add: (g, image) => g.add(image, g.relu(image)) },
    'product of infinities': { input: INFINITE, add: (g, image) => g.mul(image, g.maxPool2d(image)) },
    'batch normalization of infinities': { input: INFINITE, add: (g, image) => norm(g, image) },
    'maximum of negative infinities': {
      input: INFINITE,
      add: (g, image) => g.maxPool2d(g.clamp(image, { maxValue: -7 }), { windowDimensions: 2, padding: 1 }),
    },
    'average of infinities': {
      input: INFINITE,
      add: (g, image) => g.averagePool2d(image, { windowDimensions: 2, padding: 1 }),
      exact: false,
    },
    'mean of infinities': { input: INFINITE, add: (g, image) => g.averagePool2d(g.relu(image)), exact: false },
    'nearest of infinities': { input: INFINITE, add: resample({ scales: 2 }) },
    'softmax of negative infinities': {
      input: INFINITE,
      add: (g, image) => g.softmax(g.clamp(image, { maxValue: 3 })),
      exact: false,
    },
  }).map(([name, opCase]) => [name, { ...opCase, infinite: true }]),
);

const meanCases: Record<string, OpCase> = Object.fromEntries(
  Object.entries<Pick<OpCase, 'input' | 'add'>>({
    'mean of 2^18 pixels': { input: [1, 1, 512, 512], add: (g, image) => g.averagePool2d(image) },
    'mean of 2^20 pixels and more': { input: [1, 1, 1031, 1019], add: (g, image) => g.averagePool2d(image) },
    'averages over large windows': {
      input: [1, 1, 512, 515],
      add: (g, image) => g.averagePool2d(image, { windowDimensions: [511, 500], padding: [3, 0, 0, 2] }),
    },
    'averages over long windows, padding counted': {
      input: [1, 1, 3, 100_000],
      add: (g, image) =>
        g.averagePool2d(image, {
          // Mesa's software adapter ends a thread's loops after 65,535 turns in all.
          windowDimensions: [2, 30_000],
          strides: [1, 20_000],
          padding: 1,
          countIncludePad: true,
        }),
    },
    'averages over high windows': {
      input: [1, 1, 100_000, 2],
      add: (g, image) => g.averagePool2d(image, { windowDimensions: [99_999, 1] }),
    },
    'means of large windows': {
      input: [1, 1, 512, 515],
      add: (g, image) => g.adaptiveAveragePool2d(image, [3, 2]),
    },
  }).map(([name, opCase]) => [name, { ...opCase, constant: 0.1, exact: false }]),
);

const concatCases: Record<string, OpCase> = {
  'concat of whole slices': { input: [3, 6, 9, 13], add: side(named('a', 8), named('b', 4), named('c', 12)) },
  'concat within slices': {
    input: [3, 6, 9, 13],
    add: side(named('a', 5), named('b', 1), named('c', 8), named('d', 3), named('e', 6), named('f', 2)),
  },
  'concat of the picture with itself': { input: [3, 6, 9, 13], add: side(...Array(3).fill(activations.relu)) },
  'concat of one value twice': { input: SMALL, add: (g, image) => g.concat([image, image]) },
  'concat of one value': { input: SMALL, add: (g, image) => g.concat([g.concat([g.relu(image)])]) },
  'concat of the picture, twice': { input: SMALL, add: (g, image) => g.concat([image, g.concat([image])]) },
  'concat of one pixel': { input: [3, 6, 1, 1], add: side(pointwise(6, 'a'), pointwise(7, 'b')) },
  'concat, then one of its parts': {
    input: [3, 6, 9, 13],
    add: (g, image) => {
      const [a, b] = [named('a', 4)(g, image), named('b', 7)(g, image)];
      return named('d', 11)(g, g.concat([b, named('c', 9)(g, g.concat([a, b]))]));
    },
  },
  'dense block': {
    input: [2, 6, 9, 13],
    add: (g, image) => {
      const values = [named('first', 8)(g, image)];
      for (const layer of ['a', 'b', 'c']) {
        const narrow = conv(5, [1, 1], { name: `${layer}.1` })(g, g.relu(norm(g, g.concat(values), layer)));
        values.push(named(`${layer}.2`, 4)(g, g.clamp(narrow, { maxValue: 1 })));
      }
      return g.concat(values);
    },
    exact: false,
  },
  'dense block whose kernels read what they write beside': {
    input: [2, 6, 9, 13],
    add: (g, image) => {
      const values = [named('first', 8)(g, image)];
      for (const layer of ['a', 'b']) values.push(named(layer, 3)(g, g.concat(values)));
      return g.concat(values);
    },
    exact: false,
  },
  'every operation on a part, into parts': {
    input: [2, 6, 9, 13],
    add: (g, image) => {
      const [part, other] = [named('part', 6)(g, image), named('other', 8)(g, image)];
      return g.concat([...everyOperation.map((add) => add(g, part)), named('both', 4)(g, g.concat([other, part]))]);
    },
    exact: false,
  },
  slice: { input: [3, 6, 9, 13], add: (g, image) => g.slice(image, [0, 0, 2, 5], [3, 6, 7, 6]) },
};

/**
 * Convolutions of one input that run as one: each result but the first begins within what they write. As outputs, too, none
 * is left out.
 */
const siblings = (g: GraphBuilder, input: Value, channels: readonly number[], name = 'sibling'): Value[] =>
  channels.map((outChannels, index) => {
    const value = pointwise(outChannels, `${name}.${index}`)(g, input);
    g.output(`${name} ${index}`, value);
    return value;
  });

/** What is read by other kernels than those that make the rest of it: `add` gets parts of one value, of so many channels. */
const ofParts =
  (channels: readonly number[], add: (g: GraphBuilder, parts: Value[], image: Value) => Value): OpCase['add'] =>
  (g, image) =>
    add(g, siblings(g, image, channels), image);

const partCases: Record<string, OpCase> = {
  'factors that are parts': {
    input: [3, 8, 5, 7],
    add: (g, image) => {
      const [a, b] = siblings(g, g.maxPool2d(image), [8, 8]) as [Value, Value];
      return g.concat([pointwise(5, 'a')(g, g.mul(image, a)), pointwise(6, 'b')(g, g.mul(b, image))]);
    },
  },
  'factors that are parts, of two pixels': {
    input: [3, 8, 1, 2],
    add: (g, image) => {
      const [, b] = siblings(g, g.maxPool2d(image), [4, 8, 5]) as [Value, Value];
      return pointwise(6, 'b')(g, g.mul(b, image));
    },
  },
  'factors side by side': {
    input: [3, 8, 5, 7],
    add: (g, image) => {
      const pooled = g.maxPool2d(image);
      const [a, b] = [named('c', 4)(g, pooled), named('d', 8)(g, pooled)];
      const map = pointwise(8, 'b')(g, g.mul(b, image));
      return g.mul(map, pointwise(8, 'both')(g, g.concat([a, b])));
    },
    exact: false,
  },
  'residuals that are parts': {
    input: [3, 8, 5, 7],
    add: ofParts([4, 5], (g, [, part], image) => g.add(pointwise(5)(g, image), part as Value)),
  },
  'residuals that are parts, of two pixels': {
    input: [3, 8, 1, 2],
    add: ofParts([4, 5], (g, [, part], image) => g.relu(g.add(part as Value, pointwise(5)(g, g.relu(image))))),
  },
  'residuals that are parts, 3x3': {
    input: [3, 8, 5, 7],
    add: ofParts([8, 5], (g, [, part], image) => g.add(conv(5, [3, 3], same)(g, image), part as Value)),
  },
  'residuals that are parts, transposed': {
    input: [3, 8, 5, 7],
    add: ofParts([8, 5], (g, [, part], image) => g.relu(g.add(part as Value, transposed(5, [3, 3], same)(g, image)))),
  },
  'pointwise after normalization of a part': {
    input: [3, 8, 5, 7],
    add: ofParts([4, 6], (g, [, part]) => preActivated(pointwise(13))(g, part as Value)),
    exact: false,
  },
  'one padding before two convolutions and a pool': {
    input: [2, 6, 9, 13],
    add: (g, image) => {
      const padded = g.pad(image, [1, 0, 0, 2]);
      const pooled = g.maxPool2d(padded, { windowDimensions: 3, padding: 1 });
      return g.concat([named('a', 4)(g, padded), conv(5, [1, 1], { name: 'b' })(g, padded), pooled]);
    },
  },
};

/** Those whose kernels are the same on every GPU. */
const plainPartCases: Record<string, OpCase> = {
  'sum of parts': { input: [3, 6, 5, 7], add: ofParts([4, 4, 4], (g, [, b, c]) => g.add(b as Value, c as Value)) },
  'product of parts': { input: [3, 6, 5, 7], add: ofParts([4, 4, 4], (g, [a, , c]) => g.mul(c as Value, a as Value)) },
  'product for each channel of parts': {
    input: [3, 6, 5, 7],
    add: ofParts([4, 4], (g, [, b], image) => {
      const factors = siblings(g, g.maxPool2d(image), [4, 4], 'factor')[1] as Value;
      return g.mul(factors, b as Value);
    }),
  },
  'sum with the whole': {
    input: [3, 6, 5, 7],
    add: ofParts([4, 8], (g, [a, b]) => g.add(g.concat([a as Value, a as Value]), b as Value)),
  },
  'mean of a part': {
    input: [3, 6, 5, 7],
    add: ofParts([4, 5], (g, [, b]) => g.averagePool2d(b as Value)),
    exact: false,
  },
  'dense layer of a part': { input: [3, 6, 5, 7], add: ofParts([4, 5], (g, [, b]) => dense(3)(g, b as Value)) },
  'dense layer of a part of one pixel': {
    input: [3, 6, 1, 1],
    add: ofParts([4, 5], (g, [, b]) => dense(3)(g, b as Value)),
  },
  'softmax of a part': { input: [3, 6, 5, 7], add: ofParts([4, 5], (g, [, b]) => g.softmax(b as Value)), exact: false },
  'softmax of a part of one pixel': {
    input: [3, 6, 1, 1],
    add: ofParts([4, 5], (g, [, b]) => g.softmax(g.flatten(b as Value))),
    exact: false,
  },
  'a part as it is': { input: [3, 6, 5, 7], add: ofParts([4, 5], (_, [, b]) => b as Value) },
  'a part of one pixel as it is': { input: [3, 6, 1, 1], add: ofParts([4, 4], (g, [, b]) => g.flatten(b as Value)) },
  'maximum of a part': {
    input: [3, 6, 5, 7],
    add: ofParts([4, 5], (g, [, b]) =>
      g.maxPool2d(b as Value, { windowDimensions: 2, strides: 2, roundingType: 'ceil' }),
    ),
  },
  'every operation on the second of two parts': {
    input: [2, 6, 9, 13],
    add: ofParts([4, 6], (g, [, part]) => g.concat(everyOperation.map((add) => add(g, part as Value)))),
    exact: false,
  },
};

/** Tiles decide how these are computed, so they are run for the tiles of other GPUs too. */
/** Maps so large that they are made half by half (`divide.ts`). */
const HALVED: Shape = [2, 3, 61, 67];

const halvedCases: Record<string, OpCase> = {
  'depthwise in halves': {
    input: HALVED,
    add: (g, image) => g.relu(depthwise([3, 3], { strides: 2, name: 'b' })(g, norm(g, conv(54, [1, 1])(g, image)))),
  },
  'maximum in halves, parts of a concatenation': {
    input: HALVED,
    add: (g, image) => {
      const pooled = pool('maxPool2d', { windowDimensions: 3, strides: 2 })(g, conv(38, [3, 3], same)(g, image));
      return g.concat([conv(4, [3, 3], { strides: 2, name: 'b' })(g, image), pooled]);
    },
  },
};

export const tiledCases: Readonly<Record<string, OpCase>> = {
  ...conv2dCases,
  ...groupCases,
  ...transposedCases,
  ...depthwiseCases,
  ...pointwiseCases,
  ...partCases,
  ...largeFilterCases,
  ...halvedCases,
};

export const opCases: Readonly<Record<string, OpCase>> = {
  ...tiledCases,
  ...multipliedCases,
  ...withActivations('conv2d 3x3', SMALL, conv(7, [3, 3], same)),
  ...withActivations('depthwise 3x3', DEEP, depthwise([3, 3])),
  ...withActivations('pointwise', FLAT, pointwise(13)),
  ...withActivations('tiny pointwise', [1, 22, 1, 1], pointwise(13)),
  ...withActivations('transposed 2x2, stride 2', SMALL, transposed(7, [2, 2], twice)),
  ...poolCases,
  ...resampleCases,
  ...elementwiseCases,
  ...functionCases,
  ...broadcastCases,
  ...concatCases,
  ...largeMapCases,
  ...infiniteCases,
  ...meanCases,
  ...plainPartCases,
  ...viewCases,
  ...samplingCases,
  ...reductionCases,
  ...webnnCases,
};
