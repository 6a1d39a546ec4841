import { ArchitectureError, during } from '../common/errors.ts';
import {
  FLAG,
  type Kind,
  NATURAL,
  NOT_NEGATIVE,
  NUMBER,
  oneOf,
  optional,
  POSITIVE_INTEGER,
  show,
  TEXT,
  unchecked,
} from '../common/kinds.ts';
import { type OptionTable, type OptionValues, readTable } from '../common/options.ts';
import { check, demand } from './check.ts';
import {
  type BinaryNode,
  type ChannelTensor,
  type FilterShape,
  FLOAT_MAX,
  type FusedActivation,
  type Graph,
  type MapShape,
  type Node,
  type Padding,
  type Pair,
  type Pool2dNode,
  type Shape,
  type Tensor,
  type Value,
  type ValueShape,
  type Window,
} from './graph.ts';
import { isLarge, pooled, spread, windowed } from './window.ts';

/** Of height and of width; a number is both. */
export type PairOption = number | Pair;
/** On all sides, or at the top, bottom, left and right. */
export type PaddingOption = number | Padding;

export interface Conv2dOptions {
  bias?: Tensor | undefined;
  strides?: PairOption | undefined;
  padding?: PaddingOption | undefined;
  dilations?: PairOption | undefined;
  groups?: number | undefined;
}

export interface BatchNormalizationOptions {
  /** 1 for each channel unless given. */
  scale?: Tensor | undefined;
  /** 0 for each channel unless given. */
  bias?: Tensor | undefined;
  /** 1e-5 unless given. */
  epsilon?: number | undefined;
}

export interface Pool2dOptions {
  /** The map's height and width unless given. */
  windowDimensions?: PairOption | undefined;
  strides?: PairOption | undefined;
  /** Such that each window has a pixel of the map. */
  padding?: PaddingOption | undefined;
  dilations?: PairOption | undefined;
  /** How the output's size is rounded; `ceil` lets the last window hang over the edge. */
  roundingType?: 'floor' | 'ceil' | undefined;
}

export interface AveragePool2dOptions extends Pool2dOptions {
  /** Whether the padding's zeros count, false unless given. PyTorch's option of this name, with the opposite default; what hangs over the padding never counts. */
  countIncludePad?: boolean | undefined;
}

export interface HardSigmoidOptions {
  /** The slope: 0.2 unless given. */
  alpha?: number | undefined;
  /** The result for 0: 0.5 unless given. */
  beta?: number | undefined;
}

/** One number for all, or a list of so many. */
const numbers = <List>({ expected, accepts }: Kind<number>, count: number, listed: string): Kind<number | List> => ({
  expected: expected + listed,
  accepts: (value): value is number | List =>
    accepts(value) || (Array.isArray(value) && value.length === count && value.every(accepts)),
});
export const pairOf = (kind: Kind<number>) => numbers<Pair>(kind, 2, ', or two, for height and width');

const PADDING = numbers<Padding>(NATURAL, 4, ', or four: top, bottom, left, right');
export const POSITIVE_PAIR = pairOf(POSITIVE_INTEGER);

/** Not looked at with the other options: only a builder knows its tensors. */
const TENSOR = unchecked<Tensor>();

const WINDOW = { strides: [POSITIVE_PAIR, 1], padding: [PADDING, 0], dilations: [POSITIVE_PAIR, 1] } as const;
export const CONV2D = { bias: [TENSOR, undefined], ...WINDOW, groups: [POSITIVE_INTEGER, 1] } as const;
const GEMM = { bias: [TENSOR, undefined] } as const;
const CLAMP = { minValue: [NUMBER, -Infinity], maxValue: [NUMBER, Infinity] } as const;
const BATCH_NORMALIZATION = {
  scale: [TENSOR, undefined],
  bias: [TENSOR, undefined],
  epsilon: [NOT_NEGATIVE, 1e-5],
} as const;
export const ROUNDING = oneOf('floor', 'ceil');
export const POOL2D = {
  windowDimensions: [optional(POSITIVE_PAIR), undefined],
  ...WINDOW,
  roundingType: [ROUNDING, 'floor'],
} as const;
export const AVERAGE_POOL2D = { ...POOL2D, countIncludePad: [FLAG, false] } as const;
/** A hard sigmoid of any other slope is a function, which `GraphBuilder` has. */
const GATE = { alpha: [oneOf(1 / 6), undefined], beta: [oneOf(0.5), undefined] } as const;
export type PoolValues = OptionValues<typeof POOL2D> & { readonly countIncludePad?: boolean };

