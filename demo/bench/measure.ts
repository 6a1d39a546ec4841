import {
  type Architecture,
  capabilitiesOf,
  compile,
  type Network,
  type Precision,
  planFor,
  summarizePlan,
  type Timing,
  type Weights,
} from 'linnet';
import { finished } from './finished.ts';
import { measurePipelines, type PipelineCost } from './pipelines.ts';
import { type Machine, type Placed, placeUnderRoof } from './roofline.ts';

/** Milliseconds; half of the times lie between `low` and `high`. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly times: number;
}

export interface KernelReport extends Placed {
  readonly name: string;
  readonly kind: string;
  /** The candidate that computes it, where there were several. */
  readonly choice?: string;
  readonly macs: number;
  /** Read and written. */
  readonly bytes: number;
  readonly ms: Timing;
  /** Of the time of all kernels, from 0 to 1. */
  readonly part: number;
}

/** All that is measured of a network; times are in milliseconds. */
export interface NetworkReport {
  readonly name: string;
  readonly precision: 'float32' | 'float16';
  readonly dispatches: number;
  readonly macs: number;
  readonly activationBytes: number;
  readonly weightBytes: number;
  readonly compileMs: number;
  readonly firstRunMs: number;
  /** From the tensor to the result in the page. */
  readonly run: Spread;
  /** Of the CPU, for one call of `dispatch`. */
  readonly dispatchCpu: Spread;
  /** All kernels, one after another, on the GPU; without the wait for the result. */
  readonly gpu: Timing & Placed;
  readonly kernels: readonly KernelReport[];
  readonly pipelines: readonly PipelineCost[];
  /** Relative L2 error, where the right output is known. */
  readonly error?: number;
}

/** A file with all of it. */
export interface Report {
  readonly schema: 1;
  readonly date: string;
  readonly linnet: string;
  /** The browser, or Node and what it has WebGPU from. */
  readonly platform: string;
  readonly adapter: {
    readonly vendor: string;
    readonly architecture: string;
    readonly device: string;
    readonly description: string;
    readonly isFallbackAdapter: boolean;
  };
  readonly features: readonly string[];
  readonly machine: Machine;
  readonly networks: readonly NetworkReport[];
}

export type Stage = 'pipelines' | 'compile' | 'run' | 'profile';

export interface MeasureOptions {
  readonly name: string;
  readonly weights: Weights;
  /** Numbers for the input, so many. */
  readonly imageOf: (elements: number) => Float32Array;
  readonly machine: Machine;
  readonly precision?: Precision | undefined;
  /** What the network should give. */
  readonly expected?: Float32Array | undefined;
  /** Pipelines that need not be measured again, by their text; those that are measured are added. */
  readonly pipelines: Parameters<typeof measurePipelines>[2];
  readonly signal?: AbortSignal | undefined;
  readonly onStage?: ((stage: Stage) => void) | undefined;
}

