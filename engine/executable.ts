import { BINDINGS } from '../shaders/interface.ts';
import { DeviceLostError, during, InputError, LinnetError, UnsupportedError } from './errors.ts';
import {
  createImageInput,
  type Dispatch,
  type ImageInput,
  type ImageSource,
  imageShaders,
  isImageSource,
  type Preprocess,
} from './image.ts';
import { packWeights } from './pack.ts';
import { writeParams } from './params.ts';
import type { Binding, Plan, PlannedInput, PlannedKernel, PlannedValue, PlannedWeights } from './plan.ts';
import type { Weights } from './weights.ts';

/**
 * What a network's input may be: a float32 tensor (NCHW, row-major, already normalised) on the CPU or in a buffer of the
 * network's device, or a picture, which is resized, cropped and normalised on the GPU. For a network with a batch, a
 * list of pictures, one for each item.
 */
export type NetworkInput = Float32Array | GPUBuffer | GPUTexture | ImageSource | readonly (GPUTexture | ImageSource)[];

export interface LoadOptions {
  device: GPUDevice;
  weights: Weights;
  preprocess?: Preprocess | null | undefined;
  signal?: AbortSignal | undefined;
  /** Called as pipelines are compiled and weights uploaded. */
  onProgress?: ((progress: { done: number; total: number }) => void) | undefined;
  /** Fills the arenas with NaN, so that a kernel that reads what nobody wrote shows. */
  poison?: boolean | undefined;
}

/** A plan on a device: every buffer, pipeline and bind group it needs, made once. */
export interface Executable {
  readonly device: GPUDevice;
  readonly outputs: Readonly<Record<string, GPUBuffer>>;
  /** Records one inference. */
  encode(encoder: GPUCommandEncoder, inputs: Readonly<Record<string, NetworkInput>>): void;
  /** Records and submits one inference; results stay in `outputs`. */
  dispatch(inputs: Readonly<Record<string, NetworkInput>>): void;
  /** `dispatch`, then the results as float32 NCHW. */
  run(inputs: Readonly<Record<string, NetworkInput>>): Promise<Record<string, Float32Array>>;
  /** Frees every GPU object made here. */
  destroy(): void;
}

/** Uniform offsets are multiples of `minUniformBufferOffsetAlignment`, 256 at most on every device. */
const PARAMS_STRIDE = 256;

/** Adreno 730 and some Intel drivers fail on long command buffers; ML Drift records at most 64 kernels in one on Android. */
const DISPATCHES_PER_ENCODER = 64;

