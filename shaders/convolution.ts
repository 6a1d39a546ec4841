import { ACTIVATION_FIELDS, type Activation, activate } from './activation.ts';
import { ceilDivide, type Extent, type Grid, type ParamFields, SLICES } from './kernel.ts';
import { andSlice, slopeBinding } from './slope.ts';
import { repeat, times, wgsl } from './wgsl.ts';

/*
 * How the weights of every convolution but the depthwise one lie in memory, and how its kernels read them.
 *
 * The weights are an array of steps. The block of output slices `b` owns `1 + input slices * kernel height` of them:
 * first one that begins with the bias (a vec4 per output slice of the block, then padding), then for each input slice and
 * filter row one that holds `[kx][output slice][input lane] -> vec4 over the four outputs`. A thread reads its block from
 * front to end, in a transposed convolution without the filter rows that do not reach its outputs. As a step is a struct,
 * an index is checked against the array's bounds once per step and not once per vec4. Blocks are always whole: output
 * slices beyond the last have zero weights.
 *
 * In a texture, a block is a row of texels, or rows have `ROW_STEPS` or `ROW_COLUMNS` steps each, one block after another. Adreno
 * 6xx loads a texel in one instruction, but a vec4 of a storage buffer in four, each with its own address (1.90 instead of 2.73 instructions per multiply-add of a pointwise convolution); on Mali
 * and others the buffer is as good.
 */
export type WeightsStorage = 'buffer' | 'texture' | 'rows';

/** A power of two, so that a step's place takes no division. */
export const ROW_STEPS = 8;

/** Likewise, of a filter's column each. */
export const ROW_COLUMNS = 32;

/** What the weights are bound as; `readWeights` declares `Step`. */
export const STEPS = { buffer: 'array<Step>', texture: 'texture_2d<f32>', rows: 'texture_2d<f32>' } as const;

export interface WeightsReader {
  readonly declaration: string;
  /** The first step of the thread's block, which begins with the bias. */
  readonly block: string;
  /** The output slices of a block. */
  readonly slices: number;
  /** A vector over four outputs: of step `step`, matrix (filter column and output slice) `matrix`, input lane `lane`. */
  readonly column: (step: string, matrix: number, lane: number) => string;
}

/** How a kernel with `steps` steps in each block reads its weights; of a buffer those of the block `of`. */
export function readWeights(
  where: WeightsStorage,
  {
    slices,
    kernelWidth,
    steps,
    rowSteps = ROW_STEPS,
    of = 'id.y',
  }: { slices: number; kernelWidth: number; steps: string; rowSteps?: number; of?: string },
): WeightsReader {
  const matrices = slices * kernelWidth;
  const texel = (step: string, matrix: number, lane: number, row: string) =>
    `textureLoad(weights, vec2u(${step} * ${matrices * 4}u + ${matrix * 4 + lane}u, ${row}), 0)`;
  const column: WeightsReader['column'] = {
    buffer: (step: string, matrix: number, lane: number) => `weights[${step}].m${matrix}[${lane}]`,
    texture: (step: string, matrix: number, lane: number) => texel(step, matrix, lane, 'id.y'),
    rows: (step: string, matrix: number, lane: number) =>
      texel(`(${step}) % ${rowSteps}u`, matrix, lane, `(${step}) / ${rowSteps}u`),
  }[where];
  const declaration = wgsl`#if ${where === 'buffer'}
struct Step {
${repeat(matrices, (index) => `m${index}: mat4x4<Element>,`)}
}
#endif
`;
  return { declaration, block: where === 'texture' ? '0u' : `(${of}) * (${steps})`, slices, column };
}

/**
 * What a pointwise convolution does to its input. `scale`: slice k times `scale[factors + k]`, where the item's `factors`
 * begin (squeeze-and-excitation). `normalization`: slice k times `scale[2 * k]` plus `scale[2 * k + 1]`, then ReLU (DenseNet's
 * batch normalization before the convolution).
 */
export type Prologue = 'none' | 'scale' | 'normalization';

/** Comes before the loop over slices. */
export const openPrologue = (prologue: Prologue) =>
  prologue === 'scale' ? 'let factors = params.scaleOffset + id.z * params.scaleBatch;' : '';

