/** As in `GPUAdapterInfo`; and a limit below the device's own. */
export interface Vendor {
  readonly vendor: string;
  readonly architecture: string;
  readonly maxStorageBufferBindingSize?: number;
}

/** Lets the device say that it is of another vendor, so that kernels are chosen for that one. */
export async function as<Result>(
  device: GPUDevice,
  vendor: Vendor | undefined,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!vendor) return work();
  const { maxStorageBufferBindingSize, ...adapterInfo } = vendor;
  // The getters of GPUSupportedLimits work on the device's own object only.
  const limits = new Proxy(device.limits, {
    get: (own, name) =>
      name === 'maxStorageBufferBindingSize' && maxStorageBufferBindingSize
        ? maxStorageBufferBindingSize
        : Reflect.get(own, name),
  });
  const names = ['adapterInfo', 'limits'] as const;
  const before = names.map((name) => Object.getOwnPropertyDescriptor(device, name));
  Object.defineProperty(device, 'adapterInfo', { value: adapterInfo, configurable: true });
  Object.defineProperty(device, 'limits', { value: limits, configurable: true });
  try {
    return await work();
  } finally {
    for (const [index, name] of names.entries()) {
      // A browser's are the prototype's, and show again; Node's Dawn has them on the device itself.
      const own = before[index];
      if (own) Object.defineProperty(device, name, own);
      else Reflect.deleteProperty(device, name);
    }
  }
}
