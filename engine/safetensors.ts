/**
 * The safetensors format (https://github.com/huggingface/safetensors): eight bytes with the header's length, a JSON
 * header with each tensor's dtype, shape and place, then the tensors without gaps. Numbers are little-endian, as they
 * are on every machine with WebGPU.
 */
import { WeightsError } from './errors.ts';
import { elementsOf, type Shape } from './graph.ts';
import type { TensorPiece, Weights } from './weights.ts';

/** The format's own limit. */
const HEADER_LIMIT_BYTES = 100_000_000;

/** The most that is handed on at a time. */
const PIECE_BYTES = 2 ** 20;

/** The dtypes that can be read: bytes of an element, and its numbers as float32. */
const DTYPES: Readonly<Record<string, { bytes: number; decode(data: ArrayBuffer): Float32Array }>> = {
  F32: { bytes: 4, decode: (data) => new Float32Array(data) },
  F16: { bytes: 2, decode: (data) => decodeFloat16(new Uint16Array(data)) },
  BF16: { bytes: 2, decode: (data) => decodeBfloat16(new Uint16Array(data)) },
  U8: { bytes: 1, decode: (data) => new Float32Array(new Uint8Array(data)) },
  I8: { bytes: 1, decode: (data) => new Float32Array(new Int8Array(data)) },
  U16: { bytes: 2, decode: (data) => new Float32Array(new Uint16Array(data)) },
  I16: { bytes: 2, decode: (data) => new Float32Array(new Int16Array(data)) },
  U32: { bytes: 4, decode: (data) => new Float32Array(new Uint32Array(data)) },
  I32: { bytes: 4, decode: (data) => new Float32Array(new Int32Array(data)) },
  I64: { bytes: 8, decode: (data) => Float32Array.from(new BigInt64Array(data), Number) },
};

/** A tensor as the header describes it; `begin` and `end` count bytes from the end of the header. */
interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

/** A tensor that a network can use: floats, or bytes q that stand for (q - zeroPoint) * scale. */
interface StoredTensor {
  readonly entry: Entry;
  readonly quantization?: { readonly scale: Entry; readonly zeroPoint: Entry };
}

/** A file whose header has been read. One of the two ways to read on may be taken, once. */
export interface OpenFile {
  /** The tensors that a network can use, in the file's order. */
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly bytes: number;
  /** Reads all tensors into memory. */
  hold(): Promise<Weights>;
  /** Hands the tensors on as they arrive. */
  flow(): AsyncIterable<TensorPiece>;
  /** Gives up. */
  close(): Promise<void>;
}

export interface ReadOptions {
  /** The file's size, where it is known before. */
  fileBytes?: number | undefined;
  /** Hears how many bytes have arrived and, once the header has, how many there are in all. */
  onBytes?: ((loaded: number, total?: number) => void) | undefined;
}

/** Reads a file that arrives in pieces into memory. Throws a `WeightsError` if the file is broken. */
export async function readSafetensors(chunks: AsyncIterable<Uint8Array>, options: ReadOptions = {}): Promise<Weights> {
  return (await openSafetensors(chunks, options)).hold();
}

