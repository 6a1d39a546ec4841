/**
 * The safetensors format (https://github.com/huggingface/safetensors): eight bytes with the header's length, a JSON
 * header with each tensor's dtype, shape and place, then the tensors without gaps. Numbers are little-endian, as they
 * are on every machine with WebGPU.
 */
import { WeightsError } from '../common/errors.ts';
import { OBJECT, show } from '../common/kinds.ts';
import { elementsOf, type Shape } from '../graph/graph.ts';
import { noTensor, SIZES, type TensorPiece, type Weights } from './weights.ts';

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
  /** Bytes of an element; NaN where the dtype does not tell. */
  readonly unit: number;
}

/** Bytes of a tensor, `place` bytes from its beginning. */
interface Part {
  readonly entry: Entry;
  readonly place: number;
  readonly bytes: ArrayBuffer;
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
  flow(): AsyncGenerator<TensorPiece>;
}

export interface ReadOptions {
  /** The file's size, where it is known before. */
  fileBytes?: number | undefined;
  /** Hears how many bytes have arrived and, once the header has, how many there are in all. */
  onBytes?: ((loaded: number, total?: number) => void) | undefined;
}

/** Reads the header of a file that arrives in `pieces`. Throws a `WeightsError` if it is broken, as do the ways to read on. */
export async function openSafetensors(
  pieces: AsyncGenerator<Uint8Array>,
  { fileBytes, onBytes }: ReadOptions,
): Promise<OpenFile> {
  let piece = new Uint8Array(0);
  let loaded = 0;
  let total: number | undefined;
  let beginning = '';

  try {
    const prefix = new DataView(await take(8, "the header's length"));
    const headerBytes = Number(prefix.getBigUint64(0, true));
    const most = Math.min(HEADER_LIMIT_BYTES, (fileBytes ?? Infinity) - 8);
    if (headerBytes > most) {
      throw new WeightsError(
        `The file is cut short or not safetensors: its header would have ${headerBytes} bytes, more than ${most}.`,
      );
    }
    const entries = parseHeader(await take(headerBytes, 'the header'));
    const bytes = 8 + headerBytes + (entries.at(-1)?.end ?? 0);
    total = bytes;
    if (fileBytes !== undefined && fileBytes !== bytes) {
      throw new WeightsError(`The header describes a file of ${bytes} bytes instead of ${fileBytes}.`);
    }
    const stored = storedTensors(entries);
    const { tensors, unreadable } = stored;
    const shapes = new Map(entries.flatMap(({ name, shape }) => (tensors.has(name) ? [[name, shape]] : [])));
    return {
      shapes,
      unreadable,
      bytes,
      async hold() {
        const held = new Map<string, Part>();
        for await (const part of parts(entries, stored, true)) held.set(part.entry.name, part);
        return {
          shapes,
          unreadable,
          async read(name) {
            const sides = tensors.get(name);
            if (!sides) throw noTensor(name, unreadable);
            return decode(held.get(name) as Part, sides, held).values;
          },
        };
      },
      async *flow() {
        const held = new Map<string, Part>();
        // Parts of tensors whose scale or zero point comes after them.
        const waiting: Part[] = [];
        for await (const part of parts(entries, stored, false)) {
          const { name } = part.entry;
          const isBeside = !tensors.has(name);
          if (isBeside) held.set(name, part);
          for (const other of isBeside ? waiting.splice(0) : [part]) {
            const sides = tensors.get(other.entry.name) as readonly Entry[];
            if (sides.every((side) => held.has(side.name))) yield decode(other, sides, held);
            else waiting.push(other);
          }
        }
      },
    };
  } catch (error) {
    await pieces.return(undefined);
    const [what] = Object.entries(OTHER_FILES).find(([, known]) => known.test(beginning)) ?? [];
    if (!what || beginning[8] === '{' || !(error instanceof WeightsError)) throw error;
    const help = what.includes(':') ? '' : ': convert it by safetensors.torch.save_file';
    throw new WeightsError(`This is not a safetensors file but ${what}${help}.`, { cause: error });
  }

  /** The bytes that are used: each tensor as a whole or as it arrives; what stands beside a tensor is always whole. */
  async function* parts(
    entries: readonly Entry[],
    { tensors, beside }: StoredTensors,
    isWhole: boolean,
  ): AsyncGenerator<Part> {
    try {
      for (const entry of entries) {
        const { name, begin, end } = entry;
        const isBeside = beside.has(entry);
        const isUsed = isBeside || tensors.has(name);
        let place = 0;
        do {
          let size = end - begin - place;
          if (!isUsed || !(isBeside || isWhole)) {
            // What is there, in whole elements, which have 8 bytes at most.
            await hasMore();
            size = Math.min(size, PIECE_BYTES, Math.max(8, piece.length - (piece.length % 8)));
          }
          const bytes = await take(size, `tensor '${name}'`);
          if (isUsed) yield { entry, place, bytes };
          place += size;
        } while (begin + place < end);
      }
      if (await hasMore()) {
        throw new WeightsError(`The header describes a file of ${total} bytes instead of ${loaded} or more.`);
      }
      onBytes?.(loaded, total);
    } finally {
      await pieces.return(undefined);
    }
  }

  /** The next `size` bytes of the file, in a buffer of their own, so that every element type is aligned. */
  async function take(size: number, what: string): Promise<ArrayBuffer> {
    const target = allocate(size, what);
    let filled = 0;
    while (filled < size) {
      if (!(await hasMore())) {
        if (loaded === 0) throw new WeightsError('The file is empty.');
        throw new WeightsError(`The file ends after ${loaded} bytes, inside ${what}.`);
      }
      const part = piece.subarray(0, size - filled);
      target.set(part, filled);
      filled += part.length;
      piece = piece.subarray(part.length);
    }
    return target.buffer;
  }

  /** Whether the file goes on; then `piece` is what comes next. */
  async function hasMore(): Promise<boolean> {
    while (piece.length === 0) {
      const { done, value } = await pieces.next();
      if (done) return false;
      piece = value as Uint8Array<ArrayBuffer>;
      loaded += piece.length;
      if (beginning.length < BEGINNING) beginning += String.fromCharCode(...piece.subarray(0, BEGINNING));
      onBytes?.(loaded, total);
    }
    return true;
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
function parseHeader(bytes: ArrayBuffer): Entry[] {
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(text);
  } catch (cause) {
    throw new WeightsError(`The header is not JSON: ${(cause as Error).message}`, { cause });
  }
  requireDistinctNames(text);
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
  if (typeof dtype !== 'string' || !SIZES.accepts(shape) || !SIZES.accepts(offsets) || offsets.length !== 2) {
    throw new WeightsError(
      `Tensor '${name}' is described by ${show(info)} instead of a dtype, a shape and two data_offsets.`,
    );
  }
  const [begin, end] = offsets as readonly [number, number];
  // F32 says it. Of another kind of dtype, a tensor has the bytes that it has.
  const unit = Number(/^[BFIU]+(\d+)/.exec(dtype)?.[1]) / 8;
  const bytes = Number.isNaN(unit) ? Math.max(0, end - begin) : elementsOf(shape) * unit;
  if (end - begin !== bytes) {
    throw new WeightsError(
      `Tensor '${name}' takes ${bytes} bytes as ${dtype} [${shape.join(', ')}], and has data_offsets [${begin}, ${end}].`,
    );
  }
  return { name, dtype, shape, begin, end, unit };
}

/** `JSON.parse` keeps the last of two equal names without a word. `text` is valid JSON. */
function requireDistinctNames(text: string): void {
  const scopes: Set<string>[] = [];
  for (const [token, quoted, colon] of text.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|[{}]/g)) {
    if (token === '{') scopes.push(new Set());
    else if (token === '}') scopes.pop();
    else if (quoted && colon) {
      const name: string = JSON.parse(quoted);
      const names = scopes.at(-1) as Set<string>;
      if (names.has(name)) throw new WeightsError(`The header holds '${name}' twice.`);
      names.add(name);
    }
  }
}

