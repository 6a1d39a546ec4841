// Each operator of TFLite's as TensorFlow defines it, over arrays whose channels are last: files of one operator, what they
// are given, and what comes of it.
import { uniform } from './seeded.ts';
import { type TestField, type TestOperator, type TestTensor, tfliteFile } from './tflite-file.ts';

/** An array, row-major. */
export interface Nd {
  readonly shape: readonly number[];
  readonly values: Float64Array;
  /** 0 beyond the edges. */
  at(...index: number[]): number;
}

const elements = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

export function nd(shape: readonly number[], values: Float64Array): Nd {
  return {
    shape,
    values,
    at(...index) {
      if (index.some((at, axis) => at < 0 || at >= shape[axis]!)) return 0;
      return values[index.reduce((sum, at, axis) => sum * shape[axis]! + at, 0)]!;
    },
  };
}

/** Each element by its index. */
export function made(shape: readonly number[], make: (...index: number[]) => number): Nd {
  const values = Float64Array.from({ length: elements(shape) }, (_, flat) => {
    const index: number[] = [];
    for (let axis = shape.length - 1, rest = flat; axis >= 0; axis--) {
      index.unshift(rest % shape[axis]!);
      rest = Math.floor(rest / shape[axis]!);
    }
    return make(...index);
  });
  return nd(shape, values);
}

/** Numbers that float32 has, from -`range` to `range`. */
const random = (name: string, shape: readonly number[], range = 2): Nd =>
  nd(
    shape,
    uniform(name, elements(shape)).map((value) => Math.fround(value * range)),
  );

const sum = (count: number, term: (index: number) => number) => {
  let total = 0;
  for (let index = 0; index < count; index++) total += term(index);
  return total;
};

/** A tensor of the file: computed by the test's caller, or a constant. */
type Given =
  | Nd
  | { readonly constant: Nd }
  | { readonly integers: readonly number[]; readonly shape?: readonly number[] }
  | undefined;

export interface Case {
  readonly operator: string;
  readonly options?: readonly TestField[];
  readonly customOptions?: Uint8Array;
  readonly given: readonly Given[];
  readonly expected: Nd | readonly Nd[];
  /** Of the results, where it is not float32. */
  readonly type?: TestTensor['type'];
}

export const isNd = (given: Given): given is Nd => given !== undefined && 'values' in given;

/** A file of one operator. */
export function fileOf({ operator, options, customOptions, given, expected, type }: Case) {
  const results = [expected].flat() as Nd[];
  const tensors: TestTensor[] = given.flatMap((item, index): TestTensor[] => {
    if (!item) return [];
    const name = `input${index}`;
    if (isNd(item)) return [{ name, shape: item.shape }];
    if ('constant' in item) return [{ name, shape: item.constant.shape, data: item.constant.values }];
    return [{ name, shape: item.shape ?? [item.integers.length], type: 'int32', data: item.integers }];
  });
  const outputs = results.map(({ shape }, index) => ({ name: `output${index}`, shape, ...(type && { type }) }));
  const node: TestOperator = {
    operator,
    inputs: given.map((item, index) => (item ? `input${index}` : undefined)),
    outputs: outputs.map(({ name }) => name),
    ...(options && { options }),
    ...(customOptions && { customOptions }),
  };
  return tfliteFile({
    tensors: [...tensors, ...outputs],
    operators: [node],
    inputs: given.flatMap((item, index) => (isNd(item) ? `input${index}` : [])),
    outputs: outputs.map(({ name }) => name),
  });
}

const SAME = 0;
const VALID = 1;
const RELU = 1;
const RELU_N1_TO_1 = 2;
const RELU6 = 3;
const TANH = 4;
const activations = (kind: number) => (value: number) =>
  [value, Math.max(0, value), Math.min(1, Math.max(-1, value)), Math.min(6, Math.max(0, value)), Math.tanh(value)][
    kind
  ]!;

/** The windows along an axis: how many, and how far before the map the first one begins. */
function windows(padding: number, size: number, kernel: number, stride: number, dilation = 1) {
  const extent = (kernel - 1) * dilation + 1;
  if (padding === VALID) return { count: Math.floor((size - extent) / stride) + 1, before: 0 };
  const count = Math.ceil(size / stride);
  return { count, before: Math.floor(Math.max(0, (count - 1) * stride + extent - size) / 2) };
}

interface ConvolutionCase {
  readonly input: readonly [number, number, number, number];
  readonly kernel: readonly [number, number];
  readonly out: number;
  readonly groups?: number;
  readonly padding: number;
  readonly strides?: readonly [number, number];
  readonly dilations?: readonly [number, number];
  readonly activation?: number;
  readonly bias?: boolean;
}

function convolution({ input, kernel, out, groups = 1, padding, ...more }: ConvolutionCase): Case {
  const { strides = [1, 1], dilations = [1, 1], activation = 0, bias = true } = more;
  const [batch, height, width, channels] = input;
  const x = random('x', input);
  const perGroup = channels / groups;
  const filter = random('filter', [out, ...kernel, perGroup]);
  const offsets = random('bias', [out]);
  const rows = windows(padding, height, kernel[0], strides[0], dilations[0]);
  const columns = windows(padding, width, kernel[1], strides[1], dilations[1]);
  const apply = activations(activation);
  const expected = made([batch, rows.count, columns.count, out], (n, y, column, o) => {
    const group = Math.floor(o / (out / groups));
    const total = sum(kernel[0], (ky) =>
      sum(kernel[1], (kx) =>
        sum(perGroup, (c) => {
          const at = [
            y * strides[0] + ky * dilations[0] - rows.before,
            column * strides[1] + kx * dilations[1] - columns.before,
          ] as const;
          return x.at(n, ...at, group * perGroup + c) * filter.at(o, ky, kx, c);
        }),
      ),
    );
    return apply(total + (bias ? offsets.at(o) : 0));
  });
  const options: TestField[] = [
    [0, 'int8', padding],
    [1, 'int32', strides[1]],
    [2, 'int32', strides[0]],
    [3, 'int8', activation],
    [4, 'int32', dilations[1]],
    [5, 'int32', dilations[0]],
  ];
  const given = [x, { constant: filter }, ...(bias ? [{ constant: offsets }] : [])];
  return { operator: 'CONV_2D', options, given, expected };
}

