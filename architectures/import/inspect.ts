import type { UnsupportedNode } from '../../engine/common/errors.ts';
import { planFor } from '../../engine/compile.ts';
import { mebibytes, summarizePlan } from '../../engine/plan/format.ts';
import type { Plan } from '../../engine/plan/plan.ts';
import { loadBytes, type WeightsSource } from '../../engine/weights/load.ts';
import { inspectOnnx, type OnnxOptions, type OnnxSource } from '../onnx.ts';
import { inspectTflite } from '../tflite.ts';
import type { FileValue } from './described.ts';
import { isTflite } from './tflite/sign.ts';

/** What is in an ONNX or a TFLite file. */
export interface Inspection {
  readonly format: 'ONNX' | 'TensorFlow Lite';
  readonly name: string;
  readonly inputs: readonly FileValue[];
  readonly outputs: readonly FileValue[];
  /** How many nodes there are of each operator. */
  readonly operators: Readonly<Record<string, number>>;
  /** Trained numbers. */
  readonly parameters: number;
  /** The nodes that Linnet cannot compute. */
  readonly unsupported: readonly UnsupportedNode[];
  /** Where it can compute all: for WebGPU's default limits, in float32. */
  readonly plan?: Plan;
}

/**
 * Looks into a file without a GPU. `options` are those of what opens it. Rejects with a `ModelError` where the file is broken, or
 * a size is open that nothing was said of.
 */
export async function inspect(file: OnnxSource, options: OnnxOptions = {}): Promise<Inspection> {
  // Several files are a model of ONNX and its data.
  const { sizes: _, constants: __, ...loading } = options;
  const bytes = Array.isArray(file) ? undefined : await loadBytes(file as WeightsSource, loading);
  const tflite = bytes && isTflite(bytes) ? bytes : undefined;
  const { name, inputs, outputs, operators, parameters, unsupported, architecture } = await (tflite
    ? inspectTflite(tflite, options)
    : inspectOnnx(file, options, bytes));
  const format = tflite ? 'TensorFlow Lite' : 'ONNX';
  const found = { format, name, inputs, outputs, operators, parameters, unsupported } as const;
  return architecture ? { ...found, plan: planFor(architecture) } : found;
}

const valuesOf = (values: readonly FileValue[]) =>
  values.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ');

/** An inspection as text, a line for each fact. */
export function formatInspection(inspection: Inspection): string {
  const { format, name, inputs, outputs, operators, parameters, unsupported, plan } = inspection;
  const byCount = Object.entries(operators).sort(([, a], [, b]) => b - a);
  const rows: [string, string][] = [
    ['format', format],
    ['name', name],
    ['inputs', valuesOf(inputs)],
    ['outputs', valuesOf(outputs)],
    ['operators', byCount.map(([operator, count]) => `${count} ${operator}`).join(', ')],
    ['parameters', parameters.toLocaleString('en')],
  ];
  if (plan) {
    const cost = summarizePlan(plan);
    rows.push(
      ['multiply-adds', cost.macs.toLocaleString('en')],
      ['plan', `${cost.dispatches} dispatches, ${cost.pipelines} pipelines`],
      ['memory', `${mebibytes(cost.activationBytes)} for activations, ${mebibytes(cost.weightBytes)} of weights`],
    );
  }
  rows.push(['unsupported', unsupported.length === 0 ? 'none' : `${unsupported.length} of the nodes`]);
  const width = Math.max(...rows.map(([fact]) => fact.length));
  return [
    ...rows.map(([fact, text]) => `${fact.padEnd(width)}  ${text}`),
    ...unsupported.map((node) => ` - ${node.operator} '${node.name}': ${node.reason}`),
    '',
  ].join('\n');
}
