import { sumOf } from './fuse.ts';
import type { Graph } from './graph.ts';

/** Lets averages count zeros that a node put around the map as padding of their own. What nothing else reads, fusion leaves out. */
export function countPadding(graph: Graph): Graph {
  const pads = new Map(graph.nodes.flatMap((node) => (node.op === 'pad' ? [[node.output.id, node] as const] : [])));
  const nodes = graph.nodes.map((node) => {
    const isCounting = node.op === 'averagePool2d' && (node.countIncludePad || !node.padding.some(Boolean));
    const pad = isCounting && pads.get(node.inputs[0].id);
    if (!pad) return node;
    return { ...node, inputs: pad.inputs, padding: sumOf(node.padding, pad.padding), countIncludePad: true };
  });
  return { ...graph, nodes };
}
