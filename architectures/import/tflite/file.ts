import { elementsOf, type Shape } from '../../../engine/graph/graph.ts';
import type { ElementType } from '../described.ts';
import { bytesOf, type Constant, decode, elementsIn, isElementType } from '../elements.ts';
import { refuse, shorten } from '../problems.ts';
import { rootOf, type Table } from './flatbuffer.ts';
import { BUILTIN_OPERATORS, model, type Sparsity, TENSOR_TYPES } from './schema.ts';
import { placeStored } from './sparse.ts';

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
  readonly name: string;
  readonly tensors: readonly FileTensor[];
  readonly operators: readonly FileOperator[];
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  /** What callers of the network call its inputs and outputs, by the number of the tensor. */
  readonly names: ReadonlyMap<number, string>;
  /** The flatbuffer with TFLite's metadata. */
  readonly metadata: Uint8Array | undefined;
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
      `The shape of ${shorten(name)} is [${shape.slice(0, HIGHEST_RANK + 1).join(', ')}]; it should be up to ${HIGHEST_RANK} sizes, of up to ${MOST_ELEMENTS} elements.`,
    );
  }
}

/** Of a sparse tensor, one of so many numbers is stored at least: a few bytes are not blown up to gigabytes. */
const LEAST_DENSITY = 256;

export function readTflite(bytes: Uint8Array): TfliteFile {
  const root = rootOf(bytes, 'TFL3') ?? refuse("The file is no TFLite model: it lacks the identifier 'TFL3'.");
  const { operatorCodes, subgraphs, buffers, metadata, signatures, description } = model(root);
  const [graph = refuse('The file holds no network.')] = subgraphs;
  const dataOf = (index: number): Uint8Array => {
    const { data, offset, size } = buffers[index] ?? refuse(`There is no buffer ${index}, of ${buffers.length}.`);
    // Of a file that is larger than a flatbuffer can be, they lie behind that.
    if (offset <= 1) return data;
    if (offset + size > bytes.length) refuse(`Buffer ${index} ends at byte ${offset + size} of ${bytes.length}.`);
    return bytes.subarray(offset, offset + size);
  };
  const tensors = graph.tensors.map(({ shape, type: typeNumber, buffer, name, sparsity, ...tensor }): FileTensor => {
    const type =
      TENSOR_TYPES[typeNumber] ?? refuse(`The tensor ${shorten(name)} is of the unknown type ${typeNumber}.`);
    const data = dataOf(buffer);
    const isConstant = data.length > 0;
    const signature = tensor.shapeSignature.length === shape.length ? tensor.shapeSignature : shape;
    const { scale = [], zeroPoint = [], details = 0, dimension = 0 } = tensor.quantization ?? {};
    const isNumeric = isElementType(type);
    const refusal = isNumeric ? details !== 0 && 'is quantized in a way of its own' : `is of type ${type}`;
    if (isConstant && isNumeric && !refusal) {
      requireSizes(name, shape);
      const expected = bytesOf(type, elementsOf(shape));
      const fits = sparsity ? data.length > expected / LEAST_DENSITY : data.length === expected;
      if (!fits) {
        refuse(
          `The tensor ${shorten(name)} has ${data.length} bytes instead of ${expected} for [${shape.join(', ')}] ${type}.`,
        );
      }
    }
    const isQuantized = scale.length > 0 && !type.startsWith('float');
    if (isQuantized) {
      const size = shape[dimension] ?? 0;
      const fits = scale.length === 1 || scale.length === size;
      const isSound = fits && zeroPoint.length <= scale.length && scale.every(Number.isFinite);
      if (!isSound)
        refuse(`The tensor ${shorten(name)} has ${scale.length} scales and ${zeroPoint.length} zero points.`);
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
    // Converters sign what has no name with their own: `MLIR Converted.`
    name: /^$|Converted\.$/.test(description) ? 'tflite' : description,
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

/** A constant: floats, or integers of which the file does not say which floats they stand for. */
export function constantOf({ name, type, data, shape, quantization, sparsity }: FileTensor): Constant {
  const count = elementsOf(shape);
  if (!data || !isElementType(type)) return refuse(`The tensor ${shorten(name)} has no numbers.`);
  if (!quantization && !sparsity) return { name, shape, type, work: count, read: () => decode(data, type, count) };
  const stored = elementsIn(data, type);
  const read = () => {
    const values = new Float32Array(count);
    if (sparsity) {
      let next = 0;
      placeStored(shape, sparsity, storedCount(data, type), (index) => {
        values[index] = stored(next++);
      });
    } else for (let index = 0; index < count; index++) values[index] = stored(index);
    if (quantization) dequantize(values, shape, quantization);
    return values;
  };
  return { name, shape, type: 'float32', work: count, read };
}

/** How many numbers there are in these bytes. */
const storedCount = ({ length }: Uint8Array, type: ElementType) => Math.floor(length / bytesOf(type, 1));

function dequantize(values: Float32Array, shape: Shape, { scale, zeroPoint, axis }: Quantization): void {
  // So many elements, one after another, have the same scale.
  const run = scale.length === 1 ? values.length : elementsOf(shape.slice(axis + 1));
  for (let start = 0; start < values.length; start += run) {
    const channel = (start / run) % scale.length;
    const factor = scale[channel] as number;
    const zero = zeroPoint[zeroPoint.length === 1 ? 0 : channel] ?? 0;
    for (let index = start; index < start + run; index++) values[index] = ((values[index] as number) - zero) * factor;
  }
}
