import { FOR_EACH_SLICE, type Kernel, SLICES } from './kernel.ts';
import { repeat, wgsl } from './wgsl.ts';

const REPACK = {
  kind: 'repack',
  /** `inputOffset` and `inputBatch`, or for `repackToPlanar` those of the output, count single f32; the others count vec4s. */
  fields: {
    outputChannels: 'u32',
    outputPixels: 'u32',
    inputOffset: 'u32',
    inputBatch: 'u32',
    outputOffset: 'u32',
    outputBatch: 'u32',
  },
  ...FOR_EACH_SLICE,
} as const;

/**
 * Input: f32, row-major [batch, channels, height, width]. Output: slice-major, pad lanes zero.
 * A thread makes one vec4.
 */
export const repackToSlices = {
  ...REPACK,
  bindings: () => ({ input: 'array<f32>', output: SLICES }),
  text: (_, main) => wgsl`fn load(batch: u32, channel: u32, pixel: u32) -> f32 {
  if (channel >= params.outputChannels) {
    return 0.0;
  }
  return input[params.inputOffset + batch * params.inputBatch + channel * params.outputPixels + pixel];
}

${main}
  let pixel = id.x;
  let channel = id.y * 4u;
  let batch = id.z;
  if (pixel >= params.outputPixels || channel >= params.outputChannels) {
    return;
  }
  let value = vec4f(${repeat(4, (lane) => `load(batch, channel + ${lane}u, pixel)`, ', ')});
  output[params.outputOffset + batch * params.outputBatch + id.y * params.outputPixels + pixel] = Slice(value);
}`,
} as const satisfies Kernel<object>;

/**
 * Input: slice-major. Output: f32, row-major [batch, channels, height, width]; pad lanes are dropped.
 * A thread takes one vec4 apart.
 */
export const repackToPlanar = {
  ...REPACK,
  bindings: () => ({ input: SLICES, output: 'array<f32>' }),
  text: (_, main) => wgsl`fn store(batch: u32, channel: u32, pixel: u32, value: f32) {
  if (channel < params.outputChannels) {
    output[params.outputOffset + batch * params.outputBatch + channel * params.outputPixels + pixel] = value;
  }
}

${main}
  let pixel = id.x;
  let channel = id.y * 4u;
  let batch = id.z;
  if (pixel >= params.outputPixels || channel >= params.outputChannels) {
    return;
  }
  let value = vec4f(input[params.inputOffset + batch * params.inputBatch + id.y * params.outputPixels + pixel]);
  ${repeat(4, (lane) => `store(batch, channel + ${lane}u, pixel, value[${lane}]);`)}
}`,
} as const satisfies Kernel<object>;
