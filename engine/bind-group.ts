import { BINDINGS } from '../shaders/interface.ts';

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