/** Reads the header of a file that arrives in pieces. Throws a `WeightsError` if it is broken, as do the ways to read on. */
export async function openSafetensors(
  chunks: AsyncIterable<Uint8Array>,
  { fileBytes, onBytes }: ReadOptions = {},
): Promise<OpenFile> {
  const pieces = chunks[Symbol.asyncIterator]();
  let piece = new Uint8Array(0);
  let loaded = 0;
  let total: number | undefined;

  const close = async () => {
    await pieces.return?.();
  };
  try {
    const prefix = new DataView((await take(8, "the header's length")).buffer);
    const headerBytes = prefix.getUint32(0, true) + prefix.getUint32(4, true) * 2 ** 32;
    if (headerBytes > HEADER_LIMIT_BYTES) {
      throw new WeightsError(
        `This is not a safetensors file: its header would have ${headerBytes} bytes, more than ${HEADER_LIMIT_BYTES}.`,
      );
    }
    if (fileBytes !== undefined && 8 + headerBytes > fileBytes) {
      throw new WeightsError(`The header's ${headerBytes} bytes do not fit into a file of ${fileBytes} bytes.`);
    }
    const entries = parseHeader(await take(headerBytes, 'the header'));
    const tensors = storedTensors(entries);
    const bytes = 8 + headerBytes + (entries.at(-1)?.end ?? 0);
    total = bytes;
    if (fileBytes !== undefined && fileBytes !== bytes) {
      throw new WeightsError(`The header describes a file of ${bytes} bytes instead of ${fileBytes}.`);
    }
    return {
      shapes: new Map(entries.flatMap(({ name, shape }) => (tensors.has(name) ? [[name, shape]] : []))),
      bytes,
      hold: () => hold(entries, tensors),
      flow: () => flow(entries, tensors),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }

  async function hold(entries: readonly Entry[], tensors: Map<string, StoredTensor>): Promise<Weights> {
    try {
      const data = new Map<string, ArrayBuffer>();
      for (const { name, begin, end } of entries) {
        data.set(name, (await take(end - begin, `tensor '${name}'`)).buffer);
      }
      await requireEnd();
      return decodedOnRead(tensors, data);
    } finally {
      await close();
    }
  }

  async function* flow(entries: readonly Entry[], tensors: Map<string, StoredTensor>): AsyncGenerator<TensorPiece> {
    // Scales and zero points, and tensors whose own come after them.
    const data = new Map<string, ArrayBuffer>();
    const waiting = new Set<StoredTensor>();
    const isReady = ({ quantization }: StoredTensor) =>
      !quantization || (data.has(quantization.scale.name) && data.has(quantization.zeroPoint.name));
    const decoded = (tensor: StoredTensor, start: number, bytes: ArrayBuffer): TensorPiece => {
      const { entry, quantization } = tensor;
      const values = decode(entry, bytes);
      if (quantization) dequantize(values, start, entry, quantizationOf(quantization, data));
      return { name: entry.name, start, values };
    };
    try {
      for (const entry of entries) {
        const { name, begin, end } = entry;
        const tensor = tensors.get(name);
        if (tensor && isReady(tensor)) {
          const unit = bytesOf(entry);
          for (let place = begin; place < end; ) {
            const bytes = await takeSome(end - place, unit, `tensor '${name}'`);
            yield decoded(tensor, (place - begin) / unit, bytes.buffer);
            place += bytes.length;
          }
          continue;
        }
        data.set(name, (await take(end - begin, `tensor '${name}'`)).buffer);
        if (tensor) waiting.add(tensor);
        for (const other of waiting) {
          if (!isReady(other)) continue;
          waiting.delete(other);
          const bytes = data.get(other.entry.name) as ArrayBuffer;
          data.delete(other.entry.name);
          for (let place = 0; place < bytes.byteLength; place += PIECE_BYTES) {
            yield decoded(other, place, bytes.slice(place, place + PIECE_BYTES));
          }
        }
      }
      await requireEnd();
    } finally {
      await close();
    }
  }

  /** The next `bytes` bytes of the file, in a buffer of their own, so that every element type is aligned. */
  async function take(bytes: number, what: string): Promise<Uint8Array<ArrayBuffer>> {
    const target = allocate(bytes, what);
    let filled = 0;
    while (filled < bytes) {
      if (piece.length === 0 && !(await nextPiece())) {
        throw new WeightsError(`The file ends after ${loaded} bytes, inside ${what}, which has ${bytes} bytes.`);
      }
      const part = piece.subarray(0, bytes - filled);
      target.set(part, filled);
      filled += part.length;
      piece = piece.subarray(part.length);
    }
    return target;
  }

  /** Of the next `bytes` bytes those that are there, in whole elements of `unit` bytes, and at least one of them. */
  async function takeSome(bytes: number, unit: number, what: string): Promise<Uint8Array<ArrayBuffer>> {
    if (piece.length === 0) await nextPiece();
    const here = Math.min(bytes, piece.length - (piece.length % unit), PIECE_BYTES);
    return take(Math.max(here, unit), what);
  }

  async function nextPiece(): Promise<boolean> {
    const { done, value } = await pieces.next();
    if (done) return false;
    piece = value as Uint8Array<ArrayBuffer>;
    loaded += piece.length;
    onBytes?.(loaded, total);
    return true;
  }

  async function requireEnd(): Promise<void> {
    while (piece.length > 0 || (await nextPiece())) {
      if (piece.length === 0) continue;
      throw new WeightsError(
        `The header describes a file of ${total} bytes, but the file has ${loaded} bytes or more.`,
      );
    }
    onBytes?.(loaded, total);
  }
}

function allocate(bytes: number, what: string): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(bytes);
  } catch (cause) {
    throw new WeightsError(`There is no memory for the ${bytes} bytes of ${what}.`, { cause });
  }
}

