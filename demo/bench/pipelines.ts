import type { Plan, PlannedKernel } from 'linnet';
import { finished } from './finished.ts';

/** What a pipeline costs when no cache knows it. */
export interface PipelineCost {
  /** The kernel that needs it first, and its shader. */
  readonly name: string;
  readonly kind: string;
  /** Kernels of the network that share it. */
  readonly kernels: number;
  /** Of its WGSL text. */
  readonly characters: number;
  /** Milliseconds until the browser has made it. */
  readonly createMs: number;
  /** By how many milliseconds the first dispatch of one workgroup is slower than a later one: drivers compile when it is used. */
  readonly firstUseMs: number;
}

type Measured = Pick<PipelineCost, 'createMs' | 'firstUseMs'>;

/** Measures each pipeline of a plan once; `known` has those of texts that were measured before, and gets the others. */
export async function measurePipelines(
  device: GPUDevice,
  plan: Plan,
  known: Map<string, Measured>,
  signal?: AbortSignal,
): Promise<PipelineCost[]> {
  const byText = new Map<string, PlannedKernel[]>();
  for (const kernel of plan.kernels) byText.set(kernel.shader, [...(byText.get(kernel.shader) ?? []), kernel]);
  const costs: PipelineCost[] = [];
  for (const [shader, kernels] of byText) {
    signal?.throwIfAborted();
    const [kernel] = kernels as [PlannedKernel, ...PlannedKernel[]];
    const measured = known.get(shader) ?? (await measurePipeline(device, plan, kernel));
    known.set(shader, measured);
    const { name, kind } = kernel;
    costs.push({ name, kind, kernels: kernels.length, characters: shader.length, ...measured });
  }
  return costs;
}

/** Every cache sees another program where the entry point has another name. */
const uniqueName = () => `main_${Math.floor(Math.random() * 2 ** 32).toString(36)}`;

async function measurePipeline(device: GPUDevice, plan: Plan, kernel: PlannedKernel): Promise<Measured> {
  const entryPoint = uniqueName();
  const module = device.createShaderModule({ code: kernel.shader.replace(/\bfn main\b/, `fn ${entryPoint}`) });
  const start = performance.now();
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint } });
  const createMs = performance.now() - start;
  const { made, resources } = bind(device, plan, kernel);
  const bindGroup = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: resources.map((resource, binding) => ({ binding, resource })),
  });
  const use = async () => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    pass.dispatchWorkgroups(1);
    pass.end();
    const before = performance.now();
    device.queue.submit([encoder.finish()]);
    await finished(device);
    return performance.now() - before;
  };
  try {
    const first = await use();
    return { createMs, firstUseMs: Math.max(0, first - (await use())) };
  } finally {
    for (const object of made) object.destroy();
  }
}

/** Bytes of a buffer that is bound: a read beyond them is one within them. */
const BOUND_BYTES = 2 ** 16;

/** What a kernel binds, small, with nothing in it but its uniform block. */
function bind(device: GPUDevice, plan: Plan, { params, bindings }: PlannedKernel) {
  const made: (GPUBuffer | GPUTexture)[] = [];
  const bufferOf = (size: number, usage: number) => {
    const buffer = device.createBuffer({ label: 'pipeline', size: Math.max(16, size), usage });
    made.push(buffer);
    return { buffer };
  };
  const block = new ArrayBuffer(params.length * 4);
  const view = new DataView(block);
  for (const [index, { type, value }] of params.entries()) {
    if (type === 'f32') view.setFloat32(index * 4, value, true);
    else view.setInt32(index * 4, value, true);
  }
  const uniforms = bufferOf(block.byteLength, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
  device.queue.writeBuffer(uniforms.buffer, 0, block);
  const resources = bindings.map((binding): GPUBindingResource => {
    const weights = 'weights' in binding ? plan.weights[binding.weights] : undefined;
    if (!weights || !('width' in weights.home)) return bufferOf(BOUND_BYTES, GPUBufferUsage.STORAGE);
    const format = plan.elementType === 'float16' ? 'rgba16float' : 'rgba32float';
    const texture = device.createTexture({ size: [1, 1], format, usage: GPUTextureUsage.TEXTURE_BINDING });
    made.push(texture);
    return texture.createView();
  });
  return { made, resources: [uniforms, ...resources] };
}
