import { type Conv2dDepthwiseOptions, conv2dDepthwise } from './conv2d-depthwise.wgsl.ts';
import type { Kernel } from './kernel.ts';
import { wgsl } from './wgsl.ts';

export interface Conv2dDepthwiseMultipliedOptions extends Conv2dDepthwiseOptions {
  /** How many filters each input channel has. */
  readonly multiplier: number;
}

/**
 * A convolution of each channel with several filters: output channel o is of input channel floor(o / multiplier). As an input
 * slice makes whole output slices, a thread reads one of its slices, and of that at most two channels. Otherwise it does what
 * a thread of `conv2dDepthwise` does.
 */
export const conv2dDepthwiseMultiplied = {
  ...conv2dDepthwise,
  kind: 'conv2d-depthwise-multiplied',
  text({ multiplier, ...options }, main, isFolded) {
    // Of 4, 8, ... all four outputs are of one channel, of 2 a pair of each.
    const isOne = multiplier % 4 === 0;
    const isPair = multiplier === 2;
    const opened = wgsl`${main}
  let lanes = (vec4u(id.y % ${multiplier}u * 4u) + vec4u(0u, 1u, 2u, 3u)) / ${multiplier}u;
#if ${!isOne && !isPair}
  let isSecond = lanes != lanes.xxxx;
#endif`;
    const read = (slice: string) =>
      isOne
        ? `vec4f(f32(${slice}[lanes.x]))`
        : isPair
          ? `vec4f(vec2f(f32(${slice}[lanes.x])), vec2f(f32(${slice}[lanes.w])))`
          : `select(vec4f(f32(${slice}[lanes.x])), vec4f(f32(${slice}[lanes.w])), isSecond)`;
    return conv2dDepthwise.text(options, opened, isFolded, { slice: `slice / ${multiplier}u`, read });
  },
} as const satisfies Kernel<Conv2dDepthwiseMultipliedOptions>;
