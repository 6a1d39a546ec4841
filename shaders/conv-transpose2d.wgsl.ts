import { clampColumns, locateTile, multiplyAdd, readWeights, storeTile, type WeightsStorage } from './convolution.ts';
import {
  ACTIVATION_FIELDS,
  type Activation,
  activate,
  type ElementType,
  header,
  type ParamFields,
  storage,
} from './interface.ts';
import { repeat, wgsl } from './wgsl.ts';

export interface ConvTranspose2dOptions {
  readonly type: ElementType;
  /** Height and width, as in `strides` and `dilations`. */
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** What is cut off at the top and left: it decides which taps of the filter meet in an output. */
  readonly padding: readonly [number, number];
  /** What one thread computes: in one row, `strides[1]` outputs for each of so many cells, of so many output slices. */
  readonly tile: { readonly cells: number; readonly slices: number };
  readonly workgroup: readonly [number, number];
  readonly weights: WeightsStorage;
  readonly activation: Activation;
  /** Adds `residual` before the activation. */
  readonly residual: boolean;
  /** Each block of output slices reads its own band of input slices. */
  readonly grouped: boolean;
}

/** As those of conv2d, whose padding is literal here. */
export const CONV_TRANSPOSE2D_FIELDS = {
  inputOffset: 'u32',
  inputBatch: 'u32',
  slicesIn: 'u32',
  groupInputs: 'u32',
  groupOutputs: 'u32',
  bandSlices: 'u32',
  inputHeight: 'u32',
  inputWidth: 'u32',
  slicesOut: 'u32',
  outputHeight: 'u32',
  outputWidth: 'u32',
  outputOffset: 'u32',
  outputBatch: 'u32',
  residualOffset: 'u32',
  residualBatch: 'u32',
  ...ACTIVATION_FIELDS,
} as const satisfies ParamFields;

/**
 * A transposed convolution with any filter, stride, dilation and padding. Input pixel i adds its product with tap k to
 * output `i * stride + k * dilation - padding`. Seen from an output o, only every few taps count: those for which
 * `o + padding - k * dilation` is a multiple of the stride, the same for all outputs of one phase, o modulo stride.
 * A thread's outputs lie in one row, hence in one phase of rows: it steps through that phase's filter rows alone. Along the
 * row it has all phases, `stride` outputs to a cell, and each filter column adds to the phase that is written here for it.
 *
 * Dispatch, weights, groups: as conv2d.
 */
