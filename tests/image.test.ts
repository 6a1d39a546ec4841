import { expect, test } from 'playwright/test';
import { InputError } from '../engine/common/errors.ts';
import { describe } from '../engine/common/kinds.ts';
import type { Preprocess } from '../engine/common/picture.ts';
import { normalization, placePicture, requirePreprocess } from '../engine/picture/preprocess.ts';

type Size = [width: number, height: number];

const geometry = (fit: Preprocess['fit'], [sw, sh]: Size, [ow, oh]: Size, crop?: number) => {
  const place = placePicture({ fit, crop }, { width: sw, height: sh }, { width: ow, height: oh });
  return [place.destX, place.destY, place.destWidth, place.destHeight];
};

// Those of `cover` by the functions of torchvision and timm, in Python.
const cases: [string, number[], ...Parameters<typeof geometry>][] = [
  ['cover, landscape', [-37, 0, 298, 224], 'cover', [640, 480], [224, 224]],
  ['cover, portrait', [0, -37, 224, 298], 'cover', [480, 640], [224, 224]],
  // 224 / 0.875 is 256; half of the 117 columns left over is 58.5, of which Python makes the even 58.
  ['cover, 0.875', [-58, -16, 341, 256], 'cover', [640, 480], [224, 224], 0.875],
  ['cover, 0.9', [-54, -12, 331, 248], 'cover', [641, 480], [224, 224], 0.9],
  ['cover, wide output', [0, -20, 320, 240], 'cover', [640, 480], [320, 200]],
  ['cover, tall output', [-80, 0, 256, 192], 'cover', [640, 480], [96, 192]],
  ['cover, tall, half', [-208, -96, 512, 384], 'cover', [640, 480], [96, 192], 0.5],
  ['cover, odd sizes', [-18, 0, 112, 75], 'cover', [301, 200], [75, 75]],
  ['cover, odd sizes, 0.95', [-21, -2, 117, 78], 'cover', [301, 200], [75, 75], 0.95],
  ['cover, odd output, 0.7', [-28, -24, 187, 145], 'cover', [1001, 777], [131, 97], 0.7],
  ['cover, enlarging', [-112, 0, 448, 224], 'cover', [16, 8], [224, 224]],
  ['contain, landscape', [0, 28, 224, 168], 'contain', [640, 480], [224, 224]],
  ['contain, portrait', [28, 0, 168, 224], 'contain', [480, 640], [224, 224]],
  // 101 * 50 / 200 = 25.25 rounds to 25 rows; of the 25 left over, 12 lie above.
  ['contain, odd sizes', [0, 12, 50, 25], 'contain', [200, 101], [50, 50]],
  ['contain, very long', [0, 111, 224, 1], 'contain', [5000, 3], [224, 224]],
  ['contain, same aspect', [0, 0, 99, 33], 'contain', [33, 11], [99, 33]],
  ['fill', [0, 0, 97, 131], 'fill', [641, 333], [97, 131]],
];

for (const [name, expected, ...given] of cases) {
  test(name, () => expect(geometry(...given)).toEqual(expected));
}

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
  const plain: Preprocess = { fit: 'fill', mean: [0], std: [1] };
  const preprocess = (part: object) => () => requirePreprocess({ ...plain, ...part });
  wrong("The option 'crop' is 1.5; it should be a number above 0 and at most 1", preprocess({ crop: 1.5 }));
  wrong("The option 'crop' is 0; it should be a number above 0 and at most 1", preprocess({ crop: 0 }));
  wrong("The option 'fit' is 'fill'; it should be 'cover' for a crop of 0.5", preprocess({ crop: 0.5 }));
  wrong('The option \'fit\' is "stretch"; it should be "cover" or "contain" or "fill"', preprocess({ fit: 'stretch' }));
  wrong('The option \'interpolation\' is "lanczos"; it should be', preprocess({ interpolation: 'lanczos' }));
  wrong('The option \'colorSpaceConversion\' is "srgb"; it should be', preprocess({ colorSpaceConversion: 'srgb' }));
  wrong("The option 'std' is [1,0,1]; it should be a list of 1 or 3", preprocess({ std: [1, 0, 1] }));
  wrong("The option 'mean' is 0.5; it should be a list of 1 or 3", preprocess({ mean: 0.5 }));
  wrong("The option 'mean' is [1,2]; it should be a list of 1 or 3", preprocess({ mean: [1, 2] }));
  wrong("The option 'mean' is undefined; it should be a list", preprocess({ mean: undefined }));
  wrong("There is no option 'scale'; there are fit, crop, interpolation,", preprocess({ scale: 1 }));
  wrong("The picture's size is 0 x 4; it should be two positive integers", () => geometry('cover', [0, 4], [2, 2]));
  wrong("The input's size is 2 x 2.5; it should be", () => geometry('cover', [4, 4], [2, 2.5]));
  wrong('The mean has 3 numbers for an input of 1 channels', () => normalization({ mean: [0, 0, 0], std: [1] }, 1));
});

test('a value is spoken of with its article', () => {
  class Tensor {}
  const named = (name: string) => Object.assign(Object.create(null), { constructor: { name } });
  const values = [
    [],
    new Uint8Array(1),
    new Float64Array(1),
    new Tensor(),
    Object.create(null),
    null,
    'a.png',
    () => 1,
  ];
  expect(values.map(describe)).toEqual([
    'an Array',
    'a Uint8Array',
    'a Float64Array',
    'a Tensor',
    'an Object',
    'null',
    '"a.png"',
    'function',
  ]);
  const names = ['HTMLDivElement', 'SVGElement', 'URL', 'Blob', 'ImageData', 'MLTensor', 'NodeList', 'XMLHttpRequest'];
  expect(names.map((name) => describe(named(name)).split(' ')[0])).toEqual([
    'an',
    'an',
    'a',
    'a',
    'an',
    'an',
    'a',
    'an',
  ]);
});
