import type { Activation } from './activation.ts';
import {
  epilogue,
  multiplyAdd,
  openPrologue,
  POINTWISE,
  type Prologue,
  type Residual,
  readInputs,
  readWeights,
  storeSums,
  turns,
  type WeightsStorage,
  when,
} from './convolution.ts';
import { ceilDivide, type Kernel } from './kernel.ts';
import { andSlice } from './slope.ts';
import { repeat, times, wgsl } from './wgsl.ts';

export interface Conv2dPointwiseOptions {
  /** What one thread computes: so many pixels of so many output slices. */
  readonly tile: { readonly pixels: number; readonly slices: number };
  readonly weights: WeightsStorage;
  /** Threads of a workgroup along x. */
  readonly row: number;
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
 * A 1x1 convolution with stride 1. As the filter has no extent, the picture is a row of `pixels` = height * width.
 *
 * Dispatch: x over tiles of pixels, y over blocks of output slices, z over the batch. Weights: see convolution.ts.
 */
export const conv2dPointwise = {
  kind: 'conv2d-pointwise',
  ...POINTWISE,
  threads: ({ tile }, { pixels, slices, batch }) => [
    ceilDivide(pixels, tile.pixels),
    ceilDivide(slices, tile.slices),
    batch,
  ],
  text(options, main) {
    const { tile, row, prologue } = options;
    const pixels = (piece: (p: number) => string) => repeat(tile.pixels, piece);
    const slices = (piece: (s: number) => string) => repeat(tile.slices, piece);
    const weights = readWeights(options.weights, {
      slices: tile.slices,
      kernelWidth: 1,
      steps: 'params.inputSlices + 1u',
      of: 'id.z * params.itemBlocks + id.y',
    });
    const steps = turns('step', 'end', { ...options, first: 'first' });
    // The pixels of a thread lie a workgroup's width apart, so that neighbouring threads read neighbouring vec4s.
    const at = (p: number) => `${p * row}u`;

    return wgsl`${weights.declaration}

${epilogue(options)}

${main}
  let pixel = group.x * ${tile.pixels * row}u + local.x;
  let slice = id.y * ${tile.slices}u;
  if (pixel >= params.outputPixels || slice >= params.outputSlices) {
    return;
  }

  let block = ${weights.block};
  ${slices((s) => `let bias${s} = ${weights.bias('block', s)};`)}
  ${slices((s) => pixels((p) => `var sum${p}_0_${s} = bias${s};`))}

  // Pixels beyond the last are read (from wherever that is) and summed up, but not stored.
  var source = params.inputOffset + id.z * params.inputBatch + pixel;
  let first = block + 1u;
  let end = first + params.inputSlices;
  ${openPrologue(prologue)}
  ${steps.begin}
    ${readInputs(prologue, { slice: 'step - first', inputs: times(tile.pixels, (p) => `input[source + ${at(p)}]`) })}
    ${slices((s) =>
      multiplyAdd(
        (lane) => weights.column('step', s, lane),
        times(tile.pixels, (p) => [`sum${p}_0_${s}`, `x${p}`]),
      ),
    )}
    source += params.outputPixels;
  ${steps.end}

  let place = placeOf(id.z, slice * params.outputPixels + pixel);
  ${storeSums(
    { x: tile.pixels, y: 1, slices: tile.slices },
    options.storeLoop,
    { columns: 'params.outputPixels - pixel', slices: 'params.outputSlices - slice' },
    (sum, p, _, s) => {
      const at = `${p} * ${row}u`;
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
