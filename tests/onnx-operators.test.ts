// What single operators of ONNX give, computed by the oracle of our own operations: numbers by hand, after the operators'
// definitions (https://onnx.ai/onnx/operators), where versions of ours have been wrong. ONNX's own cases are in e2e/onnx.spec.ts.
import { expect, test } from 'playwright/test';
import { openOnnx } from '../architectures/onnx.ts';
import { ModelError } from '../engine/common/errors.ts';
import { type FileNode, type FileTensor, onnxFile } from './onnx-file.ts';
import { reference } from './reference.ts';

interface Given {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}
interface Rest {
  /** By names. */
  readonly constants?: Readonly<Record<string, Given>>;
  /** Numbers of shape arithmetic, by names. */
  readonly lists?: Readonly<Record<string, readonly number[]>>;
  readonly tensors?: readonly FileTensor[];
  readonly opset?: number;
}

const node = (op: string, inputs: string[], output = 'y', attributes: FileNode['attributes'] = {}): FileNode => ({
  op,
  inputs,
  outputs: [output],
  attributes,
});

/** What nodes make of inputs, as `y`. */
async function computed(
  nodes: readonly FileNode[],
  given: Readonly<Record<string, Given>>,
  { constants = {}, lists = {}, tensors = [], opset = 18 }: Rest = {},
): Promise<{ shape: readonly number[]; values: number[] }> {
  const inputs = Object.entries(given).map(([name, { shape }]) => ({ name, shape }));
  const all: FileTensor[] = [
    ...Object.entries(constants).map(([name, constant]) => ({ name, ...constant })),
    ...Object.entries(lists).map(([name, data]) => ({ name, shape: [data.length], dataType: 7, data })),
    ...tensors,
  ];
  const model = await openOnnx(onnxFile({ nodes, inputs, outputs: ['y'], tensors: all, opset }));
  const weights = new Map<string, Float32Array>();
  for (const name of model.weights.shapes.keys()) weights.set(name, await model.weights.read(name));
  const fed = Object.entries(given).map(([name, { data }]) => [name, Float32Array.from(data)]);
  const { y } = reference(model.architecture, (name) => weights.get(name)!, Object.fromEntries(fed));
  return { shape: model.outputs[0]!.shape, values: [...y!.values] };
}

const reasonOf = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => new Error('Nothing was thrown.'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ModelError);
  return (error as ModelError).unsupported[0]?.reason;
};

const x = (shape: readonly number[], ...data: number[]) => ({ x: { shape, data } });
const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const scalar = (value: number): Given => ({ shape: [], data: [value] });

test('Mean of constants alone is one', async () => {
  const nodes = [node('Mean', ['a', 'b', 'c'], 'm'), node('Add', ['x', 'm'])];
  const constants = { a: { shape: [2], data: [1, 2] }, b: scalar(3), c: { shape: [2], data: [2, 10] } };
  expect(await computed(nodes, x([2], 0, 10), { constants })).toEqual({ shape: [2], values: [2, 15] });
  expect((await computed([node('Mean', ['a'], 'm'), nodes[1]!], x([2], 0, 10), { constants })).values).toEqual([1, 12]);
});

test('MatMul of batches that are repeated in either operand', async () => {
  const given = { x: { shape: [2, 1, 1, 2], data: range(4) }, z: { shape: [1, 2, 2, 1], data: range(4) } };
  expect(await computed([node('MatMul', ['x', 'z'])], given)).toEqual({ shape: [2, 2, 1, 1], values: [5, 11, 11, 25] });
  // The longer list of batches is not the one that is repeated.
  const short = { x: { shape: [1, 1, 2], data: [1, 2] }, z: { shape: [3, 2, 1], data: range(6) } };
  expect(await computed([node('MatMul', ['x', 'z'])], short)).toEqual({ shape: [3, 1, 1], values: [5, 11, 17] });
});

