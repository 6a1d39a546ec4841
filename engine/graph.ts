import { ArchitectureError, during } from './errors.ts';
import {
  show as describe,
  FLAG,
  type Kind,
  NATURAL,
  NOT_NEGATIVE,
  NUMBER,
  oneOf,
  optional,
  POSITIVE_INTEGER,
  POSITIVE_NUMBER,
  TEXT,
} from './kinds.ts';
import { type OptionTable, type OptionValues, readTable } from './options.ts';

/** Logical sizes: `[batch, channels, height, width]`, or `[batch, features]`. */
export type Shape = readonly number[];

/** An edge of the graph: the result of a node, or an input. */
export interface Value {
  readonly id: number;
  readonly name: string;
  readonly shape: Shape;
}

/** A trained tensor by its name in the checkpoint. */
export interface Tensor {
  readonly name: string;
  readonly shape: Shape;
  /** Of a constant, which no checkpoint holds. */
  readonly values?: readonly number[];
  /** What fusion stacked along the first dimension; their names are the checkpoint's. */
  readonly pieces?: readonly Tensor[];
}

/** Top, bottom, left, right: WebNN's order. */
export type Padding = readonly [number, number, number, number];
export type Pair = readonly [number, number];

/** An activation that a kernel applies to its result before it stores it. */
export type FusedActivation =
  | { readonly kind: 'clamp'; readonly minValue: number; readonly maxValue: number }
  | { readonly kind: 'hardSwish' | 'hardSigmoid' | 'sigmoid' };

/** y = (x - mean) / sqrt(variance + epsilon) * scale + bias, per channel (arXiv 1502.03167). */
export interface BatchNormalization {
  readonly mean: Tensor;
  readonly variance: Tensor;
  readonly scale: Tensor;
  readonly bias: Tensor;
  readonly epsilon: number;
}

interface NodeBase {
  /** The name of its first tensor without the last part, or the op's name and number. */
  readonly name: string;
  readonly inputs: readonly Value[];
  readonly output: Value;
}

/** The optional fields from `batchNormalization` on are what fusion adds. */
interface ConvolutionNode extends NodeBase {
  readonly filter: Tensor;
  readonly bias?: Tensor;
  readonly strides: Pair;
  readonly padding: Padding;
  readonly dilations: Pair;
  readonly groups: number;
  readonly batchNormalization?: BatchNormalization;
  readonly activation?: FusedActivation;
  /** Added before the activation; same shape as the output. Also in `inputs`. */
  readonly residual?: Value;
}

/** A 2-D convolution, filter `[out, in / groups, height, width]`. */
export interface Conv2dNode extends ConvolutionNode {
  readonly op: 'conv2d';
  /** `[batch, channels, 1, 1]`, multiplied into the input (squeeze-excite). Also in `inputs`. */
  readonly inputScale?: Value;
  /** Applied to the input, and ReLU after it (DenseNet). */
  readonly inputNormalization?: BatchNormalization;
}

/** A transposed 2-D convolution, filter `[in, out / groups, height, width]`; `padding` is what is cut off the result. */
export interface ConvTranspose2dNode extends ConvolutionNode {
  readonly op: 'convTranspose2d';
}

/** x · filterᵀ + bias for x `[batch, k]` and filter `[n, k]`. */
export interface GemmNode extends NodeBase {
  readonly op: 'gemm';
  readonly filter: Tensor;
  readonly bias?: Tensor;
  readonly activation?: FusedActivation;
}

export interface BatchNormalizationNode extends NodeBase {
  readonly op: 'batchNormalization';
  readonly batchNormalization: BatchNormalization;
  readonly activation?: FusedActivation;
}

export interface Pool2dNode extends NodeBase {
  readonly op: 'averagePool2d' | 'maxPool2d';
  readonly windowDimensions: Pair;
  readonly strides: Pair;
  readonly padding: Padding;
  readonly dilations: Pair;
  /** Whether an average counts the zeros of the padding. */
  readonly countIncludePad: boolean;
}

/** Output pixel (y, x) lies at the input's coordinate `(y, x) * steps + offsets`, kept within the map. */
export interface Resample2dNode extends NodeBase {
  readonly op: 'resample2d';
  readonly mode: 'nearest-neighbor' | 'linear';
  readonly steps: Pair;
  readonly offsets: Pair;
}

/** `mul` takes a second input of the same shape or `[batch, channels, 1, 1]`. */
export interface BinaryNode extends NodeBase {
  readonly op: 'add' | 'mul';
  readonly activation?: FusedActivation;
}

export interface ActivationNode extends NodeBase {
  readonly op: 'activation';
  readonly activation: FusedActivation;
}

