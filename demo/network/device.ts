import { requestDevice } from 'linnet';
import { useCallback, useLayoutEffect, useState } from 'preact/hooks';

export type DeviceState =
  | { readonly kind: 'starting'; readonly coming?: Promise<GPUDevice> }
  | { readonly kind: 'ready'; readonly device: GPUDevice }
  | { readonly kind: 'lost'; readonly device: GPUDevice; readonly reason: string }
  | { readonly kind: 'failed'; readonly error: unknown };

/** The page's one device, asked for at once. `start` asks for another one, after the first was lost. */
export function useDevice(): { state: DeviceState; start: () => Promise<GPUDevice | undefined> } {
  const [state, setState] = useState<DeviceState>({ kind: 'starting' });

  const start = useCallback(async () => {
    const coming = requestDevice();
    setState({ kind: 'starting', coming });
    try {
      const device = await coming;
      setState({ kind: 'ready', device });
      void device.lost.then(({ message, reason }) =>
        setState((current) =>
          current.kind === 'ready' && current.device === device
            ? { kind: 'lost', device, reason: message || reason }
            : current,
        ),
      );
      return device;
    } catch (error) {
      setState({ kind: 'failed', error });
      return undefined;
    }
  }, []);

  // Before the page is painted: the browser starts a process for it.
  useLayoutEffect(() => void start(), [start]);

  return { state, start };
}

/** Names by which the adapters that compute on the CPU are known. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|softpipe|software|basic render|warp/i;

/** What the adapter tells about itself, most telling first, and whether it is a CPU that imitates a GPU. */
export function describeAdapter(device: GPUDevice): { name: string; software: boolean } {
  // Before Chrome 132 and Safari 26 a device did not carry its adapter's info.
  const info: Partial<GPUAdapterInfo> = device.adapterInfo ?? {};
  const { description, vendor, architecture, device: model } = info;
  const given = [description || model, [vendor, architecture].filter(Boolean).join(' ')].filter(Boolean);
  return {
    name: given.join(' · '),
    software: info.isFallbackAdapter === true || SOFTWARE.test([...given, model].join(' ')),
  };
}
