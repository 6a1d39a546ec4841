import type { Activation } from './activation.ts';
import { EPILOGUE_FIELDS, epilogue, epilogueBindings, leaveIf, type Residual } from './convolution.ts';
import { type Kernel, SLICES } from './kernel.ts';
import { andSlice } from './slope.ts';
import { repeat, times, wgsl } from './wgsl.ts';
import { pick, type WinogradSize, winograd } from './winograd.ts';
import { TILE_FIELDS } from './winograd-input.wgsl.ts';

export interface WinogradOutputOptions {
  readonly size: WinogradSize;
  readonly activation: Activation;
  readonly residual: Residual;
}

/**
 * What becomes of the products of Winograd's convolution: A^T product A of each tile, added and activated as in every convolution.
 *
 * Dispatch: x over tiles, y over slices, z over rows and columns, each even or odd: to these, p and -p contribute by their
 * sum or difference, and either 0 or infinity does.
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
    ...EPILOGUE_FIELDS,
    residualSlices: 'u32',
  },
  bindings: (options) => ({ input: SLICES, output: SLICES, ...epilogueBindings(options) }),
  threads: (_, { pixels, slices }) => [pixels, slices, 4],
  text(options, main) {
    const { size } = options;
    const { output } = winograd(size);
    const points = size + 2;
    const half = times(size / 2, (k) => k);
    const pairs = half.map((k) => 2 * k + 2);
    const number = (point: number, row: number) => `f32(${output[point]?.[row]})`;
    /** What a point counts for the even or the odd one of a pair of rows, or columns. */
    const weight = (isOdd: string, point: number, pair: number) =>
      pick(isOdd, [number(point, 2 * pair), number(point, 2 * pair + 1)]);
    return wgsl`${epilogue(options)}

${main}
  if (id.x >= params.inputPixels || id.y >= params.inputSlices) {
    return;
  }
  let oddRow = id.z >> 1u;
  let oddColumn = id.z & 1u;
  let tileRow = id.x / params.inputWidth;
  let row = params.firstRow + tileRow;
  let item = row / params.tileRows;
  let y = (row - item * params.tileRows) * ${size}u + oddRow;
  let x = (id.x - tileRow * params.inputWidth) * ${size}u + oddColumn;
  let sign = 1.0 - 2.0 * f32(oddColumn);
  ${repeat(size / 2, (k) =>
    [
      `let end${k} = ${pick('oddColumn', [number(0, 2 * k), number(1, 2 * k + 1)])};`,
      ...pairs.map((pair) => `let weight${k}_${pair} = ${weight('oddColumn', pair, k)};`),
    ].join('\n'),
  )}
  ${half.map((r) => repeat(size / 2, (k) => `var sum${k}_${r} = vec4f();`)).join('\n')}
  let first = params.inputOffset + id.y * params.inputPixels + id.x;
  for (var point = oddRow; point < ${points}u; point = max(point + 1u, 2u)) {
    let source = first + point * ${points}u * params.inputBatch;
    let end = vec4f(input[source + oddColumn * params.inputBatch]);
    ${pairs.map((pair) => `let pair${pair} = vec4f(input[source + ${pair}u * params.inputBatch]) + sign * vec4f(input[source + ${pair + 1}u * params.inputBatch]);`).join('\n')}
    ${repeat(size / 2, (k) => `let value${k} = end${k} * end + ${pairs.map((pair) => `weight${k}_${pair} * pair${pair}`).join(' + ')};`)}
    ${half
      .map(
        (r) => wgsl`{
let weight = ${pick(
          'point',
          times(points, (point) => weight('oddRow', point, r)),
        )};
${repeat(size / 2, (k) => `sum${k}_${r} += weight * value${k};`)}
}`,
      )
      .join('\n')}
    ${leaveIf(`point == ${points - 1}u`)}
  }
  let place = placeOf(item, (id.y * params.outputHeight + y) * params.outputWidth + x);
  ${half
    .map((r) =>
      repeat(
        size / 2,
        (k) => `if (y + ${2 * r}u < params.outputHeight && x + ${2 * k}u < params.outputWidth) {
    store(place + ${2 * r}u * params.outputWidth + ${2 * k}u, sum${k}_${r}${andSlice(options.activation, 'id.y')});
  }`,
      ),
    )
    .join('\n')}
}
`;
  },
} as const satisfies Kernel<WinogradOutputOptions>;
