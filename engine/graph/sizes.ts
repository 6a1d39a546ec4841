import { elementsOf, type ValueShape } from './graph.ts';

/**
 * A value's sizes as kernels see them: slices of four channels each; `[n, c]` is a map of one pixel, and of more axes than
 * height and width the last one is the width.
 */
export function sizesOf({ shape: [batch, channels, ...area] }: { readonly shape: ValueShape }) {
  const slices = Math.ceil(channels / 4);
  const pixels = elementsOf(area);
  const width = area.at(-1) ?? 1;
  const height = pixels / width;
  return { batch, channels, height, width, slices, pixels, vectors: slices * pixels };
}
