/** As in `GPUAdapterInfo`. */
export interface Vendor {
  readonly vendor: string;
  readonly architecture: string;
}

/** Lets the device say that it is of another vendor, so that kernels are chosen for that one. */
export async function as<Result>(
  device: GPUDevice,
  vendor: Vendor | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!vendor) return work();
  Object.defineProperty(device, 'adapterInfo', { value: vendor, configurable: true });
  try {
    return await work();
  } finally {
    // The property of the prototype shows again.
    Reflect.deleteProperty(device, 'adapterInfo');
  }
}