/** `let x<i> = ...` for `inputs[i]`, all of the slice `slice` of batch `id.z`. */
export function readInputs(
  prologue: Prologue,
  { slice, inputs }: { slice: string; inputs: readonly string[] },
): string {
  const each = (wrap: (value: string) => string) =>
    inputs.map((input, index) => `let x${index} = ${wrap(`vec4f(${input})`)};`).join('\n');
  switch (prologue) {
    case 'none':
      return each((value) => value);
    case 'scale':
      return wgsl`let factor = vec4f(scale[factors + ${slice}]);
${each((value) => `${value} * factor`)}`;
    case 'normalization':
      return wgsl`let factor = vec4f(scale[2u * (${slice})]);
let shift = vec4f(scale[2u * (${slice}) + 1u]);
${each((value) => `max(${value} * factor + shift, vec4f())`)}`;
  }
}

/**
 * `sum += input * matrix` for each of the `pairs` of an output slice, by the filter column `kx` of a step; each column of the matrix
 * is loaded once and used for all of them, which are of `type`.
 */
export const multiplyAdd = (
  { slices, column }: WeightsReader,
  step: string,
  pairs: (slice: number) => readonly (readonly [sum: string, input: string])[],
  kx = 0,
  type = 'vec4f',
) =>
  repeat(slices, (s) =>
    repeat(
      4,
      (lane) => wgsl`{
let column = ${type}(${column(step, kx * slices + s, lane)});
${pairs(s)
  .map(([sum, input]) => `${sum} += ${input}[${lane}] * column;`)
  .join('\n')}
}`,
    ),
  );

/**
 * Which tile is the thread's, of tiles of `width` outputs (for each `threads` of them) that fill the map row by row:
 * `tileRow`, `tileColumn`.
 */
export const locateTile = (
  width: number,
  { isFolded, threads = 1 }: { isFolded: boolean; threads?: number },
) => wgsl`let tilesPerRow = (params.outputWidth + ${width - 1}u) / ${width}u * ${threads}u;
#if ${!isFolded}
  // Exact, and far cheaper than an integer division: a dispatch has fewer than 2^20 threads along x (of up to 16 in a
  // workgroup), so that the quotient, 0.5 / tilesPerRow or more from a whole number, may be wrong by 2.5 units in its last place.
  let tileRow = u32((f32(id.x) + 0.5) / f32(tilesPerRow));
#else
  let tileRow = id.x / tilesPerRow;
#endif
  let tileColumn = id.x - tileRow * tilesPerRow;`;

/**
 * The input columns that a tile reads, relative to its `left` one, kept within the picture: `column<c>`, and whether it was
 * `inside<c>`. A column outside is read from the edge and then replaced by zero; as u32, what is left of it is too big as well.
 * Anew for each row: kept from one to the next they would take two registers for each column, which phones lack.
 */
export const clampColumns = (columns: readonly number[], apart = '') =>
  columns
    .map(
      (column) => `let column${column} = min(u32(left + ${column}${apart}), params.inputWidth - 1u);
  let inside${column} = u32(left + ${column}${apart}) < params.inputWidth;`,
    )
    .join('\n');

export const leaveIf = (isOver: string) => `if (${isOver}) {
      break;
    }`;

/**
 * The first and the last lines of a loop. With a number for its bound, a compiler might write it out. Of a loop that counts by one
 * a browser sees that it ends; of others it counts the turns, in 64 bits, and so they are counted here (Mali: 47 instead of 55
 * instructions of a turn).
 *
 * Where it is left `late`, at the end of a turn, it has to have one. Lavapipe, which computes eight threads side by side, goes
 * through a turn that ends at its beginning for none of them; but SwiftShader takes a third longer for a loop that is left late.
 */
