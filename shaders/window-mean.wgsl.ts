import type { Kernel } from './kernel.ts';
import { wgsl } from './wgsl.ts';

export interface WindowMeanOptions {
  /**
   * What is made: `means` along rows; or of such, along columns, `lines` by which the luma gives the share, of moments
   * (`picture-with-mask`); or a `picture`, of colours that are premultiplied with how much they count.
   */
  to: 'means' | 'lines' | 'picture';
}

/**
 * Means along rows, and then along columns, weighted by a triangle that ends `reach` of the input's pixels to either side; beyond
 * the edge the last pixel goes on. A sample between two pixels is the mean of these: with a `spacing` of 2 each pixel is
 * read once, with 1 the triangle is smooth for small windows. A thread makes one pixel.
 *
 * With these, a mask is refined as by the fast guided filter (He and Sun 2015, arXiv 1505.00996): in each window the share is
 * a * luma + b with the least squared error, where a costs a thousandth of its square: differences of luma whose square is much
 * less are no edges. The mean over the windows of a pixel
 * is that of the four that are interpolated where the lines come to the picture's size, and give the share of each of its
 * pixels by its own luma: wider means of a and b as in the paper cost more than the rest, and blur what the network knows.
 *
 * Lines are mixed by a sampler, which is fastest with bytes, so a and the share of a luma of 0.5 are stored in two each: low and
 * high ones are mixed alike. That a is below 8, as it costs; the high byte counts sixteenths of a from -8 on, and parts of 32 of
 * the share from -3.5 on, so that where a is 0 and the share 0 or 1 the low bytes are 0, and a sampler that rounds to bytes
 * (Mesa's software adapter) changes nothing.
 */
export const windowMean = {
  kind: 'window-mean',
  fields: { reach: 'f32', spacing: 'f32' },
  bindings: ({ to }) => ({
    input: 'texture_2d<f32>',
    linear: 'sampler',
    output: `texture_storage_2d<${to === 'means' ? 'rgba16float' : 'rgba8unorm'}, write>`,
  }),
  threads: (_, { width, height }) => [width, height, 1],
  // What lies beyond the output is not stored.
  text: ({ to }, main) => wgsl`${main}
  let place = (vec2f(id.xy) + 0.5) / vec2f(textureDimensions(output));
  let size = vec2f(textureDimensions(input));
  let along = vec2f(${to === 'means' ? '1, 0' : '0, 1'});
  let middle = dot(place * size, along);
  var mean = vec4f();
  var total = 0.0;
  for (var at = ceil(middle - params.reach); at < middle + params.reach; at += params.spacing) {
    let weight = params.reach - abs(at - middle);
    mean += weight * textureSampleLevel(input, linear, place + (at - middle) * along / size, 0.0);
    total += weight;
  }
  mean /= total;
#if ${to === 'lines'}
  let slope = (mean.z - mean.x * mean.y) / (mean.w - mean.x * mean.x + 0.001);
  let line = vec2f(slope + 8.0, (mean.y - slope * mean.x + 3.5) * 2.0);
  mean = unpack4x8unorm(pack2x16unorm(line * 4096.0 / 65535.0));
#elif ${to === 'picture'}
  // Where nothing counts nothing is seen.
  mean = vec4f(mean.rgb / max(mean.a, 0.001), 1.0);
#endif
  textureStore(output, id.xy, mean);
}`,
} as const satisfies Kernel<WindowMeanOptions>;
