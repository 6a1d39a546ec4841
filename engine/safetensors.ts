/**
 * The safetensors format (https://github.com/huggingface/safetensors): eight bytes with the header's length, a JSON
 * header with each tensor's dtype, shape and place, then the tensors without gaps. Numbers are little-endian, as they
 * are on every machine with WebGPU.
 */
import { WeightsError } from './errors.ts';
import { elementsOf, type Shape } from './graph.ts';
import { OBJECT, show } from './kinds.ts';
import type { TensorPiece, Weights } from './weights.ts';

/** The format's own limit. */
const HEADER_LIMIT_BYTES = 100_000_000;

/** The most that is handed on at a time. */
const PIECE_BYTES = 2 ** 20;

/** So many bytes tell what another file is. */
const BEGINNING = 256;

/** The dtypes that can be read. */
const DTYPES: Readonly<Record<string, (data: ArrayBuffer) => Float32Array>> = {
  F32: (data) => new Float32Array(data),
  F64: (data) => new Float32Array(new Float64Array(data)),
  F16: (data) => decodeFloat16(new Uint16Array(data)),
  BF16: (data) => decodeBfloat16(new Uint16Array(data)),
  U8: (data) => new Float32Array(new Uint8Array(data)),
  I8: (data) => new Float32Array(new Int8Array(data)),
  U16: (data) => new Float32Array(new Uint16Array(data)),
  I16: (data) => new Float32Array(new Int16Array(data)),
  U32: (data) => new Float32Array(new Uint32Array(data)),
  I32: (data) => new Float32Array(new Int32Array(data)),
  I64: (data) => Float32Array.from(new BigInt64Array(data), Number),
};

const FLOATS = ['F32', 'F16', 'BF16', 'F64'];

