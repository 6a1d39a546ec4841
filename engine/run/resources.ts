import { DeviceLostError, LinnetError, UnsupportedError } from '../common/errors.ts';
import type { OnProgress, Progress } from '../common/progress.ts';
import type { Binding, Plan, PlannedKernel, PlannedValue, PlannedWeights } from '../plan/plan.ts';
import { writeParams } from '../plan/uniforms.ts';
import { blocksOf } from '../weights/layout.ts';
import { uploadWeights } from '../weights/upload.ts';
import type { Weights } from '../weights/weights.ts';
import { bindGroupOf } from './binding.ts';
import type { Dispatch } from './dispatch.ts';
import type { ImageInput, Pictures } from './inputs.ts';
import { scoped } from './waiting.ts';

export interface LoadOptions {
  device: GPUDevice;
  weights: Weights;
  preprocess?: Pictures | null | undefined;
  signal?: AbortSignal | undefined;
  onProgress?: OnProgress | undefined;
  /** Fills the arenas with NaN, so that a kernel that reads what nobody wrote shows. */
  poison?: boolean | undefined;
  /** Lets values be copied out of the arenas. */
  debug?: boolean | undefined;
}

/** The GPU objects of a plan, complete and ready. */
export interface Resources {
  /** One for each kernel of the plan. */
  readonly dispatches: readonly Dispatch[];
  /** Buffers that take the inputs' tensors. */
  readonly inputs: Readonly<Record<string, GPUBuffer>>;
  /** What brings pictures into the inputs, for networks that take them. */
  readonly imageInputs: ReadonlyMap<string, ImageInput>;
  readonly outputs: Readonly<Record<string, GPUBuffer>>;
  /** Where a value of the plan lies. */
  rangeOf(value: number): Required<GPUBufferBinding>;
  /** The kernel of an input, reading the caller's buffer instead of `inputs`. */
  dispatchFrom(kernel: number, source: GPUBuffer): Dispatch;
  /** A buffer more, freed with the rest. */
  createBuffer(label: string, bytes: number, usage: number): GPUBuffer;
  destroy(): void;
}

/** Uniform offsets are multiples of `minUniformBufferOffsetAlignment`, 256 at most on every device. */
const PARAMS_STRIDE = 256;

/** Makes everything that `plan` needs on a device, while the browser compiles its pipelines. What a failure leaves is freed. */
export async function allocate(plan: Plan, options: LoadOptions): Promise<Resources> {
  const { device, signal } = options;
  signal?.throwIfAborted();
  const owned = own(device);
  const lossOf = watchLoss(device);
  try {
    const compiling = compilePipelines(plan, options);
    // A failure is reported below; without this it would also count as unhandled while the weights are packed.
    compiling.catch(() => {});
    const { made: buffers, sound: allocation } = scoped(
      device,
      () => allocateBuffers(plan, owned, options.debug),
      refusedPlan,
    );
    if (options.poison) {
      for (const arena of buffers.arenas) device.queue.writeBuffer(arena, 0, new Uint8Array(arena.size).fill(255));
    }
    // Too little memory is told before the weights are read, which may mean that they are fetched.
    await allocation;
    await upload(plan, options, buffers);
    const { kernels, pictures } = await unlessAborted(compiling, signal);

    const dispatchFrom = (index: number, source?: GPUBuffer) =>
      bind(device, plan, buffers, kernels[index] as GPUComputePipeline, index, source);
    const rangeOf = (value: number) => rangeIn(buffers, plan.values[value] as PlannedValue);
    const dispatches = scoped(device, () => kernels.map((_, index) => dispatchFrom(index)), refusedPlan);
    const imageInputs = new Map<string, ImageInput>();
    for (const [name, createInput] of pictures) {
      const { value } = plan.inputs[name] as Plan['inputs'][string];
      imageInputs.set(name, owned.adopt(createInput(rangeOf(value))));
    }
    await dispatches.sound;
    signal?.throwIfAborted();
    const loss = lossOf();
    if (loss) throw loss;

    return {
      dispatches: dispatches.made,
      inputs: buffers.inputs,
      imageInputs,
      outputs: Object.fromEntries(
        Object.entries(plan.outputs).map(([name, { value }]) => [name, rangeOf(value).buffer]),
      ),
      rangeOf,
      dispatchFrom,
      createBuffer: owned.buffer,
      destroy: owned.destroy,
    };
  } catch (error) {
    owned.destroy();
    if (error instanceof LinnetError && !(error instanceof UnsupportedError)) throw error;
    // A lost device refuses everything, and in Firefox its loss is known a moment later.
    if (error instanceof UnsupportedError) await settleLoss(device);
    throw lossOf() ?? error;
  }
}