interface StoredTensors {
  /** What a network can use, by name: floats, with nothing beside them, or bytes with their scale and zero point. */
  readonly tensors: ReadonlyMap<string, readonly Entry[]>;
  /** The scales and zero points. */
  readonly beside: ReadonlySet<Entry>;
  /** What it cannot use, by name, and why. */
  readonly unreadable: ReadonlyMap<string, string>;
}

/** The tensors with their quantization; the counters that PyTorch keeps for training are left out. */
function storedTensors(entries: readonly Entry[]): StoredTensors {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const tensors = new Map<string, readonly Entry[]>();
  const unreadable = new Map<string, string>();
  for (const { name, dtype, shape } of entries) {
    if (name.endsWith('.num_batches_tracked')) continue;
    const [scale, zeroPoint] = [byName.get(`${name}.scale`), byName.get(`${name}.zero_point`)];
    const channels = shape[0] ?? 1;
    const fits = (side: Entry | undefined, dtypes: readonly string[]): side is Entry =>
      side !== undefined && dtypes.includes(side.dtype) && [1, channels].includes(elementsOf(side.shape));
    if (FLOATS.includes(dtype)) tensors.set(name, []);
    else if (/^[UI]8$/.test(dtype) && fits(scale, FLOATS) && fits(zeroPoint, Object.keys(DTYPES))) {
      tensors.set(name, [scale, zeroPoint]);
    } else {
      const quantized = `U8 or I8 with '${name}.scale', floats, and '${name}.zero_point', of 1 or ${channels} values each`;
      unreadable.set(name, `${dtype} instead of ${FLOATS.join(', ')}, or ${quantized}`);
    }
  }
  const beside = new Set([...tensors.values()].flat());
  for (const { name } of beside) {
    tensors.delete(name);
    unreadable.delete(name);
  }
  return { tensors, beside, unreadable };
}

