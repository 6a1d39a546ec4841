import { elementsOf, type Shape } from '../../engine/graph/graph.ts';
import { refuse, type TensorProto } from './onnx-file.ts';

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
  readonly name: string;
  readonly bits: number;
  get(view: DataView, index: number): number;
}

const FLOAT16 = {
  get(view: DataView, index: number) {
    const half = view.getUint16(index * 2, true);
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    const magnitude =
      exponent === 31
        ? fraction
          ? Number.NaN
          : Number.POSITIVE_INFINITY
        : exponent === 0
          ? fraction * 2 ** -24
          : (1024 + fraction) * 2 ** (exponent - 25);
    return half & 0x8000 ? -magnitude : magnitude;
  },
};
const WORD = new DataView(new ArrayBuffer(4));
/** A bfloat16 is the upper half of a float32. */
const bfloat16 = (view: DataView, index: number) => {
  WORD.setUint16(0, view.getUint16(index * 2, true));
  return WORD.getFloat32(0);
};
const nibble = (view: DataView, index: number) => (view.getUint8(index >> 1) >> (4 * (index & 1))) & 15;

/** By the number of `TensorProto.DataType`. Strings and complex numbers are left out. */
const FORMATS = {
  1: { name: 'float32', bits: 32, get: (view, index) => view.getFloat32(index * 4, true) },
  2: { name: 'uint8', bits: 8, get: (view, index) => view.getUint8(index) },
  3: { name: 'int8', bits: 8, get: (view, index) => view.getInt8(index) },
  4: { name: 'uint16', bits: 16, get: (view, index) => view.getUint16(index * 2, true) },
  5: { name: 'int16', bits: 16, get: (view, index) => view.getInt16(index * 2, true) },
  6: { name: 'int32', bits: 32, get: (view, index) => view.getInt32(index * 4, true) },
  7: { name: 'int64', bits: 64, get: (view, index) => Number(view.getBigInt64(index * 8, true)) },
  9: { name: 'bool', bits: 8, get: (view, index) => Number(view.getUint8(index) !== 0) },
  10: { name: 'float16', bits: 16, get: FLOAT16.get },
  11: { name: 'float64', bits: 64, get: (view, index) => view.getFloat64(index * 8, true) },
  12: { name: 'uint32', bits: 32, get: (view, index) => view.getUint32(index * 4, true) },
  13: { name: 'uint64', bits: 64, get: (view, index) => Number(view.getBigUint64(index * 8, true)) },
  16: { name: 'bfloat16', bits: 16, get: bfloat16 },
  21: { name: 'uint4', bits: 4, get: nibble },
  22: { name: 'int4', bits: 4, get: (view, index) => (nibble(view, index) << 28) >> 28 },
} as const satisfies Readonly<Record<number, ElementFormat>>;

export type ElementType = (typeof FORMATS)[keyof typeof FORMATS]['name'];

const FLOATS: readonly ElementType[] = ['float32', 'float16', 'bfloat16', 'float64'];
export const isFloat = (type: ElementType) => FLOATS.includes(type);

const formatOf = (dataType: number | undefined): ElementFormat | undefined =>
  (FORMATS as Readonly<Record<number, ElementFormat>>)[dataType ?? 0];

/** The type with this number, or nothing where its elements are no numbers. */
export const elementType = (dataType: number | undefined) => formatOf(dataType)?.name as ElementType | undefined;

/** An array of so many zeros in which the type's numbers fit. */
export const numbersFor = (type: ElementType, count: number): Numbers =>
  isFloat(type) && type !== 'float64' ? new Float32Array(count) : new Float64Array(count);

/** A constant of numbers that are there. */
export const constantOf = (name: string, type: ElementType, shape: Shape, values: ArrayLike<number>): Constant => {
  const numbers = numbersFor(type, values.length);
  numbers.set(values);
  return { name, shape, type, work: 0, read: () => numbers };
};

