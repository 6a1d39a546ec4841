import type { Kernel } from './kernel.ts';
import { interpolate, MASK_FIELDS } from './mask.ts';
import { wgsl } from './wgsl.ts';

/**
 * A picture made small, with what a mask (f32 [channels, height, width]) says of it: red, green and blue, and the share that
 * belongs to the classes, each as much as the alpha of its colour (vec4f, premultiplied), together at most 1. What the mask
 * does not know is 0. A thread makes one pixel.
 *
 * A pixel is the mean of `samples` x `samples` places in it, each interpolated between four of the picture's pixels.
 *
 * The share follows great changes at once, and of small ones takes a part, `pace`: noise of the camera moves it little. What
 * it was before is read from the output, which is zeros at first.
 */
export const pictureWithMask = {
  kind: 'picture-with-mask',
  fields: { ...MASK_FIELDS, channels: 'u32', width: 'u32', height: 'u32', samples: 'u32', pace: 'f32' },
  /** `coloured`: also the classes' colours, each as strong as its class is probable. */
  bindings: ({ coloured }) => ({
    input: 'texture_2d<f32>',
    linear: 'sampler',
    mask: 'array<f32>',
    colours: 'array<vec4f>',
    output: 'array<vec4f>',
    texture: coloured && 'texture_storage_2d<rgba16float, write>',
  }),
  threads: (_, { width, height }) => [width, height, 1],
  text: ({ coloured }, main) => wgsl`${interpolate}

${main}
  if (id.x >= params.width || id.y >= params.height) {
    return;
  }
  let taps = tapsOf(vec2f(id.xy) + 0.5);
  var sum = vec4f();
  for (var channel = 0u; channel < 256u; channel++) {
    if (channel >= params.channels) {
      break;
    }
    sum += colours[channel] * probability(taps, channel);
  }
  sum *= select(0.0, 1.0 / max(1.0, sum.a), taps.known);
#if ${coloured}
  textureStore(texture, id.xy, sum);
#endif
  var picture = vec4f();
  let samples = params.samples;
  for (var sample = 0u; sample < 4096u; sample++) {
    if (sample >= samples * samples) {
      break;
    }
    let within = (vec2f(vec2u(sample % samples, sample / samples)) + 0.5) / f32(samples);
    let place = (vec2f(id.xy) + within) / vec2f(vec2u(params.width, params.height));
    picture += textureSampleLevel(input, linear, place, 0.0);
  }
  let index = id.y * params.width + id.x;
  let before = output[index].a;
  let change = sum.a - before;
  let share = before + change * min(1.0, params.pace + 2.0 * abs(change));
  output[index] = vec4f(picture.rgb / f32(samples * samples), share);
}`,
} as const satisfies Kernel<{ coloured: boolean }>;
