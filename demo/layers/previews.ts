import type { ImageSize, Plan } from 'linnet';
import type { Layer } from '../network/layers-of.ts';
import { mapLayout } from './map-layout.ts';

/** The channel of a layer that varies most, made small; or where channels are numbers, a square of these. */
export interface Preview extends ImageSize {
  readonly channel: number | undefined;
  readonly values: Float32Array;
}

/** The side of a preview. */
export const SIDE = 32;

export function previewSize(width: number, height: number, channels: number): ImageSize {
  const side = Math.min(SIDE, Math.ceil(Math.sqrt(channels)));
  return width * height > 1
    ? { width: Math.min(SIDE, width), height: Math.min(SIDE, height) }
    : { width: side, height: side };
}

/** As the kernel `preview` makes it, of maps that are known already. */
export function previewOf(plan: Plan, layer: Layer, values: Float32Array): Preview {
  const { width, height, channels } = mapLayout(plan, layer);
  const size = previewSize(width, height, channels);
  const pixels = width * height;
  const small = new Float32Array(size.width * size.height);
  if (pixels === 1) {
    small.set(values.subarray(0, small.length));
    return { ...size, channel: undefined, values: small };
  }
  const channel = mostVaried(values, channels);
  const map = values.subarray(channel * pixels, (channel + 1) * pixels);
  for (let at = 0; at < small.length; at++) {
    const edges = (cell: number, cells: number, whole: number) =>
      [Math.floor((cell * whole) / cells), Math.floor(((cell + 1) * whole) / cells)] as const;
    const [left, right] = edges(at % size.width, size.width, width);
    const [top, bottom] = edges(Math.floor(at / size.width), size.height, height);
    let sum = 0;
    for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += map[y * width + x] ?? 0;
    small[at] = sum / ((right - left) * (bottom - top));
  }
  return { ...size, channel, values: small };
}

/** Which of the maps, one after another, varies most. */
export function mostVaried(values: Float32Array, channels: number): number {
  const pixels = values.length / channels;
  const spreads = Array.from({ length: channels }, (_, channel) =>
    variance(values.subarray(channel * pixels, (channel + 1) * pixels)),
  );
  return spreads.indexOf(Math.max(...spreads));
}

function variance(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