/** Zeros around height and width. */
export interface PadNode extends NodeBase {
  readonly op: 'pad';
  readonly padding: Padding;
}

/** A part of the map, from row and column `starts` on, as large as the output. */
export interface SliceNode extends NodeBase {
  readonly op: 'slice';
  readonly starts: Pair;
}

/** Writes its input into `output`, from `channel` on. Left over from concatenations that need one (`join.ts`). */
export interface CopyNode extends NodeBase {
  readonly op: 'copy';
  readonly channel: number;
}

/**
 * `softmax` over channels; `globalAveragePool` to `[batch, channels, 1, 1]`; `adaptiveAveragePool2d` to any size;
 * `concat` of channels; `flatten` to `[batch, channels * height * width]`.
 */
export interface PlainNode extends NodeBase {
  readonly op: 'softmax' | 'globalAveragePool' | 'adaptiveAveragePool2d' | 'concat' | 'flatten';
}

export type Node =
  | Conv2dNode
  | ConvTranspose2dNode
  | GemmNode
  | BatchNormalizationNode
  | Pool2dNode
  | Resample2dNode
  | BinaryNode
  | ActivationNode
  | PadNode
  | SliceNode
  | CopyNode
  | PlainNode;

/** What an architecture builds: nodes in the order in which they run. Plain data. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly Value[];
  /** `shape` is that of the result where it is not the value's: a map that is given out flat. */
  readonly outputs: readonly { readonly name: string; readonly value: Value; readonly shape?: Shape }[];
  readonly nodes: readonly Node[];
  /** Every tensor that the checkpoint must hold, in the order of use. */
  readonly tensors: readonly Tensor[];
  /** How the names of tensors begin that the checkpoint may hold besides. */
  readonly ignored: readonly string[];
}

/** A network, not yet compiled. Made by the functions of `linnet/architectures`, or by `architecture`. */
export interface Architecture<Outputs extends string = string> {
  readonly name: string;
  build(graph: GraphBuilder<Outputs>): void;
}

/** A network from a function that adds its nodes to `graph`. `architecture<'mask'>` lets TypeScript know its outputs. */
export function architecture<Outputs extends string = string>(
  name: string,
  build: (graph: GraphBuilder<Outputs>) => void,
): Architecture<Outputs> {
  requireName(name);
  check(typeof build === 'function', `builder of '${name}'`, build, 'a function');
  return { name, build };
}

/** Runs an architecture's function; its mistakes end as an `ArchitectureError` that says where. */
export function buildGraph(network: Architecture): Graph {
  check(typeof network?.build === 'function', 'architecture', network, "what 'architecture' gives");
  const { name } = network;
  return during(`building architecture '${name}'`, () => {
    const builder = new GraphBuilder(name);
    const built: unknown = network.build(builder);
    demand(!(built instanceof Promise), 'An architecture is not built asynchronously.');
    return builder.finish();
  });
}

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

export interface ConvTranspose2dOptions extends Conv2dOptions {
  /** Rows and columns added to the result at the bottom and right, fewer than the strides or the dilations. */
  outputPadding?: PairOption | undefined;
}

export interface BatchNormalizationOptions {
  /** 1 for each channel unless given. */
  scale?: Tensor | undefined;
  /** 0 for each channel unless given. */
  bias?: Tensor | undefined;
  /** 1e-5 unless given. */
  epsilon?: number | undefined;
}

export interface Resample2dOptions {
  /** `nearest-neighbor` unless given: the pixel at the coordinate rounded down, as PyTorch's `nearest`. */
  mode?: 'nearest-neighbor' | 'linear' | undefined;
  /** Height and width of the result; or `scales`. */
  sizes?: PairOption | undefined;
  /**
   * Factors for height and width. As in PyTorch, the result's size is rounded down, and a step in the input is 1 / scale,
   * except where that size is the input's own, which is copied, or with `nearest-neighbor` twice the input's.
   */
  scales?: PairOption | undefined;
  /**
   * Of `linear`: what lies on what. `half-pixel` (unless given): the edges of the pictures, as in WebNN and with PyTorch's
   * `align_corners=False`; `align-corners`: the centres of their corner pixels.
   */
  coordinates?: 'half-pixel' | 'align-corners' | undefined;
}

export interface Pool2dOptions {
  /** The whole map unless given; then there are no other options. */
  windowDimensions?: PairOption | undefined;
  strides?: PairOption | undefined;
  /** At most half of the window on each side, as in PyTorch. */
  padding?: PaddingOption | undefined;
  dilations?: PairOption | undefined;
  /** How the output's size is rounded; `ceil` lets the last window hang over the edge. */
  roundingType?: 'floor' | 'ceil' | undefined;
}

