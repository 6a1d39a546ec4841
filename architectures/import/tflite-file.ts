import { ModelError } from '../../engine/common/errors.ts';
import { elementsOf, type Shape } from '../../engine/graph/graph.ts';
import { decodeFloat16 } from '../../engine/weights/safetensors.ts';
import { rootOf, type Table } from './flatbuffer.ts';
import type { Numbers } from './strided.ts';
import { BUILTIN_OPERATORS, model, type Sparsity, TENSOR_TYPES } from './tflite-schema.ts';
import { placeStored } from './tflite-sparse.ts';

export type TensorType = (typeof TENSOR_TYPES)[number];

/** `scale * (q - zeroPoint)`, one for all or one for each index of an axis. */
export interface Quantization {
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  readonly axis: number;
}

/** A tensor of the file. Sizes are in the file's order, which is `[batch, height, width, channels]` for a map. */
export interface FileTensor {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: Shape;
  /** Where a size is left open, -1. */
  readonly signature: Shape;
  readonly quantization?: Quantization;
  /** Of a constant; the other tensors are computed. */
  readonly data?: Uint8Array;
  /** Where the numbers of the data lie, if not all of them are there. */
  readonly sparsity?: Sparsity;
  /** What of it is not supported. */
  readonly refusal?: string;
}

