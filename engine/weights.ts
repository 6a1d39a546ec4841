import { during, InputError, WeightsError } from './errors.ts';
import { fetchBytes, streamed, type Watch, watch } from './fetch.ts';
import { elementsOf, type Shape, type Tensor } from './graph.ts';
import { LISTENER, NUMBER, OBJECT, optional, SIGNAL, show, TEXT, tagOf } from './kinds.ts';
import { readTable } from './options.ts';
import type { OnProgress } from './progress.ts';
import { noTensor, type OpenFile, openSafetensors, SIZES } from './safetensors.ts';
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
  /** Tensors that are stored, too, but cannot be read, and what they are instead. */
  readonly unreadable?: ReadonlyMap<string, string>;
  /** The values as float32, row-major, whatever the file stores. The array may be the weights' own: only look at it. */
  read(name: string): Promise<Float32Array>;
  /**
   * There if the tensors are not held in memory: all of them, in the order of `shapes` and each from its beginning to its
   * end. Each call reads the source anew; an array is good until the next one is asked for.
   */
  flow?(signal?: AbortSignal): AsyncIterable<TensorPiece>;
}

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

/** A tensor as JavaScript has it: floats in a typed array, or numbers in an ordinary one, row-major. */
export interface TensorData {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

/**
 * Weights from arrays in memory, row-major: floats in a typed array, or numbers in an ordinary one. Throws a `WeightsError`
 * if an array holds anything else, or not as many as its shape.
 */
export function weightsFrom(tensors: Readonly<Record<string, { shape: Shape; data: ArrayLike<number> }>>): Weights {
  if (!OBJECT.accepts(tensors)) throw new WeightsError(`The tensors are ${show(tensors)} instead of an object.`);
  const shapes = new Map<string, Shape>();
  const values = new Map<string, Float32Array>();
  for (const [name, tensor] of Object.entries(tensors)) {
    const { shape, data } = Object(tensor) as { shape: unknown; data: unknown };
    if (!SIZES.accepts(shape)) {
      throw new WeightsError(`Tensor '${name}' has the shape ${show(shape)} instead of ${SIZES.expected}.`);
    }
    const floats = floatsOf(name, data);
    if (floats.length !== elementsOf(shape)) {
      throw new WeightsError(
        `Tensor '${name}' has ${floats.length} values instead of ${elementsOf(shape)} for ${sizes(shape)}.`,
      );
    }
    shapes.set(name, shape);
    values.set(name, floats);
  }
  return {
    shapes,
    async read(name) {
      const found = values.get(name);
      if (!found) throw noTensor(name);
      return found;
    },
  };
}

function floatsOf(name: string, data: unknown): Float32Array {
  const kind = tagOf(data);
  if (kind === 'Float32Array') return data as Float32Array;
  // Whole numbers in a typed array may be halves or quantized: they would be other numbers than they stand for.
  const isKnown = /^(Float(16|64))?Array$/.test(kind);
  if (isKnown && (data as unknown[]).findIndex((value) => typeof value !== 'number') < 0) {
    return Float32Array.from(data as number[]);
  }
  const found = isKnown ? 'more than numbers' : `of type ${kind}`;
  throw new WeightsError(
    `The data of tensor '${name}' is ${found}; it should be a Float32Array or an array of numbers.`,
  );
}

/** Throws an `InputError` unless these are weights: arrays, a file's bytes or a promise are not. */
export function requireWeights(weights: unknown): asserts weights is Weights {
  if (typeof (weights as Weights | undefined)?.shapes?.get === 'function') return;
  throw new InputError(
    `The weights are ${tagOf(weights)} instead of what loadWeights resolves to or weightsFrom returns.`,
  );
}

/** The same tensors under other names. Throws a `WeightsError` if two get the same one. */
export function renameWeights(weights: Weights, rename: (name: string) => string): Weights {
  requireWeights(weights);
  const originals = new Map<string, string>();
  for (const original of weights.shapes.keys()) {
    const name = rename(original);
    const other = originals.get(name);
    if (other !== undefined) {
      throw new WeightsError(`The tensors '${other}' and '${original}' would both be called '${name}'.`);
    }
    originals.set(name, original);
  }
  const unreadable = new Map(Array.from(weights.unreadable ?? [], ([name, why]) => [rename(name), why]));
  const flow = weights.flow?.bind(weights);
  return {
    shapes: new Map(Array.from(originals, ([name, original]) => [name, weights.shapes.get(original) as Shape])),
    unreadable,
    async read(name) {
      const original = originals.get(name);
      if (original === undefined) throw noTensor(name, unreadable);
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
 * names begin with one of `ignored`, or where they are unreadable. A dense layer's [n, k] may be stored as a convolution's [n, c, h, w] with c * h * w = k,
 * and the reverse: the numbers are the same, in the same order.
 */
export function checkWeights(weights: Weights, tensors: readonly Tensor[], ignored: readonly string[] = []): void {
  requireWeights(weights);
  const wanted = new Map(tensors.map(({ name, shape }) => [name, shape]));
  const misshapen: string[] = [];
  const missing: string[] = [];
  const extra: string[] = [];
  for (const [name, shape] of wanted) {
    const stored = weights.shapes.get(name);
    const why = weights.unreadable?.get(name);
    if (!stored) missing.push(`'${name}' ${sizes(shape)}${why ? `, which is ${why}` : ''}`);
    else if (!sameNumbers(stored, shape)) misshapen.push(`'${name}' is ${sizes(stored)} instead of ${sizes(shape)}`);
  }
  for (const [name, shape] of weights.shapes) {
    const isKnown = wanted.has(name) || ignored.some((prefix) => name.startsWith(prefix));
    if (!isKnown) extra.push(`'${name}' ${sizes(shape)}`);
  }
  const problems = { 'of another shape': misshapen, missing, 'not in the network': extra };
  const sentences = Object.entries(problems).flatMap(([problem, found]) => {
    if (found.length === 0) return [];
    const more = found.length > LISTED ? `, and ${found.length - LISTED} more` : '';
    return [`${tensorCount(found.length)} ${problem}: ${found.slice(0, LISTED).join(', ')}${more}.`];
  });
  if (sentences.length > 0) {
    const counts = `the file holds ${weights.shapes.size} tensors, the network has ${wanted.size}`;
    throw new WeightsError(`The weights do not fit the network (${counts}). ${sentences.join(' ')}`);
  }
}

/** How many tensors a message names. */
const LISTED = 3;

const tensorCount = (count: number) => (count === 1 ? '1 tensor is' : `${count} tensors are`);
const sizes = (shape: Shape) => `[${shape.join(', ')}]`;

function sameNumbers(a: Shape, b: Shape): boolean {
  const flat = ([n, ...rest]: Shape) => [n, elementsOf(rest)].join();
  return a.join() === b.join() || (Math.min(a.length, b.length) === 2 && flat(a) === flat(b));
}

interface Source {
  readonly chunks: AsyncGenerator<Uint8Array>;
  readonly fileBytes?: number;
}

const isAddress = (source: unknown): source is string | URL => typeof source === 'string' || tagOf(source) === 'URL';
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