export interface AveragePool2dOptions extends Pool2dOptions {
  /** Whether the padding's zeros count, false unless given. PyTorch's option of this name, with the opposite default; what hangs over the padding never counts. */
  countIncludePad?: boolean | undefined;
}

/** One number for all, or a list of so many. */
const numbers = <List>({ expected, accepts }: Kind<number>, count: number, listed: string): Kind<number | List> => ({
  expected: expected + listed,
  accepts: (value): value is number | List =>
    accepts(value) || (Array.isArray(value) && value.length === count && value.every(accepts)),
});
const pairOf = (kind: Kind<number>) => numbers<Pair>(kind, 2, ', or two: for height and width');

const PADDING = numbers<Padding>(NATURAL, 4, ' for all sides, or four: top, bottom, left, right');
const POSITIVE_PAIR = pairOf(POSITIVE_INTEGER);

/** Not looked at with the other options: only a `GraphBuilder` knows its tensors. */
const TENSOR: Kind<Tensor | undefined> = { expected: '', accepts: (value): value is Tensor | undefined => true };

const WINDOW = { strides: [POSITIVE_PAIR, 1], padding: [PADDING, 0], dilations: [POSITIVE_PAIR, 1] } as const;
const CONV2D = { bias: [TENSOR, undefined], ...WINDOW, groups: [POSITIVE_INTEGER, 1] } as const;
const GEMM = { bias: [TENSOR, undefined] } as const;
const CLAMP = { minValue: [NUMBER, -Infinity], maxValue: [NUMBER, Infinity] } as const;
const CONV_TRANSPOSE2D = { ...CONV2D, outputPadding: [pairOf(NATURAL), 0] } as const;
const BATCH_NORMALIZATION = {
  scale: [TENSOR, undefined],
  bias: [TENSOR, undefined],
  epsilon: [NOT_NEGATIVE, 1e-5],
} as const;
const POOL2D = {
  windowDimensions: [optional(POSITIVE_PAIR), undefined],
  ...WINDOW,
  roundingType: [oneOf('floor', 'ceil'), 'floor'],
} as const;
const AVERAGE_POOL2D = { ...POOL2D, countIncludePad: [FLAG, false] } as const;
const RESAMPLE2D = {
  mode: [oneOf('nearest-neighbor', 'linear'), 'nearest-neighbor'],
  sizes: [optional(POSITIVE_PAIR), undefined],
  scales: [optional(pairOf(POSITIVE_NUMBER)), undefined],
  coordinates: [optional(oneOf('half-pixel', 'align-corners')), undefined],
} as const;

const readOptions = <const Table extends OptionTable>(given: unknown, table: Table): OptionValues<Table> =>
  readTable(given, table, ArchitectureError);

// Copies, as the caller may change a list and use it again.
const toPair = (given: PairOption): Pair => (typeof given === 'number' ? [given, given] : [...given]);
const toPadding = (given: PaddingOption): Padding =>
  typeof given === 'number' ? [given, given, given, given] : [...given];

const toWindow = ({ strides, padding, dilations }: OptionValues<typeof WINDOW>) => ({
  strides: toPair(strides),
  padding: toPadding(padding),
  dilations: toPair(dilations),
});

function demand(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ArchitectureError(message);
}

export const elementsOf = (shape: Shape) => shape.reduce((product, size) => product * size, 1);

const isNatural = NATURAL.accepts;
const isSize = POSITIVE_INTEGER.accepts;
const show = (shape: Shape) => (Array.isArray(shape) ? `[${shape.join(', ')}]` : describe(shape));
const sameShape = (a: Shape, b: Shape) => a.length === b.length && a.every((size, axis) => size === b[axis]);

/** For what only JavaScript may pass. */
function check(fits: boolean, role: string, given: unknown, expected: string): asserts fits {
  demand(fits, `The ${role} is ${describe(given)}; it should be ${expected}.`);
}

const requireName = (name: string) => check(TEXT.accepts(name), 'name', name, TEXT.expected);

/** The smallest and largest finite float: a clamp to these is no clamp. */
export const FLOAT_MAX = 3.4028234663852886e38;
const finite = (bound: number) => Math.min(Math.max(bound, -FLOAT_MAX), FLOAT_MAX);
export const IDENTITY = { kind: 'clamp', minValue: -FLOAT_MAX, maxValue: FLOAT_MAX } as const satisfies FusedActivation;

/**
 * Adds checked nodes, with WebNN's op names and options (https://www.w3.org/TR/webnn/). Values are `[batch, channels,
 * height, width]`; a wrong shape is an `ArchitectureError` at the call that made it.
 */
