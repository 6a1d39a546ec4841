import { BINDINGS } from '../../shaders/interface.ts';
import type { Owned } from './session.ts';

export type BoundResources = Readonly<Partial<Record<keyof typeof BINDINGS, GPUBindingResource>>>;

/** What a pipeline's shader reads and writes, each resource at its place in group 0. */
export function bindGroupOf(
  device: GPUDevice,
  label: string,
  pipeline: GPUPipelineBase,
  resources: BoundResources,
): GPUBindGroup {
  return device.createBindGroup({
    label,
    layout: pipeline.getBindGroupLayout(0),
    entries: Object.entries(resources).map(([name, resource]) => ({
      binding: BINDINGS[name as keyof typeof BINDINGS],
      resource,
    })),
  });
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
