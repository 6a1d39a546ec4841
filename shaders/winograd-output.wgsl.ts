import { ACTIVATION_FIELDS, type Activation } from './activation.ts';
import { epilogue, when } from './convolution.ts';
import { type Kernel, SLICES } from './kernel.ts';
import { repeat, times, wgsl } from './wgsl.ts';
import { transformOutput, type WinogradSize, winograd } from './winograd.ts';
import { TILE_FIELDS } from './winograd-input.wgsl.ts';

export interface WinogradOutputOptions {
  readonly size: WinogradSize;
  readonly activation: Activation;
  /** Adds `residual` before the activation. */
  readonly residual: boolean;
}

/**
 * What becomes of the products of Winograd's convolution: A^T product A of each tile, added and activated as in every convolution.
 *
 * Dispatch: x over tiles, y over slices, z over even and odd rows of outputs.
 */
export const winogradOutput = {
  kind: 'winograd-output',
  fields: {
    inputWidth: 'u32',
    inputPixels: 'u32',
    inputSlices: 'u32',
    inputOffset: 'u32',
    inputBatch: 'u32',
    ...TILE_FIELDS,
    outputHeight: 'u32',
    outputWidth: 'u32',
    outputOffset: 'u32',
    outputBatch: 'u32',
    residualOffset: 'u32',
    residualBatch: 'u32',
    ...ACTIVATION_FIELDS,
  },
  bindings: ({ residual }) => ({ input: SLICES, output: SLICES, residual: residual && SLICES }),
  threads: (_, { pixels, slices }) => [pixels, slices, 2],
  text(options, main) {
    const { size } = options;
    const matrices = winograd(size);
    const count = size + 2;
    const rows = size / 2;
    const weights = times(rows, (r) =>
      times(2 * count, (index) => matrices.output[index % count]?.[Math.floor(index / count) + 2 * r] as number),
    );
    return wgsl`${epilogue(options)}
${weights.map((numbers, r) => `const WEIGHTS${r} = array<f32, ${2 * count}>(${numbers.join(', ')});`).join('\n')}

${main}
  if (id.x >= params.inputPixels || id.y >= params.inputSlices) {
    return;
  }
  let tileRow = id.x / params.inputWidth;
  let x = (id.x - tileRow * params.inputWidth) * ${size}u;
  let row = params.firstRow + tileRow;
  let item = row / params.tileRows;
  let y = (row - item * params.tileRows) * ${size}u + id.z;
  ${repeat(rows, (r) => repeat(count, (c) => `var sum${r}_${c} = vec4f();`))}
  var source = params.inputOffset + id.y * params.inputPixels + id.x;
  for (var point = 0u; point < ${count}u; point++) {
    // Of 0 and infinity, one reaches even rows and the other one odd rows.
    if (point != 1u - id.z) {
      ${repeat(rows, (r) => `let weight${r} = WEIGHTS${r}[id.z * ${count}u + point];`)}
      ${repeat(
        count,
        (c) => wgsl`{
let value = vec4f(input[source + ${c}u * params.inputBatch]);
${repeat(rows, (r) => `sum${r}_${c} += weight${r} * value;`)}
}`,
      )}
    }
    source += ${count}u * params.inputBatch;
  }
  let area = params.outputHeight * params.outputWidth;
  let place = placeOf(item, id.y * area + y * params.outputWidth + x);
  ${repeat(
    rows,
    (r) => wgsl`${transformOutput(matrices, `sum${r}_`, (x) => `result${r}_${x}`)}
if (y + ${2 * r}u < params.outputHeight) {
${repeat(size, (dx) => when([dx > 0 && `x + ${dx}u < params.outputWidth`], `store(place + ${2 * r}u * params.outputWidth + ${dx}u, result${r}_${dx});`))}
}`,
  )}
}
`;
  },
} as const satisfies Kernel<WinogradOutputOptions>;
