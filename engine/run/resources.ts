import { UnsupportedError } from '../common/errors.ts';
import type { OnProgress, Progress } from '../common/progress.ts';
import { unlessAborted } from '../common/signal.ts';
import type { Binding, Plan, PlannedKernel, PlannedOutput, PlannedValue, PlannedWeights } from '../plan/plan.ts';
import { writeParams } from '../plan/uniforms.ts';
import { blocksOf, textureOf } from '../weights/layout.ts';
import { uploadWeights } from '../weights/upload.ts';
import type { Weights } from '../weights/weights.ts';
import { bindGroupOf } from './binding.ts';
import type { Dispatch } from './dispatch.ts';
import type { OutputBuffer, Pictures, ReadPictures } from './inputs.ts';
import type { Owned, Session } from './session.ts';

export interface LoadOptions {
  device: GPUDevice;
  /** Or what fetches them, called when there is room for them; none for kernels that are only timed. */
  weights: Weights | (() => Promise<Weights>) | undefined;
  preprocess?: Pictures | null | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
  /** Fills the arenas with NaN, so that a kernel that reads what nobody wrote shows. */
  poison?: boolean | undefined;
  /** Lets values be copied out of the arenas. */
  debug?: boolean | undefined;
  /** Where the results go, if not into buffers of its own: those of a network that still runs, and that this one succeeds. */
  outputs?: Resources['outputs'] | undefined;
}

/** The GPU objects of a plan, complete and ready. */
export interface Resources {
  /** All of them, and what a run makes besides. */
  readonly owned: Owned;
  /** One for each kernel of the plan. */
  readonly dispatches: readonly Dispatch[];
  /** What brings pictures into the inputs, for networks that take them. */
  readonly pictureReaders: ReadonlyMap<string, ReadPictures>;
  readonly outputs: Readonly<Record<string, OutputBuffer>>;
  /** Where a value of the plan lies. */
  rangeOf(value: number): Required<GPUBufferBinding>;
  /** The kernel of an input, reading the caller's buffer instead of the tensor in an arena. */
  dispatchFrom(kernel: number, source: GPUBuffer): Dispatch;
}

/** Uniform offsets are multiples of `minUniformBufferOffsetAlignment`, 256 at most on every device. */
const PARAMS_STRIDE = 256;

/** Makes everything that `plan` needs on a device, while the browser compiles its pipelines. What a failure leaves is freed. */
export async function allocate(plan: Plan, session: Session, options: LoadOptions): Promise<Resources> {
  const { device, signal } = options;
  signal?.throwIfAborted();
  const owned = session.own();
  try {
    const allocation = session.scoped(() => allocateBuffers(plan, owned, options.debug), refusedPlan);
    const buffers = allocation.made;
    const rangeOf = (index: number): Required<GPUBufferBinding> => {
      const { arena, offset, bytes } = plan.values[index] as PlannedValue;
      return { buffer: buffers.arenas[arena] as GPUBuffer, offset, size: bytes };
    };
    const bindGroupFor = (index: number, pipeline: GPUComputePipeline, source?: GPUBuffer): GPUBindGroup => {
      const { name, params, bindings } = plan.kernels[index] as PlannedKernel;
      const resourceOf = (binding: Binding): GPUBindingResource => {
        if (source && binding.name === 'input') return { buffer: source };
        if ('value' in binding) return rangeOf(binding.value);
        const { home, bytes } = plan.weights[binding.weights] as PlannedWeights;
        if ('width' in home) return (buffers.textures[binding.weights] as GPUTexture).createView();
        return { buffer: buffers.weights[home.buffer] as GPUBuffer, offset: home.offset, size: bytes };
      };
      return bindGroupOf(device, name, pipeline, [
        { buffer: buffers.params, offset: index * PARAMS_STRIDE, size: params.length * 4 },
        ...bindings.map(resourceOf),
      ]);
    };
    const compiling = compilePipelines(plan, owned, bindGroupFor, rangeOf, options);
    // A failure is reported below; without this it would also count as unhandled while the weights are packed.
    compiling.catch(() => {});
    // Too little memory is told before the weights are fetched.
    await allocation.sound;
    const { weights: given } = options;
    const weights = typeof given === 'function' ? await unlessAborted(given(), signal) : given;
    if (weights) await upload(plan, weights, options, buffers);
    const { kernels, pictureReaders } = await unlessAborted(compiling, signal);
    if (options.poison) {
      for (const arena of buffers.arenas) device.queue.writeBuffer(arena, 0, new Uint8Array(arena.size).fill(255));
    }
    // Not before: what is dispatched to be compiled writes something.
    for (const [name, { buffer }] of Object.entries(options.outputs ?? {})) {
      const { arena } = plan.values[(plan.outputs[name] as PlannedOutput).value] as PlannedValue;
      // Two results may be one.
      if (buffers.arenas[arena] !== buffer) buffers.arenas[arena]?.destroy();
      buffers.arenas[arena] = buffer;
    }

    const dispatchFrom = (index: number, source?: GPUBuffer): Dispatch => {
      const pipeline = kernels[index] as GPUComputePipeline;
      const { workgroups } = plan.kernels[index] as PlannedKernel;
      return { pipeline, bindGroup: bindGroupFor(index, pipeline, source), workgroups };
    };
    const dispatches = session.scoped(() => kernels.map((_, index) => dispatchFrom(index)), refusedPlan);
    await dispatches.sound;
    signal?.throwIfAborted();

    return {
      owned,
      dispatches: dispatches.made,
      pictureReaders,
      outputs: Object.fromEntries(
        Object.entries(plan.outputs).map(([name, { value, shape, bytes }]) => [
          name,
          { buffer: rangeOf(value).buffer, shape, bytes },
        ]),
      ),
      rangeOf,
      dispatchFrom,
    };
  } catch (error) {
    owned.destroy();
    throw error;
  }
}

