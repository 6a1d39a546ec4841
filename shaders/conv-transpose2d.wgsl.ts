import type { Activation } from './activation.ts';
import {
  beginSums,
  CONVOLUTION,
  clampColumns,
  epilogue,
  leaveIf,
  locateTile,
  multiplyAdd,
  type Residual,
  readColumns,
  readWeights,
  storeTile,
  threadsOf,
  turns,
  type WeightsStorage,
} from './convolution.ts';
import type { Kernel } from './kernel.ts';
import { type Phases, phasesOf, tapAt } from './phases.ts';
import { times, wgsl } from './wgsl.ts';

export interface ConvTranspose2dOptions {
  /** Its height and width, as in `strides` and `dilations`. */
  readonly filter: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** What is cut off at the top and left: it decides which taps of the filter meet in an output. */
  readonly padding: readonly [number, number];
  /** What one thread computes: in one row, `strides[1]` outputs for each of so many cells, of so many output slices. */
  readonly tile: { readonly cells: number; readonly slices: number };
  readonly weights: WeightsStorage;
  /** Threads of a workgroup along x. */
  readonly row: number;
  /** Stores results in a loop; see `storeSums`. */
  readonly storeLoop: boolean;
  readonly activation: Activation;
  readonly residual: Residual;
  /** Each block of output slices reads its own band of input slices. */
  readonly grouped: boolean;
  /**
   * Takes the filter's columns in a loop: written out, those of a wide filter, or the phases of a large stride, would be
   * much text, which takes long to compile. Of a cell, a thread then computes the output of one phase alone.
   */
  readonly looped: boolean;
}

/**
 * A transposed convolution with any filter, stride, dilation and padding. Input pixel i adds its product with tap k to
 * output `i * stride + k * dilation - padding`. Seen from an output o, only every few taps count: those for which
 * `o + padding - k * dilation` is a multiple of the stride, the same for all outputs of one phase, o modulo stride.
 * A thread's outputs lie in one row, hence in one phase of rows: it steps through that phase's filter rows alone. Along the
 * row it has all phases, `stride` outputs to a cell, and each filter column adds to the phase that is written here for it.
 *
 * Dispatch, weights, groups: as conv2d; where the columns are `looped`, there are `strides[1]` threads for each `cells`.
 */
