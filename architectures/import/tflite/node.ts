import {
  elementsOf,
  type MapShape,
  type Pair,
  type Shape,
  type Tensor,
  type Value,
} from '../../../engine/graph/graph.ts';
import type { GraphBuilder } from '../../../engine/graph/graph-builder.ts';
import { stridesOf } from '../../../engine/graph/view.ts';
import { broadcastShape, concatenated, reshaped, strided, transposed } from '../constants.ts';
import { type Constant, toFloat32 } from '../elements.ts';
import type { LazyTensor } from '../lazy-weights.ts';
import { refuse, shorten } from '../problems.ts';
import { type FileOperator, type FileTensor, requireSizes } from './file.ts';
import { EMPTY, type Field } from './flatbuffer.ts';
import {
  Computed,
  fileShape,
  isComputed,
  lifted,
  type Operand,
  orderOf,
  toValueAxis,
  toValueOrder,
} from './operand.ts';
import { ACTIVATIONS, type BUILTIN_OPERATORS } from './schema.ts';

/** What of an operator Linnet cannot compute: a clause. */
export class Refusal {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

/** Throws because Linnet cannot compute this. */
export function unsupported(reason: string): never {
  throw new Refusal(reason);
}

/** The graph that is built, and the tensors that its weights must hold. */
export class Target {
  readonly g: GraphBuilder;
  readonly tensors = new Map<string, LazyTensor>();
  readonly #known = new Map<Constant, Map<string, Tensor>>();
  /** A pixel with this number. */
  readonly #elements = new Map<number, Value>();

  constructor(g: GraphBuilder) {
    this.g = g;
  }

  /** A constant as a tensor of the checkpoint, transposed and in another shape; `name` unless that is taken. */
  tensor(name: string, constant: Constant, order: Shape, shape: Shape): Tensor {
    const known = this.#known.get(constant) ?? new Map<string, Tensor>();
    this.#known.set(constant, known);
    const key = `${order} ${shape}`;
    const found = known.get(key) ?? this.#add(name, constant, order, shape);
    known.set(key, found);
    return found;
  }

  /**
   * So many more channels of a map, of one number: an element of it, clamped to that number, and repeated. It is written where
   * the channels belong, while padding them would move all others.
   */
  border(map: Value, channels: number, number: number): Value {
    const clamp = { minValue: number, maxValue: number };
    const known = this.#elements.get(number) ?? this.g.clamp(this.g.slice(map, [0, 0, 0, 0], [1, 1, 1, 1]), clamp);
    this.#elements.set(number, known);
    const [batch, , height, width] = map.shape as MapShape;
    return this.g.expand(known, [batch, channels, height, width]);
  }

  #add(name: string, constant: Constant, order: Shape, shape: Shape): Tensor {
    let free = name;
    for (let count = 2; this.tensors.has(free); count++) free = `${name}_${count}`;
    const whole = reshaped(constant, constant.name, lifted(constant.shape, order.length));
    const isInOrder = order.every((axis, index) => axis === index);
    const { read } = isInOrder ? whole : transposed(whole, constant.name, order);
    this.tensors.set(free, { shape, read: () => toFloat32(read()) });
    return this.g.tensor(free, shape);
  }
}

/** A list of integers has no more. */
const MOST_INTEGERS = 2 ** 16;

/** The smallest and the largest integer of a type. */
const RANGES: Readonly<Record<string, Pair>> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
};

/** An operator of the file, and what its function needs: its operands, and ways to make results of them. */
export class OperatorNode {
  readonly g: GraphBuilder;
  readonly name: string;
  readonly operands: readonly (Operand | undefined)[];
  /** The tensors as the file describes them. */
  readonly inputs: readonly (FileTensor | undefined)[];
  readonly outputs: readonly FileTensor[];
  readonly customOptions: Uint8Array;
  readonly #target: Target;
  readonly #file: FileOperator;
  readonly #reads: ReadonlyMap<number, number>;

  constructor(
    target: Target,
    file: FileOperator,
    tensors: readonly FileTensor[],
    operands: readonly (Operand | undefined)[],
    reads: ReadonlyMap<number, number>,
  ) {
    this.#target = target;
    this.#file = file;
    this.#reads = reads;
    this.g = target.g;
    this.operands = operands;
    this.inputs = file.inputs.map((index) => tensors[index]);
    this.outputs = file.outputs.map((index) => tensors[index] as FileTensor);
    this.name = this.outputs[0]?.name ?? '';
    this.customOptions = file.customOptions;
  }

