import { type Architecture, buildGraph, type Ops } from './architecture.ts';
import { type Capabilities, DEFAULT_CAPABILITIES, deviceClass } from './common/capabilities.ts';
import { FLAG, type Kind, oneOf } from './common/kinds.ts';
import { requireKind, requireKnown } from './common/options.ts';
import { pause } from './common/pause.ts';
import type { OnProgress } from './common/progress.ts';
import { divide } from './graph/divide.ts';
import { fuse } from './graph/fuse.ts';
import type { Graph, Shape } from './graph/graph.ts';
import { join } from './graph/join.ts';
import { kernelTargetOf } from './kernels/candidates.ts';
import { planGraph } from './kernels/lower.ts';
import type { Plan } from './plan/plan.ts';
import type { PlanOptions } from './plan/target.ts';
import { capabilitiesOf, type Lease, lend, ownDevice } from './run/device.ts';
import type { Pictures } from './run/inputs.ts';
import { createNetwork, type Network } from './run/network.ts';
import { importTuner } from './run/tuner.ts';
import { checkWeights, type Weights } from './weights/weights.ts';

export interface CompileOptions extends PlanOptions {
  /**
   * What `loadWeights` or `weightsFrom` gives; or a function that fetches it, which is called once, when the network is
   * planned: what does not fit the device is told before anything large is fetched.
   */
  weights: Weights | (() => Promise<Weights>);
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
  /**
   * Whether layers are timed on the device, each as several candidates compute it, for two seconds in all: `true` for before
   * `compile` ends; `'background'` for after the first run, and what is found takes over between two runs. What was found on
   * earlier visits is taken at once. `false`: neither is done. Unless given, `'background'` on a GPU of which nothing is known,
   * and else `false`.
   */
  tune?: Tune | undefined;
}

export type Tune = boolean | 'background';

const TUNE = oneOf<Tune>(true, false, 'background');

const PLAN_OPTIONS = ['precision', 'reuse', 'choices'] as const satisfies (keyof PlanOptions)[];
const COMPILE_OPTIONS = [
  'weights',
  'device',
  'preprocess',
  'signal',
  'onProgress',
  'poison',
  'debug',
  'tune',
  ...PLAN_OPTIONS,
] as const satisfies (keyof CompileOptions)[];

/** The tensors that an architecture's weights must hold, in the order of use: what `checkWeights` compares with. */
export function tensorsOf(architecture: Architecture): readonly { readonly name: string; readonly shape: Shape }[] {
  return buildGraph(architecture).tensors;
}

/**
 * A plan without a GPU: how much memory and work a network takes on a device with these capabilities, or with WebGPU's
 * default limits. Equal to the `plan` of the network compiled for such a device, as long as that is not tuned.
 */
export function planFor(
  architecture: Architecture,
  capabilities: Capabilities = DEFAULT_CAPABILITIES,
  options: PlanOptions = {},
): Plan {
  requireKnown(options, PLAN_OPTIONS);
  const divided = divide(join(fuse(buildGraph(architecture))));
  return planGraph(divided, kernelTargetOf(architecture.ops, capabilities, options));
}

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
  const { device } = options;
  const graph = buildGraph(architecture);
  return compileGraph(graph, architecture.ops, options, device ? async () => lend(device) : ownDevice);
}

/** `compile` for a graph that is built, on a device that is `acquire`d when all that can be known before is checked. */
export async function compileGraph<Outputs extends string>(
  graph: Graph,
  ops: Ops,
  options: Omit<CompileOptions, 'device'>,
  acquire: () => Promise<Lease>,
): Promise<Network<Outputs>> {
  const { weights: given, signal, poison = false, debug = false, preprocess } = options;
  const checked = (found: Weights): Weights => {
    checkWeights(found, graph.tensors, graph.ignored);
    return found;
  };
  const weights = typeof given === 'function' ? once(async () => checked(await given())) : checked(given);
  requireKind('poison', poison, FLAG);
  requireKind('debug', debug, FLAG);
  requireKind('tune', options.tune ?? false, TUNE);
  if (preprocess) requireKind('preprocess', preprocess, PICTURES);
  signal?.throwIfAborted();
  const lease = await acquire();
  try {
    // What planning takes is enough for one task.
    await pause();
    const capabilities = capabilitiesOf(lease.device);
    const target = kernelTargetOf(ops, capabilities, options);
    const divided = divide(join(fuse(graph)));
    const { tune = deviceClass(capabilities) === 'unknown' && 'background' } = options;
    const checkedOptions = { ...options, weights };
    const tuner = tune && (await importTuner(options.tune !== undefined));
    if (!tuner) return await createNetwork<Outputs>(planGraph(divided, target), checkedOptions, lease, acquire);
    const how = { ...checkedOptions, inBackground: tune === 'background' };
    return await tuner.createTunedNetwork<Outputs>(divided, target, how, lease, acquire);
  } catch (error) {
    lease.release();
    throw error;
  }
}

/** `work`, done when it is first asked for. */
function once<Result>(work: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => {
    result ??= work();
    return result;
  };
}