/** Makes everything that `plan` needs on a device. When anything fails, what was made is freed. */
export async function load(plan: Plan, options: LoadOptions): Promise<Executable> {
  const { device, weights, signal, onProgress } = options;
  signal?.throwIfAborted();
  const owned: { destroy(): void }[] = [];
  const buffer = (label: string, size: number, usage: GPUBufferUsageFlags): GPUBuffer => {
    const made = device.createBuffer({ label, size: Math.max(16, Math.ceil(size / 4) * 4), usage });
    owned.push(made);
    return made;
  };
  const texture = (label: string, size: { width: number; height: number }): GPUTexture => {
    const made = device.createTexture({
      label,
      size,
      format: plan.elementType === 'f16' ? 'rgba16float' : 'rgba32float',
      usage: GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST,
    });
    owned.push(made);
    return made;
  };
  const free = () => {
    for (const object of owned.splice(0)) object.destroy();
  };
  let lost: GPUDeviceLostInfo | undefined;
  let destroyed = false;
  void device.lost.then((info) => {
    lost = info;
  });

  try {
    const pipelines = new Map<string, Promise<GPUComputePipeline>>();
    let done = 0;
    let total = plan.weights.length;
    const step = () => onProgress?.({ done: ++done, total });
    const pipelineOf = (label: string, shader: string): Promise<GPUComputePipeline> => {
      let pipeline = pipelines.get(shader);
      if (!pipeline) {
        pipeline = compilePipeline(device, label, shader);
        pipelines.set(shader, pipeline);
        total++;
        pipeline.then(step, () => {});
      }
      return pipeline;
    };
    const imageInputsOf = Object.entries(options.preprocess ? plan.inputs : {});
    const compiling = Promise.all([
      Promise.all(plan.kernels.map(({ name, shader }) => pipelineOf(name, shader))),
      ...imageInputsOf.map(([name, { shape }]) => {
        const shaders = imageShaders(device, name, shape, plan.elementType);
        return Promise.all(shaders.map((shader) => pipelineOf(`${name} from a picture`, shader)));
      }),
    ]);
    // A failure is reported below; without this it would also count as unhandled while the weights are packed.
    compiling.catch(() => {});

    const { STORAGE, COPY_DST, COPY_SRC, UNIFORM, MAP_READ } = GPUBufferUsage;
    const outputArenas = new Set(Object.values(plan.outputs).map(({ value }) => plan.values[value]?.arena));
    const { made: buffers, sound: allocated } = scoped(device, () => ({
      arenas: plan.arenas.map(({ bytes }, index) =>
        buffer(`${plan.name} arena ${index}`, bytes, STORAGE | COPY_DST | (outputArenas.has(index) ? COPY_SRC : 0)),
      ),
      weights: plan.weightBuffers.map(({ bytes }, index) =>
        buffer(`${plan.name} weights ${index}`, bytes, STORAGE | COPY_DST),
      ),
      textures: plan.weights.map(({ name, home }) => ('width' in home ? texture(name, home) : undefined)),
      inputs: Object.fromEntries(
        Object.entries(plan.inputs).map(([name, { bytes }]) => [
          name,
          buffer(`${plan.name} input ${name}`, bytes, STORAGE | COPY_DST),
        ]),
      ),
      params: buffer(`${plan.name} params`, plan.kernels.length * PARAMS_STRIDE, UNIFORM | COPY_DST),
    }));
    const { arenas } = buffers;
    device.queue.writeBuffer(buffers.params, 0, packParams(plan.kernels));
    if (options.poison) {
      for (const arena of arenas) device.queue.writeBuffer(arena, 0, new Uint8Array(arena.size).fill(255));
    }

    for (const [index, planned] of plan.weights.entries()) {
      signal?.throwIfAborted();
      const data = await packed(plan, planned, weights);
      const { home } = planned;
      if ('width' in home) {
        const bytesPerRow = planned.bytes / home.height;
        device.queue.writeTexture({ texture: buffers.textures[index] as GPUTexture }, data, { bytesPerRow }, home);
      } else {
        device.queue.writeBuffer(buffers.weights[home.buffer] as GPUBuffer, home.offset, data);
      }
      step();
    }
    const [compiled, ...imagePipelines] = await unlessAborted(compiling, signal);
    const bindingOf = ({ arena, offset, bytes }: PlannedValue): GPUBufferBinding => ({
      buffer: arenas[arena] as GPUBuffer,
      offset,
      size: bytes,
    });
    const imageInputs = new Map<string, ImageInput>();
    for (const [index, [name, { shape, value }]] of imageInputsOf.entries()) {
      const imageInput = createImageInput({
        device,
        name,
        shape,
        target: bindingOf(plan.values[value] as PlannedValue),
        preprocess: options.preprocess as Preprocess,
        pipelines: imagePipelines[index] as [GPUComputePipeline, GPUComputePipeline?],
      });
      owned.push(imageInput);
      imageInputs.set(name, imageInput);
    }

    const resource = (binding: Binding, source?: GPUBuffer): GPUBindingResource => {
      if ('input' in binding) return { buffer: source ?? (buffers.inputs[binding.input] as GPUBuffer) };
      if ('value' in binding) return bindingOf(plan.values[binding.value] as PlannedValue);
      const { home, bytes } = plan.weights[binding.weights] as PlannedWeights;
      if ('width' in home) return (buffers.textures[binding.weights] as GPUTexture).createView();
      return { buffer: buffers.weights[home.buffer] as GPUBuffer, offset: home.offset, size: bytes };
    };
    const dispatchOf = (index: number, source?: GPUBuffer): Dispatch => {
      const kernel = plan.kernels[index] as PlannedKernel;
      const pipeline = compiled[index] as GPUComputePipeline;
      const bindGroup = device.createBindGroup({
        label: kernel.name,
        layout: pipeline.getBindGroupLayout(0),
        entries: [
          {
            binding: BINDINGS.params,
            resource: { buffer: buffers.params, offset: index * PARAMS_STRIDE, size: kernel.params.length * 4 },
          },
          ...kernel.bindings.map((binding) => ({
            binding: BINDINGS[binding.name],
            resource: resource(binding, source),
          })),
        ],
      });
      return { pipeline, bindGroup, workgroups: kernel.workgroups };
    };
    const { made: dispatches, sound: bound } = scoped(device, () => plan.kernels.map((_, index) => dispatchOf(index)));
    const inputKernels = new Map(Object.entries(plan.inputs).map(([name, { kernel }]) => [kernel, name]));
    const fromBuffers = new WeakMap<GPUBuffer, Dispatch>();

    await Promise.all([allocated, bound]);
    signal?.throwIfAborted();
    if (lost) throw lossOf(lost);

    const staging: GPUBuffer[] = [];
    const outputs = Object.fromEntries(
      Object.entries(plan.outputs).map(([name, { value }]) => [
        name,
        arenas[plan.values[value]?.arena ?? 0] as GPUBuffer,
      ]),
    );
    const stagingBytes = Object.values(plan.outputs).reduce((sum, { bytes }) => sum + Math.ceil(bytes / 4) * 4, 0);

    const requireAlive = () => {
      if (destroyed) throw new InputError(`The network '${plan.name}' has been destroyed.`);
      if (lost) throw lossOf(lost);
    };
    const inputDispatches = (name: string, source: NetworkInput): Dispatch[] =>
      during(`reading input '${name}'`, () => {
        const planned = plan.inputs[name] as PlannedInput;
        if (source instanceof Float32Array) {
          checkElements(planned, source.length);
          device.queue.writeBuffer(buffers.inputs[name] as GPUBuffer, 0, source as Float32Array<ArrayBuffer>);
          return [dispatches[planned.kernel] as Dispatch];
        }
        if (source instanceof GPUBuffer) {
          checkElements(planned, source.size / 4);
          if (!(source.usage & GPUBufferUsage.STORAGE)) throw new InputError('The buffer lacks the usage STORAGE.');
          const known = fromBuffers.get(source) ?? dispatchOf(planned.kernel, source);
          fromBuffers.set(source, known);
          return [known];
        }
        const pictures = Array.isArray(source) ? source : [source];
        if (!pictures.every((picture) => picture instanceof GPUTexture || isImageSource(picture))) {
          throw new InputError(
            `The input is ${describe(source)}; a Float32Array, GPUBuffer, GPUTexture or picture is expected.`,
          );
        }
        const imageInput = imageInputs.get(name);
        if (!imageInput) {
          throw new InputError(
            'The input is a picture, but the network was compiled without `preprocess`: give it a tensor.',
          );
        }
        return imageInput.dispatches(pictures);
      });
    const allDispatches = (inputs: Readonly<Record<string, NetworkInput>>): Dispatch[] => {
      requireAlive();
      for (const name of Object.keys(inputs)) {
        if (!plan.inputs[name])
          throw new InputError(`There is no input '${name}'; the network has ${listNames(plan.inputs)}.`);
      }
      return dispatches.flatMap((dispatch, index) => {
        const name = inputKernels.get(index);
        if (name === undefined) return [dispatch];
        const source = inputs[name];
        if (source === undefined || source === null) throw new InputError(`The input '${name}' is missing.`);
        return inputDispatches(name, source);
      });
    };
    const record = (encoder: GPUCommandEncoder, list: readonly Dispatch[]) => {
      const pass = encoder.beginComputePass({ label: plan.name });
      for (const { pipeline, bindGroup, workgroups } of list) {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, bindGroup);
        pass.dispatchWorkgroups(...workgroups);
      }
      pass.end();
    };
    const submit = (inputs: Readonly<Record<string, NetworkInput>>, finish?: (encoder: GPUCommandEncoder) => void) => {
      const list = allDispatches(inputs);
      const commands: GPUCommandBuffer[] = [];
      for (let start = 0; start < list.length; start += DISPATCHES_PER_ENCODER) {
        const encoder = device.createCommandEncoder({ label: plan.name });
        record(encoder, list.slice(start, start + DISPATCHES_PER_ENCODER));
        if (start + DISPATCHES_PER_ENCODER >= list.length) finish?.(encoder);
        commands.push(encoder.finish());
      }
      device.queue.submit(commands);
    };

    return {
      device,
      outputs,
      encode: (encoder, inputs) => record(encoder, allDispatches(inputs)),
      dispatch: (inputs) => submit(inputs),
      async run(inputs) {
        requireAlive();
        const target = staging.pop() ?? buffer(`${plan.name} readback`, stagingBytes, MAP_READ | COPY_DST);
        try {
          submit(inputs, (encoder) => {
            let offset = 0;
            for (const [name, { bytes }] of Object.entries(plan.outputs)) {
              const size = Math.ceil(bytes / 4) * 4;
              encoder.copyBufferToBuffer(outputs[name] as GPUBuffer, 0, target, offset, size);
              offset += size;
            }
          });
        } catch (error) {
          staging.push(target);
          throw error;
        }
        try {
          await target.mapAsync(GPUMapMode.READ);
        } catch (error) {
          requireAlive();
          // Mapping may fail a moment before the promise of the loss is settled.
          await Promise.race([device.lost, new Promise((resolve) => setTimeout(resolve, 200))]);
          requireAlive();
          throw error;
        }
        const mapped = target.getMappedRange();
        let offset = 0;
        const results = Object.entries(plan.outputs).map(([name, { bytes }]) => {
          const values = new Float32Array(mapped.slice(offset, offset + bytes));
          offset += Math.ceil(bytes / 4) * 4;
          return [name, values] as const;
        });
        target.unmap();
        staging.push(target);
        return Object.fromEntries(results);
      },
      destroy() {
        destroyed = true;
        free();
      },
    };
  } catch (error) {
    free();
    throw lost && !(error instanceof LinnetError) ? lossOf(lost) : error;
  }
}

