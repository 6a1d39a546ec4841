import type { Maps } from './convolution-layer.ts';

/** A square of a picture, in parts of its width and height. */
export interface Square {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

/** Red, green and blue of a square part of a picture, brought to `size` pixels each way: whole numbers from 0 to 255. */
export function readPicture(bitmap: ImageBitmap, { left, top, side }: Square, size: number): Maps {
  const context = new OffscreenCanvas(size, size).getContext('2d', {
    willReadFrequently: true,
  }) as OffscreenCanvasRenderingContext2D;
  context.imageSmoothingQuality = 'high';
  // The square is one of the picture's shorter side.
  const shorter = Math.min(bitmap.width, bitmap.height);
  const [x, y] = [(bitmap.width - shorter) / 2 + left * shorter, (bitmap.height - shorter) / 2 + top * shorter];
  context.fillRect(0, 0, size, size);
  context.drawImage(bitmap, x, y, side * shorter, side * shorter, 0, 0, size, size);
  const { data } = context.getImageData(0, 0, size, size);
  const pixels = size * size;
  const values = Float32Array.from({ length: 3 * pixels }, (_, at) => {
    const [channel, pixel] = [Math.floor(at / pixels), at % pixels];
    return data[4 * pixel + channel] as number;
  });
  return { channels: 3, height: size, width: size, values };
}

/** Brightness as ITU-R BT.601 weighs the colours, in whole numbers. */
export function greyOf({ height, width, values }: Maps): Maps {
  const pixels = height * width;
  const grey = Float32Array.from({ length: pixels }, (_, at) => {
    const [red = 0, green = 0, blue = 0] = [values[at], values[at + pixels], values[at + 2 * pixels]];
    return Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
  });
  return { channels: 1, height, width, values: grey };
}

/** One after the other, of the same size. */
export function beside(a: Maps, b: Maps): Maps {
  return { ...a, channels: a.channels + b.channels, values: Float32Array.of(...a.values, ...b.values) };
}

/** How numbers become colours. */
export type Colouring =
  /** Brightness, 0 to 255, of all colours or of one. */
  | 'grey'
  | 'red'
  | 'green'
  | 'blue'
  /** Red above zero and blue below, the stronger the farther from it; zero is what lies behind. */
  | 'signed';

/** What positive and negative numbers are drawn in, on light and on dark. */
const POSITIVE = [206, 48, 92] as const;
const NEGATIVE = [42, 112, 190] as const;

export type Rgba = readonly [red: number, green: number, blue: number, alpha: number];

/** The colour of a number, alpha from 0 to 255; `largest` is the magnitude with the strongest one. */
export function colourOf(value: number, colouring: Colouring, largest: number): Rgba {
  if (Number.isNaN(value)) return [0, 0, 0, 0];
  const share = largest > 0 ? Math.min(1, Math.max(-1, value / largest)) : 0;
  if (colouring === 'signed') return [...(share < 0 ? NEGATIVE : POSITIVE), Math.round(255 * Math.abs(share) ** 0.8)];
  const level = Math.round(255 * Math.max(0, share));
  // A little of the others, as pure blue is too dark to be seen.
  const rest = Math.round(level ** 2 / 340);
  const is = (channel: Colouring) => (colouring === channel || colouring === 'grey' ? level : rest);
  return [is('red'), is('green'), is('blue'), 255];
}

/** One channel as the pixels of a canvas. */
export function paintMap(
  canvas: HTMLCanvasElement,
  maps: Maps,
  channel: number,
  colouring: Colouring,
  largest: number,
) {
  const { height, width, values } = maps;
  Object.assign(canvas, { width, height });
  const pixels = new ImageData(width, height);
  for (let at = 0; at < height * width; at++) {
    pixels.data.set(colourOf(values[channel * height * width + at] as number, colouring, largest), 4 * at);
  }
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
}

/** The magnitude that is drawn the strongest. */
export function largestOf({ height, width, values }: Maps, channel: number, colouring: Colouring): number {
  if (colouring !== 'signed') return 255;
  const size = height * width;
  return values
    .subarray(channel * size, (channel + 1) * size)
    .reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** A number with so many digits behind its point at most, as short as it gets. */
export const shortNumber = (value: number, digits: number): string =>
  // Plus zero, as there is a negative one.
  String(Number(value.toFixed(digits)) + 0).replace('-', '−');
