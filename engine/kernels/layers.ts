import type { DividedGraph } from '../graph/divide.ts';
import { type Node, operandsOf } from '../graph/graph.ts';
import { place } from '../plan/place.ts';
import type { Choice, Plan } from '../plan/plan.ts';
import { sha256 } from '../weights/sha256.ts';
import type { KernelTarget } from './candidates.ts';
import { chooseFor, lowerNode } from './lower.ts';
import { Recorder } from './recorder.ts';

/** A node that several candidates can compute, of which nobody but the estimates says by which. */
export interface Layer {
  readonly node: Node;
  /** The candidate of the least estimate. */
  readonly untuned: string;
  /** What the candidates say of their work, whatever else counts for the choice. */
  readonly works: Choice['estimates'];
  /** What a tuned choice for it is kept by. */
  readonly signature: string;
}

export function layersOf(graph: DividedGraph, target: KernelTarget): Layer[] {
  const { tiles, room } = new Recorder(target, graph);
  return graph.nodes.flatMap((node) => {
    const [choice, timed] = [false, true].map(
      (isTimed) => chooseFor({ target, tiles, room, isTimed }, node, target).choice,
    );
    if (choice?.by !== 'estimate' || !timed) return [];
    const { name, estimates } = choice;
    return [{ node, untuned: name, works: timed.estimates, signature: signatureOf(node, estimates, target) }];
  });
}

/** What of a node is no matter of its kernels' texts and sizes. */
const NAMES = ['name', 'id', 'values', 'pieces', 'firstRow', 'epsilon'];

/**
 * Equal for nodes that the same candidates compute by the same texts on the same sizes. What else an estimate looks at, the
 * device's tiles above all, is in the numbers.
 */
function signatureOf(node: Node, estimates: Choice['estimates'], { elementType }: KernelTarget): string {
  const text = JSON.stringify([node, estimates, elementType], (name, value) =>
    NAMES.includes(name) ? undefined : value,
  );
  const digest = sha256();
  digest.add(new TextEncoder().encode(text));
  return digest.hex().slice(0, 16);
}

/** The target, with what was found for these layers by their signatures; but for what cannot compute them any more. */
export function withTuned(
  target: KernelTarget,
  layers: readonly Layer[],
  found: ReadonlyMap<string, string>,
): KernelTarget {
  const able = layers.flatMap(({ node, works, signature }) => {
    const name = found.get(signature);
    return name !== undefined && typeof works[name] === 'number' ? [[node.output.id, name] as const] : [];
  });
  return { ...target, tuned: new Map(able) };
}

/** A layer by itself as one of its candidates computes it, with memory and weights of its own: to be timed. */
export function planLayer(graph: DividedGraph, target: KernelTarget, node: Node, candidate: string): Plan {
  const alone = { ...target, tuned: new Map([[node.output.id, candidate]]), reuse: false };
  const to = new Recorder(alone, graph);
  for (const value of operandsOf(node)) to.write(value);
  lowerNode(to, node, alone);
  const { kernels, values, weights } = to;
  return place(node.name, { kernels, values, weights, inputs: {}, outputs: {} }, alone);
}
