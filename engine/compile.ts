import type { ElementType } from '../shaders/interface.ts';
import { type Capabilities, capabilitiesOf, DEFAULT_CAPABILITIES, type Lease, lend, ownDevice } from './device.ts';
import { UnsupportedError } from './errors.ts';
import { type Executable, load } from './executable.ts';
import { fuse } from './fuse.ts';
import { type Architecture, buildGraph, type Graph, type Shape } from './graph.ts';
import type { Preprocess } from './image.ts';
import type { NetworkInputs, NetworkOutput, RunInputs } from './inputs.ts';
import { join } from './join.ts';
import { FLAG, type Kind, oneOf } from './kinds.ts';
import { lower } from './lower.ts';
import { requireKind, requireKnown } from './options.ts';
import type { Pictures } from './pictures.ts';
import { place } from './place.ts';
import type { Plan } from './plan.ts';
import type { OnProgress } from './progress.ts';
import { checkWeights, type Weights } from './weights.ts';

/**
 * How activations and weights are stored; arithmetic is 32-bit always. `float16` needs the device feature `shader-f16`;
 * `auto` is `float16` where the device has it.
 */
export type Precision = 'float32' | 'float16' | 'auto';

export interface PlanOptions {
  /** `float32` unless given. */
  precision?: Precision | undefined;
  /** Whether values share memory, true unless given. Without, results are the same bits; for debugging. */
  reuse?: boolean | undefined;
}

export interface CompileOptions extends PlanOptions {
  weights: Weights;
  /** The app's own device; without, one is requested, and `destroy` gives it back. */
  device?: GPUDevice | undefined;
  /** How pictures become input tensors, as `pictures` gives it; without, only tensors are accepted. */
  preprocess?: Pictures | null | undefined;
  /** Ends the work early: `compile` rejects with the signal's reason and leaves nothing allocated. */
  signal?: AbortSignal | undefined;
  /** Hears of the stages `upload` and `compile`, which take turns. */
  onProgress?: OnProgress | undefined;
  /** Fills activation memory with NaN first, so that a value that nobody wrote shows; for debugging. */
  poison?: boolean | undefined;
  /**
   * Makes `run` compute one kernel after another and look at what each writes: it rejects with a `NumericsError` that
   * names the first one whose result is not finite. Slow; for debugging.
   */
  debug?: boolean | undefined;
}

const PLAN_OPTIONS = ['precision', 'reuse'] as const satisfies (keyof PlanOptions)[];
const COMPILE_OPTIONS = [
  'weights',
  'device',
  'preprocess',
  'signal',
  'onProgress',
  'poison',
  'debug',
  ...PLAN_OPTIONS,
] as const satisfies (keyof CompileOptions)[];

