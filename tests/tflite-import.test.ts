// What a TFLite file is besides its operators: tensors of all types, quantization, layouts, what is folded at import, names,
// metadata, and what is wrong with it.
import { deflateRawSync } from 'node:zlib';
import { expect, test } from 'playwright/test';
import { record } from '../architectures/import/recorded.ts';
import { inspectTflite, openTflite } from '../architectures/tflite.ts';
import { buildGraph } from '../engine/architecture.ts';
import { LinnetError, ModelError } from '../engine/common/errors.ts';
import { planFor } from '../engine/compile.ts';
import { architecture } from '../engine/index.ts';
import { reference } from './reference.ts';
import { uniform } from './seeded.ts';
import { type TestFile, type TestOperator, type TestTensor, tfliteFile, tfliteMetadata, zipOf } from './tflite-file.ts';

/** A network of float32 tensors by name: the shapes of those that are computed, the constants, the operators. */
function network(
  shapes: Readonly<Record<string, readonly number[]>>,
  constants: readonly TestTensor[],
  operators: readonly TestOperator[],
  more: Partial<TestFile> = {},
): Uint8Array<ArrayBuffer> {
  const names = Object.keys(shapes);
  return tfliteFile({
    tensors: [...Object.entries(shapes).map(([name, shape]) => ({ name, shape })), ...constants],
    operators,
    inputs: names.slice(0, 1),
    outputs: names.slice(-1),
    ...more,
  });
}

const op = (
  operator: string,
  inputs: readonly string[],
  output: string,
  options?: TestOperator['options'],
): TestOperator => ({
  operator,
  inputs,
  outputs: [output],
  ...(options && { options }),
});

/** A 1x1 convolution. */
const pointwise = (input: string, filter: string, output: string, activation = 0, bias?: string) =>
  op('CONV_2D', bias ? [input, filter, bias] : [input, filter], output, [
    [0, 'int8', 1],
    [1, 'int32', 1],
    [2, 'int32', 1],
    [3, 'int8', activation],
  ]);

async function valuesOf(file: Uint8Array<ArrayBuffer>, input: readonly number[]): Promise<number[]> {
  const model = await openTflite(file);
  const tensors = new Map<string, Float32Array>();
  for (const name of model.weights.shapes.keys()) tensors.set(name, await model.weights.read(name));
  const given = { [model.inputs[0]!.name]: Float32Array.from(input) };
  const results = reference(model.architecture, (name) => tensors.get(name)!, given);
  return [...results[model.outputs[0]!.name]!.values];
}

test.describe('tensors', () => {
  const filters: Record<string, { tensor: Partial<TestTensor>; values: number[] }> = {
    float32: { tensor: { data: [0.5, -2] }, values: [0.5, -2] },
    float16: { tensor: { type: 'float16', data: [0x3800, 0xc000] }, values: [0.5, -2] },
    int8: { tensor: { type: 'int8', data: [-128, 127], scale: [0.5], zeroPoint: [-3] }, values: [-62.5, 65] },
    'int8 per axis': {
      tensor: { type: 'int8', data: [-2, 4], scale: [0.5, 0.25], zeroPoint: [0, 0], axis: 0 },
      values: [-1, 1],
    },
    uint8: { tensor: { type: 'uint8', data: [0, 255], scale: [0.5], zeroPoint: [128] }, values: [-64, 63.5] },
    int16: { tensor: { type: 'int16', data: [-300, 300], scale: [0.25] }, values: [-75, 75] },
    int32: { tensor: { type: 'int32', data: [-70000, 70000], scale: [0.5] }, values: [-35000, 35000] },
    // The first one is in the lower half.
    int4: { tensor: { type: 'int4', data: [0x7c], scale: [2] }, values: [-8, 14] },
  };
  for (const [name, { tensor, values }] of Object.entries(filters)) {
    test(`a filter of ${name}`, async () => {
      const file = network(
        { x: [1, 1, 1, 1], y: [1, 1, 1, 2] },
        [{ name: 'filter', shape: [2, 1, 1, 1], ...tensor }],
        [pointwise('x', 'filter', 'y')],
      );
      expect(await valuesOf(file, [2])).toEqual(values.map((value) => 2 * value));
    });
  }

  test('scales along the last axis', async () => {
    const { weights } = await openTflite(
      network(
        { x: [1, 1, 1, 2], y: [1, 1, 1, 2] },
        [{ name: 'filter', shape: [1, 1, 1, 2], type: 'int8', data: [3, 3], scale: [2, 4], axis: 3 }],
        [
          op('DEPTHWISE_CONV_2D', ['x', 'filter'], 'y', [
            [0, 'int8', 1],
            [1, 'int32', 1],
            [2, 'int32', 1],
            [3, 'int32', 1],
          ]),
        ],
      ),
    );
    expect([...(await weights.read('filter.weight'))]).toEqual([6, 12]);
  });

  test('halves behind a DEQUANTIZE are the filter', async () => {
    const file = network(
      { x: [1, 1, 1, 1], filter: [2, 1, 1, 1], y: [1, 1, 1, 2] },
      [{ name: 'halves', shape: [2, 1, 1, 1], type: 'float16', data: [0x3c00, 0x0001] }],
      [op('DEQUANTIZE', ['halves'], 'filter'), pointwise('x', 'filter', 'y')],
    );
    expect(await valuesOf(file, [1])).toEqual([1, 2 ** -24]);
    const { kernels } = planFor((await openTflite(file)).architecture);
    expect(kernels.map(({ kind }) => kind)).toEqual(['repack', 'conv2d-pointwise']);
  });

  test('sparse weights are filled up', async () => {
    // 4 x 4 in blocks of 2 x 2: of the first row of blocks the second one is stored, of the second one both are.
    const sparsity = {
      traversalOrder: [0, 1, 2, 3],
      blockMap: [0, 1],
      levels: [2, { segments: [0, 1, 3], indices: [1, 0, 1] }, 2, 2],
    };
    const stored = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    const file = network(
      { x: [1, 1, 1, 4], rows: [1, 4], y: [1, 4] },
      [
        { name: 'dense', shape: [4, 4], data: stored, sparsity },
        { name: 'shape', shape: [2], type: 'int32', data: [1, 4] },
      ],
      [op('RESHAPE', ['x', 'shape'], 'rows'), op('FULLY_CONNECTED', ['rows', 'dense'], 'y')],
    );
    const { weights } = await openTflite(file);
    expect([...(await weights.read('dense.weight'))]).toEqual([0, 0, 1, 2, 0, 0, 3, 4, 5, 6, 9, 10, 7, 8, 11, 12]);
  });
});

