import { type DividedGraph, vectorsAlive } from '../graph/divide.ts';
import type { Node } from '../graph/graph.ts';

/** What a node's kernels may take in the fullest moment, as a part of what all values take then; in a small network, 256 KiB. */
const SPARE = 1 / 4;
const LEAST_SPARE = 2 ** 14;

/**
 * For each node, vectors of memory that its kernels may take beside the graph's values: half of what is free then, as what a
 * kernel reads and what it writes lie in different arenas, and a little.
 */
export function roomIn(graph: DividedGraph): ReadonlyMap<Node, number> {
  const { nodes, most } = graph;
  const taken = vectorsAlive(graph);
  const spare = Math.max(LEAST_SPARE, most * SPARE);
  return new Map(nodes.map((node, step) => [node, (most - (taken[step] as number)) / 2 + spare]));
}
