import type { Kernel } from './kernel.ts';
import { MAP, MAP_FIELDS, openMap, storeInMap } from './map.ts';
import { wgsl } from './wgsl.ts';

/**
 * What lies around height and width: a number, the pixel at the edge, or the map mirrored at the pixel at the edge, of which
 * there is less than the map. What the output's size leaves over is at the bottom and right.
 */
export const pad2dModes = {
  kind: 'pad2d-modes',
  /** `value` is that of the mode `constant`. */
  fields: { padTop: 'u32', padLeft: 'u32', value: 'f32', ...MAP_FIELDS },
  ...MAP,
  text: ({ mode }, main) => wgsl`${openMap(main)}
  let last = vec2i(vec2u(params.inputWidth, params.inputHeight) - 1u);
  let at = vec2i(id.xy) - vec2i(vec2u(params.padLeft, params.padTop));
#if ${mode === 'reflection'}
  let mirrored = abs(at);
  let place = vec2u(select(mirrored, 2 * last - mirrored, mirrored > last));
#else
  let place = vec2u(clamp(at, vec2i(), last));
#endif
#if ${mode === 'constant'}
  let value = select(Slice(vec4f(params.value)), input[plane + place.y * params.inputWidth + place.x], all(vec2i(place) == at));
#else
  let value = input[plane + place.y * params.inputWidth + place.x];
#endif
${storeInMap('value')}`,
} as const satisfies Kernel<{ mode: 'constant' | 'edge' | 'reflection' }>;
