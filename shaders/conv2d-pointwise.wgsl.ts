import type { Activation } from './activation.ts';
import {
  beginSums,
  epilogue,
  multiplyAdd,
  openPrologue,
  POINTWISE,
  type Prologue,
  type Residual,
  readInputs,
  readWeights,
  shareSums,
  storeSums,
  type Tile,
  turns,
  type WeightsStorage,
  when,
} from './convolution.ts';
import { ceilDivide, type Kernel } from './kernel.ts';
import { andSlice } from './slope.ts';
import { times, wgsl } from './wgsl.ts';

export interface Conv2dPointwiseOptions {
  /** What one thread computes: so many pixels along x of so many output slices. */
  readonly tile: Tile;
  readonly weights: WeightsStorage;
  /** Threads of a workgroup along x: where sums are shared, each has a block of output slices of its own, and else a tile of pixels. */
  readonly row: number;
  /** The threads that share the sums of a tile, and the input slices; see `shareSums`. */
  readonly lanes: number;
  /** Stores results in a loop; see `storeSums`. */
  readonly storeLoop: boolean;
  /** Leaves loops late; see `turns`. */
  readonly late: boolean;
  readonly activation: Activation;
  readonly residual: Residual;
  /** What is done to the input; see `prologue`. */
  readonly prologue: Prologue;
}

/**
 * A 1x1 convolution with stride 1. As the filter has no extent, the picture is a row of `pixels` = height * width. Of a few
 * pixels, or one (a dense layer), a thread per tile would leave a GPU idle: `lanes` of them share one.
 *
 * Dispatch: x over tiles of pixels, y over blocks of output slices, z over the batch; where sums are shared, x over workgroups of
 * a tile each, and y over the blocks of a row. Weights: see convolution.ts.
 */
export const conv2dPointwise = {
  kind: 'conv2d-pointwise',
  ...POINTWISE,
  threads({ tile, row, lanes }, { pixels, slices, batch }) {
    const [tiles, blocks] = [ceilDivide(pixels, tile.x), ceilDivide(slices, tile.slices)];
    return lanes > 1 ? [tiles * row, ceilDivide(blocks, row) * lanes, batch] : [tiles, blocks, batch];
  },
  text(options, main) {
    const { tile, row, lanes, prologue } = options;
    const isSplit = lanes > 1;
    const block = isSplit ? `(group.y * ${row} + local.x)` : 'id.y';
    // The pixels of a thread lie a workgroup's width apart, so that neighbouring threads read neighbouring vec4s.
    const apart = isSplit ? 1 : row;
    const shared = shareSums(tile, options, 'pixel >= params.outputPixels || slice >= params.outputSlices');
    const weights = readWeights(options.weights, {
      slices: tile.slices,
      kernelWidth: 1,
      steps: 'params.inputSlices + 1u',
      of: `id.z * params.itemBlocks + ${block}`,
    });
    const steps = turns('step', 'end', {
      late: options.late,
      first: isSplit ? 'first + local.y' : 'first',
      apart: lanes,
    });

    return wgsl`${weights.declaration}

${epilogue(options)}

${shared.declaration}

${main}
  let pixel = group.x * ${tile.x * apart}u${isSplit ? '' : ' + local.x'};
  let slice = ${block} * ${tile.slices}u;
  ${shared.begin}

  ${beginSums(tile, weights, isSplit ? 'local.y == 0' : '')}

  // Pixels beyond the last are read (from wherever that is) and summed up, but not stored.
  var source = params.inputOffset + id.z * params.inputBatch + pixel;
  let first = block + 1u;
#if ${isSplit}
  source += local.y * params.outputPixels;
  // Threads beyond the last block have no work.
  let end = select(first, first + params.inputSlices, slice < params.outputSlices);
#else
  let end = first + params.inputSlices;
#endif
  ${openPrologue(prologue)}
  ${steps.begin}
    ${readInputs(prologue, { slice: 'step - first', inputs: times(tile.x, (p) => `input[source + ${p * apart}u]`) })}
    ${multiplyAdd(weights, 'step', (s) => times(tile.x, (p) => [`sum${p}_0_${s}`, `x${p}`]))}
    source += params.outputPixels${isSplit ? ` * ${lanes}` : ''};
  ${steps.end}
  ${shared.end}

  let place = placeOf(id.z, slice * params.outputPixels + pixel);
  ${storeSums(
    tile,
    options.storeLoop,
    { columns: 'params.outputPixels - pixel', slices: 'params.outputSlices - slice' },
    (sum, p, _, s) => {
      const at = `${p} * ${apart}u`;
      return when(
        [s !== '0u' && `slice + ${s} < params.outputSlices`, p !== '0u' && `pixel + ${at} < params.outputPixels`],
        `store(place + ${s} * params.outputPixels + ${at}, ${sum}${andSlice(options.activation, `slice + ${s}`)});`,
      );
    },
  )}
}
`;
  },
} as const satisfies Kernel<Conv2dPointwiseOptions>;