/** A compiled network. */
export interface Network<Outputs extends string = string> {
  readonly plan: Plan;
  readonly device: GPUDevice;
  /** How pictures become input tensors; `null` for a network that takes tensors only. */
  readonly preprocess: Preprocess | null;
  /** Where `dispatch` and `encode` leave results: float32 NCHW. The buffers are good until the next `restore`. */
  readonly outputs: Readonly<
    Record<Outputs, { readonly buffer: GPUBuffer; readonly shape: Shape; readonly bytes: number }>
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

/** The tensors that an architecture's weights must hold, in the order of use: what `checkWeights` compares with. */
export function tensorsOf(architecture: Architecture): readonly { readonly name: string; readonly shape: Shape }[] {
  return buildGraph(architecture).tensors;
}

/**
 * A plan without a GPU: how much memory and work a network takes on a device with these capabilities, or with WebGPU's
 * default limits. Equal to the `plan` of the network compiled for such a device.
 */
export function planFor(
  architecture: Architecture,
  capabilities: Capabilities = DEFAULT_CAPABILITIES,
  options: PlanOptions = {},
): Plan {
  requireKnown(options, PLAN_OPTIONS);
  return planGraph(buildGraph(architecture), capabilities, options);
}

/** `planFor` for a graph that is built already. */
function planGraph(
  graph: Graph,
  capabilities: Capabilities,
  { precision = 'float32', reuse = true }: PlanOptions,
): Plan {
  requireKind('precision', precision, PRECISION);
  requireKind('reuse', reuse, FLAG);
  const hasHalves = capabilities.features.includes('shader-f16');
  if (precision === 'float16' && !hasHalves) {
    throw new UnsupportedError("The device has no 'shader-f16', which precision 'float16' needs.");
  }
  const elementType: ElementType = precision === 'float32' || !hasHalves ? 'f32' : 'f16';
  return place(graph.name, lower(join(fuse(graph)), capabilities, elementType), capabilities, { elementType, reuse });
}

const PRECISION = oneOf('float32', 'float16', 'auto');

const PICTURES: Kind<Pictures> = {
  expected: "what 'pictures' gives",
  accepts: (value): value is Pictures => typeof (value as Partial<Pictures>).prepare === 'function',
};

/**
 * Makes a network ready to run: builds its graph, fuses, lowers and plans it, uploads its weights and compiles every
 * pipeline, so that the first run is as fast as the tenth.
 */
export async function compile<Outputs extends string = string>(
  architecture: Architecture<Outputs>,
  options: CompileOptions,
): Promise<Network<Outputs>> {
  requireKnown(options, COMPILE_OPTIONS);
  const { weights, device } = options;
  const graph = buildGraph(architecture);
  checkWeights(weights, graph.tensors, graph.ignored);
  return compileGraph(graph, async () => weights, device ? async () => lend(device) : ownDevice, options);
}

/** `compile` for a graph that is built. The weights are asked for when the graph is planned, and checked there. */
export async function compileGraph<Outputs extends string>(
  graph: Graph,
  fetchWeights: () => Promise<Weights>,
  acquire: () => Promise<Lease>,
  options: Omit<CompileOptions, 'weights' | 'device'>,
): Promise<Network<Outputs>> {
  const { signal, poison = false, debug = false, preprocess } = options;
  requireKind('poison', poison, FLAG);
  requireKind('debug', debug, FLAG);
  if (preprocess) requireKind('preprocess', preprocess, PICTURES);
  signal?.throwIfAborted();
  let lease = await acquire();
  try {
    const plan = planGraph(graph, capabilitiesOf(lease.device), options);
    const weights = await fetchWeights();
    const rebuild = (device: GPUDevice, signal?: AbortSignal) => load(plan, { ...options, signal, weights, device });
    let executable = await rebuild(lease.device, signal);
    return {
      plan,
      preprocess: preprocess?.preprocess ?? null,
      get device() {
        return executable.device;
      },
      get outputs() {
        return outputsOf<Outputs>(plan, executable);
      },
      run: (inputs) => executable.run(inputs) as ReturnType<Network<Outputs>['run']>,
      dispatch: (inputs) => executable.dispatch(inputs),
      encode: (encoder, inputs) => executable.encode(encoder, inputs),
      encodeUntil: (encoder, inputs, kernel) => executable.encodeUntil(encoder, inputs, kernel),
      async restore(given) {
        const next = given ? lend(given) : await acquire();
        try {
          const rebuilt = await rebuild(next.device);
          executable.destroy();
          lease.release();
          executable = rebuilt;
          lease = next;
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
  } catch (error) {
    lease.release();
    throw error;
  }
}

function outputsOf<Outputs extends string>(plan: Plan, executable: Executable): Network<Outputs>['outputs'] {
  return Object.fromEntries(
    Object.entries(plan.outputs).map(([name, { shape, bytes }]) => [
      name,
      { buffer: executable.outputs[name] as GPUBuffer, shape, bytes },
    ]),
  ) as Network<Outputs>['outputs'];
}
