import {
  checkWeights,
  FetchError,
  LinnetError,
  type LoadWeightsOptions,
  loadWeights,
  type WeightsSource,
  weightsFrom,
} from 'linnet';
import { loadModel } from 'linnet/models';
import { float32Tensors, safetensorsFile } from '../../tests/safetensors-file.ts';
import { replace, restoreProperty } from './track.ts';

/** How loading ends: the first line of the error, with the status where there is one. */
async function ending(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'loaded';
  } catch (error) {
    if (!(error instanceof LinnetError)) return `raw: ${error}`;
    const status = error instanceof FetchError && error.status ? ` (${error.status})` : '';
    return `${error.name}${status}: ${error.message.split('\n')[0]}`;
  }
}

interface Loading {
  address: string;
  stallTimeout?: number;
  /** What the browser says of itself. */
  online?: boolean;
}

/** How loading a card and weights from an address ends; held, and flowing where the header arrives. */
export async function loadFrom(_device: GPUDevice, { address, stallTimeout, online = true }: Loading) {
  const options: LoadWeightsOptions = { stallTimeout };
  const readAll = async () => {
    const weights = await loadWeights(address, { ...options, holdBytes: 0 });
    for (const name of weights.shapes.keys()) await weights.read(name);
  };
  replace(navigator, 'onLine', online);
  try {
    return {
      card: await ending(loadModel(address, { stallTimeout })),
      held: await ending(loadWeights(address, options)),
      flowing: await ending(readAll()),
    };
  } finally {
    restoreProperty(navigator, 'onLine');
  }
}

/** Whether what a frame has made is taken like the page's own. */
export async function loadFromAnotherFrame(_device: GPUDevice) {
  const frame = document.createElement('iframe');
  document.body.append(frame);
  try {
    const there = frame.contentWindow as Window & typeof globalThis;
    const tensors = { a: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) } };
    const file = safetensorsFile(float32Tensors(tensors));
    const bytes = there.Uint8Array.from(file);
    const url = URL.createObjectURL(new Blob([file]));
    const sources: Record<string, WeightsSource> = {
      ArrayBuffer: bytes.buffer as ArrayBuffer,
      Uint8Array: bytes,
      Blob: new there.Blob([file]),
      File: new there.File([file], 'model.safetensors'),
      Response: new there.Response(file),
      URL: new there.URL(url),
    };
    const read: Record<string, string> = {};
    for (const [kind, source] of Object.entries(sources)) {
      const weights = await loadWeights(source, { signal: new there.AbortController().signal });
      checkWeights(weights, [{ name: 'a', shape: [2, 2] }]);
      read[kind] = (await weights.read('a')).join();
    }
    const arrays = weightsFrom({ a: { shape: [2], data: there.Float32Array.of(1, 2) } });
    read.Float32Array = (await arrays.read('a')).join();
    // Halves are not in every browser, nor among TypeScript's types.
    const { Float16Array: Halves = Float64Array } = globalThis as { Float16Array?: typeof Float64Array };
    const halves = weightsFrom({ a: { shape: [3], data: Halves.of(0.5, -2, 2 ** -24) } });
    read.halves = (await halves.read('a')).join();
    URL.revokeObjectURL(url);
    return read;
  } finally {
    frame.remove();
  }
}
