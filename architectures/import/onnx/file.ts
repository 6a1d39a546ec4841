import { PbfReader } from 'pbf';
import { LinnetError, ModelError } from '../../../engine/common/errors.ts';
import { joined } from '../../../engine/weights/load.ts';
import type { Bytes } from '../bytes.ts';
import { refuse } from '../problems.ts';

/** A field's value as it stands in the file: a varint, or the bytes of anything else. */
type Wire = number | Uint8Array;

interface Field<Result> {
  readonly number: number;
  read(wires: readonly Wire[]): Result;
}

type Schema = Readonly<Record<string, Field<unknown>>>;
type Message<Fields extends Schema> = {
  readonly [Name in keyof Fields]: Fields[Name] extends Field<infer Result> ? Result : never;
};

const one = <Result>(number: number, read: (wire: Wire) => Result): Field<Result | undefined> => ({
  number,
  // As protobuf has it, the last one counts.
  read: (wires) => (wires.length > 0 ? read(wires.at(-1) as Wire) : undefined),
});
const list = <Result>(number: number, read: (wire: Wire) => Result): Field<Result[]> => ({
  number,
  read: (wires) => wires.map(read),
});
/** Numbers: one after another, or packed. */
const numbers = (number: number, packed: (bytes: Uint8Array) => number[]): Field<number[]> => ({
  number,
  read: (wires) => wires.flatMap((wire) => (typeof wire === 'number' ? wire : packed(wire))),
});
/** The bytes of many numbers, not read yet. */
const raw = (number: number): Field<Bytes | undefined> => ({
  number,
  read(wires) {
    return wires.length > 0 ? joined(wires.map(bytes)) : undefined;
  },
});

const integer = (wire: Wire): number => (typeof wire === 'number' ? wire : refuse('A number is no integer.'));
const bytes = (wire: Wire): Bytes => (typeof wire === 'number' ? refuse('An integer is no text.') : wire);
const decoder = new TextDecoder();
const text = (wire: Wire): string => decoder.decode(bytes(wire));
const message =
  <Fields extends Schema>(schema: Fields) =>
  (wire: Wire): Message<Fields> =>
    readMessage(bytes(wire), schema);
const float = (wire: Wire): number => floats(bytes(wire))[0] ?? refuse('A number has no bytes.');

function floats({ buffer, byteOffset, byteLength }: Uint8Array): number[] {
  const view = new DataView(buffer, byteOffset, byteLength);
  return Array.from({ length: byteLength >> 2 }, (_, index) => view.getFloat32(index * 4, true));
}

/** Packed integers of 64 bits, signed. Beyond 2^53 they are rounded. */
export function varints(packed: Uint8Array): number[] {
  const reader = new PbfReader(packed);
  const found: number[] = [];
  while (reader.pos < packed.length) found.push(reader.readVarint(true));
  return found;
}

/** What the numbers in the first three bits of a field's tag say (https://protobuf.dev/programming-guides/encoding). */
const VARINT = 0;
const FIXED = new Map([
  [1, 8],
  [5, 4],
]);
const LENGTH_DELIMITED = 2;

function readMessage<Fields extends Schema>(content: Uint8Array, schema: Fields): Message<Fields> {
  const reader = new PbfReader(content);
  const found = new Map<number, Wire[]>();
  while (reader.pos < content.length) {
    const number = reader.nextField();
    const { pos, type } = reader;
    let wire: Wire;
    if (type === VARINT) wire = reader.readVarint(true);
    else if (type === LENGTH_DELIMITED) wire = reader.readBytes();
    else {
      reader.pos +=
        FIXED.get(type) ?? refuse(`The file is broken, or no ONNX model: a field is of the unknown kind ${type}.`);
      wire = content.subarray(pos, reader.pos);
    }
    if (number === 0 || reader.pos > content.length)
      refuse('The file is cut short, or no ONNX model: a field is longer than what it is part of.');
    const wires = found.get(number);
    if (wires) wires.push(wire);
    else found.set(number, [wire]);
  }
  const values = Object.entries(schema).map(([name, field]) => [name, field.read(found.get(field.number) ?? [])]);
  return Object.fromEntries(values) as Message<Fields>;
}

