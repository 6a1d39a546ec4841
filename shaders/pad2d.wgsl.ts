import { type ElementType, header, type ParamFields, storage } from './interface.ts';
import { wgsl } from './wgsl.ts';

export const PAD2D_FIELDS = {
  slices: 'u32',
  inputHeight: 'u32',
  inputWidth: 'u32',
  outputHeight: 'u32',
  outputWidth: 'u32',
  padTop: 'u32',
  padLeft: 'u32',
  inputOffset: 'u32',
  inputBatch: 'u32',
  outputOffset: 'u32',
  outputBatch: 'u32',
} as const satisfies ParamFields;

/**
 * Zeros around height and width, for padding that no convolution or pool took over; what the output's size leaves
 * over is at the bottom and right. A thread makes one vec4.
 * Grid: ceil(outputWidth / 8), ceil(outputHeight / 4), slices * batch.
 */
export function pad2d({ type }: { type: ElementType }): string {
  return wgsl`${header(type, PAD2D_FIELDS)}
${storage('input')}
${storage('output')}

@compute @workgroup_size(8, 4, 1)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.outputWidth || id.y >= params.outputHeight) {
    return;
  }
  let batch = id.z / params.slices;
  let slice = id.z - batch * params.slices;
  // Left of the map and above it the subtraction wraps round to a number beyond its size.
  let x = id.x - params.padLeft;
  let y = id.y - params.padTop;

  var value = Slice();
  if (x < params.inputWidth && y < params.inputHeight) {
    let inputPlane = params.inputOffset + batch * params.inputBatch + slice * params.inputHeight * params.inputWidth;
    value = input[inputPlane + y * params.inputWidth + x];
  }
  let outputPlane = params.outputOffset + batch * params.outputBatch + slice * params.outputHeight * params.outputWidth;
  output[outputPlane + id.y * params.outputWidth + id.x] = value;
}`;
}
