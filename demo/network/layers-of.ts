import type { Plan, PlannedKernel } from 'linnet';

/** What a plan computes a node, or a half of one, by: a kernel, or several one after another, as Winograd's convolution has them. */
export interface Layer extends Pick<PlannedKernel, 'name' | 'kind' | 'shape'> {
  readonly kernels: readonly PlannedKernel[];
  /** Of the kernel after which the result is whole. */
  readonly last: number;
  /** What is written: a planned value, or some channels of one. */
  readonly output: { readonly value: number; readonly channels?: readonly [first: number, count: number] };
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
  const nameOf = naming(layers.map(([kernel]) => kernel as PlannedKernel));
  return layers.map((parts, index) => {
    last += parts.length;
    const { kind, shape, choice } = parts.at(-1) as PlannedKernel;
    const sum = (cost: 'macs' | 'parameters' | 'bytesRead' | 'bytesWritten') =>
      parts.reduce((total, part) => total + part[cost], 0);
    return {
      name: nameOf(index),
      kind: parts.length > 1 ? `${choice?.name} × ${parts.length}` : kind,
      shape,
      kernels: parts,
      last,
      output: outputOf(parts),
      macs: sum('macs'),
      parameters: sum('parameters'),
      bytesRead: sum('bytesRead'),
      bytesWritten: sum('bytesWritten'),
    };
  });
}

/**
 * A name of its own for each: a map that is made half by half to save memory has two layers of one name, and a result that is
 * brought to the order of tensors may be called as the layer that made it.
 */
function naming(kernels: readonly PlannedKernel[]): (index: number) => string {
  const isAlone = (name: string) => kernels.filter((kernel) => kernel.name === name).length === 1;
  const names = kernels.map(({ name, kind }) => (kind === 'repack' && !isAlone(name) ? `${name} (repack)` : name));
  return (index) => {
    const name = names[index] as string;
    const alike = names.flatMap((other, at) => (other === name ? [at] : []));
    return alike.length > 1 ? `${name} ${alike.indexOf(index) + 1}/${alike.length}` : name;
  };
}

/** What the last kernel writes to, and all the channels of it that the others write. */
function outputOf(kernels: readonly PlannedKernel[]): Layer['output'] {
  const written = kernels.flatMap(({ name, bindings }) => {
    const output = bindings.find((binding) => binding.name === 'output');
    if (!output || !('value' in output)) throw new TypeError(`The kernel '${name}' writes no value.`);
    return [output];
  });
  const { value, channels } = written.at(-1) as (typeof written)[number];
  if (!channels) return { value };
  const parts = written.flatMap((output) => (output.value === value && output.channels ? [output.channels] : []));
  const first = Math.min(...parts.map(([start]) => start));
  return { value, channels: [first, Math.max(...parts.map(([start, count]) => start + count)) - first] };
}
