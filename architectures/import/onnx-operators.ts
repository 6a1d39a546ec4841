import { sameShape } from '../../engine/graph/builder.ts';
import {
  elementsOf,
  type MapShape,
  type Padding,
  type Pair,
  type Shape,
  type Value,
} from '../../engine/graph/graph.ts';
import type { GraphBuilder } from '../../engine/graph/graph-builder.ts';
import { reshaped } from './constants.ts';
import type { ElementType } from './described.ts';
import { type Constant, constantOf, isFloat } from './elements.ts';
import { type Algebra, beforeTurn, isTurned, lead, MOST_SIZE, type Operand } from './onnx-algebra.ts';
import {
  castConstant,
  castTo,
  expandedTo,
  flattenedTo,
  partsOf,
  permutationOf,
  rangeOf,
  reducedAxes,
  reshapedTo,
  sliceOf,
  squeezedTo,
  unsqueezedTo,
} from './onnx-folding.ts';
import { type Item, isConstant, type Scope, showShape, type TypedTerm, unsupported } from './onnx-node.ts';
import type { Term } from './recorder.ts';

/** What a node gives: its results in order, of the type of its first input unless it says another. */
type Operator = (s: Scope, r: Algebra) => Term | Item | readonly (Term | Item)[];

/** The builder's methods of one value without options. */
type UnaryOp =
  | 'abs'
  | 'neg'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'reciprocal'
  | 'sin'
  | 'cos'
  | 'tan'
  | 'floor'
  | 'ceil'
  | 'roundEven'
  | 'sign'
  | 'erf'
  | 'sigmoid'
  | 'tanh'
  | 'softplus'
  | 'softsign'
  | 'hardSwish'
  | 'gelu';

const apply = (r: Algebra, x: Term, op: UnaryOp): Term => r.unary(x, op, (g, value) => g[op](value));
const unary =
  (op: UnaryOp): Operator =>
  (s, r) =>
    apply(r, s.value(0), op);

/** An operand: what is not computed is constant. */
function operand(s: Scope, index: number): Operand {
  const item = s.item(index);
  return isConstant(item) ? item : s.value(index);
}

/** Before opset 7 the axes of the second operand began at the attribute `axis` of the first one's, and not at its end. */
function operands(s: Scope): readonly [Operand, Operand] {
  const [a, b] = [operand(s, 0), operand(s, 1)];
  const axis = s.integer('axis', -1);
  const after = a.shape.length - axis - b.shape.length;
  if (axis < 0 || after <= 0) return [a, b];
  const shape = [...b.shape, ...Array(after).fill(1)];
  return [a, isConstant(b) ? reshaped(b, b.name, shape) : { ...b, shape }];
}

const binary =
  (compute: (r: Algebra, a: Operand, b: Operand) => Term): Operator =>
  (s, r) =>
    compute(r, ...operands(s));

const variadic =
  (compute: (r: Algebra, a: Operand, b: Operand) => Term): Operator =>
  (s, r) => {
    // Constants last, so that no two of them meet.
    const items = s.node.inputs.map((_, index) => operand(s, index));
    const ordered = [...items.filter((item) => !isConstant(item)), ...items.filter(isConstant)];
    const [first, ...more] = ordered;
    return first ? more.reduce((a, b) => compute(r, a, b), first) : unsupported('it has no input');
  };

/** min and max of a value and one number are a clamp. */
const extreme = (op: 'min' | 'max') => (r: Algebra, a: Operand, b: Operand) => {
  const [number] = isConstant(b) && elementsOf(b.shape) === 1 ? b.read() : [];
  if (number === undefined || isConstant(a) || b.shape.length > a.shape.length) return r.binary(op, a, b);
  return op === 'min' ? r.clamp(a, -Infinity, number) : r.clamp(a, number, Infinity);
};

// Windows

/** The number of a window's axes: one for sequences. More are beyond Linnet. */
function requireArea(axes: number): void {
  if (axes < 1 || axes > 2) unsupported(`it is ${axes}-dimensional; there are kernels for one and two dimensions`);
}

/** For height and width; a sequence has the height 1. */
const pairOf = (list: readonly number[] | undefined, byDefault: number): Pair => {
  const [first = byDefault, second] = list ?? [byDefault, byDefault];
  return list?.length === 1 ? [byDefault, first] : [first, second ?? byDefault];
};

interface WindowOptions {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padding: Padding;
}

/** How a window of `size` slides over a map. */
function windowOf(s: Scope, area: Pair, size: Pair): WindowOptions {
  const strides = pairOf(s.integers('strides'), 1);
  const dilations = pairOf(s.integers('dilations'), 1);
  const auto = s.text('auto_pad', 'NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER');
  if (!auto.startsWith('SAME')) {
    const padding = auto === 'VALID' ? ([0, 0, 0, 0] as const) : paddingOf(s.integers('pads'));
    return { strides, dilations, padding };
  }
  const sides = ([0, 1] as const).map((axis) => {
    const extent = (size[axis] - 1) * dilations[axis] + 1;
    const total = Math.max(0, (Math.ceil(area[axis] / strides[axis]) - 1) * strides[axis] + extent - area[axis]);
    return halves(total, auto === 'SAME_UPPER');
  });
  return { strides, dilations, padding: sides.flat() as unknown as Padding };
}

/** An odd one goes to the end, or to the beginning. */
function halves(total: number, isUpper: boolean): Pair {
  const less = Math.floor(total / 2);
  return isUpper ? [less, total - less] : [total - less, less];
}

/** ONNX has the beginnings of all axes before the ends. */
function paddingOf(pads: readonly number[] | undefined): Padding {
  const [first = 0, second = 0, third = 0, fourth = 0] = pads ?? [];
  const padding: Padding = pads?.length === 2 ? [0, 0, first, second] : [first, third, second, fourth];
  return padding.every((side) => side >= 0) ? padding : unsupported(`it has the negative padding [${pads}]`);
}

/** What a two-dimensional method gives, with as many axes as the input. */
const unmap = (r: Algebra, result: Term, like: Term): Term => {
  const [batch, channels, height, width] = result.value.shape as MapShape;
  return r.reshape(
    result,
    like.shape.length === 3 ? [batch, channels, width] : [batch, channels, height as number, width as number],
  );
};

interface Convolution {
  readonly x: Term;
  readonly filter: Constant;
  readonly bias?: Constant | undefined;
}

type Windowed = (
  g: GraphBuilder,
  x: Value,
  filter: ReturnType<GraphBuilder['tensor']>,
  bias: ReturnType<GraphBuilder['tensor']> | undefined,
) => Value;

/** A convolution whose bias may still be added. */
function convolution(r: Algebra, op: string, { x, filter, bias }: Convolution, channels: number, make: Windowed): Term {
  const [rows, columns, ...area] = filter.shape;
  const size = area.length === 1 ? [1, ...area] : area;
  const filterOf = r.tensor(filter, [rows as number, columns as number, ...size]);
  const biasOf = bias && r.tensor(bias, [channels]);
  const result = r.record(op, [r.map(x)], (g, value) => make(g, value, filterOf(g), biasOf?.(g)), {
    plus(summand) {
      const own = bias ? undefined : perChannel(summand, x.shape.length, channels);
      return own && convolution(r, op, { x, filter, bias: own }, channels, make);
    },
  });
  return unmap(r, result, x);
}

