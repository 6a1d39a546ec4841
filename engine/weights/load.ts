import { during, WeightsError } from '../common/errors.ts';
import { LISTENER, NUMBER, optional, SIGNAL, TEXT, tagOf } from '../common/kinds.ts';
import { readTable } from '../common/options.ts';
import type { OnProgress } from '../common/progress.ts';
import { elementsOf } from '../graph/graph.ts';
import { fetchBytes, streamed, type Watch, watch } from './fetch.ts';
import { type OpenFile, openSafetensors } from './safetensors.ts';
import { sha256 } from './sha256.ts';
import { noTensor, type TensorPiece, type Weights } from './weights.ts';

export type WeightsSource = string | URL | Response | Blob | ArrayBufferLike | ArrayBufferView;

export interface LoadWeightsOptions {
  /** Ends the loading: the promise rejects with the signal's reason, and the download stops. */
  signal?: AbortSignal | undefined;
  /** Milliseconds without a byte after which a download is given up; 30,000 unless given, `Infinity` for never. */
  stallTimeout?: number | undefined;
  /** Hears, in bytes, how much of the file has arrived. `total` is known once the file's header is. */
  onProgress?: OnProgress | undefined;
  /** The file's size, where it is known before. */
  bytes?: number | undefined;
  /** The file's SHA-256 in hexadecimal. */
  sha256?: string | undefined;
  /** A larger file, from an address or a `Blob`, is not held in memory but flows through `compile`; 64 MiB unless given. */
  holdBytes?: number | undefined;
}

const OPTIONS = {
  signal: [optional(SIGNAL), undefined],
  stallTimeout: [optional(NUMBER), undefined],
  onProgress: [optional(LISTENER), undefined],
  bytes: [optional(NUMBER), undefined],
  sha256: [optional(TEXT), undefined],
  holdBytes: [NUMBER, 2 ** 26],
} as const;

/**
 * Loads a safetensors file from an address, a response, a file, or memory.
 *
 * Tensors are F32, F16, BF16 or F64; or U8 or I8 with tensors `<name>.scale` (one of those) and `<name>.zero_point` beside
 * them, of one value or one for each entry of the first dimension, and read as (q - zero point) * scale. Tensors of
 * other types are left out, and so is `*.num_batches_tracked`, which PyTorch stores for training.
 *
 * Of a large file only the header is read here. The rest arrives while `compile` uploads it, in pieces of a few megabytes; of
 * a tensor all is in memory only where its scale, or the batch normalization after it, is stored behind it. What is wrong
 * with it then makes `compile` reject. `restore` reads it again.
 *
 * Rejects with a `FetchError` if the file cannot be had, and with a `WeightsError` if it is cut short or broken, is of
 * another format, or is not the expected one.
 */
export async function loadWeights(source: WeightsSource, options: LoadWeightsOptions = {}): Promise<Weights> {
  const loading = `loading weights from ${nameOf(source)}`;
  return during(loading, async () => {
    const { signal, stallTimeout, onProgress, bytes, sha256: digest, holdBytes } = readTable(options, OPTIONS);
    const begin = async (size = bytes): Promise<Reading> => {
      const watched = watch(signal, stallTimeout);
      const { chunks, fileBytes } = await open(source, watched);
      if (size !== undefined && fileBytes !== undefined && fileBytes !== size) {
        throw new WeightsError(`The file has ${fileBytes} bytes instead of ${size}.`);
      }
      const file = await openSafetensors(digest === undefined ? chunks : digested(chunks, digest), {
        fileBytes: fileBytes ?? size,
        onBytes: (loaded, total) => onProgress?.({ stage: 'weights', loaded, ...(total !== undefined && { total }) }),
      });
      return { ...file, stop: watched.abort };
    };
    const file = await begin();
    // What is in memory is held already; a response cannot be read again.
    const mayFlow = isAddress(source) || isBlob(source);
    if (mayFlow && file.bytes > holdBytes) return flowing(file, loading, begin, digest !== undefined);
    const weights = await file.hold();
    signal?.throwIfAborted();
    return weights;
  });
}

/** Those of what is read as a whole. */
export type LoadBytesOptions = Omit<LoadWeightsOptions, 'holdBytes'>;

/**
 * All of a file: as it is where it is in memory already. Rejects with a `FetchError` if it cannot be had, and with a
 * `WeightsError` if it is not the expected one.
 */
