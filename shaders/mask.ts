import type { ParamFields } from './kernel.ts';
import { wgsl } from './wgsl.ts';

/**
 * Where an output lies on a mask. The centre of the output's pixel (x, y) has the mask coordinate
 * (x + 0.5, y + 0.5) * step + offset; a mask's pixel 0 reaches from coordinate 0 to 1. From start to end the mask tells of
 * the picture; beside that nothing is known.
 */
export const MASK_FIELDS = {
  stepX: 'f32',
  stepY: 'f32',
  offsetX: 'f32',
  offsetY: 'f32',
  startX: 'f32',
  startY: 'f32',
  endX: 'f32',
  endY: 'f32',
  maskWidth: 'u32',
  maskHeight: 'u32',
} as const satisfies ParamFields;

/**
 * `fn locate(centre: vec2f) -> Location`: the mask coordinate of an output's pixel, kept half a pixel within the known
 * part, so that an interpolation does not reach out of it. A centre on the border is known, whichever way it is rounded.
 */
export const locate = wgsl`struct Location {
  at: vec2f,
  known: bool,
}

fn locate(centre: vec2f) -> Location {
  let start = vec2f(params.startX, params.startY);
  let end = vec2f(params.endX, params.endY);
  let at = centre * vec2f(params.stepX, params.stepY) + vec2f(params.offsetX, params.offsetY);
  let known = all(at >= start - 0.001) && all(at <= end + 0.001);
  return Location(clamp(at, start + 0.5, max(end - 0.5, start + 0.5)), known);
}`;
