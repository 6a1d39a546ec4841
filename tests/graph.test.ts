// What a graph is checked for while it is built: sizes of results, and the text of every error.
import { expect, test } from 'playwright/test';
import { architecture } from '../engine/all-ops.ts';
import { basicArchitecture, buildGraph } from '../engine/architecture.ts';
import { ArchitectureError, UnsupportedError } from '../engine/common/errors.ts';
import type { HardSigmoidOptions } from '../engine/graph/builder.ts';
import { FLOAT_MAX, type Padding, type Pair, type Shape, type Value } from '../engine/graph/graph.ts';
import type { GraphBuilder } from '../engine/graph/graph-builder.ts';
import { planFor } from '../engine/index.ts';

const IMAGE = [2, 5, 31, 17];

/** The shape of what `add` makes of an odd picture that is not square. */
function shapeOf(add: (g: GraphBuilder, image: Value) => Value, image: Shape = IMAGE): Shape {
  const graph = buildGraph(architecture('test', (g) => g.output('result', add(g, g.input('image', image)))));
  return graph.outputs[0]?.shape ?? [];
}

/** How many windows fit, counted one by one. */
function countWindows(size: number, before: number, after: number, window: number, stride: number, dilation: number) {
  let count = 0;
  for (let start = 0; start + (window - 1) * dilation < before + size + after; start += stride) count++;
  return count;
}

/** How many rows there are up to the last one that a pixel reaches, found by going through them. */
function countReached(size: number, before: number, after: number, window: number, stride: number, dilation: number) {
  let last = 0;
  for (let pixel = 0; pixel < size; pixel++) {
    for (let tap = 0; tap < window; tap++) last = Math.max(last, pixel * stride + tap * dilation);
  }
  return last + 1 - before - after;
}

const geometries = {
  'no option': {},
  'stride 2': { strides: [2, 2] },
  'strides that differ': { strides: [3, 2] },
  'padding on all sides': { padding: [1, 1, 2, 2] },
  'padding on one side of each': { padding: [0, 1, 2, 0], strides: [2, 2] },
  dilation: { dilations: [2, 3] },
  everything: { strides: [2, 1], padding: [1, 0, 2, 3], dilations: [2, 2] },
} as const satisfies Record<string, Parameters<GraphBuilder['conv2d']>[2]>;

for (const [name, options] of Object.entries(geometries)) {
  const { strides, padding, dilations } = { strides: [1, 1], padding: [0, 0, 0, 0], dilations: [1, 1], ...options };
  const [top, bottom, left, right] = padding as [number, number, number, number];
  const window = [3, 5] as const;
  const height = countWindows(31, top, bottom, window[0], strides[0] as number, dilations[0] as number);
  const width = countWindows(17, left, right, window[1], strides[1] as number, dilations[1] as number);

  test(`sizes of a convolution: ${name}`, () => {
    const shape = shapeOf((g, image) => g.conv2d(image, g.tensor('a.weight', [7, 5, ...window]), options));
    expect(shape).toEqual([2, 7, height, width]);
  });

  test(`sizes of a transposed convolution: ${name}`, () => {
    const rows = countReached(31, top, bottom, window[0], strides[0] as number, dilations[0] as number);
    const columns = countReached(17, left, right, window[1], strides[1] as number, dilations[1] as number);
    const shape = (outputPadding: readonly [number, number]) =>
      shapeOf((g, image) =>
        g.convTranspose2d(image, g.tensor('a.weight', [5, 7, ...window]), { ...options, outputPadding }),
      );
    expect(shape([0, 0])).toEqual([2, 7, rows, columns]);
    const [more, less] = [0, 1].map((axis) => Math.max(strides[axis] as number, dilations[axis] as number) - 1) as [
      number,
      number,
    ];
    expect(shape([more, less])).toEqual([2, 7, rows + more, columns + less]);
  });

  test(`a transposed convolution goes back to the size before a convolution: ${name}`, () => {
    const outputPadding = [
      (31 + top + bottom - (window[0] - 1) * (dilations[0] as number) - 1) % (strides[0] as number),
      (17 + left + right - (window[1] - 1) * (dilations[1] as number) - 1) % (strides[1] as number),
    ] as const;
    const shape = shapeOf((g, image) => {
      const filter = g.tensor('a.weight', [7, 5, ...window]);
      return g.convTranspose2d(g.conv2d(image, filter, options), filter, { ...options, outputPadding });
    });
    expect(shape).toEqual(IMAGE);
  });

  test(`sizes of a pool: ${name}`, () => {
    for (const pool of ['averagePool2d', 'maxPool2d'] as const) {
      const shape = shapeOf((g, image) => g[pool](image, { windowDimensions: window, ...options }));
      expect(shape).toEqual([2, 5, height, width]);
    }
  });
}