test('LpPool adds the whole of a window at the edge', async () => {
  const given = x([1, 1, 3, 3], ...range(9));
  const pool = async (attributes: FileNode['attributes']) => {
    const own = { kernel_shape: [2, 2], strides: [2, 2], p: 1, ...attributes };
    const { shape, values } = await computed([node('LpPool', ['x'], 'y', own)], given);
    return { shape, values: values.map((value) => Math.round(value * 1e9) / 1e9) };
  };
  expect(await pool({ ceil_mode: 1 })).toEqual({ shape: [1, 1, 2, 2], values: [12, 9, 15, 9] });
  expect(await pool({})).toEqual({ shape: [1, 1, 1, 1], values: [12] });
  expect((await pool({ pads: [1, 1, 0, 0] })).values).toEqual([1, 5, 11, 28]);
  expect((await pool({ ceil_mode: 1, dilations: [2, 2] })).values).toEqual([20]);
});

test.describe('quantized values', () => {
  const bytes = (name: string, value: number, dataType = 2): FileTensor => ({
    ...{ name, shape: [], dataType, data: Uint8Array.of(value) },
  });
  const quantized = [bytes('zero', 10), bytes('other', 20)];
  const constants = { scale: scalar(0.5) };

  test('are padded with what an integer stands for', async () => {
    const pad = (inputs: string[], result = 'y') => [
      node('QuantizeLinear', ['x', 'scale', 'zero'], 'q'),
      node('Pad', ['q', 'pads', ...inputs], result),
    ];
    const rest = { constants, tensors: [...quantized, bytes('value', 14)], lists: { pads: [1, 0] } };
    const last = node('DequantizeLinear', ['p', 'scale', 'zero']);
    expect((await computed([...pad(['value'], 'p'), last], x([1], 3), rest)).values).toEqual([2, 3]);
    expect((await computed([...pad([], 'p'), last], x([1], 3), rest)).values).toEqual([-5, 3]);
    expect((await computed(pad(['value']), x([1], 3), rest)).values).toEqual([14, 16]);
  });

  test('are joined only where integers stand for the same', async () => {
    const join = (zero: string) =>
      computed(
        [
          node('QuantizeLinear', ['x', 'scale', 'zero'], 'a'),
          node('QuantizeLinear', ['x', 'scale', zero], 'b'),
          node('Concat', ['a', 'b'], 'c', { axis: 0 }),
          node('DequantizeLinear', ['c', 'scale', 'zero']),
        ],
        x([1], 3),
        { constants, tensors: quantized },
      );
    expect((await join('zero')).values).toEqual([3, 3]);
    expect(await reasonOf(join('other'))).toBe('its inputs are quantized in different ways');
  });

  test('have the range of the type that an attribute names', async () => {
    const quantize = (type: number) =>
      computed([node('QuantizeLinear', ['x', 'scale'], 'y', { output_dtype: type })], x([2], -100, 200), {
        ...{ constants, opset: 21 },
      });
    expect((await quantize(0)).values).toEqual([0, 255]);
    expect((await quantize(3)).values).toEqual([-128, 127]);
    expect((await quantize(4)).values).toEqual([0, 400]);
  });
});

test('Pow and Div by a number of more axes have as many', async () => {
  for (const exponent of [1, 2, 3, 0.5, -1, -0.5]) {
    const constants = { n: { shape: [1, 1, 1], data: [exponent] } };
    const { shape, values } = await computed([node('Pow', ['x', 'n'])], x([2], 4, 16), { constants });
    expect(shape).toEqual([1, 1, 2]);
    expect(values[0]).toBeCloseTo(4 ** exponent, 12);
    expect(values[1]).toBeCloseTo(16 ** exponent, 12);
  }
  const constants = { n: { shape: [1, 1, 1], data: [8] } };
  expect(await computed([node('Div', ['n', 'x'])], x([2], 4, 16), { constants })).toEqual({
    ...{ shape: [1, 1, 2], values: [2, 0.5] },
  });
});

