// Pictures of every kind become the tensor that a resize in float64 gives.
import type { PictureCase } from './page/images.ts';
import { expect, test } from './test.ts';

const kinds = [
  'ImageData',
  'ImageBitmap',
  'HTMLImageElement',
  'HTMLCanvasElement',
  'OffscreenCanvas',
  'VideoFrame',
  'VideoFrame of a part',
  'HTMLVideoElement',
  'GPUTexture',
] as const;

for (const kind of kinds) {
  test(`${kind}, made smaller`, async ({ run }) => {
    const source = { width: 52, height: 38 };
    const picture: PictureCase = { kind, source, output: { width: 13, height: 11 } };
    expect(await run('checkPicture', picture)).toEqual([]);
  });
}

const source = { width: 41, height: 29 };
const cases: Record<string, Omit<PictureCase, 'kind'>> = {
  'as it is': { source, output: source },
  enlarged: { source: { width: 7, height: 5 }, output: { width: 19, height: 23 } },
  'wider and lower': { source, output: { width: 55, height: 9 } },
  'one pixel': { source: { width: 1, height: 1 }, output: { width: 3, height: 2 } },
  'to one pixel': { source, output: { width: 1, height: 1 } },
  'to luma': { source, output: { width: 12, height: 7 }, channels: 1 },
  'with mean and std': {
    source,
    output: { width: 12, height: 7 },
    preprocess: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  },
  'cover, wide': { source, output: { width: 11, height: 11 }, preprocess: { fit: 'cover' } },
  'cover, high': { source: { width: 29, height: 41 }, output: { width: 16, height: 11 }, preprocess: { fit: 'cover' } },
  'cover, cropped': { source, output: { width: 11, height: 9 }, preprocess: { fit: 'cover', crop: 0.7 } },
  'contain, wide': { source, output: { width: 16, height: 16 }, preprocess: { fit: 'contain' } },
  'contain, high': {
    source: { width: 20, height: 40 },
    output: { width: 17, height: 12 },
    preprocess: { fit: 'contain' },
  },
  'contain, normalised': {
    source,
    output: { width: 9, height: 16 },
    preprocess: { fit: 'contain', mean: [0.5], std: [0.5] },
  },
  transparent: { source, output: { width: 12, height: 7 }, alpha: true },
};

for (const [name, picture] of Object.entries(cases)) {
  test(name, async ({ run }) => {
    expect(await run('checkPicture', { kind: 'ImageData', ...picture })).toEqual([]);
  });
}

for (const kind of ['ImageData', 'HTMLCanvasElement'] as const) {
  test(`${kind} larger than a texture may be`, async ({ run }) => {
    // Drawn smaller first, by the browser, whose filter is another one.
    const large = { kind, source: { width: 8500, height: 20 }, output: { width: 40, height: 10 }, tolerance: 6 };
    expect(await run('checkPicture', large)).toEqual([]);
  });
}

test('a batch of two pictures', async ({ run }) => {
  expect(await run('checkBatch')).toEqual([]);
});

test('pictures of changing sizes, and tensors between them', async ({ run }) => {
  expect(await run('checkChangingPictures')).toEqual([]);
});

test('what is no picture is an InputError, and the network still works', async ({ run }) => {
  expect(await run('pictureErrors')).toEqual({
    'an image that is not loaded': "The picture has no pixels (0 x 0): is it loaded?\n - While reading input 'image'",
    'a video that is not loaded': "The picture has no pixels (0 x 0): is it loaded?\n - While reading input 'image'",
    'two pictures': "There are 2 pictures for a batch of 1.\n - While reading input 'image'",
    'no picture': "There are 0 pictures for a batch of 1.\n - While reading input 'image'",
    'a picture for tensors':
      "The input is a picture, but the network was compiled without `preprocess`: give it a tensor.\n - While reading input 'image'",
    'an element':
      "The input is a HTMLDivElement; a Float32Array, GPUBuffer, GPUTexture or picture is expected.\n - While reading input 'image'",
    'four channels': "A picture gives 1 or 3 channels; the input 'image' has 4: compile without preprocess.",
    'a broken crop': 'The crop (2) is not above 0 and at most 1.',
    'a broken std': 'The std [1, 0, 1] has an entry (0) that is not positive.',
  });
});
