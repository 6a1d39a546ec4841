import { elementsOf, type Shape } from '../../../engine/graph/graph.ts';
import { stridesOf } from '../../../engine/graph/view.ts';
import {
  broadcastShape,
  concatenated,
  derived,
  elementwise,
  expanded,
  reduced,
  reshaped,
  strided,
  transposed,
} from '../constants.ts';
import type { ElementType } from '../described.ts';
import { type Constant, constantOf, isFloat } from '../elements.ts';
import type { Scope } from './node.ts';
import { decodeTensor, elementType } from './tensor.ts';
import { showShape, unsupported } from './unsupported.ts';

// What both foldings and operators of the network ask of their attributes and inputs.

/** The shape that Reshape gives: 0 keeps a size, unless `allowzero`, and -1 is what is left. */
export function reshapedTo(s: Scope, shape: Shape): Shape {
  const keepsZero = s.integer('allowzero', 0) === 1;
  const sizes = s.numbers(1).map((size, axis) => (size === 0 && !keepsZero ? (shape[axis] ?? 0) : size));
  const known = elementsOf(sizes.filter((size) => size !== -1));
  const result = sizes.map((size) => (size === -1 ? elementsOf(shape) / known : size));
  if (elementsOf(result) !== elementsOf(shape) || !result.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    unsupported(`${showShape(shape)} cannot be reshaped to ${showShape(sizes)}`);
  }
  return result;
}

export function flattenedTo(s: Scope, shape: Shape): Shape {
  const axis = s.integer('axis', 1);
  const own = axis === shape.length ? axis : axis < 0 ? axis + shape.length : axis;
  return [elementsOf(shape.slice(0, own)), elementsOf(shape.slice(own))];
}

export function squeezedTo(s: Scope, shape: Shape): Shape {
  const axes = s.has(1) ? s.axes(s.numbers(1), shape.length) : undefined;
  const wrong = axes?.find((axis) => shape[axis] !== 1);
  if (wrong !== undefined) unsupported(`axis ${wrong} of ${showShape(shape)} is not 1`);
  return shape.filter((size, axis) => (axes ? !axes.includes(axis) : size !== 1));
}

export function unsqueezedTo(s: Scope, shape: Shape): Shape {
  const numbers = s.numbers(1);
  const rank = shape.length + numbers.length;
  const axes = s.axes(numbers, rank);
  const rest = [...shape];
  return Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? 1 : (rest.shift() as number)));
}

