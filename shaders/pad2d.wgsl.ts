import { header, type ParamFields, type ShaderOptions, storage } from './interface.ts';
import { MAP_FIELDS, openMap, storeInMap } from './map.ts';
import { wgsl } from './wgsl.ts';

export const PAD2D_FIELDS = {
  padTop: 'u32',
  padLeft: 'u32',
  ...MAP_FIELDS,
} as const satisfies ParamFields;

/**
 * Zeros around height and width, for padding that no convolution or pool took over; what the output's size leaves
 * over is at the bottom and right.
 */
export function pad2d({ type, grid }: ShaderOptions): string {
  return wgsl`${header(type, PAD2D_FIELDS)}
${storage('input')}
${storage('output')}

${openMap(grid)}
  // Left of the map and above it the subtraction wraps round to a number beyond its size.
  let x = id.x - params.padLeft;
  let y = id.y - params.padTop;

  var value = Slice();
  if (x < params.inputWidth && y < params.inputHeight) {
    value = input[plane + y * params.inputWidth + x];
  }
${storeInMap('value')}`;
}