test('a pool that is rounded up has a last window that hangs over, but begins before the padding after', () => {
  const pooled = (size: number, windowSize: number, stride: number, padding = 0) =>
    shapeOf(
      (g, image) =>
        g.maxPool2d(image, {
          windowDimensions: [windowSize, windowSize],
          strides: [stride, stride],
          padding: [padding, padding, padding, padding],
          roundingType: 'ceil',
        }),
      [1, 3, size, size + 1],
    ).slice(2);
  expect(pooled(7, 2, 2)).toEqual([4, 4]);
  expect(pooled(8, 3, 2)).toEqual([4, 4]);
  expect(pooled(6, 3, 3)).toEqual([2, 3]);
  // With padding 1 the second window of 2 would begin at 3, beyond the two pixels and the padding before them.
  expect(pooled(2, 2, 3, 1)).toEqual([1, 2]);
});

test('the channels of a transposed convolution are those of its filter for each group', () => {
  const channels = (groups: number, groupOutputs: number) =>
    shapeOf(
      (g, image) => g.convTranspose2d(image, g.tensor('a.weight', [6, groupOutputs, 3, 3]), { groups }),
      [1, 6, 3, 5],
    )[1];
  expect([channels(1, 7), channels(2, 7), channels(3, 1), channels(6, 1), channels(6, 2)]).toEqual([7, 14, 3, 6, 12]);
});

test('sizes of a resampled map are rounded down', () => {
  const resampled = (options: Parameters<GraphBuilder['resample2d']>[1]) =>
    shapeOf((g, image) => g.resample2d(image, options));
  expect(resampled({ scales: [2, 3] })).toEqual([2, 5, 62, 51]);
  expect(resampled({ scales: [1.5, 0.7], mode: 'linear' })).toEqual([2, 5, 46, 11]);
  expect(resampled({ sizes: [7, 40], mode: 'linear', coordinates: 'align-corners' })).toEqual([2, 5, 7, 40]);
});

test('sizes of the other operations', () => {
  const tensor = (g: GraphBuilder, role: string, channels = 5) => g.tensor(`norm.${role}`, [channels]);
  expect(shapeOf((g, image) => g.averagePool2d(image))).toEqual([2, 5, 1, 1]);
  expect(shapeOf((g, image) => g.maxPool2d(image))).toEqual([2, 5, 1, 1]);
  expect(shapeOf((g, image) => g.flatten(g.averagePool2d(image)))).toEqual([2, 5]);
  expect(shapeOf((g, image) => g.flatten(image))).toEqual([2, 5 * 31 * 17]);
  expect(shapeOf((g, image) => g.concat([image, g.relu(image), image]))).toEqual([2, 15, 31, 17]);
  expect(shapeOf((g, image) => g.concat([image, image], 0))).toEqual([4, 5, 31, 17]);
  expect(shapeOf((g, image) => g.concat([image, g.pad(image, [1, 0, 0, 0])], 2))).toEqual([2, 5, 63, 17]);
  expect(shapeOf((g, image) => g.concat([g.flatten(image), g.flatten(image)]))).toEqual([2, 2 * 5 * 31 * 17]);
  expect(shapeOf((g, image) => g.slice(image, [0, 0, 3, 4], [2, 5, 28, 6]))).toEqual([2, 5, 28, 6]);
  expect(shapeOf((g, image) => g.slice(image, [1, 2, 3, 4], [1, 3, 28, 6], { strides: [1, 2, 3, 4] }))).toEqual([
    ...[1, 2, 10, 2],
  ]);
  expect(shapeOf((g, image) => g.reshape(image, [31, 10, 17]))).toEqual([31, 10, 17]);
  expect(shapeOf((g, image) => g.transpose(image))).toEqual([17, 31, 5, 2]);
  expect(shapeOf((g, image) => g.transpose(image, { permutation: [0, 2, 3, 1] }))).toEqual([2, 31, 17, 5]);
  expect(shapeOf((g, image) => g.split(image, [2, 3], { axis: 1 })[1] as Value)).toEqual([2, 3, 31, 17]);
  expect(shapeOf((g, image) => g.split(image, 2)[0] as Value)).toEqual([1, 5, 31, 17]);
  expect(shapeOf((g, image) => g.expand(g.maxPool2d(image), [3, 2, 5, 4, 6]))).toEqual([3, 2, 5, 4, 6]);
  expect(shapeOf((g, image) => g.tile(image, [1, 2, 3, 4]))).toEqual([2, 10, 93, 68]);
  expect(shapeOf((g, image) => g.reverse(image, { axes: [3] }))).toEqual(IMAGE);
  expect(shapeOf((g, image) => g.depthToSpace(image, 2), [2, 12, 5, 7])).toEqual([2, 3, 10, 14]);
  expect(shapeOf((g, image) => g.spaceToDepth(image, 3), [2, 5, 6, 9])).toEqual([2, 45, 2, 3]);
  expect(shapeOf((g, image) => g.adaptiveAveragePool2d(image, [7, 40]))).toEqual([2, 5, 7, 40]);
  expect(shapeOf((g, image) => g.pad(image, [1, 2, 3, 4]))).toEqual([2, 5, 34, 24]);
  expect(shapeOf((g, image) => g.add(image, g.relu(image)))).toEqual(IMAGE);
  expect(shapeOf((g, image) => g.mul(image, g.sigmoid(g.averagePool2d(image))))).toEqual(IMAGE);
  expect(shapeOf((g, image) => g.softmax(g.hardSwish(g.hardSigmoid(g.clamp(image)))))).toEqual(IMAGE);
  const norm = (g: GraphBuilder, image: Value) =>
    g.batchNormalization(image, tensor(g, 'mean'), tensor(g, 'var'), {
      scale: tensor(g, 'weight'),
      bias: tensor(g, 'bias'),
    });
  expect(shapeOf(norm)).toEqual(IMAGE);
  const dense = (g: GraphBuilder, image: Value) =>
    g.gemm(g.flatten(g.averagePool2d(image)), g.tensor('fc.weight', [11, 5]), { bias: g.tensor('fc.bias', [11]) });
  expect(shapeOf(dense)).toEqual([2, 11]);
});