test.describe('quantized networks', () => {
  const x = { name: 'x', shape: [1, 1, 1, 2], type: 'uint8', scale: [0.5], zeroPoint: [128] } as const;
  const filter = {
    name: 'filter',
    shape: [2, 1, 1, 2],
    type: 'int8',
    data: [1, 0, 0, 2],
    scale: [0.5, 1],
    axis: 0,
  } as const;
  const bias = { name: 'bias', shape: [2], type: 'int32', data: [4, -4] } as const;
  const file = (y: Partial<TestTensor>, biasTensor: TestTensor = bias, activation = 0) =>
    tfliteFile({
      tensors: [x, filter, biasTensor, { name: 'y', shape: [1, 1, 1, 2], type: 'int8', ...y }],
      operators: [pointwise('x', 'filter', 'y', activation, 'bias')],
      inputs: ['x'],
      outputs: ['y'],
    });

  test('are computed with the numbers that the quantized ones stand for', async () => {
    // 3 * 0.5 + 4 * 0.25 and 3 * 2 - 4 * 0.5: what is added has the scales of what it is added to.
    expect(await valuesOf(file({ scale: [1] }), [3, 3])).toEqual([2.5, 4]);
    const scaled = { ...bias, scale: [2, 3], axis: 0 };
    expect(await valuesOf(file({ scale: [1] }, scaled), [3, 3])).toEqual([9.5, -6]);
  });

  test('keep within what a result can be', async () => {
    // From -128 + 100 to 127 + 100 sixteenths.
    const y = { scale: [1 / 16], zeroPoint: [-100] };
    expect(await valuesOf(file(y), [100, -100])).toEqual([227 / 16, -28 / 16]);
    // And at least 0.
    expect(await valuesOf(file(y, bias, 1), [100, -100])).toEqual([227 / 16, 0]);
    const { kernels } = planFor((await openTflite(file(y, bias, 1))).architecture);
    expect(kernels.map(({ kind }) => kind).filter((kind) => kind !== 'repack')).toHaveLength(1);
  });

  const map = { shape: [1, 4, 4, 2], type: 'int8', scale: [0.5], zeroPoint: [0] } as const;
  const sizes: TestTensor = { name: 'sizes', shape: [2], type: 'int32', data: [8, 8] };
  const square = [
    [0, 'int8', 1],
    [1, 'int32', 2],
    [2, 'int32', 2],
    [3, 'int32', 2],
    [4, 'int32', 2],
  ] as const;
  for (const [name, operator, shape] of [
    ['an average', op('AVERAGE_POOL_2D', ['a'], 'y', square), [1, 2, 2, 2]],
    ['a maximum', op('MAX_POOL_2D', ['a'], 'y', square), [1, 2, 2, 2]],
    ['a resized map', op('RESIZE_BILINEAR', ['a', 'sizes'], 'y'), [1, 8, 8, 2]],
    ['pixels of channels', op('SPACE_TO_DEPTH', ['a'], 'y', [[0, 'int32', 2]]), [1, 2, 2, 8]],
  ] as const) {
    test(`keep ${name} of what is kept within the same range without doing so again`, async () => {
      const activations = async (y: Partial<TestTensor>) => {
        const tensors = [{ name: 'x', ...map }, { name: 'a', ...map }, sizes, { name: 'y', ...map, ...y, shape }];
        const operators = [op('TANH', ['x'], 'a'), operator];
        const model = await openTflite(tfliteFile({ tensors, operators, inputs: ['x'], outputs: ['y'] }));
        return buildGraph(model.architecture).nodes.filter((node) => node.op === 'activation');
      };
      // The hyperbolic tangent, and what a result of another range is clamped by.
      expect(await activations({})).toHaveLength(1);
      expect(await activations({ zeroPoint: [10] })).toHaveLength(2);
    });
  }

  test('keep a batch normalization within what its sum is quantized to', async () => {
    const wide = { ...map, shape: [1, 1, 1, 2], scale: [0.25] };
    const tensors: TestTensor[] = [
      { name: 'x', ...wide, scale: [1] },
      { name: 'product', ...wide },
      { name: 'y', ...wide },
      { name: 'scale', shape: [2], type: 'int8', scale: [1], data: [2, 3] },
      { name: 'offset', shape: [2], type: 'int8', scale: [1], data: [-20, 0] },
    ];
    const opened = (activation: number) => {
      const multiply = op('MUL', ['x', 'scale'], 'product', [[0, 'int8', activation]]);
      const operators = [multiply, op('ADD', ['product', 'offset'], 'y')];
      return tfliteFile({ tensors, operators, inputs: ['x'], outputs: ['y'] });
    };
    // At most 31.75, which 2 * 20 is beyond, but not its sum.
    expect(await valuesOf(opened(0), [20, 20])).toEqual([20, 31.75]);
    const { kernels } = planFor((await openTflite(opened(0))).architecture);
    expect(kernels.filter(({ kind }) => kind !== 'repack')).toHaveLength(1);
    // What is clamped by itself is.
    expect(await valuesOf(opened(3), [20, 20])).toEqual([-14, 6]);
  });

  test('tell how a picture becomes their input', async () => {
    const picture = (shape: readonly number[], type: 'uint8' | 'int8', zeroPoint: number) =>
      tfliteFile({
        tensors: [
          { name: 'x', shape, type, scale: [1 / 128], zeroPoint: [zeroPoint] },
          { name: 'y', shape },
        ],
        operators: [op('RELU', ['x'], 'y')],
        inputs: ['x'],
        outputs: ['y'],
      });
    const preprocess = { fit: 'fill', mean: [128 / 255], std: [128 / 255] };
    expect((await openTflite(picture([1, 4, 4, 3], 'uint8', 128))).preprocess).toEqual(preprocess);
    expect((await openTflite(picture([1, 4, 4, 1], 'int8', 0))).preprocess).toEqual(preprocess);
    expect((await openTflite(picture([1, 4, 4, 2], 'int8', 0))).preprocess).toBe(undefined);
  });
});

