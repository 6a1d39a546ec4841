import type { Plan, PlannedKernel } from 'linnet';

/** What a plan computes a node by: a kernel, or several one after another, as Winograd's convolution has them. */
export interface Layer extends Pick<PlannedKernel, 'name' | 'kind' | 'shape'> {
  /** Of the kernel after which the result is whole. */
  readonly last: number;
  /** Of all of its kernels. */
  readonly macs: number;
  readonly parameters: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
}

export function layersOf({ kernels }: Plan): Layer[] {
  const layers: PlannedKernel[][] = [];
  for (const kernel of kernels) {
    const before = layers.at(-1);
    if (before && kernel.choice && before[0]?.choice === kernel.choice) before.push(kernel);
    else layers.push([kernel]);
  }
  let last = -1;
  return layers.map((parts) => {
    last += parts.length;
    const { name, kind, shape, choice } = parts.at(-1) as PlannedKernel;
    const sum = (cost: 'macs' | 'parameters' | 'bytesRead' | 'bytesWritten') =>
      parts.reduce((total, part) => total + part[cost], 0);
    return {
      name,
      kind: parts.length > 1 ? `${choice?.name} × ${parts.length}` : kind,
      shape,
      last,
      macs: sum('macs'),
      parameters: sum('parameters'),
      bytesRead: sum('bytesRead'),
      bytesWritten: sum('bytesWritten'),
    };
  });
}
