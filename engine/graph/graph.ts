import type { FunctionName } from '../../shaders/functions.ts';

/** Logical sizes. */
export type Shape = readonly number[];
export type MapShape = readonly [batch: number, channels: number, height: number, width: number];
/** `[batch, channels, height, width]`, or `[batch, features]`, or with other axes after the channels. */
export type ValueShape = readonly [batch: number, channels: number, ...area: number[]];
/** A node says what the first two are. */
export type FilterShape = readonly [first: number, second: number, height: number, width: number];

/** An edge of the graph: the result of a node, or an input. */
export interface Value<Sizes extends ValueShape = ValueShape> {
  readonly id: number;
  readonly name: string;
  readonly shape: Sizes;
}

/** A trained tensor by its name in the checkpoint. */
export interface Tensor<Sizes extends Shape = Shape> {
  readonly name: string;
  readonly shape: Sizes;
  /** Of a constant, which no checkpoint holds. */
  readonly values?: readonly number[];
  /** What fusion stacked along the first dimension; their names are the checkpoint's. */
  readonly pieces?: readonly Tensor[];
  /** Of a filter that has some of the tensor's rows: the first of them. A bias and a batch normalization have all. */
  readonly firstRow?: number;
}

/** A number for each channel. */
export type ChannelTensor = Tensor<readonly [channels: number]>;

/** Top, bottom, left, right: WebNN's order. */
export type Padding = readonly [number, number, number, number];
export type Pair = readonly [number, number];

/** How a window slides over a map. */
export interface Window {
  readonly strides: Pair;
  readonly padding: Padding;
  readonly dilations: Pair;
}

/** An activation that a kernel applies to its result before it stores it. */
export type FusedActivation = (
  | { readonly kind: 'clamp'; readonly minValue: number; readonly maxValue: number }
  /** A hard sigmoid of any other slope than MobileNet v3's is a function. */
  | { readonly kind: 'hardSwish' | 'hardSigmoid' | 'sigmoid' }
  /** Its text, see `functions.ts` among the shaders, and its parameters alpha and beta, in the places of a clamp's bounds. */
  | {
      readonly kind: 'function';
      readonly name: FunctionName;
      readonly wgsl: `${string};`;
      readonly minValue: number;
      readonly maxValue: number;
    }
) & {
  /** A number for each channel, which a function may read besides. */
  readonly slope?: ChannelTensor;
};

/** y = (x - mean) / sqrt(variance + epsilon) * scale + bias, per channel (arXiv 1502.03167). */
export interface BatchNormalization {
  readonly mean: ChannelTensor;
  readonly variance: ChannelTensor;
  readonly scale: ChannelTensor;
  readonly bias: ChannelTensor;
  readonly epsilon: number;
}

/** What an op does to its result before it is stored: fusion adds it. */
interface Activated {
  readonly activation?: FusedActivation;
}

/** Likewise of a convolution, in this order. */
interface Epilogue extends Activated {
  readonly batchNormalization?: BatchNormalization;
  /** Added; of as many elements as the result. */
  readonly residual?: Value;
}

/** What a pointwise convolution does to its input: fusion adds it. */
export type Prologue =
  /** Multiplied by factors `[batch, channels, 1, 1]` (squeeze-excite). */
  | { readonly kind: 'scale'; readonly factors: Value }
  /** Batch normalization, and ReLU after it (DenseNet). */
  | { readonly kind: 'normalization'; readonly batchNormalization: BatchNormalization };

interface NodeBase<Inputs extends readonly Value[] = readonly [Value]> {
  /** The name of its first tensor without the last part, or the op's name and number. */
  readonly name: string;
  /** The op's own operands; `operandsOf` has those that fusion added besides. */
  readonly inputs: Inputs;
  readonly output: Value;
}

interface ConvolutionNode extends NodeBase, Window, Epilogue {
  readonly filter: Tensor<FilterShape>;
  readonly bias?: ChannelTensor;
  readonly groups: number;
}