function depthwise({ input, kernel, out, padding, ...more }: ConvolutionCase): Case {
  const { strides = [1, 1], dilations = [1, 1], activation = 0 } = more;
  const [batch, height, width, channels] = input;
  const x = random('x', input);
  const filter = random('filter', [1, ...kernel, out]);
  const offsets = random('bias', [out]);
  const rows = windows(padding, height, kernel[0], strides[0], dilations[0]);
  const columns = windows(padding, width, kernel[1], strides[1], dilations[1]);
  const expected = made([batch, rows.count, columns.count, out], (n, y, column, o) => {
    const total = sum(kernel[0], (ky) =>
      sum(kernel[1], (kx) => {
        const at = [
          y * strides[0] + ky * dilations[0] - rows.before,
          column * strides[1] + kx * dilations[1] - columns.before,
        ] as const;
        return x.at(n, ...at, Math.floor(o / (out / channels))) * filter.at(0, ky, kx, o);
      }),
    );
    return activations(activation)(total + offsets.at(o));
  });
  const options: TestField[] = [
    [0, 'int8', padding],
    [1, 'int32', strides[1]],
    [2, 'int32', strides[0]],
    [3, 'int32', out / channels],
    [4, 'int8', activation],
    [5, 'int32', dilations[1]],
    [6, 'int32', dilations[0]],
  ];
  return { operator: 'DEPTHWISE_CONV_2D', options, given: [x, { constant: filter }, { constant: offsets }], expected };
}

/** Each pixel of the input is added to those of the result that it reaches. */
function scattered(
  x: Nd,
  filter: Nd,
  bias: Nd | undefined,
  sizes: readonly [number, number],
  strides: readonly [number, number],
  before: readonly [number, number],
): Nd {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const [out, kernelHeight, kernelWidth] = filter.shape as [number, number, number];
  return made(
    [batch, ...sizes, out],
    (n, row, column, o) =>
      sum(height, (y) =>
        sum(width, (at) => {
          const [ky, kx] = [row + before[0] - y * strides[0], column + before[1] - at * strides[1]];
          if (ky < 0 || ky >= kernelHeight || kx < 0 || kx >= kernelWidth) return 0;
          return sum(channels, (c) => x.at(n, y, at, c) * filter.at(o, ky, kx, c));
        }),
      ) + (bias ? bias.at(o) : 0),
  );
}

function transposeConv(
  input: readonly [number, number, number, number],
  [out, ...kernel]: readonly [number, number, number],
  sizes: readonly [number, number],
  padding: number,
  strides: readonly [number, number],
  { bias = false, activation = 0 } = {},
): Case {
  const x = random('x', input);
  const filter = random('filter', [out, ...kernel, input[3]]);
  const offsets = bias ? random('bias', [out]) : undefined;
  // The convolution that is transposed goes from `sizes` to the input.
  const before = ([0, 1] as const).map((axis) => windows(padding, sizes[axis], kernel[axis]!, strides[axis]).before);
  const all = scattered(x, filter, offsets, sizes, strides, before as [number, number]);
  const options: TestField[] = [
    [0, 'int8', padding],
    [1, 'int32', strides[1]],
    [2, 'int32', strides[0]],
    [3, 'int8', activation],
  ];
  return {
    operator: 'TRANSPOSE_CONV',
    options,
    given: [
      { integers: [input[0], ...sizes, out] },
      { constant: filter },
      x,
      ...(offsets ? [{ constant: offsets }] : []),
    ],
    expected: nd(all.shape, all.values.map(activations(activation))),
  };
}

function mediaPipeTransposed(
  input: readonly [number, number, number, number],
  kernel: readonly [number, number],
  padding: 1 | 2,
  strides: readonly [number, number],
): Case {
  const x = random('x', input);
  const filter = random('filter', [3, ...kernel, input[3]]);
  const bias = random('bias', [3]);
  const along = ([0, 1] as const).map((axis) => {
    const size = input[axis + 1]!;
    const cut = padding === 1 ? Math.max(0, kernel[axis] - ((size - 1) % strides[axis]) - 1) : 0;
    return { size: strides[axis] * (size - 1) + kernel[axis] - cut, before: Math.floor(cut / 2) };
  });
  const expected = scattered(x, filter, bias, [along[0]!.size, along[1]!.size], strides, [
    along[0]!.before,
    along[1]!.before,
  ]);
  const customOptions = new Uint8Array(Int32Array.of(padding, strides[1], strides[0]).buffer);
  return {
    operator: 'Convolution2DTransposeBias',
    customOptions,
    given: [x, { constant: filter }, { constant: bias }],
    expected,
  };
}

