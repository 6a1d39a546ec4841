import type { Kernel } from './kernel.ts';
import { MAP, MAP_FIELDS, openMap, storeInMap } from './map.ts';
import { wgsl } from './wgsl.ts';

/**
 * Another height and width, by cubic convolution (Keys, "Cubic convolution interpolation for digital image processing", 1981):
 * a mean of the 4 x 4 pixels around the coordinate. Those beyond the edge are the edge's, or, with `excludeOutside`, weigh
 * nothing, and the others more.
 */
export const resample2dCubic = {
  kind: 'resample2d-cubic',
  /** An output at (y, x) lies at the input's coordinate (y, x) * step + offset. */
  fields: { stepY: 'f32', stepX: 'f32', offsetY: 'f32', offsetX: 'f32', coefficient: 'f32', ...MAP_FIELDS },
  ...MAP,
  text: ({ excludeOutside }, main) => wgsl`
/** Of the pixels from -1 to 2, where those are that many steps away. */
fn weightsOf(part: f32, first: i32, last: i32) -> vec4f {
  let a = params.coefficient;
  let x = vec4f(1.0 + part, part, 1.0 - part, 2.0 - part);
  let near = ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0;
  let far = (((x - 5.0) * x + 8.0) * x - 4.0) * a;
  let weights = vec4f(far.x, near.yz, far.w);
#if ${excludeOutside}
  let place = vec4i(0, 1, 2, 3) + first;
  let inside = select(vec4f(), weights, (place >= vec4i()) & (place <= vec4i(last)));
  return inside / dot(inside, vec4f(1.0));
#else
  return weights;
#endif
}

${openMap(main)}
  let last = vec2i(vec2u(params.inputWidth, params.inputHeight) - 1u);
  let at = vec2f(id.xy) * vec2f(params.stepX, params.stepY) + vec2f(params.offsetX, params.offsetY);
  let first = vec2i(floor(at)) - 1;
  let part = at - floor(at);
  let columns = weightsOf(part.x, first.x, last.x);
  let rows = weightsOf(part.y, first.y, last.y);
  var sum = vec4f();
  for (var ky = 0; ky < 4; ky++) {
    let row = plane + u32(clamp(first.y + ky, 0, last.y)) * params.inputWidth;
    var mean = vec4f();
    for (var kx = 0; kx < 4; kx++) {
      mean += columns[kx] * vec4f(input[row + u32(clamp(first.x + kx, 0, last.x))]);
    }
    sum += rows[ky] * mean;
  }
${storeInMap('sum')}`,
} as const satisfies Kernel<{ excludeOutside: boolean }>;