export const readOptions = <const Table extends OptionTable>(given: unknown, table: Table): OptionValues<Table> =>
  readTable(given, table, ArchitectureError);

// Copies, as the caller may change a list and use it again.
export const toPair = (given: PairOption): Pair => (typeof given === 'number' ? [given, given] : [...given]);
const toPadding = (given: PaddingOption): Padding =>
  typeof given === 'number' ? [given, given, given, given] : [...given];

export const toWindow = ({ strides, padding, dilations }: OptionValues<typeof WINDOW>): Window => ({
  strides: toPair(strides),
  padding: toPadding(padding),
  dilations: toPair(dilations),
});
export const sameShape = (a: Shape, b: Shape) => a.length === b.length && a.every((size, axis) => size === b[axis]);

export function requireKind<Given>(
  role: string,
  given: unknown,
  { accepts, expected }: Kind<Given>,
): asserts given is Given {
  check(accepts(given), role, given, expected);
}

export const requireName = (name: string) => requireKind('name', name, TEXT);

interface Sized<Sizes extends Shape = Shape> {
  readonly name: string;
  readonly shape: Sizes;
}

/** Throws unless its shape is a list of positive integers, of `count` ones where that is given. */
function requireShape<Sizes extends Shape>(
  sized: Sized,
  count?: Sizes['length'],
  hint = '',
): asserts sized is Sized<Sizes> {
  const { shape } = sized;
  const isShape =
    Array.isArray(shape) && shape.length === (count ?? shape.length) && shape.every(POSITIVE_INTEGER.accepts);
  check(isShape, `shape of '${sized.name}'`, shape, `a list of ${count ?? 'some'} positive integers${hint}`);
}

/** The sizes of a map. */
export function mapShape(value: Sized): MapShape {
  requireShape<MapShape>(value, 4);
  return value.shape;
}

/** Two values of one shape, or one that has a number for each channel of the other; that comes second. */
export function inOrder(a: Value, b: Value): BinaryNode['inputs'] | undefined {
  const isPerChannel = (value: Value, { shape }: Value) =>
    sameShape(
      value.shape,
      shape.map((size, axis) => (axis < 2 ? size : 1)),
    );
  if (sameShape(a.shape, b.shape) || isPerChannel(b, a)) return [a, b];
  return isPerChannel(a, b) ? [b, a] : undefined;
}

export const finite = (bound: number) => Math.min(Math.max(bound, -FLOAT_MAX), FLOAT_MAX);

/**
 * Adds checked nodes, with WebNN's op names and options (https://www.w3.org/TR/webnn/). Values are `[batch, channels,
 * height, width]`; a wrong shape is an `ArchitectureError` at the call that made it. These are the ops of most
 * built-in networks; `GraphBuilder` has all.
 */
export class BasicGraphBuilder<Outputs extends string = string> {
  readonly #name: string;
  readonly #nodes: Node[] = [];
  readonly #inputs: Value[] = [];
  readonly #outputs: { name: string; value: Value }[] = [];
  readonly #values: Value[] = [];
  readonly #tensors = new Map<string, Tensor>();
  readonly #ignored: string[] = [];

  constructor(name: string) {
    this.#name = name;
  }