test('nodes are named after their tensors, or their op and number', () => {
  const graph = buildGraph(
    architecture('test', (g) => {
      const image = g.input('image', [1, 4, 3, 5]);
      const x = g.relu(g.conv2d(image, g.tensor('block.0.conv.weight', [4, 4, 1, 1])));
      g.output('result', g.add(x, g.averagePool2d(x, { windowDimensions: [1, 1] })));
    }),
  );
  expect(graph.nodes.map(({ name }) => name)).toEqual(['block.0.conv', 'relu.1', 'averagePool2d.2', 'add.3']);
  expect(graph.tensors).toEqual([{ name: 'block.0.conv.weight', shape: [4, 4, 1, 1] }]);
});

test('a tensor that is used twice is one tensor', () => {
  const graph = buildGraph(
    architecture('test', (g) => {
      const image = g.input('image', [1, 4, 3, 5]);
      const filter = () => g.tensor('shared.weight', [4, 4, 1, 1]);
      g.output('result', g.conv2d(g.conv2d(image, filter()), filter()));
    }),
  );
  expect(graph.tensors).toHaveLength(1);
});

const BUILDING = " - While building architecture 'test'";
const adding = (op: string, name: string) => ` - While adding ${op} '${name}'\n${BUILDING}`;

const foreign = buildGraph(architecture('other', (g) => g.output('elsewhere', g.relu(g.input('elsewhere', IMAGE)))))
  .outputs[0]?.value as Value;
const FOREIGN = JSON.stringify(foreign);

