import { FetchError } from '../common/errors.ts';
import { tagOf } from '../common/kinds.ts';

/** What ends a download: whoever asked for it, or a server that sends nothing for too long. */
export interface Watch {
  readonly signal: AbortSignal;
  /** The reason is what the download rejects with. */
  abort(reason?: unknown): void;
  /** Waits for what comes after `loaded` bytes. */
  wait<Result>(work: Promise<Result>, loaded: number): Promise<Result>;
}

/** Throws the signal's reason if it is aborted. Gives up at the signal, and after `stallTimeout` milliseconds without a byte. */
export function watch(signal: AbortSignal | undefined, stallTimeout = 30_000): Watch {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const abort = (reason?: unknown) => stop.abort(reason);
  // Before Chrome 116 there is no AbortSignal.any.
  signal?.addEventListener('abort', () => abort(signal.reason), { once: true });
  return {
    signal: stop.signal,
    abort,
    wait(work, loaded) {
      const stalled = () =>
        abort(new FetchError(`The server sends nothing for ${stallTimeout / 1000} s, after ${loaded} bytes.`));
      // A timer cannot wait longer.
      const timer = setTimeout(stalled, Math.min(stallTimeout, 2 ** 31 - 1));
      return work.finally(() => clearTimeout(timer));
    },
  };
}

/** A text. `onBytes` hears how many bytes more have arrived. */
export async function fetchText(address: string, watched: Watch, onBytes: (bytes: number) => void): Promise<string> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const bytes of await fetchBytes(address, watched)) {
    onBytes(bytes.length);
    parts.push(bytes);
  }
  return new Blob(parts).text();
}

/** What an address or a response holds, as it arrives. A `FetchError` tells of what cannot be had. */
export async function fetchBytes(
  source: string | URL | Response,
  watched: Watch,
): Promise<AsyncGenerator<Uint8Array<ArrayBuffer>>> {
  const { signal, wait } = watched;
  const isResponse = tagOf(source) === 'Response';
  const response = isResponse
    ? (source as Response)
    : await wait(fetch(source as string | URL, { signal }), 0).catch((cause) => {
        signal.throwIfAborted();
        throw new FetchError(
          `The file cannot be fetched (${reasonOf(cause)}): its server cannot be reached, or lacks the header Access-Control-Allow-Origin.`,
          { cause },
        );
      });
  const { ok, status, body, headers } = response;
  if (ok) return streamed(body ?? new Blob().stream(), watched, Number(headers.get('content-length')));
  void body?.cancel().catch(() => {});
  const meaning = status === 404 ? ': there is no such file' : '';
  throw new FetchError(`The server answers with status ${status}${meaning}.`, { status });
}

/** The bytes of a stream as they arrive; `expected` is how many a server says it sends. */
export async function* streamed(
  stream: ReadableStream<unknown>,
  { signal, wait }: Watch,
  expected = 0,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  // A stream that failed has nothing to cancel.
  const cancel = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener('abort', cancel);
  let loaded = 0;
  try {
    for (;;) {
      const { done, value } = await wait(reader.read(), loaded);
      signal.throwIfAborted();
      // Not every browser compares the two. Compressed, a file may be a little larger, and a page may not know that it is.
      if (done && expected > loaded * 1.01 + 64) throw new TypeError(`${expected} were to come`);
      if (done) return;
      if (tagOf(value) !== 'Uint8Array') throw new TypeError(`then comes ${tagOf(value)}`);
      loaded += (value as Uint8Array).length;
      yield value as Uint8Array<ArrayBuffer>;
    }
  } catch (cause) {
    signal.throwIfAborted();
    // Whoever made a response may have given it up.
    if ((cause as Error)?.name === 'AbortError') throw cause;
    throw new FetchError(`The connection breaks after ${loaded} bytes (${reasonOf(cause)}).`, { cause });
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}

const reasonOf = (cause: unknown) =>
  // Node has a navigator without the property.
  globalThis.navigator?.onLine === false ? 'the browser is offline' : ((cause as Error)?.message ?? cause);
