import { during, WeightsError } from './errors.ts';
import type { Shape, Tensor } from './graph.ts';
import { readSafetensors } from './safetensors.ts';

/**
 * Trained tensors by name. `read` gives the values as float32, row-major, whatever the file stores; a later version may
 * have to wait for the network there. The array may be the weights' own: only look at it.
 */
export interface Weights {
  readonly shapes: ReadonlyMap<string, Shape>;
  read(name: string): Promise<Float32Array>;
}

export type WeightsSource = string | URL | Response | Blob | ArrayBuffer | ArrayBufferView;

export interface LoadWeightsOptions {
  /** Ends the loading: the promise rejects with the signal's reason, and the download stops. */
  signal?: AbortSignal | undefined;
  /** Hears, in bytes, how much of the file has arrived. `total` is known once the file's header is. */
  onProgress?: ((progress: { loaded: number; total?: number }) => void) | undefined;
  /** The file's size, where it is known before. */
  bytes?: number | undefined;
  /** The file's SHA-256 in hexadecimal; checked where the page has `crypto.subtle`, which needs a secure context. */
  sha256?: string | undefined;
}

/**
 * Loads a safetensors file from an address, a response, a file, or memory.
 *
 * Tensors are F32, F16 or BF16; or U8 or I8 with tensors `<name>.scale` (F32 or F16) and `<name>.zero_point` beside
 * them, of one value or one for each entry of the first dimension, and read as (q - zero point) * scale.
 * `*.num_batches_tracked`, which PyTorch stores for training, is left out.
 *
 * Rejects with a `WeightsError` if the file cannot be had, is cut short, is broken, or is not the expected one.
 */
export async function loadWeights(source: WeightsSource, options: LoadWeightsOptions = {}): Promise<Weights> {
  const { signal, onProgress, bytes, sha256 } = options;
  return during(`loading weights from ${nameOf(source)}`, async () => {
    signal?.throwIfAborted();
    const { chunks, fileBytes } = await open(source, signal);
    if (bytes !== undefined && fileBytes !== undefined && fileBytes !== bytes) {
      throw new WeightsError(`The file has ${fileBytes} bytes instead of ${bytes}.`);
    }
    const seen: Uint8Array[] = [];
    const weights = await readSafetensors(sha256 === undefined ? chunks : noting(chunks, seen), {
      fileBytes: fileBytes ?? bytes,
      onBytes: (loaded, total) => onProgress?.({ loaded, ...(total !== undefined && { total }) }),
    });
    if (sha256 !== undefined) await requireDigest(seen, sha256);
    signal?.throwIfAborted();
    return weights;
  });
}

/** Weights from arrays in memory. Throws a `WeightsError` if an array's length does not fit its shape. */
export function weightsFrom(tensors: Readonly<Record<string, { shape: Shape; data: Float32Array }>>): Weights {
  const entries = new Map(Object.entries(tensors));
  for (const [name, { shape, data }] of entries) {
    const elements = shape.reduce((product, size) => product * size, 1);
    if (data.length !== elements) {
      throw new WeightsError(`Tensor '${name}' has ${data.length} values instead of ${elements} for ${show(shape)}.`);
    }
  }
  return {
    shapes: new Map(Array.from(entries, ([name, { shape }]) => [name, shape])),
    async read(name) {
      const tensor = entries.get(name);
      if (!tensor) throw new WeightsError(`There is no tensor '${name}'.`);
      return tensor.data;
    },
  };
}

/** The same tensors under other names. Throws a `WeightsError` if two get the same one. */
export function renameWeights(weights: Weights, rename: (name: string) => string): Weights {
  const originals = new Map<string, string>();
  for (const original of weights.shapes.keys()) {
    const name = rename(original);
    const other = originals.get(name);
    if (other !== undefined) {
      throw new WeightsError(`The tensors '${other}' and '${original}' would both be called '${name}'.`);
    }
    originals.set(name, original);
  }
  return {
    shapes: new Map(Array.from(originals, ([name, original]) => [name, weights.shapes.get(original) as Shape])),
    async read(name) {
      const original = originals.get(name);
      if (original === undefined) throw new WeightsError(`There is no tensor '${name}'.`);
      return weights.read(original);
    },
  };
}

/**
 * Throws a `WeightsError` unless the weights are exactly the tensors that a network wants, and others only where their
 * names begin with one of `ignored`. A dense layer's [n, k] may be stored as a convolution's [n, c, h, w] with c * h * w = k,
 * and the reverse: the numbers are the same, in the same order.
 */
