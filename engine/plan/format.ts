import { sum } from '../common/numbers.ts';
import type { Binding, Plan, PlannedValue } from './plan.ts';

const MIB = 2 ** 20;
export const mebibytes = (bytes: number) => `${(bytes / MIB).toFixed(2)} MiB`;

/** What a plan costs, in a few numbers. */
export function summarizePlan(plan: Plan) {
  const texelBytes = plan.elementType === 'float16' ? 8 : 16;
  return {
    dispatches: plan.kernels.length,
    pipelines: new Set(plan.kernels.map(({ shader }) => shader)).size,
    activationBytes: sum(plan.arenas.map(({ bytes }) => bytes)),
    /** What activations would take if every value had memory of its own. */
    separateBytes: sum(plan.values.map(({ bytes }) => bytes)),
    weightBytes:
      sum(plan.weightBuffers.map(({ bytes }) => bytes)) +
      sum(plan.weights.map(({ home }) => ('width' in home ? home.width * home.height * texelBytes : 0))),
    bytesRead: sum(plan.kernels.map(({ bytesRead }) => bytesRead)),
    bytesWritten: sum(plan.kernels.map(({ bytesWritten }) => bytesWritten)),
    parameters: plan.parameters,
    macs: plan.macs,
  };
}

/**
 * A plan as a table: a line for each kernel with its shape, its cost, where it writes (arena and offset in bytes; which
 * channels of what lies there, if it writes a part of a value) and how many bytes, and where there was a choice which candidate
 * computes it, and by what: the least estimate, tuning, or the caller's `choices`. Above are the sums.
 */
export function formatPlan(plan: Plan): string {
  const cost = summarizePlan(plan);
  const head = [
    `${plan.name} (${plan.elementType})`,
    `${cost.dispatches} dispatches, ${cost.pipelines} pipelines, ${cost.macs} multiply-accumulates, ${cost.parameters} parameters`,
    `activations ${mebibytes(cost.activationBytes)} in ${plan.arenas.length} arenas (${mebibytes(cost.separateBytes)} without reuse), weights ${mebibytes(cost.weightBytes)}`,
  ];
  const rows = plan.kernels.map(
    ({ name, kind, shape, workgroups, macs, parameters, bindings, bytesWritten, choice }) => {
      const written = bindings.find((binding) => binding.name === 'output') as Extract<Binding, { value: number }>;
      const { value, channels } = written;
      const { arena, offset } = plan.values[value] as PlannedValue;
      const part = channels ? ` channels ${channels[0]}..${channels[0] + channels[1] - 1}` : '';
      return [
        name,
        kind,
        shape.join('x'),
        workgroups.join('x'),
        macs,
        parameters,
        `${arena}+${offset}${part}`,
        bytesWritten,
        choice?.name ?? '',
        choice?.by ?? '',
      ].map(String);
    },
  );
  const table = [
    ['kernel', 'shader', 'shape', 'workgroups', 'macs', 'parameters', 'arena', 'bytes', 'candidate', 'by'],
    ...rows,
  ];
  const widths = (table[0] as string[]).map((_, column) =>
    Math.max(...table.map((row) => (row[column] as string).length)),
  );
  const lines = table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join('  ')
      .trimEnd(),
  );
  return `${[...head, '', ...lines].join('\n')}\n`;
}
