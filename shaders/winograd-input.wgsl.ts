import { clampColumns, leaveIf, locateTile, readColumns } from './convolution.ts';
import { type Kernel, type ParamFields, PLACES, unary } from './kernel.ts';
import { repeat, times, wgsl } from './wgsl.ts';
import { pick, transformInput, type WinogradSize, winograd } from './winograd.ts';

/** Which tiles a kernel of Winograd's convolution has: rows from one on, counted through the batch, of which an item has so many. */
export const TILE_FIELDS = { firstRow: 'u32', tileRows: 'u32' } as const satisfies ParamFields;

export interface WinogradInputOptions {
  readonly size: WinogradSize;
}

/**
 * What Winograd's convolution multiplies by its filters, B^T input B of each tile: `[point of rows][point of columns][slice][tile]`.
 *
 * Dispatch: x over tiles, y over slices, z over points of rows.
 */
export const winogradInput = {
  kind: 'winograd-input',
  fields: {
    outputWidth: 'u32',
    outputPixels: 'u32',
    outputSlices: 'u32',
    ...TILE_FIELDS,
    paddingTop: 'u32',
    paddingLeft: 'u32',
    inputHeight: 'u32',
    inputWidth: 'u32',
    ...PLACES,
  },
  bindings: unary,
  threads: ({ size }, { pixels, slices }) => [pixels, slices, size + 2],
  text({ size }, main, isFolded) {
    const matrices = winograd(size);
    const points = size + 2;
    const columns = times(points, (column) => column);
    // Every other row counts for 0 and infinity, for other points all but the first and the last one.
    const weights = matrices.input.map((row, point) =>
      row.filter((_, k) => (point < 2 ? k % 2 === point : k % (size + 1))),
    );
    return wgsl`${main}
  ${locateTile(1, { isFolded })}
  if (id.x >= params.outputPixels || id.y >= params.outputSlices) {
    return;
  }
  let row = params.firstRow + tileRow;
  let item = row / params.tileRows;
  let left = i32(tileColumn * ${size}u) - i32(params.paddingLeft);
  let plane = params.inputOffset + item * params.inputBatch + id.y * params.inputHeight * params.inputWidth;
  let isEnd = id.z < 2u;
  let apart = select(1u, 2u, isEnd);
  let end = select(${size}u, ${points / 2}u, isEnd);
  // Above the picture, the number is far beyond its rows.
  var y = (row - item * params.tileRows) * ${size}u - params.paddingTop + select(1u, id.z, isEnd);
  var weights = ${pick(
    'id.z',
    weights.map((row) => `vec4f(${times(4, (k) => row[k] ?? 0).join(', ')})`),
  )};
  ${repeat(points, (c) => `var sum${c} = vec4f();`)}
  for (var k = 0u; k < 0xffffffffu; k++) {
    let source = plane + min(y, params.inputHeight - 1u) * params.inputWidth;
    let within = y < params.inputHeight;
    ${clampColumns(columns)}
    ${repeat(
      points,
      (c) => `${readColumns([c], 'within && ')}
    sum${c} += weights.x * v${c};`,
    )}
    weights = weights.yzwx;
    y += apart;
    ${leaveIf('k + 1u >= end')}
  }
  let place = params.outputOffset + id.z * ${points}u * params.outputBatch + id.y * params.outputPixels + id.x;
  ${transformInput(matrices, 'sum', (point, value) => `output[place + ${point}u * params.outputBatch] = Slice(${value});`)}
}
`;
  },
} as const satisfies Kernel<WinogradInputOptions>;
