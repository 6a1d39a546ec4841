import type { PlannedKernel } from 'linnet';

/** What a kernel writes: a planned value, or some channels of one. */
export function outputOf({ bindings }: PlannedKernel) {
  const output = bindings.find(({ name }) => name === 'output');
  return output && 'value' in output ? output : undefined;
}
