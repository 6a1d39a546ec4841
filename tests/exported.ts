// Networks of torchvision as ONNX files, and the weights that these lack: onnx/README.md.
import { PbfReader } from 'pbf';
import { seededTensor } from './seeded.ts';

/** What onnx/index.json holds of each. */
export interface Exported {
  readonly input: readonly number[];
  /** Of the symbols in the input's shape. */
  readonly sizes?: Readonly<Record<string, number>>;
  readonly output?: readonly number[];
  readonly step?: number;
}

/** The file of external data that belongs to an exported network: its tensors in the order of the file, filled by their names. */
export function weightsOf(model: Uint8Array<ArrayBuffer>): File {
  const tensors = initializersOf(model).filter(({ isExternal }) => isExternal);
  return new File(
    tensors.map(({ name, dims }) => seededTensor('', name, dims) as Float32Array<ArrayBuffer>),
    'weights.bin',
  );
}

interface Initializer {
  name: string;
  dims: number[];
  isExternal: boolean;
}

/** Read by the numbers of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto and not by the importer, which is tested. */
function initializersOf(model: Uint8Array): Initializer[] {
  const [graph, initializer, dims, name, dataLocation] = [7, 5, 1, 8, 14];
  const found: Initializer[] = [];
  const readTensor = (tag: number, tensor: Initializer, pbf: PbfReader) => {
    if (tag === dims) pbf.readPackedVarint(tensor.dims);
    if (tag === name) tensor.name = pbf.readString();
    if (tag === dataLocation) tensor.isExternal = pbf.readVarint() === 1;
  };
  const readGraph = (tag: number, tensors: Initializer[], pbf: PbfReader) => {
    if (tag === initializer) tensors.push(pbf.readMessage(readTensor, { name: '', dims: [], isExternal: false }));
  };
  new PbfReader(model).readFields((tag, tensors, pbf) => {
    if (tag === graph) pbf.readMessage(readGraph, tensors);
  }, found);
  return found;
}