export class GraphBuilder<Outputs extends string = string> {
  readonly #name: string;
  readonly #nodes: Node[] = [];
  readonly #inputs: Value[] = [];
  readonly #outputs: { name: string; value: Value }[] = [];
  readonly #values = new WeakSet<Value>();
  readonly #tensors = new Map<string, Tensor>();
  readonly #ignored: string[] = [];
  #nextId = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** An input of the network, `[batch, channels, height, width]`. */
  input(name: string, shape: Shape): Value {
    requireName(name);
    return during(`adding input '${name}'`, () => {
      demand(Array.isArray(shape) && shape.length === 4, `An input has four dimensions, not ${show(shape)}.`);
      demand(!this.#inputs.some((input) => input.name === name), `There are two inputs '${name}'.`);
      const value = this.#value(name, shape);
      this.#inputs.push(value);
      return value;
    });
  }

  /** Names a result of the network. */
  output(name: Outputs, value: Value): void {
    requireName(name);
    demand(!this.#outputs.some((output) => output.name === name), `There are two outputs '${name}'.`);
    this.#requireValue(value, `output '${name}'`);
    this.#outputs.push({ name, value });
  }

  /** A tensor of the checkpoint. */
  tensor(name: string, shape: Shape): Tensor {
    requireName(name);
    check(Array.isArray(shape) && shape.every(isSize), `shape of '${name}'`, shape, 'a list of positive integers');
    return this.#remember({ name, shape: [...shape] });
  }

  /** Tensors whose names begin with `prefix` may be in the checkpoint, and are not used: a part that was for training only. */
  ignore(prefix: string): void {
    requireName(prefix);
    this.#ignored.push(prefix);
  }

  /** A tensor with values of its own, `[values.length]`: the checkpoint does not hold it. */
  constant(name: string, values: readonly number[]): Tensor {
    requireName(name);
    const list = Array.from(values ?? []);
    const isList = list.length > 0 && list.every(Number.isFinite);
    check(isList, `constant '${name}'`, values, 'a list of finite numbers');
    return this.#remember({ name, shape: [list.length], values: list });
  }

  /** Convolution; `filter` is `[outChannels, channels / groups, height, width]`. */
  conv2d(input: Value, filter: Tensor, options: Conv2dOptions = {}): Value {
    return this.#convolution('conv2d', input, filter, () => ({ ...readOptions(options, CONV2D), outputPadding: 0 }));
  }

  /** Transposed convolution (WebNN's filter layout `iohw`): `filter` is `[channels, outChannels / groups, height, width]`. */
  convTranspose2d(input: Value, filter: Tensor, options: ConvTranspose2dOptions = {}): Value {
    return this.#convolution('convTranspose2d', input, filter, () => readOptions(options, CONV_TRANSPOSE2D));
  }

  /** Inference batch normalization, per channel. */
  batchNormalization(input: Value, mean: Tensor, variance: Tensor, options: BatchNormalizationOptions = {}): Value {
    return this.#add('batchNormalization', [input], options?.scale ?? mean, (name) => {
      const given = readOptions(options, BATCH_NORMALIZATION);
      const channels = map(input)[1];
      this.#requireTensor(mean, 'mean');
      const fill = (role: 'scale' | 'bias', value: number) =>
        given[role] ?? this.constant(`${mean.name} (no ${role})`, Array(channels).fill(value));
      const tensors = { mean, variance, scale: fill('scale', 1), bias: fill('bias', 0) };
      for (const [role, tensor] of Object.entries(tensors)) this.#requireChannels(tensor, channels, role);
      const batchNormalization = { ...tensors, epsilon: given.epsilon };
      const output = this.#value(name, input.shape);
      return { op: 'batchNormalization', name, inputs: [input], batchNormalization, output };
    });
  }

