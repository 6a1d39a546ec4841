import type { Sample } from '../picture/picture.ts';
import { shownSize } from '../picture/picture.ts';

/** Height and width of the page's segmenters. */
export const SIZE = 128;
/** The levels that have a skip, from the top. */
export const SKIPS = [1, 2, 3, 4] as const;

/** How likely each pixel is the drawing's, from 0 to 1: `SIZE` rows of `SIZE`. */
export type Mask = ArrayLike<number>;

/** How much of each skip arrives, level 1 first: from 0, where it is cut, to 1, as the network was trained. */
export type Strengths = readonly [number, number, number, number];

/** What was computed beforehand of a sample, by PyTorch with the same weights (demo/training/openclipart.py). */
export interface Beforehand {
  readonly truth: Mask;
  readonly never: Mask;
  /** By a number whose bit k - 1 is set where the skip of level k is there. */
  readonly cut: readonly Mask[];
  /** The first maps of each level with all skips, in the order in which they are made: grids of 4 by 2 below each other. */
  readonly maps: string;
}

const COLUMNS = 6;
const COMBINATIONS = 2 ** SKIPS.length;

/** Undefined where the files cannot be had: then there is no truth to compare with. */
export async function fetchBeforehand(sample: Sample): Promise<Beforehand | undefined> {
  const address = (what: string) => new URL(`samples/beforehand/${sample.id}-${what}.webp`, document.baseURI).href;
  try {
    const tiles = await createImageBitmap(await (await fetch(address('masks'))).blob());
    const context = new OffscreenCanvas(tiles.width, tiles.height).getContext('2d', { willReadFrequently: true });
    if (!context) return undefined;
    context.drawImage(tiles, 0, 0);
    const mask = (tile: number): Mask => {
      const [x, y] = [tile % COLUMNS, Math.floor(tile / COLUMNS)];
      const { data } = context.getImageData(x * SIZE, y * SIZE, SIZE, SIZE);
      return Float32Array.from({ length: SIZE ** 2 }, (_, pixel) => (data[4 * pixel] ?? 0) / 255);
    };
    const cut = Array.from({ length: COMBINATIONS }, (_, index) => mask(2 + index));
    return { truth: mask(0), never: mask(1), cut, maps: address('maps') };
  } catch {
    return undefined;
  }
}

/** The one of `Beforehand.cut` whose skips are nearest to these. */
export const cutAt = (strengths: Strengths): number =>
  strengths.reduce((sum, strength, index) => sum + Math.round(strength) * 2 ** index, 0);

/** Intersection over union of the pixels above one half; 1 where neither has any. */
export function intersectionOverUnion(mask: Mask, truth: Mask): number {
  let [both, either] = [0, 0];
  for (let pixel = 0; pixel < truth.length; pixel++) {
    const [a, b] = [(mask[pixel] ?? 0) > 0.5, (truth[pixel] ?? 0) > 0.5];
    if (a && b) both++;
    if (a || b) either++;
  }
  return either === 0 ? 1 : both / either;
}

export type Mode = 'overlay' | 'cutout';

const OPACITY = 0.65;

/** Draws a picture with a mask's colour over it, or what the mask leaves of it; without a mask the picture alone. */
export function drawMask(
  canvas: HTMLCanvasElement,
  picture: ImageBitmap,
  mask: Mask | undefined,
  mode: Mode,
  colour: readonly [number, number, number],
): void {
  const { width, height } = Object.assign(canvas, shownSize(picture));
  const context = canvas.getContext('2d');
  if (!context) return;
  context.imageSmoothingQuality = 'high';
  const overlay = mode === 'overlay' || !mask;
  if (overlay) context.drawImage(picture, 0, 0, width, height);
  if (!mask) return;
  const pixels = new ImageData(SIZE, SIZE);
  const opacity = overlay ? OPACITY : 1;
  for (let pixel = 0; pixel < SIZE ** 2; pixel++) {
    pixels.data.set(
      [...colour, (mask[pixel] ?? 0) * opacity].map((value) => Math.round(value * 255)),
      4 * pixel,
    );
  }
  const small = new OffscreenCanvas(SIZE, SIZE);
  small.getContext('2d')?.putImageData(pixels, 0, 0);
  context.drawImage(small, 0, 0, width, height);
  if (overlay) return;
  context.globalCompositeOperation = 'source-in';
  context.drawImage(picture, 0, 0, width, height);
}
