import { during, WeightsError } from './errors.ts';
import { elementsOf, type Shape, type Tensor } from './graph.ts';
import type { OnProgress } from './progress.ts';
import { type OpenFile, openSafetensors } from './safetensors.ts';
import { sha256 } from './sha256.ts';

/** Some values of a tensor, float32, from its element `start` on, row-major. */
export interface TensorPiece {
  readonly name: string;
  readonly start: number;
  readonly values: Float32Array;
}

/** Trained tensors by name. */
export interface Weights {
  /** In the order in which they are stored. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** The values as float32, row-major, whatever the file stores. The array may be the weights' own: only look at it. */
  read(name: string): Promise<Float32Array>;
  /**
   * There if the tensors are not held in memory: all of them, in the order of `shapes` and each from its beginning to its
   * end. Each call reads the source anew; an array is good until the next one is asked for.
   */
  flow?(signal?: AbortSignal): AsyncIterable<TensorPiece>;
}

export type WeightsSource = string | URL | Response | Blob | ArrayBuffer | ArrayBufferView;

export interface LoadWeightsOptions {
  /** Ends the loading: the promise rejects with the signal's reason, and the download stops. */
  signal?: AbortSignal | undefined;
  /** Hears, in bytes, how much of the file has arrived. `total` is known once the file's header is. */
  onProgress?: OnProgress | undefined;
  /** The file's size, where it is known before. */
  bytes?: number | undefined;
  /** The file's SHA-256 in hexadecimal. */
  sha256?: string | undefined;
  /** A larger file, from an address or a `Blob`, is not held in memory but flows through `compile`; 64 MiB unless given. */
  holdBytes?: number | undefined;
}

/**
 * Loads a safetensors file from an address, a response, a file, or memory.
 *
 * Tensors are F32, F16 or BF16; or U8 or I8 with tensors `<name>.scale` (F32 or F16) and `<name>.zero_point` beside
 * them, of one value or one for each entry of the first dimension, and read as (q - zero point) * scale.
 * `*.num_batches_tracked`, which PyTorch stores for training, is left out.
 *
 * Of a large file only the header is read here. The rest arrives while `compile` uploads it, in pieces of a few megabytes; of
 * a tensor all is in memory only where its scale, or the batch normalization after it, is stored behind it. What is wrong
 * with it then makes `compile` reject. `restore` reads it again.
 *
 * Rejects with a `WeightsError` if the file cannot be had, is cut short, is broken, or is not the expected one.
 */
export async function loadWeights(source: WeightsSource, options: LoadWeightsOptions = {}): Promise<Weights> {
  const { signal, onProgress, bytes, sha256: digest, holdBytes = HOLD_BYTES } = options;
  const loading = `loading weights from ${nameOf(source)}`;
  const begin = async (): Promise<Reading> => {
    signal?.throwIfAborted();
    const stop = new AbortController();
    // Before Chrome 116 there is no AbortSignal.any.
    signal?.addEventListener('abort', () => stop.abort(signal.reason), { once: true });
    const { chunks, fileBytes } = await open(source, stop.signal);
    if (bytes !== undefined && fileBytes !== undefined && fileBytes !== bytes) {
      throw new WeightsError(`The file has ${fileBytes} bytes instead of ${bytes}.`);
    }
    const file = await openSafetensors(digest === undefined ? chunks : digested(chunks, digest), {
      fileBytes: fileBytes ?? bytes,
      onBytes: (loaded, total) => onProgress?.({ stage: 'weights', loaded, ...(total !== undefined && { total }) }),
    });
    return { ...file, stop: (reason) => stop.abort(reason) };
  };
  return during(loading, async () => {
    const file = await begin();
    // What is in memory is held already; a response cannot be read again.
    const mayFlow = typeof source === 'string' || source instanceof URL || source instanceof Blob;
    if (mayFlow && file.bytes > holdBytes) return flowing(file, loading, begin);
    const weights = await file.hold();
    signal?.throwIfAborted();
    return weights;
  });
}

interface Reading extends OpenFile {
  /** Ends the download; what waits for it is rejected with the reason. */
  stop(reason: unknown): void;
}

/** Tensors that pass by. The file that is open serves the first who asks; for others it is opened again. */
function flowing(opened: Reading, loading: string, begin: () => Promise<Reading>): Weights {
  let unread: Reading | undefined = opened;
  async function* flow(signal?: AbortSignal): AsyncGenerator<TensorPiece> {
    signal?.throwIfAborted();
    const first = unread;
    unread = undefined;
    const file = first ?? (await during(loading, begin));
    const stop = () => file.stop(signal?.reason);
    signal?.addEventListener('abort', stop);
    const pieces = file.flow()[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await during(loading, () => pieces.next());
        if (done) return;
        yield value;
      }
    } finally {
      signal?.removeEventListener('abort', stop);
      await pieces.return?.();
    }
  }
  return {
    shapes: opened.shapes,
    flow,
    async read(wanted) {
      const shape = opened.shapes.get(wanted);
      if (!shape) throw new WeightsError(`There is no tensor '${wanted}' in the file.`);
      const values = new Float32Array(elementsOf(shape));
      let missing = values.length;
      for await (const { name, start, values: piece } of flow()) {
        if (name !== wanted) continue;
        values.set(piece, start);
        missing -= piece.length;
        if (missing === 0) break;
      }
      return values;
    },
  };
}

/** Weights from arrays in memory. Throws a `WeightsError` if an array's length does not fit its shape. */
export function weightsFrom(tensors: Readonly<Record<string, { shape: Shape; data: Float32Array }>>): Weights {
  const entries = new Map(Object.entries(tensors));
  for (const [name, { shape, data }] of entries) {
    const elements = elementsOf(shape);
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
  const flow = weights.flow?.bind(weights);
  return {
    shapes: new Map(Array.from(originals, ([name, original]) => [name, weights.shapes.get(original) as Shape])),
    async read(name) {
      const original = originals.get(name);
      if (original === undefined) throw new WeightsError(`There is no tensor '${name}'.`);
      return weights.read(original);
    },
    ...(flow && {
      async *flow(signal?: AbortSignal) {
        for await (const piece of flow(signal)) yield { ...piece, name: rename(piece.name) };
      },
    }),
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
  const flat = ([n, ...rest]: Shape) => [n, elementsOf(rest)].join();
  return a.join() === b.join() || (Math.min(a.length, b.length) === 2 && flat(a) === flat(b));
}

interface Source {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly fileBytes?: number;
}

const HOLD_BYTES = 2 ** 26;

async function open(source: WeightsSource, signal: AbortSignal | undefined): Promise<Source> {
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

function inMemory(bytes: Uint8Array): Source {
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

/** Passes the pieces on, and throws in place of the end if they are not those of the digest. */
async function* digested(chunks: AsyncIterable<Uint8Array>, expected: string) {
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
  if (typeof source === 'string' || source instanceof URL) return `'${String(source).slice(0, 200)}'`;
  if (source instanceof Response) return source.url ? `'${source.url}'` : 'a response';
  if (source instanceof Blob) return 'name' in source ? `'${source.name}'` : 'a blob';
  return 'memory';
}
