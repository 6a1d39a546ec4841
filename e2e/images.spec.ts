// Pictures of every kind become the tensor that a resize in float64 gives, and that Pillow gives.
import { readFileSync } from 'node:fs';
import type { PictureCase, PillowCase } from './page/images.ts';
import { expect, test } from './test.ts';

const kinds = [
  'ImageData',
  'ImageBitmap',
  'HTMLImageElement',
  'HTMLImageElement of twice the density',
  'HTMLCanvasElement',
  'OffscreenCanvas',
  'VideoFrame',
  'VideoFrame of a part',
  'VideoFrame turned',
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

for (const kind of [
  'ImageData',
  'VideoFrame',
  'VideoFrame of a part',
  'VideoFrame turned',
  'HTMLVideoElement',
] as const) {
  test(`${kind} where a browser does not copy it`, async ({ run }) => {
    const source = { width: 52, height: 38 };
    const picture: PictureCase = { kind, source, output: { width: 13, height: 11 }, slow: true };
    expect(await run('checkPicture', { ...picture, alpha: kind === 'ImageData' })).toEqual([]);
  });
}

for (const slow of [false, true]) {
  test(`a frame that is shown wider than it is stored${slow ? ', where a browser does not copy it' : ''}`, async ({
    run,
  }) => {
    expect(await run('checkWideFrame', { slow })).toEqual([]);
  });
}

// More workgroups along y than a device allows.
test('a picture made as high as 262,300 pixels', async ({ run }) => {
  const picture: PictureCase = {
    kind: 'ImageData',
    source: { width: 3, height: 50 },
    output: { width: 1, height: 262_300 },
  };
  expect(await run('checkPicture', picture)).toEqual([]);
});

test('a browser that does not copy a kind of picture is asked once by each network', async ({ run }) => {
  expect(await run('countRefusals')).toBe(2);
});

const { cases: pillowCases }: { cases: PillowCase[] } = JSON.parse(
  readFileSync(new URL('../tests/fixtures/pillow.json', import.meta.url), 'utf8'),
);
for (const given of pillowCases) {
  const { source, output, preprocess } = given;
  const { fit, crop, interpolation } = preprocess;
  const sizes = `${source.width} x ${source.height} to ${output.width} x ${output.height}`;
  test(`as Pillow: ${interpolation}, ${fit}${crop ? ` ${crop}` : ''}, ${sizes}`, async ({ run }) => {
    const levels = await run('comparePillow', given);
    const pixels = output.width * output.height * 3;
    expect(Object.keys(levels).filter((off) => Number(off) > 1)).toEqual([]);
    // Where a sum ends on half a level, the last bit of a float decides.
    expect(levels[0] ?? 0).toBeGreaterThan(0.98 * pixels);
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
  'cover, square, cropped': { source, output: { width: 15, height: 15 }, preprocess: { fit: 'cover', crop: 0.875 } },
  bicubic: { source, output: { width: 11, height: 9 }, preprocess: { interpolation: 'bicubic' } },
  'bicubic, enlarged, cropped': {
    source: { width: 13, height: 9 },
    output: { width: 28, height: 28 },
    preprocess: { fit: 'cover', crop: 0.875, interpolation: 'bicubic' },
  },
  'bicubic, transparent': {
    source,
    output: { width: 9, height: 9 },
    preprocess: { interpolation: 'bicubic' },
    alpha: true,
  },
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

test('the whole of an image is seen, whatever its density and orientation', async ({ run }) => {
  expect(await run('checkWholeImages')).toEqual([]);
});

test('a colour profile is left out where a result is awaited, unless it is wanted', async ({ run }) => {
  const stored = [200, 60, 30];
  // As the file exchanges red and green, and its curve is nearly sRGB's.
  const shown = [60, 200, 30].map((level) => expect.closeTo(level, -1.2));
  const colours = await run('readWithProfile');
  expect(colours).toEqual({
    'undefined image': stored,
    'undefined blob': stored,
    'undefined file': stored,
    'undefined dispatch': shown,
    'none image': stored,
    'none blob': stored,
    'none file': stored,
    'none dispatch': shown,
    'default image': shown,
    'default blob': shown,
    'default file': shown,
    'default dispatch': shown,
    batch: [...stored, ...stored],
  });
});

test('textures give what they store, or say why not', async ({ run, featureLevel }) => {
  const plain = '128 1 255, 3 64 200';
  const is = (what: string, value: string, expected: string) =>
    `The texture's ${what} is ${value}; it should be ${expected}.\n - While reading input 'image'`;
  const format = (name: string) => is('format', `"${name}"`, 'unorm, snorm or float');
  const isCore = featureLevel === 'core';
  expect(await run('readTextures')).toEqual({
    rgba8unorm: plain,
    'rgba8unorm-srgb': plain,
    bgra8unorm: '255 1 128, 200 64 3',
    ...(isCore && { 'bgra8unorm-srgb': '255 1 128, 200 64 3' }),
    rgba8snorm: '255 -255 0, 0 0 255',
    r8unorm: '128 128 128, 7 7 7',
    'r8unorm, luma': '128, 7',
    rg8unorm: '128 7 0, 9 255 0',
    rgba16float: '127.5 255 0, 510 -255 0',
    r16float: '127.5 127.5 127.5, 255 255 255',
    rgba32float: '25.5 63.75 382.5, 0 255 76.5',
    r32float: '25.5 25.5 25.5, 76.5 76.5 76.5',
    rg32float: '25.5 76.5 0, 255 0 0',
    rgb10a2unorm: '127.62 0 0, 0 255 0',
    transparent: '227 127 127, 255 255 255',
    'mip levels': plain,
    rgba8uint: format('rgba8uint'),
    r32sint: format('r32sint'),
    depth24plus: format('depth24plus'),
    depth32float: format('depth32float'),
    stencil8: format('stencil8'),
    layers: is('depthOrArrayLayers', '3', '1'),
    '3d': is('dimension', '"3d"', '"2d"'),
    '1d': is('dimension', '"1d"', '"2d"'),
    samples: is('sampleCount', '4', '1'),
    'one layer of an array': isCore ? plain : is('textureBindingViewDimension', '"2d-array"', '"2d"'),
    'no binding': "The texture lacks the usage TEXTURE_BINDING.\n - While reading input 'image'",
  });
});

test('inputs of another frame are taken, and tensors in memory that grows or is shared', async ({ run }) => {
  expect(await run('readForeignInputs')).toEqual({
    'of another frame': 'right',
    'that can grow': 'right',
    'that follows its buffer': 'right',
    shared: 'right',
    'a part': 'right',
    detached: "InputError: The tensor has 0 elements; [1, 3, 2, 3] has 18.\n - While reading input 'image'",
    canvas: 'right',
    image: 'right',
    file: 'right',
  });
});

test('what is no picture is an InputError, and the network still works', async ({ run, complaints }) => {
  const reading = "\n - While reading input 'image'";
  const none = 'it is empty, closed or not loaded';
  const cross = /^The \w+ holds what comes from another origin.+crossorigin="anonymous".+Access-Control-Allow-Origin\./;
  const expected = 'it should be a Float32Array, GPUBuffer, GPUTexture or picture';
  expect(await run('pictureErrors')).toEqual({
    'an image without an address': `The HTMLImageElement has no pixels (0 x 0): ${none}.${reading}`,
    'an image that is loading': `The HTMLImageElement is still loading: wait for \`await image.decode()\`.${reading}`,
    'an image that is broken': `The HTMLImageElement has no pixels (0 x 0): ${none}.${reading}`,
    'an image of another origin': expect.stringMatching(cross),
    'a canvas with it': expect.stringMatching(cross),
    'a picture after that': 'no InputError: undefined',
    'a video without an address': expect.stringMatching(
      /^The HTMLVideoElement has no frame yet: wait for its event 'lo/,
    ),
    'a video without a frame': `The HTMLVideoElement has no frame yet: wait for its event 'loadeddata', or 'seeked' after a seek.${reading}`,
    'a closed frame': `The VideoFrame has no pixels (0 x 0): ${none}.${reading}`,
    'a closed bitmap': `The ImageBitmap has no pixels (0 x 0): ${none}.${reading}`,
    'a detached ImageData': `The ImageData is detached.${reading}`,
    'an empty canvas': `The HTMLCanvasElement has no pixels (4 x 0): ${none}.${reading}`,
    'a file that is no picture': `The browser cannot read the Blob (text/plain).${reading}`,
    'two pictures': `There are 2 pictures for a batch of 1.${reading}`,
    'no picture': `There are 0 pictures for a batch of 1.${reading}`,
    'a picture for tensors': `The input is an ImageData; it should be a Float32Array or GPUBuffer: the network was compiled without \`preprocess\`.${reading}`,
    'an element': `The input is an HTMLDivElement; ${expected}.${reading}`,
    'a list of numbers': `The input is an Array with 1 at 0; ${expected}.${reading}`,
    'a text': `The input is "cat.jpg"; ${expected}.${reading}`,
    doubles: `The input is a Float64Array; ${expected}.${reading}`,
    'a list with something else': `The input is an Array with an HTMLParagraphElement at 1; ${expected}.${reading}`,
    'a list with an image that is broken': `The HTMLImageElement has no pixels (0 x 0): ${none}.\n - While reading picture 1${reading}`,
    'no inputs': 'The inputs are undefined instead of an object.',
    'a file to dispatch': `The input is a Blob; ${expected}.${reading}`,
    'four channels': "A picture has 1 or 3 channels, the input 'image' 4: compile without preprocess.",
    'a broken crop': "The option 'crop' is 2; it should be a number above 0 and at most 1.",
  });
  complaints.splice(0);
});