  /** x · filterᵀ + bias; input `[batch, k]`, filter `[n, k]`, output `[batch, n]`. WebNN's gemm with `bTranspose`. */
  gemm(input: Value, filter: Tensor, options: { bias?: Tensor | undefined } = {}): Value {
    return this.#add('gemm', [input], filter, (name) => {
      const { bias } = readOptions(options, GEMM);
      this.#requireTensor(filter, 'filter');
      demand(input.shape.length === 2, `The input has two dimensions, not ${show(input.shape)}: flatten it.`);
      demand(filter.shape.length === 2, `A dense layer's filter has two dimensions, not ${show(filter.shape)}.`);
      const [batch, features] = input.shape as [number, number];
      const [outFeatures, inFeatures] = filter.shape as [number, number];
      demand(
        features === inFeatures,
        `Input features (${features}) do not match the filter's input features (${inFeatures}).`,
      );
      if (bias) this.#requireChannels(bias, outFeatures, 'bias');
      const output = this.#value(name, [batch, outFeatures]);
      return { op: 'gemm', name, inputs: [input], filter, ...(bias && { bias }), output };
    });
  }

  /** Average over a window; without `windowDimensions` over the whole map. */
  averagePool2d(input: Value, options: AveragePool2dOptions = {}): Value {
    return this.#pool('averagePool2d', input, () => readOptions(options, AVERAGE_POOL2D));
  }

  /**
   * Average over windows that divide the map into `sizes` = [height, width] parts: row i of the result is the mean of rows
   * floor(i * rows / height) to ceil((i + 1) * rows / height) - 1, and columns likewise. PyTorch's layer of this name.
   */
  adaptiveAveragePool2d(input: Value, sizes: PairOption, ...more: never[]): Value {
    this.#requireValue(input);
    check(POSITIVE_PAIR.accepts(sizes), 'size', sizes, POSITIVE_PAIR.expected);
    const [rows, columns] = toPair(sizes);
    const [batch, channels, height, width] = map(input);
    if (rows === 1 && columns === 1) return this.averagePool2d(input);
    if (rows === height && columns === width) return input;
    if (height % rows === 0 && width % columns === 0) {
      const windowDimensions = [height / rows, width / columns] as const;
      return this.averagePool2d(input, { windowDimensions, strides: windowDimensions });
    }
    return this.#add(
      'adaptiveAveragePool2d',
      [input],
      undefined,
      (name) => {
        const output = this.#value(name, [batch, channels, rows, columns]);
        return { op: 'adaptiveAveragePool2d', name, inputs: [input], output };
      },
      more,
    );
  }

  /** Maximum over a window; without `windowDimensions` over the whole map. */
  maxPool2d(input: Value, options: Pool2dOptions = {}): Value {
    return this.#pool('maxPool2d', input, () => ({ ...readOptions(options, POOL2D), countIncludePad: false }));
  }

  /** Another height and width: each pixel of the result is the nearest one of the input, or a mean of the four around it. */
  resample2d(input: Value, options: Resample2dOptions): Value {
    return this.#add('resample2d', [input], undefined, (name) => {
      const { mode, sizes, scales, coordinates } = readOptions(options, RESAMPLE2D);
      const [batch, channels, height, width] = map(input);
      demand((sizes === undefined) !== (scales === undefined), 'Either sizes or scales are given, not both.');
      demand(
        mode === 'linear' || coordinates === undefined,
        `Coordinates ('${coordinates}') are for mode 'linear', not '${mode}'.`,
      );
      const along = (axis: 0 | 1) => {
        const from = axis ? width : height;
        const factor = scales && toPair(scales)[axis];
        const to = factor ? Math.floor(from * factor) : toPair(sizes as PairOption)[axis];
        if (coordinates === 'align-corners') return { to, step: to > 1 ? (from - 1) / (to - 1) : 0, offset: 0 };
        // Where the size stays or doubles PyTorch (`nearest_idx` and others in ATen's UpSample.h) looks at no scale.
        const isPlain = to === from || (to === 2 * from && mode !== 'linear');
        const step = factor && !isPlain ? 1 / factor : from / to;
        return { to, step, offset: mode === 'linear' ? (step - 1) / 2 : 0 };
      };
      const [y, x] = [along(0), along(1)];
      const [steps, offsets] = [[y.step, x.step] as const, [y.offset, x.offset] as const];
      const output = this.#value(name, [batch, channels, y.to, x.to]);
      return { op: 'resample2d', name, inputs: [input], mode, steps, offsets, output };
    });
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
    return this.#activation('relu', input, () => ({ kind: 'clamp', minValue: 0, maxValue: FLOAT_MAX }), more);
  }

  clamp(input: Value, options: { minValue?: number | undefined; maxValue?: number | undefined } = {}): Value {
    return this.#activation('clamp', input, () => {
      const { minValue, maxValue } = readOptions(options, CLAMP);
      demand(minValue <= maxValue, `The smallest value (${minValue}) is above the largest (${maxValue}).`);
      return { kind: 'clamp', minValue: finite(minValue), maxValue: finite(maxValue) };
    });
  }

  /** x · min(max(x + 3, 0), 6) / 6 (arXiv 1905.02244). */
  hardSwish(input: Value, ...more: never[]): Value {
    return this.#activation('hardSwish', input, () => ({ kind: 'hardSwish' }), more);
  }

  /** min(max(x + 3, 0), 6) / 6: WebNN's hardSigmoid with alpha 1/6 and beta 1/2, the gate of MobileNet v3. */
  hardSigmoid(input: Value, ...more: never[]): Value {
    return this.#activation('hardSigmoid', input, () => ({ kind: 'hardSigmoid' }), more);
  }

  sigmoid(input: Value, ...more: never[]): Value {
    return this.#activation('sigmoid', input, () => ({ kind: 'sigmoid' }), more);
  }

  /** Softmax over channels, for each pixel. */
  softmax(input: Value, axis = 1, ...more: never[]): Value {
    return this.#add(
      'softmax',
      [input],
      undefined,
      (name) => {
        requireChannelAxis(axis);
        return { op: 'softmax', name, inputs: [input], output: this.#value(name, input.shape) };
      },
      more,
    );
  }

  /** Zeros around height and width. */
  pad(input: Value, padding: PaddingOption, ...more: never[]): Value {
    return this.#add(
      'pad',
      [input],
      undefined,
      (name) => {
        const [batch, channels, height, width] = map(input);
        check(PADDING.accepts(padding), 'padding', padding, PADDING.expected);
        const [top, bottom, left, right] = toPadding(padding);
        const output = this.#value(name, [batch, channels, height + top + bottom, width + left + right]);
        return { op: 'pad', name, inputs: [input], padding: [top, bottom, left, right], output };
      },
      more,
    );
  }

  /**
   * The channels of all inputs, one after another. No kernel runs for it: what makes the inputs writes them side by side,
   * where that can be (see `join.ts`).
   */
  concat(inputs: readonly Value[], axis = 1, ...more: never[]): Value {
    const values = Array.isArray(inputs) ? [...inputs] : [];
    return this.#add(
      'concat',
      values,
      undefined,
      (name) => {
        check(values.length > 0, 'list', inputs, 'one of values');
        requireChannelAxis(axis);
        const [batch, , height, width] = map(values[0] as Value);
        let channels = 0;
        for (const value of values) {
          const [otherBatch, more, ...size] = map(value);
          demand(
            sameShape([otherBatch, ...size], [batch, height, width]),
            `The shapes ${show((values[0] as Value).shape)} and ${show(value.shape)} differ in more than the channels.`,
          );
          channels += more;
        }
        return { op: 'concat', name, inputs: values, output: this.#value(name, [batch, channels, height, width]) };
      },
      more,
    );
  }

  /** A part of the map: `sizes` elements from `starts` on, both `[batch, channels, height, width]`; all items and channels. */
  slice(input: Value, starts: Shape, sizes: Shape, ...more: never[]): Value {
    return this.#add(
      'slice',
      [input],
      undefined,
      (name) => {
        map(input);
        demand(
          [starts, sizes].every(
            (numbers) => Array.isArray(numbers) && numbers.length === 4 && numbers.every(isNatural),
          ),
          `Starts and sizes are four natural numbers each, not ${show(starts)} and ${show(sizes)}.`,
        );
        demand(
          [0, 1].every((axis) => starts[axis] === 0 && sizes[axis] === input.shape[axis]),
          `A slice holds all items and channels of ${show(input.shape)}, not ${show(sizes)} from ${show(starts)} on.`,
        );
        demand(
          [2, 3].every((axis) => (starts[axis] as number) + (sizes[axis] as number) <= (input.shape[axis] as number)),
          `A slice of ${show(sizes)} from ${show(starts)} on is not within ${show(input.shape)}.`,
        );
        const [, , top, left] = starts as [number, number, number, number];
        return { op: 'slice', name, inputs: [input], starts: [top, left], output: this.#value(name, sizes) };
      },
      more,
    );
  }

  /** `[batch, channels, height, width]` to `[batch, channels * height * width]`, for a dense layer. */
  flatten(input: Value, ...more: never[]): Value {
    return this.#add(
      'flatten',
      [input],
      undefined,
      (name) => {
        const [batch, channels, height, width] = map(input);
        return { op: 'flatten', name, inputs: [input], output: this.#value(name, [batch, channels * height * width]) };
      },
      more,
    );
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

  #pool(op: Pool2dNode['op'], input: Value, read: () => OptionValues<typeof AVERAGE_POOL2D>): Value {
    return this.#add(op, [input], undefined, (name) => {
      const [batch, channels, height, width] = map(input);
      const given = read();
      const { roundingType, countIncludePad } = given;
      const isWhole = given.windowDimensions === undefined;
      const windowDimensions = toPair(given.windowDimensions ?? [height, width]);
      const window = toWindow(given);
      demand(
        !isWhole || [...window.strides, ...window.padding, ...window.dilations].join() === '1,1,0,0,0,0,1,1',
        "A pool with other options has 'windowDimensions'.",
      );
      if (isWhole && op === 'averagePool2d') {
        return { op: 'globalAveragePool', name, inputs: [input], output: this.#value(name, [batch, channels, 1, 1]) };
      }
      const size = pooled([height, width], { ...window, size: windowDimensions }, roundingType);
      const output = this.#value(name, [batch, channels, ...size]);
      return { op, name, inputs: [input], windowDimensions, ...window, countIncludePad, output };
    });
  }

  #binary(op: BinaryNode['op'], a: Value, b: Value, more: readonly unknown[]): Value {
    return this.#add(
      op,
      [a, b],
      undefined,
      (name) => {
        const isPerChannel = (value: Value, map: Value) =>
          sameShape(value.shape, [...map.shape.slice(0, 2), 1, 1]) && map.shape.length === 4;
        const same = sameShape(a.shape, b.shape);
        demand(
          same || isPerChannel(a, b) || isPerChannel(b, a),
          `The shapes ${show(a.shape)} and ${show(b.shape)} differ, and neither is [batch, channels, 1, 1] for the other.`,
        );
        // What there is for each channel comes second.
        const inputs = !same && isPerChannel(a, b) ? [b, a] : [a, b];
        return { op, name, inputs, output: this.#value(name, (inputs[0] as Value).shape) };
      },
      more,
    );
  }

  #activation(op: string, input: Value, read: () => FusedActivation, more?: readonly unknown[]): Value {
    return this.#add(
      op,
      [input],
      undefined,
      (name) => {
        const activation = read();
        return { op: 'activation', name, inputs: [input], activation, output: this.#value(name, input.shape) };
      },
      more,
    );
  }

  #convolution(
    op: 'conv2d' | 'convTranspose2d',
    input: Value,
    filter: Tensor,
    read: () => OptionValues<typeof CONV_TRANSPOSE2D>,
  ): Value {
    return this.#add(op, [input], filter, (name) => {
      const given = read();
      const { groups, bias } = given;
      this.#requireTensor(filter, 'filter');
      const [batch, channels, height, width] = map(input);
      demand(filter.shape.length === 4, `A filter has four dimensions, not ${show(filter.shape)}.`);
      const [first, second, ...size] = filter.shape as [number, number, number, number];
      const isTransposed = op === 'convTranspose2d';
      const outChannels = isTransposed ? second * groups : first;
      demand(
        channels % groups === 0 && outChannels % groups === 0,
        `Groups (${groups}) do not divide the input channels (${channels}) and the output channels (${outChannels}).`,
      );
      const [inputs, filterInputs] = isTransposed ? [channels, first] : [channels / groups, second];
      demand(
        inputs === filterInputs,
        inputs === channels
          ? `Input channels (${channels}) do not match the filter's input channels (${filterInputs}).`
          : `Input channels per group (${channels} / ${groups}) do not match the filter's input channels (${filterInputs}).`,
      );
      if (bias) this.#requireChannels(bias, outChannels, 'bias');
      const window = { ...toWindow(given), size };
      const area = isTransposed
        ? spread([height, width], window, toPair(given.outputPadding))
        : windowed([height, width], window);
      const { strides, padding, dilations } = window;
      const output = this.#value(name, [batch, outChannels, ...area]);
      return { op, name, inputs: [input], filter, ...(bias && { bias }), strides, padding, dilations, groups, output };
    });
  }

  #requireValue(value: Value, role = 'input'): void {
    check(this.#values.has(value), role, value, 'a value of this network');
  }

  #requireTensor(tensor: Tensor, role: string): void {
    const isOwn = tensor !== undefined && this.#tensors.get(tensor?.name) === tensor;
    check(isOwn, role, tensor, 'a tensor of this network');
  }

  #requireChannels(tensor: Tensor, channels: number, role: string): void {
    this.#requireTensor(tensor, role);
    demand(
      sameShape(tensor.shape, [channels]),
      `The ${role} '${tensor.name}' ${show(tensor.shape)} does not have one value for each of ${channels} channels.`,
    );
  }

  /** One object for each name. */
  #remember(tensor: Tensor): Tensor {
    const known = this.#tensors.get(tensor.name) ?? tensor;
    demand(
      sameShape(known.shape, tensor.shape) && sameShape(known.values ?? [], tensor.values ?? []),
      `Two tensors have one name: ${describe(known)} and ${describe(tensor)}.`,
    );
    this.#tensors.set(tensor.name, known);
    return known;
  }

  #value(name: string, shape: Shape): Value {
    demand(shape.every(isSize), `'${name}' has a size that is not a positive integer: ${show(shape)}.`);
    const value = { id: this.#nextId++, name, shape: [...shape] };
    this.#values.add(value);
    return value;
  }

  /** `tensor` names the node; `more` is what follows the arguments of a method without options. */
  #add(
    op: string,
    inputs: readonly Value[],
    tensor: Tensor | undefined,
    make: (name: string) => Node,
    more: readonly unknown[] = [],
  ): Value {
    const tensorName = this.#tensors.get(tensor?.name ?? '')?.name;
    const name = tensorName?.replace(/\.[^.]*$/, '') ?? `${op}.${this.#nodes.length}`;
    return during(`adding ${op} '${name}'`, () => {
      for (const input of inputs) this.#requireValue(input);
      demand(typeof more[0] !== 'object', `There are no options for ${op}, but ${describe(more[0])} is given.`);
      const node = make(name);
      this.#nodes.push(node);
      return node.output;
    });
  }
}