/** The bytes of another file. */
export type ExternalBytes = (location: string) => Uint8Array;

const EXTERNAL = 1;
export const isExternal = ({ dataLocation }: TensorProto) => dataLocation === EXTERNAL;

/** Where a tensor's bytes lie that are not in the file of the model: a path from there. */
export const locationOf = ({ externalData }: TensorProto) => externalData.find(({ key }) => key === 'location')?.value;

/** An initializer: its numbers are decoded when it is read. That they are all there is checked now. */
export function decodeTensor(tensor: TensorProto, external: ExternalBytes, name = tensor.name ?? ''): Constant {
  const { dims: shape, dataType } = tensor;
  const format = formatOf(dataType);
  const named = `Tensor '${name.slice(0, 100)}'`;
  if (!format) return refuse(`${named} has elements of the type ${dataType}, which are no numbers that Linnet knows.`);
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    refuse(`${named} has the shape [${shape.slice(0, 8).join(', ')}] instead of a list of sizes.`);
  }
  const count = elementsOf(shape);
  const expected = Math.ceil((count * format.bits) / 8);
  const bytes = isExternal(tensor)
    ? externalBytes(tensor, named, expected, external)
    : (tensor.rawData ?? typedBytes(tensor, format));
  if (bytes.length !== expected) refuse(`${named} has ${bytes.length} bytes instead of ${expected}.`);
  const type = format.name as ElementType;
  return { name, shape, type, work: count, read: () => decode(bytes, format, type, count) };
}

function externalBytes(tensor: TensorProto, named: string, expected: number, external: ExternalBytes): Uint8Array {
  const location = locationOf(tensor) ?? refuse(`${named} lies in another file, whose name is missing.`);
  const numberOf = (key: string, byDefault: number) => {
    const text = tensor.externalData.find((entry) => entry.key === key)?.value;
    if (text === undefined) return byDefault;
    return /^\d{1,15}$/.test(text)
      ? Number(text)
      : refuse(`${named} lies in '${location.slice(0, 100)}', with '${text.slice(0, 20)}' as its ${key}.`);
  };
  const [offset, length] = [numberOf('offset', 0), numberOf('length', expected)];
  const bytes = external(location).subarray(offset, offset + length);
  return bytes.length === length
    ? bytes
    : refuse(`The file '${location.slice(0, 100)}' ends before the ${length} bytes of ${named} at ${offset}.`);
}

/** The numbers of the fields for one type of element, as they would lie in `raw_data`. */
function typedBytes(tensor: TensorProto, { name, bits }: ElementFormat): Uint8Array {
  if (name === 'float32') return tensor.floatData ?? new Uint8Array();
  if (name === 'float64') return tensor.doubleData ?? new Uint8Array();
  const isUnsigned = name === 'uint32' || name === 'uint64';
  const numbers = isUnsigned ? tensor.uint64Data : name === 'int64' ? tensor.int64Data : tensor.int32Data;
  const size = Math.ceil(bits / 8);
  const view = new DataView(new ArrayBuffer(numbers.length * size));
  for (const [index, number] of numbers.entries()) {
    if (size === 8) view.setBigInt64(index * 8, BigInt(number), true);
    else if (size === 4) view.setInt32(index * 4, number, true);
    else if (size === 2) view.setUint16(index * 2, number, true);
    else view.setUint8(index, number);
  }
  return new Uint8Array(view.buffer);
}

function decode(bytes: Uint8Array, { get }: ElementFormat, type: ElementType, count: number): Numbers {
  const { buffer, byteOffset, byteLength } = bytes;
  // The machines that browsers run on have ONNX's order of bytes.
  if (type === 'float32' && byteOffset % 4 === 0) return new Float32Array(buffer, byteOffset, count);
  const view = new DataView(buffer, byteOffset, byteLength);
  const numbers = numbersFor(type, count);
  for (let index = 0; index < count; index++) numbers[index] = get(view, index);
  return numbers;
}
