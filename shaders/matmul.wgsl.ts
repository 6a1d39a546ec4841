import { type Kernel, SLICES } from './kernel.ts';
import { repeat, wgsl } from './wgsl.ts';

/** The product of two matrices, [m, k] and [k, n], whose rows are items and whose columns are channels. A thread makes one vec4. */
export const matmul = {
  kind: 'matmul',
  fields: {
    firstChannels: 'u32',
    firstOffset: 'u32',
    firstBatch: 'u32',
    secondOffset: 'u32',
    secondBatch: 'u32',
    rows: 'u32',
    outputSlices: 'u32',
    outputOffset: 'u32',
    outputBatch: 'u32',
  },
  bindings: () => ({ first: SLICES, second: SLICES, output: SLICES }),
  threads: (_, { slices, batch }) => [slices, batch, 1],
  text: (_, main) => wgsl`${main}
  let slice = id.x;
  let row = id.y;
  if (slice >= params.outputSlices || row >= params.rows) {
    return;
  }
  var sum = vec4f();
  for (var k = 0u; k < 0xffffffffu; k += 4u) {
    if (k >= params.firstChannels) {
      break;
    }
    let a = vec4f(first[params.firstOffset + row * params.firstBatch + k / 4u]);
    ${repeat(
      4,
      (lane) => `if (k + ${lane}u < params.firstChannels) {
      sum += a[${lane}] * vec4f(second[params.secondOffset + (k + ${lane}u) * params.secondBatch + slice]);
    }`,
    )}
  }
  output[params.outputOffset + row * params.outputBatch + slice] = Slice(sum);
}`,
} as const satisfies Kernel<object>;
