import { type Node, operandsOf, type Value } from '../graph/graph.ts';
import type { JoinedGraph } from '../graph/join.ts';
import { sizesOf } from '../graph/sizes.ts';

/** What a node's kernels may take in the fullest moment, as a part of what all values take then; in a small network, 256 KiB. */
const SPARE = 1 / 4;
const LEAST_SPARE = 2 ** 14;

/**
 * For each node, vectors of memory that its kernels may take beside the graph's values: half of what is free then, as what a
 * kernel reads and what it writes lie in different arenas, and a little.
 */
export function roomIn({ nodes, inputs, ranges }: JoinedGraph): ReadonlyMap<Node, number> {
  const placeOf = (value: Value) => {
    const { whole, channel } = ranges.get(value.id) ?? { whole: value, channel: 0 };
    return { id: whole.id, first: channel, end: channel + value.shape[1] };
  };
  const reads = nodes.map((node) => operandsOf(node).map(placeOf));
  const taken = nodes.map(() => 0);
  const made: [Value, number][] = nodes.map(({ output }, step) => [output, step]);
  for (const [value, step] of [...inputs.map((input): [Value, number] => [input, 0]), ...made]) {
    const { id, first, end } = placeOf(value);
    const last = reads.findLastIndex((places) =>
      places.some((other) => other.id === id && other.first < end && first < other.end),
    );
    const { batch, vectors } = sizesOf(value);
    for (let at = step; at <= Math.max(step, last); at++) taken[at] = (taken[at] as number) + batch * vectors;
  }
  const most = Math.max(...taken);
  const spare = Math.max(LEAST_SPARE, most * SPARE);
  return new Map(nodes.map((node, step) => [node, (most - (taken[step] as number)) / 2 + spare]));
}