/** Measures a network, and frees it. */
export async function measureNetwork(
  device: GPUDevice,
  architecture: Architecture,
  options: MeasureOptions,
): Promise<NetworkReport> {
  const { name, weights, imageOf, machine, precision = 'float32', expected, signal, onStage } = options;
  onStage?.('pipelines');
  const plan = planFor(architecture, capabilitiesOf(device), { precision });
  const pipelines = await measurePipelines(device, plan, options.pipelines, signal);

  onStage?.('compile');
  const image = imageOf((plan.inputs.image?.bytes ?? 0) / 4);
  const start = performance.now();
  const network = await compile(architecture, { weights, device, precision, signal, tune: false });
  try {
    const compiled = performance.now();
    const [output] = Object.values(await network.run({ image }));
    const firstRunMs = performance.now() - compiled;

    onStage?.('run');
    const run = await spreadOf(15, signal, async () => {
      const before = performance.now();
      await network.run({ image });
      return performance.now() - before;
    });
    const dispatchCpu = await timeDispatch(network, run.median, signal);

    onStage?.('profile');
    const { kernels, network: whole } = await network.profile({ signal });
    const all = kernels.reduce((total, { median }) => total + median, 0);
    const { dispatches, macs, activationBytes, weightBytes, bytesRead, bytesWritten } = summarizePlan(network.plan);
    return {
      name,
      precision: network.plan.elementType,
      dispatches,
      macs,
      activationBytes,
      weightBytes,
      compileMs: compiled - start,
      firstRunMs,
      run,
      dispatchCpu,
      gpu: { ...whole, ...placeUnderRoof({ macs, bytes: bytesRead + bytesWritten }, whole.median, machine) },
      kernels: network.plan.kernels.map(({ name, kind, choice, macs, bytesRead, bytesWritten }, index) => {
        const ms = kernels[index] as Timing;
        const work = { macs, bytes: bytesRead + bytesWritten };
        return {
          name,
          kind,
          ...(choice && { choice: choice.name }),
          ...work,
          ms,
          part: ms.median / all,
          ...placeUnderRoof(work, ms.median, machine),
        };
      }),
      pipelines,
      ...(expected && output && { error: relativeError(output.data, expected) }),
    };
  } finally {
    network.destroy();
  }
}

/** What a device is, and where it is, for a report. */
export function describe(device: GPUDevice): Pick<Report, 'schema' | 'date' | 'linnet' | 'adapter' | 'features'> {
  // Before Chrome 132 and Safari 26 a device did not carry its adapter's info.
  const info: Partial<GPUAdapterInfo> = device.adapterInfo ?? {};
  const { vendor = '', architecture = '', device: model = '', description = '', isFallbackAdapter = false } = info;
  return {
    schema: 1,
    date: new Date().toISOString(),
    linnet: LINNET_VERSION,
    adapter: { vendor, architecture, device: model, description, isFallbackAdapter },
    features: [...device.features].sort(),
  };
}

/** Milliseconds that are spent on times of one kind, unless there are fewer than three. */
const PATIENCE_MS = 4000;

async function spreadOf(wanted: number, signal: AbortSignal | undefined, time: () => Promise<number>): Promise<Spread> {
  const times: number[] = [];
  const start = performance.now();
  while (times.length < wanted && (times.length < 3 || performance.now() - start < PATIENCE_MS)) {
    signal?.throwIfAborted();
    times.push(await time());
  }
  times.sort((a, b) => a - b);
  const at = (fraction: number) => times[Math.round(fraction * (times.length - 1))] as number;
  return { median: at(0.5), low: at(0.25), high: at(0.75), times: times.length };
}

/**
 * Calls of `dispatch` are timed together, as a page's clock may tick in milliseconds; fewer of them where each keeps the GPU
 * busy for `runMs`. Nothing is uploaded: the input lies on the GPU.
 */
async function timeDispatch(
  { device, dispatch, plan }: Network,
  runMs: number,
  signal: AbortSignal | undefined,
): Promise<Spread> {
  const calls = Math.min(8, Math.max(1, Math.round(400 / runMs)));
  const size = plan.inputs.image?.bytes ?? 0;
  const image = device.createBuffer({ label: 'dispatch', size, usage: GPUBufferUsage.STORAGE });
  try {
    return await spreadOf(30, signal, async () => {
      const taken: Promise<void>[] = [];
      const start = performance.now();
      for (let call = 0; call < calls; call++) taken.push(dispatch({ image }));
      const ms = (performance.now() - start) / calls;
      await finished(device);
      await Promise.all(taken);
      return ms;
    });
  } finally {
    image.destroy();
  }
}

function relativeError(actual: Float32Array, expected: Float32Array): number {
  let [error, norm] = [0, 0];
  for (const [index, value] of expected.entries()) {
    error += ((actual[index] as number) - value) ** 2;
    norm += value ** 2;
  }
  return Math.sqrt(error / norm);
}