  options<Content>(content: Field<Content>): Content {
    return content(this.#file.options ?? EMPTY);
  }

  operand(index: number): Operand {
    return this.operands[index] ?? refuse(`Input ${index} is missing.`);
  }

  computed(index = 0): Computed {
    const operand = this.operand(index);
    return isComputed(operand) ? operand : unsupported(`its input ${shorten(operand.name)} is a constant`);
  }

  /** A computed operand of rank 4. */
  map(index = 0): Computed {
    const operand = this.computed(index);
    if (operand.shape.length !== 4)
      unsupported(`its input has the shape [${operand.shape.join(', ')}], which is no map`);
    return operand;
  }

  /** Whether this is all that reads an operand. */
  isReadOnce(index: number): boolean {
    return this.#reads.get(this.#file.inputs[index] as number) === 1;
  }

  constant(index: number, role: string): Constant {
    const operand = this.operand(index);
    return isComputed(operand) ? unsupported(`its ${role} is computed`) : operand;
  }

  /** Integers that are known. */
  integers(index: number, role: string): number[] {
    const constant = this.constant(index, role);
    if (elementsOf(constant.shape) > MOST_INTEGERS) refuse(`The ${role} has ${elementsOf(constant.shape)} numbers.`);
    return Array.from(constant.read(), (value) =>
      Number.isInteger(value) ? value : refuse(`The ${role} is ${value}; it should be an integer.`),
    );
  }

  integer(index: number, role: string): number {
    const [value, ...more] = this.integers(index, role);
    return value !== undefined && more.length === 0 ? value : refuse(`The ${role} has ${more.length + 1} numbers.`);
  }

  number(index: number, role: string): number {
    const constant = this.constant(index, role);
    return elementsOf(constant.shape) === 1 ? (constant.read()[0] as number) : refuse(`The ${role} is no number.`);
  }

  /** A constant as a tensor of the checkpoint, its axes in this order. */
  weights(name: string, constant: Constant, order: Shape, shape?: Shape): Tensor {
    return this.#target.tensor(name, constant, order, shape ?? order.map((axis) => constant.shape[axis] as number));
  }

  /** As in `Target`. */
  border(map: Value, channels: number, number: number): Value {
    return this.#target.border(map, channels, number);
  }

  /** A computed operand's value, or a constant's tensor, for an operation on values of so many axes of the file. */
  aligned(operand: Operand, rank: number, isPlanar = false): Value | Tensor {
    const shape = lifted(operand.shape, rank);
    if (isComputed(operand)) {
      const full = operand.details.block ? operand : operand.reshape(shape);
      return isPlanar ? full.rows : full.map;
    }
    const order = isPlanar ? shape.map((_, axis) => axis) : orderOf(rank);
    return this.weights(layerName(operand.name), operand, order, isPlanar ? shape : toValueOrder(shape, 1));
  }

  axis(given: number, rank: number): number {
    const axis = given < 0 ? given + rank : given;
    return axis >= 0 && axis < rank ? axis : refuse(`The axis is ${given}; the tensor has ${rank}.`);
  }

  /** A result in the layout of a map, or of any other rank. */
  result(
    value: Value,
    { activation = 0, shape, block }: { activation?: number; shape?: Shape; block?: Pair } = {},
  ): Computed {
    const sizes = shape ?? (value.shape.length === 4 ? fileShape(value) : value.shape);
    return this.limited(new Computed(this.g, sizes, () => value, block && { block }), activation);
  }

  /** What the operator gives, with its fused activation, and within what it is quantized to. */
  limited(operand: Computed, activation: number): Computed {
    const limits = this.limits(activation);
    const { details } = operand;
    if (!limits) return operand.with((value) => this.g.tanh(value));
    // What is made of one quantized tensor alone, pooled or resized, lies within what that can hold.
    const isOfOne = !this.inputs.slice(1).some((input) => input?.quantization);
    const [low, high] = details.bounds ?? rangeOf(isOfOne ? this.inputs[0] : undefined);
    const [minValue, maxValue] = limits;
    if (minValue <= low && maxValue >= high) return operand;
    const { block, scaled } = details;
    const limit = (value: Value) =>
      minValue === 0 && maxValue === Infinity ? this.g.relu(value) : this.g.clamp(value, { minValue, maxValue });
    const form = { source: operand, isProduct: false, alpha: 1, beta: 0, min: minValue, max: maxValue };
    // A batch normalization is kept within what its sum is quantized to.
    const isFactor = activation === 0 && scaled;
    return operand.with(limit, { bounds: limits, form, ...(block && { block }), ...(isFactor && { scaled }) });
  }

  /** Within which a fused activation, and what the result is quantized to, keep it; nothing of an activation that is no clamp. */
  limits(activation: number): Pair | undefined {
    const kind = ACTIVATIONS[activation] ?? refuse(`There is no fused activation ${activation}.`);
    if (kind === 'SIGN_BIT') unsupported('its activation is SIGN_BIT');
    if (kind === 'TANH') return undefined;
    const [from, to] = BOUNDS[kind];
    const [output = refuse('The operator has no output.')] = this.outputs;
    const [least, most] = rangeOf(output);
    const min = Math.max(from, least);
    return [min, Math.max(min, Math.min(to, most))];
  }

  broadcast(a: Operand, b: Operand): Shape {
    return broadcastShape([a.shape, b.shape]);
  }

  reshape(operand: Operand, shape: Shape): Operand {
    requireSizes(this.name, shape);
    if (elementsOf(shape) !== elementsOf(operand.shape)) {
      refuse(`The shape [${operand.shape.join(', ')}] cannot become [${shape.join(', ')}]: it has other elements.`);
    }
    return isComputed(operand) ? operand.reshape(shape) : { ...operand, shape };
  }

  transpose(operand: Operand, permutation: Shape): Operand {
    const { length } = operand.shape;
    const isSound = permutation.length === length && operand.shape.every((_, axis) => permutation.includes(axis));
    if (!isSound) refuse(`The permutation is [${permutation.join(', ')}]; the tensor has ${length} axes.`);
    if (isComputed(operand)) return operand.transpose(permutation);
    return transposed(operand, this.name, permutation);
  }

  /** `counts` elements from `starts` on, each so many `steps` after the one before; steps may be negative. */
  slice(operand: Operand, starts: Shape, counts: Shape, steps: Shape = starts.map(() => 1)): Operand {
    const { shape } = operand;
    const ends = starts.map((start, axis) => start + ((counts[axis] as number) - 1) * (steps[axis] as number));
    const isWithin = (index: number, axis: number) => index >= 0 && index < (shape[axis] as number);
    const isSound = starts.length === shape.length && starts.every(isWithin) && ends.every(isWithin);
    if (!isSound || !counts.every((count) => count > 0)) {
      refuse(`A slice of [${counts.join(', ')}] from [${starts.join(', ')}] on is not within [${shape.join(', ')}].`);
    }
    if (counts.join() === shape.join() && steps.every((step) => step > 0)) return operand;
    if (!isComputed(operand)) {
      const own = stridesOf(shape);
      const offset = starts.reduce((sum, start, axis) => sum + start * (own[axis] as number), 0);
      const strides = own.map((stride, axis) => stride * (steps[axis] as number));
      return strided(operand, this.name, counts, strides, offset);
    }
    const first = starts.map((start, axis) => Math.min(start, ends[axis] as number));
    const lengths = starts.map((start, axis) => Math.abs((ends[axis] as number) - start) + 1);
    const strides = steps.map((step, axis) => (counts[axis] === 1 ? 1 : Math.abs(step)));
    const order = (list: Shape, fill: number) => toValueOrder(list, fill);
    const axes = steps.flatMap((step, axis) =>
      step < 0 && (counts[axis] as number) > 1 ? toValueAxis(axis, shape.length) : [],
    );
    const make = () => {
      const options = strides.some((stride) => stride > 1) ? { strides: order(strides, 1) } : {};
      const isWhole = lengths.join() === shape.join() && !options.strides;
      const part = isWhole ? operand.map : this.g.slice(operand.map, order(first, 0), order(lengths, 1), options);
      return axes.length > 0 ? this.g.reverse(part, { axes }) : part;
    };
    return new Computed(this.g, counts, make);
  }

  /** Operands one after another along an axis. */
  concat(operands: readonly Operand[], axis: number): Operand {
    const [first = refuse('There is nothing to join.')] = operands;
    const total = operands.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
    const shape = first.shape.map((size, at) => (at === axis ? total : size));
    for (const { shape: other } of operands) {
      const fits = other.length === shape.length && other.every((size, at) => at === axis || size === shape[at]);
      if (!fits) refuse(`[${other.join(', ')}] and [${first.shape.join(', ')}] differ beside axis ${axis}.`);
    }
    const computed = operands.filter(isComputed);
    if (computed.length === operands.length) {
      if (operands.length === 1) return first;
      const make = () =>
        this.g.concat(
          computed.map(({ map }) => map),
          toValueAxis(axis, shape.length),
        );
      return new Computed(this.g, shape, make);
    }
    if (computed.length > 0) unsupported('it joins a constant and what is computed');
    return concatenated(operands as readonly Constant[], this.name, axis);
  }
}

/** What a tensor can hold. */
function rangeOf(tensor: FileTensor | undefined): Pair {
  const range = tensor && RANGES[tensor.type];
  const { scale, zeroPoint: [zero = 0] = [] } = tensor?.quantization ?? {};
  const [by = 0] = scale ?? [];
  return range && scale?.length === 1 ? [(range[0] - zero) * by, (range[1] - zero) * by] : [-Infinity, Infinity];
}

const BOUNDS: Readonly<Record<'NONE' | 'RELU' | 'RELU_N1_TO_1' | 'RELU6', Pair>> = {
  NONE: [-Infinity, Infinity],
  RELU: [0, Infinity],
  RELU_N1_TO_1: [-1, 1],
  RELU6: [0, 6],
};

/** What a layer is called after a tensor of it: `model/conv1/Conv2D;model/bn/FusedBatchNormV3` is `model/conv1`. */
export const layerName = (tensor: string): string =>
  tensor
    .replace(/;.*$/, '')
    .replace(
      /(_dequantize|\/(ReadVariableOp|[Kk]ernel|[Bb]ias|weights|Conv2D|MatMul|depthwise|BiasAdd))+(:\d+)?$/,
      '',
    ) || 'tensor';

/** What an operator gives: its results in order. */
export type OperatorFunction = (n: OperatorNode) => Operand | Operand[];

/** Those of a kind, by the names of TFLite's operators. */
export type OperatorFunctions = Readonly<Partial<Record<(typeof BUILTIN_OPERATORS)[number], OperatorFunction>>>;
