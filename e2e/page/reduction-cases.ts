// Reductions and normalizations along any axes: rows of the table in op-cases.ts.
import type { GraphBuilder, Shape, Value } from 'linnet';
import type { OpCase } from './op-cases.ts';

const MAP: Shape = [3, 6, 9, 13];

/** Each kind of axes, and each way to go through several. */
const AXES: readonly (readonly number[])[] = [
  [0],
  [1],
  [2],
  [3],
  [2, 3],
  [1, 2],
  [1, 3],
  [0, 2],
  [0, 1],
  [1, 2, 3],
  [0, 1, 2, 3],
];

const EXACT = ['reduceSum', 'reduceMax', 'reduceMin', 'reduceL1', 'reduceSumSquare'] as const;
const INEXACT = ['reduceMean', 'reduceProduct', 'reduceL2', 'reduceLogSum', 'reduceLogSumExp'] as const;

/** A logarithm is of what is positive, and a product of many numbers is one that can be stored where they are near 1. */
const argument = (g: GraphBuilder, name: string, image: Value) => {
  if (name === 'reduceProduct') return g.linear(image, { alpha: 1 / 8, beta: -1 });
  return name === 'reduceLogSum' ? g.linear(g.abs(image), { beta: 0.5 }) : image;
};

const methodCases: Record<string, OpCase> = Object.fromEntries(
  [...EXACT, ...INEXACT].flatMap((name) => {
    const isExact = EXACT.some((other) => other === name) ? {} : ({ exact: false } as const);
    const row = (axes: readonly number[] | undefined, keepDimensions: boolean): [string, OpCase] => [
      `${name} over ${axes ?? 'all'}${keepDimensions ? ', kept' : ''}`,
      { input: MAP, add: (g, image) => g[name](argument(g, name, image), { axes, keepDimensions }), ...isExact },
    ];
    const axes = name === 'reduceSum' ? AXES : [[1], [3], [0, 1], [1, 2, 3]];
    return [...axes.map((list) => row(list, true)), row([2, 3], false), row(undefined, false)];
  }),
);

