import type { Kernel } from './kernel.ts';
import { MAP, MAP_FIELDS, openMap, storeInMap } from './map.ts';
import { wgsl } from './wgsl.ts';

/**
 * Another height and width: the input at each output's coordinate, which is kept within the map, rounded down or as the
 * mean of the four pixels around it. As f32 rounds a product in one way only, rounding down gives PyTorch's pixels.
 */
export const resample2d = {
  kind: 'resample2d',
  /** An output at (y, x) lies at the input's coordinate (y, x) * step + offset. */
  fields: { stepY: 'f32', stepX: 'f32', offsetY: 'f32', offsetX: 'f32', ...MAP_FIELDS },
  ...MAP,
  text: ({ mode }, main) => wgsl`${openMap(main)}

  let last = vec2u(params.inputWidth, params.inputHeight) - 1u;
  let step = vec2f(params.stepX, params.stepY);
  let offset = vec2f(params.offsetX, params.offsetY);
  let at = clamp(vec2f(id.xy) * step + offset, vec2f(), vec2f(last));
  let first = vec2u(at);
  let row = plane + first.y * params.inputWidth;
#if ${mode === 'nearest-neighbor'}
  let result = input[row + first.x];
#else
  let next = min(first + 1u, last);
  let below = plane + next.y * params.inputWidth;
  let part = at - vec2f(first);
  let upper = mix(vec4f(input[row + first.x]), vec4f(input[row + next.x]), part.x);
  let lower = mix(vec4f(input[below + first.x]), vec4f(input[below + next.x]), part.x);
  let result = Slice(mix(upper, lower, part.y));
#endif
${storeInMap('result')}`,
} as const satisfies Kernel<{ mode: 'nearest-neighbor' | 'linear' }>;