export function convTranspose2d(options: ConvTranspose2dOptions): string {
  const { type, kernel, strides, dilations, padding, tile, workgroup, activation, residual, grouped } = options;
  const [height, width] = kernel;
  const outputs = { x: tile.cells * strides[1], y: 1, slices: tile.slices };
  const steps = `params.bandSlices * ${height}u + 1u`;
  const weights = readWeights(options.weights, { slices: tile.slices, kernelWidth: width, steps });
  const slices = (piece: (s: number) => string) => repeat(tile.slices, piece);
  const cells = (piece: (cell: number) => string) => Array.from({ length: tile.cells }, (_, cell) => piece(cell));

  // The taps k of output row o: k * dilation = o + padding, modulo the stride. Where the divisor does not divide the right
  // side there are none; else the first one is the right side times the inverse of the dilation, modulo `period`, the others
  // follow `period` apart, and each reads the input `rowStep` rows above the one before.
  const divisor = greatestCommonDivisor(strides[0], dilations[0]);
  const [period, rowStep] = [strides[0] / divisor, dilations[0] / divisor];
  const inverse = Array.from({ length: period }, (_, k) => k).find((k) => (k * rowStep) % period === 1 % period) ?? 0;

  // How many filter rows count in each phase, where that is the same for all of them.
  const taps = divisor === 1 && height % period === 0 ? height / period : undefined;

  // For each filter column the phase to which it adds, and the input column that it reads, relative to the cell's own.
  const columnTaps = Array.from({ length: width }, (_, kx) => {
    const shift = kx * dilations[1] - padding[1];
    const phase = shift - Math.floor(shift / strides[1]) * strides[1];
    return { phase, column: (phase - shift) / strides[1] };
  });
  const least = Math.min(...columnTaps.map(({ column }) => column));
  const offsets = Array.from(
    { length: tile.cells * width },
    (_, i) => (columnTaps[i % width] as { column: number }).column - least + Math.floor(i / width),
  );
  const columns = [...new Set(offsets)].sort((a, b) => a - b);

  return wgsl`${header(type, CONV_TRANSPOSE2D_FIELDS)}
${storage('input')}
${weights.declaration}
${storage('output')}
#if ${residual}
${storage('residual')}
#endif

${activate(activation)}

@compute @workgroup_size(${workgroup[0]}, ${workgroup[1]})
fn main(@builtin(global_invocation_id) id: vec3u) {
  ${locateTile(outputs.x)}
  let y = tileRow;
  let cell = tileColumn * ${tile.cells}u;
  let x = cell * ${strides[1]}u;
  let slice = id.y * ${tile.slices}u;
  if (y >= params.outputHeight || slice >= params.slicesOut) {
    return;
  }

  let block = ${weights.block};
  ${slices((s) => `let bias${s} = ${weights.bias('block', s)};`)}
  ${slices((s) => repeat(outputs.x, (dx) => `var sum${dx}_0_${s} = bias${s};`))}

  let left = i32(cell) + ${least};
  ${clampColumns(columns)}

  let padded = y + ${padding[0]}u;
#if ${divisor > 1}
  let firstTap = select(${height}u, padded / ${divisor}u * ${inverse}u % ${period}u, padded % ${divisor}u == 0u);
#else
  let firstTap = padded * ${inverse}u % ${period}u;
#endif
  let bottom = (i32(padded) - i32(firstTap) * ${dilations[0]}) / ${strides[0]};

  let taps = ${taps === undefined ? `(${height + period - 1}u - firstTap) / ${period}u` : `${taps}u`};

  // One loop over the input slices and, of each, the filter rows that count: SwiftShader takes twice as long for a loop in a loop.
  let turns = params.bandSlices * taps;
  let top = bottom - i32(taps) * ${rowStep};
  let leap = ${height}u - taps * ${period}u;
  var step = block + 1u + firstTap;
  var line = bottom;
  var plane = params.inputOffset + id.z * params.inputBatch;
#if ${grouped}
  let group = slice * 4u / params.groupOutputs;
  let band = min(group * params.groupInputs / 4u, params.slicesIn - params.bandSlices);
  plane += band * params.inputHeight * params.inputWidth;
#endif
  for (var turn = 0u; turn < 0xffffffffu; turn++) {
    if (turn >= turns) {
      break;
    }
    let row = u32(line);
    let source = plane + min(row, params.inputHeight - 1u) * params.inputWidth;
    let within = row < params.inputHeight;
    ${columns
      .map(
        (column) =>
          `let v${column} = select(vec4f(), vec4f(input[source + column${column}]), within && inside${column});`,
      )
      .join('\n    ')}
    ${columnTaps
      .map(({ phase, column }, kx) =>
        slices((s) =>
          multiplyAdd(
            (lane) => weights.column('step', kx * tile.slices + s, lane),
            cells((c) => `v${column - least + c}`),
            cells((c) => `sum${c * strides[1] + phase}_0_${s}`),
          ),
        ),
      )
      .join('\n')}
    // To the next tap, which reads a row further up, or from a slice's last tap to the next slice.
    step += ${period}u;
#if ${taps === 1}
    plane += params.inputHeight * params.inputWidth;
#else
    line -= ${rowStep};
    let isLast = line == top;
    step += select(0u, leap, isLast);
    line = select(line, bottom, isLast);
    plane += select(0u, params.inputHeight * params.inputWidth, isLast);
#endif
  }

  ${storeTile(outputs, residual)}
}
`;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
