// ONNX files for tests, written field by field: the numbers are those of onnx.proto.
import { PbfWriter } from 'pbf';

export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  /** By the third version of protobuf: its type alone is written. */
  | { readonly zero: 'float' | 'int' }
  | { readonly tensor: FileTensor };

export interface FileTensor {
  readonly name?: string;
  readonly shape: readonly number[];
  /** Of `TensorProto.DataType`; 1, float32, unless given. */
  readonly dataType?: number;
  /** Float32 numbers, int64 ones for the type 7, or bytes as they are. */
  readonly data?: readonly number[] | Uint8Array;
  /** Instead of `data`: numbers in the field of this number. */
  readonly typed?: { readonly field: number; readonly numbers: readonly number[] };
  readonly external?: Readonly<Record<string, string>>;
}

export interface FileNode {
  readonly name?: string;
  readonly op: string;
  readonly domain?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
}

export interface FileValue {
  readonly name: string;
  /** Numbers, or names of what is open. */
  readonly shape: readonly (number | string)[];
  readonly dataType?: number;
}

export interface FileModel {
  readonly nodes: readonly FileNode[];
  readonly inputs: readonly FileValue[];
  readonly outputs: readonly string[];
  readonly tensors?: readonly FileTensor[];
  readonly opset?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

const INT64 = 7;

function bytesOf({ shape, dataType = 1, data = [] }: FileTensor): Uint8Array {
  if (data instanceof Uint8Array) return data;
  if (data.length !== shape.reduce((product, size) => product * size, 1))
    throw new Error(`${data.length} numbers for [${shape}]`);
  const numbers = dataType === INT64 ? BigInt64Array.from(data, BigInt) : Float32Array.from(data);
  return new Uint8Array(numbers.buffer);
}

export function writeTensor(tensor: FileTensor, pbf: PbfWriter = new PbfWriter()): PbfWriter {
  const { name = '', shape, dataType = 1, typed, external } = tensor;
  pbf.writePackedVarint(1, [...shape]);
  pbf.writeVarintField(2, dataType);
  pbf.writeStringField(8, name);
  if (external) {
    for (const [key, value] of Object.entries(external)) {
      pbf.writeMessage(13, writeEntry, [key, value]);
    }
    pbf.writeVarintField(14, 1);
  } else if (typed?.field === 4) pbf.writePackedFloat(4, [...typed.numbers]);
  else if (typed?.field === 10) pbf.writePackedDouble(10, [...typed.numbers]);
  else if (typed) pbf.writePackedVarint(typed.field, [...typed.numbers]);
  else pbf.writeBytesField(9, bytesOf(tensor));
  return pbf;
}

function writeEntry([key, value]: readonly [string, string], pbf: PbfWriter): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, value);
}

function writeAttribute([name, value]: readonly [string, AttributeValue], pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  if (typeof value === 'number') pbf.writeVarintField(3, value);
  else if (typeof value === 'string') pbf.writeStringField(4, value);
  else if ('float' in value) pbf.writeFloatField(2, value.float);
  else if ('floats' in value) for (const number of value.floats) pbf.writeFloatField(7, number);
  else if ('zero' in value) pbf.writeVarintField(20, value.zero === 'float' ? 1 : 2);
  else if ('tensor' in value) pbf.writeMessage(5, (tensor, own) => void writeTensor(tensor, own), value.tensor);
  else for (const number of value) pbf.writeVarintField(8, number);
}

function writeNode({ name, op, domain, inputs, outputs, attributes = {} }: FileNode, pbf: PbfWriter): void {
  for (const input of inputs) pbf.writeStringField(1, input);
  for (const output of outputs) pbf.writeStringField(2, output);
  if (name) pbf.writeStringField(3, name);
  pbf.writeStringField(4, op);
  for (const attribute of Object.entries(attributes)) pbf.writeMessage(5, writeAttribute, attribute);
  if (domain) pbf.writeStringField(7, domain);
}

function writeValue({ name, shape, dataType = 1 }: FileValue, pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  pbf.writeMessage(
    2,
    (_, type) =>
      type.writeMessage(
        1,
        (_, tensor) => {
          tensor.writeVarintField(1, dataType);
          tensor.writeMessage(
            2,
            (sizes, own) => {
              for (const size of sizes) {
                own.writeMessage(
                  1,
                  (value, dimension) => {
                    if (typeof value === 'number') dimension.writeVarintField(1, value);
                    else dimension.writeStringField(2, value);
                  },
                  size,
                );
              }
            },
            shape,
          );
        },
        null,
      ),
    null,
  );
}

/** The bytes of a `.onnx` file. */
export function onnxFile({ nodes, inputs, outputs, tensors = [], opset = 17, metadata = {} }: FileModel): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, 8);
  pbf.writeStringField(2, 'tests');
  pbf.writeMessage(
    7,
    (_, graph) => {
      for (const node of nodes) graph.writeMessage(1, writeNode, node);
      graph.writeStringField(2, 'small');
      for (const tensor of tensors) graph.writeMessage(5, (own, writer) => void writeTensor(own, writer), tensor);
      for (const input of inputs) graph.writeMessage(11, writeValue, input);
      for (const name of outputs) graph.writeMessage(12, writeValue, { name, shape: [] });
    },
    null,
  );
  pbf.writeMessage(8, (version, own) => own.writeVarintField(2, version), opset);
  for (const entry of Object.entries(metadata)) pbf.writeMessage(14, writeEntry, entry);
  return pbf.finish().slice();
}
