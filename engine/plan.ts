import type { Padding, Shape } from './graph.ts';
import type { ElementType, StorageName } from '../shaders/interface.ts';

/** Where the elements of a value lie: an offset in one of the arenas. Slice-major: `(slice * height + y) * width + x`, four channels each. */
export interface PlannedValue {
  readonly name: string;
  readonly shape: Shape;
  readonly arena: number;
  /** Bytes from the arena's start, a multiple of 256. */
  readonly offset: number;
  readonly bytes: number;
  /** The first and the last kernel (by index) during which it lives. */
  readonly first: number;
  readonly last: number;
}

/** What a kernel binds to one of its storage bindings. */
export type Binding =
  | { readonly name: StorageName; readonly value: number }
  | { readonly name: StorageName; readonly weights: number }
  | { readonly name: StorageName; readonly input: string };

/** One dispatch. */
export interface PlannedKernel {
  /** The node's name, which is also the label of its GPU objects. */
  readonly name: string;
  /** The shader's file: `conv2d`, `conv2d-depthwise`, ... */
  readonly kind: string;
  /** WGSL; equal texts share a pipeline. */
  readonly shader: string;
  readonly workgroups: readonly [number, number, number];
  /** The members of the uniform block, in order. */
  readonly params: readonly { readonly name: string; readonly type: 'u32' | 'i32' | 'f32'; readonly value: number }[];
  readonly bindings: readonly Binding[];
  readonly shape: Shape;
  /** Multiply-accumulates, as the papers count them: convolutions and dense layers only. */
  readonly macs: number;
  /** Elements of the trained tensors that it uses. */
  readonly parameters: number;
  /** Bytes that its bindings span: activations and weights read, activations written. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

/** How trained tensors become one range of the weights buffer; see `pack.ts`. */
export interface WeightsLayout {
  readonly kind: 'conv2d' | 'depthwise' | 'vectors';
  /** Output slices in a block (`conv2d`). */
  readonly blockSlices: number;
  /** `[outChannels, channels / groups, height, width]`; a dense layer's is `[n, k, 1, 1]`. */
  readonly filterShape: readonly [number, number, number, number];
  readonly groups: number;
}

/** The packed weights of one kernel. */
export interface PlannedWeights {
  readonly name: string;
  readonly buffer: number;
  readonly offset: number;
  readonly bytes: number;
  readonly layout: WeightsLayout;
  /** Names of the tensors by role. */
  readonly tensors: Readonly<Partial<Record<'filter' | 'bias' | 'mean' | 'variance' | 'scale' | 'shift', string>>>;
  readonly epsilon: number;
}

export interface PlannedInput {
  readonly shape: Shape;
  /** Index into `values`. */
  readonly value: number;
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

export type { Padding };