  /** An input of the network, `[batch, channels, height, width]`. */
  input(name: string, shape: ValueShape): Value {
    requireNew('input', name, this.#inputs);
    const value = this.#value(name, [...shape]);
    this.#inputs.push(value);
    return value;
  }

  /** Names a result of the network. */
  output(name: Outputs, value: Value): void {
    requireNew('output', name, this.#outputs);
    this.requireValue(value, `output '${name}'`);
    this.#outputs.push({ name, value });
  }

  /** A tensor of the checkpoint. */
  tensor(name: string, shape: Shape): Tensor {
    requireName(name);
    requireShape({ name, shape });
    return this.remember({ name, shape: [...shape] });
  }

  /** Tensors whose names begin with `prefix` may be in the checkpoint, and are not used: a part that was for training only. */
  ignore(prefix: string): void {
    requireName(prefix);
    this.#ignored.push(prefix);
  }

  /** A tensor with values of its own, `[values.length]`: the checkpoint does not hold it. */
  constant(name: string, values: readonly number[], shape?: Shape): Tensor {
    requireName(name);
    const list = Array.from(values ?? []);
    const isList = list.length > 0 && list.every(Number.isFinite);
    check(isList, `constant '${name}'`, values, 'a list of finite numbers');
    return this.remember({ name, shape: shape ?? [list.length], values: list });
  }

  /** Convolution; `filter` is `[outChannels, channels / groups, height, width]`. */
  conv2d(input: Value, filter: Tensor, options: Conv2dOptions = {}): Value {
    return this.addConvolution('conv2d', input, filter, options, CONV2D);
  }

  /** Inference batch normalization, per channel. */
  batchNormalization(input: Value, mean: Tensor, variance: Tensor, options: BatchNormalizationOptions = {}): Value {
    const make = () => {
      const { epsilon, ...given } = readOptions(options, BATCH_NORMALIZATION);
      const [, channels] = input.shape;
      this.requireChannels(mean, channels, 'mean');
      this.requireChannels(variance, channels, 'variance');
      const fill = (role: 'scale' | 'bias', value: number) => {
        const tensor = given[role] ?? this.constant(`${mean.name} (no ${role})`, Array(channels).fill(value));
        this.requireChannels(tensor, channels, role);
        return tensor;
      };
      const tensors = { mean, variance, scale: fill('scale', 1), bias: fill('bias', 0) };
      return { batchNormalization: { ...tensors, epsilon }, shape: input.shape } as const;
    };
    return this.addNode('batchNormalization', [input], make, [], options?.scale ?? mean);
  }

  /** x · filterᵀ + bias; input `[batch, k]`, filter `[n, k]`, output `[batch, n]`. WebNN's gemm with `bTranspose`. */
  gemm(input: Value, filter: Tensor, options: { bias?: Tensor | undefined } = {}): Value {
    const make = () => {
      const { bias } = readOptions(options, GEMM);
      this.requireTensor(filter, 'filter');
      requireShape<Pair>(input, 2, ': flatten it');
      requireShape<Pair>(filter, 2);
      const [batch, features] = input.shape;
      const [outFeatures, inFeatures] = filter.shape;
      requireInputs(features, 1, inFeatures);
      if (bias) this.requireChannels(bias, outFeatures, 'bias');
      return { filter, ...(bias && { bias }), shape: [batch, outFeatures] } as const;
    };
    return this.addNode('gemm', [input], make, [], filter);
  }

  /** Average over a window; without `windowDimensions` over the whole map. */
  averagePool2d(input: Value, options: AveragePool2dOptions = {}): Value {
    return this.addPool('averagePool2d', input, () => readOptions(options, AVERAGE_POOL2D));
  }

  /** Maximum over a window; without `windowDimensions` over the whole map. */
  maxPool2d(input: Value, options: Pool2dOptions = {}): Value {
    return this.addPool('maxPool2d', input, () => readOptions(options, POOL2D));
  }

  /** a + b for equal shapes, or for one of them `[batch, channels, 1, 1]`: what is added to each channel. */
  add(a: Value, b: Value, ...more: never[]): Value {
    return this.#binary('add', a, b, more);
  }

  /** a * b for equal shapes, or for one of them `[batch, channels, 1, 1]`: a factor for each channel. */
  mul(a: Value, b: Value, ...more: never[]): Value {
    return this.#binary('mul', a, b, more);
  }

  relu(input: Value, ...more: never[]): Value {
    return this.addActivation('relu', input, () => ({ kind: 'clamp', minValue: 0, maxValue: FLOAT_MAX }), more);
  }

  clamp(input: Value, options: { minValue?: number | undefined; maxValue?: number | undefined } = {}): Value {
    return this.addActivation('clamp', input, () => {
      const { minValue, maxValue } = readOptions(options, CLAMP);
      check(minValue <= maxValue, "option 'minValue'", minValue, `at most 'maxValue', ${maxValue}`);
      return { kind: 'clamp', minValue: finite(minValue), maxValue: finite(maxValue) };
    });
  }

  /** x · min(max(x + 3, 0), 6) / 6 (arXiv 1905.02244). */
  hardSwish(input: Value, ...more: never[]): Value {
    return this.addActivation('hardSwish', input, () => ({ kind: 'hardSwish' }), more);
  }

  /** min(max(x / 6 + 1/2, 0), 1), the gate of MobileNet v3; `GraphBuilder` has others. */
  hardSigmoid(input: Value, options: HardSigmoidOptions): Value {
    return this.addActivation('hardSigmoid', input, () => {
      readOptions(options, GATE);
      return { kind: 'hardSigmoid' };
    });
  }

  sigmoid(input: Value, ...more: never[]): Value {
    return this.addActivation('sigmoid', input, () => ({ kind: 'sigmoid' }), more);
  }

  /** Softmax over channels, for each pixel. */
  softmax(input: Value, axis = 1, ...more: never[]): Value {
    const make = () => {
      requireChannelAxis(axis);
      return { shape: input.shape } as const;
    };
    return this.addNode('softmax', [input], make, more);
  }

  /** Zeros around height and width. */
  pad(input: Value, padding: PaddingOption, ...more: never[]): Value {
    const make = () => {
      const [batch, channels, height, width] = mapShape(input);
      requireKind('padding', padding, PADDING);
      const sides = toPadding(padding);
      const [top, bottom, left, right] = sides;
      return { padding: sides, shape: [batch, channels, height + top + bottom, width + left + right] } as const;
    };
    return this.addNode('pad', [input], make, more);
  }

  /**
   * The channels of all inputs, one after another. No kernel runs for it: what makes the inputs writes them side by side,
   * where that can be (see `join.ts`).
   */
  concat(inputs: readonly Value[], axis = 1, ...more: never[]): Value {
    const values = Array.isArray(inputs) ? [...inputs] : [];
    const make = () => {
      const shapes = values.map(mapShape);
      const [first] = shapes;
      check(first !== undefined, 'list', inputs, 'a list of values');
      requireChannelAxis(axis);
      const [batch, , height, width] = first;
      const other = shapes.find((shape) => shape.some((size, axis) => axis !== 1 && size !== first[axis]));
      demand(!other, `The shapes ${show(first)} and ${show(other)} differ in more than the channels.`);
      const channels = shapes.reduce((sum, [, more]) => sum + more, 0);
      return { shape: [batch, channels, height, width] } as const;
    };
    return this.addNode('concat', values, make, more);
  }

  /** `[batch, channels, height, width]` to `[batch, channels * height * width]`, for a dense layer. */
  flatten(input: Value, ...more: never[]): Value {
    const make = () => {
      const [batch, channels, height, width] = mapShape(input);
      return { shape: [batch, channels * height * width] } as const;
    };
    return this.addNode('flatten', [input], make, more);
  }

  /** The graph so far. */
  finish(): Graph {
    demand(this.#inputs.length > 0, 'The network has no input.');
    demand(this.#outputs.length > 0, 'The network has no output.');
    return {
      name: this.#name,
      inputs: [...this.#inputs],
      outputs: [...this.#outputs],
      nodes: [...this.#nodes],
      tensors: [...this.#tensors.values()].filter(({ values }) => !values),
      ignored: [...this.#ignored],
    };
  }

  /** `read` gives the options for a map of this height and width. */
  protected addPool(op: Pool2dNode['op'], input: Value, read: (area: Pair) => PoolValues): Value {
    return this.addNode(op, [input], () => {
      const [batch, channels, ...area] = mapShape(input);
      const given = read(area);
      const { countIncludePad = false } = given;
      const window = toWindow(given);
      const { strides, padding, dilations } = window;
      if (op === 'averagePool2d' && !given.windowDimensions && `${padding},${dilations}` === '0,0,0,0,1,1') {
        return { op: 'globalAveragePool', shape: [batch, channels, 1, 1] };
      }
      const windowDimensions = toPair(given.windowDimensions ?? area);
      const size = pooled(area, { ...window, size: windowDimensions }, given.roundingType);
      const shape = [batch, channels, ...size] as const;
      if (!isLarge(windowDimensions)) return { windowDimensions, ...window, countIncludePad, shape };
      const [height, width] = windowDimensions;
      const [top, bottom, left, right] = padding;
      const downwards: PoolValues = {
        ...given,
        ...{ windowDimensions: [height, 1], strides: [strides[0], 1], dilations: [dilations[0], 1] },
        padding: [top, bottom, 0, 0],
      };
      return {
        inputs: [this.addPool(op, input, () => downwards)],
        ...{ windowDimensions: [1, width], strides: [1, strides[1]], dilations: [1, dilations[1]] },
        ...{ padding: [0, 0, left, right], countIncludePad, shape },
      };
    });
  }

  #binary(op: BinaryNode['op'], a: Value, b: Value, more: readonly unknown[]): Value {
    const make = () => {
      const inputs = inOrder(a, b);
      demand(
        inputs !== undefined,
        `The shapes ${show(a.shape)} and ${show(b.shape)} differ, and neither is [batch, channels, 1, 1] for the other.`,
      );
      return { inputs, shape: inputs[0].shape };
    };
    return this.addNode(op, [a, b], make, more);
  }

  protected addActivation(called: string, input: Value, read: () => FusedActivation, more?: readonly unknown[]): Value {
    const make = () => ({ activation: read(), shape: input.shape });
    return this.addNode('activation', [input], make, more, undefined, called);
  }

  protected addConvolution(
    op: 'conv2d' | 'convTranspose2d',
    input: Value,
    filter: Tensor,
    options: Conv2dOptions & { outputPadding?: PairOption | undefined },
    table: typeof CONV2D,
  ): Value {
    const make = () => {
      const read: OptionValues<typeof CONV2D> & { outputPadding?: PairOption } = readOptions(options, table);
      const { groups, bias, outputPadding = 0, ...given } = read;
      this.requireTensor(filter, 'filter');
      requireShape<FilterShape>(filter, 4);
      const [batch, channels, ...area] = mapShape(input);
      const [first, second, ...size] = filter.shape;
      const isTransposed = op === 'convTranspose2d';
      const outChannels = isTransposed ? second * groups : first;
      const isDivisor = channels % groups === 0 && outChannels % groups === 0;
      check(isDivisor, "option 'groups'", groups, `a divisor of the channels, ${channels} and ${outChannels}`);
      if (isTransposed) requireInputs(channels, 1, first);
      else requireInputs(channels, groups, second);
      if (bias) this.requireChannels(bias, outChannels, 'bias');
      const window = toWindow(given);
      const sized = { ...window, size };
      const result = isTransposed ? spread(area, sized, toPair(outputPadding)) : windowed(area, sized);
      return { filter, ...(bias && { bias }), ...window, groups, shape: [batch, outChannels, ...result] } as const;
    };
    return this.addNode(op, [input], make, [], filter);
  }

  protected requireValue(value: Value, role = 'input'): void {
    const isOwn = value !== undefined && this.#values[value?.id] === value;
    check(isOwn, role, value, 'a value of this network');
  }

  protected requireTensor(tensor: Tensor, role: string): void {
    const isOwn = tensor !== undefined && this.#tensors.get(tensor?.name) === tensor;
    check(isOwn, role, tensor, 'a tensor of this network');
  }

  protected requireChannels(tensor: Tensor, channels: number, role: string): asserts tensor is ChannelTensor {
    this.requireTensor(tensor, role);
    check(sameShape(tensor.shape, [channels]), `shape of '${tensor.name}'`, tensor.shape, `[${channels}]`);
  }

  /** One object for each name. */
  protected remember(tensor: Tensor): Tensor {
    const known = this.#tensors.get(tensor.name);
    if (!known) {
      this.#tensors.set(tensor.name, tensor);
      return tensor;
    }
    demand(
      sameShape(known.shape, tensor.shape) && sameShape(known.values ?? [], tensor.values ?? []),
      `There are two tensors '${tensor.name}': ${show(known)} and ${show(tensor)}.`,
    );
    return known;
  }

  #value(name: string, shape: ValueShape): Value {
    requireShape({ name, shape });
    const value = { id: this.#values.length, name, shape };
    this.#values.push(value);
    return value;
  }

  /**
   * Adds a node with the fields that `make` gives. `more` is what follows the arguments of a method without options;
   * `tensor` names the node; `called` is the method, where it is not the op.
   */
  protected addNode<Op extends Node['op']>(
    op: Op,
    inputs: (Node & { readonly op: Op })['inputs'],
    make: () => NewNode<Op>,
    more: readonly unknown[] = [],
    tensor?: Tensor,
    called: string = op,
  ): Value {
    // What JavaScript passes for a tensor is checked below, and may have no name, or one that is no text.
    const name = tensor?.name?.replace?.(/\.[^.]*$/, '') ?? `${called}.${this.#nodes.length}`;
    return during(`adding ${called} '${name}'`, () => {
      for (const input of inputs) this.requireValue(input);
      check(typeof more[0] !== 'object', 'last argument', more[0], 'left out');
      const { shape, ...fields } = make();
      const output = this.#value(name, shape);
      this.#nodes.push({ op, name, inputs, ...fields, output } as Node);
      return output;
    });
  }
}

/** A node's own fields; its op where it might be another one, its inputs where they are not in the order of the arguments. */
export type NewNode<Op extends Node['op']> =
  | (Fields<Node, Op> & {
      readonly op?: Op;
      readonly shape: ValueShape;
      readonly inputs?: (Node & { readonly op: Op })['inputs'];
    })
  // What an average over the whole map becomes.
  | { readonly op: 'globalAveragePool'; readonly shape: ValueShape };
type Fields<Kind extends Node, Op> = Kind extends Node
  ? [Op & Kind['op']] extends [never]
    ? never
    : Omit<Kind, 'op' | 'name' | 'inputs' | 'output'>
  : never;

function requireNew(role: string, name: string, known: readonly { readonly name: string }[]): void {
  requireName(name);
  demand(!known.some((other) => other.name === name), `There are two ${role}s '${name}'.`);
}

function requireInputs(channels: number, groups: number, given: number): void {
  const expected = channels / groups;
  check(
    given === expected,
    "number of the filter's input channels",
    given,
    `${expected}, as the input has ${channels}`,
  );
}

function requireChannelAxis(axis: number): void {
  check(axis === 1, 'axis', axis, '1, the channels');
}
