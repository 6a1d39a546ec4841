import type { ValueShape } from './graph.ts';

/** A value's sizes as kernels see them: slices of four channels each; `[n, c]` is a map of one pixel. */
export function sizesOf({ shape: [batch, channels, height = 1, width = 1] }: { readonly shape: ValueShape }) {
  const slices = Math.ceil(channels / 4);
  const pixels = height * width;
  return { batch, channels, height, width, slices, pixels, vectors: slices * pixels };
}
