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

/** A buffer with this content, which is the caller's to destroy. */
export function bufferOf(
  device: GPUDevice,
  label: string,
  content: ArrayBuffer | Float32Array<ArrayBuffer>,
  usage: 'UNIFORM' | 'STORAGE',
): GPUBuffer {
  const size = Math.ceil(content.byteLength / 16) * 16;
  const buffer = device.createBuffer({ label, size, usage: GPUBufferUsage[usage] | GPUBufferUsage.COPY_DST });
  device.queue.writeBuffer(buffer, 0, content);
  return buffer;
}