/** Counts the bytes of a stage whose parts are begun before any of them ends: the total is known when the first one reports. */
function countBytes(stage: Progress['stage'], onProgress: OnProgress | undefined) {
  let loaded = 0;
  let total = 0;
  /** Begins a part; call what it gives when the part is done. */
  return (bytes: number) => {
    total += bytes;
    return () => {
      loaded += bytes;
      onProgress?.({ stage, loaded, total });
    };
  };
}

interface Pipelines {
  /** One for each kernel of the plan; equal shaders share theirs. */
  readonly kernels: readonly GPUComputePipeline[];
  /** By input. */
  readonly pictureReaders: ReadonlyMap<string, ReadPictures>;
}

/** Compiles everything at once, each shader once. */
async function compilePipelines(
  plan: Plan,
  owned: Owned,
  bindGroupFor: (kernel: number, pipeline: GPUComputePipeline) => GPUBindGroup,
  rangeOf: Resources['rangeOf'],
  { preprocess, onProgress }: LoadOptions,
): Promise<Pipelines> {
  const begin = countBytes('compile', onProgress);
  const begun = new Set<string>();
  const counting: Owned = {
    ...owned,
    pipeline(label, shader, bind) {
      if (begun.has(shader)) return owned.pipeline(label, shader);
      begun.add(shader);
      const pipeline = owned.pipeline(label, shader, bind);
      pipeline.then(begin(shader.length), () => {});
      return pipeline;
    },
  };
  const { elementType: type } = plan;
  const preparing = Object.entries(preprocess ? plan.inputs : {}).map(async ([name, { shape, value }]) => {
    const target = rangeOf(value);
    return [name, await (preprocess as Pictures).prepare({ owned: counting, name, shape, type, target })] as const;
  });
  const compiling = plan.kernels.map(({ name, shader }, index) =>
    counting.pipeline(name, shader, (pipeline) => bindGroupFor(index, pipeline)),
  );
  const [readers, kernels] = await Promise.all([Promise.all(preparing), Promise.all(compiling)]);
  return { kernels, pictureReaders: new Map(readers) };
}

interface Buffers {
  readonly arenas: GPUBuffer[];
  readonly weights: readonly GPUBuffer[];
  /** One for each entry of `plan.weights` that lies in a texture. */
  readonly textures: readonly (GPUTexture | undefined)[];
  readonly params: GPUBuffer;
}

function allocateBuffers(plan: Plan, owned: Owned, debug = false): Buffers {
  const { STORAGE, COPY_DST, COPY_SRC, UNIFORM } = GPUBufferUsage;
  const { device } = owned.session;
  const { name, elementType } = plan;
  const readBack = new Set(Object.values(plan.outputs).map(({ value }) => plan.values[value]?.arena));
  const format = elementType === 'float16' ? 'rgba16float' : 'rgba32float';
  const params = owned.buffer(`${name} params`, plan.kernels.length * PARAMS_STRIDE, UNIFORM | COPY_DST);
  device.queue.writeBuffer(params, 0, packParams(plan.kernels));
  return {
    arenas: plan.arenas.map(({ bytes }, index) =>
      owned.buffer(`${name} arena ${index}`, bytes, STORAGE | COPY_DST | (debug || readBack.has(index) ? COPY_SRC : 0)),
    ),
    weights: plan.weightBuffers.map(({ bytes }, index) =>
      owned.buffer(`${name} weights ${index}`, bytes, STORAGE | COPY_DST),
    ),
    textures: plan.weights.map(({ name: label, home }) =>
      'width' in home
        ? owned.adopt(
            device.createTexture({
              label,
              size: home,
              format,
              usage: GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST,
            }),
          )
        : undefined,
    ),
    params,
  };
}

async function upload(plan: Plan, weights: Weights, options: LoadOptions, buffers: Buffers): Promise<void> {
  const { onProgress, signal } = options;
  const { queue } = options.device;
  const write = (index: number, first: number, blocks: ArrayBuffer) => {
    const { home, bytes, layout } = plan.weights[index] as PlannedWeights;
    const count = blocksOf(layout);
    if ('width' in home) {
      const { width, height } = textureOf(layout);
      const origin = [0, (first * height) / count];
      const rowBytes = bytes / height;
      const bytesPerRow = Math.min(rowBytes, blocks.byteLength);
      const size = { width: (width * bytesPerRow) / rowBytes, height: blocks.byteLength / bytesPerRow };
      queue.writeTexture({ texture: buffers.textures[index] as GPUTexture, origin }, blocks, { bytesPerRow }, size);
    } else {
      const offset = home.offset + (first * bytes) / count;
      queue.writeBuffer(buffers.weights[home.buffer] as GPUBuffer, offset, blocks);
    }
  };
  const begin = countBytes('upload', onProgress);
  const steps = plan.weights.map(({ bytes }) => begin(bytes));
  await uploadWeights(plan, weights, write, { steps, signal });
}

function packParams(kernels: readonly PlannedKernel[]): ArrayBuffer {
  const blocks = new DataView(new ArrayBuffer(kernels.length * PARAMS_STRIDE));
  for (const [index, { params }] of kernels.entries()) writeParams(blocks, index * PARAMS_STRIDE, params);
  return blocks.buffer as ArrayBuffer;
}

const refusedPlan = (message: string) => new UnsupportedError(`The device refuses the plan: ${message}`);