/** Name, what is wrong, the whole message. */
const mistakes: [string, (g: GraphBuilder, image: Value) => unknown, string][] = [
  [
    'input of one dimension',
    (g) => g.input('second', [3]),
    `The shape of 'second' is [3]; it should be a list of at least two positive integers.\n${BUILDING}`,
  ],
  ['two inputs of one name', (g) => g.input('image', IMAGE), `There are two inputs 'image'.\n${BUILDING}`],
  [
    'input without pixels',
    (g) => g.input('second', [1, 3, 0, 4]),
    `The shape of 'second' is [1,3,0,4]; it should be a list of at least two positive integers.\n${BUILDING}`,
  ],
  [
    'input of a broken size',
    (g) => g.input('second', [1, 3, 2.5, Number.NaN]),
    `The shape of 'second' is [1,3,2.5,"NaN"]; it should be a list of at least two positive integers.\n${BUILDING}`,
  ],
  [
    'two outputs of one name',
    (g, image) => {
      g.output('a', image);
      g.output('a', image);
    },
    `There are two outputs 'a'.\n${BUILDING}`,
  ],
  [
    'output of another network',
    (g) => g.output('a', foreign),
    `The output 'a' is ${FOREIGN}; it should be a value of this network.\n${BUILDING}`,
  ],
  [
    'tensor of two shapes',
    (g) => [g.tensor('a.weight', [1, 2]), g.tensor('a.weight', [2, 1])],
    `There are two tensors 'a.weight': {"name":"a.weight","shape":[1,2]} and {"name":"a.weight","shape":[2,1]}.\n${BUILDING}`,
  ],
  [
    'tensor of a broken shape',
    (g) => g.tensor('a.weight', [4, -1]),
    `The shape of 'a.weight' is [4,-1]; it should be a list of some positive integers.\n${BUILDING}`,
  ],
  [
    'filter of two dimensions',
    (g, image) => g.conv2d(image, g.tensor('a.weight', [8, 5])),
    `The shape of 'a.weight' is [8,5]; it should be a list of 4 positive integers.\n${adding('conv2d', 'a')}`,
  ],
  [
    'filter for other channels',
    (g, image) => g.conv2d(image, g.tensor('a.weight', [8, 6, 3, 3])),
    `The number of the filter's input channels is 6; it should be 5, as the input has 5.\n${adding('conv2d', 'a')}`,
  ],
  [
    'filter for other groups',
    (g, image) => g.conv2d(image, g.tensor('a.weight', [10, 2, 3, 3]), { groups: 5 }),
    `The number of the filter's input channels is 2; it should be 1, as the input has 5.\n${adding('conv2d', 'a')}`,
  ],
  [
    'groups that do not divide the input',
    (g, image) => g.conv2d(image, g.tensor('a.weight', [8, 2, 3, 3]), { groups: 2 }),
    `The option 'groups' is 2; it should be a divisor of the channels, 5 and 8.\n${adding('conv2d', 'a')}`,
  ],
  [
    'groups that do not divide the output',
    (g, image) => g.conv2d(image, g.tensor('a.weight', [8, 1, 3, 3]), { groups: 5 }),
    `The option 'groups' is 5; it should be a divisor of the channels, 5 and 8.\n${adding('conv2d', 'a')}`,
  ],
  [
    'groups that are no integer',
    (g, image) => g.conv2d(image, g.tensor('a.weight', [5, 2, 3, 3]), { groups: 2.5 }),
    `The option 'groups' is 2.5; it should be a positive integer.\n${adding('conv2d', 'a')}`,
  ],
  [
    'bias of another length',
    (g, image) => g.conv2d(image, g.tensor('a.weight', [8, 5, 3, 3]), { bias: g.tensor('a.bias', [7]) }),
    `The shape of 'a.bias' is [7]; it should be [8].\n${adding('conv2d', 'a')}`,
  ],
  [
    'transposed: filter of two dimensions',
    (g, image) => g.convTranspose2d(image, g.tensor('a.weight', [5, 8])),
    `The shape of 'a.weight' is [5,8]; it should be a list of 4 positive integers.\n${adding('convTranspose2d', 'a')}`,
  ],
  [
    'transposed: filter for other channels',
    (g, image) => g.convTranspose2d(image, g.tensor('a.weight', [8, 5, 3, 3])),
    `The number of the filter's input channels is 8; it should be 5, as the input has 5.\n${adding('convTranspose2d', 'a')}`,
  ],
  [
    'transposed: groups that do not divide the input',
    (g, image) => g.convTranspose2d(image, g.tensor('a.weight', [5, 2, 3, 3]), { groups: 2 }),
    `The option 'groups' is 2; it should be a divisor of the channels, 5 and 4.\n${adding('convTranspose2d', 'a')}`,
  ],
  [
    'transposed: groups that are no integer',
    (g, image) => g.convTranspose2d(image, g.tensor('a.weight', [5, 2, 3, 3]), { groups: 2.5 }),
    `The option 'groups' is 2.5; it should be a positive integer.\n${adding('convTranspose2d', 'a')}`,
  ],
  [
    'transposed: bias of one group',
    (g, image) =>
      g.convTranspose2d(image, g.tensor('a.weight', [5, 2, 3, 3]), { groups: 5, bias: g.tensor('a.bias', [2]) }),
    `The shape of 'a.bias' is [2]; it should be [10].\n${adding('convTranspose2d', 'a')}`,
  ],
  [
    'transposed: output padding as large as the stride',
    (g, image) =>
      g.convTranspose2d(image, g.tensor('a.weight', [5, 8, 3, 3]), { strides: [3, 2], outputPadding: [2, 2] }),
    `The output padding (width) is 2; it should be below 2, the larger of stride and dilation.\n${adding('convTranspose2d', 'a')}`,
  ],
  [
    'transposed: output padding as large as the dilation',
    (g, image) =>
      g.convTranspose2d(image, g.tensor('a.weight', [5, 8, 3, 3]), { dilations: [3, 2], outputPadding: [2, 2] }),
    `The output padding (width) is 2; it should be below 2, the larger of stride and dilation.\n${adding('convTranspose2d', 'a')}`,
  ],
  [
    'transposed: negative output padding',
    (g, image) => g.convTranspose2d(image, g.tensor('a.weight', [5, 8, 3, 3]), { outputPadding: [0, -1] }),
    `The option 'outputPadding' is [0,-1]; it should be a natural number, or two, for height and width.\n${adding('convTranspose2d', 'a')}`,
  ],
  [
    'transposed: padding that leaves nothing',
    (g, image) => g.convTranspose2d(image, g.tensor('a.weight', [5, 8, 3, 3]), { padding: [0, 0, 9, 10] }),
    `The padding (width) is 19; it should be below 19, to leave something.\n${adding('convTranspose2d', 'a')}`,
  ],
  [
    'transposed: dilation 0',
    (g, image) => g.convTranspose2d(image, g.tensor('a.weight', [5, 8, 3, 3]), { dilations: [0, 1] }),
    `The option 'dilations' is [0,1]; it should be a positive integer, or two, for height and width.\n${adding('convTranspose2d', 'a')}`,
  ],
  [
    'resampling to less than a pixel',
    (g, image) => g.resample2d(image, { scales: [0.5, 0.05] }),
    `The shape of 'resample2d.0' is [2,5,15,0]; it should be a list of some positive integers.\n${adding('resample2d', 'resample2d.0')}`,
  ],
  [
    'resampling by a negative factor',
    (g, image) => g.resample2d(image, { scales: [2, -1] }),
    `The option 'scales' is [2,-1]; it should be a positive number, or two, for height and width.\n - While adding resample2d to 'image'\n${BUILDING}`,
  ],
  [
    'coordinates of the nearest pixel',
    (g, image) => g.resample2d(image, { scales: [2, 2], coordinates: 'align-corners' }),
    `The option 'coordinates' is "align-corners"; it should be left out where 'mode' is not 'linear'.\n${adding('resample2d', 'resample2d.0')}`,
  ],
  [
    'window higher than the picture',
    (g, image) => g.conv2d(image, g.tensor('a.weight', [8, 5, 9, 1]), { dilations: [4, 1], padding: [0, 1, 0, 0] }),
    `The window (height) is 33; it should be at most 32, as the input with padding.\n${adding('conv2d', 'a')}`,
  ],
  [
    'window wider than the picture',
    (g, image) => g.maxPool2d(image, { windowDimensions: [2, 18] }),
    `The window (width) is 18; it should be at most 17, as the input with padding.\n${adding('maxPool2d', 'maxPool2d.0')}`,
  ],
  [
    'stride 0',
    (g, image) => g.averagePool2d(image, { windowDimensions: [2, 2], strides: [1, 0] }),
    `The option 'strides' is [1,0]; it should be a positive integer, or two, for height and width.\n${adding('averagePool2d', 'averagePool2d.0')}`,
  ],
  [
    'negative padding of a window',
    (g, image) => g.conv2d(image, g.tensor('a.weight', [8, 5, 3, 3]), { padding: [0, 0, -1, 0] }),
    `The option 'padding' is [0,0,-1,0]; it should be a natural number, or four: top, bottom, left, right.\n${adding('conv2d', 'a')}`,
  ],
  [
    'negative padding',
    (g, image) => g.pad(image, [0, 0, 0, -1]),
    `The padding is [0,0,0,-1]; it should be a natural number, or four: top, bottom, left, right.\n${adding('pad', 'pad.0')}`,
  ],
  [
    'normalization of other channels',
    (g, image) =>
      g.batchNormalization(image, g.tensor('n.mean', [5]), g.tensor('n.var', [6]), {
        scale: g.tensor('n.weight', [5]),
        bias: g.tensor('n.bias', [5]),
      }),
    `The shape of 'n.var' is [6]; it should be [5].\n${adding('batchNormalization', 'n')}`,
  ],
  [
    'dense layer on a map',
    (g, image) => g.gemm(image, g.tensor('fc.weight', [8, 5])),
    `The shape of 'image' is [2,5,31,17]; it should be a list of 2 positive integers: flatten it.\n${adding('gemm', 'fc')}`,
  ],
  [
    'dense layer with a filter of four dimensions',
    (g, image) => g.gemm(g.flatten(g.averagePool2d(image)), g.tensor('fc.weight', [8, 5, 1, 1])),
    `The shape of 'fc.weight' is [8,5,1,1]; it should be a list of 2 positive integers.\n${adding('gemm', 'fc')}`,
  ],
  [
    'dense layer for other features',
    (g, image) => g.gemm(g.flatten(g.averagePool2d(image)), g.tensor('fc.weight', [8, 6])),
    `The number of the filter's input channels is 6; it should be 5, as the input has 5.\n${adding('gemm', 'fc')}`,
  ],
  [
    'dense layer with a bias of another length',
    (g, image) =>
      g.gemm(g.flatten(g.averagePool2d(image)), g.tensor('fc.weight', [8, 5]), { bias: g.tensor('fc.bias', [5]) }),
    `The shape of 'fc.bias' is [5]; it should be [8].\n${adding('gemm', 'fc')}`,
  ],
  [
    'sum of different shapes',
    (g, image) => g.add(image, g.slice(image, [0, 0, 0, 0], [2, 5, 31, 16])),
    `The shapes [2,5,31,17] and [2,5,31,16] differ where neither has size 1.\n${adding('add', 'add.1')}`,
  ],
  [
    'product of a map and another number of channels',
    (g, image) => g.mul(g.averagePool2d(g.concat([image, image])), image),
    `The shapes [2,10,1,1] and [2,5,31,17] differ where neither has size 1.\n${adding('mul', 'mul.2')}`,
  ],
  [
    'product of a map and a vector',
    (g, image) => g.mul(image, g.flatten(g.averagePool2d(image))),
    `The shapes [2,5,31,17] and [2,5] differ where neither has size 1.\n${adding('mul', 'mul.2')}`,
  ],
  [
    'slope larger than the map',
    (g, image) => g.prelu(g.averagePool2d(image), image),
    `The shape of the slope is [2,5,31,17]; it should be as [2,5,1,1], or 1.\n${adding('prelu', 'prelu.1')}`,
  ],
  [
    'tensor of five axes and several items whose slices are not full',
    (g, image) => g.sub(g.reshape(image, [2, 5, 31, 17, 1]), g.tensor('items', [2, 5, 1, 1, 1])),
    `The shape of 'items' is [2,5,1,1,1]; it should be one of one item, or of a multiple of four channels.\n${adding('sub', 'sub.1')}`,
  ],
  [
    'clamp upside down',
    (g, image) => g.clamp(image, { minValue: 6, maxValue: 0 }),
    `The option 'minValue' is 6; it should be at most 'maxValue', 0.\n${adding('clamp', 'clamp.0')}`,
  ],
  [
    'concatenation of nothing',
    (g) => g.concat([]),
    `The list is []; it should be a list of values.\n${adding('concat', 'concat.0')}`,
  ],
  [
    'concatenation along an axis that is not there',
    (g, image) => g.concat([image, image], 4),
    `The axis is 4; it should be one of the 4 of [2,5,31,17].\n${adding('concat', 'concat.0')}`,
  ],
  [
    'concatenation of unequal ranks',
    (g, image) => g.concat([image, g.flatten(image)], 0),
    `The shapes [2,5,31,17] and [2,2635] differ in more than axis 0.\n${adding('concat', 'concat.1')}`,
  ],
  [
    'concatenation of unequal maps',
    (g, image) => g.concat([image, g.averagePool2d(image)]),
    `The shapes [2,5,31,17] and [2,5,1,1] differ in more than axis 1.\n${adding('concat', 'concat.1')}`,
  ],
  [
    'slice beyond the map',
    (g, image) => g.slice(image, [0, 0, 4, 0], [2, 5, 28, 17]),
    `The slice is {"starts":[0,0,4,0],"sizes":[2,5,28,17]}; it should be within [2,5,31,17].\n${adding('slice', 'slice.0')}`,
  ],
  [
    'slice of three numbers',
    (g, image) => g.slice(image, [0, 4, 0], [2, 5, 28, 17]),
    `The slice is {"starts":[0,4,0],"sizes":[2,5,28,17]}; it should be within [2,5,31,17].\n${adding('slice', 'slice.0')}`,
  ],
  [
    'convolution of a vector',
    (g, image) => g.conv2d(g.flatten(g.averagePool2d(image)), g.tensor('a.weight', [8, 5, 1, 1])),
    `The shape of 'flatten.1' is [2,5]; it should be a list of 4 positive integers.\n${adding('conv2d', 'a')}`,
  ],
  [
    'value of another network',
    (g, image) => g.add(image, foreign),
    `The input is ${FOREIGN}; it should be a value of this network.\n${adding('add', 'add.0')}`,
  ],
];

