import type { Kernel } from './kernel.ts';
import { MASK_FIELDS } from './mask.ts';
import { interpolate } from './mask-to-picture.wgsl.ts';
import { wgsl } from './wgsl.ts';

/**
 * A picture made small, with what a mask (f32 [channels, height, width]) says of it: red, green and blue, and the share that
 * belongs to the classes, each as much as the alpha of its colour (vec4f, premultiplied), together at most 1. What the mask
 * does not know is 0. A thread makes one pixel.
 *
 * A pixel is the mean of four places in it, each interpolated between four of the picture's pixels.
 *
 * The share follows great changes at once, and of small ones takes a fifth: noise of the camera moves it little. What
 * it was before is read from the output, which is zeros at first.
 */
export const pictureWithMask = {
  kind: 'picture-with-mask',
  fields: { ...MASK_FIELDS, channels: 'u32', outputWidth: 'u32', outputHeight: 'u32' },
  /** `texture`: the classes' colours, each as strong as its class is probable. */
  bindings: () => ({
    input: 'texture_2d<f32>',
    linear: 'sampler',
    mask: 'array<f32>',
    colours: 'array<vec4f>',
    output: 'array<vec4f>',
    texture: 'texture_storage_2d<rgba16float, write>',
  }),
  threads: (_, { width, height }) => [width, height, 1],
  text: (_, main) => wgsl`${interpolate}

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
  textureStore(texture, id.xy, sum);
  var picture = vec3f();
  for (var sample = 0u; sample < 4u; sample++) {
    let within = vec2f(vec2u(sample & 1u, sample >> 1u)) * 0.5 + 0.25;
    let place = (vec2f(id.xy) + within) / vec2f(vec2u(params.outputWidth, params.outputHeight));
    picture += textureSampleLevel(input, linear, place, 0.0).rgb;
  }
  let before = output[index].a;
  let change = sum.a - before;
  let share = before + change * min(1.0, 0.2 + 2.0 * change * change);
  output[index] = vec4f(picture / 4.0, share);
}`,
} as const satisfies Kernel<object>;
