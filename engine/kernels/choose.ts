import { InputError } from '../common/errors.ts';
import type { Node } from '../graph/graph.ts';
import type { Choice } from '../plan/plan.ts';
import type { Recorder } from './recorder.ts';

/** What a candidate knows of where it would run. */
export type Ground = Readonly<Pick<Recorder, 'target' | 'tiles'>>;

/** A way to compute an op. */
export interface Candidate<Op extends Node = Node> {
  readonly name: string;
  /** `true`, or why it cannot compute this node. */
  fits(node: Op, on: Ground): true | string;
  /** The multiply-adds that the GPU would do, those with zeros among them, or as long as they take. */
  estimate(node: Op, on: Ground): number;
  /** Emits the kernels. */
  lower(to: Recorder, node: Op): void;
}

/** The only way to compute an op. */
export const only = <Op extends Node>(lower: Candidate<Op>['lower']): readonly Candidate<Op>[] => [
  { name: '', fits: () => true, estimate: () => 0, lower },
];

/** The cheapest of the candidates that fit, the first one of equals; or the one that the target names for this node. */
export function choose<Op extends Node>(
  candidates: readonly Candidate<Op>[],
  node: Op,
  on: Ground,
): { candidate: Candidate<Op>; choice: Choice | undefined } {
  const judged = candidates.map((candidate) => {
    const fits = candidate.fits(node, on);
    return { candidate, name: candidate.name, verdict: fits === true ? candidate.estimate(node, on) : fits };
  });
  const { [node.name]: wanted } = on.target.choices;
  const able = judged.filter(({ name, verdict }) => typeof verdict === 'number' && (wanted ?? name) === name);
  const [best] = able.sort((a, b) => Number(a.verdict) - Number(b.verdict));
  if (!best) {
    const reasons = judged.map(({ name, verdict }) => `'${name}' (${verdict})`);
    throw new InputError(`The choice '${wanted}' cannot be made; there are ${reasons.join(', ')}.`);
  }
  const others = judged.filter((other) => other !== best).map(({ name, verdict }) => [name, verdict]);
  const choice = others.length > 0 ? { name: best.name, others: Object.fromEntries(others) } : undefined;
  return { candidate: best.candidate, choice };
}