const lossOf = ({ message, reason }: GPUDeviceLostInfo) =>
  new DeviceLostError(`The GPU device was lost: ${message || reason}`);

/** Waits for `work`, but no longer than until the signal; the browser finishes its compilation by itself. */
function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** A pipeline for `shader`; a compile error prints the shader's text with line numbers. */
async function compilePipeline(device: GPUDevice, label: string, shader: string): Promise<GPUComputePipeline> {
  const module = device.createShaderModule({ label, code: shader });
  try {
    return await device.createComputePipelineAsync({ label, layout: 'auto', compute: { module, entryPoint: 'main' } });
  } catch (error) {
    const { messages } = await module.getCompilationInfo();
    const reasons = messages.map(({ lineNum, linePos, message }) => `${lineNum}:${linePos} ${message}`);
    if (reasons.length === 0) reasons.push(error instanceof Error ? error.message : String(error));
    const text = shader.split('\n').map((line, index) => `${String(index + 1).padStart(4)} ${line}`);
    throw new UnsupportedError(`The shader of '${label}' does not compile: ${reasons.join('; ')}\n${text.join('\n')}`);
  }
}

async function packed(plan: Plan, planned: PlannedWeights, weights: Weights): Promise<ArrayBuffer> {
  const roles = Object.entries(planned.tensors);
  const tensors = Object.fromEntries(
    await Promise.all(roles.map(async ([role, name]) => [role, await weights.read(name)])),
  );
  return during(`packing the weights of '${planned.name}'`, () => packWeights(planned, tensors, plan.elementType));
}