test.describe('plans', () => {
  const weights = (name: string, shape: readonly number[]) => ({
    name,
    shape,
    data: uniform(
      name,
      shape.reduce((a, b) => a * b, 1),
    ),
  });
  const conv = (input: string, filter: string, output: string, stride: number, activation: number) =>
    op('CONV_2D', [input, filter, `${filter}/bias`], output, [
      [0, 'int8', 0],
      [1, 'int32', stride],
      [2, 'int32', stride],
      [3, 'int8', activation],
    ]);

  test('of a squeeze-excite block, hard swish, SAME padding and a flattened head are as if written by hand', async () => {
    const file = network(
      {
        ...{ x: [1, 16, 16, 3], stem: [1, 8, 8, 8], hs: [1, 8, 8, 8], mean: [1, 1, 1, 8], squeeze: [1, 1, 1, 4] },
        ...{
          excite: [1, 1, 1, 8],
          gate: [1, 1, 1, 8],
          scaled: [1, 8, 8, 8],
          project: [1, 8, 8, 4],
          rows: [1, 256],
          y: [1, 10],
        },
      },
      [
        ...[weights('c1', [8, 3, 3, 3]), weights('c1/bias', [8]), weights('c2', [4, 1, 1, 8]), weights('c2/bias', [4])],
        ...[weights('c3', [8, 1, 1, 4]), weights('c3/bias', [8]), weights('c4', [4, 1, 1, 8]), weights('c4/bias', [4])],
        ...[weights('head', [10, 256]), { name: 'axes', shape: [2], type: 'int32', data: [1, 2] } as const],
        { name: 'shape', shape: [2], type: 'int32', data: [1, -1] },
      ],
      [
        conv('x', 'c1', 'stem', 2, 0),
        op('HARD_SWISH', ['stem'], 'hs'),
        op('MEAN', ['hs', 'axes'], 'mean', [[0, 'int8', 1]]),
        conv('mean', 'c2', 'squeeze', 1, 1),
        conv('squeeze', 'c3', 'excite', 1, 0),
        op('LOGISTIC', ['excite'], 'gate'),
        op('MUL', ['hs', 'gate'], 'scaled'),
        conv('scaled', 'c4', 'project', 1, 3),
        op('RESHAPE', ['project', 'shape'], 'rows'),
        op('FULLY_CONNECTED', ['rows', 'head'], 'y'),
      ],
    );
    const byHand = architecture('by hand', (g) => {
      const layer = (
        name: string,
        shape: readonly number[],
        padding: readonly [number, number, number, number] | 0 = 0,
      ) => ({
        filter: g.tensor(`${name}.weight`, shape),
        options: { bias: g.tensor(`${name}.bias`, [shape[0]!]), padding },
      });
      const add = (input: Parameters<typeof g.conv2d>[0], { filter, options }: ReturnType<typeof layer>, strides = 1) =>
        g.conv2d(input, filter, { ...options, strides });
      const stem = g.hardSwish(add(g.input('x', [1, 3, 16, 16]), layer('c1', [8, 3, 3, 3], [0, 1, 0, 1]), 2));
      const squeezed = g.relu(add(g.averagePool2d(stem), layer('c2', [4, 8, 1, 1])));
      const gate = g.sigmoid(add(squeezed, layer('c3', [8, 4, 1, 1])));
      const projected = g.clamp(add(g.mul(stem, gate), layer('c4', [4, 8, 1, 1])), { minValue: 0, maxValue: 6 });
      g.output('y', g.gemm(g.flatten(projected), g.tensor('head.weight', [10, 256])));
    });
    const { architecture: imported } = await openTflite(file);
    expect({ ...planFor(imported), name: '' }).toEqual({ ...planFor(byHand), name: '' });
  });
});

