import type { Kernel } from './kernel.ts';
import { interpolate, MASK_FIELDS } from './mask.ts';
import { wgsl } from './wgsl.ts';

/**
 * A picture at another size with what a mask (f32 [channels, height, width]) says of it: red, green and blue, and the share
 * that belongs to the classes, each as much as the alpha of its colour (vec4f each, premultiplied), together at most 1.
 * What the mask does not know is 0. A thread makes one pixel.
 *
 * The share follows what changes much at once, and else in steps of at least `pace` of the way (0 to 1): noise of the camera
 * moves it little. What it was before is read from the output, which is zeros at first.
 */
export const pictureWithMask = {
  kind: 'picture-with-mask',
  fields: { ...MASK_FIELDS, channels: 'u32', width: 'u32', height: 'u32', pace: 'f32' },
  /** `coloured`: the classes' colours too, each as strong as its class is probable. */
  bindings: ({ coloured }) => ({
    input: 'texture_2d<f32>',
    linear: 'sampler',
    mask: 'array<f32>',
    colours: 'array<vec4f>',
    output: 'array<vec4f>',
    colouring: coloured && 'texture_storage_2d<rgba16float, write>',
  }),
  threads: (_, { width, height }) => [width, height, 1],
  text: ({ coloured }, main) => wgsl`${interpolate}

${main}
  if (id.x >= params.width || id.y >= params.height) {
    return;
  }
  let centre = vec2f(id.xy) + 0.5;
  let taps = tapsOf(centre);
  var sum = vec4f();
  for (var channel = 0u; channel < 256u; channel++) {
    if (channel >= params.channels) {
      break;
    }
    sum += colours[channel] * probability(taps, channel);
  }
  sum *= select(0.0, 1.0 / max(1.0, sum.a), taps.known);
#if ${coloured}
  textureStore(colouring, id.xy, sum);
#endif
  let index = id.y * params.width + id.x;
  let before = output[index].a;
  let change = sum.a - before;
  let share = before + change * min(1.0, params.pace + 2.0 * abs(change));
  let picture = textureSampleLevel(input, linear, centre / vec2f(vec2u(params.width, params.height)), 0.0);
  output[index] = vec4f(picture.rgb, share);
}`,
} as const satisfies Kernel<{ coloured: boolean }>;
