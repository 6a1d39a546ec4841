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
} from './convolution.ts';
import { ceilDivide, type Kernel } from './kernel.ts';
import { andSlice } from './slope.ts';
import { repeat, times, wgsl } from './wgsl.ts';

export interface Conv2dPointwiseSplitOptions {
  /** What `workgroup[0]` threads compute together: so many pixels of so many output slices. */
  readonly tile: { readonly pixels: number; readonly slices: number };
  /** The threads that share a sum, and the blocks of output slices. */
  readonly workgroup: readonly [number, number];
  readonly activation: Activation;
  readonly residual: Residual;
  /** What is done to the input; see `prologue`. */
  readonly prologue: Prologue;
}

/**
 * A 1x1 convolution for pictures of a few pixels, or one (a dense layer), where a thread per result would leave a GPU idle:
 * `workgroup[0]` threads take every so-manieth input slice each and add their sums through workgroup memory, in a fixed order,
 * so that the result has the same bits each time.
 *
 * Dispatch: x over tiles of pixels (one per workgroup), y over blocks of output slices, z over the batch. Weights: see convolution.ts.
 */
export const conv2dPointwiseSplit = {
  kind: 'conv2d-pointwise-split',
  ...POINTWISE,
  bindings: (options) => POINTWISE.bindings({ ...options, weights: 'buffer' }),
  workgroup: ({ workgroup }) => workgroup,
  threads: ({ tile, workgroup }, { pixels, slices, batch }) => [
    ceilDivide(pixels, tile.pixels) * workgroup[0],
    ceilDivide(slices, tile.slices),
    batch,
  ],
  text(options, main) {
    const { tile, workgroup, prologue } = options;
    const [lanes, rows] = workgroup;
    const results = tile.pixels * tile.slices;
    const weights = readWeights('buffer', { slices: tile.slices, kernelWidth: 1, steps: 'params.inputSlices + 1u' });
    const pixels = (piece: (p: number) => string) => repeat(tile.pixels, piece);
    const slices = (piece: (s: number) => string) => repeat(tile.slices, piece);

    return wgsl`${weights.declaration}

${epilogue(options)}

// [row][result][lane]
var<workgroup> sums: array<vec4f, ${rows * results * lanes}>;

${main}
  let lane = local.x;
  let pixel = group.x * ${tile.pixels}u;
  let slice = id.y * ${tile.slices}u;

  let block = ${weights.block};
  // The first lane's sums begin with the bias.
  let first = lane == 0u;
  ${slices((s) => `let bias${s} = select(vec4f(), ${weights.bias('block', s)}, first);`)}
  ${slices((s) => pixels((p) => `var sum${p}_${s} = bias${s};`))}

  // Threads beyond the last block stay for the barrier, without work.
  let end = select(0u, params.inputSlices, slice < params.outputSlices);
  let source = params.inputOffset + id.z * params.inputBatch + pixel;
  ${openPrologue(prologue)}
  for (var k = 0u; k < 0xffffffffu; k++) {
    let own = k * ${lanes}u + lane;
    if (own >= end) {
      break;
    }
    let x = source + own * params.outputPixels;
    let step = block + 1u + own;
    ${readInputs(prologue, { slice: 'own', inputs: times(tile.pixels, (p) => `input[x + ${p}u]`) })}
    ${slices((s) =>
      multiplyAdd(
        (lane) => weights.column('step', s, lane),
        times(tile.pixels, (p) => [`sum${p}_${s}`, `x${p}`]),
      ),
    )}
  }

  let base = local.y * ${results * lanes}u;
  ${slices((s) => pixels((p) => `sums[base + ${(s * tile.pixels + p) * lanes}u + lane] = sum${p}_${s};`))}
  workgroupBarrier();

  // The lanes share the results; each adds the lanes' sums of its own in order.
  for (var k = 0u; k < ${Math.ceil(results / lanes)}u; k++) {
    let index = k * ${lanes}u + lane;
    let s = slice + index / ${tile.pixels}u;
    let p = pixel + index % ${tile.pixels}u;
    if (index >= ${results}u || s >= params.outputSlices || p >= params.outputPixels) {
      continue;
    }
    let terms = base + index * ${lanes}u;
    var sum = sums[terms];
    for (var other = 1u; other < ${lanes}u; other++) {
      sum += sums[terms + other];
    }
    store(placeOf(id.z, s * params.outputPixels + p), sum${andSlice(options.activation, 's')});
  }
}
`;
  },
} as const satisfies Kernel<Conv2dPointwiseSplitOptions>;
