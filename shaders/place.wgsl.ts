import { FOR_EACH_SLICE, type Kernel, PLACES, unary } from './kernel.ts';
import { wgsl } from './wgsl.ts';

/**
 * Writes a value among the pixels of a larger one: runs of so many pixels, from `start` on, which begin `pitch` apart.
 * A thread writes one vec4; threads are counted by the input.
 */
export const place = {
  kind: 'place',
  fields: {
    inputPixels: 'u32',
    inputSlices: 'u32',
    outputPixels: 'u32',
    run: 'u32',
    pitch: 'u32',
    start: 'u32',
    ...PLACES,
  },
  bindings: unary,
  ...FOR_EACH_SLICE,
  text: (_, main) => wgsl`${main}
  if (id.x >= params.inputPixels || id.y >= params.inputSlices) {
    return;
  }
  let pixel = id.x / params.run * params.pitch + params.start + id.x % params.run;
  let result = params.outputOffset + id.z * params.outputBatch + id.y * params.outputPixels + pixel;
  output[result] = input[params.inputOffset + id.z * params.inputBatch + id.y * params.inputPixels + id.x];
}`,
} as const satisfies Kernel<object>;
