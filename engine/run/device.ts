import type { Capabilities } from '../common/capabilities.ts';
import './webgpu-names.ts';
import { UnsupportedError } from '../common/errors.ts';

export function capabilitiesOf(device: GPUDevice): Capabilities {
  const { limits, features } = device;
  // Before Chrome 132 and Safari 26 a device did not carry its adapter's info.
  const info: Partial<GPUAdapterInfo> = device.adapterInfo ?? {};
  return {
    maxBufferSize: limits.maxBufferSize,
    maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
    features: [...features].sort(),
    vendor: info.vendor ?? '',
    architecture: info.architecture ?? '',
    isFallbackAdapter: info.isFallbackAdapter ?? false,
  };
}

export interface RequestDeviceOptions {
  /** Where WebGPU comes from; outside a browser there is no `navigator.gpu`. */
  gpu?: GPU | undefined;
  powerPreference?: 'low-power' | 'high-performance' | undefined;
}

/**
 * A device for compiled networks. Compatibility mode reaches phones without Vulkan 1.1; what the adapter has beyond it
 * (core features, 16-bit floats, timestamps, larger buffers) is asked for. An `UnsupportedError` says what is missing.
 */
export async function requestDevice(options: RequestDeviceOptions = {}): Promise<GPUDevice> {
  const gpu = options.gpu ?? globalThis.navigator?.gpu;
  if (!gpu) {
    const why = globalThis.isSecureContext === false ? ' in a page that was not loaded over HTTPS' : '';
    throw new UnsupportedError(`This browser has no WebGPU${why}: navigator.gpu is undefined.`);
  }
  const { powerPreference } = options;
  const adapter = await gpu.requestAdapter({
    featureLevel: 'compatibility',
    ...(powerPreference && { powerPreference }),
  });
  if (!adapter)
    throw new UnsupportedError(
      'This browser has WebGPU, but offers no adapter: the GPU or its driver is not supported.',
    );
  const wanted: GPUFeatureName[] = ['core-features-and-limits', 'shader-f16', 'timestamp-query'];
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  try {
    return await adapter.requestDevice({
      label: 'linnet',
      requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)),
      requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
    });
  } catch (error) {
    throw new UnsupportedError(`The GPU adapter gave no device: ${(error as Error).message}`);
  }
}

/** A device for some time. */
export interface Lease {
  readonly device: GPUDevice;
  /** Ends the lease; once is enough, and twice does no harm. */
  release(): void;
}

/** The app's own device, which is nobody else's to destroy. */
export const lend = (device: GPUDevice): Lease => ({ device, release: () => {} });

/** A device of one's own. */
export async function ownDevice(): Promise<Lease> {
  const device = await requestDevice();
  return { device, release: () => device.destroy() };
}

/** The one device that models share, and how many of them do. */
let shared: { readonly device: Promise<GPUDevice>; users: number } | undefined;

/**
 * The device that all share who ask here: requested for the first, destroyed with the last one. After a loss the next who
 * asks gets another, and the rest when they ask anew.
 */
export async function sharedDevice(): Promise<Lease> {
  shared ??= { device: requestDevice(), users: 0 };
  const entry = shared;
  const forget = () => {
    if (shared === entry) shared = undefined;
  };
  entry.users++;
  let released = false;
  const release = () => {
    if (released) return;
    released = true;
    if (--entry.users > 0) return;
    forget();
    entry.device.then(
      (device) => device.destroy(),
      () => {},
    );
  };
  try {
    const device = await entry.device;
    void device.lost.then(forget);
    return { device, release };
  } catch (error) {
    forget();
    throw error;
  }
}