test('ThresholdedRelu and Shrink of infinities are no NaN', async () => {
  const given = x([5], -Infinity, -2, 0.25, 2, Infinity);
  const thresholded = await computed([node('ThresholdedRelu', ['x'], 'y', { alpha: { float: 0.5 } })], given);
  expect(thresholded.values.map((value) => value + 0)).toEqual([0, 0, 0, 2, Infinity]);
  const shrink = (lambd: number) =>
    computed([node('Shrink', ['x'], 'y', { bias: { float: 1.5 }, lambd: { float: lambd } })], given);
  expect((await shrink(0.5)).values.map((value) => value + 0)).toEqual([-Infinity, -0.5, 0, 0.5, Infinity]);
  expect(await reasonOf(shrink(-1))).toBe('its threshold is -1');
});

test('normalizations have a scale and a bias for each channel', async () => {
  const one = (count: number): Given => ({ shape: [count], data: Array(count).fill(1) });
  const given = x([1, 4, 1, 1], ...range(4));
  const constants = { s3: one(3), s4: one(4), s2: one(2) };
  const instance = (scale: string, bias: string) =>
    computed([node('InstanceNormalization', ['x', scale, bias])], given, { constants });
  expect((await instance('s4', 's4')).values).toEqual([1, 1, 1, 1]);
  expect(await reasonOf(instance('s3', 's4'))).toBe("the constant 's3' has the shape [3] instead of [4]");
  const group = (scale: string) =>
    computed([node('GroupNormalization', ['x', scale, scale], 'y', { num_groups: 2 })], given, { constants });
  expect((await group('s2')).values).toHaveLength(4);
  expect(await reasonOf(group('s3'))).toBe('it has 3 scales or biases for 4 channels');
  const batch = computed([node('BatchNormalization', ['x', 's4', 's4', 's3', 's4'])], given, { constants });
  expect(await reasonOf(batch)).toBe("the constant 's3' has the shape [3] instead of [4]");
});

test('LayerNormalization repeats a scale of fewer axes, and stays behind a transposition that turns its axes', async () => {
  // Of -1 and 1 the mean is 0 and the variance 1, but for epsilon.
  const [low, high] = [-1, 1].map((value) => value / Math.sqrt(1 + 2 ** -10));
  const normalization = (input: string, scale: string) =>
    node('LayerNormalization', [input, scale], 'y', { axis: -2, epsilon: { float: 2 ** -10 } });
  const constants = { row: { shape: [2], data: [1, 10] }, all: { shape: [2, 2], data: [1, 10, 100, 1000] } };
  const given = x([1, 2, 2], -1, 1, -1, 1);
  const { values } = await computed([normalization('x', 'row')], given, { constants });
  expect(values.map((value) => value.toFixed(5))).toEqual(
    [low!, high! * 10, low!, high! * 10].map((value) => value.toFixed(5)),
  );
  const turned = [node('Transpose', ['x'], 't', { perm: [0, 2, 1] }), normalization('t', 'all')];
  const after = await computed(turned, given, { constants });
  expect(after.values.map((value) => value.toFixed(5))).toEqual(
    [low!, low! * 10, high! * 100, high! * 1000].map((value) => value.toFixed(5)),
  );
});

test('reductions over no axes still square, or take the logarithm', async () => {
  const of = async (op: string, opset = 18) =>
    (await computed([node(op, ['x'], 'y', { noop_with_empty_axes: 1 })], x([1, 2], -2, 3), { opset })).values;
  expect(await of('ReduceSumSquare')).toEqual([4, 9]);
  expect(await of('ReduceL1')).toEqual([2, 3]);
  expect(await of('ReduceL2')).toEqual([2, 3]);
  expect((await of('ReduceLogSum'))[1]).toBeCloseTo(Math.log(3), 12);
  for (const op of ['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceProd']) expect(await of(op)).toEqual([-2, 3]);
});