function requireChannelAxis(axis: number): void {
  demand(axis === 1, `The axis is 1, the channels, and cannot be ${describe(axis)}.`);
}

function map(value: Value): [number, number, number, number] {
  demand(value.shape.length === 4, `The input has four dimensions, not ${show(value.shape)}.`);
  return value.shape as unknown as [number, number, number, number];
}

interface Window {
  size: Pair;
  strides: Pair;
  padding: Padding;
  dilations: Pair;
}

const extentOf = ({ size, dilations }: Window, axis: 0 | 1) => (size[axis] - 1) * dilations[axis] + 1;

/** The height and width that are left when a window slides over `input`. */
function windowed(input: Pair, window: Window, rounding: 'floor' | 'ceil' = 'floor'): Pair {
  const { strides, padding } = window;
  const along = (axis: 0 | 1): number => {
    const before = padding[axis * 2] as number;
    const padded = input[axis] + before + (padding[axis * 2 + 1] as number);
    const extent = extentOf(window, axis);
    // Rounded up, a first window may hang over the edge, but by less than a stride, as in PyTorch.
    demand(
      padded >= extent || (rounding === 'ceil' && padded > extent - strides[axis]),
      `A window of ${extent} does not fit into ${padded} (${axis ? 'width' : 'height'} with padding).`,
    );
    const steps = (padded - extent) / strides[axis];
    if (rounding === 'floor') return Math.floor(steps) + 1;
    // As in PyTorch, a window that would begin in the padding after the picture is left out.
    const count = Math.ceil(steps) + 1;
    return (count - 1) * strides[axis] >= input[axis] + before ? count - 1 : count;
  };
  return [along(0), along(1)];
}

