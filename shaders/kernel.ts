import { wgsl } from './wgsl.ts';

/** How activations and weights are stored. */
export type ElementType = 'float32' | 'float16';

/** The fields of a shader's uniform block, in order: sizes, offsets and the clamp's bounds. */
export type ParamFields = Readonly<Record<string, 'u32' | 'i32' | 'f32'>>;

/** A number for every field. */
export type ParamValues<Fields extends ParamFields> = { readonly [Name in keyof Fields]: number };

/** What a shader binds: a thing for each name. */
export type Bound<Name extends string, Item> = { readonly [Key in Name]: Item };

/** Along x, y and z. */
export type Grid = readonly [number, number, number];

/** The size of what a kernel writes; slices are those of four channels. */
export interface Extent {
  readonly batch: number;
  readonly channels: number;
  readonly slices: number;
  readonly height: number;
  readonly width: number;
  /** height * width */
  readonly pixels: number;
}

/** A shader: what it binds in group 0. */
export interface Shader<Options, Fields extends ParamFields = ParamFields, Name extends string = string> {
  /** The members of the uniform block, `params`, at binding 0. */
  readonly fields: Fields;
  /**
   * The WGSL type of all that it binds besides, in order from binding 1 on; `false` for what it does not with these options.
   * Of storage only `output` is writable, so that inputs go through the read-only caches of phone GPUs.
   */
  bindings(options: Options): Bound<Name, string | false>;
}

/** A compute shader whose threads share the work on one output: all that is known of a kernel, in its file. */
export interface Kernel<Options, Fields extends ParamFields = ParamFields, Name extends string = string>
  extends Shader<Options, Fields, Name> {
  /** The file's name. */
  readonly kind: string;
  /** Threads of a workgroup along x and y, at most 128 (the limit of compatibility mode); `WORKGROUP` unless given. */
  workgroup?(options: Options): readonly [number, number];
  /** The threads that an output of this size takes. */
  threads(options: Options, output: Extent): Grid;
  /**
   * WGSL, after the declarations of `fields` and `bindings`; `Element` is the element type, `Slice` four of them. `main` opens
   * the function of this name, up to where a thread knows its place: its workgroup in the grid (`group`), itself in the
   * workgroup (`local`), and itself among all threads (`id`). `isFolded`: see `foldGrid`.
   */
  text(options: Options, main: string, isFolded: boolean): string;
}

/** The shader of a render pipeline. */
export interface RenderShader<Options> extends Shader<Options> {
  text(options: Options): string;
}

export const WORKGROUP = [8, 4] as const;

const workgroupOf = <Options>(kernel: Kernel<Options>, options: Options) => kernel.workgroup?.(options) ?? WORKGROUP;

/** The workgroups that an output of this size takes. */
export function gridOf<Options>(kernel: Kernel<Options>, options: Options, output: Extent): Grid {
  const [width, height] = workgroupOf(kernel, options);
  const [x, y, z] = kernel.threads(options, output);
  return [ceilDivide(x, width), ceilDivide(y, height), z];
}

/** Writing a text takes longer than all the rest of planning a layer, so that each is written once. */
const texts = new Map<string, string>();

/** A kernel's WGSL. `folded`: the grid, where a device has no room for as many workgroups in one direction. */
export function textOf<Options>(kernel: Kernel<Options>, type: ElementType, options: Options, folded?: Grid): string {
  const key = JSON.stringify([kernel.kind, type, options, folded]);
  const text =
    texts.get(key) ??
    declare(type, kernel, options) +
      kernel.text(options, openMain(workgroupOf(kernel, options), folded), folded !== undefined);
  texts.set(key, text);
  return text;
}

/** The WGSL of a render pipeline's shader. */
export const renderTextOf = <Options>(shader: RenderShader<Options>, options: Options) =>
  declare('float32', shader, options) + shader.text(options);

/** The names of what is bound, in order. */
export const namesOf = <Name extends string>(bindings: Bound<Name, string | false>): Name[] =>
  (Object.keys(bindings) as Name[]).filter((name) => bindings[name] !== false);

/** What is given for the names of a shader's bindings, in their order. */
export const inOrder = <Options, Name extends string, Item>(
  shader: Shader<Options, ParamFields, Name>,
  options: Options,
  items: Bound<Name, Item>,
): Item[] => namesOf(shader.bindings(options)).map((name) => items[name]);

/** What a text begins with: the element type, the uniform block and the bindings. */
function declare<Options>(type: ElementType, shader: Shader<Options>, options: Options): string {
  const { fields } = shader;
  const bindings = shader.bindings(options);
  const members = Object.entries(fields).map(([name, fieldType]) => `${name}: ${fieldType},`);
  const bound = namesOf(bindings).map((name, index) => {
    const boundType = String(bindings[name]);
    const access = name === 'output' ? 'read_write' : 'read';
    const space = boundType.startsWith('array') ? `<storage, ${access}>` : '';
    return `@group(0) @binding(${index + 1}) var${space} ${name}: ${boundType};`;
  });
  return wgsl`#if ${type === 'float16'}
enable f16;
#endif
alias Element = ${type === 'float16' ? 'f16' : 'f32'};
alias Slice = vec4<Element>;
struct Params {
${members.join('\n')}
}
@group(0) @binding(0) var<uniform> params: Params;
${bound.join('\n')}
`;
}

export const ceilDivide = (value: number, by: number) => Math.ceil(value / by);

/** The type of a binding for activations. */
export const SLICES = 'array<Slice>';

/** The bindings of a kernel that makes a value from another one, and the fields that say where these lie. */
export const unary = () => ({ input: SLICES, output: SLICES });
export const PLACES = {
  inputOffset: 'u32',
  inputBatch: 'u32',
  outputOffset: 'u32',
  outputBatch: 'u32',
} as const satisfies ParamFields;

/** Threads for each vec4 of the output, in workgroups of 32 x 4. */
export const FOR_EACH_SLICE = {
  workgroup: (): readonly [number, number] => [32, 4],
  threads: (_: unknown, { pixels, slices, batch }: Extent): Grid => [pixels, slices, batch],
} as const;

/** Every device's `maxComputeWorkgroupsPerDimension`. */
const MAX_WORKGROUPS = 65535;

/** A grid as it is dispatched: as it is, or folded into a rectangle of at least as many workgroups. */
export function foldGrid(grid: Grid): { workgroups: Grid; folded?: Grid } {
  if (grid.every((count) => count <= MAX_WORKGROUPS)) return { workgroups: grid };
  const count = grid[0] * grid[1] * grid[2];
  const rows = ceilDivide(count, MAX_WORKGROUPS);
  return { workgroups: [ceilDivide(count, rows), rows, 1], folded: grid };
}

/** In a folded grid the workgroups are counted, and the count is taken apart into the places that they would have. */
function openMain([width, height]: readonly [number, number], folded?: Grid): string {
  const main = `@compute @workgroup_size(${width}, ${height})
fn main(@builtin(local_invocation_id) local: vec3u, @builtin(workgroup_id) `;
  if (!folded) return `${main}group: vec3u, @builtin(global_invocation_id) id: vec3u) {`;
  const [x, y, z] = folded;
  return `${main}folded: vec3u) {
  let ordinal = folded.y * ${foldGrid(folded).workgroups[0]}u + folded.x;
  if (ordinal >= ${x * y * z}u) {
    return;
  }
  let group = vec3u(ordinal % ${x}u, ordinal / ${x}u % ${y}u, ordinal / ${x * y}u);
  let id = group * vec3u(${width}, ${height}, 1) + local;`;
}