test.describe('what is spelled out', () => {
  const map = [1, 2, 2, 4];
  const number = (name: string, value: number): TestTensor => ({ name, shape: [], data: [value] });
  const numbers = [number('half', 0.5), number('one', 1), number('three', 3), number('sixth', 1 / 6)];
  const vectors = [
    { name: 'scale', shape: [4], data: [1, -2, 0.5, 3] },
    { name: 'offset', shape: [1, 1, 1, 4], data: [0.25, 1, -1, 0] },
  ];
  const identity = Array.from({ length: 16 }, (_, index) => (index % 5 === 0 ? 1 : 0));
  const relu6 = (x: number) => Math.min(6, Math.max(0, x));
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  const fused = (kind: number): TestOperator['options'] => [[0, 'int8', kind]];

  /** What comes after a convolution that changes nothing, up to `y`. */
  const spelled: Record<
    string,
    { operators: TestOperator[]; expected: (x: number, channel: number) => number; more?: number }
  > = {
    'a hard sigmoid': {
      operators: [op('ADD', ['c', 'three'], 'a', fused(3)), op('MUL', ['a', 'sixth'], 'y')],
      expected: (x) => relu6(x + 3) / 6,
    },
    'a hard sigmoid whose sum is the bias of a convolution': {
      operators: [pointwise('c', 'filter', 'a', 3), op('MUL', ['a', 'sixth'], 'y')],
      expected: (x) => relu6(x) / 6,
      more: 1,
    },
    'a hard swish': {
      operators: [
        op('ADD', ['c', 'three'], 'a'),
        op('RELU6', ['a'], 'b'),
        op('MUL', ['c', 'b'], 'd'),
        op('MUL', ['sixth', 'd'], 'y'),
      ],
      expected: (x) => (x * relu6(x + 3)) / 6,
    },
    'a hard swish of a hard sigmoid': {
      operators: [op('ADD', ['c', 'three'], 'a', fused(3)), op('MUL', ['a', 'sixth'], 'b'), op('MUL', ['b', 'c'], 'y')],
      expected: (x) => (x * relu6(x + 3)) / 6,
    },
    'a SiLU': {
      operators: [op('LOGISTIC', ['c'], 'a'), op('MUL', ['c', 'a'], 'y')],
      expected: (x) => x * sigmoid(x),
    },
    'a linear function': {
      operators: [op('SUB', ['one', 'c'], 'a'), op('DIV', ['a', 'half'], 'y')],
      expected: (x) => (1 - x) / 0.5,
    },
    'a clamp': {
      operators: [op('MAXIMUM', ['c', 'half'], 'a'), op('MINIMUM', ['three', 'a'], 'y')],
      expected: (x) => Math.min(3, Math.max(0.5, x)),
    },
    'a clamp that is turned around': {
      operators: [op('RELU', ['c'], 'a'), op('SUB', ['one', 'a'], 'b'), op('RELU_N1_TO_1', ['b'], 'y')],
      expected: (x) => Math.max(-1, 1 - Math.max(0, x)),
      more: 1,
    },
    'another clamp of a multiple': {
      operators: [op('MUL', ['c', 'half'], 'a', fused(3)), op('SUB', ['a', 'three'], 'y')],
      expected: (x) => relu6(x / 2) - 3,
      more: 1,
    },
    'a product that is not one of a hard sigmoid': {
      operators: [op('ADD', ['c', 'one'], 'a', fused(3)), op('MUL', ['a', 'c'], 'y')],
      expected: (x) => x * relu6(x + 1),
      more: 3,
    },
    'what others read, too': {
      operators: [op('ADD', ['c', 'three'], 'a', fused(3)), op('MUL', ['a', 'half'], 'b'), op('ADD', ['a', 'b'], 'y')],
      expected: (x) => 1.5 * relu6(x + 3),
      more: 3,
    },
    'a batch normalization': {
      operators: [op('MUL', ['c', 'scale'], 'a'), op('ADD', ['a', 'offset'], 'y', fused(1))],
      expected: (x, channel) => Math.max(0, x * [1, -2, 0.5, 3][channel]! + [0.25, 1, -1, 0][channel]!),
    },
  };
  for (const [name, { operators, expected, more = 0 }] of Object.entries(spelled)) {
    test(name, async () => {
      const names = ['x', 'c', ...operators.map(({ outputs }) => outputs[0]!)];
      const file = network(
        Object.fromEntries(names.map((tensor) => [tensor, map])),
        [{ name: 'filter', shape: [4, 1, 1, 4], data: identity }, ...numbers, ...vectors],
        [pointwise('x', 'filter', 'c'), ...operators],
      );
      const x = Float32Array.from(uniform(name, 16), (value) => 8 * value);
      const actual = await valuesOf(file, [...x]);
      for (const [index, value] of x.entries())
        expect(actual[index]).toBeCloseTo(expected(value, Math.floor(index / 4)), 5);
      const { kernels } = planFor((await openTflite(file)).architecture);
      expect(kernels.filter(({ kind }) => kind !== 'repack')).toHaveLength(1 + more);
    });
  }

  test('a sum within wide bounds keeps its small numbers', async () => {
    const number = (name: string, value: number) => ({ name, shape: [], data: [value] });
    const file = network(
      { x: [1, 2], a: [1, 2], b: [1, 2], y: [1, 2] },
      [number('one', 1), number('low', -1e9), number('high', 1e9)],
      [op('ADD', ['x', 'one'], 'a'), op('MAXIMUM', ['a', 'low'], 'b'), op('MINIMUM', ['b', 'high'], 'y')],
    );
    const { architecture } = await openTflite(file);
    const calls = record(architecture).calls.map(([method]) => method);
    expect(calls).toEqual(['input', 'linear', 'clamp', 'output']);
  });

  test('padding before a pool', async () => {
    const sides: TestTensor = { name: 'sides', shape: [4, 2], type: 'int32', data: [0, 0, 1, 1, 1, 1, 0, 0] };
    const least = { name: 'least', shape: [], data: [-3.4028234663852886e38] };
    const pool = (operator: string, from: string) =>
      op(operator, [from], 'y', [
        [0, 'int8', 1],
        [1, 'int32', 2],
        [2, 'int32', 2],
        [3, 'int32', 3],
        [4, 'int32', 3],
      ]);
    const shapes = { x: [1, 4, 4, 1], r: [1, 4, 4, 1], p: [1, 6, 6, 1], y: [1, 2, 2, 1] };
    const x = [...uniform('x', 16).map(Math.fround)];
    const windows = (pixels: readonly number[], reduce: (values: number[]) => number) =>
      [0, 1, 2, 3].map((index) => {
        const [top, left] = [2 * (index >> 1) - 1, 2 * (index & 1) - 1];
        return reduce(
          Array.from({ length: 9 }, (_, at) => {
            const [row, column] = [top + Math.floor(at / 3), left + (at % 3)];
            return row < 0 || column < 0 ? Number.NaN : pixels[row * 4 + column]!;
          }),
        );
      });
    const zeros = (values: number[]) => values.map((value) => (Number.isNaN(value) ? 0 : value));
    const known = (values: number[]) => values.filter((value) => !Number.isNaN(value));
    const mean = (values: number[]) => values.reduce((total, value) => total + value, 0) / 9;
    const positive = x.map((value) => Math.max(0, value));
    const pads = {
      'zeros around what is not negative': {
        operators: [op('RELU', ['x'], 'r'), op('PAD', ['r', 'sides'], 'p'), pool('MAX_POOL_2D', 'p')],
        expected: windows(positive, (values) => Math.max(...known(values))),
        kinds: ['elementwise', 'pool2d'],
      },
      'zeros around what may be': {
        operators: [op('PAD', ['x', 'sides'], 'p'), pool('MAX_POOL_2D', 'p')],
        expected: windows(x, (values) => Math.max(...zeros(values))),
        kinds: ['pad2d', 'pool2d'],
      },
      'lowest numbers': {
        operators: [op('PADV2', ['x', 'sides', 'least'], 'p'), pool('MAX_POOL_2D', 'p')],
        expected: windows(x, (values) => Math.max(...known(values))),
        kinds: ['pool2d'],
      },
      'zeros that a mean counts': {
        operators: [op('PAD', ['x', 'sides'], 'p'), pool('AVERAGE_POOL_2D', 'p')],
        expected: windows(x, (values) => mean(zeros(values))),
        kinds: ['pool2d'],
      },
    };
    for (const [name, { operators, expected, kinds }] of Object.entries(pads)) {
      const file = network(shapes, [sides, least], operators);
      const actual = await valuesOf(file, x);
      for (const [index, value] of expected.entries()) expect(actual[index], name).toBeCloseTo(value, 9);
      const { kernels } = planFor((await openTflite(file)).architecture);
      expect(kernels.map(({ kind }) => kind).filter((kind) => kind !== 'repack')).toEqual(kinds);
    }
  });
});