/** A constant of `[channels, 1, 1]`, or so, as `[channels]`. */
function perChannel(constant: Constant, rank: number, channels: number): Constant | undefined {
  const sizes = constant.shape.slice(-rank + 1);
  const isOne = constant.shape.length <= rank && elementsOf(constant.shape) === channels && sizes[0] === channels;
  return isOne && (sizes.length === rank - 1 || channels === 1)
    ? reshaped(constant, constant.name, [channels])
    : undefined;
}

/** The constant filter of a convolution, of one or two dimensions. */
function filterOf(s: Scope, index: number): Constant {
  const filter = s.constant(index);
  requireArea(filter.shape.length - 2);
  const size = filter.shape.slice(2);
  const kernel = s.integers('kernel_shape');
  if (kernel && !sameShape(kernel, size)) {
    unsupported(`its filter is ${showShape(size)}, and its kernel_shape [${kernel}]`);
  }
  return filter;
}

const filterSize = ({ shape }: Constant): Pair =>
  shape.length === 3 ? [1, shape[2] as number] : [shape[2] as number, shape[3] as number];

/** The bias where it is constant; another one is added afterwards. */
function withBias(s: Scope, r: Algebra, index: number, make: (bias: Constant | undefined) => Term): Term {
  const item = s.has(index) ? s.item(index) : undefined;
  if (!item || isConstant(item)) return make(item);
  const result = make(undefined);
  return r.add(result, { ...item, shape: [elementsOf(item.shape), ...Array(result.shape.length - 2).fill(1)] });
}

function conv(r: Algebra, s: Scope, x: Term, filter: Constant, bias: Constant | undefined): Term {
  const [, , ...area] = r.map(x).shape;
  const groups = s.integer('group', 1);
  const { strides, dilations, padding } = windowOf(s, area, filterSize(filter));
  return convolution(r, 'conv2d', { x, filter, bias }, filter.shape[0] as number, (g, value, weight, added) =>
    g.conv2d(value, weight, { bias: added, strides, dilations, padding, groups }),
  );
}

/** What is cut off a transposed convolution's result, and what is added to it at the end. */
function transposedWindow(s: Scope, area: Pair, size: Pair) {
  const strides = pairOf(s.integers('strides'), 1);
  const dilations = pairOf(s.integers('dilations'), 1);
  const added = pairOf(s.integers('output_padding'), 0);
  const auto = s.text('auto_pad', 'NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER');
  const given = s.integers('output_shape');
  const wanted = given && pairOf(given.slice(-size.length), 1);
  if (!wanted && !auto.startsWith('SAME')) {
    const padding = auto === 'VALID' ? ([0, 0, 0, 0] as const) : paddingOf(s.integers('pads'));
    return { strides, dilations, padding, outputPadding: added };
  }
  const outputPadding: [number, number] = [...added];
  const sides = ([0, 1] as const).map((axis) => {
    const target = wanted?.[axis] ?? area[axis] * strides[axis];
    const total = strides[axis] * (area[axis] - 1) + added[axis] + (size[axis] - 1) * dilations[axis] + 1 - target;
    if (total < 0) outputPadding[axis] -= total;
    return halves(Math.max(0, total), auto === 'SAME_UPPER');
  });
  return { strides, dilations, padding: sides.flat() as unknown as Padding, outputPadding };
}

type PoolOp = 'averagePool2d' | 'maxPool2d' | 'l2Pool2d';

function pool(op: PoolOp): Operator {
  return (s, r) => {
    const size = s.integers('kernel_shape') ?? unsupported("its attribute 'kernel_shape' is missing");
    requireArea(size.length);
    if (s.gives(1)) unsupported('the indices of its maxima are asked for');
    // The largest of quantized numbers stands for the largest.
    const x = op === 'maxPool2d' && s.term(0).quantization ? s.term(0) : s.value(0);
    return poolOf(s, r, x, op, size);
  };
}

function poolOf(s: Scope, r: Algebra, x: Term, op: PoolOp, size: readonly number[]): Term {
  const windowDimensions = pairOf(size, 1);
  const [, , ...area] = r.map(x).shape;
  const { strides, dilations, padding } = windowOf(s, area, windowDimensions);
  const isPlain = [...windowDimensions, ...strides, ...padding].join() === '1,1,1,1,0,0,0,0';
  if (isPlain && op !== 'l2Pool2d') return x;
  const roundingType = s.integer('ceil_mode', 0) ? 'ceil' : 'floor';
  const countIncludePad = s.integer('count_include_pad', 0) === 1;
  const options = { windowDimensions, strides, dilations, padding, roundingType } as const;
  const make = (g: GraphBuilder, value: Value) =>
    op === 'averagePool2d' ? g.averagePool2d(value, { ...options, countIncludePad }) : g[op](value, options);
  return unmap(r, r.record(op, [r.map(x)], make), x);
}

/** Over all that comes after the channels; `[batch, channels, 1, ...]`. */
function globalPool(r: Algebra, x: Term, op: PoolOp): Term {
  const shape = x.shape.map((size, axis) => (axis < 2 ? size : 1));
  const axes = shape.map((_, axis) => axis).slice(2);
  const name = op === 'averagePool2d' ? 'reduceMean' : 'reduceMax';
  return r.record(name, [r.map(x)], (g, value) => g[op](value), { shape, axes });
}

/** A value has two axes at least: the first of them a tensor may not have. */
const addedAxes = ({ shape }: Term) => Math.max(0, 2 - shape.length);

// Reductions

type ReduceOp =
  | 'reduceMean'
  | 'reduceSum'
  | 'reduceMax'
  | 'reduceMin'
  | 'reduceProduct'
  | 'reduceL1'
  | 'reduceL2'
  | 'reduceSumSquare'
  | 'reduceLogSum'
  | 'reduceLogSumExp';

/** Reduced axes stay, with size 1. */
function reduce(r: Algebra, x: Term, op: ReduceOp, axes: readonly number[]): Term {
  if (axes.length === 0) return x;
  return r.across(x, (input, axisOf) => {
    const own = axes.map(axisOf).sort((a, b) => a - b);
    const isSpatial = input.shape.length > 2 && `${own}` === `${input.shape.map((_, axis) => axis).slice(2)}`;
    if (op === 'reduceMean' && isSpatial) return globalPool(r, input, 'averagePool2d');
    const options = { axes: own.map((axis) => axis + addedAxes(input)), keepDimensions: true };
    const shape = input.shape.map((size, axis) => (own.includes(axis) ? 1 : size));
    return r.record(op, [r.shaped(input, input.shape)], (g, value) => g[op](value, options), { shape, axes: own });
  });
}

const without = (r: Algebra, x: Term, axes: readonly number[]): Term =>
  r.reshape(
    x,
    x.shape.filter((_, axis) => !axes.includes(axis)),
  );

const reduction =
  (op: ReduceOp): Operator =>
  (s, r) => {
    const x = s.value(0);
    const axes = reducedAxes(s, x.shape.length);
    const result = reduce(r, x, op, axes);
    return s.integer('keepdims', 1) ? result : without(r, result, axes);
  };

