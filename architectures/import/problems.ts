import { ArchitectureError, ModelError, type UnsupportedNode } from '../../engine/common/errors.ts';

/** Throws because the file is broken. */
export function refuse(problem: string): never {
  throw new ModelError(problem);
}

/** Why the builder refuses a node, without the trail of its own names; other errors are thrown again. */
export function builderReason(error: unknown): string {
  if (!(error instanceof ArchitectureError)) throw error;
  return error.message.replace(/\.(\n.*)?$/s, '');
}

/** A name of a file's in a message. */
export const shorten = (name: string) => `'${name.length > 80 ? `${name.slice(0, 80)}...` : name}'`;

/** How many things a message names. */
export const LISTED = 8;

/** Of all nodes that Linnet cannot compute. */
export function unsupportedError(name: string, unsupported: readonly UnsupportedNode[]): ModelError {
  const listed = unsupported.slice(0, LISTED).map((node) => `${shorten(node.name)} (${node.operator}): ${node.reason}`);
  const more = unsupported.length > LISTED ? `, and ${unsupported.length - LISTED} more` : '';
  const nodes = unsupported.length === 1 ? '1 node' : `${unsupported.length} nodes`;
  return new ModelError(`Linnet cannot compute ${nodes} of ${shorten(name)}: ${listed.join('; ')}${more}.`, {
    unsupported,
  });
}