test.describe('what is folded', () => {
  const int = (name: string, data: readonly number[], shape: readonly number[] = [data.length]): TestTensor => ({
    name,
    shape,
    type: 'int32',
    data,
  });

  test('shapes that are computed of shapes', async () => {
    // batch = shape(x)[0]; reshape(x, [batch, 4 * 3]).
    const file = network(
      { x: [2, 1, 1, 12], shape: [4], batch: [], features: [], sizes: [2], y: [2, 12] },
      [int('zero', [0]), int('one', [1]), int('four', [4], []), int('three', [3], [])],
      [
        op('SHAPE', ['x'], 'shape'),
        op('STRIDED_SLICE', ['shape', 'zero', 'one', 'one'], 'batch', [[4, 'int32', 1]]),
        op('MUL', ['four', 'three'], 'features'),
        op('PACK', ['batch', 'features'], 'sizes', [[0, 'int32', 2]]),
        op('RESHAPE', ['x', 'sizes'], 'y'),
      ],
    );
    const model = await openTflite(file, { sizes: { batch: 5 } });
    expect(model.outputs).toEqual([{ name: 'y', shape: [5, 12], type: 'float32' }]);
  });

  test('operators that no output needs', async () => {
    const file = network(
      { x: [1, 2, 2, 1], unused: [1, 2, 2, 1], y: [1, 2, 2, 1] },
      [],
      [op('LSTM', ['x'], 'unused'), op('RELU', ['x'], 'y')],
    );
    expect(await valuesOf(file, [1, -1, 2, -2])).toEqual([1, 0, 2, 0]);
  });

  test('a convolution between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND is a dilated one', async () => {
    const constants = [
      { name: 'filter', shape: [1, 2, 2, 1], data: [1, 10, 100, 1000] },
      int('block', [2, 2]),
      int('paddings', [1, 1, 0, 2], [2, 2]),
      int('crops', [0, 0, 0, 1], [2, 2]),
    ];
    // 4 x 4, padded to 6 x 6, is 4 maps of 3 x 3; what is left of each is 2 x 2.
    const file = network(
      { x: [1, 4, 4, 1], batches: [4, 3, 3, 1], c: [4, 2, 2, 1], r: [4, 2, 2, 1], y: [1, 4, 3, 1] },
      constants,
      [
        op('SPACE_TO_BATCH_ND', ['x', 'block', 'paddings'], 'batches'),
        pointwise('batches', 'filter', 'c'),
        op('RELU6', ['c'], 'r'),
        op('BATCH_TO_SPACE_ND', ['r', 'block', 'crops'], 'y'),
      ],
    );
    const x = uniform('x', 16);
    const at = (row: number, column: number) =>
      row < 0 || row > 3 || column > 3 ? 0 : Math.fround(x[row * 4 + column]!);
    const expected = Array.from({ length: 12 }, (_, index) => {
      const [row, column] = [Math.floor(index / 3) - 1, index % 3];
      const sum =
        at(row, column) + 10 * at(row, column + 2) + 100 * at(row + 2, column) + 1000 * at(row + 2, column + 2);
      return Math.min(6, Math.max(0, sum));
    });
    const actual = await valuesOf(file, [...x]);
    for (const [index, value] of expected.entries()) expect(actual[index]).toBeCloseTo(value, 9);
  });

  test('a file whose maps have their channels first: no kernel transposes', async () => {
    const file = network(
      { x: [1, 2, 3, 4], map: [1, 3, 4, 2], c: [1, 3, 4, 2], y: [1, 2, 3, 4] },
      [
        { name: 'filter', shape: [2, 1, 1, 2], data: [1, 0, 0, 2] },
        int('last', [0, 2, 3, 1]),
        int('first', [0, 3, 1, 2]),
      ],
      [op('TRANSPOSE', ['x', 'last'], 'map'), pointwise('map', 'filter', 'c', 1), op('TRANSPOSE', ['c', 'first'], 'y')],
    );
    const model = await openTflite(file);
    expect(model.inputs).toEqual([{ name: 'x', shape: [1, 2, 3, 4], type: 'float32' }]);
    expect(model.outputs).toEqual([{ name: 'y', shape: [1, 2, 3, 4], type: 'float32' }]);
    const x = Array.from({ length: 24 }, (_, index) => index - 5);
    expect(await valuesOf(file, x)).toEqual(x.map((value, index) => Math.max(0, index < 12 ? value : 2 * value)));
    expect(planFor(model.architecture).kernels.map(({ kind }) => kind)).toEqual([
      'repack',
      'conv2d-pointwise',
      'repack',
    ]);
  });
});

