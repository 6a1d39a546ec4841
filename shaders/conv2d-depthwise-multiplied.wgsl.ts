import { type Conv2dDepthwiseOptions, conv2dDepthwise, depthwiseText } from './conv2d-depthwise.wgsl.ts';
import type { Kernel } from './kernel.ts';

export interface Conv2dDepthwiseMultipliedOptions extends Conv2dDepthwiseOptions {
  /** How many filters each input channel has. */
  readonly multiplier: number;
}

/**
 * A convolution of each channel with several filters: output channel o is of input channel floor(o / multiplier). As an input
 * slice makes whole output slices, a thread reads one of its slices, and of that at most two channels.
 */
export const conv2dDepthwiseMultiplied = {
  ...conv2dDepthwise,
  kind: 'conv2d-depthwise-multiplied',
  text({ multiplier, ...options }, main, isFolded) {
    const opened = `${main}
  let lanes = (vec4u(id.y % ${multiplier}u * 4u) + vec4u(0u, 1u, 2u, 3u)) / ${multiplier}u;
  let isSecond = lanes != lanes.xxxx;`;
    const channel = (at: string, lane: string) => `vec4f(f32(input[${at}][${lane}]))`;
    const load = (at: string) => `select(${channel(at, 'lanes.x')}, ${channel(at, 'lanes.w')}, isSecond)`;
    return depthwiseText(options, opened, isFolded, `(slice / ${multiplier}u)`, load);
  },
} as const satisfies Kernel<Conv2dDepthwiseMultipliedOptions>;
