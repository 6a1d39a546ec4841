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

export interface Conv2dOptions {
  readonly type: ElementType;
  /** Height and width, as in `strides` and `dilations`. */
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  /** What one thread computes: so many outputs along x and y of so many output slices. */
  readonly tile: { readonly x: number; readonly y: number; readonly slices: number };
  readonly workgroup: readonly [number, number];
  readonly weights: WeightsStorage;
  readonly activation: Activation;
  /** Adds `residual` before the activation. */
  readonly residual: boolean;
  /** Each block of output slices reads its own band of input slices. */
  readonly grouped: boolean;
}

/** In the order of use, for the sake of registers: see conv2d-pointwise. */
export const CONV2D_FIELDS = {
  paddingTop: 'u32',
  paddingLeft: 'u32',
  inputOffset: 'u32',
  inputBatch: 'u32',
  slicesIn: 'u32',
  /** Input and output channels of a group. */
  groupInputs: 'u32',
  groupOutputs: 'u32',
  /** The input slices that a block of output slices reads: all, or as many as the widest band of a grouped convolution has. */
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
 * A convolution with any filter, stride and dilation. Zero padding: the size of the output says how much there is below and on the right.
 *
 * Dispatch: x over tiles of outputs, row by row; y over blocks of output slices; z over the batch.
 * Weights: see convolution.ts; the input slices of a block are those of its band, `bandSlices` from
 * `min(floor(g * groupInputs / 4), slicesIn - bandSlices)`, where g is the group of the block's first output;
 * the weights between channels of different groups are zero.
 */
export function conv2d(options: Conv2dOptions): string {
  const { type, kernel, strides, dilations, tile, workgroup, activation, residual, grouped } = options;
  const [height, width] = kernel;
  const steps = `params.bandSlices * ${height}u + 1u`;
  const weights = readWeights(options.weights, { slices: tile.slices, kernelWidth: width, steps });
  const slices = (piece: (s: number) => string) => repeat(tile.slices, piece);
  const outputs = (piece: (x: number, y: number) => string) =>
    repeat(tile.y, (y) => repeat(tile.x, (x) => piece(x, y)));
  const list = (piece: (x: number, y: number) => string) =>
    Array.from({ length: tile.x * tile.y }, (_, i) => piece(i % tile.x, Math.floor(i / tile.x)));

  // The input columns that the tile reads, relative to its first; a dilated filter leaves some out.
  const offsets = Array.from(
    { length: tile.x * width },
    (_, i) => (i % tile.x) * strides[1] + Math.floor(i / tile.x) * dilations[1],
  );
  const columns = [...new Set(offsets)].sort((a, b) => a - b);

  return wgsl`${header(type, CONV2D_FIELDS)}
${storage('input')}
${weights.declaration}
${storage('output')}
#if ${residual}
${storage('residual')}
#endif

${activate(activation)}

@compute @workgroup_size(${workgroup[0]}, ${workgroup[1]})
fn main(@builtin(global_invocation_id) id: vec3u) {
  ${locateTile(tile.x)}
  let x = tileColumn * ${tile.x}u;
  let y = tileRow * ${tile.y}u;
  let slice = id.y * ${tile.slices}u;
  if (y >= params.outputHeight || slice >= params.slicesOut) {
    return;
  }

  var step = ${weights.block};
  ${slices((s) => `let bias${s} = ${weights.bias('step', s)};`)}
  ${slices((s) => outputs((x, y) => `var sum${x}_${y}_${s} = bias${s};`))}

  let left = i32(x * ${strides[1]}u) - i32(params.paddingLeft);
  ${clampColumns(columns)}
  let top = i32(y * ${strides[0]}u) - i32(params.paddingTop);

  var plane = params.inputOffset + id.z * params.inputBatch;
#if ${grouped}
  let group = slice * 4u / params.groupOutputs;
  let band = min(group * params.groupInputs / 4u, params.slicesIn - params.bandSlices);
  plane += band * params.inputHeight * params.inputWidth;
#endif
  for (var k = 0u; k < 65536u; k++) {
    if (k >= params.bandSlices) {
      break;
    }
    for (var ky = 0; ky < ${height}; ky++) {
      step++;
      ${repeat(
        tile.y,
        (y) => `let row${y} = u32(top + ky * ${dilations[0]} + ${y * strides[0]});
      let source${y} = plane + min(row${y}, params.inputHeight - 1u) * params.inputWidth;
      let within${y} = row${y} < params.inputHeight;
      ${columns
        .map(
          (column) =>
            `let v${column}_${y} = select(vec4f(), vec4f(input[source${y} + column${column}]), within${y} && inside${column});`,
        )
        .join('\n      ')}`,
      )}
      ${repeat(width, (kx) =>
        slices((s) =>
          multiplyAdd(
            (lane) => weights.column('step', kx * tile.slices + s, lane),
            list((x, y) => `v${x * strides[1] + kx * dilations[1]}_${y}`),
            list((x, y) => `sum${x}_${y}_${s}`),
          ),
        ),
      )}
    }
    plane += params.inputHeight * params.inputWidth;
  }

  ${storeTile(tile, residual)}
}
`;
}