export async function loadBytes(source: WeightsSource, options: LoadBytesOptions = {}): Promise<Uint8Array> {
  return during(`loading ${nameOf(source)}`, async () => {
    const { signal, stallTimeout, onProgress, bytes: size, sha256: digest } = readTable(options, OPTIONS);
    const { chunks, fileBytes = size } = await open(source, watch(signal, stallTimeout));
    const parts: Uint8Array[] = [];
    let loaded = 0;
    const report = () =>
      onProgress?.({ stage: 'weights', loaded, ...(fileBytes !== undefined && { total: fileBytes }) });
    for await (const part of digest === undefined ? chunks : digested(chunks, digest)) {
      parts.push(part);
      loaded += part.length;
      report();
    }
    if (size !== undefined && loaded !== size) {
      throw new WeightsError(`The file has ${loaded} bytes instead of ${size}.`);
    }
    return joined(parts);
  });
}

/** All bytes of these, one after another; of one they are its own. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const whole = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let end = 0;
  for (const part of parts) {
    whole.set(part, end);
    end += part.length;
  }
  return whole;
}

interface Reading extends OpenFile {
  /** Ends the download; what waits for it is rejected with the reason. */
  stop(reason: unknown): void;
}

/** Tensors that pass by. The file that is open serves the first who asks; for others it is opened again. */
function flowing(
  opened: Reading,
  loading: string,
  begin: (bytes: number) => Promise<Reading>,
  isDigested: boolean,
): Weights {
  const { shapes, unreadable } = opened;
  let unread: Reading | undefined = opened;
  async function* flow(signal?: AbortSignal): AsyncGenerator<TensorPiece> {
    signal?.throwIfAborted();
    const first = unread;
    unread = undefined;
    const file = first ?? (await during(loading, () => begin(opened.bytes)));
    const stop = () => file.stop(signal?.reason);
    signal?.addEventListener('abort', stop);
    const pieces = file.flow();
    try {
      for (;;) {
        const { done, value } = await during(loading, () => pieces.next());
        if (done) return;
        yield value;
      }
    } finally {
      signal?.removeEventListener('abort', stop);
      await pieces.return(undefined);
    }
  }
  return {
    shapes,
    unreadable,
    flow,
    async read(wanted) {
      const shape = shapes.get(wanted);
      if (!shape) throw noTensor(wanted, unreadable);
      const values = new Float32Array(elementsOf(shape));
      let missing = values.length;
      for await (const { name, start, values: piece } of flow()) {
        if (name !== wanted) continue;
        values.set(piece, start);
        missing -= piece.length;
        // Only the end tells whether the digest is right.
        if (missing === 0 && !isDigested) break;
      }
      return values;
    },
  };
}

interface Source {
  readonly chunks: AsyncGenerator<Uint8Array>;
  readonly fileBytes?: number;
}

export const isAddress = (source: unknown): source is string | URL =>
  typeof source === 'string' || tagOf(source) === 'URL';
const isBlob = (source: unknown): source is Blob => /^(Blob|File)$/.test(tagOf(source));

async function open(source: WeightsSource, watched: Watch): Promise<Source> {
  const kind = tagOf(source);
  if (kind === 'Response') {
    const { bodyUsed, body } = source as Response;
    if (bodyUsed || body?.locked) throw new WeightsError('The response is being read elsewhere.');
  }
  if (kind === 'Response' || isAddress(source)) return { chunks: await fetchBytes(source as Response, watched) };
  if (isBlob(source)) return { chunks: streamed(source.stream(), watched), fileBytes: source.size };
  if (!ArrayBuffer.isView(source) && !kind.endsWith('ArrayBuffer')) {
    throw new WeightsError(`Weights come from an address, a Response, a Blob or an ArrayBuffer, not from ${kind}.`);
  }
  const { buffer = source as ArrayBuffer, byteOffset = 0, byteLength } = source as ArrayBufferView;
  async function* chunks() {
    // Memory that has been given to a worker has no bytes, and cannot be looked at.
    if (byteLength > 0) yield new Uint8Array(buffer, byteOffset, byteLength);
  }
  return { chunks: chunks(), fileBytes: byteLength };
}

/** Passes the pieces on, and throws in place of the end if they are not those of the digest. */
async function* digested(chunks: AsyncIterable<Uint8Array>, expected: string): AsyncGenerator<Uint8Array> {
  const digest = sha256();
  for await (const chunk of chunks) {
    digest.add(chunk);
    yield chunk;
  }
  const found = digest.hex();
  if (found !== expected.toLowerCase()) {
    throw new WeightsError(`The file's SHA-256 is ${found} instead of ${expected}.`);
  }
}

function nameOf(source: WeightsSource): string {
  if (isAddress(source)) return `'${String(source).slice(0, 200)}'`;
  const { url, name } = Object(source) as { url?: string; name?: string };
  return url || name ? `'${url || name}'` : tagOf(source);
}
