/** Height and width of the picture that is played with. */
export const SIDE = 32;

/** `SIDE` rows of `SIDE` values. */
export type Plane = Float32Array;

/** Rows of a 3 x 3 filter. */
export type Filter = readonly [number, number, number, number, number, number, number, number, number];

/** A filter for each channel: edges from left to right, from top to bottom, and in all directions. */
export const FILTERS: readonly Filter[] = [
  [-1, 0, 1, -2, 0, 2, -1, 0, 1],
  [-1, -2, -1, 0, 0, 0, 1, 2, 1],
  [-1, -1, -1, -1, 8, -1, -1, -1, -1],
];

/** For each map of the result, what it takes of each channel. */
export const MIXES: readonly (readonly number[])[] = [
  [1, 0, 0],
  [0.5, 0.5, 0],
  [0.5, -0.5, 0],
  [0.2, 0.2, 0.4],
];

/** Each channel filtered by its own filter, with zeros around it. */
export function depthwise(planes: readonly Plane[], filters: readonly Filter[]): Plane[] {
  return planes.map((plane, channel) => {
    const filter = filters[channel] ?? [];
    return Float32Array.from(plane, (_, pixel) => {
      const [x, y] = [pixel % SIDE, Math.floor(pixel / SIDE)];
      let sum = 0;
      for (let tap = 0; tap < 9; tap++) {
        const [column, row] = [x + (tap % 3) - 1, y + Math.floor(tap / 3) - 1];
        const isInside = column >= 0 && column < SIDE && row >= 0 && row < SIDE;
        if (isInside) sum += (filter[tap] ?? 0) * (plane[row * SIDE + column] ?? 0);
      }
      return sum;
    });
  });
}

/** Each pixel's channels mixed, once for each map of the result. */
export function pointwise(planes: readonly Plane[], mixes: readonly (readonly number[])[]): Plane[] {
  return mixes.map((mix) =>
    Float32Array.from({ length: SIDE ** 2 }, (_, pixel) =>
      planes.reduce((sum, plane, channel) => sum + (mix[channel] ?? 0) * (plane[pixel] ?? 0), 0),
    ),
  );
}

/** The red, green and blue of a picture's middle, from 0 to 1. */
export function planesOf(picture: ImageBitmap): Plane[] {
  const context = new OffscreenCanvas(SIDE, SIDE).getContext('2d', { willReadFrequently: true });
  if (!context) return [];
  const side = Math.min(picture.width, picture.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, (picture.width - side) / 2, (picture.height - side) / 2, side, side, 0, 0, SIDE, SIDE);
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  return [0, 1, 2].map((channel) =>
    Float32Array.from({ length: SIDE ** 2 }, (_, pixel) => (data[4 * pixel + channel] ?? 0) / 255),
  );
}
