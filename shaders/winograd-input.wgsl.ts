import { clampColumns, locateTile, readColumns } from './convolution.ts';
import { type Kernel, PLACES, unary } from './kernel.ts';
import { repeat, times, wgsl } from './wgsl.ts';
import { transformInput, type WinogradSize, winograd } from './winograd.ts';

/** The fields that say which tiles a kernel of Winograd's convolution has: rows of tiles, counted through the batch. */
export const TILE_FIELDS = { firstRow: 'u32', tileRows: 'u32' } as const;

export interface WinogradInputOptions {
  readonly size: WinogradSize;
}

/**
 * What Winograd's convolution multiplies with its filters: B^T input B of each tile, `[point of the row and column][slice][tile]`.
 *
 * Dispatch: x over tiles, y over slices, z over pairs of points, each of which is two rows of the matrix.
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
  threads: ({ size }, { pixels, slices }) => [pixels, slices, size / 2 + 1],
  text({ size }, main, isFolded) {
    const matrices = winograd(size);
    const count = size + 2;
    const columns = times(count, (column) => column);
    const pairs = count / 2;
    // Of rows 2j (from 2 on, but for the pair of 0 and infinity), and 2j + 1.
    const weights = times(pairs * pairs, (index) => {
      const [pair, j] = [Math.floor(index / pairs), index % pairs];
      const [even, odd] = pair === 0 ? [0, 1] : [2 * pair, 2 * pair];
      const at = (row: number, column: number) => matrices.input[row]?.[column] ?? 0;
      return `vec2f(${at(even, pair === 0 ? 2 * j : 2 * j + 2)}, ${at(odd, 2 * j + 1)})`;
    });
    return wgsl`const WEIGHTS = array<vec2f, ${weights.length}>(${weights.join(', ')});

${main}
  ${locateTile(1, { isFolded })}
  if (id.x >= params.outputPixels || id.y >= params.outputSlices) {
    return;
  }
  let row = params.firstRow + tileRow;
  let item = row / params.tileRows;
  let left = i32(tileColumn * ${size}u) - i32(params.paddingLeft);
  let top = i32((row - item * params.tileRows) * ${size}u) - i32(params.paddingTop);
  ${clampColumns(columns)}
  let plane = params.inputOffset + item * params.inputBatch + id.y * params.inputHeight * params.inputWidth;
  let isEdge = id.z == 0u;
  let firstEven = select(top + 2, top, isEdge);
  let end = select(${pairs - 1}, ${pairs}, isEdge);
  ${repeat(count, (c) => `var even${c} = vec4f();\nvar odd${c} = vec4f();`)}
  for (var j = 0; j < 0x7fff0000; j++) {
    if (j >= end) {
      break;
    }
    let weights = WEIGHTS[id.z * ${pairs}u + u32(j)];
    let row0 = u32(firstEven + 2 * j);
    let source0 = plane + min(row0, params.inputHeight - 1u) * params.inputWidth;
    let within0 = row0 < params.inputHeight;
    ${readColumns(columns, 'within0 && ', '0')}
    ${repeat(count, (c) => `even${c} += weights.x * v${c}_0;`)}
    let row1 = u32(top + 2 * j + 1);
    let source1 = plane + min(row1, params.inputHeight - 1u) * params.inputWidth;
    let within1 = row1 < params.inputHeight;
    ${readColumns(columns, 'within1 && ', '1')}
    ${repeat(count, (c) => `odd${c} += weights.y * v${c}_1;`)}
  }
  ${repeat(
    count,
    (c) => `let upper${c} = select(even${c} + odd${c}, even${c}, isEdge);
  let lower${c} = select(even${c} - odd${c}, odd${c}, isEdge);`,
  )}
  let place = params.outputOffset + id.y * params.outputPixels + id.x + id.z * ${2 * count}u * params.outputBatch;
  ${['upper', 'lower'].map((name, h) => transformInput(matrices, name, (point, value) => `output[place + ${h * count + point}u * params.outputBatch] = Slice(${value});`)).join('\n')}
}
`;
  },
} as const satisfies Kernel<WinogradInputOptions>;