/** The same for a pool, whose windows each have a pixel of `input` to look at. */
function pooled(input: Pair, window: Window, rounding: 'floor' | 'ceil'): Pair {
  const { size, strides, padding, dilations } = window;
  const counts = windowed(input, window, rounding);
  for (const axis of [0, 1] as const) {
    const [before, after] = [padding[axis * 2] as number, padding[axis * 2 + 1] as number];
    const extent = extentOf(window, axis);
    let isSound = Math.max(before, after) <= extent / 2;
    // A dilated window may still have the whole map between two of its taps.
    for (let start = -before, left = counts[axis]; left > 0; left--, start += strides[axis]) {
      const tap = Math.max(0, Math.ceil(-start / dilations[axis]));
      isSound &&= tap < size[axis] && start + tap * dilations[axis] < input[axis];
    }
    demand(
      isSound,
      `Padding of ${before} and ${after} is more than half a window of ${extent}, or all of one (${axis ? 'width' : 'height'}).`,
    );
  }
  return counts;
}

/** The height and width that windows cover which lie `strides` apart, one for each pixel of `input`: `windowed` backwards. */
function spread(input: Pair, window: Window, outputPadding: Pair): Pair {
  const { strides, padding, dilations } = window;
  demand(
    outputPadding.every((size, axis) => size < Math.max(strides[axis] as number, dilations[axis] as number)),
    `Output padding is below the strides ${show(strides)} or the dilations ${show(dilations)}, not ${show(outputPadding)}.`,
  );
  const along = (axis: 0 | 1): number => {
    const covered = (input[axis] - 1) * strides[axis] + extentOf(window, axis) + outputPadding[axis];
    const cut = (padding[axis * 2] as number) + (padding[axis * 2 + 1] as number);
    demand(cut < covered, `Padding of ${cut} leaves nothing of ${covered} (${axis ? 'width' : 'height'}).`);
    return covered - cut;
  };
  return [along(0), along(1)];
}
