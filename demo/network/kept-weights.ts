import { FetchError, type OnProgress } from 'linnet';

export interface Download {
  readonly signal: AbortSignal;
  readonly onProgress: OnProgress;
}

const CACHE = 'linnet-weights';

/** Not to be had on a page without HTTPS, and where the browser keeps nothing. */
async function cache(): Promise<Cache | undefined> {
  return globalThis.caches?.open(CACHE).catch(() => undefined);
}

/** Whether a file was kept on an earlier visit. */
export async function isKept(address: string): Promise<boolean> {
  return (await (await cache())?.match(address)) !== undefined;
}

/** A file that is kept for the next visit: from there, or else from its server. Rejects with a `FetchError`. */
export async function keptFile(address: string, { signal, onProgress }: Download): Promise<Blob> {
  const kept = await cache();
  const found = await kept?.match(address);
  if (found) return found.blob();
  const blob = await download(address, signal, onProgress);
  // A full disk is no reason to do without the network.
  await kept?.put(address, new Response(blob)).catch(() => {});
  return blob;
}

/** Forgets a file, as one that turned out to be broken. */
export async function forget(address: string): Promise<void> {
  await (await cache())?.delete(address);
}

async function download(address: string, signal: AbortSignal, onProgress: OnProgress): Promise<Blob> {
  try {
    const response = await fetch(address, { signal });
    if (!response.ok || !response.body) {
      throw new FetchError(`The server answers with status ${response.status} instead of the file.`, {
        status: response.status,
      });
    }
    const total = Number(response.headers.get('content-length')) || undefined;
    let loaded = 0;
    const counted = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          loaded += chunk.length;
          onProgress({ stage: 'weights', loaded, ...(total !== undefined && { total }) });
          controller.enqueue(chunk);
        },
      }),
    );
    return await new Response(counted).blob();
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof FetchError) throw cause.while(`fetching '${address}'`);
    throw new FetchError('The file cannot be fetched.', { cause }).while(`fetching '${address}'`);
  }
}