function pool(
  operator: string,
  input: readonly [number, number, number, number],
  kernel: readonly [number, number],
  padding: number,
  strides: readonly [number, number],
  activation = 0,
): Case {
  const [batch, height, width, channels] = input;
  const x = random('x', input);
  const rows = windows(padding, height, kernel[0], strides[0]);
  const columns = windows(padding, width, kernel[1], strides[1]);
  const expected = made([batch, rows.count, columns.count, channels], (n, row, column, c) => {
    const seen: number[] = [];
    for (let ky = 0; ky < kernel[0]; ky++) {
      for (let kx = 0; kx < kernel[1]; kx++) {
        const [y, at] = [row * strides[0] + ky - rows.before, column * strides[1] + kx - columns.before];
        if (y >= 0 && y < height && at >= 0 && at < width) seen.push(x.at(n, y, at, c));
      }
    }
    const mean = (list: number[]) => list.reduce((total, value) => total + value, 0) / list.length;
    const value =
      operator === 'MAX_POOL_2D'
        ? Math.max(...seen)
        : operator === 'AVERAGE_POOL_2D'
          ? mean(seen)
          : Math.sqrt(mean(seen.map((item) => item ** 2)));
    return activations(activation)(value);
  });
  const options: TestField[] = [
    [0, 'int8', padding],
    [1, 'int32', strides[1]],
    [2, 'int32', strides[0]],
    [3, 'int32', kernel[1]],
    [4, 'int32', kernel[0]],
    [5, 'int8', activation],
  ];
  return { operator, options, given: [x], expected };
}

function dense(
  input: readonly number[],
  rows: number,
  features: number,
  { keep = false, bias = true, activation = 0 } = {},
): Case {
  const x = random('x', input);
  const inFeatures = elements(input) / rows;
  const filter = random('filter', [features, inFeatures]);
  const offsets = random('bias', [features]);
  const expected = made([rows, features], (row, o) =>
    activations(activation)(
      sum(inFeatures, (k) => x.values[row * inFeatures + k]! * filter.at(o, k)) + (bias ? offsets.at(o) : 0),
    ),
  );
  return {
    operator: 'FULLY_CONNECTED',
    options: [
      [0, 'int8', activation],
      [2, 'int8', keep ? 1 : 0],
    ],
    given: [x, { constant: filter }, bias ? { constant: offsets } : undefined],
    expected: keep ? nd([...input.slice(0, -1), features], expected.values) : expected,
  };
}

const MAP = [2, 3, 5, 6] as const;

function unary(
  operator: string,
  apply: (value: number) => number,
  {
    options,
    shape = MAP,
    positive = false,
  }: { options?: readonly TestField[]; shape?: readonly number[]; positive?: boolean } = {},
): Case {
  const x = random('x', shape, 4);
  const given = positive
    ? nd(
        shape,
        x.values.map((value) => Math.abs(value) + 0.125),
      )
    : x;
  return { operator, ...(options && { options }), given: [given], expected: nd(shape, given.values.map(apply)) };
}

/** The index of an operand that is repeated where its size is 1. */
const repeated = ({ at, shape }: Nd, index: readonly number[]) =>
  at(...shape.map((size, axis) => (size === 1 ? 0 : index[index.length - shape.length + axis]!)));

function binary(
  operator: string,
  apply: (a: number, b: number) => number,
  a: readonly number[],
  b: readonly number[],
  {
    constant,
    activation = 0,
    positive = false,
  }: { constant?: 'a' | 'b'; activation?: number; positive?: boolean } = {},
): Case {
  const rank = Math.max(a.length, b.length);
  const full = (shape: readonly number[]) => [...Array(rank - shape.length).fill(1), ...shape];
  const shape = full(a).map((size, axis) => Math.max(size, full(b)[axis]));
  const away = (operand: Nd) =>
    positive
      ? nd(
          operand.shape,
          operand.values.map((value) => Math.fround(Math.abs(value) + 0.25)),
        )
      : operand;
  const [left, right] = [away(random('a', a)), away(random('b', b))];
  const give = (operand: Nd, name: string) => (constant === name ? { constant: operand } : operand);
  return {
    operator,
    options: [[0, 'int8', activation]],
    given: [give(left, 'a'), give(right, 'b')],
    expected: made(shape, (...index) => activations(activation)(apply(repeated(left, index), repeated(right, index)))),
  };
}

const ints = (...integers: number[]) => ({ integers });

function reduction(
  operator: string,
  shape: readonly number[],
  axes: readonly number[],
  keep: boolean,
  reduce: (values: number[]) => number,
): Case {
  const x = random('x', shape);
  const isReduced = (axis: number) => axes.includes(axis) || axes.includes(axis - shape.length);
  const kept = shape.map((size, axis) => (isReduced(axis) ? 1 : size));
  const full = made(kept, (...index) => {
    const seen: number[] = [];
    made(shape, (...at) => {
      if (at.every((value, axis) => isReduced(axis) || value === index[axis])) seen.push(x.at(...at));
      return 0;
    });
    return reduce(seen);
  });
  const result = keep ? kept : shape.filter((_, axis) => !isReduced(axis));
  return {
    operator,
    options: [[0, 'int8', keep ? 1 : 0]],
    given: [x, { integers: axes }],
    expected: nd(result, full.values),
  };
}

const mean = (values: number[]) => values.reduce((total, value) => total + value, 0) / values.length;

function resize(
  operator: string,
  [alignCorners, halfPixelCenters]: readonly [boolean, boolean],
  sizes: readonly [number, number],
): Case {
  const shape = [2, 3, 4, 5];
  const x = random('x', shape);
  const isLinear = operator === 'RESIZE_BILINEAR';
  const along = (axis: 0 | 1, index: number): [number, number, number] => {
    const [from, to] = [shape[axis + 1]!, sizes[axis]];
    const scale = alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to;
    if (!isLinear) {
      const at = (index + (halfPixelCenters ? 0.5 : 0)) * scale;
      const nearest = Math.min(alignCorners ? Math.round(at) : Math.floor(at), from - 1);
      return [nearest, nearest, 0];
    }
    const at = Math.max(0, halfPixelCenters ? (index + 0.5) * scale - 0.5 : index * scale);
    const low = Math.min(Math.floor(at), from - 1);
    return [low, Math.min(low + 1, from - 1), at - low];
  };
  const expected = made([shape[0]!, ...sizes, shape[3]!], (n, row, column, c) => {
    const [top, bottom, down] = along(0, row);
    const [left, right, across] = along(1, column);
    const mix = (y: number) => x.at(n, y, left, c) * (1 - across) + x.at(n, y, right, c) * across;
    return mix(top) * (1 - down) + mix(bottom) * down;
  });
  const first = isLinear ? 2 : 0;
  const options: TestField[] = [
    [first, 'int8', alignCorners ? 1 : 0],
    [first + 1, 'int8', halfPixelCenters ? 1 : 0],
  ];
  return { operator, options, given: [x, { integers: sizes }], expected };
}