for (const [name, make, message] of mistakes) {
  test(`mistake: ${name}`, () => expect(errorOf((g) => make(g, g.input('image', IMAGE)))).toBe(message));
}

test('operands are broadcast', () => {
  const column = (g: GraphBuilder) => g.tensor('column', [1, 1, 31, 1]);
  expect(shapeOf((g, image) => g.sub(g.averagePool2d(image), column(g)))).toEqual([2, 5, 31, 1]);
  expect(shapeOf((g, image) => g.prelu(image, column(g)))).toEqual(IMAGE);
  expect(shapeOf((g, image) => g.max(column(g), g.averagePool2d(image)))).toEqual([2, 5, 31, 1]);
});

test('operands of fewer axes have the last ones', () => {
  expect(shapeOf((g, image) => g.sub(image, g.tensor('row', [17])))).toEqual(IMAGE);
  expect(shapeOf((g, image) => g.max(g.tensor('number', []), g.averagePool2d(image)))).toEqual([2, 5, 1, 1]);
  expect(shapeOf((g, image) => g.add(g.reduceMax(image, { axes: [0, 1] }), image))).toEqual(IMAGE);
  expect(shapeOf((g, image) => g.mul(g.flatten(g.averagePool2d(image)), g.tensor('map', [3, 1, 1])))).toEqual([
    3, 2, 5,
  ]);
});

