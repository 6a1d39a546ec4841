import { type Architecture, type CompileOptions, compile, type Network } from 'linnet';
import { replace, restoreProperty } from './track.ts';

interface Kept {
  readonly modules: Map<string, GPUShaderModule>;
  readonly pipelines: Map<GPUShaderModule, Promise<GPUComputePipeline>>;
}

const keptOn = new WeakMap<GPUDevice, Kept>();

/**
 * `compile` for results that are compared, in memory that holds NaN where nobody wrote. Its pipelines are kept for the same
 * texts: of 12,000 that the tests of operations want, 900 are different, and the software adapter takes up to a second for
 * one.
 */
export async function compileKeeping(
  architecture: Architecture,
  options: CompileOptions & { device: GPUDevice },
): Promise<Network> {
  const { device } = options;
  const kept = keptOn.get(device) ?? { modules: new Map(), pipelines: new Map() };
  keptOn.set(device, kept);
  const methods = keeping(device, kept);
  for (const [name, method] of Object.entries(methods)) replace(device, name, method);
  try {
    return await compile(architecture, { ...options, poison: true, tune: false });
  } finally {
    for (const name of Object.keys(methods)) restoreProperty(device, name);
  }
}

/** The engine's pipelines differ in their texts only: each has its layout from there, the same entry point, no constants. */
function keeping(device: GPUDevice, { modules, pipelines }: Kept) {
  const createModule = device.createShaderModule.bind(device);
  const createPipeline = device.createComputePipelineAsync.bind(device);
  return {
    createShaderModule(descriptor: GPUShaderModuleDescriptor): GPUShaderModule {
      const module = modules.get(descriptor.code) ?? createModule(descriptor);
      modules.set(descriptor.code, module);
      return module;
    },
    createComputePipelineAsync(descriptor: GPUComputePipelineDescriptor): Promise<GPUComputePipeline> {
      const { module } = descriptor.compute;
      const pipeline = pipelines.get(module) ?? createPipeline(descriptor);
      pipelines.set(module, pipeline);
      return pipeline;
    },
  };
}
