import { wgsl } from './wgsl.ts';

/** The element type of activations and weights in memory; arithmetic is f32 always. */
export type ElementType = 'float32' | 'float16';

/** The fields of a shader's uniform block, in order: sizes, offsets and the clamp's bounds. */
export type ParamFields = Readonly<Record<string, 'u32' | 'i32' | 'f32'>>;

/** A number for every field. */
export type ParamValues<Fields extends ParamFields> = { readonly [Name in keyof Fields]: number };

/**
 * What is applied to a result before it is stored. `piecewise` serves identity, ReLU, ReLU6, hard swish and hard sigmoid
 * with one pipeline, as its numbers are in the uniform block: MobileNet v3 needs 13 pipelines that way instead of 20.
 */
export type Activation = 'piecewise' | 'sigmoid';

/** Workgroups along x, y and z. */
export type Grid = readonly [number, number, number];

/** What every shader's text depends on. */
export interface ShaderOptions {
  /** Of activations and weights. */
  readonly type: ElementType;
  /** Where a device has no room for as many workgroups in one direction: what they would be. See `openMain`. */
  readonly grid?: Grid | undefined;
}

/** Every device's `maxComputeWorkgroupsPerDimension`. */
const MAX_WORKGROUPS = 65535;

/** A grid as it is dispatched: as it is, or folded into a rectangle of at least as many workgroups. */
export function foldGrid(grid: Grid): { workgroups: Grid; folded?: Grid } {
  if (grid.every((count) => count <= MAX_WORKGROUPS)) return { workgroups: grid };
  const count = grid[0] * grid[1] * grid[2];
  const rows = Math.ceil(count / MAX_WORKGROUPS);
  return { workgroups: [Math.ceil(count / rows), rows, 1], folded: grid };
}

/**
 * Begins `main`, where a thread knows its place: its workgroup in the grid (`group`), itself in the workgroup (`local`), and
 * itself among all threads (`id`). In a folded grid the workgroups are counted, and the count is
 * taken apart into the places that they would have.
 */
export function openMain([width, height]: readonly [number, number], grid?: Grid): string {
  const main = `@compute @workgroup_size(${width}, ${height})
fn main(@builtin(local_invocation_id) local: vec3u, @builtin(workgroup_id) `;
  if (!grid) return `${main}group: vec3u, @builtin(global_invocation_id) id: vec3u) {`;
  const [x, y, z] = grid;
  return `${main}folded: vec3u) {
  let ordinal = folded.y * ${foldGrid(grid).workgroups[0]}u + folded.x;
  if (ordinal >= ${x * y * z}u) {
    return;
  }
  let group = vec3u(ordinal % ${x}u, ordinal / ${x}u % ${y}u, ordinal / ${x * y}u);
  let id = group * vec3u(${width}, ${height}, 1) + local;`;
}

/** The fixed order of bindings in group 0; a shader declares those that it uses. */
export const BINDINGS = { params: 0, input: 1, weights: 2, output: 3, residual: 4, scale: 5 } as const;

export type StorageName = Exclude<keyof typeof BINDINGS, 'params'>;

/** What every shader begins with: the element type and the uniform block. */
export function header(type: ElementType, fields: ParamFields): string {
  const members = Object.entries(fields).map(([name, fieldType]) => `${name}: ${fieldType},`);
  return wgsl`#if ${type === 'float16'}
enable f16;
#endif
alias Element = ${type === 'float16' ? 'f16' : 'f32'};
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
  minValue: 'f32',
  maxValue: 'f32',
  leastGate: 'f32',
} as const satisfies ParamFields;

/**
 * `fn activate(x: vec4f) -> vec4f`. Piecewise: x between two bounds, times a gate that rises from 0 at -3 to 1 at 3, or is
 * 1 where `leastGate` is. No infinity is multiplied by zero or subtracted but where the function itself does so.
 */
export function activate(activation: Activation): string {
  return wgsl`fn activate(x: vec4f) -> vec4f {
#if ${activation === 'sigmoid'}
  let power = exp(-abs(x));
  return select(power, vec4f(1.0), x > vec4f()) / (1.0 + power);
#else
  let gate = max(saturate(x * ${1 / 6} + 0.5), vec4f(params.leastGate));
  return clamp(x, vec4f(params.minValue), vec4f(params.maxValue)) * gate;
#endif
}`;
}
