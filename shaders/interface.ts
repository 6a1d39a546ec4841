import { wgsl } from './wgsl.ts';

/** The element type of activations and weights in memory; arithmetic is f32 always. */
export type ElementType = 'f32' | 'f16';

/** The fields of a shader's uniform block, in order: sizes, offsets and the clamp's bounds. */
export type ParamFields = Readonly<Record<string, 'u32' | 'i32' | 'f32'>>;

/** A number for every field. */
export type ParamValues<Fields extends ParamFields> = { readonly [Name in keyof Fields]: number };

/**
 * What is applied to a result before it is stored. `piecewise` serves identity, ReLU, ReLU6, hard swish and hard sigmoid
 * with one pipeline, as its numbers are in the uniform block: MobileNet v3 needs 13 pipelines that way instead of 20.
 */
export type Activation = 'piecewise' | 'sigmoid';

/** The fixed order of bindings in group 0; a shader declares those that it uses. */
export const BINDINGS = { params: 0, input: 1, weights: 2, output: 3, residual: 4, scale: 5 } as const;

export type StorageName = Exclude<keyof typeof BINDINGS, 'params'>;

/** What every shader begins with: the element type and the uniform block. */
export function header(type: ElementType, fields: ParamFields): string {
  const members = Object.entries(fields).map(([name, fieldType]) => `  ${name}: ${fieldType},`);
  return wgsl`#if ${type === 'f16'}
enable f16;
#endif
alias Element = ${type};
alias Slice = vec4<Element>;
struct Params {
${members.join('\n')}
}
@group(0) @binding(${BINDINGS.params}) var<uniform> params: Params;`;
}

/** Declares a storage binding; only the output is writable, so that inputs go through the read-only caches of phone GPUs. */
export function storage(name: StorageName, elementType = 'Slice'): string {
  const access = name === 'output' ? 'read_write' : 'read';
  return `@group(0) @binding(${BINDINGS[name]}) var<storage, ${access}> ${name}: array<${elementType}>;`;
}

/** The fields that `activate` reads. */
export const ACTIVATION_FIELDS = {
  slope: 'f32',
  intercept: 'f32',
  gateSlope: 'f32',
  gateIntercept: 'f32',
  minValue: 'f32',
  maxValue: 'f32',
} as const satisfies ParamFields;

/**
 * `fn activate(x: vec4f) -> vec4f`. Piecewise: a line, times a line between 0 and 1, between two bounds. The sigmoid's
 * argument is bounded, as exp overflows beyond 88 and WGSL may assume that no infinity occurs.
 */
export function activate(activation: Activation): string {
  return wgsl`fn activate(x: vec4f) -> vec4f {
#if ${activation === 'sigmoid'}
  return 1.0 / (1.0 + exp(-clamp(x, vec4f(-87.0), vec4f(87.0))));
#else
  let gate = clamp(x * params.gateSlope + params.gateIntercept, vec4f(0.0), vec4f(1.0));
  return clamp((x * params.slope + params.intercept) * gate, vec4f(params.minValue), vec4f(params.maxValue));
#endif
}`;
}