export const reductionCases: Readonly<Record<string, OpCase>> = {
  ...methodCases,
  ...Object.fromEntries(
    (['argMax', 'argMin'] as const).flatMap((name) =>
      [0, 1, 2, 3].map((axis): [string, OpCase] => [
        `${name} over ${axis}`,
        { input: MAP, add: (g, image) => g[name](image, axis, { keepDimensions: axis % 2 === 0 }) },
      ]),
    ),
  ),
  'reduceSum over nothing': { input: MAP, add: (g, image) => g.relu(g.reduceSum(image, { axes: [] })) },
  'reduceL1 over nothing': { input: MAP, add: (g, image) => g.reduceL1(image, { axes: [], keepDimensions: true }) },
  'reduceL2 over axes of size 1': {
    input: [2, 5, 1, 7],
    add: (g, image) => g.reduceL2(image, { axes: [2] }),
    exact: false,
  },
  'reduceSum over items without the rest': { input: MAP, add: (g, image) => g.reduceSum(image, { axes: [0] }) },
  'reduceMax of negative numbers over channels': {
    input: MAP,
    add: (g, image) => g.reduceMax(g.clamp(image, { maxValue: -2 }), { axes: [1], keepDimensions: true }),
  },
  'reduceSum of a vector': { input: [2, 203, 1, 1], add: (g, image) => g.reduceSum(g.flatten(image), { axes: [1] }) },
  'reduceMax of many channels': { input: [2, 1001, 1, 1], add: (g, image) => g.reduceMax(image, { axes: [1] }) },
  'argMax of many channels': { input: [2, 1001, 1, 1], add: (g, image) => g.argMax(image, 1) },
  'argMin of a long row': { input: [1, 5, 1, 1031], add: (g, image) => g.argMin(image, 3) },
  'argMax of equals': { input: MAP, add: (g, image) => g.argMax(g.relu(g.neg(g.abs(image))), 1) },
  'reduceMean of a large map, one axis': {
    input: [1, 2, 301, 311],
    add: (g, image) => g.reduceMean(image, { axes: [2] }),
    exact: false,
  },
  'reduceMean over channels, then a convolution': {
    input: MAP,
    add: (g, image) =>
      g.conv2d(g.reduceMean(image, { axes: [1], keepDimensions: true }), g.tensor('conv.weight', [7, 1, 1, 1])),
    exact: false,
  },
  'reduceLogSum, then a convolution': {
    input: MAP,
    add: (g, image) => {
      const sum = g.reduceLogSum(g.linear(g.abs(image), { beta: 1 }), { axes: [2], keepDimensions: true });
      return g.conv2d(sum, g.tensor('conv.weight', [7, 6, 1, 1]));
    },
    exact: false,
  },
  'reduceSum of five axes': {
    input: [2, 6, 4, 15],
    add: (g, image) => g.reduceSum(g.reshape(image, [2, 6, 4, 3, 5]), { axes: [2, 4], keepDimensions: true }),
  },
  'reduceLogSumExp of large numbers': {
    input: MAP,
    add: (g, image) => g.reduceLogSumExp(image, { axes: [2, 3] }),
    exact: false,
    range: 300,
  },
  ...Object.fromEntries(
    [0, 2, 3].map((axis): [string, OpCase] => [
      `softmax over ${axis}`,
      { input: MAP, add: (g, image) => g.softmax(image, axis), exact: false, range: 9 },
    ]),
  ),
  'softmax of rows of a matrix': {
    input: [5, 7, 1, 1],
    add: (g, image) => g.softmax(g.flatten(image), 0),
    exact: false,
    range: 50,
  },
  'batchNormalization over 3': {
    input: MAP,
    add: (g, image) => {
      const vector = (role: string) => g.tensor(`norm.${role}`, [13]);
      return g.batchNormalization(image, vector('running_mean'), vector('running_var'), {
        scale: vector('weight'),
        axis: 3,
      });
    },
    exact: false,
  },
  'batchNormalization of a vector': {
    input: [3, 6, 1, 1],
    add: (g, image) => {
      const vector = (role: string) => g.tensor(`norm.${role}`, [6]);
      return g.batchNormalization(g.flatten(image), vector('running_mean'), vector('running_var'));
    },
    exact: false,
  },
  instanceNormalization: { input: MAP, add: (g, image) => g.instanceNormalization(image), exact: false },
  'instanceNormalization with scale and bias': {
    input: MAP,
    add: (g, image) =>
      g.relu(
        g.instanceNormalization(image, { scale: g.tensor('scale', [6]), bias: g.tensor('bias', [6]), epsilon: 1e-3 }),
      ),
    exact: false,
  },
  'instanceNormalization far from 0': {
    input: [1, 5, 21, 31],
    add: (g, image) => g.instanceNormalization(g.linear(image, { beta: 100 }), { bias: g.tensor('bias', [5]) }),
    exact: false,
    range: 4,
  },
  'instanceNormalization of a large map, prelu': {
    input: [1, 5, 121, 131],
    add: (g, image) =>
      g.prelu(
        g.instanceNormalization(image, { scale: g.tensor('scale', [5]), bias: g.tensor('bias', [5]) }),
        g.tensor('slope', [1, 5, 1, 1]),
      ),
    exact: false,
  },
  'instanceNormalization that is scaled by batch normalization': {
    input: MAP,
    add: (g, image) =>
      g.tanh(
        g.batchNormalization(
          g.instanceNormalization(image),
          g.tensor('running_mean', [6]),
          g.tensor('running_var', [6]),
          { scale: g.tensor('scale', [6]), bias: g.tensor('bias', [6]) },
        ),
      ),
    exact: false,
  },
  'instanceNormalization of equals': {
    input: [2, 5, 7, 9],
    add: (g, image) => g.instanceNormalization(g.mul(image, g.constant('nothing', [0], [1, 1, 1, 1]))),
    exact: false,
  },
  layerNormalization: { input: MAP, add: (g, image) => g.layerNormalization(image), exact: false },
  'layerNormalization over channels': {
    input: MAP,
    add: (g, image) =>
      g.layerNormalization(image, { axes: [1], scale: g.tensor('scale', [6]), bias: g.tensor('bias', [6]) }),
    exact: false,
  },
  'layerNormalization over many channels of few pixels': {
    input: [2, 203, 3, 5],
    add: (g, image) =>
      g.layerNormalization(g.linear(image, { beta: 100 }), { axes: [1], bias: g.tensor('bias', [203]), epsilon: 1e-6 }),
    exact: false,
    range: 4,
  },
  'layerNormalization over channels of many pixels, then a convolution': {
    input: [2, 11, 21, 23],
    add: (g, image) => {
      const normalized = g.relu(g.layerNormalization(image, { axes: [1], scale: g.tensor('scale', [11]) }));
      return g.conv2d(normalized, g.tensor('conv.weight', [5, 11, 1, 1]));
    },
    exact: false,
  },
  ...Object.fromEntries(
    [[2], [3]].map((axes): [string, OpCase] => [
      `layerNormalization over axis ${axes}`,
      { input: MAP, add: (g, image) => g.layerNormalization(image, { axes }), exact: false },
    ]),
  ),
  'layerNormalization over the last axes': {
    input: MAP,
    add: (g, image) =>
      g.layerNormalization(image, { axes: [2, 3], scale: g.tensor('scale', [9, 13]), bias: g.tensor('bias', [9, 13]) }),
    exact: false,
  },
  'layerNormalization of a vector': {
    input: [3, 30, 1, 1],
    add: (g, image) => g.layerNormalization(g.flatten(image), { scale: g.tensor('scale', [30]) }),
    exact: false,
  },
  localResponseNormalization: {
    input: MAP,
    add: (g, image) => g.localResponseNormalization(image, { size: 3 }),
    exact: false,
    range: 30,
  },
  'localResponseNormalization, wide': {
    input: [2, 17, 3, 5],
    add: (g, image) => g.localResponseNormalization(image, { size: 8, alpha: 0.5, beta: 0.5, bias: 2 }),
    exact: false,
    range: 4,
  },
  'localResponseNormalization wider than the channels': {
    input: [1, 3, 5, 7],
    add: (g, image) => g.localResponseNormalization(image, { size: 19, alpha: 2, beta: 1, bias: 0.5 }),
    exact: false,
  },
  matmul: {
    input: [5, 7, 1, 1],
    add: (g, image) => g.matmul(g.flatten(image), g.transpose(g.relu(g.flatten(image)))),
  },
  'matmul of whole slices': {
    input: [8, 12, 1, 1],
    add: (g, image) => g.matmul(g.flatten(image), g.transpose(g.flatten(image))),
  },
  'matmul by a tensor': {
    input: [3, 10, 1, 1],
    add: (g, image) =>
      g.relu(g.add(g.matmul(g.flatten(image), g.tensor('matrix', [10, 13])), g.tensor('bias', [1, 13]))),
  },
  'matmul of a flattened map by a tensor': {
    input: [2, 6, 3, 5],
    add: (g, image) => g.matmul(g.flatten(image), g.tensor('matrix', [90, 7])),
  },
};
