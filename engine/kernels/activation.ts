import type { ACTIVATION_FIELDS, Activation } from '../../shaders/activation.ts';
import type { ParamValues } from '../../shaders/kernel.ts';
import { FLOAT_MAX, type FusedActivation, IDENTITY } from '../graph/graph.ts';

/** Which of the shaders' activations it is. */
export function shaderActivation(activation: FusedActivation = IDENTITY): Activation {
  if (activation.kind === 'function') return activation.wgsl;
  return activation.kind === 'sigmoid' ? 'sigmoid' : 'piecewise';
}

/** An activation's numbers; see `activate` in `shaders/activation.ts`. */
export function activationParams(activation: FusedActivation = IDENTITY): ParamValues<typeof ACTIVATION_FIELDS> {
  const { minValue, maxValue } = 'minValue' in activation ? activation : IDENTITY;
  const line = { minValue: unbounded(minValue), maxValue: unbounded(maxValue), leastGate: 1 };
  if (activation.kind === 'hardSwish') return { ...line, leastGate: 0 };
  if (activation.kind === 'hardSigmoid') return { minValue: 1, maxValue: 1, leastGate: 0 };
  return line;
}

/** A bound that no finite float exceeds as the number, which JSON can carry, that is an infinity in the uniform block. */
const unbounded = (bound: number) => (Math.abs(bound) < FLOAT_MAX ? bound : Math.sign(bound) * Number.MAX_VALUE);