/** A 2-D convolution, filter `[out, in / groups, height, width]`. */
export interface Conv2dNode extends ConvolutionNode {
  readonly op: 'conv2d';
  readonly prologue?: Prologue;
}

/** A transposed 2-D convolution, filter `[in, out / groups, height, width]`; `padding` is what is cut off the result. */
export interface ConvTranspose2dNode extends ConvolutionNode {
  readonly op: 'convTranspose2d';
}

/** x · filterᵀ + bias for x `[batch, k]` and filter `[n, k]`. */
export interface GemmNode extends NodeBase, Omit<Epilogue, 'residual'> {
  readonly op: 'gemm';
  readonly filter: Tensor<Pair>;
  /** Whether the tensor is `[k, n]`. */
  readonly isTransposed?: boolean;
  readonly bias?: ChannelTensor;
}

export interface BatchNormalizationNode extends NodeBase, Activated {
  readonly op: 'batchNormalization';
  readonly batchNormalization: BatchNormalization;
}

export interface Pool2dNode extends NodeBase, Window {
  readonly op: 'averagePool2d' | 'maxPool2d';
  readonly windowDimensions: Pair;
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

/** How a coordinate becomes a pixel; the last two differ in the middle between two. */
export type Rounding = 'floor' | 'ceil' | 'round-prefer-floor' | 'round-prefer-ceil';

/** The same, in other ways: the pixel whose coordinate is rounded to that, or a cubic mean. */
export interface ResampleModesNode extends NodeBase {
  readonly op: 'resampleModes';
  readonly steps: Pair;
  readonly offsets: Pair;
  readonly by:
    | { readonly rounding: Rounding }
    | { readonly cubicCoefficient: number; readonly excludeOutside: boolean };
}

/** `mul` takes a second input of the same shape or `[batch, channels, 1, 1]`. */
export interface BinaryNode extends NodeBase<readonly [Value, Value]>, Activated {
  readonly op: 'add' | 'mul';
}

/**
 * Of two operands, each of the output's sizes or 1 in their place, one of which may be a tensor; `identity` of one. What is
 * beyond the last channel becomes 0.
 */
export interface BroadcastNode extends NodeBase<readonly Value[]>, Activated {
  readonly op: 'broadcast';
  readonly operation: 'identity' | 'add' | 'sub' | 'mul' | 'div' | 'min' | 'max' | 'pow' | 'prelu';
  /** The operand that is no input, and whether it is the first. */
  readonly tensor?: Tensor<ValueShape>;
  readonly isTensorFirst?: boolean;
  /** Of the operands, as the operation has them: what fusion takes for one may have other axes in the same memory. */
  readonly shapes: readonly ValueShape[];
}

/**
 * One number for many: of each pixel's channels, of a run of axes of the map, or of all items; of which there is 1 in the
 * output.
 */
export interface ReduceNode extends NodeBase, Activated {
  readonly op: 'reduce';
  readonly operation: 'sum' | 'product' | 'max' | 'min' | 'argMax' | 'argMin';
  /** What is reduced: elements as they are, or a function of each. */
  readonly of: 'identity' | 'abs' | 'square';
  readonly along: 'items' | 'channels' | 'pixels';
  /** How many there are, and of pixels how many others lie between two of them. */
  readonly count: number;
  readonly inner: number;
}

/**
 * (x - mean) / sqrt(variance + epsilon), of each pixel's channels, or of a run of axes of the map as `ReduceNode` has them; and
 * a batch normalization after it.
 */
export interface StandardizeNode extends NodeBase, Activated, Pick<ReduceNode, 'count' | 'inner'> {
  readonly op: 'standardize';
  readonly along: 'channels' | 'pixels';
  readonly epsilon: number;
  readonly batchNormalization?: BatchNormalization;
}

/** The product of two matrices, `[m, k]` and `[k, n]`. */
export interface MatmulNode extends NodeBase<readonly [Value, Value]> {
  readonly op: 'matmul';
}

/**
 * input / (bias + alpha / size * sum)^beta, of the squares of `size` channels around each one, or one more after it than before:
 * ONNX's LRN (AlexNet, section 3.3).
 */
export interface LocalResponseNormalizationNode extends NodeBase {
  readonly op: 'localResponseNormalization';
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly bias: number;
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

/** Something else around height and width. */
export interface PadModesNode extends NodeBase {
  readonly op: 'padModes';
  readonly padding: Padding;
  readonly mode: 'constant' | 'edge' | 'reflection';
  /** Of the mode `constant`. */
  readonly value: number;
}

/** A part of the map, from row and column `starts` on, as large as the output. */
export interface SliceNode extends NodeBase {
  readonly op: 'slice';
  readonly starts: Pair;
}

/** Elements of its input in another order: see `View` in `view.ts`. */
export interface ViewNode extends NodeBase {
  readonly op: 'view';
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** So many channels of its input as the output has, from `channel` on, in slices of four of their own: a range of its memory. */
export interface PartNode extends NodeBase {
  readonly op: 'part';
  readonly channel: number;
}

/** Writes its input into `output`, from `channel` on. Left over from concatenations that need one (`join.ts`). */
export interface CopyNode extends NodeBase {
  readonly op: 'copy';
  readonly channel: number;
}

/** The channels of all inputs, one after another. */
export interface ConcatNode extends NodeBase<readonly Value[]> {
  readonly op: 'concat';
}

/** Its inputs one after another along another axis than the channels. */
export interface ConcatAlongNode extends NodeBase<readonly Value[]> {
  readonly op: 'concatAlong';
  readonly axis: number;
}

/**
 * `softmax` over channels; `globalAveragePool` to `[batch, channels, 1, 1]`; `adaptiveAveragePool2d` to any size;
 * `flatten` to `[batch, channels * height * width]`.
 */
export interface PlainNode extends NodeBase {
  readonly op: 'softmax' | 'globalAveragePool' | 'adaptiveAveragePool2d' | 'flatten';
}

export type Node =
  | Conv2dNode
  | ConvTranspose2dNode
  | GemmNode
  | BatchNormalizationNode
  | Pool2dNode
  | Resample2dNode
  | ResampleModesNode
  | BinaryNode
  | BroadcastNode
  | ReduceNode
  | StandardizeNode
  | MatmulNode
  | LocalResponseNormalizationNode
  | ActivationNode
  | PadNode
  | PadModesNode
  | SliceNode
  | ViewNode
  | PartNode
  | CopyNode
  | ConcatNode
  | ConcatAlongNode
  | PlainNode;

/** Every value that a node reads. */
export function operandsOf(node: Node): readonly Value[] {
  const { inputs, residual, prologue }: NodeBase<readonly Value[]> & Pick<Conv2dNode, 'residual' | 'prologue'> = node;
  return [inputs, prologue?.kind === 'scale' ? prologue.factors : [], residual ?? []].flat();
}

/** What an architecture builds: nodes in the order in which they run. Plain data. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly Value[];
  /** `shape` is that of the result where it is not the value's: a map that is given out flat. */
  readonly outputs: readonly { readonly name: string; readonly value: Value; readonly shape?: Shape | undefined }[];
  readonly nodes: readonly Node[];
  /** Every tensor that the checkpoint must hold, in the order of use. */
  readonly tensors: readonly Tensor[];
  /** How the names of tensors begin that the checkpoint may hold besides. */
  readonly ignored: readonly string[];
}

export const elementsOf = (shape: Shape) => shape.reduce((product, size) => product * size, 1);

/** The smallest and largest finite float: a clamp to these is no clamp. */
export const FLOAT_MAX = 3.4028234663852886e38;
export const IDENTITY = { kind: 'clamp', minValue: -FLOAT_MAX, maxValue: FLOAT_MAX } as const satisfies FusedActivation;
