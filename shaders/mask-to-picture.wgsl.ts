import { ceilDivide, type Kernel } from './kernel.ts';
import { interpolate, MASK_FIELDS } from './mask.ts';
import { wgsl } from './wgsl.ts';

/**
 * A mask [1, channels, height, width] (f32, row-major) at a picture's size, as the mean of the four mask pixels around
 * each of the picture's. What the mask does not know is 0.
 *
 * The caller folds the grid's x into rows of `threads`, as a size is no part of the text.
 * `probabilities`: f32 [channels, height, width]; z over the channels.
 * `classes`: one byte for each pixel: of several channels the first with the greatest probability, of one channel 1 where
 * its probability is above 0.5. A thread makes four bytes.
 */
export const maskToPicture = {
  kind: 'mask-to-picture',
  /** `threads` is the width of the grid in threads. */
  fields: {
    ...MASK_FIELDS,
    channels: 'u32',
    outputWidth: 'u32',
    outputHeight: 'u32',
    threads: 'u32',
  },
  bindings: ({ output }) => ({
    mask: 'array<f32>',
    output: output === 'classes' ? 'array<u32>' : 'array<f32>',
  }),
  workgroup: () => [64, 1],
  threads: ({ output }, { pixels, channels }) =>
    output === 'classes' ? [ceilDivide(pixels, 4), 1, 1] : [pixels, 1, channels],
  text: ({ output }, main) => wgsl`${interpolate}

fn tapsOfPixel(pixel: u32) -> Taps {
  let y = pixel / params.outputWidth;
  return tapsOf(vec2f(vec2u(pixel - y * params.outputWidth, y)) + 0.5);
}

fn classOf(pixel: u32) -> u32 {
  let taps = tapsOfPixel(pixel);
  if (!taps.known) {
    return 0u;
  }
  var greatest = probability(taps, 0u);
  if (params.channels == 1u) {
    return select(0u, 1u, greatest > 0.5);
  }
  var likeliest = 0u;
  for (var channel = 1u; channel < 256u; channel++) {
    if (channel >= params.channels) {
      break;
    }
    let value = probability(taps, channel);
    if (value > greatest) {
      greatest = value;
      likeliest = channel;
    }
  }
  return likeliest;
}

${main}
  let index = id.y * params.threads + id.x;
  let pixels = params.outputWidth * params.outputHeight;
#if ${output === 'probabilities'}
  if (index >= pixels) {
    return;
  }
  let taps = tapsOfPixel(index);
  output[id.z * pixels + index] = select(0.0, probability(taps, id.z), taps.known);
#else
  let pixel = index * 4u;
  if (pixel >= pixels) {
    return;
  }
  let bytes = vec4u(classOf(pixel), classOf(pixel + 1u), classOf(pixel + 2u), classOf(pixel + 3u));
  output[index] = dot(bytes, vec4u(1u, 1u << 8u, 1u << 16u, 1u << 24u));
#endif
}`,
} as const satisfies Kernel<{ output: 'classes' | 'probabilities' }>;
