// What an ONNX file becomes: its tensors, its open sizes, what cannot be computed, and the calls of the builder.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'playwright/test';
import { readTensor } from '../architectures/import/onnx/file.ts';
import { decodeTensor } from '../architectures/import/onnx/tensor.ts';
import { inspectOnnx, type OnnxModel, type OnnxOptions, openOnnx } from '../architectures/onnx.ts';
import { InputError, LinnetError, ModelError } from '../engine/common/errors.ts';
import { planFor } from '../engine/compile.ts';
import { GraphBuilder } from '../engine/graph/graph-builder.ts';
import { type FileModel, type FileNode, type FileTensor, onnxFile, writeTensor } from './onnx-file.ts';
import { reference } from './reference.ts';
import { uniform } from './seeded.ts';

const node = (op: string, inputs: string[], output: string, attributes: FileNode['attributes'] = {}): FileNode => ({
  op,
  inputs,
  outputs: [output],
  attributes,
});
const scalar = (name: string, value: number): FileTensor => ({ name, shape: [], data: [value] });
const list = (name: string, values: readonly number[]): FileTensor => ({
  name,
  shape: [values.length],
  dataType: 7,
  data: values,
});
const filled = (name: string, shape: readonly number[]): FileTensor => ({
  name,
  shape,
  data: uniform(
    name,
    shape.reduce((product, size) => product * size, 1),
  ).map((value) => Math.fround(value)) as unknown as number[],
});

const image = { name: 'x', shape: [1, 4, 6, 8] } as const;

