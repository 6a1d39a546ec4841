import type { ParamFields } from './kernel.ts';
import { andSlice } from './slope.ts';
import { wgsl } from './wgsl.ts';

/**
 * What is applied to a result before it is stored. `piecewise` serves identity, ReLU, ReLU6, hard swish and hard sigmoid
 * with one pipeline, as its numbers are in the uniform block: MobileNet v3 needs 13 pipelines that way instead of 20.
 */
export type Activation = 'piecewise' | 'sigmoid' | FunctionText;
/** The WGSL of the body of `activate`: what `functions.ts` has. One that reads `slope` finds the slopes of `slice` at twice its number. */
type FunctionText = `${string};`;

/** The fields that `activate` reads. */
export const ACTIVATION_FIELDS = {
  minValue: 'f32',
  maxValue: 'f32',
  leastGate: 'f32',
} as const satisfies ParamFields;

/**
 * `fn activate(x: vec4f) -> vec4f`, see `andSlice`. Piecewise: x between two bounds, times a gate that rises from 0 at -3 to 1 at 3, or is
 * 1 where `leastGate` is. No infinity is multiplied by zero or subtracted but where the function itself does so.
 */
export function activate(activation: Activation): string {
  return wgsl`fn activate(x: vec4f${andSlice(activation, 'slice: u32')}) -> vec4f {
#if ${activation === 'sigmoid'}
  let power = exp(-abs(x));
  return select(power, vec4f(1.0), x > vec4f()) / (1.0 + power);
#elif ${activation === 'piecewise'}
  let gate = max(saturate(x * ${1 / 6} + 0.5), vec4f(params.leastGate));
  return clamp(x, vec4f(params.minValue), vec4f(params.maxValue)) * gate;
#else
  ${activation}
#endif
}`;
}
