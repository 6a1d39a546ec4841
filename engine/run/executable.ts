import { during, InputError, LinnetError } from '../common/errors.ts';
import { describe, OBJECT, show, tagOf } from '../common/kinds.ts';
import { elementsOf } from '../graph/graph.ts';
import type { Plan, PlannedInput } from '../plan/plan.ts';
import { requireFinite } from './debug.ts';
import { type Dispatch, record } from './dispatch.ts';
import type { NetworkInput, NetworkInputs, NetworkOutput, RunInputs } from './inputs.ts';
import { allocate, type LoadOptions, type Resources, settleLoss, watchLoss } from './resources.ts';
import { refusedRun, scoped, timePromptness, waitFor } from './waiting.ts';

/** A plan on a device: every buffer, pipeline and bind group it needs, made once. */
export interface Executable {
  readonly device: GPUDevice;
  readonly outputs: Readonly<Record<string, GPUBuffer>>;
  /** Records one inference. */
  encode(encoder: GPUCommandEncoder, inputs: NetworkInputs): void;
  /** Records the kernels up to this one, and gives where the value lies that it writes. */
  encodeUntil(encoder: GPUCommandEncoder, inputs: NetworkInputs, kernel: number): Required<GPUBufferBinding>;
  /** Records and submits one inference; results stay in `outputs`. The promise rejects if the GPU refuses it. */
  dispatch(inputs: NetworkInputs): Promise<void>;
  /** `dispatch`, then the results. */
  run(inputs: RunInputs): Promise<Record<string, NetworkOutput>>;
  /** Frees every GPU object made here. */
  destroy(): void;
}

/** Adreno 730 and some Intel drivers fail on long command buffers; ML Drift records at most 64 kernels in one on Android. */
const DISPATCHES_PER_ENCODER = 64;

/** Puts a plan on a device. When anything fails, what was made is freed. */
export async function load(plan: Plan, options: LoadOptions): Promise<Executable> {
  const { device } = options;
  const lossOf = watchLoss(device);
  const resources = await allocate(plan, options);
  void timePromptness(device);
  const dispatchesFor = readInputs(plan, device, resources);
  const readback = createReadback(plan, device, resources);
  let destroyed = false;

  const requireAlive = () => {
    if (destroyed) throw new InputError(`The network '${plan.name}' has been destroyed.`);
    const loss = lossOf();
    if (loss) throw loss;
  };
  const submit = (inputs: NetworkInputs, finish?: (encoder: GPUCommandEncoder) => void): Promise<void> => {
    const work = () => {
      const list = dispatchesFor(inputs).flat();
      const commands: GPUCommandBuffer[] = [];
      for (let start = 0; start < list.length; start += DISPATCHES_PER_ENCODER) {
        const encoder = device.createCommandEncoder({ label: plan.name });
        record(encoder, plan.name, list.slice(start, start + DISPATCHES_PER_ENCODER));
        if (start + DISPATCHES_PER_ENCODER >= list.length) finish?.(encoder);
        commands.push(encoder.finish());
      }
      device.queue.submit(commands);
    };
    return scoped(device, work, refusedRun).sound;
  };
  /** What the browser says when a device is lost is replaced by the loss. */
  const explain = async (error: unknown): Promise<never> => {
    if (error instanceof LinnetError) throw error;
    requireAlive();
    await settleLoss(device);
    requireAlive();
    throw error;
  };

  return {
    device,
    outputs: resources.outputs,
    encode(encoder, inputs) {
      requireAlive();
      record(encoder, plan.name, dispatchesFor(inputs).flat());
    },
    encodeUntil(encoder, inputs, kernel) {
      requireAlive();
      const written = plan.kernels[kernel]?.bindings.find(({ name }) => name === 'output');
      if (!written || !('value' in written)) {
        throw new InputError(`There is no kernel ${kernel}; there are ${plan.kernels.length}, counted from 0.`);
      }
      record(encoder, plan.name, dispatchesFor(inputs, kernel).flat());
      return resources.rangeOf(written.value);
    },
    dispatch(inputs) {
      requireAlive();
      return submit(inputs).catch(explain);
    },
    async run(inputs) {
      const infer = async (decoded: NetworkInputs) => {
        requireAlive();
        try {
          if (options.debug) await requireFinite(plan, device, resources, dispatchesFor(decoded));
          return await readback((copy) => submit(decoded, copy));
        } catch (error) {
          return explain(error);
        }
      };
      // Without pictures, a file is refused like anything else that is no tensor.
      return options.preprocess ? options.preprocess.withDecoded(inputs, infer) : infer(inputs as NetworkInputs);
    },
    destroy() {
      destroyed = true;
      resources.destroy();
    },
  };
}