const argument =
  (op: 'argMax' | 'argMin'): Operator =>
  (s, r) => {
    const x = s.value(0);
    const axis = s.axis(s.integer('axis', 0), x.shape.length);
    const isLast = s.integer('select_last_index', 0) === 1;
    const result = r.across(x, (input, axisOf) => {
      const own = axisOf(axis);
      const place = own + addedAxes(input);
      const size = input.shape[own] as number;
      const shape = input.shape.map((other, index) => (index === own ? 1 : other));
      const make = (g: GraphBuilder, value: Value) =>
        g[op](isLast ? g.reverse(value, { axes: [place] }) : value, place, { keepDimensions: true });
      const found = r.record(op, [r.shaped(input, input.shape)], make, { shape });
      return isLast ? r.linear(found, -1, size - 1) : found;
    });
    return typed(s.integer('keepdims', 1) ? result : without(r, result, [axis]), 'int64');
  };

const typed = (term: Term, type: ElementType): TypedTerm => ({ ...term, type, quantization: undefined });

// Parts

function slice(r: Algebra, x: Term, starts: readonly number[], sizes: Shape, steps: readonly number[]): Term {
  if (sizes.some((size) => size === 0)) unsupported(`its result has the shape ${showShape(sizes)}`);
  if (sameShape(sizes, x.shape) && steps.every((step) => step === 1)) return x;
  return r.across(x, (input, axisOf) => {
    const added = addedAxes(input);
    const order = input.shape.map((_, axis) => sizes.findIndex((_, own) => axisOf(own) === axis));
    const axesOf = (list: readonly number[], filler: number) => [
      ...Array(added).fill(filler),
      ...order.map((own) => list[own] as number),
    ];
    const [from, count, apart] = [axesOf(starts, 0), axesOf(sizes, 1), axesOf(steps, 1)];
    const reversed = apart.flatMap((step, axis) => (step < 0 ? [axis] : []));
    const full = lead(input.shape, 2);
    const begin = from.map((start, axis) => ((apart[axis] as number) < 0 ? (full[axis] as number) - 1 - start : start));
    const strides = apart.map(Math.abs);
    // The method's sizes are those of the window that the strides leave some elements of.
    const window = count.map((size, axis) => (size - 1) * (strides[axis] as number) + 1);
    const options = strides.every((stride) => stride === 1) ? {} : { strides };
    const make = (g: GraphBuilder, value: Value) =>
      g.slice(reversed.length > 0 ? g.reverse(value, { axes: reversed }) : value, begin, window, options);
    return r.record('slice', [r.shaped(input, input.shape)], make, { shape: order.map((own) => sizes[own] as number) });
  });
}

/** One element, or some, of an axis. */
function along(r: Algebra, x: Term, axis: number, start: number, size: number, step = 1): Term {
  const at = (value: number, byDefault: Shape | number) =>
    x.shape.map((_, own) =>
      own === axis ? value : typeof byDefault === 'number' ? byDefault : (byDefault[own] as number),
    );
  return slice(r, x, at(start, 0), at(size, x.shape), at(step, 1));
}

function concat(r: Algebra, items: readonly Term[], axis: number): Term {
  const [first, ...more] = items;
  if (!first) return unsupported('it has no input');
  if (more.length === 0) return first;
  const permutations = new Set(items.map((item) => (isTurned(item) ? `${item.options.permutation}` : '')));
  if (isTurned(first) && permutations.size === 1) {
    const { permutation } = first.options;
    const before = items.map((item) => (isTurned(item) ? beforeTurn(item) : item));
    return r.transpose(concat(r, before, permutation[axis] as number), permutation);
  }
  const shape = first.shape.map((size, own) =>
    own === axis ? items.reduce((sum, item) => sum + (item.shape[axis] as number), 0) : size,
  );
  return r.record(
    'concat',
    items.map((item) => r.shaped(item, item.shape)),
    (g, ...values) => g.concat(values, axis + addedAxes(first)),
    { shape },
  );
}

/** Gather of a constant list of places. */
function gather(s: Scope, r: Algebra): Term {
  const x = s.term(0);
  const indices = s.constant(1);
  const axis = s.axis(s.integer('axis', 0), x.shape.length);
  const size = x.shape[axis] as number;
  const places = s.numbersOf(indices).map((index) => s.axis(index, size));
  const [first = 0, second = first + 1] = places;
  const step = second - first;
  const isEven = places.every((place, index) => place === first + index * step) && step !== 0;
  const parts = isEven
    ? [along(r, x, axis, first, places.length, step)]
    : places.slice(0, MOST_PARTS + 1).map((place) => along(r, x, axis, place, 1));
  if (parts.length > MOST_PARTS) unsupported(`it gathers more than ${MOST_PARTS} places that are not evenly apart`);
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  return r.reshape(concat(r, parts, axis), shape);
}

/** Views that are put together one by one. */
const MOST_PARTS = 64;

// Maps

/**
 * What a two-dimensional method does to some axes: `work` gets them as the last two of a map, or as the last one, and where an
 * axis is among these.
 */
