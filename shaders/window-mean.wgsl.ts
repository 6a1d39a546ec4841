import type { Kernel } from './kernel.ts';
import { wgsl } from './wgsl.ts';

export interface WindowMeanOptions {
  /**
   * What the mean is taken of. `values`: the input. Of a picture with the share of a mask (`picture-with-mask`) also `moments`:
   * its luma, the share, their product and the luma's square; or `background`: the colours where the mask is not, and how much
   * that is.
   */
  of: 'values' | 'moments' | 'background';
  /**
   * What becomes of the mean. `coefficients`: of moments the line by which the luma gives the share; `picture`: all divided by
   * the fourth number.
   */
  to: 'values' | 'coefficients' | 'picture';
}

/**
 * Means along a row (`values`) or a column, weighted by a triangle that ends `reach` pixels to either side; beyond the edge the last
 * pixel goes on. Both axes, one after another, make a window. A thread makes one pixel of four numbers.
 *
 * With these, a mask is refined as by the fast guided filter (He and Sun 2015, arXiv 1505.00996): in each window the share is
 * a * luma + b with the least squared error, where a costs a thousandth of its square: differences of luma whose square is much
 * less are no edges. The mean over the windows of a pixel
 * is that of the four that are interpolated where the lines come to the picture's size, and give the share of each of its
 * pixels by its own luma: wider means of a and b as in the paper cost more than the rest, and blur what the network knows.
 */
export const windowMean = {
  kind: 'window-mean',
  /**
   * Of the input `width` and `height`. `halves`: 1 where the output is half as long in the direction of the means, and the middle
   * of a window lies between two pixels, else 0.
   */
  fields: { width: 'f32', height: 'f32', halves: 'f32', reach: 'f32' },
  bindings: ({ to }) => ({
    input: 'array<vec4f>',
    output:
      to === 'values'
        ? 'array<vec4f>'
        : `texture_storage_2d<${to === 'picture' ? 'rgba8unorm' : 'rgba16float'}, write>`,
  }),
  threads: (_, { width, height }) => [width, height, 1],
  text: ({ of, to }, main) => wgsl`${main}
  let along = vec2f(${to === 'values' ? '1, 0' : '0, 1'});
  let last = vec2f(params.width, params.height) - 1.0;
  let middle = vec2f(id.xy) * (1.0 + params.halves * along);
  if (any(middle > last)) {
    return;
  }
  var mean = vec4f();
  for (var step = 1.0 - params.reach; step < params.reach + params.halves; step += 1.0) {
    let at = vec2u(clamp(middle + step * along, vec2f(), last));
    var value = input[at.y * u32(params.width) + at.x];
#if ${of === 'moments'}
    let luma = dot(value.rgb, vec3f(0.299, 0.587, 0.114));
    value = vec4f(luma, value.a, luma * value.a, luma * luma);
#elif ${of === 'background'}
    value = vec4f(value.rgb, 1.0) * (1.001 - value.a);
#endif
    mean += (params.reach - abs(step - 0.5 * params.halves)) * value;
  }
  mean /= params.reach * params.reach;
#if ${to === 'coefficients'}
  let slope = (mean.z - mean.x * mean.y) / (mean.w - mean.x * mean.x + 0.001);
  textureStore(output, id.xy, vec4f(slope, mean.y - slope * mean.x, 0.0, 1.0));
#elif ${to === 'picture'}
  textureStore(output, id.xy, mean / mean.a);
#else
  output[id.y * u32(params.width / (1.0 + params.halves)) + id.x] = mean;
#endif
}`,
} as const satisfies Kernel<WindowMeanOptions>;