test.describe('names and metadata', () => {
  const identity = (more: Partial<TestFile>) =>
    network(
      { 'serving_default_image:0': [1, 2, 2, 3], 'StatefulPartitionedCall:0': [1, 2, 2, 3] },
      [],
      [op('RELU', ['serving_default_image:0'], 'StatefulPartitionedCall:0')],
      more,
    );

  test("are the signature's, or the tensors' without what converters add", async () => {
    const plain = await openTflite(identity({}));
    expect([plain.inputs[0]!.name, plain.outputs[0]!.name]).toEqual(['image', 'StatefulPartitionedCall']);
    const signature = {
      inputs: { picture: 'serving_default_image:0' },
      outputs: { scores: 'StatefulPartitionedCall:0' },
    };
    const signed = await openTflite(identity({ signature }));
    expect([signed.inputs[0]!.name, signed.outputs[0]!.name]).toEqual(['picture', 'scores']);
  });

  test('of two tensors that are called the same are told apart', async () => {
    const file = tfliteFile({
      tensors: [
        { name: 'x:0', shape: [1, 1, 1, 1] },
        { name: 'x:1', shape: [1, 1, 1, 1] },
        { name: '', shape: [1, 1, 1, 1] },
      ],
      operators: [op('ADD', ['x:0', 'x:1'], '')],
      inputs: ['x:0', 'x:1'],
      outputs: [''],
    });
    const { inputs, outputs } = await openTflite(file);
    expect([...inputs, ...outputs].map(({ name }) => name)).toEqual(['x', 'x_2', 'output']);
  });

  test('normalization and labels', async () => {
    const metadata = tfliteMetadata([{ mean: [127.5], std: [255] }], ['labels.txt']);
    const file = identity({ metadata });
    const labels = ['cat', 'dog', 'fish'];
    const packed = deflateRawSync('cat\r\ndog\r\nfish\r\n');
    for (const zip of [zipOf('labels.txt', 'cat\ndog\nfish\n'), zipOf('labels.txt', '', { method: 8, packed })]) {
      const model = await openTflite(Uint8Array.of(...file, ...zip));
      expect(model.labels).toEqual(labels);
      expect(model.preprocess).toEqual({ fit: 'fill', mean: [0.5], std: [1] });
    }
    expect((await openTflite(Uint8Array.of(...file, ...zipOf('others.txt', 'cat')))).labels).toBe(undefined);
    expect((await openTflite(file)).labels).toBe(undefined);
  });

  test('sizes that the file leaves open', async () => {
    const file = tfliteFile({
      tensors: [
        { name: 'x', shape: [1, 1, 1, 3], signature: [-1, -1, -1, 3] },
        { name: 'y', shape: [1, 1, 1, 3], signature: [-1, -1, -1, 3] },
      ],
      operators: [op('RELU', ['x'], 'y')],
      inputs: ['x'],
      outputs: ['y'],
    });
    expect((await refusalOf(file)).message).toContain("the option 'sizes' should give: height, width.");
    expect((await openTflite(file, { sizes: { height: 1, width: 4 } })).outputs[0]!.shape).toEqual([1, 3, 1, 4]);
    const sized = await openTflite(file, { sizes: { batch: 2, height: 5, width: 7 } });
    expect(sized.inputs[0]!.shape).toEqual([2, 3, 5, 7]);
    expect(sized.outputs[0]!.shape).toEqual([2, 3, 5, 7]);
  });
});

const refusalOf = async (file: Uint8Array<ArrayBuffer>): Promise<ModelError> => {
  const error = await openTflite(file).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ModelError);
  return error as ModelError;
};