test('sizes of what WebNN has other options for', () => {
  const ceil = { windowDimensions: 3, strides: 2, outputShapeRounding: 'ceil' } as const;
  expect(shapeOf((g, image) => g.maxPool2d(image, { ...ceil, padding: [1, 0, 0, 0] }))).toEqual([2, 5, 16, 8]);
  expect(shapeOf((g, image) => g.l2Pool2d(image, { ...ceil, outputSizes: [15, 8] }))).toEqual([2, 5, 15, 8]);
  expect(shapeOf((g, image) => g.averagePool2d(image, { layout: 'nhwc' }))).toEqual([2, 1, 1, 17]);
  expect(shapeOf((g, image) => g.averagePool2d(image, { padding: [0, 1, 2, 0] }))).toEqual([2, 5, 2, 3]);
  expect(shapeOf((g, image) => g.resample2d(image))).toEqual(IMAGE);
  expect(shapeOf((g, image) => g.resample2d(image, { sizes: [3, 4], scales: 99 }))).toEqual([2, 5, 3, 4]);
  const filter = (g: GraphBuilder) => g.tensor('a.weight', [5, 7, 3, 3]);
  expect(
    shapeOf((g, image) => g.convTranspose2d(image, filter(g), { strides: [2, 3], outputSizes: [64, 52] })),
  ).toEqual([2, 7, 64, 52]);
});

