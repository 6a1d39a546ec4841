import type { ElementType } from '../shaders/interface.ts';
import { type Capabilities, capabilitiesOf, DEFAULT_CAPABILITIES, requestDevice } from './device.ts';
import { UnsupportedError } from './errors.ts';
import { type Executable, load, type NetworkInput } from './executable.ts';
import { fuse } from './fuse.ts';
import { type Architecture, buildGraph, type Graph, type Shape } from './graph.ts';
import type { Preprocess } from './image.ts';
import { join } from './join.ts';
import { lower } from './lower.ts';
import { type Plan, place } from './plan.ts';
import { checkWeights, type Weights } from './weights.ts';

/** How activations and weights are stored; arithmetic is 32-bit in both. `float16` needs the device feature `shader-f16`. */
export type Precision = 'float32' | 'float16';

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
  /** How pictures become input tensors; without, only tensors are accepted. */
  preprocess?: Preprocess | null | undefined;
  /** Ends the work early: `compile` rejects with the signal's reason and leaves nothing allocated. */
  signal?: AbortSignal | undefined;
  /** Called as pipelines are compiled and weights uploaded. */
  onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
  /** Fills activation memory with NaN first, so that a value that nobody wrote shows; for debugging. */
  poison?: boolean | undefined;
}

/** A compiled network. */
export interface Network {
  readonly plan: Plan;
  readonly device: GPUDevice;
  /** Where `dispatch` and `encode` leave results: float32 NCHW. The buffers are good until the next `restore`. */
  readonly outputs: Readonly<
    Record<string, { readonly buffer: GPUBuffer; readonly shape: Shape; readonly bytes: number }>
  >;
  /** One inference, with the results as float32 NCHW on the CPU. */
  run(inputs: Readonly<Record<string, NetworkInput>>): Promise<Record<string, Float32Array>>;
  /** One inference, submitted; results stay on the GPU. */
  dispatch(inputs: Readonly<Record<string, NetworkInput>>): void;
  /** One inference into the app's own encoder. Inputs are uploaded at once, so record no second one before the submit. */
  encode(encoder: GPUCommandEncoder, inputs: Readonly<Record<string, NetworkInput>>): void;
  /**
   * For looking inside: one inference into an encoder, as far as the kernel of this index in `plan.kernels`. Gives where
   * the value lies that it writes, until the next inference takes the memory: slice-major, a result that was repacked NCHW.
   */
  encodeUntil(
    kernel: number,
    encoder: GPUCommandEncoder,
    inputs: Readonly<Record<string, NetworkInput>>,
  ): Required<GPUBufferBinding>;
  /** Rebuilds everything on a new device, after the old one was lost. */
  restore(device?: GPUDevice): Promise<void>;
  /** Frees what `compile` made; never the caller's device. */
  destroy(): void;
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
  return planGraph(buildGraph(architecture), capabilities, options);
}

/** `planFor` for a graph that is built already. */
export function planGraph(
  graph: Graph,
  capabilities: Capabilities,
  { precision = 'float32', reuse = true }: PlanOptions,
): Plan {
  const elementType: ElementType = precision === 'float16' ? 'f16' : 'f32';
  if (elementType === 'f16' && !capabilities.features.includes('shader-f16')) {
    throw new UnsupportedError("The device has no 'shader-f16', which precision 'float16' needs.");
  }
  return place(graph.name, lower(join(fuse(graph)), capabilities, elementType), capabilities, { elementType, reuse });
}

/**
 * Makes a network ready to run: builds its graph, fuses, lowers and plans it, uploads its weights and compiles every
 * pipeline, so that the first run is as fast as the tenth.
 */
export async function compile(architecture: Architecture, options: CompileOptions): Promise<Network> {
  const graph = buildGraph(architecture);
  checkWeights(options.weights, graph.tensors, graph.ignored);
  options.signal?.throwIfAborted();
  const ownDevice = options.device ? undefined : await requestDevice();
  try {
    const device = options.device ?? (ownDevice as GPUDevice);
    return await compilePlan(planGraph(graph, capabilitiesOf(device), options), { ...options, device }, ownDevice);
  } catch (error) {
    ownDevice?.destroy();
    throw error;
  }
}

/** `compile` for weights that are checked and a plan that is made, on `options.device`. A device of the network's own is given back by it. */
export async function compilePlan(
  plan: Plan,
  options: CompileOptions & { device: GPUDevice },
  ownDevice?: GPUDevice,
): Promise<Network> {
  let executable = await load(plan, options);
  let owned = ownDevice;
  return {
    plan,
    get device() {
      return executable.device;
    },
    get outputs() {
      return outputsOf(plan, executable);
    },
    run: (inputs) => executable.run(inputs),
    dispatch: (inputs) => executable.dispatch(inputs),
    encode: (encoder, inputs) => executable.encode(encoder, inputs),
    encodeUntil: (kernel, encoder, inputs) => executable.encodeUntil(kernel, encoder, inputs),
    async restore(given) {
      const next = given ?? (await requestDevice());
      try {
        const rebuilt = await load(plan, { ...options, device: next, signal: undefined });
        executable.destroy();
        owned?.destroy();
        executable = rebuilt;
        owned = given ? undefined : next;
      } catch (error) {
        if (!given) next.destroy();
        throw error;
      }
    },
    destroy() {
      executable.destroy();
      owned?.destroy();
    },
  };
}

function outputsOf(plan: Plan, executable: Executable): Network['outputs'] {
  return Object.fromEntries(
    Object.entries(plan.outputs).map(([name, { shape, bytes }]) => [
      name,
      { buffer: executable.outputs[name] as GPUBuffer, shape, bytes },
    ]),
  );
}