function permuted(shape: readonly number[], permutation: readonly number[]): Case {
  const x = random('x', shape);
  const expected = made(
    permutation.map((axis) => shape[axis]!),
    (...index) => x.at(...shape.map((_, axis) => index[permutation.indexOf(axis)]!)),
  );
  return { operator: 'TRANSPOSE', given: [x, { integers: permutation }], expected };
}

function reshaped(
  operator: string,
  from: readonly number[],
  to: readonly number[],
  more: { given?: readonly Given[]; options?: readonly TestField[] } = {},
): Case {
  const x = random('x', from);
  return {
    operator,
    given: [x, ...(more.given ?? [])],
    ...(more.options && { options: more.options }),
    expected: nd(to, x.values),
  };
}

function padded(
  operator: 'PAD' | 'PADV2' | 'MIRROR_PAD',
  shape: readonly number[],
  sides: readonly (readonly [number, number])[],
  mode = 0,
): Case {
  const x = random('x', shape);
  const value = operator === 'PADV2' ? -1.5 : 0;
  const total = shape.map((size, axis) => size + sides[axis]![0] + sides[axis]![1]);
  const expected = made(total, (...index) => {
    const at = index.map((position, axis) => position - sides[axis]![0]);
    if (operator === 'MIRROR_PAD') {
      return x.at(
        ...at.map((position, axis) => {
          const size = shape[axis]!;
          if (position < 0) return -position - mode;
          return position >= size ? 2 * size - 2 - position + mode : position;
        }),
      );
    }
    return at.every((position, axis) => position >= 0 && position < shape[axis]!) ? x.at(...at) : value;
  });
  return {
    operator,
    ...(operator === 'MIRROR_PAD' && { options: [[0, 'int8', mode]] as const }),
    given: [
      x,
      { integers: sides.flat(), shape: [shape.length, 2] },
      ...(operator === 'PADV2' ? [{ constant: nd([1], Float64Array.of(value)) }] : []),
    ],
    expected,
  };
}

const softmax = (beta: number, isLog: boolean, shape: readonly number[]): Case => {
  const x = random('x', shape, 3);
  const last = shape.at(-1)!;
  const expected = made(shape, (...index) => {
    const row = Array.from({ length: last }, (_, at) => Math.exp(beta * x.at(...index.slice(0, -1), at)));
    const share = Math.exp(beta * x.at(...index)) / row.reduce((total, value) => total + value, 0);
    return isLog ? Math.log(share) : share;
  });
  return {
    operator: isLog ? 'LOG_SOFTMAX' : 'SOFTMAX',
    options: isLog ? [] : [[0, 'float32', beta]],
    given: [x],
    expected,
  };
};

function lrn(radius: number, bias: number, alpha: number, beta: number): Case {
  const x = random('x', MAP);
  const expected = made(MAP, (n, y, at, c) => {
    const total = sum(2 * radius + 1, (offset) => x.at(n, y, at, c + offset - radius) ** 2);
    return x.at(n, y, at, c) / (bias + alpha * total) ** beta;
  });
  const options: TestField[] = [
    [0, 'int32', radius],
    [1, 'float32', bias],
    [2, 'float32', alpha],
    [3, 'float32', beta],
  ];
  return { operator: 'LOCAL_RESPONSE_NORMALIZATION', options, given: [x], expected };
}

function joined(shapes: readonly (readonly number[])[], axis: number, activation = 0): Case {
  const parts = shapes.map((shape, index) => random(`x${index}`, shape));
  const rank = shapes[0]!.length;
  const along = axis < 0 ? axis + rank : axis;
  const shape = shapes[0]!.map((size, at) => (at === along ? sum(shapes.length, (part) => shapes[part]![at]!) : size));
  const expected = made(shape, (...index) => {
    let at = index[along]!;
    let part = 0;
    while (at >= shapes[part]![along]!) at -= shapes[part++]![along]!;
    return activations(activation)(parts[part]!.at(...index.with(along, at)));
  });
  const options: TestField[] = [
    [0, 'int32', axis],
    [1, 'int8', activation],
  ];
  return { operator: 'CONCATENATION', options, given: parts, expected };
}

/** Each element of the result is one of the input's. */
function moved(
  operator: string,
  shape: readonly number[],
  result: readonly number[],
  from: (...index: number[]) => number[],
  { given = [], options }: { given?: readonly Given[]; options?: readonly TestField[] } = {},
): Case {
  const x = random('x', shape);
  return {
    operator,
    ...(options && { options }),
    given: [x, ...given],
    expected: made(result, (...index) => x.at(...from(...index))),
  };
}

/** Parts of a value, one after another. */
function split(
  operator: 'SPLIT' | 'SPLIT_V' | 'UNPACK',
  shape: readonly number[],
  axis: number,
  sizes: readonly number[],
  stated = sizes,
): Case {
  const x = random('x', shape);
  const along = axis < 0 ? axis + shape.length : axis;
  const expected = sizes.map((size, part) => {
    const start = sum(part, (before) => sizes[before]!);
    const all = made(shape.with(along, size), (...index) => x.at(...index.with(along, index[along]! + start)));
    return operator === 'UNPACK' ? nd(shape.toSpliced(along, 1), all.values) : all;
  });
  const given = {
    SPLIT: [{ integers: [axis], shape: [] }, x],
    SPLIT_V: [x, { integers: stated }, { integers: [axis], shape: [] }],
    UNPACK: [x],
  }[operator];
  const options: TestField[] = [
    [0, 'int32', sizes.length],
    [1, 'int32', axis],
  ];
  return { operator, options, given, expected };
}

