/** What planning knows of a device: data, no GPU object. */
export interface Capabilities {
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
  readonly features: readonly string[];
  /** As in `GPUAdapterInfo`: `qualcomm`, `arm`, `apple`, ...; empty where unknown. */
  readonly vendor: string;
  readonly architecture: string;
  /** As in `GPUAdapterInfo`: whether a CPU computes, which also a browser tells that keeps the vendor to itself. */
  readonly isFallbackAdapter?: boolean;
}

/** The limits that every WebGPU device has (https://www.w3.org/TR/webgpu/#limits). */
export const DEFAULT_CAPABILITIES: Capabilities = {
  maxBufferSize: 268435456,
  maxStorageBufferBindingSize: 134217728,
  features: [],
  vendor: '',
  architecture: '',
};

/** The machine's kind of GPU, which decides the kernels' tiles. GPUs of vendors that are not listed are phones', as Mali. */
export type DeviceClass = 'adreno' | 'adreno7' | 'mali' | 'desktop' | 'swiftshader' | 'software' | 'unknown';

export function deviceClass({ vendor, architecture, isFallbackAdapter = false }: Capabilities): DeviceClass {
  if (architecture === 'swiftshader') return 'swiftshader';
  if (isFallbackAdapter || architecture === 'llvmpipe' || vendor === 'mesa') return 'software';
  // Firefox tells nothing of any GPU.
  if (vendor === '') return 'unknown';
  if (vendor === 'qualcomm') return /^adreno-[7-9]/.test(architecture) ? 'adreno7' : 'adreno';
  if (['apple', 'nvidia', 'amd', 'intel'].includes(vendor)) return 'desktop';
  return 'mali';
}
