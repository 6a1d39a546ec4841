import type { Shape } from '../../engine/graph/graph.ts';
import { decodeBfloat16, decodeFloat16 } from '../../engine/weights/safetensors.ts';
import type { ElementType } from './described.ts';

/** Float32 for floats of at most 32 bits, and 64 bits for what those would round. */
export type Numbers = Float32Array | Float64Array;

/** A tensor whose numbers are known: an initializer, or what is computed of some. */
export interface Constant {
  readonly name: string;
  readonly shape: Shape;
  readonly type: ElementType;
  /** How many numbers are computed when it is read. */
  readonly work: number;
  /** Row-major. The array may be the constant's own: only look at it. */
  read(): Numbers;
}

interface ElementFormat {
  readonly bits: number;
  get(view: DataView, index: number): number;
  all?(halves: Uint16Array): Float32Array;
}

/** Of 16 bits, as no array has them: one by one where only some are there, else all at once. */
const half = (all: (halves: Uint16Array) => Float32Array) => ({
  bits: 16,
  all,
  get: (view: DataView, index: number) => all(Uint16Array.of(view.getUint16(index * 2, true)))[0] as number,
});
const nibble = (view: DataView, index: number) => (view.getUint8(index >> 1) >> (4 * (index & 1))) & 15;

/** Of numbers. */
const FORMATS = {
  float32: { bits: 32, get: (view, index) => view.getFloat32(index * 4, true) },
  uint8: { bits: 8, get: (view, index) => view.getUint8(index) },
  int8: { bits: 8, get: (view, index) => view.getInt8(index) },
  uint16: { bits: 16, get: (view, index) => view.getUint16(index * 2, true) },
  int16: { bits: 16, get: (view, index) => view.getInt16(index * 2, true) },
  int32: { bits: 32, get: (view, index) => view.getInt32(index * 4, true) },
  int64: { bits: 64, get: (view, index) => Number(view.getBigInt64(index * 8, true)) },
  bool: { bits: 8, get: (view, index) => Number(view.getUint8(index) !== 0) },
  float16: half(decodeFloat16),
  float64: { bits: 64, get: (view, index) => view.getFloat64(index * 8, true) },
  uint32: { bits: 32, get: (view, index) => view.getUint32(index * 4, true) },
  uint64: { bits: 64, get: (view, index) => Number(view.getBigUint64(index * 8, true)) },
  bfloat16: half(decodeBfloat16),
  uint4: { bits: 4, get: nibble },
  int4: { bits: 4, get: (view, index) => (nibble(view, index) << 28) >> 28 },
} as const satisfies Readonly<Record<ElementType, ElementFormat>>;

export const isElementType = (type: string): type is ElementType => Object.hasOwn(FORMATS, type);

const FLOATS: readonly ElementType[] = ['float32', 'float16', 'bfloat16', 'float64'];
export const isFloat = (type: ElementType) => FLOATS.includes(type);

/** How many bytes so many elements take. */
export const bytesOf = (type: ElementType, count: number) => Math.ceil((count * FORMATS[type].bits) / 8);

/** An array of so many zeros in which the type's numbers fit. */
export const numbersFor = (type: ElementType, count: number): Numbers =>
  isFloat(type) && type !== 'float64' ? new Float32Array(count) : new Float64Array(count);

/** A constant of numbers that are there. */
export const constantOf = (name: string, type: ElementType, shape: Shape, values: ArrayLike<number>): Constant => {
  const numbers = numbersFor(type, values.length);
  numbers.set(values);
  return { name, shape, type, work: 0, read: () => numbers };
};

/** Elements as files store them, one by one. */
export function elementsIn(
  { buffer, byteOffset, byteLength }: Uint8Array,
  type: ElementType,
): (index: number) => number {
  const view = new DataView(buffer, byteOffset, byteLength);
  const { get }: ElementFormat = FORMATS[type];
  return (index) => get(view, index);
}

export function decode(bytes: Uint8Array, type: ElementType, count: number): Numbers {
  // The machines that browsers run on have the files' order of bytes.
  if (type === 'float32' && bytes.byteOffset % 4 === 0) return new Float32Array(bytes.buffer, bytes.byteOffset, count);
  const { all }: ElementFormat = FORMATS[type];
  if (all) return all(new Uint16Array(bytes.slice().buffer));
  const get = elementsIn(bytes, type);
  const numbers = numbersFor(type, count);
  for (let index = 0; index < count; index++) numbers[index] = get(index);
  return numbers;
}

export const toFloat32 = (numbers: Numbers) => (numbers instanceof Float32Array ? numbers : Float32Array.from(numbers));
