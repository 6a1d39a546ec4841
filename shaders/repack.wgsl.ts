import { FOR_EACH_SLICE, type Kernel, PLACES, SLICES } from './kernel.ts';
import { repeat, wgsl } from './wgsl.ts';

const PLANAR = 'array<f32>';

/**
 * From f32, row-major [batch, channels, height, width], to slice-major with pad lanes zero, or back without pad lanes.
 * A thread makes one vec4, or takes one apart.
 */
export const repack = {
  kind: 'repack',
  /** Those of what is row-major count single f32; the others count vec4s. */
  fields: { outputChannels: 'u32', outputPixels: 'u32', ...PLACES },
  bindings: ({ to }) => ({
    input: to === 'planar' ? SLICES : PLANAR,
    output: to === 'planar' ? PLANAR : SLICES,
  }),
  ...FOR_EACH_SLICE,
  text({ to }, main) {
    const lanes = (piece: (lane: number) => string) =>
      repeat(4, (lane) => `if (channel + ${lane}u < params.outputChannels) { ${piece(lane)} }`);
    return wgsl`${main}
  let channel = id.y * 4u;
  if (id.x >= params.outputPixels || channel >= params.outputChannels) {
    return;
  }
  let source = params.inputOffset + id.z * params.inputBatch + id.x;
  let result = params.outputOffset + id.z * params.outputBatch + id.x;
#if ${to === 'planar'}
  let value = vec4f(input[source + id.y * params.outputPixels]);
  ${lanes((lane) => `output[result + (channel + ${lane}u) * params.outputPixels] = value[${lane}];`)}
#else
  var value = vec4f();
  ${lanes((lane) => `value[${lane}] = input[source + (channel + ${lane}u) * params.outputPixels];`)}
  output[result + id.y * params.outputPixels] = Slice(value);
#endif
}`;
  },
} as const satisfies Kernel<{ to: 'slices' | 'planar' }>;
