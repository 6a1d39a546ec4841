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

/** An error that nobody catches, a rejection, and a request for what is not there. */
export async function failLoudly(_device: GPUDevice, { text, address }: { text: string; address: string }) {
  setTimeout(() => {
    throw new Error(text);
  });
  void Promise.reject(new RangeError(text));
  await fetch(address);
}

export async function echo<Value>(_device: GPUDevice, value: Value) {
  return value;
}