export const convTranspose2d = {
  kind: 'conv-transpose2d',
  /** Padding is literal here. */
  ...CONVOLUTION,
  threads: ({ tile: { cells, slices }, strides, looped }, output) =>
    threadsOf({ x: cells * strides[1], y: 1, slices }, output, looped ? strides[1] : 1),
  text(options, main, isFolded) {
    const { filter, strides, dilations, padding, tile } = options;
    const { grouped, looped } = options;
    const [height, width] = filter;
    const span = tile.cells * strides[1];
    const threads = looped ? strides[1] : 1;
    const outputs = { x: looped ? tile.cells : span, y: 1, slices: tile.slices };
    // A loop over the filter's columns takes each of them as a step; a bias takes as many steps as a row has then.
    const inSteps = (filterRows: string) => (looped ? `${filterRows} * ${width}u` : filterRows);
    const weights = readWeights(options.weights, {
      slices: tile.slices,
      kernelWidth: looped ? 1 : width,
      steps: inSteps(`(params.bandSlices * ${height}u + 1u)`),
    });
    const cells = <Piece>(piece: (cell: number) => Piece) => times(tile.cells, piece);
    const rows = phasesOf(strides[0], dilations[0]);
    const columns = phasesOf(strides[1], dilations[1]);

    // How many filter rows count in each phase, where that is the same for all of them.
    const taps = rows.divisor === 1 && height % rows.period === 0 ? height / rows.period : undefined;

    // For each filter column the phase to which it adds, and the input column that it reads, relative to the cell's own.
    // In a loop, each is the one of its turn.
    const columnTaps = times(looped ? 1 : width, (kx) =>
      looped ? { phase: 0, input: 0 } : tapAt(kx, { stride: strides[1], dilation: dilations[1], padding: padding[1] }),
    );
    const least = Math.min(...columnTaps.map(({ input }) => input));
    const offsets = cells((cell) => columnTaps.map(({ input }) => input - least + cell)).flat();
    const inputColumns = [...new Set(offsets)].sort((a, b) => a - b);
    const products = (step: string) =>
      columnTaps
        .map(({ phase, input }, kx) =>
          multiplyAdd(
            weights,
            step,
            (s) => cells((c) => [`sum${looped ? c : c * strides[1] + phase}_0_${s}`, `v${input - least + c}`]),
            kx,
          ),
        )
        .join('\n');

    const inColumns = turns('kx', 'params.filterWidth', { first: 'i32(firstX)', apart: columns.period });

    return wgsl`${weights.declaration}

${epilogue(options)}

${main}
  ${locateTile(span, { isFolded, threads })}
  let y = tileRow;
  let cell = tileColumn / ${threads}u * ${tile.cells}u;
  let x = cell * ${strides[1]}u + tileColumn % ${threads}u;
  let slice = id.y * ${tile.slices}u;
  if (y >= params.outputHeight || slice >= params.outputSlices || x >= params.outputWidth) {
    return;
  }

  ${beginSums(outputs, weights)}

  let paddedY = y + ${padding[0]}u;
  let firstY = ${firstTap('paddedY', height, rows)};
  let bottom = (i32(paddedY) - i32(firstY) * ${dilations[0]}) / ${strides[0]};
#if ${looped}
  let paddedX = x + ${padding[1]}u;
  let firstX = ${firstTap('paddedX', width, columns)};
  let right = (i32(paddedX) - i32(firstX) * ${dilations[1]}) / ${strides[1]};
#else
  let left = i32(cell) + ${least};
#endif

  let taps = ${taps === undefined ? `(${height + rows.period - 1}u - firstY) / ${rows.period}u` : `${taps}u`};

  // One loop over the input slices and, of each, the filter rows that count: SwiftShader takes twice as long for a loop in a loop.
  let end = params.bandSlices * taps;
  let top = bottom - i32(taps) * ${rows.step};
  let leap = ${inSteps(`(${height}u - taps * ${rows.period}u)`)};
  var step = block + ${inSteps('(1u + firstY)')};
  var line = bottom;
  var plane = params.inputOffset + id.z * params.inputBatch;
#if ${grouped}
  let groupIndex = slice * 4u / params.groupOutputs;
  let band = min(groupIndex * params.groupInputs / 4u, params.inputSlices - params.bandSlices);
  plane += band * params.inputHeight * params.inputWidth;
#endif
  for (var k = 0u; k < 0xffffffffu; k++) {
    ${leaveIf('k >= end')}
    let row = u32(line);
    let source = plane + min(row, params.inputHeight - 1u) * params.inputWidth;
    let within = row < params.inputHeight;
#if ${looped}
    var left = right;
    ${inColumns.begin}
      ${clampColumns(inputColumns)}
      ${readColumns(inputColumns, 'within && ')}
      let at = step + u32(kx);
      ${products('at')}
      left -= ${columns.step};
    ${inColumns.end}
#else
    ${clampColumns(inputColumns)}
    ${readColumns(inputColumns, 'within && ')}
    ${products('step')}
#endif
    // To the next tap, which reads a row further up, or from a slice's last tap to the next slice.
    step += ${inSteps(`${rows.period}u`)};
#if ${taps === 1}
    plane += params.inputHeight * params.inputWidth;
#else
    line -= ${rows.step};
    let isLast = line == top;
    step += select(0u, leap, isLast);
    line = select(line, bottom, isLast);
    plane += select(0u, params.inputHeight * params.inputWidth, isLast);
#endif
  }

  ${storeTile(outputs, options, threads)}
}
`;
  },
} as const satisfies Kernel<ConvTranspose2dOptions>;

/** The first tap of the output that lies at `padded`; of none, one beyond the `size` of the filter. */
const firstTap = (padded: string, size: number, { divisor, period, inverse }: Phases) =>
  `select(${size}u, ${padded} / ${divisor}u % ${period}u * ${inverse}u % ${period}u, ${padded} % ${divisor}u == 0u)`;