export function turns(
  counter: string,
  bound: string,
  { late = false, first = '0', apart = 1 }: { late?: boolean; first?: string; apart?: number },
) {
  // Threads that share the turns may have none.
  const isLate = late && apart === 1;
  const [begin, turn, end] =
    apart > 1
      ? [`var ${counter} = ${first}; for (var turn = 0`, 'turn', `${counter} += ${apart};`]
      : [`for (var ${counter} = ${first}`, counter, ''];
  return {
    begin: `${begin}; ${turn} < 0x7fff0000; ${turn}++) {
    ${isLate ? '' : leaveIf(`${counter} >= ${bound}`)}`,
    end: `${isLate ? leaveIf(`${counter} + 1 >= ${bound}`) : end}
    }`,
  };
}

type Columns = Record<'stride' | 'taps' | 'dilation', number>;

/** The input columns, relative to its first, that a tile of `width` outputs reads for so many taps; a dilated filter leaves some out. */
export function columnsOf(width: number, { stride, taps, dilation }: Columns) {
  const offsets = times(width * taps, (i) => (i % width) * stride + Math.floor(i / width) * dilation);
  return [...new Set(offsets)].sort((a, b) => a - b);
}

/** How many these are: what a tap of an output reads, a later tap of an earlier output has read, if there are both. */
export function countColumns(width: number, { stride, taps, dilation }: Columns): number {
  let apart = 1;
  while ((apart * stride) % dilation) apart++;
  return width * taps - Math.max(0, width - apart) * Math.max(0, taps - (apart * stride) / dilation);
}

/**
 * What a row of the input, from `source` on, has in `clampColumns`' columns, and zero beside it: `v<column>`, or with the
 * number of the `row`, which `source` has too, `v<column>_<row>`. `within` is one condition more; `read` is what becomes of a
 * slice of the input, of the `type` of the zero.
 */
export const readColumns = (
  columns: readonly number[],
  within = '',
  row = '',
  type = 'vec4f',
  read = (slice: string) => `${type}(${slice})`,
) =>
  columns
    .map(
      (column) =>
        `let v${column}${row && `_${row}`} = select(${type}(), ${read(`input[source${row} + column${column}]`)}, ${within}inside${column});`,
    )
    .join('\n');

/** What the rows of a tile read for the filter row `ky`. */
export const readRows = (
  height: number,
  { stride, dilation, columns }: { stride: string; dilation: string; columns: readonly number[] },
  type?: string,
  read?: (slice: string) => string,
) =>
  repeat(
    height,
    (y) => `let row${y} = u32(top + ky * ${dilation} + ${y} * ${stride});
      let source${y} = plane + min(row${y}, params.inputHeight - 1u) * params.inputWidth;
      let within${y} = row${y} < params.inputHeight;
      ${readColumns(columns, `within${y} && `, `${y}`, type, read)}`,
  );

/** The filter's size, for loops over it. */
export const FILTER_FIELDS = { filterHeight: 'i32', filterWidth: 'i32' } as const satisfies ParamFields;

/** A workgroup of four rows of so many threads, or of a row for each of `lanes`; see `shareSums`. */
export const inRows = ({ row, lanes = 1 }: { row: number; lanes?: number }) => [row, lanes > 1 ? lanes : 4] as const;

/** Whether `residual` is added before the activation; or whether it is bound, and added `ifThere`, so that layers with and without share a text. */
export type Residual = boolean | 'ifThere';

export interface EpilogueOptions {
  readonly activation: Activation;
  readonly residual: Residual;
}

export const epilogueBindings = ({ activation, residual }: EpilogueOptions) =>
  ({ residual: residual && SLICES, ...slopeBinding(activation) }) as const;

/** What `epilogue` reads. */
export const EPILOGUE_FIELDS = {
  outputOffset: 'u32',
  outputBatch: 'u32',
  residualOffset: 'u32',
  residualBatch: 'u32',
  ...ACTIVATION_FIELDS,
} as const satisfies ParamFields;