export function permutationOf(s: Scope, rank: number): number[] {
  const permutation = s.integers('perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
  const axes = s.axes(permutation, rank);
  return axes.length === rank ? axes : unsupported(`its attribute 'perm' is [${permutation}] for ${rank} axes`);
}

/** For each axis where the slice starts, how many elements it has, and how far these are apart. */
export function sliceOf(s: Scope, shape: Shape): { starts: number[]; sizes: number[]; steps: number[] } {
  const [begins, ends] = [s.numbers(1), s.numbers(2)];
  const axes = s.axes(s.has(3) ? s.numbers(3) : begins.map((_, axis) => axis), shape.length);
  const given = s.has(4) ? s.numbers(4) : begins.map(() => 1);
  if ([begins, ends, given].some(({ length }) => length !== axes.length)) {
    unsupported('its starts, ends, axes and steps are of different lengths');
  }
  const starts = shape.map(() => 0);
  const sizes = [...shape];
  const steps = shape.map(() => 1);
  for (const [index, axis] of axes.entries()) {
    const size = shape[axis] as number;
    const step = given[index] as number;
    if (!Number.isSafeInteger(step) || step === 0) unsupported(`a step of ${step}`);
    const clamped = (place: number) => {
      const own = place < 0 ? place + size : place;
      return step > 0 ? Math.min(Math.max(own, 0), size) : Math.min(Math.max(own, -1), size - 1);
    };
    const start = clamped(begins[index] as number);
    const end = clamped(ends[index] as number);
    starts[axis] = start;
    steps[axis] = step;
    sizes[axis] = Math.max(0, Math.ceil((end - start) / step));
  }
  return { starts, sizes, steps };
}

/** The sizes of the parts along an axis. */
export function partsOf(s: Scope, size: number): number[] {
  const { length: outputs } = s.node.outputs;
  const given = s.has(1) ? s.numbers(1) : undefined;
  const part = Math.ceil(size / s.integer('num_outputs', outputs));
  const parts = given ?? Array.from({ length: outputs }, (_, index) => Math.min(part, size - part * index));
  const isWhole = parts.length === outputs && parts.reduce((sum, own) => sum + own, 0) === size;
  const isSound = isWhole && parts.every((own) => Number.isSafeInteger(own) && own >= 0);
  return isSound ? parts : unsupported(`parts of [${parts}] for ${outputs} outputs and an axis of ${size}`);
}

/** The axes that a reduction reduces. */
export function reducedAxes(s: Scope, rank: number): number[] {
  const axes = s.has(1) ? s.numbers(1) : [];
  if (axes.length > 0) return s.axes(axes, rank);
  return s.integer('noop_with_empty_axes', 0) ? [] : Array.from({ length: rank }, (_, axis) => axis);
}

export function expandedTo(s: Scope, shape: Shape): Shape {
  return broadcastShape([shape, s.numbers(1)]);
}

/** The type of the attribute `to`. */
export function castTo(s: Scope): ElementType {
  const to = s.integer('to');
  return elementType(to) ?? unsupported(`a cast to elements of the type ${to}`);
}

/** The axis that a scale for each channel belongs to, and the size of a block along it where that is given. */
function dequantized(s: Scope): Constant {
  const [quantized, scale] = [s.constant(0), s.constant(1)];
  return dequantize(
    s,
    s.output,
    quantized,
    scale,
    s.has(2) ? s.constant(2) : undefined,
    s.integer('axis', 1),
    s.integer('block_size', 0),
  );
}

/** (quantized - zeroPoint) * scale, for scales of all, of each entry along an axis, or of each block of entries. */
export function dequantize(
  s: Scope,
  name: string,
  quantized: Constant,
  scale: Constant,
  zeroPoint: Constant | undefined,
  axis: number,
  blockSize = 0,
): Constant {
  const { shape } = quantized;
  const along = elementsOf(scale.shape) === 1 ? 0 : s.axis(axis, shape.length);
  const size = shape[along] ?? 1;
  const isBlocked = blockSize > 0;
  const blocks = isBlocked ? Math.ceil(size / blockSize) : elementsOf(scale.shape);
  const sides = isBlocked ? shape.map((own, place) => (place === along ? blocks : own)) : [blocks];
  const fits = (side: Constant) => elementsOf(side.shape) === elementsOf(sides) || elementsOf(side.shape) === 1;
  if (!fits(scale) || (zeroPoint && !fits(zeroPoint)) || (!isBlocked && blocks !== 1 && blocks !== size)) {
    unsupported(`a scale of shape ${showShape(scale.shape)} for ${showShape(shape)} at axis ${along}`);
  }
  const inner = elementsOf(shape.slice(along + 1));
  const inputs = zeroPoint ? [quantized, scale, zeroPoint] : [quantized, scale];
  return derived(name, 'float32', shape, inputs, (result, numbers, scales, zeros) => {
    for (let index = 0; index < result.length; index++) {
      const entry = Math.floor(index / inner) % size;
      const outer = Math.floor(index / inner / size);
      const side = isBlocked ? (outer * blocks + Math.floor(entry / blockSize)) * inner + (index % inner) : entry;
      const at = (list: typeof numbers | undefined) =>
        list ? ((list.length === 1 ? list[0] : list[side]) as number) : 0;
      result[index] = ((numbers?.[index] as number) - at(zeros)) * at(scales);
    }
  });
}

/** The numbers that a quantized type has. */
export const rangeOf = (type: ElementType): readonly [number, number] => {
  const bits = Number(/\d+$/.exec(type)?.[0]);
  if (isFloat(type) || Number.isNaN(bits)) return unsupported(`quantization to ${type}`);
  return type.startsWith('u') ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
};

/** Of what QuantizeLinear makes. */
export const quantizedType = (s: Scope): ElementType =>
  (s.has(2) ? s.item(2).type : elementType(s.integer('output_dtype', 0))) ?? 'uint8';

const roundEven = (x: number) => {
  const rounded = Math.round(x);
  return Math.abs(x % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
};

type Fold = (s: Scope) => Constant | Constant[];

const unary =
  (compute: (x: number) => number): Fold =>
  (s) =>
    elementwise(s.output, s.constant(0).type, [s.constant(0)], compute);
const binary =
  (compute: (a: number, b: number) => number, type?: ElementType): Fold =>
  (s) =>
    elementwise(s.output, type ?? s.constant(0).type, [s.constant(0), s.constant(1)], compute);
const variadic =
  (compute: (...numbers: number[]) => number): Fold =>
  (s) => {
    const inputs = s.node.inputs.map((_, index) => s.constant(index));
    return elementwise(s.output, s.constant(0).type, inputs, compute);
  };
const reduction =
  (compute: (numbers: readonly number[]) => number): Fold =>
  (s) => {
    const constant = s.constant(0);
    const axes = reducedAxes(s, constant.shape.length);
    return reduced(constant, s.output, axes, s.integer('keepdims', 1) === 1, compute);
  };
const reshape =
  (shapeOf: (s: Scope, shape: Shape) => Shape): Fold =>
  (s) =>
    reshaped(s.constant(0), s.output, shapeOf(s, s.constant(0).shape));
const total = (numbers: readonly number[]) => numbers.reduce((sum, number) => sum + number, 0);
const average = (numbers: readonly number[]) => total(numbers) / numbers.length;

/** Operators of constants alone: named as ONNX names them. */
export const FOLDS: Readonly<Record<string, Fold>> = {
  Abs: unary(Math.abs),
  Add: binary((a, b) => a + b),
  And: binary((a, b) => Number(a !== 0 && b !== 0)),
  /** Of a filter: weight standardization, as networks without normalization have it. */
  BatchNormalization(s) {
    const data = s.constant(0);
    const epsilon = s.float('epsilon', 1e-5);
    const others = [...data.shape.keys()].filter((axis) => axis !== 1);
    const side = (constant: Constant) =>
      reshaped(constant, constant.name, [...constant.shape, ...others.slice(1).map(() => 1)]);
    const isTraining = s.integer('training_mode', 0) === 1;
    const mean = isTraining ? reduced(data, s.output, others, true, average) : side(s.constant(3));
    const squares = elementwise(s.output, data.type, [data, mean], (x, m) => ((x as number) - (m as number)) ** 2);
    const variance = isTraining ? reduced(squares, s.output, others, true, average) : side(s.constant(4));
    const inputs = [data, side(s.constant(1)), side(s.constant(2)), mean, variance];
    return elementwise(s.output, data.type, inputs, (x = 0, scale = 1, bias = 0, m = 0, v = 1) => {
      return ((x - m) / Math.sqrt(v + epsilon)) * scale + bias;
    });
  },
  Cast: (s) => castConstant(s, castTo(s)),
  CastLike: (s) => castConstant(s, s.constant(1).type),
  Ceil: unary(Math.ceil),
  Clip(s) {
    const [low, high] = [s.number(1, -Infinity), s.number(2, Infinity)];
    return unary((x) => Math.min(Math.max(x, low), high))(s);
  },
  Concat(s) {
    const inputs = s.node.inputs.map((_, index) => s.constant(index));
    const { shape } = s.constant(0);
    const axis = s.axis(s.integer('axis', 1), shape.length);
    const fits = inputs.every((other) => other.shape.every((size, place) => place === axis || size === shape[place]));
    if (!fits || !inputs.every((other) => other.shape.length === shape.length)) {
      unsupported(`it joins the shapes ${inputs.slice(0, 4).map((other) => showShape(other.shape))}`);
    }
    return concatenated(inputs, s.output, axis);
  },
  Constant(s) {
    const { attributes } = s.node;
    const tensor = attributes.get('value')?.t;
    if (tensor) return decodeTensor(tensor, () => unsupported('its value lies in another file'), s.output);
    const list = (name: string) => attributes.get(name);
    const [f, i, floats, ints] = ['value_float', 'value_int', 'value_floats', 'value_ints'].map(list);
    if (f) return constantOf(s.output, 'float32', [], [f.f ?? 0]);
    if (i) return constantOf(s.output, 'int64', [], [i.i ?? 0]);
    if (floats) return constantOf(s.output, 'float32', [floats.floats.length], floats.floats);
    if (ints) return constantOf(s.output, 'int64', [ints.ints.length], ints.ints);
    return unsupported('its value is no list of numbers');
  },
  ConstantOfShape(s) {
    const value = s.attribute('value')?.t;
    const filler = value && decodeTensor(value, () => unsupported('its value lies in another file'));
    const number = filler?.read()[0] ?? 0;
    const shape = s.numbers(0);
    if (!shape.every((size) => size >= 0)) unsupported(`the shape ${showShape(shape)}`);
    return derived(s.output, filler?.type ?? 'float32', shape, [], (result) => result.fill(number));
  },
  DequantizeLinear: dequantized,
  Div: (s) => binary((a, b) => (isFloat(s.constant(0).type) ? a / b : Math.trunc(a / b)))(s),
  Dropout: (s) => reshaped(s.constant(0), s.output, s.constant(0).shape),
  Equal: binary((a, b) => Number(a === b), 'bool'),
  Exp: unary(Math.exp),
  Expand: (s) => expanded(s.constant(0), s.output, expandedTo(s, s.constant(0).shape)),
  Flatten: reshape(flattenedTo),
  Floor: unary(Math.floor),
  Gather(s) {
    const [data, indices] = [s.constant(0), s.constant(1)];
    const axis = s.axis(s.integer('axis', 0), data.shape.length);
    const size = data.shape[axis] as number;
    const [before, after] = [data.shape.slice(0, axis), data.shape.slice(axis + 1)];
    const inner = elementsOf(after);
    const count = elementsOf(indices.shape);
    const wrong = s.numbersOf(indices).find((index) => index < -size || index >= size);
    if (wrong !== undefined) unsupported(`its index ${wrong} is beyond the axis of ${size}`);
    const shape = [...before, ...indices.shape, ...after];
    return derived(s.output, data.type, shape, [data, indices], (result, numbers, places) => {
      for (let index = 0; index < result.length; index++) {
        const place = places?.[Math.floor(index / inner) % count] as number;
        const outer = Math.floor(index / inner / count);
        result[index] = numbers?.[
          (outer * size + (place < 0 ? place + size : place)) * inner + (index % inner)
        ] as number;
      }
    });
  },
  Greater: binary((a, b) => Number(a > b), 'bool'),
  GreaterOrEqual: binary((a, b) => Number(a >= b), 'bool'),
  Identity: (s) => reshaped(s.constant(0), s.output, s.constant(0).shape),
  Less: binary((a, b) => Number(a < b), 'bool'),
  LessOrEqual: binary((a, b) => Number(a <= b), 'bool'),
  Log: unary(Math.log),
  Max: variadic(Math.max),
  Mean: variadic((...numbers) => total(numbers) / numbers.length),
  Min: variadic(Math.min),
  Mod: (s) => binary(s.integer('fmod', 0) ? (a, b) => a % b : (a, b) => ((a % b) + b) % b)(s),
  Mul: binary((a, b) => a * b),
  Neg: unary((x) => -x),
  Not: unary((x) => Number(x === 0)),
  Or: binary((a, b) => Number(a !== 0 || b !== 0)),
  Pow: binary((a, b) => a ** b),
  QuantizeLinear(s) {
    const [data, scale] = [s.constant(0), s.constant(1)];
    const zeroPoint = s.has(2) ? s.constant(2) : undefined;
    const type = quantizedType(s);
    const [low, high] = rangeOf(type);
    const rank = data.shape.length;
    const axis = elementsOf(scale.shape) === 1 ? rank - 1 : s.axis(s.integer('axis', 1), rank);
    const side = (constant: Constant) =>
      reshaped(constant, constant.name, [...constant.shape, ...Array(Math.max(0, rank - 1 - axis)).fill(1)]);
    const zero = side(zeroPoint ?? constantOf('0', 'float32', [], [0]));
    const quantize = (x: number, by: number, shift: number) => Math.min(Math.max(roundEven(x / by) + shift, low), high);
    return elementwise(s.output, type, [data, side(scale), zero], quantize);
  },
  Range(s) {
    const [start, limit, step] = [s.number(0), s.number(1), s.number(2)];
    const count = Math.max(0, Math.ceil((limit - start) / step));
    if (Number.isNaN(count)) unsupported(`a range from ${start} to ${limit} in steps of ${step}`);
    return derived(s.output, s.constant(0).type, [count], [], (result) => {
      for (let index = 0; index < count; index++) result[index] = start + index * step;
    });
  },
  Reciprocal: unary((x) => 1 / x),
  ReduceL1: reduction((numbers) => total(numbers.map(Math.abs))),
  ReduceL2: reduction((numbers) => Math.sqrt(total(numbers.map((x) => x * x)))),
  ReduceMax: reduction((numbers) => numbers.reduce((a, b) => Math.max(a, b), -Infinity)),
  ReduceMean: reduction(average),
  ReduceMin: reduction((numbers) => numbers.reduce((a, b) => Math.min(a, b), Infinity)),
  ReduceProd: reduction((numbers) => numbers.reduce((product, number) => product * number, 1)),
  ReduceSum: reduction(total),
  Reshape: reshape(reshapedTo),
  Round: unary(roundEven),
  Sign: unary(Math.sign),
  Slice(s) {
    const constant = s.constant(0);
    const { starts, sizes, steps } = sliceOf(s, constant.shape);
    const strides = stridesOf(constant.shape);
    const start = starts.reduce((place, at, axis) => place + at * (strides[axis] as number), 0);
    const apart = strides.map((stride, axis) => stride * (steps[axis] as number));
    return strided(constant, s.output, sizes, apart, start);
  },
  Split(s) {
    const constant = s.constant(0);
    const { shape } = constant;
    const axis = s.axis(s.integer('axis', 0), shape.length);
    const strides = stridesOf(shape);
    let start = 0;
    return partsOf(s, shape[axis] as number).map((size, index) => {
      const sizes = shape.map((own, place) => (place === axis ? size : own));
      const part = strided(constant, s.node.outputs[index] ?? '', sizes, strides, start * (strides[axis] as number));
      start += size;
      return part;
    });
  },
  Sqrt: unary(Math.sqrt),
  Squeeze: reshape(squeezedTo),
  Sub: binary((a, b) => a - b),
  Sum: variadic((...numbers) => total(numbers)),
  Tile(s) {
    const constant = s.constant(0);
    const repeats = s.numbers(1);
    // Before each axis one for its repetitions.
    const shape = constant.shape.flatMap((size, axis) => [repeats[axis] ?? 1, size]);
    const strides = stridesOf(constant.shape).flatMap((stride) => [0, stride]);
    const sizes = constant.shape.map((size, axis) => size * (repeats[axis] ?? 1));
    return reshaped(strided(constant, s.output, shape, strides), s.output, sizes);
  },
  Transpose: (s) => transposed(s.constant(0), s.output, permutationOf(s, s.constant(0).shape.length)),
  Unsqueeze: reshape(unsqueezedTo),
  Where(s) {
    const inputs = [s.constant(0), s.constant(1), s.constant(2)];
    return elementwise(s.output, s.constant(1).type, inputs, (is, a, b) => (is ? (a as number) : (b as number)));
  },
};

export function castConstant(s: Scope, to: ElementType): Constant {
  const constant = s.constant(0);
  if (to === 'bool') return elementwise(s.output, to, [constant], (x) => Number(x !== 0));
  // Weights of half precision are floats already when they are read.
  if (isFloat(to) && isFloat(constant.type) && to !== 'float64') return { ...constant, name: s.output, type: to };
  return elementwise(s.output, to, [constant], (x) => x);
}
