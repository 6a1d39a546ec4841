import type { Kernel } from './kernel.ts';
import { MAP, MAP_FIELDS, openMap, storeInMap } from './map.ts';
import { wgsl } from './wgsl.ts';

/**
 * Zeros around height and width, for padding that no convolution or pool took over; what the output's size leaves
 * over is at the bottom and right.
 */
export const pad2d = {
  kind: 'pad2d',
  fields: { padTop: 'u32', padLeft: 'u32', ...MAP_FIELDS },
  ...MAP,
  text: (_, main) => wgsl`${openMap(main)}
  // Left of the map and above it the subtraction wraps round to a number beyond its size.
  let x = id.x - params.padLeft;
  let y = id.y - params.padTop;

  var value = Slice();
  if (x < params.inputWidth && y < params.inputHeight) {
    value = input[plane + y * params.inputWidth + x];
  }
${storeInMap('value')}`,
} as const satisfies Kernel<object>;
