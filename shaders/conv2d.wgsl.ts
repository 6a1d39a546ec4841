import type { Activation } from './activation.ts';
import {
  beginSums,
  CONVOLUTION,
  clampColumns,
  columnsOf,
  epilogue,
  inTile,
  locateTile,
  multiplyAdd,
  type Residual,
  ROW_COLUMNS,
  ROW_STEPS,
  readRows,
  readWeights,
  shareSums,
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
  /** The threads that share the sums of a tile, and the input slices; see `shareSums`. */
  readonly lanes: number;
  /** Stores results in a loop; see `storeSums`. */
  readonly storeLoop: boolean;
  /** Leaves loops late; see `turns`. */
  readonly late: boolean;
  readonly activation: Activation;
  readonly residual: Residual;
  /** Each block of output slices reads its own band of input slices. */
  readonly grouped: boolean;
  /**
   * Takes the columns of a wide filter in a loop: written out, they would be much text, which takes long to compile. If it is left
   * `late`, such a text serves all filters, strides and dilations.
   */
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
  fields: {
    paddingTop: 'u32',
    paddingLeft: 'u32',
    ...CONVOLUTION.fields,
    strideY: 'i32',
    strideX: 'i32',
    dilationY: 'i32',
    dilationX: 'i32',
  },
  threads({ tile, lanes }, output) {
    const [x, y, z] = threadsOf(tile, output);
    return [x, y * lanes, z];
  },
  text(options, main, isFolded) {
    const { filter, strides, dilations, tile, looped, partial, lanes } = options;
    const isSplit = lanes > 1;
    const block = isSplit ? 'group.y' : 'id.y';
    // A block has threads of its own.
    const shared = shareSums(
      tile,
      options,
      `y >= params.outputHeight${isSplit ? '' : ' || slice >= params.outputSlices'}`,
    );
    const isShared = looped && options.late;
    const grouped = options.grouped || isShared;
    const width = filter[1];
    /** A number of the text's own, or the one that is in the uniform block. */
    const number = (value: number, field: string) => (isShared ? `params.${field}` : `${value}`);
    const [filterHeight, filterWidth] = [number(filter[0], 'filterHeight'), number(width, 'filterWidth')];
    const [strideY, strideX] = [number(strides[0], 'strideY'), number(strides[1], 'strideX')];
    const [dilationY, dilationX] = [number(dilations[0], 'dilationY'), number(dilations[1], 'dilationX')];
    // A loop over the filter's columns takes each of them as a step; a bias takes as many steps as a row has then.
    const taps = looped ? 1 : width;
    const rows = `params.bandSlices * u32(${filterHeight}) + 1u`;
    const steps = looped ? `(${rows}) * u32(${filterWidth})` : rows;
    const weights = readWeights(options.weights, {
      slices: tile.slices,
      kernelWidth: taps,
      steps,
      rowSteps: looped ? ROW_COLUMNS : ROW_STEPS,
      of: block,
    });
    const type = partial ? 'Slice' : 'vec4f';
    const sum = partial ? 'part' : 'sum';

    const apart = isShared ? 1 : strides[1];
    const columns = columnsOf(tile.x, { stride: apart, taps, dilation: dilations[1] });

    const inBand = turns('k', 'params.bandSlices', {
      first: isSplit ? 'local.y' : '0u',
      apart: lanes,
      late: options.late,
    });
    const inRow = turns('ky', 'params.filterHeight', options);
    const inColumn = turns('kx', 'params.filterWidth', options);

    return wgsl`${weights.declaration}

${epilogue(options)}

${shared.declaration}

${main}
  ${locateTile(tile.x, { isFolded })}
  let x = tileColumn * ${tile.x}u;
  let y = tileRow * ${tile.y}u;
  let slice = ${block} * ${tile.slices}u;
  ${shared.begin}

  ${beginSums(tile, weights, isSplit ? 'local.y == 0' : '')}
  var step = block;

  let first = i32(x) * ${strideX} - i32(params.paddingLeft);
#if ${looped}
  step += u32(${filterWidth} - 1);
#else
  let left = first;
#endif
  let top = i32(y) * ${strideY} - i32(params.paddingTop);

  var plane = params.inputOffset + id.z * params.inputBatch;
#if ${grouped}
  let groupIndex = slice * 4u / params.groupOutputs;
  let band = min(groupIndex * params.groupInputs / 4u, params.inputSlices - params.bandSlices);
  plane += band * params.inputHeight * params.inputWidth;
#endif
#if ${isSplit}
  plane += local.y * params.inputHeight * params.inputWidth;
  step += local.y * ${filterHeight};
#endif
  ${inBand.begin}
#if ${looped}
    ${inRow.begin}
      ${inColumn.begin}
      let left = first + kx * ${dilationX};
#else
    for (var ky = 0; ky < ${filterHeight}; ky++) {
#endif
      step++;
      ${clampColumns(columns, isShared ? ' * params.strideX' : '')}
      ${readRows(tile.y, { stride: strideY, dilation: dilationY, columns }, type)}
#if ${partial}
      ${inTile(tile, (x, y, s) => `var part${x}_${y}_${s} = Slice();`)}
#endif
      ${repeat(taps, (kx) =>
        multiplyAdd(
          weights,
          'step',
          (s) =>
            times(tile.x * tile.y, (index) => {
              const [x, y] = [index % tile.x, Math.floor(index / tile.x)];
              return [`${sum}${x}_${y}_${s}`, `v${x * apart + kx * dilations[1]}_${y}`];
            }),
          kx,
          type,
        ),
      )}
#if ${partial}
      ${inTile(tile, (x, y, s) => `sum${x}_${y}_${s} += vec4f(part${x}_${y}_${s});`)}
#endif
#if ${looped}
      ${inColumn.end}
#endif
    ${inRow.end}
    plane += params.inputHeight * params.inputWidth${isSplit ? ` * ${lanes}` : ''};
#if ${isSplit}
    step += ${lanes - 1} * ${filterHeight};
#endif
  ${inBand.end}
  ${shared.end}

  ${storeTile(tile, options)}
}
`;
  },
} as const satisfies Kernel<Conv2dOptions>;