/** The tensors in the order in which they lie in the file. */
function parseHeader(bytes: Uint8Array): Entry[] {
  let header: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
    requireDistinctNames(text);
  } catch (cause) {
    if (cause instanceof WeightsError) throw cause;
    throw new WeightsError(`The header is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (!isRecord(header)) throw new WeightsError(`The header is not a JSON object but ${shortened(header)}.`);
  const { __metadata__: metadata = {}, ...tensors } = header;
  if (!isRecord(metadata) || Object.values(metadata).some((value) => typeof value !== 'string')) {
    throw new WeightsError(`The header's '__metadata__' does not map names to text: ${shortened(metadata)}.`);
  }
  const entries = Object.entries(tensors).map(([name, info]) => parseEntry(name, info));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let place = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== place) {
      const problem = begin < place ? 'overlaps the tensor before it' : 'leaves a gap';
      throw new WeightsError(`Tensor '${name}' begins at byte ${begin} instead of ${place} and so ${problem}.`);
    }
    place = end;
  }
  return entries;
}

function parseEntry(name: string, info: unknown): Entry {
  const { dtype, shape, data_offsets: offsets } = isRecord(info) ? info : {};
  if (typeof dtype !== 'string' || !isNaturals(shape) || !isNaturals(offsets) || offsets.length !== 2) {
    throw new WeightsError(
      `Tensor '${name}' is described by ${shortened(info)} instead of a dtype, a shape and two data_offsets.`,
    );
  }
  if (!Object.hasOwn(DTYPES, dtype)) {
    throw new WeightsError(`Tensor '${name}' has dtype ${dtype}, which is none of ${Object.keys(DTYPES).join(', ')}.`);
  }
  const [begin, end] = offsets as [number, number];
  const bytes = elementsOf(shape) * (DTYPES[dtype] as { bytes: number }).bytes;
  if (end - begin !== bytes) {
    throw new WeightsError(
      `Tensor '${name}' takes ${bytes} bytes as ${dtype} [${shape.join(', ')}], but its data_offsets [${begin}, ${end}] span ${end - begin}.`,
    );
  }
  return { name, dtype, shape, begin, end };
}

/** `JSON.parse` keeps the last of two equal names without a word. `text` is valid JSON. */
function requireDistinctNames(text: string): void {
  const scopes: Set<string>[] = [];
  for (const [token, quoted, colon] of text.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}]/g)) {
    if (token === '{') scopes.push(new Set());
    else if (token === '}') scopes.pop();
    else if (quoted !== undefined && colon !== undefined) {
      const name: string = JSON.parse(quoted);
      if (scopes.at(-1)?.has(name)) throw new WeightsError(`The header holds '${name}' twice.`);
      scopes.at(-1)?.add(name);
    }
  }
}

/** The tensors by name, with their quantization; the counters that PyTorch keeps for training are left out. */
function storedTensors(entries: readonly Entry[]): Map<string, StoredTensor> {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const tensors = new Map<string, StoredTensor>();
  const beside = new Set<string>();
  for (const entry of entries) {
    const { name, dtype, shape } = entry;
    if (dtype !== 'U8' && dtype !== 'I8') continue;
    const scale = byName.get(`${name}.scale`);
    const zeroPoint = byName.get(`${name}.zero_point`);
    // Such an entry may itself be another tensor's zero point.
    if (!scale && !zeroPoint) continue;
    if (!scale || !zeroPoint) {
      throw new WeightsError(
        `Tensor '${name}' (${dtype}) has no '${name}.${scale ? 'zero_point' : 'scale'}' beside it.`,
      );
    }
    if (scale.dtype !== 'F32' && scale.dtype !== 'F16') {
      throw new WeightsError(`Tensor '${scale.name}' has dtype ${scale.dtype} instead of F32 or F16.`);
    }
    const channels = shape[0] ?? 1;
    for (const side of [scale, zeroPoint]) {
      const values = elementsOf(side.shape);
      if (values !== 1 && values !== channels) {
        throw new WeightsError(
          `Tensor '${side.name}' has ${values} values instead of 1, or ${channels}: one for each output channel.`,
        );
      }
      beside.add(side.name);
    }
    tensors.set(name, { entry, quantization: { scale, zeroPoint } });
  }
  for (const entry of entries) {
    const { name, dtype } = entry;
    if (tensors.has(name) || beside.has(name) || name.endsWith('.num_batches_tracked')) continue;
    if (dtype === 'U8' || dtype === 'I8') {
      throw new WeightsError(`Tensor '${name}' (${dtype}) has no '${name}.scale' and '${name}.zero_point' beside it.`);
    }
    if (dtype !== 'F32' && dtype !== 'F16' && dtype !== 'BF16') {
      throw new WeightsError(
        `Tensor '${name}' has dtype ${dtype} instead of F32, F16, BF16, or U8 or I8 with a scale and a zero point.`,
      );
    }
    tensors.set(name, { entry });
  }
  return tensors;
}

