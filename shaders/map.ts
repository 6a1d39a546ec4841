import { type Extent, type Grid, type ParamFields, PLACES, unary } from './kernel.ts';
import { wgsl } from './wgsl.ts';

/*
 * What kernels have in common in which a thread makes one vec4 of a map, from a map of the same channels.
 */

export const MAP_FIELDS = {
  outputSlices: 'u32',
  inputHeight: 'u32',
  inputWidth: 'u32',
  outputHeight: 'u32',
  outputWidth: 'u32',
  ...PLACES,
} as const satisfies ParamFields;

/** Threads for each vec4 of the map. */
export const MAP = {
  bindings: unary,
  threads: (_: unknown, { width, height, slices, batch }: Extent): Grid => [width, height, slices * batch],
} as const;

/** Goes on in `main`: the output pixel is `id.xy`, and `plane` where the input's slice begins. `storeInMap` ends it. */
export const openMap = (main: string) => wgsl`${main}
  if (id.x >= params.outputWidth || id.y >= params.outputHeight) {
    return;
  }
  let batch = id.z / params.outputSlices;
  let slice = id.z - batch * params.outputSlices;
  let plane = params.inputOffset + batch * params.inputBatch + slice * params.inputHeight * params.inputWidth;`;

export const storeInMap = (result: string) => wgsl`
  let outputPlane = params.outputOffset + batch * params.outputBatch + slice * params.outputHeight * params.outputWidth;
  output[outputPlane + id.y * params.outputWidth + id.x] = Slice(${result});
}`;