test.describe('refusals', () => {
  test('list all nodes that cannot be computed, with names, operators and reasons', async () => {
    const map = [1, 4, 4, 2];
    const file = network(
      { x: map, a: map, b: map, c: map, filter: [2, 1, 1, 2], d: map, y: map },
      [],
      [
        op('TOPK_V2', ['x'], 'a'),
        op('RELU', ['a'], 'b'),
        op('MaxUnpooling2D', ['b'], 'c'),
        op('RELU', ['x'], 'filter'),
        pointwise('x', 'filter', 'd'),
        op('ADD', ['c', 'd'], 'y'),
      ],
    );
    const error = await refusalOf(file);
    expect(error.unsupported).toEqual([
      { name: 'a', operator: 'TOPK_V2', reason: 'Linnet has no such operator' },
      { name: 'c', operator: 'MaxUnpooling2D', reason: 'it needs to know where each maximum was' },
      { name: 'd', operator: 'CONV_2D', reason: 'its filter is computed' },
    ]);
    const { operators, unsupported, inputs, outputs, parameters } = await inspectTflite(file);
    expect(unsupported).toEqual(error.unsupported);
    expect(operators).toEqual({ TOPK_V2: 1, RELU: 2, MaxUnpooling2D: 1, CONV_2D: 1, ADD: 1 });
    expect([inputs, outputs, parameters]).toEqual([
      [{ name: 'x', shape: [1, 2, 4, 4], type: 'float32' }],
      [{ name: 'y', shape: [1, 2, 4, 4], type: 'float32' }],
      0,
    ]);
    expect(error.message).toContain(
      "Linnet cannot compute 3 nodes of 'tflite': 'a' (TOPK_V2): Linnet has no such operator; ",
    );
  });

  test('of custom operators and reasons whose names every object has', async () => {
    for (const name of ['toString', 'constructor', '__proto__']) {
      const file = network({ x: [1, 2], y: [1, 2] }, [], [op(name, ['x'], 'y')]);
      expect((await refusalOf(file)).unsupported).toEqual([
        { name: 'y', operator: name, reason: 'Linnet has no such custom operator' },
      ]);
    }
  });

  test('of a cast of what is quantized', async () => {
    const file = tfliteFile({
      tensors: [
        { name: 'x', shape: [1, 2], type: 'uint8', scale: [0.5], zeroPoint: [3] },
        { name: 'y', shape: [1, 2] },
      ],
      operators: [op('CAST', ['x'], 'y')],
      inputs: ['x'],
      outputs: ['y'],
    });
    expect((await refusalOf(file)).unsupported).toEqual([
      { name: 'y', operator: 'CAST', reason: 'its input is quantized' },
    ]);
  });

  test('of what the graph cannot have, among others', async () => {
    const map = [1, 2, 2, 1];
    const wide = [
      [0, 'int8', 1],
      [1, 'int32', 1],
      [2, 'int32', 1],
      [3, 'int32', 2],
      [4, 'int32', 9],
    ] as const;
    const file = network(
      { x: map, a: map, y: map },
      [],
      [op('AVERAGE_POOL_2D', ['x'], 'a', wide), op('TOPK_V2', ['a'], 'y')],
    );
    const { unsupported } = await inspectTflite(file);
    expect(unsupported).toEqual([
      {
        name: 'a',
        operator: 'AVERAGE_POOL_2D',
        reason: 'The window (height) is 9; it should be at most 2, as the input with padding',
      },
      { name: 'y', operator: 'TOPK_V2', reason: 'Linnet has no such operator' },
    ]);
    expect((await refusalOf(file)).unsupported).toEqual(unsupported);
  });

  test('of a product of constants', async () => {
    const file = network(
      { x: [2, 2], m: [2, 2], y: [2, 2] },
      [{ name: 'a', shape: [2, 2], data: [1, 2, 3, 4] }],
      [op('BATCH_MATMUL', ['a', 'a'], 'm'), op('ADD', ['x', 'm'], 'y')],
    );
    expect((await refusalOf(file)).unsupported).toEqual([
      { name: 'm', operator: 'BATCH_MATMUL', reason: "its input 'a' is a constant" },
    ]);
  });

  const broken: Record<string, [file: Uint8Array<ArrayBuffer>, message: RegExp]> = {
    'an empty file': [new Uint8Array(), /lacks the identifier/],
    'another format': [new TextEncoder().encode('<!doctype html><html></html>'), /lacks the identifier/],
    'a filter of other channels': [
      network(
        { x: [1, 2, 2, 3], y: [1, 2, 2, 1] },
        [{ name: 'f', shape: [1, 1, 1, 2], data: [1, 1] }],
        [pointwise('x', 'f', 'y')],
      ),
      /The filter has 2 input channels; the input has 3\.\n - While importing CONV_2D 'y'/,
    ],
    'an axis of two that is squeezed': [
      network({ x: [1, 2, 1, 3], y: [2, 1, 3] }, [], [op('SQUEEZE', ['x'], 'y', [[0, 'int32s', [0, 1]]])]),
      /The shape \[1, 2, 1, 3\] cannot become \[1, 3\]/,
    ],
    'a constant that is too short': [
      network(
        { x: [1, 2, 2, 1], y: [1, 2, 2, 1] },
        [{ name: 'f', shape: [1, 1, 1, 1], data: [1, 1] }],
        [pointwise('x', 'f', 'y')],
      ),
      /'f' has 8 bytes instead of 4/,
    ],
    'a tensor that nothing computes': [
      network({ x: [1, 2, 2, 1], z: [1, 2, 2, 1], y: [1, 2, 2, 1] }, [], [op('RELU', ['z'], 'y')]),
      /Nothing computes the tensor 'z'/,
    ],
    'too many elements': [
      network({ x: [1, 2 ** 20, 2 ** 20, 1], y: [1, 2, 2, 1] }, [], [op('RELU', ['x'], 'y')]),
      /The shape of 'x' is \[1, 1048576, 1048576, 1\]/,
    ],
    'a file cut short': [
      network({ x: [1, 2, 2, 1], y: [1, 2, 2, 1] }, [], [op('RELU', ['x'], 'y')]).slice(0, 150),
      /The file refers to bytes/,
    ],
  };
  for (const [name, [file, message]] of Object.entries(broken)) {
    test(name, async () => expect((await refusalOf(file)).message).toMatch(message));
  }

  test('a few bytes that stand for many', async () => {
    // The same table 20,000 times, of 16 KB: together they would be 320 MB.
    const long = { name: 'x', shape: Array(4000).fill(1) };
    const file = tfliteFile({ tensors: [long], operators: [], inputs: [], outputs: [], repetitions: 20_000 });
    const begin = performance.now();
    expect((await refusalOf(file)).message).toMatch(/The file refers to the same bytes over and over/);
    expect(performance.now() - begin).toBeLessThan(1000);
  });
});

