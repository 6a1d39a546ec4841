import { ArchitectureError } from '../common/errors.ts';
import {
  BasicGraphBuilder,
  type BatchNormalizationOptions,
  type PaddingOption,
  type Resample2dOptions,
} from './builder.ts';
import type { Pair, Shape, Tensor, Value } from './graph.ts';

/** What an op reads: a value, or a tensor of the checkpoint or of the graph. */
export type Operand = Value | Tensor;

export interface ReduceOptions {
  /** Those that are reduced; all unless given. */
  axes?: readonly number[] | undefined;
  /** Whether they stay, with size 1; false unless given. */
  keepDimensions?: boolean | undefined;
}

export interface PadOptions {
  mode?: 'constant' | 'edge' | 'reflection' | undefined;
  /** Of the mode `constant`: 0 unless given. */
  value?: number | undefined;
}

export interface AnyResample2dOptions extends Omit<Resample2dOptions, 'mode' | 'coordinates'> {
  mode?: 'nearest-neighbor' | 'linear' | 'cubic' | undefined;
  /** Where a result's pixel lies in the input: at `index * steps + offsets`, with explicit `sizes`. Or a name, see `Resample2dOptions`. */
  coordinates?: Resample2dOptions['coordinates'] | { readonly steps: Pair; readonly offsets: Pair } | undefined;
  /** Of `nearest-neighbor`: how the coordinate is rounded; `floor` unless given. */
  rounding?: 'floor' | 'ceil' | 'round-prefer-floor' | 'round-prefer-ceil' | undefined;
  /** Of `cubic`: -0.75 unless given. */
  cubicCoefficient?: number | undefined;
  /** Of `cubic`: whether pixels outside of the map count nothing, and the others more; false unless given. */
  excludeOutside?: boolean | undefined;
}

export interface NormalizationOptions {
  scale?: Tensor | undefined;
  bias?: Tensor | undefined;
  /** 1e-5 unless given. */
  epsilon?: number | undefined;
}

function later(..._: unknown[]): never {
  throw new ArchitectureError('This op is not there yet.');
}

/** All ops. */
export class GraphBuilder<Outputs extends string = string> extends BasicGraphBuilder<Outputs> {
  override add(a: Operand, b: Operand, ..._more: never[]): Value {
    return super.add(a as Value, b as Value);
  }
  sub(a: Operand, b: Operand): Value {
    return later(a, b);
  }
  override mul(a: Operand, b: Operand, ..._more: never[]): Value {
    return super.mul(a as Value, b as Value);
  }
  div(a: Operand, b: Operand): Value {
    return later(a, b);
  }
  min(a: Operand, b: Operand): Value {
    return later(a, b);
  }
  max(a: Operand, b: Operand): Value {
    return later(a, b);
  }
  pow(a: Operand, b: Operand): Value {
    return later(a, b);
  }
  prelu(input: Value, slope: Operand): Value {
    return later(input, slope);
  }
  matmul(a: Value, b: Operand): Value {
    return later(a, b);
  }

  abs(input: Value): Value {
    return later(input);
  }
  neg(input: Value): Value {
    return later(input);
  }
  exp(input: Value): Value {
    return later(input);
  }
  log(input: Value): Value {
    return later(input);
  }
  sqrt(input: Value): Value {
    return later(input);
  }
  reciprocal(input: Value): Value {
    return later(input);
  }
  sin(input: Value): Value {
    return later(input);
  }
  cos(input: Value): Value {
    return later(input);
  }
  tan(input: Value): Value {
    return later(input);
  }
  floor(input: Value): Value {
    return later(input);
  }
  ceil(input: Value): Value {
    return later(input);
  }
  roundEven(input: Value): Value {
    return later(input);
  }
  sign(input: Value): Value {
    return later(input);
  }
  erf(input: Value): Value {
    return later(input);
  }
  identity(input: Value): Value {
    return later(input);
  }
  tanh(input: Value): Value {
    return later(input);
  }
  softplus(input: Value): Value {
    return later(input);
  }
  softsign(input: Value): Value {
    return later(input);
  }
  gelu(input: Value): Value {
    return later(input);
  }
  silu(input: Value): Value {
    return later(input);
  }
  elu(input: Value, options: { alpha?: number | undefined } = {}): Value {
    return later(input, options);
  }
  leakyRelu(input: Value, options: { alpha?: number | undefined } = {}): Value {
    return later(input, options);
  }
  linear(input: Value, options: { alpha?: number | undefined; beta?: number | undefined } = {}): Value {
    return later(input, options);
  }

