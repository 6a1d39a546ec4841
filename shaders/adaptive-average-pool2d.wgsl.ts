import { type ElementType, header, type ParamFields, storage } from './interface.ts';
import { wgsl } from './wgsl.ts';

export const ADAPTIVE_AVERAGE_POOL2D_FIELDS = {
  slices: 'u32',
  inputHeight: 'u32',
  inputWidth: 'u32',
  outputHeight: 'u32',
  outputWidth: 'u32',
  inputOffset: 'u32',
  inputBatch: 'u32',
  outputOffset: 'u32',
  outputBatch: 'u32',
} as const satisfies ParamFields;

/**
 * The mean over windows that divide the map into outputHeight x outputWidth parts, which may overlap: row i is that of rows
 * floor(i * height / outputHeight) to ceil((i + 1) * height / outputHeight) - 1, columns likewise.
 * A thread makes one vec4. Grid: ceil(outputWidth / 8), ceil(outputHeight / 4), slices * batch.
 */
export function adaptiveAveragePool2d({ type }: { type: ElementType }): string {
  return wgsl`${header(type, ADAPTIVE_AVERAGE_POOL2D_FIELDS)}
${storage('input')}
${storage('output')}

@compute @workgroup_size(8, 4, 1)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.outputWidth || id.y >= params.outputHeight) {
    return;
  }
  let batch = id.z / params.slices;
  let slice = id.z - batch * params.slices;
  let plane = params.inputOffset + batch * params.inputBatch + slice * params.inputHeight * params.inputWidth;

  let top = id.y * params.inputHeight / params.outputHeight;
  let bottom = ((id.y + 1u) * params.inputHeight + params.outputHeight - 1u) / params.outputHeight;
  let left = id.x * params.inputWidth / params.outputWidth;
  let right = ((id.x + 1u) * params.inputWidth + params.outputWidth - 1u) / params.outputWidth;
  var sum = vec4f(0.0);
  for (var y = top; y < bottom; y++) {
    for (var x = left; x < right; x++) {
      sum += vec4f(input[plane + y * params.inputWidth + x]);
    }
  }
  let mean = sum / f32((bottom - top) * (right - left));

  let outputPlane = params.outputOffset + batch * params.outputBatch + slice * params.outputHeight * params.outputWidth;
  output[outputPlane + id.y * params.outputWidth + id.x] = Slice(mean);
}`;
}