test('what is added to a dense layer for each feature is its bias', () => {
  for (const name of ['c', 'bias'] as const) {
    for (const features of [1, 8]) {
      const { nodes } = buildGraph(
        architecture('test', (g) => {
          const [filter, bias] = [g.tensor('fc.weight', [features, 5]), g.tensor('fc.bias', [features])];
          g.output('y', g.gemm(g.input('x', [2, 5]), filter, { [name]: bias }));
        }),
      );
      expect(nodes.map(({ op }) => op)).toEqual(['gemm']);
    }
  }
});

test('an option of no value is as one that is not given', () => {
  const shape = shapeOf((g, image) => {
    const [mean, variance] = [g.tensor('n.mean', [5]), g.tensor('n.variance', [5])];
    const normalized = g.batchNormalization(image, mean, variance, { axis: undefined });
    const options = { layout: undefined, outputSizes: undefined, outputShapeRounding: undefined };
    return g.l2Pool2d(g.maxPool2d(normalized, { ...options, windowDimensions: 2 }), options);
  });
  expect(shape).toEqual([2, 5, 1, 1]);
});

test('a hard sigmoid of the basic builder is that of MobileNet v3, and no other', () => {
  const build = (options: HardSigmoidOptions) =>
    buildGraph(basicArchitecture('test', [], (g) => g.output('y', g.hardSigmoid(g.input('x', [1, 4, 2, 2]), options))));
  expect(build({ alpha: 1 / 6, beta: 0.5 }).nodes).toHaveLength(1);
  expect(() => build({})).toThrow("The option 'alpha' is undefined; it should be 0.16666666666666666.");
  expect(() => build({ alpha: 1 / 6, beta: 0.25 })).toThrow("The option 'beta' is 0.25; it should be 0.5.");
});

test('a number is meant for both directions, and for all sides', () => {
  const nodesOf = (number: boolean) => {
    const pair = (n: number) => (number ? n : ([n, n] as const));
    const sides = (n: number) => (number ? n : ([n, n, n, n] as const));
    return buildGraph(
      architecture('test', (g) => {
        const image = g.input('image', IMAGE);
        const [padding, strides, dilations, outputPadding] = [sides(1), pair(2), pair(2), pair(1)];
        const filter = g.tensor('a.weight', [5, 5, 3, 3]);
        const x = g.conv2d(image, filter, { padding, strides, dilations });
        const y = g.convTranspose2d(g.pad(x, sides(2)), filter, { padding, strides, dilations, outputPadding });
        const z = g.maxPool2d(y, { windowDimensions: pair(3), padding, strides });
        const sampled = g.resample2d(g.resample2d(z, { scales: pair(1.5) }), { sizes: pair(9) });
        g.output('result', g.adaptiveAveragePool2d(g.averagePool2d(sampled, { windowDimensions: pair(2) }), pair(3)));
      }),
    ).nodes;
  };
  expect(nodesOf(true)).toEqual(nodesOf(false));
});

test('lists that are changed after the call are not what the graph holds', () => {
  const lists = { shape: [1, 4, 9, 9], strides: [1, 1], padding: [1, 1, 1, 1] };
  const build = (after: () => void) => {
    const graph = buildGraph(
      architecture('test', (g) => {
        const image = g.input('image', lists.shape);
        const { strides, padding } = lists as unknown as { strides: [number, number]; padding: Padding };
        g.output('result', g.pad(g.conv2d(image, g.tensor('a', lists.shape), { strides, padding }), padding));
        after();
      }),
    );
    return JSON.stringify(graph);
  };
  const before = build(() => {});
  expect(build(() => Object.values(lists).forEach((list) => void list.fill(3)))).toBe(before);
});

test('clamp without a bound has none', () => {
  const bounds = (options: { minValue?: number; maxValue?: number }) => {
    const [node] = buildGraph(architecture('test', (g) => g.output('y', g.clamp(g.input('x', IMAGE), options)))).nodes;
    return node;
  };
  expect(bounds({})).toEqual(bounds({ minValue: Number.NEGATIVE_INFINITY, maxValue: Number.POSITIVE_INFINITY }));
  expect(bounds({ minValue: 0 })).toMatchObject({ activation: { minValue: 0, maxValue: FLOAT_MAX } });
});

/** Whether every window along an axis has a pixel, found by looking at each. */
function allHavePixels(size: number, [before, after]: Pair, window: number, stride: number, dilation: number) {
  const taps = Array.from({ length: window }, (_, tap) => tap * dilation);
  const starts = Array.from({ length: size + before + after }, (_, window) => window * stride - before);
  const fits = (start: number) => start + (window - 1) * dilation < size + after;
  return starts.filter(fits).every((start) => taps.some((tap) => start + tap >= 0 && start + tap < size));
}

