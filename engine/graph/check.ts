import { ArchitectureError } from '../common/errors.ts';
import { show } from '../common/kinds.ts';

export function demand(condition: boolean, message: string): asserts condition {
  if (!condition) throw new ArchitectureError(message);
}

export function check(fits: boolean, role: string, given: unknown, expected: string): asserts fits {
  if (!fits) throw new ArchitectureError(`The ${role} is ${show(given)}; it should be ${expected}.`);
}
