import type { ValueShape } from '../graph/graph.ts';
import type { Plan } from '../plan/plan.ts';
import type { NetworkInputs, NetworkOutput, Preprocess, RunInputs } from './inputs.ts';

/** A compiled network. */
export interface Network<Outputs extends string = string> {
  readonly plan: Plan;
  readonly device: GPUDevice;
  /** How pictures become input tensors; `null` for a network that takes tensors only. */
  readonly preprocess: Preprocess | null;
  /** Where `dispatch` and `encode` leave results: float32 NCHW. The buffers are good until the next `restore`. */
  readonly outputs: Readonly<
    Record<Outputs, { readonly buffer: GPUBuffer; readonly shape: ValueShape; readonly bytes: number }>
  >;
  /**
   * One inference, with the results on the CPU. An <img> or a file is decoded first, as it is stored, unless
   * `preprocess.colorSpaceConversion` says otherwise.
   */
  run(inputs: RunInputs): Promise<Readonly<Record<Outputs, NetworkOutput>>>;
  /**
   * One inference, submitted; results stay on the GPU. Wrong inputs throw at once. The promise waits for no result: it
   * rejects with an `InputError` if the GPU refuses the work, because a buffer or texture is destroyed or another device's.
   * An <img> is taken as the browser shows it, with its colour profile; as in `encode`.
   */
  dispatch(inputs: NetworkInputs): Promise<void>;
  /** One inference into the app's own encoder. Inputs are uploaded at once, so record no second one before the submit. */
  encode(encoder: GPUCommandEncoder, inputs: NetworkInputs): void;
  /**
   * For looking inside: one inference into an encoder, as far as the kernel of this index in `plan.kernels`. Gives where
   * the value lies that it writes, until the next inference takes the memory: slice-major, a result that was repacked NCHW.
   */
  encodeUntil(encoder: GPUCommandEncoder, inputs: NetworkInputs, kernel: number): Required<GPUBufferBinding>;
  /** Rebuilds everything on a new device, after the old one was lost. */
  restore(device?: GPUDevice): Promise<void>;
  /** Frees what `compile` made; never the caller's device. */
  destroy(): void;
}
