import { ArchitectureError, during } from './errors.ts';

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
  return { name, build };
}

/** Runs an architecture's function; its mistakes end as an `ArchitectureError` that says where. */
export function buildGraph({ name, build }: Architecture): Graph {
  return during(`building architecture '${name}'`, () => {
    const builder = new GraphBuilder(name);
    build(builder);
    return builder.finish();
  });
}

export interface Conv2dOptions {
  bias?: Tensor | undefined;
  strides?: Pair;
  padding?: Padding;
  dilations?: Pair;
  groups?: number;
}

export interface ConvTranspose2dOptions extends Conv2dOptions {
  /** Rows and columns added to the result at the bottom and right, fewer than the strides. */
  outputPadding?: Pair;
}

export interface Resample2dOptions {
  /** `nearest-neighbor` unless given: the pixel at the coordinate rounded down, as PyTorch's `nearest`. */
  mode?: 'nearest-neighbor' | 'linear';
  /** Height and width of the result; or `scales`. */
  sizes?: Pair;
  /** Factors for height and width; the result's size is rounded down, and a step in the input is 1 / scale, as in PyTorch. */
  scales?: Pair;
  /**
   * Of `linear`: what lies on what. `half-pixel` (unless given): the edges of the pictures, as in WebNN and with PyTorch's
   * `align_corners=False`; `align-corners`: the centres of their corner pixels.
   */
  coordinates?: 'half-pixel' | 'align-corners';
}

export interface Pool2dOptions {
  windowDimensions?: Pair;
  strides?: Pair;
  padding?: Padding;
  dilations?: Pair;
  /** How the output's size is rounded; `ceil` lets the last window hang over the edge. */
  roundingType?: 'floor' | 'ceil';
}

export interface AveragePool2dOptions extends Pool2dOptions {
  /** Whether the padding's zeros count, false unless given. PyTorch's option of this name, with the opposite default; what hangs over the padding never counts. */
  countIncludePad?: boolean;
}

function demand(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ArchitectureError(message);
}

export const elementsOf = (shape: Shape) => shape.reduce((product, size) => product * size, 1);

const isNatural = (value: number) => Number.isSafeInteger(value) && value >= 0;
const show = (shape: Shape) => `[${shape.join(', ')}]`;
const sameShape = (a: Shape, b: Shape) => a.length === b.length && a.every((size, axis) => size === b[axis]);

