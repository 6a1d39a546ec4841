import type { Preprocess } from '../common/picture.ts';
import type { Plan } from '../plan/plan.ts';
import { type Lease, lend } from './device.ts';
import { load } from './executable.ts';
import type { NetworkInputs, NetworkOutput, OutputBuffer, RunInputs } from './inputs.ts';
import type { Profile, ProfileOptions } from './profile.ts';
import type { LoadOptions } from './resources.ts';

/** A compiled network. */
export interface Network<Outputs extends string = string> {
  /** Another one from the moment on in which tuned kernels take over. */
  readonly plan: Plan;
  readonly device: GPUDevice;
  /** How pictures become input tensors; `null` for a network that takes tensors only. */
  readonly preprocess: Preprocess | null;
  /** Where `dispatch` and `encode` leave results: float32 NCHW. The buffers are good until the next `restore`. */
  readonly outputs: Readonly<Record<Outputs, OutputBuffer>>;
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
  /**
   * How long the GPU takes for each kernel and for the network, in milliseconds: by the device's timestamps where it has the
   * feature `timestamp-query`, else by the page's clock, which takes longer. Needs no inputs; what lies in `outputs` is lost.
   */
  profile(options?: ProfileOptions): Promise<Profile>;
  /** Rebuilds everything on a new device, after the old one was lost. */
  restore(device?: GPUDevice): Promise<void>;
  /** Frees what `compile` made; never the caller's device. */
  destroy(): void;
}

export type NetworkOptions = Omit<LoadOptions, 'device' | 'outputs'>;

/**
 * Loads a plan on a leased device by `loadPlan`, and anew on others: `acquire` gives a device to whom `restore` is given none.
 * The lease ends with the network; if loading fails, it is the caller's.
 */
export async function createNetwork<Outputs extends string>(
  plan: Plan,
  { signal, ...options }: NetworkOptions,
  lease: Lease,
  acquire: () => Promise<Lease>,
  loadPlan = load,
): Promise<Network<Outputs>> {
  let executable = await loadPlan(plan, { ...options, signal, device: lease.device });
  return {
    get plan() {
      return executable.plan;
    },
    preprocess: options.preprocess?.preprocess ?? null,
    get device() {
      return executable.device;
    },
    get outputs() {
      return executable.outputs as Network<Outputs>['outputs'];
    },
    run: (inputs) => executable.run(inputs) as ReturnType<Network<Outputs>['run']>,
    dispatch: (inputs) => executable.dispatch(inputs),
    encode: (encoder, inputs) => executable.encode(encoder, inputs),
    encodeUntil: (encoder, inputs, kernel) => executable.encodeUntil(encoder, inputs, kernel),
    profile: (options) => executable.profile(options),
    async restore(given) {
      const next = given ? lend(given) : await acquire();
      try {
        const rebuilt = await loadPlan(executable.plan, { ...options, device: next.device });
        executable.destroy();
        lease.release();
        [executable, lease] = [rebuilt, next];
      } catch (error) {
        next.release();
        throw error;
      }
    },
    destroy() {
      executable.destroy();
      lease.release();
    },
  };
}