function decodedOnRead(tensors: Map<string, StoredTensor>, data: ReadonlyMap<string, ArrayBuffer>): Weights {
  return {
    shapes: new Map(Array.from(tensors, ([name, { entry }]) => [name, entry.shape])),
    async read(name) {
      const tensor = tensors.get(name);
      if (!tensor) throw new WeightsError(`There is no tensor '${name}' in the file.`);
      const { entry, quantization } = tensor;
      const values = decode(entry, data.get(name) as ArrayBuffer);
      if (quantization) dequantize(values, 0, entry, quantizationOf(quantization, data));
      return values;
    },
  };
}

const bytesOf = ({ dtype }: Entry) => (DTYPES[dtype] as { bytes: number }).bytes;
const decode = ({ dtype }: Entry, data: ArrayBuffer) => DTYPES[dtype]?.decode(data) as Float32Array;

interface Quantization {
  readonly scale: Float32Array;
  readonly zeroPoint: Float32Array;
}

function quantizationOf(
  { scale, zeroPoint }: NonNullable<StoredTensor['quantization']>,
  data: ReadonlyMap<string, ArrayBuffer>,
): Quantization {
  const values = (entry: Entry) => decode(entry, data.get(entry.name) as ArrayBuffer);
  return { scale: values(scale), zeroPoint: values(zeroPoint) };
}

/**
 * Replaces each q by (q - zeroPoint) * scale, for the tensor's elements from `start` on. Both hold one value, or one for each
 * entry of the first dimension.
 */
function dequantize(values: Float32Array, start: number, { shape }: Entry, { scale, zeroPoint }: Quantization): void {
  const perChannel = elementsOf(shape.slice(1));
  for (let index = 0; index < values.length; ) {
    const channel = shape.length > 0 ? Math.floor((start + index) / perChannel) : 0;
    const factor = scale[scale.length === 1 ? 0 : channel] as number;
    const zero = zeroPoint[zeroPoint.length === 1 ? 0 : channel] as number;
    const end = Math.min(values.length, (channel + 1) * perChannel - start);
    for (; index < end; index++) values[index] = ((values[index] as number) - zero) * factor;
  }
}

/** Browsers of 2024 and Node 20 have no Float16Array. */
function decodeFloat16(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  const values = new Float32Array(bits.buffer);
  for (let index = 0; index < halves.length; index++) {
    const half = halves[index] as number;
    const sign = (half & 0x8000) << 16;
    if ((half & 0x7c00) === 0x7c00) {
      bits[index] = sign | 0x7f800000 | ((half & 0x03ff) << 13);
    } else {
      // Exponent and fraction in a float32's place, whose exponent has a bias of 127 instead of 15. Subnormals come out right, too.
      bits[index] = sign | ((half & 0x7fff) << 13);
      values[index] = (values[index] as number) * 2 ** 112;
    }
  }
  return values;
}

/** A bfloat16 is the upper half of a float32. */
function decodeBfloat16(halves: Uint16Array): Float32Array {
  const bits = Uint32Array.from(halves, (half) => half << 16);
  return new Float32Array(bits.buffer);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNaturals = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);

function shortened(value: unknown): string {
  try {
    const text = JSON.stringify(value) ?? 'nothing';
    return text.length > 80 ? `${text.slice(0, 80)}...` : text;
  } catch {
    // What JSON.parse accepts may be nested too deeply for JSON.stringify.
    return 'something deeply nested';
  }
}