test('no window of a pool is of padding alone', () => {
  let refused = 0;
  for (const [size, before, after, window, stride, dilation] of combinations(
    [1, 2, 5],
    [0, 1, 2, 3],
    [0, 1, 2, 3],
    [1, 2, 3, 4],
    [1, 2, 3],
    [1, 2, 4],
  )) {
    const extent = (window - 1) * dilation + 1;
    if (extent > size + before + after) continue;
    const isLegal = allHavePixels(size, [before, after], window, stride, dilation);
    for (const pool of ['maxPool2d', 'averagePool2d'] as const) {
      const make = () =>
        shapeOf(
          (g, image) =>
            g[pool](image, {
              windowDimensions: [1, window],
              strides: [1, stride],
              dilations: [1, dilation],
              padding: [0, 0, before, after],
            }),
          [1, 1, 1, size],
        );
      if (isLegal) expect(make()[3]).toBe(Math.floor((size + before + after - extent) / stride) + 1);
      else expect(make).toThrow('it should be such that each window of');
      if (!isLegal) refused++;
    }
  }
  expect(refused).toBeGreaterThan(100);
});

type Six = [number, number, number, number, number, number];

function combinations(...lists: readonly (readonly number[])[]): Six[] {
  return lists.reduce<number[][]>(
    (all, list) => all.flatMap((one) => list.map((item) => [...one, item])),
    [[]],
  ) as Six[];
}

test('a value that no device binds is refused, and what is as large as one may be is planned without a list of its parts', () => {
  const large = [1, 1, 2 ** 18, 2 ** 18] as const;
  expect(errorOf((g) => g.output('result', g.relu(g.input('image', large))))).toBe(
    `The shape of 'image' is [1,1,262144,262144]; it should be one of at most 2^30 elements.\n${BUILDING}`,
  );
  expect(
    errorOf((g) => g.output('result', g.resample2d(g.input('image', IMAGE), { sizes: [2 ** 20, 2 ** 18] }))),
  ).toContain('it should be one of at most 2^30 elements');
  const long = [1, 4, 2 ** 27, 1] as const;
  const wide = [1, 2 ** 26, 1, 1] as const;
  for (const build of [
    (g: GraphBuilder) => g.conv2d(g.input('image', long), g.tensor('w', [4, 4, 3, 3]), { padding: 1 }),
    (g: GraphBuilder) => g.maxPool2d(g.input('image', long), { windowDimensions: [2, 1] }),
    (g: GraphBuilder) => g.conv2d(g.input('image', wide), g.tensor('w', [2 ** 26, 1, 1, 1]), { groups: 2 ** 26 }),
  ]) {
    const network = architecture('test', (g) => g.output('result', build(g)));
    expect(() => planFor(network)).toThrow(UnsupportedError);
  }
});

test('a window whose steps or padding lead beyond what a shader counts is refused', () => {
  const filter = (g: GraphBuilder, size: number) => g.tensor('w', [5, 5, size, size]);
  for (const build of [
    (g: GraphBuilder) => g.conv2d(g.input('image', IMAGE), filter(g, 3), { strides: 2 ** 27 }),
    (g: GraphBuilder) => g.conv2d(g.input('image', IMAGE), filter(g, 3), { padding: [65536, 0, 0, 0] }),
    (g: GraphBuilder) => g.conv2d(g.input('image', IMAGE), filter(g, 1), { dilations: [1, 65536] }),
    (g: GraphBuilder) => g.convTranspose2d(g.input('image', [1, 5, 1, 1]), filter(g, 1), { strides: 2 ** 27 }),
    (g: GraphBuilder) => g.maxPool2d(g.input('image', IMAGE), { windowDimensions: 2, strides: 65536 }),
  ]) {
    expect(errorOf((g) => g.output('result', build(g)))).toContain('one of strides, padding and dilations below 65536');
  }
  const most = (g: GraphBuilder) => g.conv2d(g.input('image', IMAGE), filter(g, 1), { dilations: 65535 });
  expect(() => buildGraph(architecture('test', (g) => g.output('result', most(g))))).not.toThrow();
});

test('mistake: no input, no output', () => {
  expect(errorOf(() => {})).toBe(`The network has no input.\n${BUILDING}`);
  expect(errorOf((g) => g.input('image', IMAGE))).toBe(`The network has no output.\n${BUILDING}`);
});

test('an error that is not about the graph leaves as it is', () => {
  const bug = new RangeError('a bug in an architecture');
  expect(() =>
    buildGraph(
      architecture('test', () => {
        throw bug;
      }),
    ),
  ).toThrow(bug);
});

function errorOf(build: (g: GraphBuilder) => unknown): string {
  try {
    buildGraph(architecture('test', (g) => void build(g)));
  } catch (error) {
    expect(error).toBeInstanceOf(ArchitectureError);
    expect((error as ArchitectureError).name).toBe('ArchitectureError');
    return (error as ArchitectureError).message;
  }
  throw new Error('Nothing was thrown.');
}