  reshape(input: Value, newShape: Shape): Value {
    return later(input, newShape);
  }
  transpose(input: Value, options: { permutation?: readonly number[] | undefined } = {}): Value {
    return later(input, options);
  }
  override slice(input: Value, starts: Shape, sizes: Shape, options: { strides?: Shape | undefined } = {}): Value {
    return options.strides ? later() : super.slice(input, starts, sizes);
  }
  split(input: Value, splits: number | readonly number[], options: { axis?: number | undefined } = {}): Value[] {
    return later(input, splits, options);
  }
  expand(input: Value, newShape: Shape): Value {
    return later(input, newShape);
  }
  tile(input: Value, repetitions: Shape): Value {
    return later(input, repetitions);
  }
  reverse(input: Value, options: { axes?: readonly number[] | undefined } = {}): Value {
    return later(input, options);
  }
  depthToSpace(input: Value, blocksize: number, options: { mode?: 'DCR' | 'CRD' | undefined } = {}): Value {
    return later(input, blocksize, options);
  }
  spaceToDepth(input: Value, blocksize: number): Value {
    return later(input, blocksize);
  }
  override pad(input: Value, padding: PaddingOption): Value;
  override pad(input: Value, beginningPadding: Shape, endingPadding: Shape, options?: PadOptions): Value;
  override pad(input: Value, padding: PaddingOption | Shape, ending?: Shape, options: PadOptions = {}): Value {
    return ending ? later(options) : super.pad(input, padding as PaddingOption);
  }
  override resample2d(input: Value, options: AnyResample2dOptions): Value {
    return super.resample2d(input, options as Resample2dOptions);
  }

  reduceMean(input: Value, options: ReduceOptions = {}): Value {
    return later(input, options);
  }
  reduceSum(input: Value, options: ReduceOptions = {}): Value {
    return later(input, options);
  }
  reduceMax(input: Value, options: ReduceOptions = {}): Value {
    return later(input, options);
  }
  reduceMin(input: Value, options: ReduceOptions = {}): Value {
    return later(input, options);
  }
  reduceProduct(input: Value, options: ReduceOptions = {}): Value {
    return later(input, options);
  }
  reduceL1(input: Value, options: ReduceOptions = {}): Value {
    return later(input, options);
  }
  reduceL2(input: Value, options: ReduceOptions = {}): Value {
    return later(input, options);
  }
  reduceSumSquare(input: Value, options: ReduceOptions = {}): Value {
    return later(input, options);
  }
  reduceLogSum(input: Value, options: ReduceOptions = {}): Value {
    return later(input, options);
  }
  reduceLogSumExp(input: Value, options: ReduceOptions = {}): Value {
    return later(input, options);
  }
  argMax(input: Value, axis: number, options: { keepDimensions?: boolean | undefined } = {}): Value {
    return later(input, axis, options);
  }
  argMin(input: Value, axis: number, options: { keepDimensions?: boolean | undefined } = {}): Value {
    return later(input, axis, options);
  }
  override batchNormalization(
    input: Value,
    mean: Tensor,
    variance: Tensor,
    options: BatchNormalizationOptions & { axis?: number | undefined } = {},
  ): Value {
    return super.batchNormalization(input, mean, variance, options);
  }
  instanceNormalization(input: Value, options: NormalizationOptions = {}): Value {
    return later(input, options);
  }
  layerNormalization(
    input: Value,
    options: NormalizationOptions & { axes?: readonly number[] | undefined } = {},
  ): Value {
    return later(input, options);
  }
  localResponseNormalization(
    input: Value,
    options: { size: number; alpha?: number | undefined; beta?: number | undefined; bias?: number | undefined },
  ): Value {
    return later(input, options);
  }
}
