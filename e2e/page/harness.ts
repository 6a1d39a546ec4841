import { featureLevel } from './device.ts';

export async function describeDevice(device: GPUDevice) {
  const { architecture, description, vendor } = device.adapterInfo;
  return {
    adapter: `${vendor} ${architecture} ${description}`,
    featureLevel,
    invocations: device.limits.maxComputeInvocationsPerWorkgroup,
  };
}

export async function makeValidationError(device: GPUDevice, { bytes }: { bytes: number }) {
  device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE });
}

export async function logWarning(_device: GPUDevice, { text }: { text: string }) {
  console.warn(text);
}
