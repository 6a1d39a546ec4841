import type { Kernel } from './kernel.ts';
import { MAP, MAP_FIELDS, openMap, storeInMap } from './map.ts';
import { wgsl } from './wgsl.ts';

/**
 * Another height and width: output (y, x) is the input's pixel floor((y, x) * step + offset) / divisor, kept within the map.
 * Of integers it is exact where a coordinate lies between two pixels, however that is rounded.
 */
export const resample2dNearest = {
  kind: 'resample2d-nearest',
  fields: {
    stepY: 'i32',
    stepX: 'i32',
    offsetY: 'i32',
    offsetX: 'i32',
    divisorY: 'i32',
    divisorX: 'i32',
    ...MAP_FIELDS,
  },
  ...MAP,
  text: (_, main) => wgsl`${openMap(main)}
  let last = vec2i(vec2u(params.inputWidth, params.inputHeight) - 1u);
  let coordinate = vec2i(id.xy) * vec2i(params.stepX, params.stepY) + vec2i(params.offsetX, params.offsetY);
  // Below 0, where a quotient is rounded up, it does not matter.
  let at = vec2u(clamp(coordinate / vec2i(params.divisorX, params.divisorY), vec2i(), last));
  let value = input[plane + at.y * params.inputWidth + at.x];
${storeInMap('value')}`,
} as const satisfies Kernel<object>;