function packed(shape: readonly number[], count: number, axis: number): Case {
  const parts = Array.from({ length: count }, (_, index) => random(`x${index}`, shape));
  const along = axis < 0 ? axis + shape.length + 1 : axis;
  const expected = made(shape.toSpliced(along, 0, count), (...index) =>
    parts[index[along]!]!.at(...index.toSpliced(along, 1)),
  );
  const options: TestField[] = [
    [0, 'int32', count],
    [1, 'int32', axis],
  ];
  return { operator: 'PACK', options, given: parts, expected };
}

function argument(operator: 'ARG_MAX' | 'ARG_MIN', shape: readonly number[], axis: number): Case {
  const x = random('x', shape);
  const along = axis < 0 ? axis + shape.length : axis;
  const expected = made(shape.toSpliced(along, 1), (...index) => {
    const row = Array.from({ length: shape[along]! }, (_, at) => x.at(...index.toSpliced(along, 0, at)));
    return row.indexOf(operator === 'ARG_MAX' ? Math.max(...row) : Math.min(...row));
  });
  return { operator, options: [[0, 'int8', 2]], given: [x, { integers: [axis], shape: [] }], expected, type: 'int32' };
}

function matmul(
  a: readonly number[],
  b: readonly number[],
  {
    transposeA = false,
    transposeB = false,
    constant,
  }: { transposeA?: boolean; transposeB?: boolean; constant?: 'a' | 'b' } = {},
): Case {
  const [left, right] = [random('a', a), random('b', b)];
  const matrix = ({ values, shape }: Nd, isTransposed: boolean) => {
    const [rows, columns] = shape.slice(-2) as [number, number];
    const flat = nd([rows, columns], values);
    return isTransposed ? made([columns, rows], (row, column) => flat.at(column, row)) : flat;
  };
  const [first, second] = [matrix(left, transposeA), matrix(right, transposeB)];
  const [rows, inner] = first.shape as [number, number];
  const product = made([rows, second.shape[1]!], (row, column) =>
    sum(inner, (k) => first.at(row, k) * second.at(k, column)),
  );
  const rank = Math.max(a.length, b.length);
  const options: TestField[] = [
    [0, 'int8', transposeA ? 1 : 0],
    [1, 'int8', transposeB ? 1 : 0],
  ];
  return {
    operator: 'BATCH_MATMUL',
    options,
    given: [constant === 'a' ? { constant: left } : left, constant === 'b' ? { constant: right } : right],
    expected: nd([...Array(rank - 2).fill(1), ...product.shape], product.values),
  };
}

const erf = (x: number) => {
  // The series of the error function, of enough terms for the numbers here.
  let term = x;
  let total = x;
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
};

const roundEven = (value: number) => {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
};

const map = (...shape: [number, number, number, number]) => shape;