/** The smallest and largest finite float: a clamp to these is no clamp. */
export const FLOAT_MAX = 3.4028234663852886e38;
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
  readonly #tensors = new Map<string, Tensor>();
  readonly #ignored: string[] = [];
  #nextId = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** An input of the network, `[batch, channels, height, width]`. */
  input(name: string, shape: Shape): Value {
    return during(`adding input '${name}'`, () => {
      demand(shape.length === 4, `An input has four dimensions, not ${show(shape)}.`);
      demand(!this.#inputs.some((input) => input.name === name), `There are two inputs '${name}'.`);
      const value = this.#value(name, shape);
      this.#inputs.push(value);
      return value;
    });
  }

  /** Names a result of the network. */
  output(name: Outputs, value: Value): void {
    demand(!this.#outputs.some((output) => output.name === name), `There are two outputs '${name}'.`);
    demand(this.#knows(value), `The output '${name}' belongs to another network.`);
    this.#outputs.push({ name, value });
  }

  /** A tensor of the checkpoint. */
  tensor(name: string, shape: Shape): Tensor {
    const known = this.#tensors.get(name);
    if (known) {
      demand(sameShape(known.shape, shape), `Tensor '${name}' is used as ${show(known.shape)} and as ${show(shape)}.`);
      return known;
    }
    demand(
      shape.every((size) => isNatural(size) && size > 0),
      `Tensor '${name}' has a size that is not a positive integer: ${show(shape)}.`,
    );
    const tensor = { name, shape };
    this.#tensors.set(name, tensor);
    return tensor;
  }

  /** Tensors whose names begin with `prefix` may be in the checkpoint, and are not used: a part that was for training only. */
  ignore(prefix: string): void {
    this.#ignored.push(prefix);
  }

  /** A tensor with values of its own, `[values.length]`: the checkpoint does not hold it. */
  constant(name: string, values: readonly number[]): Tensor {
    demand(values.length > 0 && values.every(Number.isFinite), `The constant '${name}' is no list of finite numbers.`);
    return { name, shape: [values.length], values: [...values] };
  }

  /** Convolution; `filter` is `[outChannels, channels / groups, height, width]`. */
  conv2d(input: Value, filter: Tensor, options: Conv2dOptions = {}): Value {
    const convolution = readConvolution(input, filter, options);
    const { groups, bias } = convolution;
    return this.#add('conv2d', filter.name, (name) => {
      const [batch, channels, height, width] = map(input);
      const [outChannels, filterChannels, kernelHeight, kernelWidth] = filterSizes(filter);
      demand(
        isNatural(groups) && groups > 0 && channels % groups === 0 && outChannels % groups === 0,
        `Groups (${groups}) do not divide the input channels (${channels}) and the output channels (${outChannels}).`,
      );
      demand(
        channels / groups === filterChannels,
        groups === 1
          ? `Input channels (${channels}) do not match the filter's input channels (${filterChannels}).`
          : `Input channels per group (${channels} / ${groups}) do not match the filter's input channels (${filterChannels}).`,
      );
      requireChannels(bias, outChannels, 'bias');
      const window = { ...convolution, size: [kernelHeight, kernelWidth] as const };
      const output = this.#value(name, [batch, outChannels, ...windowed([height, width], window)]);
      return { op: 'conv2d', name, ...convolution, output };
    });
  }

  /** Transposed convolution (WebNN's filter layout `iohw`): `filter` is `[channels, outChannels / groups, height, width]`. */
  convTranspose2d(input: Value, filter: Tensor, options: ConvTranspose2dOptions = {}): Value {
    const convolution = readConvolution(input, filter, options);
    const { groups, bias } = convolution;
    const { outputPadding = [0, 0] } = options;
    return this.#add('convTranspose2d', filter.name, (name) => {
      const [batch, channels, height, width] = map(input);
      const [filterChannels, groupOutputs, kernelHeight, kernelWidth] = filterSizes(filter);
      demand(
        isNatural(groups) && groups > 0 && channels % groups === 0,
        `Groups (${groups}) do not divide the input channels (${channels}).`,
      );
      demand(
        channels === filterChannels,
        `Input channels (${channels}) do not match the filter's input channels (${filterChannels}).`,
      );
      const outChannels = groupOutputs * groups;
      requireChannels(bias, outChannels, 'bias');
      const window = { ...convolution, size: [kernelHeight, kernelWidth] as const };
      const output = this.#value(name, [batch, outChannels, ...spread([height, width], window, outputPadding)]);
      return { op: 'convTranspose2d', name, ...convolution, output };
    });
  }

  /** Inference batch normalization, per channel. */
  batchNormalization(
    input: Value,
    mean: Tensor,
    variance: Tensor,
    { scale, bias, epsilon = 1e-5 }: { scale: Tensor; bias: Tensor; epsilon?: number },
  ): Value {
    return this.#add('batchNormalization', scale.name, (name) => {
      const channels = map(input)[1];
      for (const [role, tensor] of Object.entries({ mean, variance, scale, bias }))
        requireChannels(tensor, channels, role);
      const output = this.#value(name, input.shape);
      return {
        op: 'batchNormalization',
        name,
        inputs: [input],
        batchNormalization: { mean, variance, scale, bias, epsilon },
        output,
      };
    });
  }

  /** x · filterᵀ + bias; input `[batch, k]`, filter `[n, k]`, output `[batch, n]`. WebNN's gemm with `bTranspose`. */
  gemm(input: Value, filter: Tensor, { bias }: { bias?: Tensor | undefined } = {}): Value {
    return this.#add('gemm', filter.name, (name) => {
      demand(input.shape.length === 2, `The input has two dimensions, not ${show(input.shape)}: flatten it.`);
      demand(filter.shape.length === 2, `A dense layer's filter has two dimensions, not ${show(filter.shape)}.`);
      const [batch, features] = input.shape as [number, number];
      const [outFeatures, inFeatures] = filter.shape as [number, number];
      demand(
        features === inFeatures,
        `Input features (${features}) do not match the filter's input features (${inFeatures}).`,
      );
      requireChannels(bias, outFeatures, 'bias');
      return {
        op: 'gemm',
        name,
        inputs: [input],
        filter,
        ...(bias && { bias }),
        output: this.#value(name, [batch, outFeatures]),
      };
    });
  }

  /** Average over a window; without `windowDimensions` over the whole map. */
  averagePool2d(input: Value, options: AveragePool2dOptions = {}): Value {
    if (options.windowDimensions) return this.#pool('averagePool2d', input, options);
    return this.#add('averagePool2d', undefined, (name) => {
      const [batch, channels] = map(input);
      return { op: 'globalAveragePool', name, inputs: [input], output: this.#value(name, [batch, channels, 1, 1]) };
    });
  }

  /**
   * Average over windows that divide the map into `sizes` = [height, width] parts: row i of the result is the mean of rows
   * floor(i * rows / height) to ceil((i + 1) * rows / height) - 1, and columns likewise. PyTorch's layer of this name.
   */
  adaptiveAveragePool2d(input: Value, sizes: Pair): Value {
    const [height, width] = [input.shape[2] ?? 0, input.shape[3] ?? 0];
    if (sizes[0] === 1 && sizes[1] === 1) return this.averagePool2d(input);
    if (sizes[0] === height && sizes[1] === width) return input;
    if (height % sizes[0] === 0 && width % sizes[1] === 0) {
      const windowDimensions = [height / sizes[0], width / sizes[1]] as const;
      return this.averagePool2d(input, { windowDimensions, strides: windowDimensions });
    }
    return this.#add('adaptiveAveragePool2d', undefined, (name) => {
      const [batch, channels] = map(input);
      return {
        op: 'adaptiveAveragePool2d',
        name,
        inputs: [input],
        output: this.#value(name, [batch, channels, ...sizes]),
      };
    });
  }

  /** Maximum over a window; without `windowDimensions` over the whole map. */
  maxPool2d(input: Value, options: Pool2dOptions = {}): Value {
    return this.#pool('maxPool2d', input, options);
  }

  /** Another height and width: each pixel of the result is the nearest one of the input, or a mean of the four around it. */
  resample2d(input: Value, options: Resample2dOptions): Value {
    const { mode = 'nearest-neighbor', sizes, scales, coordinates } = options;
    return this.#add('resample2d', undefined, (name) => {
      const [batch, channels, height, width] = map(input);
      demand(Boolean(sizes || scales), 'Neither sizes nor scales are given.');
      demand(!(sizes && scales), 'Sizes and scales are both given.');
      demand(
        mode === 'linear' || coordinates === undefined,
        `Coordinates ('${coordinates}') are for mode 'linear', not '${mode}'.`,
      );
      demand(
        scales?.every((scale) => scale > 0 && Number.isFinite(scale)) !== false,
        `Scales are positive numbers, not ${show(scales ?? [])}.`,
      );
      const along = (axis: 0 | 1) => {
        const from = axis ? width : height;
        const to = sizes ? sizes[axis] : Math.floor(from * (scales as Pair)[axis]);
        if (coordinates === 'align-corners') return { to, step: to > 1 ? (from - 1) / (to - 1) : 0, offset: 0 };
        const step = scales ? 1 / scales[axis] : from / to;
        return { to, step, offset: mode === 'linear' ? (step - 1) / 2 : 0 };
      };
      const [y, x] = [along(0), along(1)];
      const output = this.#value(name, [batch, channels, y.to, x.to]);
      return {
        op: 'resample2d',
        name,
        inputs: [input],
        mode,
        steps: [y.step, x.step],
        offsets: [y.offset, x.offset],
        output,
      };
    });
  }

  /** a + b for equal shapes. */
  add(a: Value, b: Value): Value {
    return this.#add('add', undefined, (name) => {
      demand(sameShape(a.shape, b.shape), `The shapes ${show(a.shape)} and ${show(b.shape)} differ.`);
      return { op: 'add', name, inputs: [a, b], output: this.#value(name, a.shape) };
    });
  }

  /** a * b for equal shapes, or for b `[batch, channels, 1, 1]`: a factor for each channel. */
  mul(a: Value, b: Value): Value {
    return this.#add('mul', undefined, (name) => {
      const perChannel = [a.shape[0], a.shape[1], 1, 1] as Shape;
      demand(
        sameShape(a.shape, b.shape) || sameShape(b.shape, perChannel),
        `The second shape ${show(b.shape)} is neither ${show(a.shape)} nor ${show(perChannel)}.`,
      );
      return { op: 'mul', name, inputs: [a, b], output: this.#value(name, a.shape) };
    });
  }

  relu(input: Value): Value {
    return this.#activation('relu', input, { kind: 'clamp', minValue: 0, maxValue: FLOAT_MAX });
  }

  clamp(
    input: Value,
    { minValue = -FLOAT_MAX, maxValue = FLOAT_MAX }: { minValue?: number; maxValue?: number } = {},
  ): Value {
    demand(minValue <= maxValue, `The smallest value (${minValue}) is above the largest (${maxValue}).`);
    return this.#activation('clamp', input, { kind: 'clamp', minValue, maxValue });
  }

  /** x · min(max(x + 3, 0), 6) / 6 (arXiv 1905.02244). */
  hardSwish(input: Value): Value {
    return this.#activation('hardSwish', input, { kind: 'hardSwish' });
  }

  /** min(max(x + 3, 0), 6) / 6: WebNN's hardSigmoid with alpha 1/6 and beta 1/2, the gate of MobileNet v3. */
  hardSigmoid(input: Value): Value {
    return this.#activation('hardSigmoid', input, { kind: 'hardSigmoid' });
  }

  sigmoid(input: Value): Value {
    return this.#activation('sigmoid', input, { kind: 'sigmoid' });
  }

  /** Softmax over channels, for each pixel. */
  softmax(input: Value): Value {
    return this.#add('softmax', undefined, (name) => ({
      op: 'softmax',
      name,
      inputs: [input],
      output: this.#value(name, input.shape),
    }));
  }

  /** Zeros around height and width. */
  pad(input: Value, padding: Padding): Value {
    return this.#add('pad', undefined, (name) => {
      const [batch, channels, height, width] = map(input);
      demand(padding.every(isNatural), `Padding is not made of natural numbers: ${show(padding)}.`);
      const [top, bottom, left, right] = padding;
      const output = this.#value(name, [batch, channels, height + top + bottom, width + left + right]);
      return { op: 'pad', name, inputs: [input], padding, output };
    });
  }

  /**
   * The channels of all inputs, one after another. No kernel runs for it: what makes the inputs writes them side by side,
   * where that can be (see `join.ts`).
   */
  concat(inputs: readonly Value[], axis = 1): Value {
    return this.#add('concat', undefined, (name) => {
      demand(inputs.length > 0, 'There is nothing to concatenate.');
      demand(axis === 1, `Values are concatenated along axis 1, the channels, not along axis ${axis}.`);
      const [batch, , height, width] = map(inputs[0] as Value);
      let channels = 0;
      for (const input of inputs) {
        const [otherBatch, more, ...size] = map(input);
        demand(
          sameShape([otherBatch, ...size], [batch, height, width]),
          `The shapes ${show((inputs[0] as Value).shape)} and ${show(input.shape)} differ in more than the channels.`,
        );
        channels += more;
      }
      return { op: 'concat', name, inputs: [...inputs], output: this.#value(name, [batch, channels, height, width]) };
    });
  }

  /** A part of the map: `sizes` elements from `starts` on, both `[batch, channels, height, width]`; all items and channels. */
  slice(input: Value, starts: Shape, sizes: Shape): Value {
    return this.#add('slice', undefined, (name) => {
      map(input);
      demand(
        [starts, sizes].every((numbers) => numbers.length === 4 && numbers.every(isNatural)),
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
    });
  }

  /** `[batch, channels, height, width]` to `[batch, channels * height * width]`, for a dense layer. */
  flatten(input: Value): Value {
    return this.#add('flatten', undefined, (name) => {
      const [batch, channels, height, width] = map(input);
      return { op: 'flatten', name, inputs: [input], output: this.#value(name, [batch, channels * height * width]) };
    });
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
      tensors: [...this.#tensors.values()],
      ignored: [...this.#ignored],
    };
  }

  #pool(op: Pool2dNode['op'], input: Value, options: AveragePool2dOptions): Value {
    return this.#add(op, undefined, (name) => {
      const [batch, channels, height, width] = map(input);
      const {
        windowDimensions = [height, width],
        padding = [0, 0, 0, 0],
        dilations = [1, 1],
        roundingType = 'floor',
        countIncludePad = false,
      } = options;
      const strides = options.strides ?? [1, 1];
      const window = { size: windowDimensions, strides, padding, dilations };
      const size = windowed([height, width], window, roundingType);
      const output = this.#value(name, [batch, channels, ...size]);
      return { op, name, inputs: [input], windowDimensions, strides, padding, dilations, countIncludePad, output };
    });
  }

  #activation(op: string, input: Value, activation: FusedActivation): Value {
    return this.#add(op, undefined, (name) => ({
      op: 'activation',
      name,
      inputs: [input],
      activation,
      output: this.#value(name, input.shape),
    }));
  }

  #knows(value: Value): boolean {
    return this.#inputs.includes(value) || this.#nodes.some(({ output }) => output === value);
  }

  #value(name: string, shape: Shape): Value {
    demand(
      shape.every((size) => isNatural(size) && size > 0),
      `'${name}' has a size that is not a positive integer: ${show(shape)}.`,
    );
    return { id: this.#nextId++, name, shape };
  }

  #add(op: string, tensorName: string | undefined, make: (name: string) => Node): Value {
    const name = tensorName?.replace(/\.[^.]*$/, '') ?? `${op}.${this.#nodes.length}`;
    return during(`adding ${op} '${name}'`, () => {
      const node = make(name);
      for (const input of node.inputs) {
        demand(this.#knows(input), `The input '${input.name}' belongs to another network.`);
      }
      this.#nodes.push(node);
      return node.output;
    });
  }
}

