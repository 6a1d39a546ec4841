import type { Preprocess } from '../common/picture.ts';
import type { Plan } from '../plan/plan.ts';
import { type Lease, lend } from './device.ts';
import { type Executable, load } from './executable.ts';
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

/**
 * Looks for a better plan while the network runs, and has it take over, which is done when the promise that `takeOver` gives is
 * resolved. Ends at `signal`.
 */
export type Improve = (takeOver: (plan: Plan) => Promise<void>, signal: AbortSignal) => Promise<void>;

export interface NetworkOptions extends Omit<LoadOptions, 'device' | 'outputs'> {
  /** Called when the first run is done, or before the first one is recorded. What it rejects with leaves the network as it is. */
  readonly improve?: Improve | undefined;
}

/**
 * Loads a plan on a leased device, and anew on others: `acquire` gives a device to whom `restore` is given none. The lease
 * ends with the network; if loading fails, it is the caller's.
 */
export async function createNetwork<Outputs extends string>(
  plan: Plan,
  { signal, improve, ...options }: NetworkOptions,
  lease: Lease,
  acquire: () => Promise<Lease>,
): Promise<Network<Outputs>> {
  let executable = await load(plan, { ...options, signal, device: lease.device });
  /** Of a better plan, until it takes over. */
  let heir: Executable | undefined;
  /** Those that are under way. */
  let runs: Promise<unknown> = Promise.resolve();
  /** Whether the app has commands that it may not have submitted yet; it has when it asks for the next run. */
  let isRecorded = false;
  let search = improve;
  const ending = new AbortController();
  const outputBuffers = () => Object.values(executable.outputs).map(({ buffer }) => buffer);

  /** What runs next, or is recorded by the app. */
  const current = (records = false): Executable => {
    isRecorded = records;
    if (records) improveOnce();
    if (heir) {
      const { destroy } = executable;
      const buffers = outputBuffers();
      runs.then(() => destroy(buffers));
      [executable, heir] = [heir, undefined];
    }
    return executable;
  };

  const takeOver = async (better: Plan) => {
    const { device, outputs } = executable;
    const { signal } = ending;
    const loaded = await load(better, { ...options, onProgress: undefined, signal, device, outputs });
    if (signal.aborted) loaded.destroy();
    else heir = loaded;
    if (!isRecorded) current();
  };

  const improveOnce = () => {
    search?.(takeOver, ending.signal).catch(() => {});
    search = undefined;
  };

  /** Whatever takes over meanwhile, what a run uses is there until it is done. */
  const finish = <Result>(run: Promise<Result>): Promise<Result> => {
    runs = Promise.allSettled([runs, run]).then(() => {});
    return run.finally(improveOnce);
  };

  /** Ends the search, too. */
  const free = () => {
    ending.abort();
    heir?.destroy();
    heir = undefined;
    for (const buffer of outputBuffers()) buffer.destroy();
    executable.destroy();
  };

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
    run: (inputs) => finish(current().run(inputs)) as ReturnType<Network<Outputs>['run']>,
    dispatch: (inputs) => finish(current().dispatch(inputs)),
    encode: (encoder, inputs) => current(true).encode(encoder, inputs),
    encodeUntil: (encoder, inputs, kernel) => current(true).encodeUntil(encoder, inputs, kernel),
    profile: (options) => finish(current().profile(options)),
    async restore(given) {
      const next = given ? lend(given) : await acquire();
      try {
        const rebuilt = await load(executable.plan, { ...options, device: next.device });
        free();
        lease.release();
        [executable, lease] = [rebuilt, next];
      } catch (error) {
        next.release();
        throw error;
      }
    },
    destroy() {
      free();
      lease.release();
    },
  };
}
