import type { Kernel } from './kernel.ts';
import { MASK_FIELDS } from './mask.ts';
import { interpolate } from './mask-to-picture.wgsl.ts';
import type { PictureEffectOptions } from './picture-effect.wgsl.ts';
import { wgsl } from './wgsl.ts';

export interface PictureWithMaskOptions {
  /**
   * With `colours` the texture is of the classes' colours, each as strong as its class is probable; with any other one of the
   * picture's own, as far as they belong to no class.
   */
  effect: PictureEffectOptions['effect'];
}

/**
 * A picture made small, with what a mask (f32 [channels, height, width]) says of it: the moments that `window-mean` takes means
 * of, which are the luma less 0.5, the share that belongs to the classes, their product and that luma's square. A class belongs
 * as much as the alpha of its colour (vec4f, premultiplied), all together at most 1. What the mask does not know is 0. A thread
 * makes one pixel.
 *
 * A pixel is the mean of four places in it, each interpolated between four of the picture's pixels.
 *
 * The share follows great changes at once, and of small ones takes a fifth: noise of the camera moves it little. What
 * it was before is read from the output, which is zeros at first.
 */
export const pictureWithMask = {
  kind: 'picture-with-mask',
  fields: { ...MASK_FIELDS, channels: 'u32', outputWidth: 'u32', outputHeight: 'u32' },
  bindings: () => ({
    input: 'texture_2d<f32>',
    linear: 'sampler',
    mask: 'array<f32>',
    colours: 'array<vec4f>',
    output: 'array<f32>',
    moments: 'texture_storage_2d<rgba16float, write>',
    texture: 'texture_storage_2d<rgba8unorm, write>',
  }),
  threads: (_, { width, height }) => [width, height, 1],
  text: ({ effect }, main) => wgsl`${interpolate}

${main}
  if (id.x >= params.outputWidth || id.y >= params.outputHeight) {
    return;
  }
  let index = id.y * params.outputWidth + id.x;
  let taps = tapsOf(index);
  var sum = vec4f();
  for (var channel = 0u; channel < 256u; channel++) {
    if (channel >= params.channels) {
      break;
    }
    sum += colours[channel] * probability(taps, channel);
  }
  sum *= select(0.0, 1.0 / max(1.0, sum.a), taps.known);
  var picture = vec3f();
  for (var sample = 0u; sample < 4u; sample++) {
    let within = vec2f(vec2u(sample & 1u, sample >> 1u)) * 0.5 + 0.25;
    let place = (vec2f(id.xy) + within) / vec2f(vec2u(params.outputWidth, params.outputHeight));
    picture += textureSampleLevel(input, linear, place, 0.0).rgb;
  }
  picture /= 4.0;
  let before = output[index];
  let change = sum.a - before;
  let share = before + change * min(1.0, 0.2 + 2.0 * change * change);
  output[index] = share;
  let luma = dot(picture, vec3f(0.299, 0.587, 0.114)) - 0.5;
  textureStore(moments, id.xy, vec4f(luma, share, luma * share, luma * luma));
  textureStore(texture, id.xy, ${effect === 'colours' ? 'sum' : 'vec4f(picture, 1.0) * (1.0 - share)'});
}`,
} as const satisfies Kernel<PictureWithMaskOptions>;