/** Gives a function that checks and uploads inputs, and gives for each kernel up to `last` its dispatches. */
function readInputs(
  plan: Plan,
  device: GPUDevice,
  resources: Resources,
): (inputs: NetworkInputs, last?: number) => Dispatch[][] {
  const { dispatches, imageInputs } = resources;
  const names = new Map(Object.entries(plan.inputs).map(([name, { kernel }]) => [kernel, name]));
  const fromBuffers = new WeakMap<GPUBuffer, Dispatch>();

  return (inputs, last = dispatches.length - 1) => {
    if (!OBJECT.accepts(inputs)) throw new InputError(`The inputs are ${show(inputs)} instead of an object.`);
    for (const name of Object.keys(inputs)) {
      if (plan.inputs[name]) continue;
      throw new InputError(`There is no input '${name}'; the inputs are ${Object.keys(plan.inputs).join(', ')}.`);
    }
    return dispatches.slice(0, last + 1).map((dispatch, kernel) => {
      const name = names.get(kernel);
      if (name === undefined) return [dispatch];
      const source = inputs[name];
      if (source === undefined || source === null) throw new InputError(`The input '${name}' is missing.`);
      return during(`reading input '${name}'`, () => read(name, source));
    });
  };

  function read(name: string, source: NetworkInput): Dispatch[] {
    const planned = plan.inputs[name] as PlannedInput;
    if (isTensor(source)) {
      checkElements(planned, source.length);
      device.queue.writeBuffer(resources.inputs[name] as GPUBuffer, 0, fixed(source));
      return [dispatches[planned.kernel] as Dispatch];
    }
    if (isBuffer(source)) {
      checkElements(planned, source.size / 4);
      if (!(source.usage & GPUBufferUsage.STORAGE)) throw new InputError('The buffer lacks the usage STORAGE.');
      const known = fromBuffers.get(source) ?? resources.dispatchFrom(planned.kernel, source);
      fromBuffers.set(source, known);
      return [known];
    }
    const imageInput = imageInputs.get(name);
    if (imageInput) return imageInput.dispatches(source);
    throw new InputError(
      `The input is ${describe(source)}; it should be a Float32Array or GPUBuffer: the network was compiled without \`preprocess\`.`,
    );
  }
}

/**
 * Gives a function that reads results back. It takes what submits an inference with a copy at its end, and may be called
 * again before the first results are there: each call has a staging buffer of its own, used again later.
 */
function createReadback(plan: Plan, device: GPUDevice, resources: Resources) {
  let end = 0;
  const ranges = Object.entries(plan.outputs).map(([name, { bytes, shape }]) => {
    end += bytes;
    return { name, bytes, shape, offset: end - bytes };
  });
  const idle: GPUBuffer[] = [];

  return async (submit: (copy: (encoder: GPUCommandEncoder) => void) => Promise<void>) => {
    const { MAP_READ, COPY_DST } = GPUBufferUsage;
    const staging = idle.pop() ?? resources.createBuffer(`${plan.name} readback`, end, MAP_READ | COPY_DST);
    let taken: Promise<void>;
    try {
      taken = submit((encoder) => {
        for (const { name, offset, bytes } of ranges) {
          encoder.copyBufferToBuffer(resources.outputs[name] as GPUBuffer, 0, staging, offset, bytes);
        }
      });
    } catch (error) {
      idle.push(staging);
      throw error;
    }
    // What the GPU refused to write is the result of the run before.
    const mapping = waitFor(device, staging.mapAsync(GPUMapMode.READ));
    await Promise.allSettled([mapping, taken]);
    await mapping;
    try {
      await taken;
      const mapped = staging.getMappedRange();
      const results = ranges.map(({ name, offset, bytes, shape }) => {
        return [name, { data: new Float32Array(mapped.slice(offset, offset + bytes)), shape }] as const;
      });
      return Object.fromEntries(results);
    } finally {
      staging.unmap();
      idle.push(staging);
    }
  };
}

function checkElements({ shape }: PlannedInput, given: number): void {
  const expected = elementsOf(shape);
  if (given !== expected) {
    throw new InputError(`The tensor has ${given} elements; [${shape.join(', ')}] has ${expected}.`);
  }
}

const isTensor = (input: NetworkInput): input is Float32Array => tagOf(input) === 'Float32Array';
const isBuffer = (input: NetworkInput): input is GPUBuffer => tagOf(input) === 'GPUBuffer';

/** Numbers whose memory neither grows nor is shared, as WebGPU takes only such. */
function fixed(numbers: Float32Array): Float32Array<ArrayBuffer> {
  const { buffer } = numbers as { buffer: ArrayBufferLike & { resizable?: boolean } };
  const isFixed = tagOf(buffer) === 'ArrayBuffer' && !buffer.resizable;
  return isFixed ? (numbers as Float32Array<ArrayBuffer>) : new Float32Array(numbers);
}
