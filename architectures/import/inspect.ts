import { ModelError, type UnsupportedNode } from '../../engine/common/errors.ts';
import { planFor } from '../../engine/compile.ts';
import type { Shape } from '../../engine/graph/graph.ts';
import { summarizePlan } from '../../engine/plan/format.ts';
import type { Plan } from '../../engine/plan/plan.ts';
import { loadBytes, type WeightsSource } from '../../engine/weights/load.ts';
import { type OnnxOptions, type OnnxSource, openOnnx } from '../onnx.ts';
import { openTflite } from '../tflite.ts';
import { readModel } from './onnx-file.ts';
import { readTflite } from './tflite-file.ts';

/** What is in an ONNX or a TFLite file. */
export interface Inspection {
  readonly format: 'ONNX' | 'TensorFlow Lite';
  /** How many nodes there are of each operator, the most frequent first. */
  readonly operators: readonly (readonly [operator: string, count: number])[];
  /** The nodes that Linnet cannot compute. */
  readonly unsupported: readonly UnsupportedNode[];
  /** Where it can compute all. */
  readonly network?: {
    readonly name: string;
    readonly inputs: readonly Port[];
    readonly outputs: readonly Port[];
    /** For WebGPU's default limits, in float32. */
    readonly plan: Plan;
  };
}

interface Port {
  readonly name: string;
  readonly shape: Shape;
}

/**
 * Looks into a file without a GPU. `options` are those of what opens it. Rejects with a `ModelError` where the file is broken, or
 * a size is open that nothing was said of.
 */
export async function inspect(file: OnnxSource, options: OnnxOptions = {}): Promise<Inspection> {
  const { tflite, bytes } = await sniff(file);
  const format = tflite ? 'TensorFlow Lite' : 'ONNX';
  const found = tflite
    ? readTflite(bytes).operators.map(({ operator }) => operator)
    : readModel(bytes).graph.node.map(({ opType = '' }) => opType);
  const counts = new Map<string, number>();
  for (const operator of found) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  const operators = [...counts].sort(([, a], [, b]) => b - a);
  try {
    const { architecture, inputs, outputs } = await (tflite ? openTflite(bytes, options) : openOnnx(file, options));
    const network = { name: architecture.name, inputs, outputs, plan: planFor(architecture) };
    return { format, operators, unsupported: [], network };
  } catch (error) {
    if (!(error instanceof ModelError) || error.unsupported.length === 0) throw error;
    return { format, operators, unsupported: error.unsupported };
  }
}

/** The bytes of a file, or of the model among several. */
async function sniff(file: OnnxSource): Promise<{ bytes: Uint8Array; tflite: boolean }> {
  const files: readonly File[] | undefined = Array.isArray(file) ? file : undefined;
  const model = files ? (files.find(({ name }) => name.endsWith('.onnx')) ?? files[0]) : file;
  const bytes = await loadBytes(model as WeightsSource);
  return { bytes, tflite: String.fromCharCode(...bytes.subarray(4, 8)) === 'TFL3' };
}

const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(2)} MiB`;
const portsOf = (ports: readonly Port[]) => ports.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ');

/** An inspection as text, a line for each fact. */
export function formatInspection({ format, operators, unsupported, network }: Inspection): string {
  const rows: [string, string][] = [['format', format]];
  if (network)
    rows.push(['name', network.name], ['inputs', portsOf(network.inputs)], ['outputs', portsOf(network.outputs)]);
  rows.push(['operators', operators.map(([operator, count]) => `${count} ${operator}`).join(', ')]);
  if (network) {
    const cost = summarizePlan(network.plan);
    rows.push(
      ['parameters', cost.parameters.toLocaleString('en')],
      ['multiply-adds', cost.macs.toLocaleString('en')],
      ['plan', `${cost.dispatches} dispatches, ${cost.pipelines} pipelines`],
      ['memory', `${mebibytes(cost.activationBytes)} for activations, ${mebibytes(cost.weightBytes)} of weights`],
    );
  }
  rows.push(['unsupported', unsupported.length === 0 ? 'none' : `${unsupported.length} of the nodes`]);
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    ...rows.map(([name, fact]) => `${name.padEnd(width)}  ${fact}`),
    ...unsupported.map(({ name, operator, reason }) => ` - ${operator} '${name}': ${reason}`),
    '',
  ].join('\n');
}