export interface FileOperator {
  /** As TFLite names it, or its own name if it is a custom one. */
  readonly operator: string;
  readonly isCustom: boolean;
  /** Numbers of tensors; -1 where an input is left out. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly options: Table | undefined;
  readonly customOptions: Uint8Array;
}

/** The first subgraph of a `.tflite` file, which is the network. */
export interface TfliteFile {
  readonly description: string;
  readonly tensors: readonly FileTensor[];
  readonly operators: readonly FileOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** What callers of the network call its inputs and outputs, by the number of the tensor. */
  readonly names: ReadonlyMap<number, string>;
  /** The flatbuffer with TFLite's metadata. */
  readonly metadata: Uint8Array | undefined;
}

/** Throws because the file is broken. */
export function refuse(problem: string): never {
  throw new ModelError(problem);
}

/** Of more sizes there are no values. */
const HIGHEST_RANK = 8;
/** 4 GiB of float32. */
const MOST_ELEMENTS = 2 ** 30;

/** Throws unless these are sizes that a tensor may have. */
export function requireSizes(name: string, shape: Shape): void {
  const isSound =
    shape.length <= HIGHEST_RANK && shape.every((size) => Number.isInteger(size) && size > 0 && size <= MOST_ELEMENTS);
  if (!isSound || elementsOf(shape) > MOST_ELEMENTS) {
    refuse(
      `The shape of '${name}' is [${shape.slice(0, HIGHEST_RANK + 1).join(', ')}]; it should be up to ${HIGHEST_RANK} positive sizes, of up to ${MOST_ELEMENTS} elements.`,
    );
  }
}

/** Of a sparse tensor, one of so many numbers is stored at least: a few bytes are not blown up to gigabytes. */
const LEAST_DENSITY = 256;

const BITS: Readonly<Partial<Record<TensorType, number>>> = {
  ...{ float16: 16, float32: 32, float64: 64, bool: 8, int4: 4, int8: 8, int16: 16, int32: 32, int64: 64 },
  ...{ uint8: 8, uint16: 16, uint32: 32, uint64: 64 },
};

export function readTflite(bytes: Uint8Array): TfliteFile {
  const root = rootOf(bytes, 'TFL3') ?? refuse("The file is no TFLite model: it lacks the identifier 'TFL3'.");
  const { operatorCodes, subgraphs, buffers, metadata, signatures, description } = model(root);
  const [graph = refuse('The file holds no network.')] = subgraphs;
  const dataOf = (index: number): Uint8Array => {
    const { data, offset, size } =
      buffers[index] ?? refuse(`There is no buffer ${index}; there are ${buffers.length}.`);
    // Of a file that is larger than a flatbuffer can be, they lie behind that.
    if (offset <= 1) return data;
    if (offset + size > bytes.length) refuse(`Buffer ${index} ends at byte ${offset + size} of ${bytes.length}.`);
    return bytes.subarray(offset, offset + size);
  };
  const tensors = graph.tensors.map(({ shape, type: typeNumber, buffer, name, sparsity, ...tensor }): FileTensor => {
    const type = TENSOR_TYPES[typeNumber] ?? refuse(`The tensor '${name}' is of the unknown type ${typeNumber}.`);
    const data = dataOf(buffer);
    const isConstant = data.length > 0;
    const signature = tensor.shapeSignature.length === shape.length ? tensor.shapeSignature : shape;
    const { scale = [], zeroPoint = [], details = 0, dimension = 0 } = tensor.quantization ?? {};
    const bits = BITS[type];
    const refusal = bits === undefined ? `is of type ${type}` : details > 0 && 'is quantized in a way of its own';
    if (isConstant && !refusal && bits) {
      requireSizes(name, shape);
      const expected = Math.ceil((elementsOf(shape) * bits) / 8);
      const fits = sparsity ? data.length > expected / LEAST_DENSITY : data.length === expected;
      if (!fits) {
        refuse(
          `The tensor '${name}' has ${data.length} bytes instead of ${expected} for [${shape.join(', ')}] ${type}.`,
        );
      }
    }
    const isQuantized = scale.length > 0 && !type.startsWith('float');
    if (isQuantized) {
      const size = shape[dimension] ?? 0;
      const fits = scale.length === 1 || scale.length === size;
      const isSound = fits && zeroPoint.length <= scale.length && scale.every(Number.isFinite);
      if (!isSound) refuse(`The tensor '${name}' has ${scale.length} scales and ${zeroPoint.length} zero points.`);
    }
    return {
      name,
      type,
      shape,
      signature,
      ...(isQuantized && { quantization: { scale, zeroPoint, axis: scale.length === 1 ? 0 : dimension } }),
      ...(isConstant && { data, ...(sparsity && { sparsity }) }),
      ...(refusal && { refusal }),
    };
  });
  const requireTensor = (index: number): void => {
    if (index >= tensors.length || index < 0) refuse(`There is no tensor ${index}; there are ${tensors.length}.`);
  };
  const operators = graph.operators.map(({ opcodeIndex, inputs, outputs, options, customOptions }): FileOperator => {
    const code = operatorCodes[opcodeIndex] ?? refuse(`There is no operator code ${opcodeIndex}.`);
    // Older files have only the first one, a byte.
    const number = Math.max(code.deprecatedBuiltinCode, code.builtinCode);
    const builtin = BUILTIN_OPERATORS[number] ?? `operator ${number}`;
    const isCustom = builtin === 'CUSTOM';
    for (const index of inputs) if (index !== -1) requireTensor(index);
    outputs.forEach(requireTensor);
    return { operator: isCustom ? code.customCode : builtin, isCustom, inputs, outputs, options, customOptions };
  });
  [...graph.inputs, ...graph.outputs].forEach(requireTensor);
  const named = signatures.filter(({ subgraphIndex }) => subgraphIndex === 0).slice(0, 1);
  return {
    description,
    tensors,
    operators,
    inputs: graph.inputs,
    outputs: graph.outputs,
    names: new Map(
      named.flatMap(({ inputs, outputs }) =>
        [...inputs, ...outputs].map(({ name, tensorIndex }) => [tensorIndex, name]),
      ),
    ),
    metadata: metadata.filter(({ name }) => name === 'TFLITE_METADATA').map(({ buffer }) => dataOf(buffer))[0],
  };
}

/** The values of a constant; integers without a quantization as they are. */
export function valuesOf(tensor: FileTensor): Numbers {
  const { shape, quantization } = tensor;
  const count = elementsOf(shape);
  const stored = storedOf(tensor, count);
  if (stored instanceof Float32Array) return stored;
  if (!quantization) return Float64Array.from(stored as ArrayLike<number>, Number);
  const { scale, zeroPoint, axis } = quantization;
  const values = new Float32Array(count);
  // So many elements, one after another, have the same scale.
  const run = scale.length === 1 ? count : elementsOf(shape.slice(axis + 1));
  for (let start = 0; start < count; start += run) {
    const channel = (start / run) % scale.length;
    const factor = scale[channel] as number;
    const zero = zeroPoint[zeroPoint.length === 1 ? 0 : channel] ?? 0;
    for (let index = start; index < start + run; index++) values[index] = (Number(stored[index]) - zero) * factor;
  }
  return values;
}

/** As they are stored, with zeros for those of a sparse tensor that are not. */
function storedOf({ type, data, shape, sparsity }: FileTensor, count: number): ArrayLike<number | bigint> {
  const stored = DECODERS[type]?.(data as Uint8Array, count) ?? [];
  if (!sparsity) return stored;
  const dense = stored instanceof Float32Array ? new Float32Array(count) : new Float64Array(count);
  let next = 0;
  placeStored(shape, sparsity, stored.length, (index) => {
    dense[index] = Number(stored[next++]);
  });
  return dense;
}

type Decoder = (data: Uint8Array, count: number) => ArrayLike<number | bigint>;

/** A view where the bytes lie at a multiple of the numbers' size. */
const numbers =
  <Stored extends ArrayLike<number | bigint>>(Type: {
    new (buffer: ArrayBufferLike, offset?: number, length?: number): Stored;
    readonly BYTES_PER_ELEMENT: number;
  }): Decoder =>
  (data) => {
    const { buffer, byteOffset } = data.byteOffset % Type.BYTES_PER_ELEMENT ? data.slice() : data;
    return new Type(buffer, byteOffset, data.length / Type.BYTES_PER_ELEMENT);
  };

const halves = numbers(Uint16Array);

const DECODERS: Readonly<Partial<Record<TensorType, Decoder>>> = {
  float32: numbers(Float32Array),
  float16: (data, count) => decodeFloat16(halves(data, count) as Uint16Array),
  float64: numbers(Float64Array),
  bool: numbers(Uint8Array),
  // Two in a byte, the lower half first.
  int4: (data, count) =>
    Int8Array.from({ length: count }, (_, index) => ((data[index >> 1] as number) << (index % 2 ? 24 : 28)) >> 28),
  int8: numbers(Int8Array),
  uint8: numbers(Uint8Array),
  int16: numbers(Int16Array),
  uint16: numbers(Uint16Array),
  int32: numbers(Int32Array),
  uint32: numbers(Uint32Array),
  int64: numbers(BigInt64Array),
  uint64: numbers(BigUint64Array),
};
