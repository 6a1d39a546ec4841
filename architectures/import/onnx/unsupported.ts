import type { Shape } from '../../../engine/graph/graph.ts';

/** Leaves a node's function: Linnet cannot compute the node. Without a reason, as it could not compute what the node reads. */
export class UnsupportedHere extends Error {
  readonly reason: string | undefined;

  constructor(reason?: string) {
    super(reason);
    this.reason = reason;
  }
}

export function unsupported(reason: string): never {
  throw new UnsupportedHere(reason);
}

export const showShape = (shape: Shape) => `[${shape.join(', ')}]`;
