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
   * What becomes of the mean. `coefficients`: of moments the line by which the luma gives the share; `texture`: a texture of the
   * input's size, all divided by the fourth number.
   */
  to: 'values' | 'coefficients' | 'texture';
}

/**
 * Means along a row or a column, weighted by a triangle that reaches `radius` pixels to either side; beyond the edge the last
 * pixel goes on. Both axes, one after another, make a window. A thread makes one pixel of four numbers.
 *
 * With these, a mask is refined as by the fast guided filter (He and Sun 2015, arXiv 1505.00996): in each window the share is
 * a * luma + b with the least squared error, where a costs `smoothness` times its square; the means of a and b over the
 * windows of a pixel, brought to the picture's size, give the share of each of the picture's pixels by its own luma.
 */
export const windowMean = {
  kind: 'window-mean',
  /** `alongX` and `alongY` are the step along the row or the column: 0 and 1. */
  fields: { width: 'u32', height: 'u32', alongX: 'i32', alongY: 'i32', radius: 'i32', smoothness: 'f32' },
  bindings: ({ to }) => ({
    input: 'array<vec4f>',
    output: to === 'texture' ? 'texture_storage_2d<rgba16float, write>' : 'array<vec4f>',
  }),
  threads: (_, { width, height }) => [width, height, 1],
  text: ({ of, to }, main) => wgsl`${main}
  if (id.x >= params.width || id.y >= params.height) {
    return;
  }
  let last = vec2i(vec2u(params.width, params.height)) - 1;
  let reach = params.radius + 1;
  var mean = vec4f();
  for (var distance = 1 - reach; distance < reach; distance++) {
    let at = vec2u(clamp(vec2i(id.xy) + distance * vec2i(params.alongX, params.alongY), vec2i(), last));
    var value = input[at.y * params.width + at.x];
#if ${of === 'moments'}
    let luma = dot(value.rgb, vec3f(0.299, 0.587, 0.114));
    value = vec4f(luma, value.a, luma * value.a, luma * luma);
#elif ${of === 'background'}
    value = vec4f(value.rgb, 1.0) * (1.001 - value.a);
#endif
    mean += f32(reach - abs(distance)) * value;
  }
  mean /= f32(reach * reach);
#if ${to === 'texture'}
  textureStore(output, id.xy, mean / mean.a);
#else
#if ${to === 'coefficients'}
  let slope = (mean.z - mean.x * mean.y) / (mean.w - mean.x * mean.x + params.smoothness);
  mean = vec4f(slope, mean.y - slope * mean.x, 0.0, 1.0);
#endif
  output[id.y * params.width + id.x] = mean;
#endif
}`,
} as const satisfies Kernel<WindowMeanOptions>;
