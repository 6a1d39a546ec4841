import { elementsOf } from '../../../engine/graph/graph.ts';
import type { ElementType } from '../described.ts';
import { bytesOf, type Constant, decode } from '../elements.ts';
import { refuse } from '../problems.ts';
import type { TensorProto } from './file.ts';

/** By the number of `TensorProto.DataType`. Strings and complex numbers are left out. */
const TYPES: Readonly<Record<number, ElementType>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
  16: 'bfloat16',
  21: 'uint4',
  22: 'int4',
};

/** The type with this number, or nothing where its elements are no numbers. */
export const elementType = (dataType: number | undefined): ElementType | undefined => TYPES[dataType ?? 0];

/** The bytes of another file. */
export type ExternalBytes = (location: string) => Uint8Array;

const EXTERNAL = 1;
export const isExternal = ({ dataLocation }: TensorProto) => dataLocation === EXTERNAL;

/** Where a tensor's bytes lie that are not in the file of the model: a path from there. */
export const locationOf = ({ externalData }: TensorProto) => externalData.find(({ key }) => key === 'location')?.value;

/** An initializer: its numbers are decoded when it is read. That they are all there is checked now. */
export function decodeTensor(tensor: TensorProto, external: ExternalBytes, name = tensor.name ?? ''): Constant {
  const { dims: shape, dataType } = tensor;
  const type = elementType(dataType);
  const named = `Tensor '${name.slice(0, 100)}'`;
  if (!type) return refuse(`${named} has elements of the type ${dataType}, which are no numbers that Linnet knows.`);
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    refuse(`${named} has the shape [${shape.slice(0, 8).join(', ')}] instead of a list of sizes.`);
  }
  const count = elementsOf(shape);
  const expected = bytesOf(type, count);
  const bytes = isExternal(tensor)
    ? externalBytes(tensor, named, expected, external)
    : (tensor.rawData ?? typedBytes(tensor, type));
  if (bytes.length !== expected) refuse(`${named} has ${bytes.length} bytes instead of ${expected}.`);
  return { name, shape, type, work: count, read: () => decode(bytes, type, count) };
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
function typedBytes(tensor: TensorProto, type: ElementType): Uint8Array {
  if (type === 'float32') return tensor.floatData ?? new Uint8Array();
  if (type === 'float64') return tensor.doubleData ?? new Uint8Array();
  const isUnsigned = type === 'uint32' || type === 'uint64';
  const numbers = isUnsigned ? tensor.uint64Data : type === 'int64' ? tensor.int64Data : tensor.int32Data;
  const size = bytesOf(type, 1);
  const view = new DataView(new ArrayBuffer(numbers.length * size));
  for (const [index, number] of numbers.entries()) {
    if (size === 8) view.setBigInt64(index * 8, BigInt(number), true);
    else if (size === 4) view.setInt32(index * 4, number, true);
    else if (size === 2) view.setUint16(index * 2, number, true);
    else view.setUint8(index, number);
  }
  return new Uint8Array(view.buffer);
}
