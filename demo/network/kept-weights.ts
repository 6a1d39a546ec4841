import { loadBytes, type OnProgress } from 'linnet';

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
export async function keptFile(address: string, download: Download): Promise<Blob> {
  const kept = await cache();
  const found = await kept?.match(address);
  if (found) return found.blob();
  // Of an address they are never shared with a worker.
  const bytes = (await loadBytes(address, download)) as Uint8Array<ArrayBuffer>;
  const blob = new Blob([bytes]);
  // A full disk is no reason to do without the network.
  await kept?.put(address, new Response(blob)).catch(() => {});
  return blob;
}

/** Forgets a file, as one that turned out to be broken. */
export async function forget(address: string): Promise<void> {
  await (await cache())?.delete(address);
}
