// What the command measures, wherever WebGPU is: in Node, and bundled in a browser's page.
import { requestDevice, tensorsOf, weightsFrom } from 'linnet';
import * as exported from 'linnet/architectures';
import { measureMachine } from '../demo/bench/machine.ts';
import { describe, measureNetwork, type NetworkReport, type Report } from '../demo/bench/measure.ts';
import { seededTensor, uniform } from '../tests/seeded.ts';

const architectures = { ...exported };

/** A network of tests/goldens/, as JSON can carry it. */
export interface Case {
  readonly name: string;
  readonly family: keyof typeof architectures;
  readonly options: object;
  readonly expected: readonly number[];
  readonly precision: 'float32' | 'float16';
}

export interface Bench {
  /** A report without networks. */
  readonly head: Omit<Report, 'networks' | 'platform'>;
  measure(wanted: Case): Promise<NetworkReport>;
}

/** A device, whose peaks are measured, for networks one after another. */
export async function createBench(gpu?: GPU): Promise<Bench> {
  const device = await requestDevice({ gpu });
  const machine = await measureMachine(device);
  const pipelines = new Map();
  return {
    head: { ...describe(device), machine },
    measure({ name, family, options, expected, precision }) {
      const architecture = architectures[family](options);
      const tensors = tensorsOf(architecture).map(
        ({ name: tensor, shape }) => [tensor, { shape, data: seededTensor('', tensor, shape) }] as const,
      );
      return measureNetwork(device, architecture, {
        name,
        weights: weightsFrom(Object.fromEntries(tensors)),
        imageOf: (elements) => Float32Array.from(uniform('input', elements)),
        machine,
        precision,
        expected: Float32Array.from(expected),
        pipelines,
      });
    },
  };
}
