// Options and operands as WebNN has them, where the papers' networks need none of them: rows of the table in op-cases.ts.
import type { GraphBuilder, Shape, Value } from 'linnet';
import type { OpCase } from './op-cases.ts';

const MAP: Shape = [2, 5, 9, 13];
const toLast = [0, 2, 3, 1];
const toFirst = [0, 3, 1, 2];

const of = (input: Shape, add: OpCase['add']): OpCase => ({ input, add });
const inexact = (input: Shape, add: OpCase['add']): OpCase => ({ input, add, exact: false });

type Pool = 'averagePool2d' | 'maxPool2d' | 'l2Pool2d';

const overhanging = { windowDimensions: 3, padding: [1, 0, 0, 1], strides: 2 } as const;

const poolOptions: Record<string, NonNullable<Parameters<GraphBuilder['l2Pool2d']>[1]>> = {
  'with padding': { padding: [1, 0, 0, 1] },
  'with strides': { padding: 2, strides: [2, 3] },
  'rounded down': { ...overhanging, outputShapeRounding: 'floor' },
  'rounded up': { ...overhanging, outputShapeRounding: 'ceil' },
  'to the sizes rounded up': { ...overhanging, outputShapeRounding: 'floor', outputSizes: [5, 7] },
  'to the sizes rounded down': { ...overhanging, roundingType: 'ceil', outputSizes: [4, 6] },
  'to one size rounded up': { ...overhanging, outputSizes: [4, 7] },
};

/** What `work` makes of the map with its channels last, with its channels first again. */
const channelsLast = (work: OpCase['add']) => (g: GraphBuilder, image: Value) =>
  g.transpose(work(g, g.transpose(image, { permutation: toLast })), { permutation: toFirst });

const filter = (g: GraphBuilder, shape: Shape) =>
  g.constant(
    'filter',
    Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, index) => ((index * 7) % 9) - 4),
    shape,
  );

const poolCases = Object.fromEntries(
  (['averagePool2d', 'maxPool2d', 'l2Pool2d'] as const).flatMap((name: Pool) =>
    Object.entries(poolOptions).map(([how, options]): [string, OpCase] => {
      const add = (g: GraphBuilder, image: Value) => g[name](image, options);
      return [`${name} ${how}`, name === 'maxPool2d' ? of(MAP, add) : inexact(MAP, add)];
    }),
  ),
);

const layoutCases: Record<string, OpCase> = {
  'conv2d, channels last': of(
    MAP,
    channelsLast((g, map) =>
      g.conv2d(map, filter(g, [3, 3, 5, 6]), { inputLayout: 'nhwc', filterLayout: 'hwio', padding: [1, 0, 2, 1] }),
    ),
  ),
  'conv2d, filter ohwi': of(MAP, (g, map) =>
    g.conv2d(map, filter(g, [6, 2, 3, 5]), { inputLayout: 'nchw', filterLayout: 'ohwi', strides: 2 }),
  ),
  'conv2d, filter ihwo, depthwise': of(MAP, (g, map) =>
    g.conv2d(map, filter(g, [1, 3, 2, 5]), { filterLayout: 'ihwo', groups: 5 }),
  ),
  'convTranspose2d, channels last': of(
    [2, 5, 4, 6],
    channelsLast((g, map) =>
      g.convTranspose2d(map, filter(g, [3, 2, 6, 5]), {
        ...{ inputLayout: 'nhwc', filterLayout: 'hwoi' },
        ...{ strides: [3, 2], outputSizes: [14, 13] },
      }),
    ),
  ),
  'convTranspose2d to sizes': of([1, 5, 4, 6], (g, map) =>
    g.convTranspose2d(map, g.tensor('conv.weight', [5, 2, 3, 3]), { strides: 3, padding: 1, outputSizes: [10, 18] }),
  ),
  'averagePool2d, channels last': inexact(
    MAP,
    channelsLast((g, map) => g.averagePool2d(map, { ...overhanging, layout: 'nhwc' })),
  ),
  'maxPool2d, channels last': of(
    MAP,
    channelsLast((g, map) => g.maxPool2d(map, { ...overhanging, layout: 'nhwc', outputShapeRounding: 'ceil' })),
  ),
  'l2Pool2d, channels last': inexact(
    MAP,
    channelsLast((g, map) => g.l2Pool2d(map, { windowDimensions: 2, layout: 'nhwc' })),
  ),
  'l2Pool2d of the whole map': inexact(MAP, (g, map) => g.l2Pool2d(map)),
  'l2Pool2d of a large window': inexact([1, 3, 300, 310], (g, map) =>
    g.l2Pool2d(map, { windowDimensions: [290, 148], strides: [10, 7], padding: [3, 2, 0, 5], roundingType: 'ceil' }),
  ),
  'instanceNormalization, channels last': inexact(
    MAP,
    channelsLast((g, map) => g.instanceNormalization(map, { layout: 'nhwc', scale: g.tensor('scale', [5]) })),
  ),
  'layerNormalization over axes in another order': inexact(MAP, (g, map) =>
    g.layerNormalization(map, {
      ...{ axes: [3, 1, 2], epsilon: 1e-3 },
      ...{ scale: g.tensor('scale', [13, 5, 9]), bias: g.tensor('bias', [13, 5, 9]) },
    }),
  ),
  'layerNormalization over items': inexact(MAP, (g, map) =>
    g.layerNormalization(map, { axes: [0, 2], bias: g.tensor('bias', [2, 9]), epsilon: 1e-3 }),
  ),
};

