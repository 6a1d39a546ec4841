import type { Plan } from 'linnet';
import type { Layer } from '../network/layers-of.ts';

/** Some channels of a planned value that one layer has written and another one reads. */
export interface Edge {
  /** Indices of layers. */
  readonly from: number;
  readonly to: number;
  /** What the reading kernel calls it: `input`, `residual`, `scale`, ... */
  readonly operand: string;
  readonly value: number;
  readonly first: number;
  readonly count: number;
}

/** Who reads what of whom, as the plan's kernels bind it: fused additions and concatenations are edges too. */
export function edgesOf(plan: Plan, layers: readonly Layer[]): Edge[] {
  const written = new Map<number, { layer: number; first: number; end: number }[]>();
  const edges = new Map<string, Edge>();
  for (const [to, { kernels }] of layers.entries()) {
    for (const { bindings } of kernels) {
      for (const binding of bindings) {
        if (!('value' in binding)) continue;
        const { name: operand, value } = binding;
        const writers = written.get(value) ?? [];
        const [first, count] = binding.channels ?? [0, plan.values[value]?.shape[1] ?? 1];
        if (operand === 'output') {
          if (!writers.some((writer) => writer.layer === to && writer.first === first)) {
            written.set(value, [...writers, { layer: to, first, end: first + count }]);
          }
          continue;
        }
        for (const { layer: from, ...range } of writers) {
          const start = Math.max(first, range.first);
          const end = Math.min(first + count, range.end);
          if (from === to || start >= end) continue;
          edges.set(`${from} ${to} ${operand} ${start}`, {
            from,
            to,
            operand,
            value,
            first: start,
            count: end - start,
          });
        }
      }
    }
  }
  return [...edges.values()];
}

/** The edges of a layer that can be switched off by themselves: what is added or multiplied, and the parts of a concatenation. */
export function skipsInto(edges: readonly Edge[], layer: number): readonly Edge[] {
  const into = edges.filter(({ to }) => to === layer);
  return into.filter(({ operand, value, from }) => {
    const alike = into.filter((other) => other.value === value);
    // What is read twice, as it is and to be added, cannot be faded for one of the two.
    if (alike.some((other) => other.operand !== operand)) return false;
    return operand !== 'input' || alike.some((other) => other.from !== from);
  });
}

/** Layers that stand side by side in the plan and whose names begin alike, such as the blocks of a stage. */
export interface Group {
  readonly label: string;
  readonly first: number;
  readonly last: number;
}

/** A group must be worth a fold, more than the halves of one layer, and must not be most of the network. */
const LEAST_LAYERS = 3;
const LEAST_NAMES = 2;
const LARGEST_SHARE = 0.5;

/**
 * Groups by the fewest parts of a name (`layer1` of `layer1.0.conv1`) that at most half of the layers share. Layers without
 * parameters, which have no such names, belong to a group within which they stand.
 */
export function groupsOf(layers: readonly Layer[]): Group[] {
  const prefixes = (name: string) => {
    const parts = withoutHalf(name).split(/[./]/);
    return parts.slice(0, -1).map((_, depth) => parts.slice(0, depth + 1).join('.'));
  };
  const sharing = new Map<string, number>();
  for (const { name } of layers) {
    for (const prefix of prefixes(name)) sharing.set(prefix, (sharing.get(prefix) ?? 0) + 1);
  }
  const labels = layers.map(({ name, parameters }) =>
    parameters > 0
      ? prefixes(name).find((prefix) => (sharing.get(prefix) ?? 0) <= layers.length * LARGEST_SHARE)
      : undefined,
  );
  const named = layers.flatMap(({ parameters }, index) => (parameters > 0 ? [index] : []));
  const labelOf = (index: number): string | undefined => {
    if (layers[index]?.parameters !== 0) return labels[index];
    const before = labels[named.findLast((other) => other < index) ?? -1];
    return before === labels[named.find((other) => other > index) ?? -1] ? before : undefined;
  };
  const groups: { label: string; first: number; last: number }[] = [];
  let current: (typeof groups)[number] | undefined;
  for (const index of layers.keys()) {
    const label = labelOf(index);
    if (label === undefined) current = undefined;
    else if (current?.label === label) current.last = index;
    else {
      current = { label, first: index, last: index };
      groups.push(current);
    }
  }
  const namesIn = ({ first, last }: Group) =>
    new Set(
      layers.slice(first, last + 1).flatMap(({ name, parameters }) => (parameters > 0 ? [withoutHalf(name)] : [])),
    );
  return groups.filter((group) => group.last - group.first + 1 >= LEAST_LAYERS && namesIn(group).size >= LEAST_NAMES);
}

/** Of a layer that is computed half by half, what both are called. */
export const withoutHalf = (name: string) => name.replace(/ \d+\/\d+$/, '');

/** A line of the table: a layer, the layers of a folded group, or the title of an open one. */
export interface Row {
  readonly kind: 'layer' | 'folded' | 'title';
  /** Of the layers; a title has its group's. */
  readonly first: number;
  readonly last: number;
  readonly group?: Group;
}

export function rowsOf(layers: readonly Layer[], groups: readonly Group[], open: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  for (let index = 0; index < layers.length; index++) {
    const group = groups.find(({ first }) => first === index);
    if (group && !open.has(group.label)) {
      rows.push({ kind: 'folded', first: group.first, last: group.last, group });
      index = group.last;
      continue;
    }
    if (group) rows.push({ kind: 'title', first: group.first, last: group.last, group });
    rows.push({ kind: 'layer', first: index, last: index });
  }
  return rows;
}
