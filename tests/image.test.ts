import { expect, test } from 'playwright/test';
import { InputError } from '../engine/errors.ts';
import { normalization, type Preprocess, sourceRectangle } from '../engine/image.ts';

type Size = [width: number, height: number];

const geometry = (fit: Preprocess['fit'], [sw, sh]: Size, [ow, oh]: Size, crop?: number) => {
  const rectangle = sourceRectangle(
    crop === undefined ? { fit } : { fit, crop },
    { width: sw, height: sh },
    { width: ow, height: oh },
  );
  const { textureWidth, textureHeight, outputWidth, outputHeight } = rectangle;
  expect([textureWidth, textureHeight, outputWidth, outputHeight]).toEqual([sw, sh, ow, oh]);
  const { sourceX, sourceY, sourceWidth, sourceHeight, destX, destY, destWidth, destHeight } = rectangle;
  return { source: [sourceX, sourceY, sourceWidth, sourceHeight], dest: [destX, destY, destWidth, destHeight] };
};

const cases: [string, ReturnType<typeof geometry>, ...Parameters<typeof geometry>][] = [
  ['cover, landscape', { source: [80, 0, 480, 480], dest: [0, 0, 224, 224] }, 'cover', [640, 480], [224, 224]],
  ['cover, portrait', { source: [0, 80, 480, 480], dest: [0, 0, 224, 224] }, 'cover', [480, 640], [224, 224]],
  ['cover, 0.875', { source: [110, 30, 420, 420], dest: [0, 0, 224, 224] }, 'cover', [640, 480], [224, 224], 0.875],
  ['cover, wide output', { source: [0, 40, 640, 400], dest: [0, 0, 320, 200] }, 'cover', [640, 480], [320, 200]],
  ['cover, tall output', { source: [200, 0, 240, 480], dest: [0, 0, 96, 192] }, 'cover', [640, 480], [96, 192]],
  ['cover, tall, half', { source: [260, 120, 120, 240], dest: [0, 0, 96, 192] }, 'cover', [640, 480], [96, 192], 0.5],
  ['cover, odd sizes', { source: [50.5, 0, 200, 200], dest: [0, 0, 75, 75] }, 'cover', [301, 200], [75, 75]],
  ['cover, enlarging', { source: [4, 0, 8, 8], dest: [0, 0, 224, 224] }, 'cover', [16, 8], [224, 224]],
  ['contain, landscape', { source: [0, 0, 640, 480], dest: [0, 28, 224, 168] }, 'contain', [640, 480], [224, 224]],
  ['contain, portrait', { source: [0, 0, 480, 640], dest: [28, 0, 168, 224] }, 'contain', [480, 640], [224, 224]],
  // 101 * 50 / 200 = 25.25 rounds to 25 rows; of the 25 left over, 12 lie above.
  ['contain, odd sizes', { source: [0, 0, 200, 101], dest: [0, 12, 50, 25] }, 'contain', [200, 101], [50, 50]],
  ['contain, very long', { source: [0, 0, 5000, 3], dest: [0, 111, 224, 1] }, 'contain', [5000, 3], [224, 224]],
  ['contain, same aspect', { source: [0, 0, 33, 11], dest: [0, 0, 99, 33] }, 'contain', [33, 11], [99, 33]],
  ['fill', { source: [0, 0, 641, 333], dest: [0, 0, 97, 131] }, 'fill', [641, 333], [97, 131]],
];

for (const [name, expected, ...given] of cases) {
  test(name, () => expect(geometry(...given)).toEqual(expected));
}

test('a crop keeps the aspect of the output', () => {
  const { source } = geometry('cover', [1001, 777], [131, 97], 0.7);
  const [x, y, width, height] = source as [number, number, number, number];
  expect(width / height).toBeCloseTo(131 / 97, 12);
  expect(width).toBeCloseTo(0.7 * 1001, 9);
  expect([2 * x + width, 2 * y + height]).toEqual([expect.closeTo(1001, 9), expect.closeTo(777, 9)]);
});

test('mean and std become scale and bias', () => {
  expect(normalization({ mean: [0.5], std: [0.25] }, 3)).toEqual({
    scaleRed: 4,
    scaleGreen: 4,
    scaleBlue: 4,
    biasRed: -2,
    biasGreen: -2,
    biasBlue: -2,
  });
  expect(normalization({ mean: [0.5, 0.25, 0.75], std: [0.5, 0.25, 0.125] }, 3)).toEqual({
    scaleRed: 2,
    scaleGreen: 4,
    scaleBlue: 8,
    biasRed: -1,
    biasGreen: -1,
    biasBlue: -6,
  });
});

test('nonsense is an error that names it', () => {
  const wrong = (message: string, call: () => unknown) => {
    expect(call).toThrow(InputError);
    expect(call).toThrow(message);
  };
  wrong('The crop (1.5) is not above 0', () => geometry('cover', [4, 4], [2, 2], 1.5));
  wrong('The crop (0) is not above 0', () => geometry('cover', [4, 4], [2, 2], 0));
  wrong("The crop (0.5) needs the fit 'cover', but the fit is 'fill'", () => geometry('fill', [4, 4], [2, 2], 0.5));
  wrong("The picture's size, 0 x 4 (width x height)", () => geometry('cover', [0, 4], [2, 2]));
  wrong("The input's size, 2 x 2.5 (width x height)", () => geometry('cover', [4, 4], [2, 2.5]));
  wrong("The fit 'stretch' is none of", () => geometry('stretch' as 'fill', [4, 4], [2, 2]));
  wrong('The mean has 3 entries for an input of 1 channels', () => normalization({ mean: [0, 0, 0], std: [1] }, 1));
  wrong('The std [1, 0, 1] has an entry (0)', () => normalization({ mean: [0], std: [1, 0, 1] }, 3));
  wrong('The mean [NaN] has an entry (NaN)', () => normalization({ mean: [Number.NaN], std: [1] }, 3));
});