test.describe('10,000 mutated files', () => {
  const weights = (name: string, shape: readonly number[], type: 'float32' | 'int8' = 'float32'): TestTensor => {
    const values = uniform(
      name,
      shape.reduce((a, b) => a * b, 1),
    );
    return {
      name,
      shape,
      type,
      ...(type === 'int8' && { scale: [0.01] }),
      data: type === 'int8' ? values.map((value) => value * 100) : values,
    };
  };
  const int = (name: string, data: readonly number[], shape: readonly number[] = [data.length]): TestTensor => ({
    name,
    shape,
    type: 'int32',
    data,
  });
  const files = [
    network(
      { x: [1, 6, 6, 3], c: [1, 3, 3, 4], d: [1, 3, 3, 4], m: [1, 1, 1, 4], y: [1, 4] },
      [weights('f', [4, 3, 3, 3]), weights('g', [1, 3, 3, 4], 'int8'), int('axes', [1, 2]), int('shape', [1, -1])],
      [
        op('CONV_2D', ['x', 'f'], 'c', [
          [0, 'int8', 0],
          [1, 'int32', 2],
          [2, 'int32', 2],
          [3, 'int8', 3],
        ]),
        op('DEPTHWISE_CONV_2D', ['c', 'g'], 'd', [
          [0, 'int8', 0],
          [1, 'int32', 1],
          [2, 'int32', 1],
          [3, 'int32', 1],
        ]),
        op('MEAN', ['d', 'axes'], 'm', [[0, 'int8', 1]]),
        op('RESHAPE', ['m', 'shape'], 'y'),
      ],
      { metadata: tfliteMetadata([{ mean: [0], std: [255] }], ['labels.txt']) },
    ),
    network(
      { x: [1, 4, 4, 2], a: [1, 8, 8, 2], b: [1, 4, 4, 2], c: [1, 4, 4, 4], y: [1, 2, 8, 4] },
      [
        weights('f', [2, 2, 2, 2]),
        int('size', [1, 8, 8, 2]),
        int('begin', [0, 0, 0, 0]),
        int('end', [1, 8, 8, 2]),
        int('steps', [1, 2, 2, 1]),
        int('sizes', [1, 2, 8, 4]),
      ],
      [
        op('TRANSPOSE_CONV', ['size', 'f', 'x'], 'a', [
          [0, 'int8', 0],
          [1, 'int32', 2],
          [2, 'int32', 2],
        ]),
        op('STRIDED_SLICE', ['a', 'begin', 'end', 'steps'], 'b'),
        op('CONCATENATION', ['b', 'x'], 'c', [[0, 'int32', 3]]),
        op('RESHAPE', ['c', 'sizes'], 'y'),
      ],
    ),
    network(
      {
        x: [1, 8, 8, 4],
        s: [4, 4, 4, 4],
        c: [4, 4, 4, 4],
        b: [1, 8, 8, 4],
        p: [1, 9, 8, 7],
        r: [1, 18, 16, 7],
        y: [1, 18, 16],
      },
      [
        weights('f', [4, 1, 1, 4]),
        int('block', [2, 2]),
        int('none', [0, 0, 0, 0], [2, 2]),
        int('sides', [0, 0, 1, 0, 0, 0, 0, 3], [4, 2]),
        int('size', [18, 16]),
        int('axis', [-1], []),
      ],
      [
        op('SPACE_TO_BATCH_ND', ['x', 'block', 'none'], 's'),
        pointwise('s', 'f', 'c', 1),
        op('BATCH_TO_SPACE_ND', ['c', 'block', 'none'], 'b'),
        op('PAD', ['b', 'sides'], 'p'),
        op('RESIZE_BILINEAR', ['p', 'size'], 'r', [[3, 'int8', 1]]),
        op('ARG_MAX', ['r', 'axis'], 'y'),
      ],
    ),
  ];

  for (const [index, file] of files.entries()) {
    test(`of network ${index} end in a typed error or a network`, async () => {
      await openTflite(file);
      let opened = 0;
      for (let seed = 0; seed < 3334; seed++) {
        const mutated = mutate(file, index * 10_000 + seed);
        const begin = performance.now();
        try {
          const model = await openTflite(mutated);
          planFor(model.architecture);
          for (const name of model.weights.shapes.keys()) await model.weights.read(name);
          opened++;
        } catch (error) {
          if (!(error instanceof LinnetError)) throw new Error(`Seed ${seed} ends in ${(error as Error)?.stack}`);
        }
        expect(performance.now() - begin, `time for seed ${seed}`).toBeLessThan(1500);
      }
      // Some mutations change but a number, or a name.
      expect(opened).toBeGreaterThan(100);
      expect(opened).toBeLessThan(3000);
    });
  }
});

/** One to four changes: a bit, a byte, a 32-bit number that is likely to hurt, a cut, a piece from elsewhere. */
function mutate(file: Uint8Array<ArrayBuffer>, seed: number): Uint8Array<ArrayBuffer> {
  const numbers = uniform(`mutation ${seed}`, 16);
  let next = 0;
  const below = (limit: number) => Math.floor(((numbers[next++]! + 1) / 2) * limit);
  let result = file.slice();
  const hurting = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 16, 255, file.length];
  for (let count = 1 + below(4); count > 0; count--) {
    const view = new DataView(result.buffer);
    const at = below(result.length - 4);
    const kind = below(16);
    if (kind < 6) result[at] = result[at]! ^ (1 << below(8));
    else if (kind < 10) result[at] = below(256);
    else if (kind < 14) view.setInt32(at & ~3, hurting[below(hurting.length)]!, true);
    else if (kind < 15) result.copyWithin(at, below(result.length - 4), below(result.length));
    else result = result.slice(0, Math.max(8, result.length - below(200)));
  }
  return result;
}
