import { FOR_EACH_SLICE, type Kernel, PLACES, unary } from './kernel.ts';
import { repeat, wgsl } from './wgsl.ts';

/**
 * Writes a value among the channels of a larger one. Where its first channel there is no multiple of four, `shift` is the
 * remainder: each vec4 takes its lanes from two slices, and the first one keeps those of the channels before.
 * A thread makes one vec4.
 */
export const copy = {
  kind: 'copy',
  fields: {
    outputPixels: 'u32',
    inputSlices: 'u32',
    outputSlices: 'u32',
    ...PLACES,
  },
  bindings: unary,
  ...FOR_EACH_SLICE,
  text({ shift }, main) {
    const lanes = (piece: (lane: number) => string) => repeat(4, piece, ', ');
    const shifted = lanes((lane) => (lane < shift ? `before[${4 - shift + lane}]` : `here[${lane - shift}]`));
    const kept = lanes((lane) => `${lane < shift ? 'old' : 'value'}[${lane}]`);
    return wgsl`${main}
  if (id.x >= params.outputPixels || id.y >= params.outputSlices) {
    return;
  }
  let source = params.inputOffset + id.z * params.inputBatch + id.x;
  let result = params.outputOffset + id.z * params.outputBatch + id.y * params.outputPixels + id.x;
  // Beyond the last slice there is at most one more, of lanes that the next copy writes, or nobody reads.
  let here = input[source + min(id.y, params.inputSlices - 1u) * params.outputPixels];
#if ${shift > 0}
  let before = input[source + (max(id.y, 1u) - 1u) * params.outputPixels];
  var value = Slice(${shifted});
  if (id.y == 0u) {
    let old = output[result];
    value = Slice(${kept});
  }
  output[result] = value;
#else
  output[result] = here;
#endif
}`;
  },
} as const satisfies Kernel<{ shift: number }>;