export function checkWeights(weights: Weights, tensors: readonly Tensor[], ignored: readonly string[] = []): void {
  const wanted = new Map(tensors.map(({ name, shape }) => [name, shape]));
  const missing: string[] = [];
  const misshapen: string[] = [];
  for (const [name, shape] of wanted) {
    const stored = weights.shapes.get(name);
    if (!stored) missing.push(`'${name}' ${show(shape)}`);
    else if (!sameNumbers(stored, shape)) misshapen.push(`'${name}' is ${show(stored)} instead of ${show(shape)}`);
  }
  const isKnown = (name: string) => wanted.has(name) || ignored.some((prefix) => name.startsWith(prefix));
  const extra = Array.from(weights.shapes, ([name, shape]) => (isKnown(name) ? '' : `'${name}' ${show(shape)}`));
  const problems = [
    [misshapen, 'of another shape'],
    [missing, 'missing'],
    [extra.filter(Boolean), 'not in the network'],
  ] as const;
  const sentences = problems.flatMap(([found, problem]) => {
    if (found.length === 0) return [];
    const more = found.length > LISTED ? `, and ${found.length - LISTED} more` : '';
    return [`${tensorCount(found.length)} ${problem}: ${found.slice(0, LISTED).join(', ')}${more}.`];
  });
  if (sentences.length > 0) {
    const sizes = `the file holds ${weights.shapes.size} tensors, the network has ${wanted.size}`;
    throw new WeightsError(`The weights do not fit the network (${sizes}). ${sentences.join(' ')}`);
  }
}

/** How many tensors a message names. */
const LISTED = 3;

const tensorCount = (count: number) => (count === 1 ? '1 tensor is' : `${count} tensors are`);
const show = (shape: Shape) => `[${shape.join(', ')}]`;

function sameNumbers(a: Shape, b: Shape): boolean {
  const flat = ([n, ...rest]: Shape) => [n, rest.reduce((product, size) => product * size, 1)].join();
  return a.join() === b.join() || (Math.min(a.length, b.length) === 2 && flat(a) === flat(b));
}

interface OpenFile {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly fileBytes?: number;
}

async function open(source: WeightsSource, signal: AbortSignal | undefined): Promise<OpenFile> {
  if (source instanceof ArrayBuffer) return inMemory(new Uint8Array(source));
  if (ArrayBuffer.isView(source)) {
    return inMemory(new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
  }
  if (source instanceof Blob) return { chunks: streamed(source.stream(), signal), fileBytes: source.size };
  if (typeof source !== 'string' && !(source instanceof URL) && !(source instanceof Response)) {
    throw new WeightsError(
      `Weights come from an address, a Response, a Blob or an ArrayBuffer, not from ${typeof source}.`,
    );
  }
  const response = source instanceof Response ? source : await request(source, signal);
  if (!response.ok) {
    void response.body?.cancel().catch(() => {});
    throw new WeightsError(`The server answers with status ${response.status}.`);
  }
  if (response.bodyUsed || response.body?.locked) throw new WeightsError('The response is being read elsewhere.');
  return response.body ? { chunks: streamed(response.body, signal) } : inMemory(new Uint8Array(0));
}

async function request(address: string | URL, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(address, { signal: signal ?? null });
  } catch (cause) {
    signal?.throwIfAborted();
    // A page learns no more: an unknown host and a server that does not allow other origins look the same.
    throw new WeightsError(`The file cannot be fetched: ${(cause as Error).message}.`, { cause });
  }
}

function inMemory(bytes: Uint8Array): OpenFile {
  async function* chunks() {
    yield bytes;
  }
  return { chunks: chunks(), fileBytes: bytes.length };
}

async function* streamed(stream: ReadableStream<Uint8Array>, signal: AbortSignal | undefined) {
  const reader = stream.getReader();
  // A stream that failed has nothing to cancel.
  const cancel = (reason?: unknown) => void reader.cancel(reason).catch(() => {});
  const abort = () => cancel(signal?.reason);
  signal?.addEventListener('abort', abort);
  let loaded = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal?.throwIfAborted();
      if (done) return;
      if (!(value instanceof Uint8Array)) throw new WeightsError(`The stream holds ${typeof value}s instead of bytes.`);
      loaded += value.length;
      yield value;
    }
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof WeightsError) throw cause;
    throw new WeightsError(`The connection breaks after ${loaded} bytes: ${(cause as Error)?.message ?? cause}.`, {
      cause,
    });
  } finally {
    signal?.removeEventListener('abort', abort);
    cancel();
  }
}

/** Keeps a copy of the pieces that pass by. */
async function* noting(chunks: AsyncIterable<Uint8Array>, seen: Uint8Array[]) {
  for await (const chunk of chunks) {
    seen.push(chunk);
    yield chunk;
  }
}

async function requireDigest(pieces: readonly Uint8Array[], sha256: string): Promise<void> {
  if (!globalThis.crypto?.subtle) return;
  const file = new Uint8Array(pieces.reduce((bytes, piece) => bytes + piece.length, 0));
  let place = 0;
  for (const piece of pieces) {
    file.set(piece, place);
    place += piece.length;
  }
  const digest = await crypto.subtle.digest('SHA-256', file);
  const found = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
  if (found !== sha256.toLowerCase()) throw new WeightsError(`The file's SHA-256 is ${found} instead of ${sha256}.`);
}

function nameOf(source: WeightsSource): string {
  if (typeof source === 'string' || source instanceof URL) return `'${String(source).slice(0, 200)}'`;
  if (source instanceof Response) return source.url ? `'${source.url}'` : 'a response';
  if (source instanceof Blob) return 'name' in source ? `'${source.name}'` : 'a blob';
  return 'memory';
}
