import type { ElementType } from '../../shaders/kernel.ts';
import type { Capabilities } from '../common/capabilities.ts';
import { UnsupportedError } from '../common/errors.ts';
import { FLAG, OBJECT, oneOf } from '../common/kinds.ts';
import { requireKind } from '../common/options.ts';

/**
 * How activations and weights are stored; arithmetic is 32-bit, but for the products of a filter's row in `float16` on
 * phones, see `Conv2dOptions`. `float16` needs the device feature `shader-f16`; `auto` is `float16` where the device has it.
 */
export type Precision = 'float32' | 'float16' | 'auto';

export interface PlanOptions {
  /** `float32` unless given. */
  precision?: Precision | undefined;
  /** Whether values share memory, true unless given. Without, results are the same bits; for debugging. */
  reuse?: boolean | undefined;
  /** By a kernel's name: which candidate computes it, of those that its `choice` names in a plan, whatever the estimates say. */
  choices?: Readonly<Record<string, string>> | undefined;
}

/** What a network is planned for. */
export interface Target {
  readonly capabilities: Capabilities;
  readonly elementType: ElementType;
  readonly reuse: boolean;
  readonly choices: ReadonlyMap<string, string>;
  /** By the id of a node's result: which candidate tuning found for it. `choices` come first. */
  readonly tuned?: ReadonlyMap<number, string>;
}

const PRECISION = oneOf('float32', 'float16', 'auto');

/** Throws an `InputError` for a wrong option, and an `UnsupportedError` for a precision that the device lacks. */
export function targetOf(
  capabilities: Capabilities,
  { precision = 'float32', reuse = true, choices = {} }: PlanOptions,
): Target {
  requireKind('precision', precision, PRECISION);
  requireKind('reuse', reuse, FLAG);
  requireKind('choices', choices, OBJECT);
  const hasHalves = capabilities.features.includes('shader-f16');
  if (precision === 'float16' && !hasHalves) {
    throw new UnsupportedError("The device has no 'shader-f16', which precision 'float16' needs.");
  }
  return {
    capabilities,
    elementType: precision === 'float32' || !hasHalves ? 'float32' : 'float16',
    reuse,
    choices: new Map(Object.entries(choices)),
  };
}