/** A model of nodes from `x` to `y`. */
const model = (nodes: readonly FileNode[], rest: Partial<FileModel> = {}): FileModel => ({
  nodes,
  inputs: [image],
  outputs: ['y'],
  ...rest,
});
const open = (given: FileModel, options?: OnnxOptions) => openOnnx(onnxFile(given), options);
const failure = async (
  promise: Promise<unknown>,
  kind: abstract new (...given: never[]) => LinnetError = ModelError,
) => {
  const error = await promise.then(
    () => new Error('Nothing was thrown.'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(kind);
  return error as ModelError;
};

/** The methods of the builder that a model calls, but for tensors, inputs and outputs. */
function callsOf({ architecture }: OnnxModel): string[] {
  const called: string[] = [];
  const noted = new Proxy(new GraphBuilder('noted'), {
    get(own, method) {
      if (!/^(input|output|tensor|constant)$/.test(String(method))) called.push(String(method));
      return Reflect.get(own, method).bind(own);
    },
  });
  architecture.build(noted);
  return called;
}
const callsFor = async (nodes: readonly FileNode[], rest: Partial<FileModel> = {}) =>
  callsOf(await open(model(nodes, rest)));

test.describe('tensors', () => {
  const bits = {
    1: [new Float32Array([1.5, -2, 0]), [1.5, -2, 0]],
    2: [new Uint8Array([0, 255, 7]), [0, 255, 7]],
    3: [new Int8Array([-128, 127, 7]), [-128, 127, 7]],
    4: [new Uint16Array([65535, 1, 0]), [65535, 1, 0]],
    5: [new Int16Array([-32768, 1, 0]), [-32768, 1, 0]],
    6: [new Int32Array([-(2 ** 31), 1, 0]), [-(2 ** 31), 1, 0]],
    7: [new BigInt64Array([-5n, 2n ** 40n, 0n]), [-5, 2 ** 40, 0]],
    9: [new Uint8Array([1, 0, 1]), [1, 0, 1]],
    10: [new Uint16Array([0x3c00, 0xc000, 0x0001]), [1, -2, 2 ** -24]],
    11: [new Float64Array([1e300, -2, 0]), [1e300, -2, 0]],
    12: [new Uint32Array([2 ** 32 - 1, 1, 0]), [2 ** 32 - 1, 1, 0]],
    13: [new BigUint64Array([2n ** 40n, 1n, 0n]), [2 ** 40, 1, 0]],
    16: [new Uint16Array([0x3f80, 0xc000, 0x7f80]), [1, -2, Number.POSITIVE_INFINITY]],
    21: [new Uint8Array([0x2f, 0x07]), [15, 2, 7]],
    22: [new Uint8Array([0x2f, 0x07]), [-1, 2, 7]],
  } as const;
  const decode = (tensor: FileTensor) => {
    const bytes = writeTensor(tensor).finish();
    return decodeTensor(readTensor(bytes), () => new Uint8Array());
  };

  for (const [dataType, [stored, values]] of Object.entries(bits)) {
    test(`of the type ${dataType} are read, from bytes at any address`, () => {
      const data = new Uint8Array(stored.buffer);
      const tensor = { name: 'a'.repeat(Number(dataType) % 5), shape: [3], dataType: Number(dataType), data };
      expect([...decode(tensor).read()]).toEqual(values);
    });
  }

  const typed: [number, number, readonly number[], readonly number[]][] = [
    [1, 4, [1.5, -2, 0], [1.5, -2, 0]],
    [11, 10, [1e300, -2, 0], [1e300, -2, 0]],
    [6, 5, [-5, 1, 0], [-5, 1, 0]],
    [3, 5, [-128, 1, 0], [-128, 1, 0]],
    [2, 5, [255, 1, 0], [255, 1, 0]],
    [10, 5, [0x3c00, 0xc000, 1], [1, -2, 2 ** -24]],
    [16, 5, [0x3f80, 0xc000, 0], [1, -2, 0]],
    [9, 5, [1, 0, 1], [1, 0, 1]],
    [7, 7, [-5, 2 ** 40, 0], [-5, 2 ** 40, 0]],
    [12, 11, [2 ** 32 - 1, 1, 0], [2 ** 32 - 1, 1, 0]],
    [13, 11, [2 ** 40, 1, 0], [2 ** 40, 1, 0]],
  ];
  for (const [dataType, field, numbers, values] of typed) {
    test(`of the type ${dataType} are read from field ${field}`, () => {
      expect([...decode({ shape: [3], dataType, typed: { field, numbers } }).read()]).toEqual(values);
    });
  }

  test('with fewer or more bytes than their shape are refused', () => {
    for (const size of [2, 4, 2 ** 40]) {
      const bytes = writeTensor({ name: 'w', shape: [size], data: new Uint8Array(12) }).finish();
      expect(() => decodeTensor(readTensor(bytes), () => new Uint8Array())).toThrow(
        `Tensor 'w' has 12 bytes instead of ${size * 4}.`,
      );
    }
  });

  test('that are weights are views of the file', async () => {
    const file = onnxFile(model([node('Conv', ['x', 'w'], 'y')], { tensors: [filled('w', [4, 4, 1, 1])] }));
    let views = 0;
    for (let shift = 0; shift < 4; shift++) {
      const bytes = new Uint8Array(file.length + shift).subarray(shift);
      bytes.set(file);
      const { weights } = await openOnnx(bytes);
      const read = await weights.read('w');
      expect([...read]).toEqual([...uniform('w', 16)].map(Math.fround));
      views += Number(read.buffer === bytes.buffer);
    }
    // Floats have to lie at a multiple of four.
    expect(views).toBe(1);
  });
});

test.describe('open sizes', () => {
  const relu = (shape: readonly (number | string)[]) =>
    model([node('Relu', ['x'], 'y')], { inputs: [{ name: 'x', shape }] });
  const shapeOf = async (shape: readonly (number | string)[], sizes: Record<string, number>) =>
    (await open(relu(shape), { sizes })).outputs[0]?.shape;

  test('are bound by their names, or by what they are of a picture', async () => {
    expect(await shapeOf(['N', 3, 'H', 'W'], { N: 2, H: 5, W: 6 })).toEqual([2, 3, 5, 6]);
    expect(await shapeOf(['N', 3, 'H', 'W'], { batch: 2, height: 5, width: 6 })).toEqual([2, 3, 5, 6]);
    expect(await shapeOf([0, 3, 0, 0], { batch: 2, height: 5, width: 6 })).toEqual([2, 3, 5, 6]);
    expect(await shapeOf(['N', 'H', 'W', 3], { batch: 2, height: 5, width: 6 })).toEqual([2, 5, 6, 3]);
    expect(await shapeOf(['N', 3, 224, 224], { batch: 1, height: 224, width: 224 })).toEqual([1, 3, 224, 224]);
    expect(await shapeOf([1, 0, 4, 4], { 'x.1': 7 })).toEqual([1, 7, 4, 4]);
  });

  test('that nobody bound are all listed', async () => {
    const { message } = await failure(open(relu(['N', 3, 'H', 0])));
    expect(message).toMatch(/^The file leaves sizes open, which the option 'sizes' should give: 'N', 'H', 'width'\./);
  });

  test('that are wrong are refused', async () => {
    const refused = async (sizes: object) =>
      (await failure(open(relu(['N', 3, 4, 4]), { sizes } as OnnxOptions), InputError)).message;
    expect(await refused({ N: 0 })).toContain("The size 'N' is 0; it should be a positive integer.");
    const unknown = openOnnx(onnxFile(relu([1, 3, 4, 4])), { size: {} } as OnnxOptions);
    expect((await failure(unknown, InputError)).message).toContain(
      "There is no option 'size'; there are sizes, constants",
    );
    expect(await refused({ N: 1, n: 1 })).toContain("There is no size 'n'");
    expect(await refused({ N: 1, height: 5 })).toContain("The size 'height' is 5, and axis 2 of the input 'x' has 4.");
  });
});

test.describe('data in other files', () => {
  const external = (more: Record<string, string>): FileModel =>
    model([node('Conv', ['x', 'w'], 'y')], {
      tensors: [{ name: 'w', shape: [2, 4, 1, 1], external: { location: 'sub/weights.bin', ...more } }],
    });
  const data = new File([Float32Array.from({ length: 10 }, (_, index) => index)], 'weights.bin');
  const openFiles = (given: FileModel, ...others: File[]) =>
    openOnnx([...others, new File([Uint8Array.from(onnxFile(given))], 'model.onnx')]);

  test('are found by name', async () => {
    const { weights } = await openFiles(external({ offset: '8', length: '32' }), new File(['?'], 'other.bin'), data);
    expect([...(await weights.read('w'))]).toEqual([2, 3, 4, 5, 6, 7, 8, 9]);
    const { weights: whole } = await openFiles(external({}), data);
    expect([...(await whole.read('w'))]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('that are missing, cut short or elsewhere are named', async () => {
    expect((await failure(openFiles(external({})))).message).toContain("which are missing: 'sub/weights.bin'.");
    const alone = (await failure(open(external({})))).message;
    expect(alone).toContain("which are missing: 'sub/weights.bin'. Give them in one list with the model.");
    const short = openFiles(external({ offset: '16' }), data);
    expect((await failure(short)).message).toContain("'sub/weights.bin' ends before the 32 bytes of Tensor 'w' at 16.");
    for (const location of ['../weights.bin', 'https://example.com/weights.bin', 'a\\weights.bin']) {
      expect((await failure(openFiles(external({ location }), data))).message).toContain('which is no path from here');
    }
    expect((await failure(openFiles(external({ offset: '-1' }), data))).message).toContain("'-1' as its offset");
  });

  test('need one model among them', async () => {
    expect((await failure(openOnnx([]), InputError)).message).toContain('there should be one');
  });
});

test.describe('what cannot be computed', () => {
  test('is listed whole', async () => {
    const broken = model(
      [
        { ...node('Conv', ['x', 'w3'], 'a'), name: 'third' },
        node('LSTM', ['a'], 'b'),
        node('Relu', ['b'], 'c'),
        { ...node('Fused', ['c'], 'd'), domain: 'com.microsoft' },
        { ...node('Conv', ['d', 'w3'], 'e'), name: 'again' },
        node('constructor', ['e'], 'y'),
      ],
      { tensors: [filled('w3', [2, 4, 1, 1, 1])] },
    );
    const error = await failure(open(broken));
    const reason = 'it is 3-dimensional; there are kernels for one and two dimensions';
    expect(error.unsupported).toEqual([
      { name: 'third', operator: 'Conv', reason },
      { name: 'b', operator: 'LSTM', reason: 'Linnet has no such operator' },
      { name: 'd', operator: 'com.microsoft.Fused', reason: "Linnet has no operators of 'com.microsoft'" },
      { name: 'again', operator: 'Conv', reason },
      { name: 'y', operator: 'constructor', reason: 'Linnet has no such operator' },
    ]);
    expect(error.message).toMatch(/^Linnet cannot compute 5 nodes of 'small': 'third' \(Conv\): it is 3-dim/);
    const { unsupported, operators, parameters, inputs } = await inspectOnnx(onnxFile(broken));
    expect(unsupported).toEqual(error.unsupported);
    expect(operators).toEqual({ Conv: 2, LSTM: 1, Relu: 1, Fused: 1, constructor: 1 });
    expect(parameters).toBe(8);
    expect(inputs).toEqual([{ ...image, type: 'float32' }]);
  });

  test('has a reason of its own', async () => {
    const reasonOf = async (nodes: FileNode[], rest: Partial<FileModel> = {}) =>
      (await failure(open(model(nodes, rest)))).unsupported[0]?.reason;
    expect(await reasonOf([node('Conv', ['x', 'x'], 'y')])).toBe("its input 'x' is not constant");
    expect(await reasonOf([node('Reshape', ['x', 'n'], 'y')], { tensors: [list('n', [7, -1])] })).toBe(
      '[1, 4, 6, 8] cannot be reshaped to [7, -1]',
    );
    expect(await reasonOf([node('Relu', ['?'], 'y')])).toBe("its input '?' is made by no node before it");
    expect(await reasonOf([node('Conv', ['x', 'w'], 'y')], { tensors: [filled('w', [4, 3, 1, 1])] })).toBe(
      "The number of the filter's input channels is 3; it should be 4, as the input has 4",
    );
    expect(await reasonOf([node('Where', ['x', 'x', 'x'], 'y')])).toBe('Linnet computes it of constants only');
    expect(
      await reasonOf([node('Resize', ['x', '', 's'], 'y', { mode: 'area' })], { tensors: [filled('s', [4])] }),
    ).toBe("its attribute 'mode' is 'area'");
  });
});

test('a file says what it is', async () => {
  const nodes = [node('Conv', ['x', 'w'], 'a'), node('Relu', ['a'], 'y')];
  const tensors = [filled('w', [3, 4, 3, 3])];
  const opened = await open(model(nodes, { tensors, opset: 13, metadata: { author: 'nobody' } }));
  expect(opened).toMatchObject({
    name: 'small',
    producer: 'tests',
    opset: 13,
    metadata: { author: 'nobody' },
    inputs: [{ name: 'x', shape: [1, 4, 6, 8], type: 'float32' }],
    outputs: [{ name: 'y', shape: [1, 3, 4, 6], type: 'float32' }],
    operators: { Conv: 1, Relu: 1 },
    parameters: 108,
  });
});

test.describe('spelled out in several nodes', () => {
  const constants = [scalar('3', 3), scalar('0', 0), scalar('6', 6), scalar('1', 1), scalar('0.5', 0.5)];
  const gate = [node('Add', ['x', '3'], 'a'), node('Clip', ['a', '0', '6'], 'g')];
  const sixth = scalar('1/6', 1 / 6);
  const root = scalar('root', Math.SQRT2);
  const erf = [node('Div', ['x', 'root'], 'a'), node('Erf', ['a'], 'b'), node('Add', ['b', '1'], 'g')];
  const spelled: Record<string, [readonly FileNode[], string[]]> = {
    'hard-swish, divided at the end': [
      [...gate, node('Mul', ['x', 'g'], 'm'), node('Div', ['m', '6'], 'y')],
      ['hardSwish'],
    ],
    'hard-swish, its gate divided': [
      [...gate, node('Div', ['g', '6'], 'd'), node('Mul', ['x', 'd'], 'y')],
      ['hardSwish'],
    ],
    'hard-swish, its input divided': [
      [...gate, node('Mul', ['x', '1/6'], 'd'), node('Mul', ['d', 'g'], 'y')],
      ['hardSwish'],
    ],
    'hard-swish of HardSigmoid': [
      [node('HardSigmoid', ['x'], 'g', { alpha: { float: 1 / 6 } }), node('Mul', ['g', 'x'], 'y')],
      ['hardSwish'],
    ],
    'hard-sigmoid': [[...gate, node('Mul', ['g', '1/6'], 'y')], ['hardSigmoid']],
    // Its sum is the bias of what comes before.
    'hard-sigmoid of x - 3': [[node('Clip', ['x', '0', '6'], 'c'), node('Div', ['c', '6'], 'y')], ['hardSigmoid']],
    SiLU: [[node('Sigmoid', ['x'], 'g'), node('Mul', ['x', 'g'], 'y')], ['silu']],
    'SiLU of a multiple': [
      [node('Mul', ['x', '3'], 'm'), node('Sigmoid', ['m'], 'g'), node('Mul', ['m', 'g'], 'y')],
      ['linear', 'silu'],
    ],
    'GELU, halved at the end': [[...erf, node('Mul', ['x', 'g'], 'm'), node('Mul', ['m', '0.5'], 'y')], ['gelu']],
    'GELU, its input halved': [[...erf, node('Mul', ['x', '0.5'], 'm'), node('Mul', ['m', 'g'], 'y')], ['gelu']],
    'ReLU6 of min and max': [[node('Max', ['x', '0'], 'a'), node('Min', ['a', '6'], 'y')], ['clamp']],
    'a scale and a shift': [[node('Mul', ['x', '3'], 'a'), node('Sub', ['a', '1'], 'y')], ['linear']],
    'a scale that is undone': [
      [node('Mul', ['x', '3'], 'a'), node('Div', ['a', '3'], 'b'), node('Relu', ['b'], 'y')],
      ['relu'],
    ],
  };
  for (const [name, [nodes, calls]] of Object.entries(spelled)) {
    test(name, async () => {
      expect(await callsFor(nodes, { tensors: [...constants, sixth, root] })).toEqual(calls);
    });
  }

  test('a hard-sigmoid without its sum is one of the same numbers', async () => {
    const nodes = [node('Clip', ['x', '0', '6'], 'c'), node('Mul', ['c', '1/6'], 'y')];
    const { architecture } = await open(model(nodes, { tensors: [...constants, sixth] }));
    const x = Float32Array.from(uniform('x', 192), (value) => 8 * value);
    const { y } = reference(architecture, () => new Float32Array(), { x });
    for (const [index, value] of x.entries())
      expect(y?.values[index]).toBeCloseTo(Math.min(Math.max(value, 0), 6) / 6, 6);
  });

  test('a gate of another value is none', async () => {
    const nodes = [node('Relu', ['x'], 'r'), node('Sigmoid', ['r'], 'g'), node('Mul', ['x', 'g'], 'y')];
    expect(await callsFor(nodes)).toEqual(['relu', 'sigmoid', 'mul']);
  });

  test('layer normalization, over the last axis and of channels that come last', async () => {
    const layerNorm = (x: string, y: string) => [
      node('ReduceMean', [x], 'mean', { axes: [-1] }),
      node('Sub', [x, 'mean'], 'd'),
      node('Pow', ['d', '2'], 'squares'),
      node('ReduceMean', ['squares'], 'variance', { axes: [-1] }),
      node('Add', ['variance', 'epsilon'], 'v'),
      node('Sqrt', ['v'], 's'),
      node('Div', ['d', 's'], 'n'),
      node('Mul', ['n', 'scale'], 'scaled'),
      node('Add', ['scaled', 'bias'], y),
    ];
    const tensors = (size: number) => [
      scalar('2', 2),
      scalar('epsilon', 1e-5),
      filled('scale', [size]),
      filled('bias', [size]),
    ];
    expect(await callsFor(layerNorm('x', 'y'), { tensors: tensors(8) })).toEqual(['layerNormalization']);
    const turned = [
      node('Transpose', ['x'], 'last', { perm: [0, 2, 3, 1] }),
      ...layerNorm('last', 'normalized'),
      node('Transpose', ['normalized'], 'y', { perm: [0, 3, 1, 2] }),
    ];
    expect(await callsFor(turned, { tensors: tensors(4) })).toEqual(['layerNormalization']);
  });

  test('what is multiplied and added for each channel, into the convolution before it', async () => {
    const nodes = [
      node('Conv', ['x', 'w', 'b'], 'c'),
      node('Mul', ['c', 'scale'], 'm'),
      node('Add', ['m', 'shift'], 'a'),
      node('Relu', ['a'], 'y'),
    ];
    const tensors = [
      filled('w', [4, 4, 1, 1]),
      filled('b', [4]),
      filled('scale', [4, 1, 1]),
      filled('shift', [1, 4, 1, 1]),
    ];
    const opened = await open(model(nodes, { tensors }));
    expect(callsOf(opened)).toEqual(['conv2d', 'batchNormalization', 'relu']);
    const kinds = planFor(opened.architecture).kernels.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind !== 'repack')).toEqual(['conv2d-pointwise']);
    // Read by another, it stays.
    const shared = await open(model([...nodes, node('Neg', ['c'], 'z')], { tensors, outputs: ['y', 'z'] }));
    expect(callsOf(shared)).toEqual(['conv2d', 'batchNormalization', 'relu', 'linear']);
  });

  test('what takes no kernel of its own after all, or one', async () => {
    const kindsFor = async (nodes: readonly FileNode[], tensors: FileTensor[]) => {
      const { architecture } = await open(model(nodes, { tensors }));
      return planFor(architecture).kernels.flatMap(({ kind }) => (kind === 'repack' ? [] : [kind]));
    };
    const convolution = [filled('w', [4, 4, 1, 1]), filled('b', [4])];
    const sloped = [node('Conv', ['x', 'w', 'b'], 'c'), node('PRelu', ['c', 'slope'], 'y')];
    expect(await kindsFor(sloped, [...convolution, filled('slope', [4, 1, 1])])).toEqual(['conv2d-pointwise']);
    const padded = [
      node('Pad', ['x'], 'p', { mode: 'constant', pads: [0, 0, 1, 1, 0, 0, 1, 1], value: 0 }),
      node('AveragePool', ['p'], 'y', { kernel_shape: [3, 3] }),
    ];
    const { architecture } = await open(model(padded, { opset: 10 }));
    expect(planFor(architecture).kernels.map(({ kind }) => kind)).toEqual(['repack', 'pool2d', 'repack']);
    const normalized = [
      node('Transpose', ['x'], 'last', { perm: [0, 2, 3, 1] }),
      node('LayerNormalization', ['last', 'scale', 'shift'], 'n', { axis: -1 }),
      node('Transpose', ['n'], 'y', { perm: [0, 3, 1, 2] }),
    ];
    expect(await kindsFor(normalized, [filled('scale', [4]), filled('shift', [4])])).toEqual(['standardize']);
    const instance = [node('InstanceNormalization', ['x', 'scale', 'shift'], 'n'), node('Relu', ['n'], 'y')];
    expect(await kindsFor(instance, [filled('scale', [4]), filled('shift', [4])])).toEqual(['standardize']);
  });

  test('batch normalization with a scale and a shift after it is one', async () => {
    const nodes = [
      node('BatchNormalization', ['x', 's', 'b', 'm', 'v'], 'n'),
      node('Mul', ['n', 'scale'], 'a'),
      node('Add', ['a', 'b1'], 'y'),
    ];
    const tensors = [
      ...['s', 'b', 'm', 'v'].map((name) => filled(name, [4])),
      filled('scale', [4, 1, 1]),
      filled('b1', [4, 1, 1]),
    ];
    const opened = await open(model(nodes, { tensors }));
    expect(callsOf(opened)).toEqual(['batchNormalization']);
    const [scale, bias] = [await opened.weights.read('s * scale'), await opened.weights.read('b * scale + b1')];
    const of = (name: string) => [...uniform(name, 4)].map(Math.fround);
    const [s, b, by, more] = ['s', 'b', 'scale', 'b1'].map(of) as [number[], number[], number[], number[]];
    expect([...scale]).toEqual(s.map((value, index) => Math.fround(value * (by[index] as number))));
    const product = b.map((value, index) => Math.fround(value * (by[index] as number)));
    expect([...bias]).toEqual(product.map((value, index) => Math.fround(value + (more[index] as number))));
  });

  // As networks without normalization export their filters, [out, in, height, width], from PyTorch.
  for (const [name, attributes] of Object.entries({ 'with its statistics': {}, 'in training': { training_mode: 1 } })) {
    test(`weight standardization, a batch normalization of a filter ${name}, is the filter`, async () => {
      const nodes = [
        node('Reshape', ['w', 'rows'], 'r'),
        node('BatchNormalization', ['r', 'scale', 'zeros', 'mean', 'variance'], 'n', {
          epsilon: { float: 0.5 },
          ...attributes,
        }),
        node('Reshape', ['n', 'sizes'], 'f'),
        node('Conv', ['x', 'f'], 'y'),
      ];
      const rows = [uniform('first', 4), uniform('second', 4)].map((row) => [...row].map(Math.fround));
      const scale = [2, -3];
      const mean = rows.map((row) => row.reduce((sum, value) => sum + value, 0) / 4);
      const variance = rows.map((row, own) => row.reduce((sum, value) => sum + (value - mean[own]!) ** 2, 0) / 4);
      const tensors = [
        { name: 'w', shape: [2, 4, 1, 1], data: rows.flat() },
        { name: 'scale', shape: [2], data: scale },
        { name: 'zeros', shape: [2], data: [0, 0] },
        // Of no filter, where they are not asked for.
        { name: 'mean', shape: [2], data: name === 'in training' ? [7, 7] : mean },
        { name: 'variance', shape: [2], data: name === 'in training' ? [7, 7] : variance },
        list('rows', [1, 2, -1]),
        list('sizes', [2, 4, 1, 1]),
      ];
      const opened = await open(model(nodes, { tensors }));
      expect(callsOf(opened)).toEqual(['conv2d']);
      const filter = [...(await opened.weights.read('f'))];
      for (const [index, value] of rows.flat().entries()) {
        const own = Math.floor(index / 4);
        const expected = ((value - mean[own]!) / Math.sqrt(variance[own]! + 0.5)) * scale[own]!;
        expect(filter[index]).toBeCloseTo(expected, 5);
      }
    });
  }

  test('weight normalization: a filter over its norms', async () => {
    const nodes = [
      node('ReduceL2', ['v', 'axes'], 'norm', { keepdims: 1 }),
      node('Div', ['v', 'norm'], 'unit'),
      node('Mul', ['unit', 'g'], 'w'),
      node('Conv', ['x', 'w'], 'y'),
    ];
    const tensors = [
      { name: 'v', shape: [2, 4, 1, 1], data: [3, 0, 0, 4, 1, -1, 1, -1] },
      { name: 'g', shape: [2, 1, 1, 1], data: [10, 1] },
      list('axes', [1, 2, 3]),
    ];
    const opened = await open(model(nodes, { tensors, opset: 18 }));
    expect(callsOf(opened)).toEqual(['conv2d']);
    expect([...(await opened.weights.read('w'))]).toEqual([6, 0, 0, 8, 0.5, -0.5, 0.5, -0.5]);
  });

  test('instance normalization without a scale and a shift, written as ones and zeros', async () => {
    const nodes = [node('InstanceNormalization', ['x', 'scale', 'shift'], 'y')];
    const written = async (scale: number[], shift: number[]) => {
      const tensors = [
        { name: 'scale', shape: [4], data: scale },
        { name: 'shift', shape: [4], data: shift },
      ];
      return [...(await open(model(nodes, { tensors }))).weights.shapes.keys()];
    };
    expect(await written([1, 1, 1, 1], [0, 0, 0, 0])).toEqual([]);
    expect(await written([1, 1, 2, 1], [0, 0, 0, 0])).toEqual(['scale']);
    expect(await written([1, 1, 1, 1], [0, 0, 0, 1])).toEqual(['shift']);
  });

  test('a factor before a convolution, into its filter', async () => {
    const nodes = [
      node('Sigmoid', ['x'], 's'),
      node('Mul', ['s', '3'], 'm'),
      node('Conv', ['m', 'w', 'b'], 'y'),
      node('Relu', ['m'], 'z'),
    ];
    const tensors = [scalar('3', 3), { name: 'w', shape: [1, 4, 1, 1], data: [1, 2, 0.5, -4] }, filled('b', [1])];
    const opened = await open(model(nodes.slice(0, 3), { tensors }));
    expect(callsOf(opened)).toEqual(['sigmoid', 'conv2d']);
    expect([...(await opened.weights.read('w * 3'))]).toEqual([3, 6, 1.5, -12]);
    // Half precision has no weights of a 255th.
    const small = [scalar('3', 1 / 255), ...tensors.slice(1)];
    expect(callsOf(await open(model(nodes.slice(0, 3), { tensors: small })))).toEqual(['sigmoid', 'linear', 'conv2d']);
    // What others read stays.
    const shared = await open(model(nodes, { tensors, outputs: ['y', 'z'] }));
    expect(callsOf(shared)).toEqual(['sigmoid', 'conv2d', 'linear', 'relu']);
  });

  test('a bias that is added to a product of matrices or a convolution', async () => {
    const flat = [node('Flatten', ['x'], 'f'), node('MatMul', ['f', 'w'], 'm'), node('Add', ['b', 'm'], 'y')];
    expect(await callsFor(flat, { tensors: [filled('w', [192, 5]), filled('b', [5])] })).toEqual(['flatten', 'gemm']);
    const conv = [node('Conv', ['x', 'w'], 'c'), node('Add', ['c', 'b'], 'y')];
    expect(await callsFor(conv, { tensors: [filled('w', [5, 4, 1, 1]), filled('b', [5, 1, 1])] })).toEqual(['conv2d']);
  });

  test('windows of an LpPool that hang over the edge have fewer summands', async () => {
    const sum = async (p: number) => {
      const attributes = { kernel_shape: [1, 3], strides: [1, 2], ceil_mode: 1, p };
      const inputs = [{ name: 'x', shape: [1, 1, 1, 4] }];
      const { architecture } = await open(model([node('LpPool', ['x'], 'y', attributes)], { inputs }));
      // The exponents, by their names.
      const exponent = (name: string) => Float32Array.of(Number(name.slice(3, -1)));
      const { y } = reference(architecture, exponent, { x: Float32Array.of(2, -3, 6, 8) });
      return [...(y?.values ?? [])];
    };
    expect(await sum(2)).toEqual([7, 10]);
    const [first, second] = await sum(1);
    expect(first).toBeCloseTo(11, 9);
    expect(second).toBeCloseTo(14, 9);
  });

  test('a window of one pixel is nothing to an average, and the magnitude to an LpPool', async () => {
    const { architecture } = await open(model([node('LpPool', ['x'], 'y', { kernel_shape: [1, 1] })]));
    const x = Float32Array.from({ length: 192 }, (_, index) => index - 96);
    const { y } = reference(architecture, () => new Float32Array(), { x });
    expect([...(y?.values ?? [])]).toEqual([...x.map(Math.abs)]);
  });

  test('a window of one pixel, a reduction of nothing and a dropout are nothing', async () => {
    const nodes = [
      node('AveragePool', ['x'], 'a', { kernel_shape: [1, 1] }),
      node('Dropout', ['a'], 'b'),
      node('Identity', ['b'], 'c'),
      node('Relu', ['c'], 'y'),
    ];
    expect(await callsFor(nodes)).toEqual(['relu']);
  });
});

test.describe('networks whose channels come last', () => {
  const last = { name: 'x', shape: [1, 6, 8, 4] } as const;
  const toFirst = (x: string, y: string) => node('Transpose', [x], y, { perm: [0, 3, 1, 2] });
  const toLast = (x: string, y: string) => node('Transpose', [x], y, { perm: [0, 2, 3, 1] });
  const tensors = [
    filled('w', [4, 4, 3, 3]),
    filled('b', [4]),
    list('pads', [0, 1, 1, 0, 0, 1, 1, 0]),
    list('axes', [1, 2]),
  ];

  test('are transposed once', async () => {
    const nodes = [
      node('Pad', ['x', 'pads'], 'p'),
      toFirst('p', 'a'),
      node('Conv', ['a', 'w'], 'c'),
      toLast('c', 'd'),
      node('Add', ['d', 'b'], 'e'),
      node('Relu', ['e'], 'f'),
      toFirst('f', 'g'),
      node('Conv', ['g', 'w'], 'h', { pads: [1, 1, 1, 1] }),
      toLast('h', 'i'),
      node('Add', ['i', 'f'], 'j'),
      node('Concat', ['j', 'f'], 'k', { axis: 3 }),
      node('ReduceMean', ['k'], 'l', { axes: [1, 2], keepdims: 0 }),
      node('Softmax', ['l'], 'y', { axis: 1 }),
    ];
    const calls = await callsFor(nodes, { inputs: [last], tensors });
    expect(calls.filter((call) => call === 'transpose')).toHaveLength(1);
    expect(calls.filter((call) => /^(conv2d|batchNormalization|add|concat|averagePool2d|relu)$/.test(call))).toEqual([
      'conv2d',
      'relu',
      'conv2d',
      'add',
      'concat',
      'averagePool2d',
    ]);
  });
});

test.describe('versions of operators are the newest one', () => {
  /** The same network as files of different versions have it. */
  const same: Record<string, [older: FileModel, newer: FileModel]> = {
    Clip: [
      model([node('Clip', ['x'], 'y', { min: { float: 0 }, max: { float: 6 } })], { opset: 10 }),
      model([node('Clip', ['x', 'low', 'high'], 'y')], { tensors: [scalar('low', 0), scalar('high', 6)] }),
    ],
    'Clip without a lower bound': [
      model([node('Clip', ['x'], 'y', { max: { float: 6 } })], { opset: 6 }),
      model([node('Clip', ['x', '', 'high'], 'y')], { tensors: [scalar('high', 6)] }),
    ],
    Pad: [
      model([node('Pad', ['x'], 'y', { pads: [0, 0, 1, 2, 0, 0, 3, 4] })], { opset: 10 }),
      model([node('Pad', ['x', 'pads'], 'y')], { tensors: [list('pads', [0, 0, 1, 2, 0, 0, 3, 4])] }),
    ],
    Slice: [
      model([node('Slice', ['x'], 'y', { starts: [1, -3], ends: [3, 100], axes: [2, 3] })], { opset: 9 }),
      model([node('Slice', ['x', 's', 'e', 'a'], 'y')], {
        tensors: [list('s', [1, -3]), list('e', [3, 2 ** 62]), list('a', [-2, -1])],
      }),
    ],
    Squeeze: [
      model([node('GlobalAveragePool', ['x'], 'a'), node('Squeeze', ['a'], 'y', { axes: [2, 3] })], { opset: 11 }),
      model([node('GlobalAveragePool', ['x'], 'a'), node('Squeeze', ['a', 'n'], 'y')], {
        tensors: [list('n', [2, 3])],
      }),
    ],
    Softmax: [
      model([node('Softmax', ['x'], 'y', { axis: 1 })], { opset: 12 }),
      model([
        node('Flatten', ['x'], 'a'),
        node('Softmax', ['a'], 'b', { axis: 1 }),
        node('Shape', ['x'], 's'),
        node('Reshape', ['b', 's'], 'y'),
      ]),
    ],
    ReduceMean: [
      model([node('ReduceMean', ['x'], 'y', { axes: [2, 3] })], { opset: 17 }),
      model([node('ReduceMean', ['x', 'a'], 'y')], { opset: 18, tensors: [list('a', [2, 3])] }),
    ],
  };
  const graphOf = async (given: FileModel) => {
    const { architecture, outputs } = await open(given);
    const g = new GraphBuilder('model');
    architecture.build(g);
    return { nodes: g.finish().nodes, outputs };
  };
  for (const [name, [older, newer]] of Object.entries(same)) {
    test(name, async () => {
      expect(await graphOf(older)).toEqual(await graphOf(newer));
    });
  }
});

test.describe('shapes', () => {
  test('are computed while the file is opened', async () => {
    const nodes = [
      node('Shape', ['x'], 'shape'),
      node('Gather', ['shape', 'zero'], 'batch', { axis: 0 }),
      node('Unsqueeze', ['batch', 'first'], 'b'),
      node('Concat', ['b', 'rest'], 'to', { axis: 0 }),
      node('Reshape', ['x', 'to'], 'y'),
    ];
    const tensors = [{ name: 'zero', shape: [], dataType: 7, data: [0] }, list('first', [0]), list('rest', [-1])];
    const { outputs } = await open(
      model([...nodes.slice(0, -1), node('Relu', ['x'], 'r'), node('Reshape', ['r', 'to'], 'y')], { tensors }),
    );
    expect(outputs).toEqual([{ name: 'y', shape: [1, 192], type: 'float32' }]);
  });

  test('that a few bytes ask for without end are refused', async () => {
    const huge = [node('ConstantOfShape', ['n'], 'c'), node('Add', ['x', 'c'], 'y')];
    expect((await failure(open(model(huge, { tensors: [list('n', [2 ** 20, 2 ** 20])] })))).message).toMatch(
      /numbers to compute/,
    );
    expect((await failure(open(model(huge, { tensors: [list('n', [-1])] })))).message).toContain('the shape [-1]');
    // Each is the sum of the one before it with itself.
    const doubled = Array.from({ length: 60 }, (_, index) => node('Add', [`c${index}`, `c${index}`], `c${index + 1}`));
    const tensors = [list('n', [2 ** 16])];
    const chain = [node('ConstantOfShape', ['n'], 'c0'), ...doubled, node('Add', ['x', 'c60'], 'y')];
    expect((await failure(open(model(chain, { tensors })))).message).toMatch(/numbers to compute/);
  });
});

test.describe('quantization', () => {
  test('of weights is undone when they are read', async () => {
    const nodes = [node('DequantizeLinear', ['q', 'scale', 'zero'], 'w', { axis: 0 }), node('Conv', ['x', 'w'], 'y')];
    const tensors = [
      {
        name: 'q',
        shape: [2, 4, 1, 1],
        dataType: 3,
        data: new Uint8Array(Int8Array.of(-128, 0, 1, 127, -2, 4, 6, 8).buffer),
      },
      { name: 'scale', shape: [2], data: [0.5, 2] },
      { name: 'zero', shape: [2], dataType: 3, data: new Uint8Array([0, 2]) },
    ];
    const { weights } = await open(model(nodes, { tensors }));
    expect([...(await weights.read('w'))]).toEqual([-64, 0, 0.5, 63.5, -8, 4, 8, 12]);
  });

  test('of values is a clamp to what they can be', async () => {
    const nodes = [
      node('QuantizeLinear', ['x', 'scale', 'zero'], 'q'),
      node('MaxPool', ['q'], 'p', { kernel_shape: [2, 2] }),
      node('DequantizeLinear', ['p', 'scale', 'zero'], 'y'),
    ];
    const tensors = [scalar('scale', 0.5), { name: 'zero', shape: [], dataType: 2, data: new Uint8Array([10]) }];
    const { architecture } = await open(model(nodes, { tensors }));
    const g = new GraphBuilder('model');
    architecture.build(g);
    expect(g.finish().nodes).toMatchObject([
      { op: 'activation', activation: { kind: 'clamp', minValue: -5, maxValue: 122.5 } },
      { op: 'maxPool2d' },
    ]);
  });
});

test('inputs that are the same in every run may be constants', async () => {
  const given = model([node('Conv', ['x', 'w'], 'y')], { inputs: [image, { name: 'w', shape: [2, 4, 1, 1] }] });
  const { weights, inputs } = await open(given, { constants: { w: { shape: [2, 4, 1, 1], data: Array(8).fill(3) } } });
  expect([...(await weights.read('w'))]).toEqual(Array(8).fill(3));
  expect(inputs.map(({ name }) => name)).toEqual(['x']);
  const wrong = (constants: object) => failure(open(given, { constants } as OnnxOptions), InputError);
  expect((await wrong({ v: { shape: [1], data: [1] } })).message).toContain("There is no input 'v'");
  expect((await wrong({ w: { shape: [2], data: [1] } })).message).toContain('instead of a shape and as many numbers');
});

test.describe('broken files', () => {
  const small = (): FileModel[] => [
    model(
      [
        node('Conv', ['x', 'w', 'b'], 'a', { pads: [1, 1, 1, 1], strides: [2, 2] }),
        node('Relu', ['a'], 'c'),
        node('GlobalAveragePool', ['c'], 'd'),
        node('Flatten', ['d'], 'e'),
        node('Gemm', ['e', 'g', 'h'], 'y', { transB: 1 }),
      ],
      { tensors: [filled('w', [3, 4, 3, 3]), filled('b', [3]), filled('g', [5, 3]), filled('h', [5])] },
    ),
    model(
      [
        node('Shape', ['x'], 's'),
        node('Slice', ['s', 'i', 'j'], 't'),
        node('Concat', ['t', 'k'], 'u', { axis: 0 }),
        node('ConstantOfShape', ['t'], 'ones'),
        node('Reshape', ['x', 'u'], 'v'),
        node('Clip', ['v', 'low'], 'w'),
        node('Add', ['w', 'low'], 'y'),
      ],
      { tensors: [list('i', [0]), list('j', [2]), list('k', [-1]), scalar('low', 0)] },
    ),
    model(
      [
        node('Resize', ['x', '', 'scales'], 'a'),
        node('Pad', ['a', 'pads'], 'b'),
        node('MaxPool', ['b'], 'y', { kernel_shape: [3, 3] }),
      ],
      {
        tensors: [{ name: 'scales', shape: [4], data: [1, 1, 2, 2] }, list('pads', [0, 0, 1, 1, 0, 0, 1, 1])],
      },
    ),
  ];

  test('that end early end in a ModelError', async () => {
    for (const file of small().map(onnxFile)) {
      for (let length = 0; length < file.length; length++) {
        const error = await openOnnx(file.slice(0, length)).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        // What comes after the graph is little, and may be missing.
        if (error !== undefined) expect(error).toBeInstanceOf(ModelError);
      }
    }
  });

  test('of other formats end in a ModelError', async () => {
    for (const bytes of [
      new Uint8Array(),
      new Uint8Array(64),
      new TextEncoder().encode('{"a": 1}'),
      new Uint8Array(64).fill(255),
    ]) {
      await failure(openOnnx(bytes));
    }
    expect((await failure(openOnnx(new Uint8Array()))).message).toBe('The file is empty.');
  });

  test('that are changed at random end in an error of their own or in a plan', async () => {
    test.setTimeout(300_000);
    let opened = 0;
    for (const [which, file] of small().map(onnxFile).entries()) {
      const dice = uniform(`mutations ${which}`, 30_000);
      let next = 0;
      const roll = (below: number) => Math.floor((((dice[next++ % dice.length] as number) + 1) / 2) * below) % below;
      for (let round = 0; round < 3400; round++) {
        const bytes = file.slice();
        const changes = 1 + roll(3);
        for (let change = 0; change < changes; change++)
          bytes[roll(bytes.length)] = roll(4) ? roll(256) : [0, 1, 127, 128, 255][roll(5)]!;
        try {
          const { architecture, weights } = await openOnnx(bytes);
          planFor(architecture);
          for (const [name, shape] of weights.shapes) {
            if (shape.reduce((product, size) => product * size, 1) < 1e6) await weights.read(name);
          }
          opened++;
        } catch (error) {
          if (!(error instanceof LinnetError)) throw new Error(`Model ${which}, round ${round}`, { cause: error });
        }
      }
    }
    expect(opened).toBeGreaterThan(1000);
  });
});

test.describe('networks whose weights are filled with one number each', () => {
  // Their kernels that only move numbers: ShuffleNet's shuffles.
  const views: Record<string, number> = { light_shufflenet: 16 };
  const folder = new URL('onnx/light/', import.meta.url);
  for (const file of readdirSync(folder)) {
    const name = file.replace('.onnx', '');
    test(`${name} is opened and planned`, async () => {
      const { architecture, outputs, parameters } = await openOnnx(readFileSync(new URL(file, folder)));
      expect(outputs[0]?.shape.slice(0, 2)).toEqual([1, 1000]);
      const plan = planFor(architecture);
      expect(parameters).toBeGreaterThan(1e6);
      const moving = plan.kernels.filter(({ kind }) => kind === 'view' || kind === 'copy');
      expect(moving).toHaveLength(views[name] ?? 0);
    });
  }
});

test('the table of the backend tests lists at least 300 that pass, and why the others are out of scope', () => {
  const table: Record<string, string> = JSON.parse(readFileSync(new URL('onnx-backend.json', import.meta.url), 'utf8'));
  const outcomes = Object.values(table);
  expect(outcomes.filter((outcome) => outcome === 'pass').length).toBeGreaterThanOrEqual(300);
  expect(outcomes.filter((outcome) => !outcome)).toEqual([]);
});