test.describe('ConvTranspose and Conv', () => {
  test('of a sequence, whose output_shape has all axes or one', async () => {
    const of = (shape: number[]) =>
      computed([node('ConvTranspose', ['x', 'w'], 'y', { strides: [2], output_shape: shape })], x([1, 1, 2], 1, 10), {
        constants: { w: { shape: [1, 2, 2], data: [1, 2, 3, 4] } },
      });
    const expected = { shape: [1, 2, 4], values: [1, 2, 10, 20, 3, 4, 30, 40] };
    expect(await of([4])).toEqual(expected);
    expect(await of([1, 2, 4])).toEqual(expected);
  });

  test('have a computed bias of floats, one for each channel', async () => {
    const given = (bias: number) => ({
      ...x([1, 1, 1, 1], 3),
      b: { shape: [bias], data: Array(bias).fill(10) },
    });
    const constants = { w: { shape: [1, 1, 1, 1], data: [2] } };
    const conv = node('Conv', ['x', 'w', 'b']);
    expect((await computed([conv], given(1), { constants })).values).toEqual([16]);
    expect(await reasonOf(computed([conv], given(2), { constants }))).toBe('[2] has other elements than [1, 1, 1]');
    const cast = [node('Cast', ['b'], 'i', { to: 6 }), node('Conv', ['x', 'w', 'i'])];
    expect(await reasonOf(computed(cast, given(1), { constants }))).toBe("its input 'i' is of the type int32");
  });
});

test('LogSoftmax of large numbers', async () => {
  const { values } = await computed([node('LogSoftmax', ['x'], 'y', { axis: 1 })], x([1, 2], 1000, 1000));
  for (const value of values) expect(value).toBeCloseTo(-Math.LN2, 5);
});

test('attributes of zero may have their type alone', async () => {
  const given = x([1, 2, 2], 1, -2, 3, -4);
  const reduce = node('ReduceSum', ['x', 'axes'], 'y', { keepdims: { zero: 'int' } });
  expect((await computed([reduce], given, { lists: { axes: [2] } })).shape).toEqual([1, 2]);
  const leaky = await computed([node('LeakyRelu', ['x'], 'y', { alpha: { zero: 'float' } })], given);
  expect(leaky.values.map((value) => value + 0)).toEqual([1, 0, 3, 0]);
  const clip = await computed([node('Clip', ['x'], 'y', { min: { zero: 'float' } })], given, { opset: 6 });
  expect(clip.values.map((value) => value + 0)).toEqual([1, 0, 3, 0]);
});

test.describe('what is added after another shape', () => {
  const given = x([1, 2, 2, 1], 1, 2, 3, 4);
  const constants = {
    w: { shape: [2, 2, 1, 1], data: [1, 0, 0, 1] },
    one: { shape: [2], data: [1, 1] },
    zero: { shape: [2], data: [0, 0] },
    map: { shape: [2, 1, 1], data: [10, 20] },
  };
  const made: Record<string, FileNode> = {
    Conv: node('Conv', ['x', 'w'], 'm'),
    BatchNormalization: node('BatchNormalization', ['x', 'one', 'zero', 'zero', 'one'], 'm', {
      epsilon: { zero: 'float' },
    }),
  };
  for (const [op, first] of Object.entries(made)) {
    test(`${op} is not added to its channels`, async () => {
      const nodes = [first, node('Reshape', ['m', 'shape'], 'r'), node('Add', ['r', 'map'])];
      const shape = [2, 2, 1, 1];
      const { values } = await computed(nodes, x([1, 2, 2, 1], 1, 2, 3, 4), { constants, lists: { shape } });
      expect(values).toEqual([11, 22, 13, 24]);
      expect((await computed([first, node('Add', ['m', 'map'])], given, { constants })).values).toEqual([
        11, 12, 23, 24,
      ]);
    });
  }
});

test('a deviation along another axis normalizes nothing', async () => {
  const nodes = [
    node('ReduceMean', ['x', 'axis'], 'mean'),
    node('Sub', ['x', 'mean'], 'd'),
    node('Mul', ['d', 'd'], 'squares'),
    node('ReduceMean', ['squares', 'axis'], 'variance', { keepdims: 0 }),
    node('Sqrt', ['variance'], 'deviation'),
    node('Div', ['d', 'deviation']),
  ];
  const { values } = await computed(nodes, x([2, 2], -1, 1, -10, 10), { lists: { axis: [1] } });
  expect(values).toEqual([-1, 0.1, -10, 1]);
});
