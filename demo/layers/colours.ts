import type { ImageSize } from 'linnet';
import { colourAt } from '../network/feature-maps.wgsl.ts';

/** As many as a screen tells apart, and made once: there are dozens of nodes, drawn whenever the answer changes. */
const COLOURS = Array.from({ length: 256 }, (_, index) => [...colourAt('viridis', index / 255), 255]);

/** Numbers in colours, from the smallest to the largest of a range, where the picture has room for them. */
export function paint(
  picture: ImageData,
  corner: { readonly x: number; readonly y: number },
  { width, height }: ImageSize,
  values: Float32Array,
  { least, most }: { readonly least: number; readonly most: number },
): void {
  const scale = most > least ? (COLOURS.length - 1) / (most - least) : 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const level = Math.round(((values[y * width + x] ?? least) - least) * scale);
      picture.data.set(COLOURS[level] ?? [], ((corner.y + y) * picture.width + corner.x + x) * 4);
    }
  }
}