function packParams(kernels: readonly PlannedKernel[]): ArrayBuffer {
  const blocks = new DataView(new ArrayBuffer(kernels.length * PARAMS_STRIDE));
  for (const [index, { params }] of kernels.entries()) writeParams(blocks, index * PARAMS_STRIDE, params);
  return blocks.buffer as ArrayBuffer;
}

/**
 * Makes GPU objects and gives the promise that they are sound. Scopes are closed before anything is awaited: they are a
 * stack of the device, which other networks use meanwhile.
 */
function scoped<Result>(device: GPUDevice, make: () => Result): { made: Result; sound: Promise<void> } {
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  const made = make();
  const errors = Promise.all([device.popErrorScope(), device.popErrorScope()]);
  const sound = errors.then(([validation, memory]) => {
    if (memory) throw new UnsupportedError(`The GPU has not enough memory: ${memory.message}`);
    if (validation) throw new UnsupportedError(`The device refuses the plan: ${validation.message}`);
  });
  sound.catch(() => {});
  return { made, sound };
}

function checkElements({ shape }: PlannedInput, given: number): void {
  const expected = shape.reduce((product, size) => product * size, 1);
  if (given !== expected) {
    throw new InputError(`The tensor has ${given} elements; [${shape.join(', ')}] has ${expected}.`);
  }
}

const listNames = (record: object) =>
  Object.keys(record)
    .map((name) => `'${name}'`)
    .join(', ');

const describe = (value: unknown) =>
  typeof value === 'object' && value ? `a ${value.constructor?.name}` : String(value);
