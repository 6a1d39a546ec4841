import type { ElementType } from '../../shaders/kernel.ts';
import type { FilterShape, Shape, ValueShape } from '../graph/graph.ts';
import type { Part } from './memory.ts';

/** Memory that kernels write and read. */
export interface Storage {
  readonly name: string;
  readonly shape: ValueShape;
  readonly bytes: number;
  /** Of no value of the graph: what the kernels of one node hand on. */
  readonly isScratch?: boolean;
}

/** Where the elements of a value lie: an offset in one of the arenas. Slice-major: `(slice * height + y) * width + x`, four channels each. */
export interface PlannedValue extends Storage {
  readonly arena: number;
  /** Bytes from the arena's start, a multiple of 256. */
  readonly offset: number;
  /** The first and the last kernel (by index) during which it lives. */
  readonly first: number;
  readonly last: number;
  /**
   * Of a value that kernels write or read in parts: its ranges of bytes that live as long. Others may lie in a range before
   * and after its life.
   */
  readonly parts?: readonly Part[];
}

/** What a kernel binds beside its uniform block. */
export type Binding =
  | {
      readonly name: string;
      readonly value: number;
      /** The first of the channels that it reads or writes, and their number, where they are not all of the value's; 0 if it reads none. */
      readonly channels?: readonly [first: number, count: number];
    }
  | { readonly name: string; readonly weights: number };

/** A member of a kernel's uniform block. */
export interface Param {
  readonly name: string;
  readonly type: 'u32' | 'i32' | 'f32';
  readonly value: number;
}

/** Which of an op's candidates computes a node, and what they say of themselves: an estimate, or why they cannot. */
export interface Choice {
  readonly name: string;
  /** Who chose: the least estimate, what was timed on the device, or the caller. */
  readonly by: 'estimate' | 'tuning' | 'choices';
  readonly estimates: Readonly<Record<string, number | string>>;
}

/** One dispatch, of a shader whose text is complete. */
export interface LoweredKernel {
  /** The node's name, which is also the label of its GPU objects. */
  readonly name: string;
  /** The shader's file: `conv2d`, `conv2d-depthwise`, ... */
  readonly kind: string;
  /** Where there was one. */
  readonly choice?: Choice;
  /** WGSL; equal texts share a pipeline. */
  readonly shader: string;
  readonly workgroups: readonly [number, number, number];
  /** The members of the uniform block, in order. */
  readonly params: readonly Param[];
  /** Each is bound at its index plus 1; at 0 is the uniform block. */
  readonly bindings: readonly Binding[];
  readonly shape: ValueShape;
  /** Multiply-accumulates, as the papers count them: convolutions and dense layers only. */
  readonly macs: number;
  /** Elements of the trained tensors that it uses. */
  readonly parameters: number;
}

export interface PlannedKernel extends LoweredKernel {
  /** Bytes of the values and weights that it reads, and of the value that it writes. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** How trained tensors become one range of the weights buffer; see `pack.ts`. */
export interface WeightsLayout {
  readonly kind: 'conv2d' | 'convTranspose2d' | 'depthwise';
  /** Output slices in a block (`conv2d`, `convTranspose2d`). */
  readonly blockSlices: number;
  /**
   * `[outChannels, channels / groups, height, width]`; a dense layer's is `[n, k, 1, 1]`. The tensor of `convTranspose2d`
   * is `[channels, outChannels / groups, height, width]`.
   */
  readonly filterShape: FilterShape;
  readonly groups: number;
  /** In a texture whose rows are not the blocks, which follow one another: the vectors of a row (`convolution.ts` among the shaders). */
  readonly rowVectors?: number;
  /** Of a dense layer on a flattened map: its pixels. `k` is channels * pixels, in memory slice by slice. */
  readonly pixels?: number;
  /** Where the filter has more output channels than the layout: the first one in it. */
  readonly firstChannel?: number;
}

export type TensorRole = 'filter' | 'bias' | 'mean' | 'variance' | 'scale' | 'shift';

/** The packed weights of one kernel, without a place. */
export interface KernelWeights {
  readonly name: string;
  /** Where they should lie in a texture: its size, or a little more. A block of the layout is one of its rows, or `rowVectors` says how long these are. */
  readonly texture?: { readonly width: number; readonly height: number };
  readonly bytes: number;
  readonly layout: WeightsLayout;
  /** Names of the tensors by role; several are stacked along their first dimension. */
  readonly tensors: Readonly<Partial<Record<TensorRole, readonly string[]>>>;
  /** The values of those that no checkpoint holds. */
  readonly constants?: Readonly<Record<string, readonly number[]>>;
  readonly epsilon: number;
  /** Where these are the weights of some output channels (`divide.ts`): the first of them. The layout's are counted from it. */
  readonly firstRow?: number | undefined;
}

/** A range of a buffer, or a texture. */
export interface PlannedWeights extends Omit<KernelWeights, 'texture'> {
  readonly home:
    | { readonly buffer: number; readonly offset: number }
    | { readonly width: number; readonly height: number };
}

export interface PlannedInput {
  readonly shape: ValueShape;
  /** Index into `values`. */
  readonly value: number;
  /** Index into `values` of the tensor as the caller gives it, written before the first kernel runs. */
  readonly tensor: number;
  /** Index into `kernels` of the dispatch that brings it into the layout of the rest. */
  readonly kernel: number;
  /** Bytes of the tensor as the caller gives it, float32 NCHW. */
  readonly bytes: number;
}

export interface PlannedOutput {
  readonly shape: Shape;
  readonly value: number;
  /** Bytes of the result as the caller gets it, float32 NCHW. */
  readonly bytes: number;
}

/** A graph as kernels: everything of a plan but the places in memory. */
export interface Lowered {
  readonly kernels: readonly LoweredKernel[];
  readonly values: readonly Storage[];
  readonly weights: readonly KernelWeights[];
  readonly inputs: Readonly<Record<string, PlannedInput>>;
  readonly outputs: Readonly<Record<string, PlannedOutput>>;
}

/**
 * Everything that a network needs, known before anything is allocated: what runs, in which order, and where each byte
 * lies. Plain data: it prints, compares and serialises.
 */
export interface Plan {
  readonly name: string;
  readonly elementType: ElementType;
  /** Buffers of activations. The first ones are shared by values whose lives do not overlap; each output has one of its own after them. */
  readonly arenas: readonly { readonly bytes: number }[];
  readonly weightBuffers: readonly { readonly bytes: number }[];
  /** One entry for each dispatch, in order. */
  readonly kernels: readonly PlannedKernel[];
  readonly values: readonly PlannedValue[];
  readonly weights: readonly PlannedWeights[];
  readonly inputs: Readonly<Record<string, PlannedInput>>;
  readonly outputs: Readonly<Record<string, PlannedOutput>>;
  readonly parameters: number;
  readonly macs: number;
}
