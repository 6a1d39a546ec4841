import { ceilDivide, type Kernel } from './kernel.ts';
import { locate, MASK_FIELDS } from './mask.ts';
import { wgsl } from './wgsl.ts';

/**
 * `fn probability(taps: Taps, channel: u32) -> f32`: the mean of the four pixels of a `mask` (f32 [channels, height, width])
 * around a pixel of an output of `outputWidth`, whose place `fn tapsOf(pixel: u32) -> Taps` gives.
 */
export const interpolate = wgsl`${locate}

// The four mask pixels around an output's: the first one's index, the steps to the others, how far it lies between them.
struct Taps {
  known: bool,
  first: u32,
  right: u32,
  below: u32,
  part: vec2f,
}

fn tapsOf(pixel: u32) -> Taps {
  let y = pixel / params.outputWidth;
  let location = locate(vec2f(vec2u(pixel - y * params.outputWidth, y)) + 0.5);
  let last = vec2u(params.maskWidth, params.maskHeight) - 1u;
  let at = clamp(location.at - 0.5, vec2f(), vec2f(last));
  let first = vec2u(at);
  let next = min(first + 1u, last);
  let step = (next - first) * vec2u(1u, params.maskWidth);
  return Taps(location.known, first.y * params.maskWidth + first.x, step.x, step.y, at - vec2f(first));
}

fn probability(taps: Taps, channel: u32) -> f32 {
  let first = channel * params.maskWidth * params.maskHeight + taps.first;
  let below = first + taps.below;
  let upper = mix(mask[first], mask[first + taps.right], taps.part.x);
  let lower = mix(mask[below], mask[below + taps.right], taps.part.x);
  return mix(upper, lower, taps.part.y);
}`;

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

fn classOf(pixel: u32) -> u32 {
  let taps = tapsOf(pixel);
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
  let taps = tapsOf(index);
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