/** Tells whether the device is lost, as the error to throw then. */
export function watchLoss(device: GPUDevice): () => DeviceLostError | undefined {
  let info: GPUDeviceLostInfo | undefined;
  void device.lost.then((loss) => {
    info = loss;
  });
  return () => info && new DeviceLostError(`The GPU device was lost: ${info.message || info.reason}`);
}

/** Gives a loss the time to be known: mapping a buffer may fail a moment before the promise of the loss is settled. */
export async function settleLoss(device: GPUDevice): Promise<void> {
  await Promise.race([device.lost, new Promise((resolve) => setTimeout(resolve, 200))]);
}

/** What the browser says when a device is lost is replaced by the loss. */
export function explainLoss(device: GPUDevice): (error: unknown) => Promise<never> {
  const lossOf = watchLoss(device);
  return async (error) => {
    if (!(error instanceof LinnetError)) await settleLoss(device);
    throw lossOf() ?? error;
  };
}

/** Makes objects, and frees them at once. */
function own(device: GPUDevice) {
  const objects: { destroy(): void }[] = [];
  const adopt = <Item extends { destroy(): void }>(object: Item): Item => {
    objects.push(object);
    return object;
  };
  return {
    adopt,
    /** Sizes are multiples of 4, as copies demand. */
    buffer: (label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer =>
      adopt(device.createBuffer({ label, size: Math.max(16, Math.ceil(bytes / 4) * 4), usage })),
    texture(label: string, size: { width: number; height: number }, format: GPUTextureFormat): GPUTexture {
      const usage = GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST;
      return adopt(device.createTexture({ label, size, format, usage }));
    },
    destroy() {
      for (const object of objects.splice(0)) object.destroy();
    },
  };
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
  /** For each input that takes pictures: what makes their reader, which writes to a value's place. */
  readonly pictures: readonly (readonly [input: string, create: (target: GPUBufferBinding) => ImageInput])[];
}

/** Compiles everything at once, each shader once. */
async function compilePipelines(plan: Plan, { device, preprocess, onProgress }: LoadOptions): Promise<Pipelines> {
  const begin = countBytes('compile', onProgress);
  const byShader = new Map<string, Promise<GPUComputePipeline>>();
  const pipelineOf = (label: string, shader: string): Promise<GPUComputePipeline> => {
    const known = byShader.get(shader);
    if (known) return known;
    const pipeline = compilePipeline(device, label, shader);
    byShader.set(shader, pipeline);
    pipeline.then(begin(shader.length), () => {});
    return pipeline;
  };
  const { elementType: type } = plan;
  const preparing = Object.entries(preprocess ? plan.inputs : {}).map(
    async ([name, { shape }]) =>
      [name, await (preprocess as Pictures).prepare({ device, name, shape, type, pipelineOf })] as const,
  );
  const compiling = plan.kernels.map(({ name, shader }) => pipelineOf(name, shader));
  const [pictures, kernels] = await Promise.all([Promise.all(preparing), Promise.all(compiling)]);
  return { kernels, pictures };
}

/** A pipeline for `shader`; a compile error prints the shader's text with line numbers. */
export async function compilePipeline(device: GPUDevice, label: string, shader: string): Promise<GPUComputePipeline> {
  const module = device.createShaderModule({ label, code: shader });
  try {
    return await device.createComputePipelineAsync({ label, layout: 'auto', compute: { module, entryPoint: 'main' } });
  } catch (error) {
    const { messages } = await module.getCompilationInfo();
    const reasons = messages.map(({ lineNum, linePos, message }) => `${lineNum}:${linePos} ${message.trim()}`);
    if (reasons.length === 0) reasons.push((error as Error).message);
    const text = shader.split('\n').map((line, index) => `${String(index + 1).padStart(4)} ${line}`);
    throw new UnsupportedError(`The shader of '${label}' does not compile: ${reasons.join('; ')}\n${text.join('\n')}`);
  }
}

interface Buffers {
  readonly arenas: readonly GPUBuffer[];
  readonly weights: readonly GPUBuffer[];
  /** One for each entry of `plan.weights` that lies in a texture. */
  readonly textures: readonly (GPUTexture | undefined)[];
  readonly inputs: Readonly<Record<string, GPUBuffer>>;
  readonly params: GPUBuffer;
}

function allocateBuffers(plan: Plan, owned: ReturnType<typeof own>, debug = false): Buffers {
  const { STORAGE, COPY_DST, COPY_SRC, UNIFORM } = GPUBufferUsage;
  const { name, elementType } = plan;
  const readBack = new Set(Object.values(plan.outputs).map(({ value }) => plan.values[value]?.arena));
  const format = elementType === 'float16' ? 'rgba16float' : 'rgba32float';
  return {
    arenas: plan.arenas.map(({ bytes }, index) =>
      owned.buffer(`${name} arena ${index}`, bytes, STORAGE | COPY_DST | (debug || readBack.has(index) ? COPY_SRC : 0)),
    ),
    weights: plan.weightBuffers.map(({ bytes }, index) =>
      owned.buffer(`${name} weights ${index}`, bytes, STORAGE | COPY_DST),
    ),
    textures: plan.weights.map(({ name: label, home }) =>
      'width' in home ? owned.texture(label, home, format) : undefined,
    ),
    inputs: Object.fromEntries(
      Object.entries(plan.inputs).map(([input, { bytes }]) => [
        input,
        owned.buffer(`${name} input ${input}`, bytes, STORAGE | COPY_DST),
      ]),
    ),
    params: owned.buffer(`${name} params`, plan.kernels.length * PARAMS_STRIDE, UNIFORM | COPY_DST),
  };
}

async function upload(plan: Plan, options: LoadOptions, buffers: Buffers): Promise<void> {
  const { queue } = options.device;
  queue.writeBuffer(buffers.params, 0, packParams(plan.kernels));
  const write = (index: number, first: number, blocks: ArrayBuffer) => {
    const { home, bytes, layout } = plan.weights[index] as PlannedWeights;
    const blockBytes = bytes / blocksOf(layout);
    if ('width' in home) {
      const texture = { texture: buffers.textures[index] as GPUTexture, origin: [0, first] };
      const bytesPerRow = Math.min(blockBytes, blocks.byteLength);
      const size = { width: (home.width * bytesPerRow) / blockBytes, height: blocks.byteLength / bytesPerRow };
      queue.writeTexture(texture, blocks, { bytesPerRow }, size);
    } else {
      queue.writeBuffer(buffers.weights[home.buffer] as GPUBuffer, home.offset + first * blockBytes, blocks);
    }
  };
  const begin = countBytes('upload', options.onProgress);
  const steps = plan.weights.map(({ bytes }) => begin(bytes));
  await uploadWeights(plan, options.weights, write, { steps, signal: options.signal });
}

function packParams(kernels: readonly PlannedKernel[]): ArrayBuffer {
  const blocks = new DataView(new ArrayBuffer(kernels.length * PARAMS_STRIDE));
  for (const [index, { params }] of kernels.entries()) writeParams(blocks, index * PARAMS_STRIDE, params);
  return blocks.buffer as ArrayBuffer;
}

/** A kernel with its bind group; an input's tensor comes from `source` where that is given. */
function bind(
  device: GPUDevice,
  plan: Plan,
  buffers: Buffers,
  pipeline: GPUComputePipeline,
  index: number,
  source?: GPUBuffer,
): Dispatch {
  const { name, params, bindings, workgroups } = plan.kernels[index] as PlannedKernel;
  const resourceOf = (binding: Binding): GPUBindingResource => {
    if ('input' in binding) return { buffer: source ?? (buffers.inputs[binding.input] as GPUBuffer) };
    if ('value' in binding) return rangeIn(buffers, plan.values[binding.value] as PlannedValue);
    const { home, bytes } = plan.weights[binding.weights] as PlannedWeights;
    if ('width' in home) return (buffers.textures[binding.weights] as GPUTexture).createView();
    return { buffer: buffers.weights[home.buffer] as GPUBuffer, offset: home.offset, size: bytes };
  };
  const uniforms = { buffer: buffers.params, offset: index * PARAMS_STRIDE, size: params.length * 4 };
  const bindGroup = bindGroupOf(device, name, pipeline, [uniforms, ...bindings.map(resourceOf)]);
  return { pipeline, bindGroup, workgroups };
}

const rangeIn = ({ arenas }: Buffers, { arena, offset, bytes }: PlannedValue): Required<GPUBufferBinding> => ({
  buffer: arenas[arena] as GPUBuffer,
  offset,
  size: bytes,
});

/** Waits for `work`, but no longer than until the signal; the browser finishes its compilation by itself. */
function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal?.removeEventListener('abort', abort));
  });
}

const refusedPlan = (message: string) => new UnsupportedError(`The device refuses the plan: ${message}`);
