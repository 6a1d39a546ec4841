import { InputError } from '../common/errors.ts';
import type { Node } from '../graph/graph.ts';
import type { Choice } from '../plan/plan.ts';
import type { Recorder } from './recorder.ts';

/** What a candidate knows of where it would run. */
export interface Ground extends Readonly<Pick<Recorder, 'target' | 'tiles' | 'room'>> {
  /** Whether the estimates are of work alone, as a clock will tell what registers and texts a device has room for. */
  readonly isTimed?: boolean;
}

/** A way to compute an op. */
export interface Candidate<Op extends Node = Node> {
  readonly name: string;
  /** The multiply-adds that the GPU would do, those with zeros among them, or as long as they take; or why it cannot. */
  estimate(node: Op, on: Ground): number | string;
  /** Emits the kernels. */
  lower(to: Recorder, node: Op): void;
}

/** The only way to compute an op. */
export const only = /* @__NO_SIDE_EFFECTS__ */ <Op extends Node>(
  lower: Candidate<Op>['lower'],
): readonly Candidate<Op>[] => [{ name: 'default', estimate: () => 0, lower }];

/**
 * The cheapest of the candidates that can, the first one of equals; or the one that tuning found for this node; or the one that
 * the caller names.
 */
export function choose<Op extends Node>(
  candidates: readonly Candidate<Op>[],
  node: Op,
  on: Ground,
): { candidate: Candidate<Op>; choice: Choice | undefined } {
  const { choices, tuned } = on.target;
  const named = choices.get(node.name);
  const wanted = named ?? tuned?.get(node.output.id);
  const estimates: Record<string, number | string> = {};
  let candidate: Candidate<Op> | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const each of candidates) {
    const { name } = each;
    const estimate = each.estimate(node, on);
    estimates[name] = estimate;
    if (typeof estimate !== 'number' || estimate >= least || (wanted ?? name) !== name) continue;
    candidate = each;
    least = estimate;
  }
  if (!candidate) {
    const all = Object.entries(estimates).map(([name, estimate]) => `${name} (${estimate})`);
    throw new InputError(`The choice '${wanted}' cannot be made; there are ${all.join(', ')}.`);
  }
  const by = wanted === undefined ? 'estimate' : named === undefined ? 'tuning' : 'choices';
  return { candidate, choice: candidates.length > 1 ? { name: candidate.name, by, estimates } : undefined };
}