function spatially(
  r: Algebra,
  x: Term,
  axes: readonly number[],
  work: (map: Term, place: (axis: number) => 0 | 1) => Term,
): Term {
  const rank = x.shape.length;
  const begin = rank - 2;
  if (rank === 3 && axes.every((axis) => axis === 2)) {
    const result = work(r.map(x), () => 1);
    return unmap(r, result, x);
  }
  if (rank >= 4 && axes.every((axis) => axis >= begin)) {
    const [first, ...rest] = x.shape;
    const map = r.reshape(x, [first as number, elementsOf(rest.slice(0, -2)), ...rest.slice(-2)]);
    const result = work(r.shaped(map, map.shape), (axis) => (axis === begin ? 0 : 1));
    return r.reshape(result, [...x.shape.slice(0, begin), ...result.value.shape.slice(2)]);
  }
  if (rank > 4 || axes.length > 2) return unsupported(`it changes the axes [${axes}] of ${showShape(x.shape)}`);
  const order = [...x.shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
  const turned = r.transpose(x, order);
  const map = r.reshape(turned, [...Array(4 - rank).fill(1), ...turned.shape]);
  const result = work(r.shaped(map, map.shape), (axis) => (order.indexOf(axis) === rank - 1 ? 1 : 0));
  const back = order.map((_, axis) => order.indexOf(axis));
  return r.transpose(r.reshape(result, result.value.shape.slice(4 - rank)), back);
}

function pad(
  r: Algebra,
  x: Term,
  begins: readonly number[],
  ends: readonly number[],
  mode: 'constant' | 'edge' | 'reflection',
  value: number,
): Term {
  const axes = [...x.shape.keys()].filter((axis) => begins[axis] || ends[axis]);
  if (axes.length === 0) return x;
  return r.across(x, (input, axisOf) => {
    const list = (sides: readonly number[]) =>
      input.shape.map((_, axis) => sides[[...x.shape.keys()].findIndex((own) => axisOf(own) === axis)] as number);
    const [before, after] = [list(begins), list(ends)];
    const own = [...input.shape.keys()].filter((axis) => before[axis] || after[axis]);
    // Two axes at a time, the last ones first.
    const groups: number[][] = [];
    for (const rest = [...own]; rest.length > 0; ) groups.push(rest.splice(-2));
    return groups.reduce(
      (result, group) =>
        spatially(r, result, group, (map, place) => {
          const sides = [0, 1].map((side) => {
            const axis = group.find((candidate) => place(candidate) === side);
            return axis === undefined ? [0, 0] : [before[axis] as number, after[axis] as number];
          });
          const [[top, bottom], [left, right]] = sides as [[number, number], [number, number]];
          const isZero = mode === 'constant' && value === 0;
          const make = (g: GraphBuilder, input: Value) =>
            isZero
              ? g.pad(input, [top, bottom, left, right])
              : g.pad(input, [0, 0, top, left], [0, 0, bottom, right], { mode, value });
          return r.record('pad', [map], make);
        }),
      input,
    );
  });
}

/** Which pixel of an axis each result's is, as `index * step + offset`. The names are those of `coordinate_transformation_mode`. */
const COORDINATES: Readonly<
  Record<string, (before: number, after: number, scale: number, roi: Pair) => readonly [step: number, offset: number]>
> = {
  half_pixel: (_before, _after, scale) => [1 / scale, 0.5 / scale - 0.5],
  pytorch_half_pixel: (_before, after, scale) => (after > 1 ? [1 / scale, 0.5 / scale - 0.5] : [0, 0]),
  half_pixel_symmetric: (before, after, scale) => [
    1 / scale,
    (before / 2) * (1 - after / (before * scale)) + 0.5 / scale - 0.5,
  ],
  asymmetric: (_before, _after, scale) => [1 / scale, 0],
  // As ONNX's tests have it, of a size that a scale gives before it is rounded.
  align_corners: (before, _after, scale) => (before * scale > 1 ? [(before - 1) / (before * scale - 1), 0] : [0, 0]),
  tf_half_pixel_for_nn: (_before, _after, scale) => [1 / scale, 0.5 / scale],
  tf_crop_and_resize: (before, after, _scale, [start, end]) =>
    after > 1
      ? [((end - start) * (before - 1)) / (after - 1), start * (before - 1)]
      : [0, 0.5 * (start + end) * (before - 1)],
};

const ROUNDING = {
  floor: 'floor',
  ceil: 'ceil',
  round_prefer_floor: 'round-prefer-floor',
  round_prefer_ceil: 'round-prefer-ceil',
} as const;

interface ResizedAxis extends Resized {
  readonly axis: number;
}
interface Resized {
  readonly size: number;
  readonly step: number;
  readonly offset: number;
}

/** Where the pixels of the resized axes lie. */
function resizedAxes(s: Scope, shape: Shape): ResizedAxis[] {
  const named = s.text('coordinate_transformation_mode', 'half_pixel', ...Object.keys(COORDINATES));
  const coordinates = COORDINATES[named] as (typeof COORDINATES)[string];
  const axes = s.axes(s.integers('axes') ?? [...shape.keys()], shape.length);
  const given = (index: number) => {
    const numbers = s.has(index) ? s.numbers(index) : [];
    return numbers.length > 0 ? numbers : undefined;
  };
  const [roi, scales, sizes] = [named === 'tf_crop_and_resize' ? given(1) : undefined, given(2), given(3)];
  const list = sizes ?? scales ?? unsupported('it has neither scales nor sizes');
  if (list.length !== axes.length) unsupported(`it has ${list.length} scales or sizes for ${axes.length} axes`);
  const policy = s.text('keep_aspect_ratio_policy', 'stretch', 'not_larger', 'not_smaller');
  const before = axes.map((axis) => shape[axis] as number);
  const ratios = before.map((size, index) => (sizes ? (sizes[index] as number) / size : (list[index] as number)));
  const ratio = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
  const keeps = sizes && policy !== 'stretch';
  return axes.map((axis, index) => {
    const from = before[index] as number;
    const scale = keeps ? ratio : (ratios[index] as number);
    const size = keeps ? Math.floor(from * ratio + 0.5) : sizes ? (sizes[index] as number) : Math.floor(from * scale);
    if (!(scale > 0 && Number.isSafeInteger(size) && size >= 1 && size <= MOST_SIZE)) {
      unsupported(`it scales an axis of ${from} by ${scale}`);
    }
    const [step, offset] = coordinates(from, size, scale, [roi?.[index] ?? 0, roi?.[index + axes.length] ?? 1]);
    return { axis, size, step, offset };
  });
}

const NEAREST: Readonly<Record<keyof typeof ROUNDING, readonly [round: (place: number) => number, favoured: -1 | 1]>> =
  {
    floor: [Math.floor, 1],
    ceil: [Math.ceil, -1],
    round_prefer_floor: [(place) => Math.ceil(place - 0.5), -1],
    round_prefer_ceil: [(place) => Math.floor(place + 0.5), 1],
  };

/**
 * The offset with which a GPU's floats find the same pixels: where a place lies between two of them it may be rounded to the
 * wrong one, unless all are moved by as much as rounding may be off.
 */
function steadyOffset({ size, step, offset }: Resized, length: number, nearest: keyof typeof ROUNDING): number {
  const [round, favoured] = NEAREST[nearest];
  const moved = offset + favoured * length * 2 ** -22;
  const [single, start] = [Math.fround(step), Math.fround(offset)];
  const isSteady = Array.from({ length: size }, (_, index) => {
    const wanted = round(index * step + moved);
    const fused = round(Math.fround(index * single + start));
    return fused === wanted && round(Math.fround(Math.fround(index * single) + start)) === wanted;
  });
  return isSteady.every(Boolean) ? offset : moved;
}

/** What a cropped map has beyond the edges of the input, which `tf_crop_and_resize` may look at. */
function extrapolated(s: Scope, r: Algebra, result: Term, rows: Resized, columns: Resized, area: Pair): Term {
  const inside = ({ size, step, offset }: Resized, length: number) =>
    Array.from({ length: size }, (_, index) => {
      const place = index * step + offset;
      return place >= 0 && place <= length - 1;
    });
  if (rows.size * columns.size > MOST_SIZE) unsupported(`it crops ${rows.size} x ${columns.size} pixels`);
  const [inRows, inColumns] = [inside(rows, area[0]), inside(columns, area[1])];
  const isInside = inRows.flatMap((inRow) => inColumns.map((inColumn) => inRow && inColumn));
  if (isInside.every(Boolean)) return result;
  const value = s.float('extrapolation_value', 0);
  const constant = (name: string, of: (is: boolean) => number) =>
    constantOf(`${s.output} (${name})`, 'float32', [1, 1, rows.size, columns.size], isInside.map(of));
  const kept = r.binary('mul', result, constant('inside', Number));
  return r.binary(
    'add',
    kept,
    constant('outside', (is) => (is ? 0 : value)),
  );
}

function resize(s: Scope, r: Algebra): Term {
  const mode = s.text('mode', 'nearest', 'linear', 'cubic', 'bilinear');
  const nearest = s.text<keyof typeof ROUNDING>(
    'nearest_mode',
    'round_prefer_floor',
    'floor',
    'ceil',
    'round_prefer_ceil',
  );
  const x = s.value(0);
  const changed = resizedAxes(s, x.shape).filter(
    // Of one pixel, any place is the same.
    ({ axis, size, step, offset }) => size !== x.shape[axis] || (size > 1 && (step !== 1 || offset !== 0)),
  );
  if (changed.length === 0) return x;
  if (s.integer('antialias', 0) && changed.some(({ step }) => step > 1)) unsupported("its attribute 'antialias' is 1");
  const cubicCoefficient = s.float('cubic_coeff_a', -0.75);
  const excludeOutside = s.integer('exclude_outside', 0) === 1;
  return r.across(x, (input, axisOf) => {
    const own = changed.map((entry) => ({ ...entry, axis: axisOf(entry.axis) }));
    const axes = own.map(({ axis }) => axis).sort((a, b) => a - b);
    return spatially(r, input, axes, (map, place) => {
      const [, , ...area] = map.value.shape;
      const at = (side: 0 | 1): Resized =>
        own.find(({ axis }) => place(axis) === side) ?? { size: area[side] as number, step: 1, offset: 0 };
      const [rows, columns] = [at(0), at(1)];
      const offsetOf = (side: Resized, length: number | undefined) =>
        mode === 'nearest' ? steadyOffset(side, length ?? 1, nearest) : side.offset;
      const options = {
        sizes: [rows.size, columns.size] as const,
        coordinates: {
          steps: [rows.step, columns.step] as const,
          offsets: [offsetOf(rows, area[0]), offsetOf(columns, area[1])] as const,
        },
      };
      const result = r.record('resample2d', [map], (g, value) => {
        if (mode === 'nearest') {
          return g.resample2d(value, {
            ...options,
            mode: 'nearest-neighbor',
            rounding: ROUNDING[nearest],
          });
        }
        if (mode === 'cubic') return g.resample2d(value, { ...options, mode, cubicCoefficient, excludeOutside });
        return g.resample2d(value, { ...options, mode: 'linear' });
      });
      return s.attribute('coordinate_transformation_mode')?.s === 'tf_crop_and_resize'
        ? extrapolated(s, r, result, rows, columns, area as unknown as Pair)
        : result;
    });
  });
}

// Products

/** x · filterᵀ + bias for a constant filter `[n, k]`; a bias may still be added. */
function gemm(r: Algebra, x: Term, filter: Constant, bias?: Constant): Term {
  const [outFeatures] = filter.shape as Pair;
  const filterOf = r.tensor(filter, filter.shape);
  const biasOf = bias && r.tensor(bias, [outFeatures]);
  return r.record('gemm', [r.shaped(x, x.shape)], (g, value) => g.gemm(value, filterOf(g), { bias: biasOf?.(g) }), {
    plus(summand) {
      const own = bias ? undefined : perChannel(summand, 2, outFeatures);
      return own && gemm(r, x, filter, own);
    },
  });
}

function matrix(item: Operand, isTransposed: boolean, r: Algebra): Operand {
  if (item.shape.length !== 2) unsupported(`one of its matrices has the shape ${showShape(item.shape)}`);
  if (!isTransposed) return item;
  return isConstant(item) ? r.transposedConstant(item, [1, 0]) : r.transpose(item, [1, 0]);
}

/** a · b for matrices. */
function product(r: Algebra, a: Operand, b: Operand): Term {
  const [[, inner], [rows]] = [a.shape as Pair, b.shape as Pair];
  if (inner !== rows) unsupported(`${showShape(a.shape)} is multiplied by ${showShape(b.shape)}`);
  if (isConstant(b)) {
    if (isConstant(a)) return unsupported('both of its matrices are constant');
    return gemm(r, a, r.transposedConstant(b, [1, 0]));
  }
  if (isConstant(a)) return r.transpose(gemm(r, r.transpose(b, [1, 0]), a), [1, 0]);
  return r.record('matmul', [r.shaped(a, a.shape), r.shaped(b, b.shape)], (g, x, y) => g.matmul(x, y));
}

/** Matrices that lie along the axes before the last two are multiplied one by one. */
function matmul(s: Scope, r: Algebra): Term {
  const [a, b] = [operand(s, 0), operand(s, 1)];
  const isVector = [a, b].map(({ shape }) => shape.length === 1);
  const left = isVector[0] ? withShape(a, [1, ...a.shape]) : a;
  const right = isVector[1] ? withShape(b, [...b.shape, 1]) : b;
  const result = matrices(r, left, right);
  const dropped = isVector.flatMap((is, index) => (is ? [result.shape.length - 2 + index] : []));
  return without(r, result, dropped);
}

const withShape = (item: Operand, shape: Shape): Operand =>
  isConstant(item) ? reshaped(item, item.name, shape) : { ...item, shape };

function matrices(r: Algebra, a: Operand, b: Operand): Term {
  const [rows, inner] = a.shape.slice(-2) as [number, number];
  const [, columns] = b.shape.slice(-2) as [number, number];
  if (b.shape.length === 2 && !isConstant(a)) {
    // Of what is transposed to have the channels last, it is a convolution.
    if (
      isConstant(b) &&
      isTurned(a) &&
      a.shape.length === 4 &&
      a.options.permutation[3] === 1 &&
      b.shape[0] === inner
    ) {
      const filter = reshaped(r.transposedConstant(b, [1, 0]), b.name, [columns, inner, 1, 1]);
      const x = beforeTurn(a);
      const result = convolution(
        r,
        'conv2d',
        { x, filter: { ...filter, name: `${b.name} (transposed)` } },
        columns,
        (g, value, weight, bias) => g.conv2d(value, weight, { bias }),
      );
      return r.transpose(result, a.options.permutation);
    }
    const flat = r.reshape(a, [elementsOf(a.shape.slice(0, -1)), inner]);
    return r.reshape(product(r, flat, b), [...a.shape.slice(0, -1), columns]);
  }
  const batch = [a, b].map(({ shape }) => shape.slice(0, -2)).sort((x, y) => y.length - x.length)[0] as Shape;
  const count = elementsOf(batch);
  const list = (item: Operand) => {
    const own = elementsOf(item.shape.slice(0, -2));
    if ((own !== count && own !== 1) || isConstant(item)) {
      return unsupported(`${showShape(a.shape)} is multiplied by ${showShape(b.shape)}`);
    }
    const [height, width] = item.shape.slice(-2) as [number, number];
    const stack = r.reshape(item, [own, height, width]);
    return Array.from({ length: count }, (_, index) =>
      r.reshape(along(r, stack, 0, own === 1 ? 0 : index, 1), [height, width]),
    );
  };
  if (count > MOST_PARTS) unsupported(`it multiplies ${count} matrices`);
  const [lefts, rights] = [list(a), list(b)];
  const products = lefts.map((left, index) => r.reshape(product(r, left, rights[index] as Term), [1, rows, columns]));
  return r.reshape(concat(r, products, 0), [...batch, rows, columns]);
}

// Normalizations

/** Over the axes from one on, with the mean and the inverse deviation where they are asked for. */
function layerNormalization(s: Scope, r: Algebra): Term[] {
  const x = s.value(0);
  const { length: rank } = x.shape;
  const first = s.axis(s.integer('axis', -1), rank);
  const axes = [...x.shape.keys()].slice(first);
  const epsilon = s.float('epsilon', 1e-5);
  const [scale, bias] = [s.constant(1), s.has(2) ? s.constant(2) : undefined];
  const result = r.across(x, (input, axisOf) => r.layerNormalization(input, axes.map(axisOf), epsilon, scale, bias));
  if (!s.gives(1) && !s.gives(2)) return [result];
  const mean = reduce(r, x, 'reduceMean', axes);
  const difference = r.sub(x, mean);
  const variance = reduce(r, r.mul(difference, difference), 'reduceMean', axes);
  return [result, mean, apply(r, apply(r, r.linear(variance, 1, epsilon), 'sqrt'), 'reciprocal')];
}

/** ONNX's function body of this operator. */
function meanVarianceNormalization(s: Scope, r: Algebra): Term {
  const x = s.value(0);
  const axes = s.axes(s.integers('axes') ?? [0, 2, 3], x.shape.length);
  const difference = r.sub(x, reduce(r, x, 'reduceMean', axes));
  const variance = reduce(r, r.mul(difference, difference), 'reduceMean', axes);
  return r.div(difference, r.linear(apply(r, variance, 'sqrt'), 1, 1e-9));
}

function groupNormalization(s: Scope, r: Algebra): Term {
  const x = s.value(0);
  const [batch = 1, channels = 1, ...area] = x.shape;
  const groups = s.integer('num_groups');
  if (!(channels % groups === 0 && channels <= MOST_SIZE)) {
    unsupported(`it has ${groups} groups for ${channels} channels`);
  }
  const grouped = r.reshape(x, [batch, groups, (channels / groups) * elementsOf(area)]);
  const normalized = r.reshape(r.layerNormalization(grouped, [2], s.float('epsilon', 1e-5)), x.shape);
  // Before opset 21 there was one for each group.
  const each = (constant: Constant) => {
    const numbers = s.numbersOf(constant);
    const by = channels / numbers.length;
    const values = Array.from({ length: channels }, (_, channel) => numbers[Math.floor(channel / by)] as number);
    return constantOf(`${constant.name} (${channels})`, 'float32', [channels], values);
  };
  return r.normalize(normalized, { scale: each(s.constant(1)), bias: each(s.constant(2)) });
}

const isTrue = (s: Scope, index: number) => s.has(index) && s.number(index) !== 0;

/** x where `condition` is positive, and else 0. */
const where = (r: Algebra, x: Term, condition: Term): Term =>
  r.binary('mul', r.clamp(apply(r, condition, 'sign'), 0, Infinity), x);

/** What the numbers of a quantized value can stand for. */
function quantize(s: Scope, r: Algebra): TypedTerm {
  const x = s.value(0);
  const zeroPoint = s.has(2) ? s.constant(2) : undefined;
  const [scale, zero] = [s.number(1), s.number(2, 0)];
  const type = zeroPoint?.type ?? 'uint8';
  const [low, high] = rangeOf(type);
  return { ...r.clamp(x, (low - zero) * scale, (high - zero) * scale), type, quantization: { scale, zero } };
}

function dequantize(s: Scope, r: Algebra): TypedTerm {
  const x = s.term(0);
  const { scale: before = 1, zero: shift = 0 } = x.quantization ?? {};
  const scales = s.numbers(1);
  const zeros = s.has(2) ? s.numbers(2) : [0];
  const [scale, ...more] = scales as [number];
  if (more.length > 0 || zeros.length > 1) {
    const axis = s.axis(s.integer('axis', 1), x.shape.length);
    if (x.quantization || axis !== 1 || scales.length !== x.shape[1]) unsupported('it has several scales for a value');
    const constant = (name: string, values: number[]) =>
      constantOf(`${s.output} (${name})`, 'float32', [values.length], values);
    const bias = scales.map((own, index) => -own * ((zeros[index] ?? zeros[0]) as number));
    return typed(r.normalize(x, { scale: constant('scale', scales), bias: constant('bias', bias) }), 'float32');
  }
  return typed(r.linear(x, scale / before, (shift - (zeros[0] as number)) * scale), 'float32');
}

function cast(s: Scope, r: Algebra, to: ElementType): TypedTerm {
  const x = s.term(0);
  if (x.quantization) unsupported('its input is quantized');
  if (to === 'bool') unsupported('a cast to bool');
  if (isFloat(x.type) === isFloat(to) || isFloat(to)) return typed(x, to);
  if (to !== 'int32' && to !== 'int64') unsupported(`a cast from ${x.type} to ${to}`);
  const whole = apply(r, apply(r, x, 'abs'), 'floor');
  return typed(r.binary('mul', whole, apply(r, x, 'sign')), to);
}

/** The operators that Linnet computes, named as ONNX names them, in their newest version (`onnx-versions.ts`). */
export const OPERATORS = {
  Abs: unary('abs'),
  Add: binary((r, a, b) => r.add(a, b)),
  ArgMax: argument('argMax'),
  ArgMin: argument('argMin'),
  AveragePool: pool('averagePool2d'),
  BatchNormalization(s, r) {
    if (s.integer('training_mode', 0)) unsupported('it is in training mode');
    if (!s.integer('spatial', 1)) unsupported('it normalizes each pixel by itself');
    if (s.gives(1)) unsupported('the statistics of training are asked for');
    const [scale, bias, mean, variance] = [s.constant(1), s.constant(2), s.constant(3), s.constant(4)];
    return r.normalize(s.value(0), { scale, bias, mean, variance, epsilon: s.float('epsilon', 1e-5) });
  },
  Cast: (s, r) => cast(s, r, castTo(s)),
  CastLike: (s, r) => (isConstant(s.item(0)) ? castConstant(s, s.item(1).type) : cast(s, r, s.item(1).type)),
  Ceil: unary('ceil'),
  Celu(s, r) {
    const alpha = s.float('alpha', 1);
    const x = r.linear(s.value(0), 1 / alpha, 0);
    return r.linear(
      r.unary(x, 'elu', (g, value) => g.elu(value, { alpha: 1 })),
      alpha,
      0,
    );
  },
  Clip(s, r) {
    const [low, high] = [s.number(1, -Infinity), s.number(2, Infinity)];
    // Where they are in the wrong order, the upper one counts.
    return r.clamp(s.value(0), Math.min(low, high), high);
  },
  Concat(s, r) {
    const items = s.node.inputs.map((_, index) => s.term(index));
    const [first] = items;
    if (items.some((item) => item.quantization?.scale !== first?.quantization?.scale)) {
      unsupported('its inputs are quantized in different ways');
    }
    return concat(r, items, s.axis(s.integer('axis', 1), first?.shape.length ?? 0));
  },
  Conv(s, r) {
    const filter = filterOf(s, 1);
    const x = s.value(0);
    return withBias(s, r, 2, (bias) => conv(r, s, x, filter, bias));
  },
  ConvTranspose(s, r) {
    const filter = filterOf(s, 1);
    const x = s.value(0);
    const [, , ...area] = r.map(x).shape;
    const groups = s.integer('group', 1);
    const options = transposedWindow(s, area, filterSize(filter));
    const channels = (filter.shape[1] as number) * groups;
    return withBias(s, r, 2, (bias) =>
      convolution(r, 'convTranspose2d', { x, filter, bias }, channels, (g, value, weight, added) =>
        g.convTranspose2d(value, weight, { bias: added, groups, ...options }),
      ),
    );
  },
  Cos: unary('cos'),
  DepthToSpace(s, r) {
    const mode = s.text('mode', 'DCR', 'CRD');
    const size = s.integer('blocksize');
    const x = s.term(0);
    return r.record('depthToSpace', [r.shaped(x, x.shape)], (g, value) => g.depthToSpace(value, size, { mode }));
  },
  DequantizeLinear: dequantize,
  Div: binary((r, a, b) => r.div(a, b)),
  Dropout(s) {
    if (isTrue(s, 2)) unsupported('it is in training mode');
    if (s.gives(1)) unsupported('its mask is asked for');
    return s.term(0);
  },
  Elu(s, r) {
    const alpha = s.float('alpha', 1);
    return r.unary(s.value(0), 'elu', (g, value) => g.elu(value, { alpha }));
  },
  Erf: unary('erf'),
  Exp: unary('exp'),
  Expand(s, r) {
    const x = s.term(0);
    const shape = expandedTo(s, x.shape);
    if (elementsOf(shape) === elementsOf(x.shape)) return r.reshape(x, shape);
    const [from, to] = [lead(x.shape, Math.max(2, shape.length)), lead(shape, Math.max(2, shape.length))];
    return r.record('expand', [r.shaped(x, from)], (g, value) => g.expand(value, to), { shape });
  },
  Flatten: (s, r) => r.reshape(s.term(0), flattenedTo(s, s.term(0).shape)),
  Floor: unary('floor'),
  Gather: gather,
  Gelu(s, r) {
    const x = s.value(0);
    if (s.text('approximate', 'none', 'tanh') === 'none') return apply(r, x, 'gelu');
    // x (1 + tanh(u)) / 2 = x sigmoid(2 u), for u = sqrt(2 / pi) (x + 0.044715 x^3).
    const cubed = r.binary('mul', r.binary('mul', x, x), x);
    const inner = r.add(x, r.linear(cubed, 0.044715, 0));
    return r.mul(x, apply(r, r.linear(inner, 2 * Math.sqrt(2 / Math.PI), 0), 'sigmoid'));
  },
  Gemm(s, r) {
    const [a, b] = [operand(s, 0), operand(s, 1)];
    const [alpha, beta] = [s.float('alpha', 1), s.float('beta', 1)];
    const left = matrix(a, s.integer('transA', 0) === 1, r);
    const isTransposed = s.integer('transB', 0) === 1;
    const times = (constant: Constant, factor: number) =>
      factor === 1 ? constant : r.changed(constant, `* ${factor}`, (number) => number * factor);
    // The filter as it is stored, where it is stored as Linnet has it.
    const result =
      isConstant(b) && isTransposed && !isConstant(left) && b.shape.length === 2
        ? gemm(r, left, times(b, alpha))
        : r.linear(product(r, left, matrix(b, isTransposed, r)), alpha, 0);
    if (!s.has(2) || beta === 0) return result;
    const c = operand(s, 2);
    return r.add(result, isConstant(c) ? times(c, beta) : r.linear(c, beta, 0));
  },
  GlobalAveragePool: (s, r) => globalPool(r, s.value(0), 'averagePool2d'),
  GlobalLpPool(s, r) {
    const x = s.value(0);
    const axes = [...x.shape.keys()].slice(2);
    const p = s.integer('p', 2);
    return p === 1 || p === 2 ? reduce(r, x, p === 1 ? 'reduceL1' : 'reduceL2', axes) : unsupported(`its p is ${p}`);
  },
  GlobalMaxPool: (s, r) => globalPool(r, s.value(0), 'maxPool2d'),
  GroupNormalization: groupNormalization,
  HardSigmoid: (s, r) => r.hardSigmoid(s.value(0), s.float('alpha', 0.2), s.float('beta', 0.5)),
  HardSwish: unary('hardSwish'),
  Identity: (s) => s.term(0),
  InstanceNormalization(s, r) {
    const x = s.value(0);
    const epsilon = s.float('epsilon', 1e-5);
    const [scale, bias] = [1, 2].map((index) => r.tensor(s.constant(index), [x.shape[1] ?? 1]));
    const make = (g: GraphBuilder, value: Value) =>
      g.instanceNormalization(value, { scale: scale?.(g), bias: bias?.(g), epsilon });
    return r.record('instanceNormalization', [r.map(x)], make, { shape: x.shape });
  },
  LRN(s, r) {
    const options = {
      size: s.integer('size'),
      alpha: s.float('alpha', 1e-4),
      beta: s.float('beta', 0.75),
      bias: s.float('bias', 1),
    };
    const x = s.value(0);
    return r.record('lrn', [r.map(x)], (g, value) => g.localResponseNormalization(value, options), { shape: x.shape });
  },
  LayerNormalization: layerNormalization,
  LeakyRelu(s, r) {
    const alpha = s.float('alpha', 0.01);
    return r.unary(s.value(0), 'leakyRelu', (g, value) => g.leakyRelu(value, { alpha }));
  },
  Log: unary('log'),
  LogSoftmax(s, r) {
    const x = s.value(0);
    const axes = [s.axis(s.integer('axis', -1), x.shape.length)];
    const shifted = r.sub(x, reduce(r, x, 'reduceMax', axes));
    return r.sub(shifted, reduce(r, shifted, 'reduceLogSumExp', axes));
  },
  LpNormalization(s, r) {
    const x = s.value(0);
    const p = s.integer('p', 2);
    const axes = [s.axis(s.integer('axis', -1), x.shape.length)];
    if (p !== 1 && p !== 2) unsupported(`its p is ${p}`);
    const norm = reduce(r, x, p === 1 ? 'reduceL1' : 'reduceL2', axes);
    // Zeros stay zeros.
    return r.div(x, r.clamp(norm, 1e-30, Infinity));
  },
  LpPool(s, r) {
    const size = s.integers('kernel_shape') ?? unsupported("its attribute 'kernel_shape' is missing");
    requireArea(size.length);
    const p = s.integer('p', 2);
    if (p < 1) unsupported(`its p is ${p}`);
    const x = s.value(0);
    const to = (base: Term, exponent: number) =>
      exponent === 1 ? base : r.binary('pow', base, constantOf(`${s.output} (${exponent})`, 'float32', [], [exponent]));
    const roots = p === 2 ? x : to(apply(r, x, 'abs'), p / 2);
    const pooled = poolOf(s, r, roots, 'l2Pool2d', size);
    return p === 2 ? pooled : to(pooled, 2 / p);
  },
  MatMul: matmul,
  Max: variadic(extreme('max')),
  MaxPool: pool('maxPool2d'),
  Mean: (s, r) => r.linear(variadic((own, a, b) => own.add(a, b))(s, r) as Term, 1 / s.node.inputs.length, 0),
  MeanVarianceNormalization: meanVarianceNormalization,
  Min: variadic(extreme('min')),
  Mish(s, r) {
    const x = s.value(0);
    return r.mul(x, apply(r, apply(r, x, 'softplus'), 'tanh'));
  },
  Mul: binary((r, a, b) => r.mul(a, b)),
  Neg: (s, r) => r.linear(s.value(0), -1, 0),
  PRelu(s, r) {
    const [x, slope] = operands(s);
    return r.binary('prelu', x, slope);
  },
  Pad(s, r) {
    const given = s.text('mode', 'constant', 'reflect', 'edge');
    const mode = given === 'reflect' ? 'reflection' : given;
    const x = s.term(0);
    const pads = s.numbers(1);
    const axes = s.axes(s.has(3) ? s.numbers(3) : [...x.shape.keys()], x.shape.length);
    if (pads.length !== axes.length * 2) unsupported(`it has ${pads.length} sides for ${axes.length} axes`);
    const side = (start: number) =>
      x.shape.map((_, axis) => (axes.includes(axis) ? (pads[start + axes.indexOf(axis)] as number) : 0));
    const [begins, ends] = [side(0), side(axes.length)];
    const cut = (list: readonly number[]) => list.map((number) => Math.max(0, -number));
    const [starts, stops] = [cut(begins), cut(ends)];
    const sizes = x.shape.map((size, axis) => size - (starts[axis] as number) - (stops[axis] as number));
    const inner = slice(
      r,
      x,
      starts,
      sizes,
      sizes.map(() => 1),
    );
    const more = (list: readonly number[]) => list.map((number) => Math.max(0, number));
    return pad(r, inner, more(begins), more(ends), mode as 'constant' | 'edge' | 'reflection', s.number(2, 0));
  },
  Pow(s, r) {
    const [x, exponent] = [operand(s, 0), operand(s, 1)];
    if (isConstant(x) || !isConstant(exponent) || elementsOf(exponent.shape) !== 1) return r.binary('pow', x, exponent);
    const squared = () => r.binary('mul', x, x);
    const known: Readonly<Record<string, () => Term>> = {
      '1': () => x,
      '2': squared,
      '3': () => r.binary('mul', squared(), x),
      '0.5': () => apply(r, x, 'sqrt'),
      '-1': () => apply(r, x, 'reciprocal'),
      '-0.5': () => apply(r, apply(r, x, 'sqrt'), 'reciprocal'),
    };
    return known[String(exponent.read()[0])]?.() ?? r.binary('pow', x, exponent);
  },
  QuantizeLinear: quantize,
  Reciprocal: unary('reciprocal'),
  ReduceL1: reduction('reduceL1'),
  ReduceL2: reduction('reduceL2'),
  ReduceLogSum: reduction('reduceLogSum'),
  ReduceLogSumExp: reduction('reduceLogSumExp'),
  ReduceMax: reduction('reduceMax'),
  ReduceMean: reduction('reduceMean'),
  ReduceMin: reduction('reduceMin'),
  ReduceProd: reduction('reduceProduct'),
  ReduceSum: reduction('reduceSum'),
  ReduceSumSquare: reduction('reduceSumSquare'),
  Relu: (s, r) => r.clamp(s.value(0), 0, Infinity),
  Reshape: (s, r) => r.reshape(s.term(0), reshapedTo(s, s.term(0).shape)),
  Resize: resize,
  Round: unary('roundEven'),
  Selu(s, r) {
    const alpha = s.float('alpha', 1.6732631921768188);
    const elu = r.unary(s.value(0), 'elu', (g, value) => g.elu(value, { alpha }));
    return r.linear(elu, s.float('gamma', 1.0507010221481323), 0);
  },
  Shape(s) {
    const { shape } = s.item(0);
    const part = shape.slice(s.integer('start', 0), s.integer('end', shape.length));
    return constantOf(s.output, 'int64', [part.length], part);
  },
  Shrink(s, r) {
    const [bias, threshold] = [s.float('bias', 0), s.float('lambd', 0.5)];
    const x = s.value(0);
    const above = where(r, r.linear(x, 1, -bias), r.linear(x, 1, -threshold));
    const below = where(r, r.linear(x, 1, bias), r.linear(x, -1, -threshold));
    return r.binary('add', above, below);
  },
  Sigmoid: unary('sigmoid'),
  Sign: unary('sign'),
  Sin: unary('sin'),
  Size: (s) => constantOf(s.output, 'int64', [], [elementsOf(s.item(0).shape)]),
  Slice(s, r) {
    const x = s.term(0);
    const { starts, sizes, steps } = sliceOf(s, x.shape);
    return slice(r, x, starts, sizes, steps);
  },
  Softmax(s, r) {
    const x = s.value(0);
    const axis = s.axis(s.integer('axis', -1), x.shape.length);
    return r.across(x, (input, axisOf) => {
      const own = axisOf(axis) + addedAxes(input);
      return r.record('softmax', [r.shaped(input, input.shape)], (g, value) => g.softmax(value, own), {
        shape: input.shape,
      });
    });
  },
  Softplus: unary('softplus'),
  Softsign: unary('softsign'),
  SpaceToDepth(s, r) {
    const size = s.integer('blocksize');
    const x = s.term(0);
    if (s.text('mode', 'DCR', 'CRD') === 'CRD') unsupported("its attribute 'mode' is 'CRD'");
    return r.record('spaceToDepth', [r.shaped(x, x.shape)], (g, value) => g.spaceToDepth(value, size));
  },
  Split(s, r) {
    const x = s.term(0);
    const axis = s.axis(s.integer('axis', 0), x.shape.length);
    let start = 0;
    return partsOf(s, x.shape[axis] as number).map((size) => {
      start += size;
      return along(r, x, axis, start - size, size);
    });
  },
  Sqrt: unary('sqrt'),
  Squeeze: (s, r) => r.reshape(s.term(0), squeezedTo(s, s.term(0).shape)),
  Sub: binary((r, a, b) => r.sub(a, b)),
  Sum: variadic((r, a, b) => r.add(a, b)),
  Swish(s, r) {
    const x = s.value(0);
    return r.mul(x, apply(r, r.linear(x, s.float('alpha', 1), 0), 'sigmoid'));
  },
  Tan: unary('tan'),
  Tanh: unary('tanh'),
  ThresholdedRelu(s, r) {
    const x = s.value(0);
    return where(r, x, r.linear(x, 1, -s.float('alpha', 1)));
  },
  Tile(s, r) {
    const x = s.term(0);
    const given = s.numbers(1);
    if (given.length !== x.shape.length) unsupported(`it repeats ${given.length} axes of ${showShape(x.shape)}`);
    const shape = x.shape.map((size, axis) => size * (given[axis] as number));
    if (sameShape(shape, x.shape)) return x;
    const repetitions = lead(given, 2);
    return r.record('tile', [r.shaped(x, x.shape)], (g, value) => g.tile(value, repetitions), { shape });
  },
  Transpose(s, r) {
    const x = s.term(0);
    return r.transpose(x, permutationOf(s, x.shape.length));
  },
  Unsqueeze: (s, r) => r.reshape(s.term(0), unsqueezedTo(s, s.term(0).shape)),
} as const satisfies Readonly<Record<string, Operator>>;

export type OperatorName = keyof typeof OPERATORS;
export type { Operator };
