import type { ParamFields } from '../../shaders/kernel.ts';
import type { Owned } from './session.ts';

/** What a pipeline's shader reads and writes, each at its index in group 0. */
export function bindGroupOf(
  device: GPUDevice,
  label: string,
  pipeline: GPUPipelineBase,
  resources: readonly GPUBindingResource[],
): GPUBindGroup {
  const entries = resources.map((resource, binding) => ({ binding, resource }));
  return device.createBindGroup({ label, layout: pipeline.getBindGroupLayout(0), entries });
}

/** A uniform buffer for these fields, to be written. */
export function uniformBufferOf({ buffer: create }: Owned, label: string, fields: ParamFields): GPUBuffer {
  return create(label, 4 * Object.keys(fields).length, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
}

/** A buffer with this content. */
export function bufferOf(
  { buffer: create, session }: Owned,
  label: string,
  content: ArrayBuffer | Float32Array<ArrayBuffer>,
  usage: 'UNIFORM' | 'STORAGE',
): GPUBuffer {
  const buffer = create(label, content.byteLength, GPUBufferUsage[usage] | GPUBufferUsage.COPY_DST);
  session.device.queue.writeBuffer(buffer, 0, content);
  return buffer;
}
