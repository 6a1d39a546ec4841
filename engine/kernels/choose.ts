import { InputError } from '../common/errors.ts';
import type { Node } from '../graph/graph.ts';
import type { Choice } from '../plan/plan.ts';
import type { Target } from '../plan/target.ts';
import { sha256 } from '../weights/sha256.ts';
import type { Recorder } from './recorder.ts';

/** What a candidate knows of where it would run. */
export type Ground = Readonly<Pick<Recorder, 'target' | 'tiles' | 'room'>>;

/** A way to compute an op. */
export interface Candidate<Op extends Node = Node> {
  readonly name: string;
  /** The multiply-adds that the GPU would do, those with zeros among them, or as long as they take; or why it cannot. */
  estimate(node: Op, on: Ground): number | string;
  /** So many times its estimate it must save: 1 unless given. Timing knows better. */
  reserve?(node: Op, on: Ground): number;
  /** Emits the kernels. */
  lower(to: Recorder, node: Op): void;
}

/** The only way to compute an op. */
export const only = <Op extends Node>(lower: Candidate<Op>['lower']): readonly Candidate<Op>[] => [
  { name: 'default', estimate: () => 0, lower },
];

/**
 * The cheapest of the candidates that can, the first one of equals; or the one that tuning found for such a layer, if it still
 * can; or the one that the target names for this node.
 */
export function choose<Op extends Node>(
  candidates: readonly Candidate<Op>[],
  node: Op,
  on: Ground,
): { candidate: Candidate<Op>; choice: Choice | undefined; works: Choice['estimates'] } {
  const works = Object.fromEntries(candidates.map(({ name, estimate }) => [name, estimate(node, on)]));
  const estimates = Object.fromEntries(
    candidates.map(({ name, reserve }) => {
      const work = works[name] as number | string;
      return [name, typeof work === 'number' && reserve ? work * reserve(node, on) : work];
    }),
  );
  const cost = ({ name }: Candidate<Op>) => estimates[name] as number;
  const { choices, tuned } = on.target;
  const wanted = choices.get(node.name);
  const able = candidates.filter(({ name }) => typeof estimates[name] === 'number');
  const find = (wanted: string | undefined) => able.find(({ name }) => name === wanted);
  const found = tuned.size > 0 ? find(tuned.get(signatureOf(node, estimates, on.target))) : undefined;
  const [cheapest] = [...able].sort((a, b) => cost(a) - cost(b));
  const candidate = wanted === undefined ? (found ?? cheapest) : find(wanted);
  if (!candidate) {
    const all = Object.entries(estimates).map(([name, estimate]) => `${name} (${estimate})`);
    throw new InputError(`The choice '${wanted}' cannot be made; there are ${all.join(', ')}.`);
  }
  const by = wanted !== undefined ? 'choices' : found ? 'tuning' : 'estimate';
  return { candidate, choice: candidates.length > 1 ? { name: candidate.name, by, estimates } : undefined, works };
}

/** What of a node is no matter of its kernels' texts and sizes. */
const NAMES = ['name', 'id', 'values', 'pieces', 'epsilon'];

/**
 * What a tuned choice is kept by: equal for nodes that the same candidates compute by the same texts on the same sizes. What
 * else an estimate looks at, the device's tiles above all, is in the numbers.
 */
export function signatureOf(
  node: Node,
  estimates: Choice['estimates'],
  { elementType, capabilities: { maxBufferSize, maxStorageBufferBindingSize } }: Target,
): string {
  const able = Object.entries(estimates).filter(([, estimate]) => typeof estimate === 'number');
  const all = [node, able, elementType, maxBufferSize, maxStorageBufferBindingSize];
  const text = JSON.stringify(all, (name, value) => (NAMES.includes(name) ? undefined : value));
  const digest = sha256();
  digest.add(new TextEncoder().encode(text));
  return digest.hex().slice(0, 16);
}
