import { header, openMain, type ParamFields, type ShaderOptions, storage } from './interface.ts';
import { repeat, wgsl } from './wgsl.ts';

/** `inputOffset` and `inputBatch`, or for `repackToPlanar` those of the output, count single f32; the others count vec4s. */
export const REPACK_FIELDS = {
  channels: 'u32',
  pixels: 'u32',
  inputOffset: 'u32',
  inputBatch: 'u32',
  outputOffset: 'u32',
  outputBatch: 'u32',
} as const satisfies ParamFields;

/**
 * Input: f32, row-major [batch, channels, height, width]. Output: slice-major, pad lanes zero.
 * A thread makes one vec4. Grid: ceil(pixels / 32), ceil(slices / 4), batch.
 */
export function repackToSlices({ type, grid }: ShaderOptions): string {
  return wgsl`${header(type, REPACK_FIELDS)}
${storage('input', 'f32')}
${storage('output')}

fn load(batch: u32, channel: u32, pixel: u32) -> f32 {
  if (channel >= params.channels) {
    return 0.0;
  }
  return input[params.inputOffset + batch * params.inputBatch + channel * params.pixels + pixel];
}

${openMain([32, 4], grid)}
  let pixel = id.x;
  let channel = id.y * 4u;
  let batch = id.z;
  if (pixel >= params.pixels || channel >= params.channels) {
    return;
  }
  let value = vec4f(${repeat(4, (lane) => `load(batch, channel + ${lane}u, pixel)`, ', ')});
  output[params.outputOffset + batch * params.outputBatch + id.y * params.pixels + pixel] = Slice(value);
}`;
}

/**
 * Input: slice-major. Output: f32, row-major [batch, channels, height, width]; pad lanes are dropped.
 * A thread takes one vec4 apart. Grid: ceil(pixels / 32), ceil(slices / 4), batch.
 */
export function repackToPlanar({ type, grid }: ShaderOptions): string {
  return wgsl`${header(type, REPACK_FIELDS)}
${storage('input')}
${storage('output', 'f32')}

fn store(batch: u32, channel: u32, pixel: u32, value: f32) {
  if (channel < params.channels) {
    output[params.outputOffset + batch * params.outputBatch + channel * params.pixels + pixel] = value;
  }
}

${openMain([32, 4], grid)}
  let pixel = id.x;
  let channel = id.y * 4u;
  let batch = id.z;
  if (pixel >= params.pixels || channel >= params.channels) {
    return;
  }
  let value = vec4f(input[params.inputOffset + batch * params.inputBatch + id.y * params.pixels + pixel]);
  ${repeat(4, (lane) => `store(batch, channel + ${lane}u, pixel, value[${lane}]);`)}
}`;
}