// The parts of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto (Apache-2.0) that say what a network computes.

const ENTRY = { key: one(1, text), value: one(2, text) };

const TENSOR = {
  dims: numbers(1, varints),
  dataType: one(2, integer),
  floatData: raw(4),
  int32Data: numbers(5, varints),
  int64Data: numbers(7, varints),
  name: one(8, text),
  rawData: raw(9),
  doubleData: raw(10),
  uint64Data: numbers(11, varints),
  externalData: list(13, message(ENTRY)),
  dataLocation: one(14, integer),
};

const ATTRIBUTE = {
  name: one(1, text),
  f: one(2, float),
  i: one(3, integer),
  s: one(4, text),
  t: one(5, message(TENSOR)),
  floats: { number: 7, read: (wires: readonly Wire[]) => wires.flatMap((wire) => floats(bytes(wire))) },
  ints: numbers(8, varints),
  strings: list(9, text),
  type: one(20, integer),
  refAttrName: one(21, text),
};

const NODE = {
  input: list(1, text),
  output: list(2, text),
  name: one(3, text),
  opType: one(4, text),
  attribute: list(5, message(ATTRIBUTE)),
  domain: one(7, text),
};

const DIMENSION = { dimValue: one(1, integer), dimParam: one(2, text) };
const TENSOR_TYPE = { elemType: one(1, integer), shape: one(2, message({ dim: list(1, message(DIMENSION)) })) };
const VALUE_INFO = { name: one(1, text), type: one(2, message({ tensorType: one(1, message(TENSOR_TYPE)) })) };

const GRAPH = {
  node: list(1, message(NODE)),
  name: one(2, text),
  initializer: list(5, message(TENSOR)),
  input: list(11, message(VALUE_INFO)),
  output: list(12, message(VALUE_INFO)),
  sparseInitializer: list(15, bytes),
};

const OPERATOR_SET = { domain: one(1, text), version: one(2, integer) };

const MODEL = {
  irVersion: one(1, integer),
  producerName: one(2, text),
  producerVersion: one(3, text),
  graph: one(7, message(GRAPH)),
  opsetImport: list(8, message(OPERATOR_SET)),
  metadataProps: list(14, message(ENTRY)),
};

export type TensorProto = Message<typeof TENSOR>;
export type AttributeProto = Message<typeof ATTRIBUTE>;
export type NodeProto = Message<typeof NODE>;
export type ValueInfoProto = Message<typeof VALUE_INFO>;
export type GraphProto = Message<typeof GRAPH>;
export type ModelProto = Message<typeof MODEL> & { readonly graph: GraphProto };

/** The messages of a `.onnx` file. What is long in it are views of `content`. */
export function readModel(content: Uint8Array): ModelProto {
  if (content.length === 0) refuse('The file is empty.');
  const { graph, ...model } = read(content, MODEL);
  if (!graph || model.irVersion === undefined || graph.output.length === 0) {
    refuse('The file is no ONNX model: there is no graph with an output in it.');
  }
  return { ...model, graph };
}

/** A tensor alone in a file: ONNX's `.pb` files of test data. */
export const readTensor = (content: Uint8Array): TensorProto => read(content, TENSOR);

function read<Fields extends Schema>(content: Uint8Array, schema: Fields): Message<Fields> {
  try {
    return readMessage(content, schema);
  } catch (cause) {
    if (cause instanceof LinnetError) throw cause;
    // The reader throws errors of its own where a number never ends.
    throw new ModelError(`The file is cut short, or no ONNX model: ${(cause as Error).message}.`, { cause });
  }
}