/** By a name that begins with the operator's. */
export const TFLITE_CASES: Readonly<Record<string, Case>> = {
  'CONV_2D, SAME': convolution({ input: map(2, 5, 6, 3), kernel: [3, 3], out: 4, padding: SAME }),
  'CONV_2D, SAME with stride 2, which pads more after than before': convolution({
    ...{ input: map(1, 8, 6, 3), kernel: [3, 5], out: 5, padding: SAME, strides: [2, 2], activation: RELU6 },
  }),
  'CONV_2D, SAME with strides that skip pixels': convolution({
    ...{ input: map(1, 7, 8, 2), kernel: [2, 1], out: 3, padding: SAME, strides: [3, 4] },
  }),
  'CONV_2D, VALID with a stride and no bias': convolution({
    ...{
      input: map(1, 9, 7, 3),
      kernel: [4, 2],
      out: 2,
      padding: VALID,
      strides: [2, 3],
      bias: false,
      activation: RELU,
    },
  }),
  'CONV_2D with dilations': convolution({
    ...{ input: map(1, 9, 8, 2), kernel: [3, 2], out: 3, padding: SAME, dilations: [2, 3], activation: TANH },
  }),
  'CONV_2D with groups': convolution({
    ...{ input: map(1, 4, 5, 6), kernel: [3, 3], out: 9, groups: 3, padding: SAME, activation: RELU_N1_TO_1 },
  }),
  DEPTHWISE_CONV_2D: depthwise({ input: map(2, 5, 6, 5), kernel: [3, 3], out: 5, padding: SAME, strides: [2, 2] }),
  'DEPTHWISE_CONV_2D with a multiplier': depthwise({
    ...{ input: map(1, 6, 7, 3), kernel: [3, 2], out: 6, padding: VALID, dilations: [2, 2], activation: RELU },
  }),
  'TRANSPOSE_CONV, SAME': transposeConv(map(1, 4, 5, 3), [2, 3, 3], [8, 10], SAME, [2, 2], { bias: true }),
  'TRANSPOSE_CONV, SAME to an odd size': transposeConv(map(1, 4, 3, 2), [3, 3, 4], [7, 6], SAME, [2, 2]),
  'TRANSPOSE_CONV, VALID': transposeConv(map(2, 3, 4, 2), [3, 3, 2], [9, 8], VALID, [3, 2], { activation: RELU }),
  'TRANSPOSE_CONV, VALID with a row more': transposeConv(map(1, 3, 4, 2), [3, 2, 2], [9, 8], VALID, [3, 2]),
  'Convolution2DTransposeBias, SAME': mediaPipeTransposed(map(1, 4, 5, 3), [2, 2], 1, [2, 2]),
  'Convolution2DTransposeBias, SAME with overlap': mediaPipeTransposed(map(1, 4, 3, 2), [3, 4], 1, [2, 2]),
  'Convolution2DTransposeBias, VALID': mediaPipeTransposed(map(1, 3, 3, 2), [3, 2], 2, [2, 1]),
  'AVERAGE_POOL_2D, SAME': pool('AVERAGE_POOL_2D', map(1, 5, 6, 3), [3, 2], SAME, [2, 2], RELU),
  'AVERAGE_POOL_2D over the map': pool('AVERAGE_POOL_2D', map(2, 4, 5, 3), [4, 5], VALID, [4, 5]),
  'MAX_POOL_2D, SAME': pool('MAX_POOL_2D', map(1, 5, 6, 3), [3, 3], SAME, [2, 2]),
  'MAX_POOL_2D, VALID': pool('MAX_POOL_2D', map(1, 6, 6, 5), [2, 3], VALID, [2, 1], RELU6),
  L2_POOL_2D: pool('L2_POOL_2D', map(1, 4, 6, 3), [2, 2], SAME, [2, 2]),
  FULLY_CONNECTED: dense([3, 7], 3, 5, { activation: RELU }),
  'FULLY_CONNECTED of a map': dense([2, 3, 2, 5], 2, 4),
  'FULLY_CONNECTED of each pixel': dense([1, 3, 2, 5], 6, 4, { keep: true }),
  'FULLY_CONNECTED of each pixel, in rows': dense([1, 3, 2, 5], 6, 4, { bias: false }),
  'FULLY_CONNECTED of three axes': dense([2, 3, 5], 6, 4, { keep: true }),
  ADD: binary('ADD', (a, b) => a + b, MAP, MAP, { activation: RELU }),
  'ADD of a factor for each channel': binary('ADD', (a, b) => a + b, [1, 3, 4, 5], [1, 1, 1, 5]),
  'ADD of a constant for each channel': binary('ADD', (a, b) => a + b, MAP, [6], { constant: 'b' }),
  'ADD of a constant map': binary('ADD', (a, b) => a + b, [3, 5, 6], MAP, { constant: 'a' }),
  'ADD of a number': binary('ADD', (a, b) => a + b, MAP, [], { constant: 'b', activation: RELU6 }),
  'ADD of vectors': binary('ADD', (a, b) => a + b, [7], [1]),
  'SUB, broadcast': binary('SUB', (a, b) => a - b, [1, 3, 1, 6], [2, 1, 5, 6]),
  'SUB from a number': binary('SUB', (a, b) => a - b, [1], [2, 5], { constant: 'a' }),
  'SUB of a number': binary('SUB', (a, b) => a - b, [2, 5], [1], { constant: 'b' }),
  MUL: binary('MUL', (a, b) => a * b, [1, 4, 3, 5], [1, 1, 1, 5], { activation: RELU_N1_TO_1 }),
  'MUL of one channel by a constant for each of more': binary('MUL', (a, b) => a * b, [1, 3, 4, 1], [5], {
    constant: 'b',
  }),
  'MUL of a vector by a constant of more axes': binary('MUL', (a, b) => a * b, [6], [1, 1, 1, 6], { constant: 'b' }),
  'MUL of other ranks': binary('MUL', (a, b) => a * b, [4, 5], [2, 3, 4, 5]),
  'MUL of a number': binary('MUL', (a, b) => a * b, [1, 1, 1, 1], [3, 5], { constant: 'a' }),
  DIV: binary('DIV', (a, b) => a / b, MAP, [6], { constant: 'b', positive: true }),
  'DIV by a number': binary('DIV', (a, b) => a / b, [2, 5], [], { constant: 'b', positive: true }),
  'DIV of a number': binary('DIV', (a, b) => a / b, [], [2, 5], { constant: 'a', positive: true }),
  FLOOR_DIV: binary('FLOOR_DIV', (a, b) => Math.floor(a / b), [4, 9], [4, 9], { positive: true }),
  MAXIMUM: binary('MAXIMUM', Math.max, MAP, MAP),
  'MAXIMUM with a number': binary('MAXIMUM', Math.max, MAP, [1], { constant: 'b' }),
  MINIMUM: binary('MINIMUM', Math.min, MAP, [5, 1]),
  'MINIMUM with a number': binary('MINIMUM', Math.min, [1], MAP, { constant: 'a' }),
  POW: binary('POW', (a, b) => a ** b, [3, 5], [3, 5], { positive: true }),
  'POW of a known square with an axis more': {
    operator: 'POW',
    given: [nd([2], Float64Array.of(3, -4)), { constant: nd([1, 1, 1], Float64Array.of(2)) }],
    expected: nd([1, 1, 2], Float64Array.of(9, 16)),
  },
  SQUARED_DIFFERENCE: binary('SQUARED_DIFFERENCE', (a, b) => (a - b) ** 2, MAP, [1, 1, 1, 6]),
  ADD_N: {
    operator: 'ADD_N',
    given: [random('a', MAP), random('b', MAP)],
    expected: nd(
      MAP,
      random('a', MAP).values.map((value, index) => value + random('b', MAP).values[index]!),
    ),
  },
  ABS: unary('ABS', Math.abs),
  NEG: unary('NEG', (x) => -x),
  EXP: unary('EXP', Math.exp),
  LOG: unary('LOG', Math.log, { positive: true }),
  SQRT: unary('SQRT', Math.sqrt, { positive: true }),
  RSQRT: unary('RSQRT', (x) => 1 / Math.sqrt(x), { positive: true }),
  SQUARE: unary('SQUARE', (x) => x * x, { shape: [3] }),
  SIN: unary('SIN', Math.sin),
  COS: unary('COS', Math.cos),
  FLOOR: unary('FLOOR', Math.floor),
  CEIL: unary('CEIL', Math.ceil),
  ROUND: unary('ROUND', roundEven),
  SIGN: unary('SIGN', Math.sign),
  RELU: unary('RELU', activations(RELU)),
  RELU6: unary('RELU6', activations(RELU6), { shape: [3, 4, 5] }),
  RELU_N1_TO_1: unary('RELU_N1_TO_1', activations(RELU_N1_TO_1)),
  RELU_0_TO_1: unary('RELU_0_TO_1', (x) => Math.min(1, Math.max(0, x))),
  LEAKY_RELU: unary('LEAKY_RELU', (x) => (x < 0 ? 0.25 * x : x), { options: [[0, 'float32', 0.25]] }),
  ELU: unary('ELU', (x) => (x < 0 ? Math.exp(x) - 1 : x)),
  LOGISTIC: unary('LOGISTIC', (x) => 1 / (1 + Math.exp(-x))),
  TANH: unary('TANH', Math.tanh),
  HARD_SWISH: unary('HARD_SWISH', (x) => (x * Math.min(6, Math.max(0, x + 3))) / 6),
  GELU: unary('GELU', (x) => (x / 2) * (1 + erf(x / Math.SQRT2))),
  'GELU, approximate': unary(
    'GELU',
    (x) => (x / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
    {
      options: [[0, 'int8', 1]],
    },
  ),
  CAST: unary('CAST', (x) => x),
  PRELU: binary('PRELU', (x, slope) => (x < 0 ? slope * x : x), MAP, [1, 1, 6], { constant: 'b' }),
  SOFTMAX: softmax(1, false, [2, 9]),
  'SOFTMAX of channels, with a factor': softmax(0.5, false, MAP),
  'SOFTMAX of one axis': softmax(1, false, [5]),
  LOG_SOFTMAX: softmax(1, true, MAP),
  L2_NORMALIZATION: {
    operator: 'L2_NORMALIZATION',
    given: [random('x', MAP)],
    expected: made(
      MAP,
      (n, y, at, c) =>
        random('x', MAP).at(n, y, at, c) /
        Math.hypot(...Array.from({ length: 6 }, (_, k) => random('x', MAP).at(n, y, at, k))),
    ),
  },
  LOCAL_RESPONSE_NORMALIZATION: lrn(2, 1, 0.25, 0.75),
  RESHAPE: reshaped('RESHAPE', [2, 6], [3, 4], { given: [ints(3, 4)] }),
  'RESHAPE of a map to rows': reshaped('RESHAPE', [2, 3, 2, 5], [2, 30], { given: [ints(2, -1)] }),
  'RESHAPE of a map to boxes': reshaped('RESHAPE', [1, 3, 2, 6], [1, 18, 2], { given: [ints(1, -1, 2)] }),
  'RESHAPE of rows to a map': reshaped('RESHAPE', [1, 30], [1, 2, 3, 5], { options: [[0, 'int32s', [1, 2, 3, 5]]] }),
  'RESHAPE of a map to another': reshaped('RESHAPE', [1, 4, 3, 6], [1, 2, 6, 6], { given: [ints(1, 2, 6, 6)] }),
  SQUEEZE: reshaped('SQUEEZE', [1, 1, 1, 5], [1, 5], { options: [[0, 'int32s', [1, -2]]] }),
  'SQUEEZE of all': reshaped('SQUEEZE', [1, 3, 1, 5], [3, 5]),
  EXPAND_DIMS: reshaped('EXPAND_DIMS', [2, 5], [2, 1, 5], { given: [{ integers: [-2], shape: [] }] }),
  'TRANSPOSE of a map': permuted([2, 3, 4, 5], [0, 2, 1, 3]),
  'TRANSPOSE of three axes': permuted([2, 3, 4], [2, 0, 1]),
  SLICE: moved('SLICE', [2, 5, 6, 7], [1, 3, 6, 2], (n, y, x, c) => [n + 1, y + 2, x, c + 4], {
    given: [ints(1, 2, 0, 4), ints(1, -1, 6, 2)],
  }),
  STRIDED_SLICE: moved('STRIDED_SLICE', [1, 6, 7, 5], [1, 3, 2, 5], (n, y, x, c) => [n, 2 * y, 1 + 3 * x, c], {
    given: [ints(0, 0, 1, 0), ints(1, 6, 7, 5), ints(1, 2, 3, 1)],
  }),
  'STRIDED_SLICE backwards, with masks': moved('STRIDED_SLICE', [4, 5], [4, 3], (y, x) => [y, 4 - 2 * x], {
    given: [ints(2, -1), ints(3, 9), ints(1, -2)],
    options: [
      [0, 'int32', 0b01],
      [1, 'int32', 0b11],
    ],
  }),
  'STRIDED_SLICE with an axis less, and one more': moved(
    'STRIDED_SLICE',
    [3, 4, 5],
    [1, 4, 5],
    (_, y, x) => [2, y, x],
    {
      given: [ints(0, -1, 0), ints(0, 0, 0), ints(1, 1, 1)],
      options: [
        [2, 'int32', 0b100],
        [3, 'int32', 0b001],
        [4, 'int32', 0b010],
      ],
    },
  ),
  SPLIT: split('SPLIT', [1, 3, 4, 6], 3, [2, 2, 2]),
  'SPLIT along the width': split('SPLIT', [1, 3, 4, 6], -2, [2, 2]),
  SPLIT_V: split('SPLIT_V', [1, 3, 4, 9], 3, [4, 3, 2], [4, -1, 2]),
  UNPACK: split('UNPACK', [2, 3, 4], 1, [1, 1, 1]),
  'UNPACK of channels': split('UNPACK', [1, 3, 4, 2], -1, [1, 1]),
  PACK: packed([2, 3], 3, 1),
  'PACK of channels': packed([2, 3, 4], 2, -1),
  CONCATENATION: joined(
    [
      [1, 3, 4, 4],
      [1, 3, 4, 3],
      [1, 3, 4, 5],
    ],
    3,
  ),
  'CONCATENATION along the height': joined(
    [
      [1, 3, 4, 5],
      [1, 2, 4, 5],
    ],
    1,
    RELU,
  ),
  'CONCATENATION of rows': joined(
    [
      [1, 3, 4],
      [1, 2, 4],
    ],
    -2,
  ),
  GATHER: moved('GATHER', [1, 3, 4, 6], [1, 3, 4, 4], (n, y, x, c) => [n, y, x, [1, 2, 3, 0][c]!], {
    given: [ints(1, 2, 3, 0)],
    options: [[0, 'int32', -1]],
  }),
  'GATHER of one': moved('GATHER', [2, 5], [2], (y) => [y, 3], {
    given: [{ integers: [3], shape: [] }],
    options: [[0, 'int32', 1]],
  }),
  REVERSE_V2: moved('REVERSE_V2', [1, 3, 4, 5], [1, 3, 4, 5], (n, y, x, c) => [n, y, 3 - x, c], { given: [ints(2)] }),
  TILE: moved('TILE', [1, 2, 3, 4], [2, 2, 6, 4], (_, y, x, c) => [0, y, x % 3, c], { given: [ints(2, 1, 2, 1)] }),
  BROADCAST_TO: moved('BROADCAST_TO', [3, 1, 4], [2, 3, 5, 4], (_, y, __, c) => [y, 0, c], {
    given: [ints(2, 3, 5, 4)],
  }),
  PAD: padded(
    'PAD',
    [1, 3, 4, 5],
    [
      [0, 0],
      [1, 2],
      [0, 3],
      [0, 0],
    ],
  ),
  'PAD of channels': padded(
    'PAD',
    [1, 3, 4, 5],
    [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 3],
    ],
  ),
  'PAD of channels and pixels': padded(
    'PAD',
    [1, 3, 4, 4],
    [
      [0, 0],
      [1, 0],
      [0, 1],
      [1, 4],
    ],
  ),
  'PAD of rows': padded(
    'PAD',
    [2, 3],
    [
      [0, 0],
      [2, 1],
    ],
  ),
  PADV2: padded(
    'PADV2',
    [1, 3, 4, 5],
    [
      [0, 0],
      [1, 0],
      [2, 1],
      [0, 0],
    ],
  ),
  'PADV2 of channels': padded(
    'PADV2',
    [1, 3, 4, 5],
    [
      [0, 0],
      [0, 0],
      [0, 0],
      [2, 0],
    ],
  ),
  'MIRROR_PAD without the edge': padded(
    'MIRROR_PAD',
    [1, 4, 5, 3],
    [
      [0, 0],
      [2, 1],
      [3, 0],
      [0, 0],
    ],
  ),
  'MIRROR_PAD with the edge': padded(
    'MIRROR_PAD',
    [1, 4, 5, 3],
    [
      [0, 0],
      [1, 1],
      [1, 0],
      [0, 0],
    ],
    1,
  ),
  RESIZE_BILINEAR: resize('RESIZE_BILINEAR', [false, false], [5, 9]),
  'RESIZE_BILINEAR, half-pixel centers': resize('RESIZE_BILINEAR', [false, true], [6, 3]),
  'RESIZE_BILINEAR, aligned corners': resize('RESIZE_BILINEAR', [true, false], [5, 7]),
  RESIZE_NEAREST_NEIGHBOR: resize('RESIZE_NEAREST_NEIGHBOR', [false, false], [7, 8]),
  'RESIZE_NEAREST_NEIGHBOR, half-pixel centers': resize('RESIZE_NEAREST_NEIGHBOR', [false, true], [5, 3]),
  'RESIZE_NEAREST_NEIGHBOR, aligned corners': resize('RESIZE_NEAREST_NEIGHBOR', [true, false], [6, 9]),
  MEAN: reduction('MEAN', MAP, [1, 2], true, mean),
  'MEAN of height and width, without them': reduction('MEAN', MAP, [2, 1], false, mean),
  'MEAN of channels': reduction('MEAN', MAP, [-1], true, mean),
  'MEAN of a row': reduction('MEAN', [3, 5], [1], false, mean),
  SUM: reduction('SUM', MAP, [3], false, (values) => mean(values) * values.length),
  REDUCE_MAX: reduction('REDUCE_MAX', MAP, [1], true, (values) => Math.max(...values)),
  REDUCE_MIN: reduction('REDUCE_MIN', [3, 4, 5], [2], false, (values) => Math.min(...values)),
  REDUCE_PROD: reduction('REDUCE_PROD', [3, 4], [1], true, (values) =>
    values.reduce((product, value) => product * value, 1),
  ),
  ARG_MAX: argument('ARG_MAX', MAP, -1),
  ARG_MIN: argument('ARG_MIN', [3, 7], 1),
  DEPTH_TO_SPACE: moved(
    'DEPTH_TO_SPACE',
    [2, 3, 4, 12],
    [2, 6, 8, 3],
    (n, y, x, c) => [n, Math.floor(y / 2), Math.floor(x / 2), ((y % 2) * 2 + (x % 2)) * 3 + c],
    {
      options: [[0, 'int32', 2]],
    },
  ),
  SPACE_TO_DEPTH: moved(
    'SPACE_TO_DEPTH',
    [1, 4, 6, 3],
    [1, 2, 3, 12],
    (n, y, x, c) => [n, y * 2 + Math.floor(c / 6), x * 2 + (Math.floor(c / 3) % 2), c % 3],
    {
      options: [[0, 'int32', 2]],
    },
  ),
  BATCH_MATMUL: matmul([3, 4], [4, 5]),
  'BATCH_MATMUL, transposed': matmul([1, 4, 3], [1, 5, 4], { transposeA: true, transposeB: true, constant: 'b' }),
  'BATCH_MATMUL of a constant': matmul([3, 4], [1, 4, 5], { constant: 'a' }),
};
