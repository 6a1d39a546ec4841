// The device that all cases of a page share. The harness names its feature level in the page's address.
export type FeatureLevel = 'core' | 'compatibility';

export const featureLevel: FeatureLevel = location.search === '?compatibility' ? 'compatibility' : 'core';

let pending: Promise<GPUDevice> | undefined;

export function testDevice(): Promise<GPUDevice> {
  pending ??= create();
  return pending;
}

async function create(): Promise<GPUDevice> {
  const adapter = await navigator.gpu?.requestAdapter(featureLevel === 'core' ? {} : { featureLevel });
  if (!adapter) throw new Error(`This browser has no WebGPU adapter of feature level '${featureLevel}'.`);
  const requiredFeatures: GPUFeatureName[] =
    featureLevel === 'core' && adapter.features.has('shader-f16') ? ['shader-f16'] : [];
  const device = await adapter.requestDevice({ label: 'test', requiredFeatures });
  if (device.features.has('core-features-and-limits') !== (featureLevel === 'core')) {
    throw new Error(`The adapter gives no device of feature level '${featureLevel}'.`);
  }
  // The harness fails a test for anything on the console.
  device.addEventListener('uncapturederror', ({ error }) => console.error(`Uncaptured: ${error.message}`));
  void device.lost.then(({ reason, message }) => console.error(`The device is lost (${reason}): ${message}`));
  return device;
}