/** What other files are, and what helps; and what they begin with, each byte a character. */
const OTHER_FILES: Readonly<Record<string, RegExp>> = {
  'PyTorch or a pickle (.pth)': /^PK.+\/data\.pkl|^\x80[^ -~][^\0]/s,
  TorchScript: /^PK.+\/data\/\d/s,
  NumPy: /^PK.+\.npy|^\x93NUMPY/s,
  'an archive: unpack it': /^PK|^.\x8b/s,
  'HDF5 (.h5)': /^.HDF/s,
  'TensorFlow Lite': /^.{4}TFL/s,
  ONNX: /^[\b].[^\0]/s,
  GGUF: /^GGUF/,
  'a Git LFS pointer: fetch the file itself': /^version .+lfs/,
  'an index of shards: save them as one file': /"weight_map"/,
  JSON: /^\s*[[{]/,
  'a web page: open it in a browser': /^[\s\xef\xbb\xbf]*</,
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
  /** The other ones, and why. */
  readonly unreadable: ReadonlyMap<string, string>;
  readonly bytes: number;
  /** Reads all tensors into memory. */
  hold(): Promise<Weights>;
  /** Hands the tensors on as they arrive. */
  flow(): AsyncIterable<TensorPiece>;
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
  let beginning = '';

  const close = async () => {
    await pieces.return?.();
  };
  try {
    const prefix = new DataView((await take(8, "the header's length")).buffer);
    const headerBytes = prefix.getUint32(0, true) + prefix.getUint32(4, true) * 2 ** 32;
    const most = Math.min(HEADER_LIMIT_BYTES, (fileBytes ?? Infinity) - 8);
    if (headerBytes > most) {
      throw new WeightsError(
        `The file is cut short or not safetensors: its header would have ${headerBytes} bytes, more than ${most}.`,
      );
    }
    const entries = parseHeader(await take(headerBytes, 'the header'));
    const stored = storedTensors(entries);
    const bytes = 8 + headerBytes + (entries.at(-1)?.end ?? 0);
    total = bytes;
    if (fileBytes !== undefined && fileBytes !== bytes) {
      throw new WeightsError(`The header describes a file of ${bytes} bytes instead of ${fileBytes}.`);
    }
    const { tensors, unreadable } = stored;
    const shapes = new Map(entries.flatMap(({ name, shape }) => (tensors.has(name) ? [[name, shape]] : [])));
    return {
      shapes,
      unreadable,
      bytes,
      async hold() {
        try {
          const data = new Map<string, ArrayBuffer>();
          for (const { name, begin, end } of entries) {
            if (stored.isUnused(name)) await skip(end - begin, name);
            else data.set(name, (await take(end - begin, `tensor '${name}'`)).buffer);
          }
          await requireEnd();
          return {
            shapes,
            unreadable,
            async read(name) {
              const tensor = tensors.get(name);
              if (!tensor) throw noTensor(name, unreadable);
              return decode(tensor, 0, data.get(name) as ArrayBuffer, data);
            },
          };
        } finally {
          await close();
        }
      },
      flow: () => flow(entries, stored),
    };
  } catch (error) {
    await close();
    const [what] = Object.entries(OTHER_FILES).find(([, known]) => known.test(beginning)) ?? [];
    if (!what || beginning[8] === '{' || !(error instanceof WeightsError)) throw error;
    const help = what.includes(':') ? '' : ': convert it by safetensors.torch.save_file';
    throw new WeightsError(`This is not a safetensors file but ${what}${help}.`, { cause: error });
  }

  async function* flow(entries: readonly Entry[], { tensors, isUnused }: StoredTensors): AsyncGenerator<TensorPiece> {
    // Scales and zero points, and tensors whose own come after them.
    const data = new Map<string, ArrayBuffer>();
    const waiting = new Set<StoredTensor>();
    const isReady = ({ quantization }: StoredTensor) =>
      !quantization || (data.has(quantization.scale.name) && data.has(quantization.zeroPoint.name));
    const decoded = (tensor: StoredTensor, start: number, bytes: ArrayBuffer): TensorPiece => ({
      name: tensor.entry.name,
      start,
      values: decode(tensor, start, bytes, data),
    });
    try {
      for (const entry of entries) {
        const { name, begin, end } = entry;
        if (isUnused(name)) {
          await skip(end - begin, name);
          continue;
        }
        const tensor = tensors.get(name);
        if (tensor && isReady(tensor)) {
          const unit = (end - begin) / elementsOf(entry.shape);
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
        if (loaded === 0) throw new WeightsError('The file is empty.');
        throw new WeightsError(`The file ends after ${loaded} bytes, inside ${what}.`);
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

  async function skip(bytes: number, name: string): Promise<void> {
    for (let left = bytes; left > 0; ) left -= (await takeSome(left, 1, `tensor '${name}'`)).length;
  }

  async function nextPiece(): Promise<boolean> {
    const { done, value } = await pieces.next();
    if (done) return false;
    piece = value as Uint8Array<ArrayBuffer>;
    loaded += piece.length;
    if (beginning.length < BEGINNING) beginning += String.fromCharCode(...piece.subarray(0, BEGINNING));
    onBytes?.(loaded, total);
    return true;
  }

  async function requireEnd(): Promise<void> {
    while (piece.length > 0 || (await nextPiece())) {
      if (piece.length === 0) continue;
      throw new WeightsError(`The header describes a file of ${total} bytes instead of ${loaded} or more.`);
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
  if (!OBJECT.accepts(header)) throw new WeightsError(`The header is not a JSON object but ${show(header)}.`);
  const { __metadata__: _, ...tensors } = header;
  const entries = Object.entries(tensors).map(([name, info]) => parseEntry(name, info));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let place = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== place) {
      throw new WeightsError(`Tensor '${name}' begins at byte ${begin} instead of ${place}.`);
    }
    place = end;
  }
  return entries;
}

function parseEntry(name: string, info: unknown): Entry {
  const { dtype, shape, data_offsets: offsets } = OBJECT.accepts(info) ? info : {};
  if (typeof dtype !== 'string' || !isNaturals(shape) || !isNaturals(offsets) || offsets.length !== 2) {
    throw new WeightsError(
      `Tensor '${name}' is described by ${show(info)} instead of a dtype, a shape and two data_offsets.`,
    );
  }
  const [begin, end] = offsets as [number, number];
  // F32 says it. Of another kind of dtype, a tensor has the bytes that it has.
  const [, bits] = /^[BFIU]+(\d+)/.exec(dtype) ?? [];
  const bytes = bits ? (elementsOf(shape) * Number(bits)) / 8 : Math.max(0, end - begin);
  if (end - begin !== bytes) {
    throw new WeightsError(
      `Tensor '${name}' takes ${bytes} bytes as ${dtype} [${shape.join(', ')}], and has data_offsets [${begin}, ${end}].`,
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

interface StoredTensors {
  /** What a network can use, by name. */
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** What it cannot use, by name, and why. */
  readonly unreadable: ReadonlyMap<string, string>;
  /** Whether nothing needs a tensor's bytes. */
  isUnused(name: string): boolean;
}

/** The tensors with their quantization; the counters that PyTorch keeps for training are left out. */
function storedTensors(entries: readonly Entry[]): StoredTensors {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const tensors = new Map<string, StoredTensor>();
  const unreadable = new Map<string, string>();
  const beside = new Set<string>();
  for (const entry of entries) {
    const { name, dtype, shape } = entry;
    if (name.endsWith('.num_batches_tracked')) continue;
    const [scale, zeroPoint] = [byName.get(`${name}.scale`), byName.get(`${name}.zero_point`)];
    const channels = shape[0] ?? 1;
    const fits = (side: Entry | undefined, dtypes: readonly string[]): side is Entry =>
      side !== undefined && dtypes.includes(side.dtype) && [1, channels].includes(elementsOf(side.shape));
    if (FLOATS.includes(dtype)) tensors.set(name, { entry });
    else if (/^[UI]8$/.test(dtype) && fits(scale, FLOATS) && fits(zeroPoint, Object.keys(DTYPES))) {
      tensors.set(name, { entry, quantization: { scale, zeroPoint } });
      beside.add(scale.name).add(zeroPoint.name);
    } else {
      const quantized = `U8 or I8 with '${name}.scale', floats, and '${name}.zero_point', of 1 or ${channels} values each`;
      unreadable.set(name, `${dtype} instead of ${FLOATS.join(', ')}, or ${quantized}`);
    }
  }
  for (const name of beside) {
    tensors.delete(name);
    unreadable.delete(name);
  }
  return { tensors, unreadable, isUnused: (name) => !tensors.has(name) && !beside.has(name) };
}

/** What reading a tensor throws that is not there, or is there and unreadable. */
export function noTensor(name: string, unreadable?: Weights['unreadable']): WeightsError {
  const why = unreadable?.get(name);
  return new WeightsError(why ? `Tensor '${name}' is ${why}.` : `There is no tensor '${name}'.`);
}

const numbersOf = ({ dtype }: Entry, bytes: ArrayBuffer) => DTYPES[dtype]?.(bytes) as Float32Array;

/** The elements of a tensor from `start` on that lie in `bytes`; `data` holds its scale and its zero point. */
function decode(
  { entry, quantization }: StoredTensor,
  start: number,
  bytes: ArrayBuffer,
  data: ReadonlyMap<string, ArrayBuffer>,
): Float32Array {
  const values = numbersOf(entry, bytes);
  if (!quantization) return values;
  const [scale, zeroPoint] = [quantization.scale, quantization.zeroPoint].map((side) => {
    const numbers = numbersOf(side, data.get(side.name) as ArrayBuffer);
    return numbers;
  }) as [Float32Array, Float32Array];
  // Each q becomes (q - zero point) * scale. Both hold one value, or one for each entry of the first dimension.
  const { shape } = entry;
  const perChannel = elementsOf(shape.slice(1));
  for (let index = 0; index < values.length; ) {
    const channel = shape.length > 0 ? Math.floor((start + index) / perChannel) : 0;
    const factor = scale[scale.length === 1 ? 0 : channel] as number;
    const zero = zeroPoint[zeroPoint.length === 1 ? 0 : channel] as number;
    const end = Math.min(values.length, (channel + 1) * perChannel - start);
    for (; index < end; index++) values[index] = ((values[index] as number) - zero) * factor;
  }
  return values;
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

export const isNaturals = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