function map(value: Value): [number, number, number, number] {
  demand(value.shape.length === 4, `The input has four dimensions, not ${show(value.shape)}.`);
  return value.shape as unknown as [number, number, number, number];
}

/** What the node of a convolution, transposed or not, takes from its arguments. */
function readConvolution(input: Value, filter: Tensor, options: Conv2dOptions) {
  const { bias, strides = [1, 1], padding = [0, 0, 0, 0], dilations = [1, 1], groups = 1 } = options;
  return { inputs: [input], filter, ...(bias && { bias }), strides, padding, dilations, groups };
}

function requireChannels(tensor: Tensor | undefined, channels: number, role: string): void {
  demand(
    tensor === undefined || sameShape(tensor.shape, [channels]),
    `The ${role} '${tensor?.name}' ${show(tensor?.shape ?? [])} does not have one value for each of ${channels} channels.`,
  );
}

function filterSizes({ shape }: Tensor): [number, number, number, number] {
  demand(shape.length === 4, `A filter has four dimensions, not ${show(shape)}.`);
  return shape as unknown as [number, number, number, number];
}

interface Window {
  size: Pair;
  strides: Pair;
  padding: Padding;
  dilations: Pair;
}

function requireWindow({ size, strides, padding, dilations }: Window): void {
  demand(
    [...size, ...strides, ...dilations].every((n) => isNatural(n) && n > 0),
    `Windows, strides and dilations are positive integers, not ${[size, strides, dilations].map(show).join(', ')}.`,
  );
  demand(padding.every(isNatural), `Padding is not made of natural numbers: ${show(padding)}.`);
}

const extentOf = ({ size, dilations }: Window, axis: 0 | 1) => (size[axis] - 1) * dilations[axis] + 1;

/** The height and width that are left when a window slides over `input`. */
function windowed(input: Pair, window: Window, rounding: 'floor' | 'ceil' = 'floor'): Pair {
  requireWindow(window);
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

/** The height and width that windows cover which lie `strides` apart, one for each pixel of `input`: `windowed` backwards. */
function spread(input: Pair, window: Window, outputPadding: Pair): Pair {
  requireWindow(window);
  const { strides, padding } = window;
  demand(
    outputPadding.every((size, axis) => isNatural(size) && size < (strides[axis] as number)),
    `Output padding is made of natural numbers below the strides ${show(strides)}, not ${show(outputPadding)}.`,
  );
  const along = (axis: 0 | 1): number => {
    const covered = (input[axis] - 1) * strides[axis] + extentOf(window, axis) + outputPadding[axis];
    const cut = (padding[axis * 2] as number) + (padding[axis * 2 + 1] as number);
    demand(cut < covered, `Padding of ${cut} leaves nothing of ${covered} (${axis ? 'width' : 'height'}).`);
    return covered - cut;
  };
  return [along(0), along(1)];
}