/** What kernels for any filter have in common. */
export const CONVOLUTION = {
  workgroup: inRows,
  /** In the order of use, for the sake of registers: see conv2d-pointwise. */
  fields: {
    inputOffset: 'u32',
    inputBatch: 'u32',
    inputSlices: 'u32',
    /** Input and output channels of a group. */
    groupInputs: 'u32',
    groupOutputs: 'u32',
    /** The input slices that a block of output slices reads: all, or as many as the widest band of a grouped convolution has. */
    bandSlices: 'u32',
    inputHeight: 'u32',
    inputWidth: 'u32',
    outputSlices: 'u32',
    outputHeight: 'u32',
    outputWidth: 'u32',
    ...EPILOGUE_FIELDS,
    ...FILTER_FIELDS,
    residualSlices: 'u32',
  },
  bindings: ({ weights, ...options }: EpilogueOptions & { weights: WeightsStorage }) => ({
    input: SLICES,
    weights: STEPS[weights],
    output: SLICES,
    ...epilogueBindings(options),
  }),
} as const;

/** What kernels for 1x1 filters have in common. */
export const POINTWISE = {
  workgroup: inRows,
  /** In the order of use: a driver that keeps four of them in registers together lets go of the first ones before the last ones are needed. */
  fields: {
    inputSlices: 'u32',
    inputOffset: 'u32',
    inputBatch: 'u32',
    outputPixels: 'u32',
    outputSlices: 'u32',
    ...EPILOGUE_FIELDS,
    scaleOffset: 'u32',
    scaleBatch: 'u32',
    /** The blocks of weights that each item of the batch has of its own; 0 where all share them. */
    itemBlocks: 'u32',
    residualSlices: 'u32',
  },
  bindings: (options: EpilogueOptions & { weights: WeightsStorage; prologue: Prologue }) => ({
    ...CONVOLUTION.bindings(options),
    scale: options.prologue !== 'none' && SLICES,
  }),
} as const;

/** The threads, one for each tile of outputs or several. */
export const threadsOf = (tile: Tile, { width, height, slices, batch }: Extent, each = 1): Grid => [
  ceilDivide(width, tile.x) * each * ceilDivide(height, tile.y),
  ceilDivide(slices, tile.slices),
  batch,
];

/** For each output of a tile. */
export const inTile = ({ x, y, slices }: Tile, piece: (x: number, y: number, slice: number) => string) =>
  repeat(slices, (s) => repeat(y, (dy) => repeat(x, (dx) => piece(dx, dy, s))));

export interface Tile {
  readonly x: number;
  readonly y: number;
  readonly slices: number;
}

/** Declares `sum<x>_<y>_<slice>` of a tile: its bias, with which of the threads that share sums those of the `first` begin. */
export const beginSums = (tile: Tile, { block, column }: WeightsReader, isFirst = '') => {
  const begin = (bias: string) => (isFirst ? `select(vec4f(), ${bias}, ${isFirst})` : bias);
  return `let block = ${block};
  ${repeat(tile.slices, (s) => `let bias${s} = ${begin(`vec4f(${column('block', s >> 2, s & 3)})`)};`)}
  ${inTile(tile, (x, y, s) => `var sum${x}_${y}_${s} = bias${s};`)}`;
};

/**
 * The rows of a workgroup's threads may share the sums of a tile: each of `lanes` adds up every so-manieth step, and the first
 * one what the others have, in a fixed order, so that the result has the same bits each time. A thread whose tile `isOver` the
 * edge leaves before the work where it is alone, and else behind the place where all of them meet.
 */
export function shareSums(tile: Tile, { row, lanes }: { row: number; lanes: number }, isOver: string) {
  const leave = (condition: string) => `if (${condition}) {
    return;
  }`;
  if (lanes === 1) return { declaration: '', begin: leave(isOver), end: '' };
  return {
    declaration: inTile(tile, (x, y, s) => `var<workgroup> lanes${x}_${y}_${s}: array<vec4f, ${row * lanes}>;`),
    begin: '',
    end: `let own = local.y * ${row} + local.x;
  ${inTile(tile, (x, y, s) => `lanes${x}_${y}_${s}[own] = sum${x}_${y}_${s};`)}
  workgroupBarrier();
  ${leave(`local.y > 0 || ${isOver}`)}
  for (var other = own + ${row}; other < ${row * lanes}; other += ${row}) {
    ${inTile(tile, (x, y, s) => `sum${x}_${y}_${s} += lanes${x}_${y}_${s}[other];`)}
  }`,
  };
}