const numbersOf = ({ entry, bytes }: Part) => DTYPES[entry.dtype]?.(bytes) as Float32Array;

/** The elements of a part: as they are, or each q as (q - zeroPoint) * scale, which `held` has. */
function decode(part: Part, sides: readonly Entry[], held: ReadonlyMap<string, Part>): TensorPiece {
  const { name, shape, unit } = part.entry;
  const start = part.place / unit;
  const values = numbersOf(part);
  const [scale, zeroPoint] = sides.map((side) => numbersOf(held.get(side.name) as Part));
  if (scale && zeroPoint) {
    // Both hold one value, or one for each entry of the first dimension.
    const perChannel = elementsOf(shape.slice(1));
    for (let index = 0; index < values.length; ) {
      const channel = shape.length > 0 ? Math.floor((start + index) / perChannel) : 0;
      const factor = scale[scale.length === 1 ? 0 : channel] as number;
      const zero = zeroPoint[zeroPoint.length === 1 ? 0 : channel] as number;
      const end = Math.min(values.length, (channel + 1) * perChannel - start);
      for (; index < end; index++) values[index] = ((values[index] as number) - zero) * factor;
    }
  }
  return { name, start, values };
}

/** Browsers of 2024 and Node 20 have no Float16Array. */
export function decodeFloat16(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  const values = new Float32Array(bits.buffer);
  for (let index = 0; index < halves.length; index++) {
    const half = halves[index] as number;
    // Exponent and fraction in a float32's place, whose exponent has a bias of 127 instead of 15. Subnormals come out right, too.
    bits[index] = ((half & 0x8000) << 16) | ((half & 0x7fff) << 13);
    values[index] = (values[index] as number) * 2 ** 112;
    // Infinities and NaN have the highest exponent in both.
    if ((half & 0x7c00) === 0x7c00) bits[index] = (bits[index] as number) | 0x7f800000;
  }
  return values;
}

/** A bfloat16 is the upper half of a float32. */
export function decodeBfloat16(halves: Uint16Array): Float32Array {
  const bits = Uint32Array.from(halves, (half) => half << 16);
  return new Float32Array(bits.buffer);
}
