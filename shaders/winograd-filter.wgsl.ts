import { readWeights, STEPS } from './convolution.ts';
import { type Kernel, SLICES } from './kernel.ts';
import { repeat, wgsl } from './wgsl.ts';
import { pick, type WinogradSize, winograd } from './winograd.ts';

export interface WinogradFilterOptions {
  readonly size: WinogradSize;
  /** Output slices in a block of the result. */
  readonly blockSlices: number;
}

/**
 * G filter G^T of 3x3 filters, for each pair of points as weights of a pointwise convolution, biases included: see convolution.ts.
 * That takes no longer than a few tiles of the product, and these weights, up to four times as large, are needed only then.
 *
 * Dispatch: x over the vectors of a slice of filters (bias, then input channels), y over output slices, z over points.
 */
export const winogradFilter = {
  kind: 'winograd-filter',
  fields: { firstSlice: 'u32', lastSlice: 'u32', outputSlices: 'u32', outputHeight: 'u32', outputBatch: 'u32' },
  bindings: () => ({ weights: STEPS.buffer, output: SLICES }),
  threads: ({ size }, { pixels, slices }) => [pixels, slices, size + 2],
  text({ size, blockSlices }, main) {
    const { filter, ones } = winograd(size);
    const count = size + 2;
    const weights = readWeights('buffer', { slices: 1, kernelWidth: 3, steps: '' });
    const vector = (step: string, kx: number, lane: string) => `vec4f(weights[${step}].m${kx}[${lane}])`;
    const stores = filter
      .map((factors, point) => {
        const terms = factors.flatMap((factor, kx) => (factor === 0 ? [] : [`${factor} * row${kx}`]));
        return `output[place + ${point}u * params.outputBatch] = Slice(select(${terms.join(' + ')}, bias * ${ones[point]}, isBias));`;
      })
      .join('\n');
    return wgsl`${weights.declaration}

${main}
  if (id.x >= params.outputHeight * 4u || id.y >= params.outputSlices) {
    return;
  }
  let rows = ${pick(
    'id.z',
    filter.map((row, point) => `vec4f(${row.join(', ')}, ${ones[point]})`),
  )};
  let lane = id.x & 3u;
  let step = id.x >> 2u;
  let isBias = step == 0u;
  let slice = params.firstSlice + id.y;
  let block = min(slice, params.lastSlice) * ((params.outputHeight - 1u) * 3u + 1u);
  let bias = select(vec4f(), ${vector('block', 0, '0')} * rows.w, lane == 0u);
  let first = block + select((step - 1u) * 3u + 1u, 0u, isBias);
  ${repeat(3, (kx) => `let row${kx} = ${[0, 1, 2].map((ky) => `rows[${ky}] * ${vector(`first + ${ky}u`, kx, 'lane')}`).join(' + ')};`)}
  let place = id.z * ${count}u * params.outputBatch + id.y / ${blockSlices}u * params.outputHeight * ${blockSlices * 4}u
    + step * ${blockSlices * 4}u + select(id.y % ${blockSlices}u * 4u + lane, lane * ${blockSlices}u + id.y % ${blockSlices}u, isBias);
  ${stores}
}
`;
  },
} as const satisfies Kernel<WinogradFilterOptions>;