/**
 * `fn placeOf(batch: u32, position: u32) -> vec2u`: where a result lies, and what is added to it; and
 * `fn store(at: vec2u, sum: vec4f)`, see `andSlice`: what becomes of a sum.
 */
export const epilogue = ({ activation, residual }: EpilogueOptions) =>
  wgsl`${activate(activation)}

fn placeOf(batch: u32, position: u32) -> vec2u {
  return position + vec2u(
    params.outputOffset + batch * params.outputBatch,
#if ${residual !== false}
    params.residualOffset + batch * params.residualBatch,
#else
    0u,
#endif
  );
}

fn store(at: vec2u, sum: vec4f${andSlice(activation, 'slice: u32')}) {
  var result = sum;
#if ${residual !== false}
  ${residual === 'ifThere' ? 'if (params.residualSlices > 0u) ' : ''}{ result += vec4f(residual[at.y]); }
#endif
  output[at.x] = Slice(activate(result${andSlice(activation, 'slice')}));
}`;

/** So few sums take less text written out than in a loop. */
const FEW_SUMS = 8;

/**
 * Stores the sums of a tile, `sum<x>_<y>_<slice>`, each by what `store` makes of its place and itself. In a `loop`, there is one
 * store in the text, for the first sum, whose place the others take in turn: that takes a CPU's compilers half the time, of a
 * large tile. Of an array, lavapipe would make a branch for each element; a phone would only move sums among registers.
 * There are at most so many more `columns` and `slices` to store.
 */
export function storeSums(
  tile: Tile,
  loop: boolean,
  { columns, slices }: { columns: string; slices: string },
  store: (sum: string, x: string, y: string, slice: string) => string,
): string {
  const sums = inTile(tile, (x, y, s) => `sum${x}_${y}_${s}`).split('\n');
  if (!loop || sums.length < FEW_SUMS) {
    return inTile(tile, (x, y, s) => store(`sum${x}_${y}_${s}`, `${x}u`, `${y}u`, `${s}u`));
  }
  const move = (count: number, by: number) => repeat(count - by, (i) => `${sums[i]} = ${sums[i + by]};`);
  // With numbers for their bounds, a compiler would write the loops out.
  return `let columns = min(${columns}, ${tile.x}u);
  let rows = min(${slices}, ${tile.slices}u) * ${tile.y}u;
  for (var row = 0u; row < 0xffffffffu; row++) {
    for (var column = 0u; column < 0xffffffffu; column++) {
      ${store('sum0_0_0', 'column', `(row % ${tile.y}u)`, `(row / ${tile.y}u)`)}
      ${move(tile.x, 1)}
      ${leaveIf('column + 1u >= columns')}
    }
    ${move(sums.length, tile.x)}
    ${leaveIf('row + 1u >= rows')}
  }`;
}

/** `storeSums` from `x`, `y` and `slice` on; those of a row lie `apart`. */
export const storeTile = (
  tile: Tile,
  { activation, storeLoop }: { readonly activation: Activation; readonly storeLoop: boolean },
  apart = 1,
) => `let area = params.outputHeight * params.outputWidth;
  let place = placeOf(id.z, slice * area + y * params.outputWidth + x);
  ${storeSums(
    tile,
    storeLoop,
    { columns: 'params.outputWidth - x', slices: 'params.outputSlices - slice' },
    (sum, column, dy, s) => {
      const dx = apart === 1 ? column : `${column} * ${apart}u`;
      return when(
        [
          s !== '0u' && `slice + ${s} < params.outputSlices`,
          column !== '0u' && `x + ${dx} < params.outputWidth`,
          dy !== '0u' && `y + ${dy} < params.outputHeight`,
        ],
        `store(place + ${s} * area + ${dy} * params.outputWidth + ${dx}, ${sum}${andSlice(activation, `slice + ${s}`)});`,
      );
    },
  )}`;

/** `statement` under those conditions that are not known to hold. */
export function when(conditions: readonly (string | false)[], statement: string): string {
  const unknown = conditions.filter((condition) => condition !== false);
  return unknown.length ? `if (${unknown.join(' && ')}) { ${statement} }` : statement;
}
