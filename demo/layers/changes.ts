import type { Change } from './inside.ts';

/** Two of the same part of a network, of which the later one counts. */
export const keyOf = (change: Change): string => {
  const part =
    change.kind === 'skip'
      ? `${change.edge.operand} ${change.edge.from} ${change.edge.first}`
      : change.kind === 'channel'
        ? change.channel
        : '';
  return `${change.layer} ${change.kind} ${part}`;
};

/** With this one in place of one of the same part; at full strength there is nothing to remember. */
export function withChange(changes: readonly Change[], change: Change): readonly Change[] {
  const key = keyOf(change);
  const at = changes.findIndex((other) => keyOf(other) === key);
  if (change.strength === 1) return at < 0 ? changes : changes.filter((_, index) => index !== at);
  return at < 0 ? [...changes, change] : changes.with(at, change);
}

/** How much of the part that `change` names is let through. */
export function strengthOf(changes: readonly Change[], change: Change): number {
  const key = keyOf(change);
  return changes.find((other) => keyOf(other) === key)?.strength ?? 1;
}