const matrix = (g: GraphBuilder, image: Value) => g.flatten(image);

const productCases: Record<string, OpCase> = {
  'gemm of two values': of([5, 7, 1, 1], (g, image) => {
    const a = matrix(g, image);
    return g.gemm(a, g.relu(g.transpose(a)));
  }),
  'gemm of two values, all options': of([5, 7, 1, 1], (g, image) => {
    const a = matrix(g, image);
    const options = { alpha: 0.5, beta: 2, aTranspose: true, bTranspose: true } as const;
    return g.gemm(a, g.transpose(a), { ...options, c: g.reduceSum(a, { axes: [0], keepDimensions: true }) });
  }),
  'gemm by a tensor, all options': of([5, 7, 1, 1], (g, image) => {
    const [b, c] = [g.tensor('b', [6, 5]), g.tensor('c', [7, 1])];
    return g.gemm(matrix(g, image), b, { alpha: 2, beta: 4, aTranspose: true, c });
  }),
  'gemm by a tensor that is not transposed': of([5, 7, 1, 1], (g, image) =>
    g.gemm(matrix(g, image), g.tensor('b', [7, 6]), { bTranspose: false, c: g.constant('c', [3], []) }),
  ),
  'gemm plus a tensor of several rows': of([5, 7, 1, 1], (g, image) =>
    g.gemm(matrix(g, image), g.tensor('b', [6, 7]), { c: g.tensor('c', [5, 6]) }),
  ),
  'gemm plus a vector': of([5, 7, 1, 1], (g, image) =>
    g.gemm(matrix(g, image), g.tensor('b', [6, 7]), { c: g.tensor('c', [6]) }),
  ),
};

const operandCases: Record<string, OpCase> = {
  ...Object.fromEntries(
    ([[], [13], [9, 1], [5, 1, 13]] as const).flatMap((shape): [string, OpCase][] => [
      [`sub of a tensor [${shape}]`, of(MAP, (g, image) => g.sub(image, g.tensor('operand', shape)))],
      [`sub from a tensor [${shape}]`, of(MAP, (g, image) => g.sub(g.tensor('operand', shape), image))],
    ]),
  ),
  'sub of a value of fewer axes': of(MAP, (g, image) => g.sub(image, g.reduceMax(g.relu(image), { axes: [0, 1] }))),
  'sub from a value of fewer axes': of(MAP, (g, image) => g.sub(g.reduceMax(image, { axes: [0] }), image)),
  'a tensor of several items whose slices are not full': of(MAP, (g, image) =>
    g.sub(g.tensor('operand', [2, 5, 1, 13]), image),
  ),
  'prelu, a slope for each column': of(MAP, (g, image) => g.prelu(image, g.tensor('slope', [13]))),
  'resample2d to its own size': of(MAP, (g, image) => g.relu(g.resample2d(image))),
  'resample2d by sizes and scales': of(MAP, (g, image) => g.resample2d(image, { sizes: [18, 26], scales: [9, 0.1] })),
  ...Object.fromEntries(
    [{ sizes: [4, 26] }, { scales: [0.7, 1.5] }, { sizes: 1 }, { sizes: [18, 39], axes: [3, 2] }].map(
      (options): [string, OpCase] => [
        `the nearest pixel by half pixels, ${JSON.stringify(options)}`,
        of(MAP, (g, image) =>
          g.resample2d(image, { ...(options as object), mode: 'nearest-neighbor', coordinates: 'half-pixel' }),
        ),
      ],
    ),
  ),
  'log up to 1': inexact(MAP, (g, image) => g.log(g.abs(image))),
  'log of 0': inexact(MAP, (g, image) => g.log(g.relu(image))),
  'cast to half precision': { ...inexact(MAP, (g, image) => g.cast(image, 'float16')), range: 300 },
  'cast to half precision, in the middle between two': of(MAP, (g, image) =>
    g.cast(g.linear(image, { beta: 2056 }), 'float16'),
  ),
  'cast to half precision of small numbers': {
    ...inexact(MAP, (g, image) => g.cast(image, 'float16')),
    range: 2 ** -13,
  },
  'cast to single precision': of(MAP, (g, image) => g.relu(g.cast(image, 'float32'))),
};

export const webnnCases: Readonly<Record<string, OpCase>> = {
  ...poolCases,
  ...layoutCases,
  ...productCases,
  ...operandCases,
};
