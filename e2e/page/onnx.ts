import { ModelError } from 'linnet';
import { type OnnxModel, type OnnxOptions, openOnnx } from 'linnet/onnx';
import { readModel, readTensor, type ValueInfoProto } from '../../architectures/import/onnx/file.ts';
import { decodeTensor } from '../../architectures/import/onnx/tensor.ts';
import { dataOf } from './compare.ts';
import { compileKeeping } from './kept-pipelines.ts';

interface DataSet {
  folder: string;
  inputs: number;
  outputs: number;
}

/** What comes of each of ONNX's backend tests: `pass`, why its network cannot be opened, or what is wrong with a result. */
export async function runOnnxCases(
  device: GPUDevice,
  { cases }: { cases: readonly { name: string; dataSets: readonly DataSet[] }[] },
): Promise<Record<string, string>> {
  const outcomes: Record<string, string> = {};
  for (const { name, dataSets } of cases) {
    try {
      outcomes[name] = await runCase(device, `/onnx/${name}/`, dataSets);
    } catch (error) {
      outcomes[name] = reasonOf(error);
    }
  }
  return outcomes;
}

/** What a file computes. */
export async function runOnnxFile(
  device: GPUDevice,
  { file, inputs }: { file: Uint8Array; inputs: Readonly<Record<string, Float32Array>> },
): Promise<Record<string, { shape: readonly number[]; data: Float32Array }>> {
  const { architecture, weights, outputs } = await openOnnx(file);
  const net = await compileKeeping(architecture, { weights, device });
  const results = dataOf(await net.run({ ...inputs }));
  net.destroy();
  return Object.fromEntries(outputs.map(({ name, shape }) => [name, { shape, data: results[name] as Float32Array }]));
}

async function runCase(device: GPUDevice, address: string, dataSets: readonly DataSet[]): Promise<string> {
  const file = await bytesOf(`${address}model.onnx`);
  const { graph } = readModel(file);
  for (const { folder, inputs, outputs } of dataSets) {
    const tensors = new Map<string, Awaited<ReturnType<typeof tensorOf>>>();
    for (let index = 0; index < inputs; index++) {
      const input = graph.input[index];
      tensors.set(input?.name ?? '', await tensorOf(`${address}${folder}/input_${index}.pb`, input));
    }
    const { model, constants } = await openCase(file, tensors);
    const given = [...tensors].filter(([name]) => model.inputs.some((input) => input.name === name));
    const net = await compileKeeping(model.architecture, { weights: model.weights, device });
    const results = dataOf(await net.run(Object.fromEntries(given.map(([name, { data }]) => [name, data]))));
    net.destroy();
    for (let index = 0; index < outputs; index++) {
      const declared = graph.output[index];
      const name = declared?.name ?? '';
      const { shape, type, data } = await tensorOf(`${address}${folder}/output_${index}.pb`, declared);
      const output = model.outputs.find((own) => own.name === name);
      if (`${output?.shape}` !== `${shape}`) return `output ${index} is [${output?.shape}] instead of [${shape}]`;
      const problem = difference(results[name] as Float32Array, data, type);
      if (problem) return `output ${index}: ${problem}${constants ? ' (with constants)' : ''}`;
    }
  }
  return 'pass';
}

/** With inputs that vary; or, where an operator wants constants, as filters are, with only the first one that varies. */
async function openCase(
  file: Uint8Array,
  tensors: ReadonlyMap<string, { shape: readonly number[]; data: Float32Array }>,
): Promise<{ model: OnnxModel; constants?: OnnxOptions['constants'] }> {
  try {
    return { model: await openOnnx(file) };
  } catch (error) {
    if (!(error instanceof ModelError) || !/not constant|of constants only|leaves sizes open/.test(error.message))
      throw error;
    const constants = Object.fromEntries([...tensors].slice(1));
    return { model: await openOnnx(file, { constants }), constants };
  }
}

const BFLOAT16 = 16;

async function bytesOf(address: string): Promise<Uint8Array> {
  return new Uint8Array(await (await fetch(address)).arrayBuffer());
}

/** Of bfloat16 the tests have the bits, as another type. */
async function tensorOf(address: string, declared: ValueInfoProto | undefined) {
  const stored = readTensor(await bytesOf(address));
  const isHalf = declared?.type?.tensorType?.elemType === BFLOAT16;
  const tensor = isHalf ? { ...stored, dataType: BFLOAT16 } : stored;
  const constant = decodeTensor(tensor, () => new Uint8Array());
  return { shape: constant.shape, type: constant.type, data: Float32Array.from(constant.read()) };
}

/** By the tolerance of ONNX's runner, but of integers none, and of bfloat16 the bits that the tests cut off. */
function difference(found: Float32Array, expected: Float32Array, type: string): string | undefined {
  if (found.length !== expected.length) return `${found.length} values instead of ${expected.length}`;
  const relative = type === 'bfloat16' ? 2 ** -7 : type.includes('float') ? 1e-3 : 0;
  const wrong = expected.findIndex((value, index) => {
    const own = found[index] as number;
    if (Number.isNaN(value)) return !Number.isNaN(own);
    return !(Math.abs(own - value) <= 1e-7 + relative * Math.abs(value) || own === value);
  });
  return wrong < 0 ? undefined : `${found[wrong]} instead of ${expected[wrong]} at ${wrong}`;
}

function reasonOf(error: unknown): string {
  const [first] = error instanceof ModelError ? error.unsupported : [];
  if (first) return `${first.operator}: ${first.reason}`;
  return String(error).split('\n')[0] as string;
}
