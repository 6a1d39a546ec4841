import type { Activation } from './activation.ts';
import {
  CONVOLUTION,
  clampColumns,
  columnsOf,
  epilogue,
  inTile,
  locateTile,
  multiplyAdd,
  type Residual,
  readRows,
  readWeights,
  storeTile,
  threadsOf,
  turns,
  type WeightsStorage,
} from './convolution.ts';
import type { Kernel } from './kernel.ts';
import { repeat, times, wgsl } from './wgsl.ts';

export interface Conv2dOptions {
  /** Its height and width, as in `strides` and `dilations`. */
  readonly filter: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** What one thread computes: so many outputs along x and y of so many output slices. */
  readonly tile: { readonly x: number; readonly y: number; readonly slices: number };
  readonly weights: WeightsStorage;
  /** Threads of a workgroup along x. */
  readonly row: number;
  /** Stores results in a loop; see `storeSums`. */
  readonly storeLoop: boolean;
  /** Leaves loops late; see `turns`. */
  readonly late: boolean;
  readonly activation: Activation;
  readonly residual: Residual;
  /** Each block of output slices reads its own band of input slices. */
  readonly grouped: boolean;
  /** Takes the columns of a wide filter in a loop: written out, they would be much text, which takes long to compile. */
  readonly looped: boolean;
  /**
   * Adds up the products of a step, those of a filter's row with a slice of the input, in the precision in which numbers are
   * stored, and in 32 bits only these sums. A phone's GPU multiplies pairs of halves at once, and need not convert each that it loads.
   */
  readonly partial: boolean;
}

/**
 * A convolution with any filter, stride and dilation. Zero padding: the size of the output says how much there is below and on the right.
 *
 * Dispatch: x over tiles of outputs, row by row; y over blocks of output slices; z over the batch.
 * Weights: see convolution.ts; the input slices of a block are those of its band, `bandSlices` from
 * `min(floor(g * groupInputs / 4), inputSlices - bandSlices)`, where g is the group of the block's first output;
 * the weights between channels of different groups are zero.
 */
export const conv2d = {
  kind: 'conv2d',
  ...CONVOLUTION,
  fields: { paddingTop: 'u32', paddingLeft: 'u32', ...CONVOLUTION.fields },
  threads: ({ tile }, output) => threadsOf(tile, output),
  text(options, main, isFolded) {
    const { filter, strides, dilations, tile, grouped, looped, partial } = options;
    const [height, width] = filter;
    // A loop over the filter's columns takes each of them as a step; a bias takes as many steps as a row has then.
    const taps = looped ? 1 : width;
    const rows = `params.bandSlices * ${height}u + 1u`;
    const steps = looped ? `(${rows}) * ${width}u` : rows;
    const weights = readWeights(options.weights, { slices: tile.slices, kernelWidth: taps, steps });
    const slices = (piece: (s: number) => string) => repeat(tile.slices, piece);

    const type = partial ? 'Slice' : 'vec4f';
    const sum = partial ? 'part' : 'sum';

    const columns = columnsOf(tile.x, { stride: strides[1], taps, dilation: dilations[1] });

    const inBand = turns('k', 'params.bandSlices', { ...options, first: '0u' });
    const inRow = turns('ky', 'params.filterHeight', options);
    const inColumn = turns('kx', 'params.filterWidth', options);

    return wgsl`${weights.declaration}

${epilogue(options)}

${main}
  ${locateTile(tile.x, { isFolded })}
  let x = tileColumn * ${tile.x}u;
  let y = tileRow * ${tile.y}u;
  let slice = id.y * ${tile.slices}u;
  if (y >= params.outputHeight || slice >= params.outputSlices) {
    return;
  }

  var step = ${weights.block};
  ${slices((s) => `let bias${s} = ${weights.bias('step', s)};`)}
  ${inTile(tile, (x, y, s) => `var sum${x}_${y}_${s} = bias${s};`)}

  let first = i32(x * ${strides[1]}u) - i32(params.paddingLeft);
#if ${looped}
  step += ${width - 1}u;
#else
  let left = first;
#endif
  let top = i32(y * ${strides[0]}u) - i32(params.paddingTop);

  var plane = params.inputOffset + id.z * params.inputBatch;
#if ${grouped}
  let groupIndex = slice * 4u / params.groupOutputs;
  let band = min(groupIndex * params.groupInputs / 4u, params.inputSlices - params.bandSlices);
  plane += band * params.inputHeight * params.inputWidth;
#endif
  ${inBand.begin}
#if ${looped}
    ${inRow.begin}
      ${inColumn.begin}
      let left = first + kx * ${dilations[1]};
#else
    for (var ky = 0; ky < ${height}; ky++) {
#endif
      step++;
      ${clampColumns(columns)}
      ${readRows(tile.y, { stride: strides[0], dilation: dilations[0], columns }, type)}
#if ${partial}
      ${inTile(tile, (x, y, s) => `var part${x}_${y}_${s} = Slice();`)}
#endif
      ${repeat(taps, (kx) =>
        slices((s) =>
          multiplyAdd(
            (lane) => weights.column('step', kx * tile.slices + s, lane),
            times(tile.x * tile.y, (index) => {
              const [x, y] = [index % tile.x, Math.floor(index / tile.x)];
              return [`${sum}${x}_${y}_${s}`, `v${x * strides[1] + kx * dilations[1]}_${y}`];
            }),
            type,
          ),
        ),
      )}
#if ${partial}
      ${inTile(tile, (x, y, s) => `sum${x}_${y}_${s} += vec4f(part${x}_${y}_${s});`)}
#endif
#if ${looped}
      ${inColumn.end}
#endif
    ${inRow.end}
    plane += params.inputHeight * params.inputWidth;
  ${inBand.end}

  ${storeTile(tile, options.storeLoop)}
}
`;
  },
} as const satisfies Kernel<Conv2dOptions>;
