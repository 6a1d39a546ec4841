// What a network finds in a picture lands on that picture, at its own size.
import type { SegmentCase } from './page/segment.ts';
import { expect, test } from './test.ts';

const [wide, high] = [
  { width: 41, height: 29 },
  { width: 30, height: 47 },
];
const input = { width: 13, height: 11 };
const even = { width: 14, height: 10 };

const cases: Record<string, SegmentCase> = {
  'fill, enlarged': { source: wide, input },
  'fill, made smaller': { source: { width: 7, height: 5 }, input },
  'fill, one class': { source: wide, input, channels: 1 },
  'one pixel': { source: { width: 1, height: 1 }, input },
  'cover, wide': { source: wide, input, preprocess: { fit: 'cover' } },
  'cover, high': { source: high, input, preprocess: { fit: 'cover' } },
  'cover, cropped': { source: wide, input, preprocess: { fit: 'cover', crop: 0.7 } },
  'cover, one class': { source: high, input, preprocess: { fit: 'cover' }, channels: 1 },
  'cover, with pixels on the border': {
    source: { width: 40, height: 29 },
    input: { width: 11, height: 11 },
    preprocess: { fit: 'cover' },
  },
  'contain, wide': { source: wide, input, preprocess: { fit: 'contain' } },
  'contain, high': { source: high, input, preprocess: { fit: 'contain' } },
  'contain, very high': { source: { width: 3, height: 90 }, input, preprocess: { fit: 'contain' } },
  'at another size': { source: wide, input, preprocess: { fit: 'cover' }, size: { width: 21, height: 33 } },
  // Wider and higher than a grid of so many workgroups of 8 x 4 may be.
  'at a great width': { source: wide, input, size: { width: 524_400, height: 1 } },
  'at a great height': { source: wide, input, size: { width: 1, height: 262_300 } },
  'a mask half as large': { source: wide, input: even, preprocess: { fit: 'contain' }, mask: 'half' },
  'a mask half as large, cover': { source: wide, input: even, preprocess: { fit: 'cover' }, mask: 'half' },
  'a mask of the middle': { source: wide, input, mask: 'middle' },
  'a mask of the middle, contain': { source: high, input, preprocess: { fit: 'contain' }, mask: 'middle' },
};

for (const [name, given] of Object.entries(cases)) {
  test(name, async ({ run }) => {
    const { problems, classes } = await run('checkSegment', given);
    expect(problems).toEqual([]);
    if (given.source.width > 20) expect(classes.length).toBeGreaterThan(1);
  });
}

for (const kind of [
  'HTMLImageElement',
  'HTMLImageElement of twice the density',
  'Blob',
  'HTMLCanvasElement',
  'VideoFrame',
  'HTMLVideoElement',
  'GPUTexture',
] as const) {
  test(`${kind}, at its own size`, async ({ run }) => {
    const { problems } = await run('checkSegment', { kind, source: wide, input, preprocess: { fit: 'cover' } });
    expect(problems).toEqual([]);
  });
}

test('a tensor has the size of the network; equal classes give the lower one, and a half is not enough', async ({
  run,
}) => {
  const { many, highest, equal, half } = await run('segmentTensors');
  expect(many).toEqual({ width: 5, height: 3, classes: highest, same: true });
  expect(equal).toEqual({ width: 5, height: 3, classes: Array(15).fill(1), same: true });
  expect(half).toEqual({ width: 5, height: 3, classes: [0, 1, 2].flatMap(() => [0, 1, 0, 1, 0]), same: true });
});

test('what cannot be segmented is told, and nothing stays on the device', async ({ run }) => {
  const { messages, ...rest } = await run('segmentErrors');
  const size = 'it should be a width and a height, two positive integers.';
  const expected = 'it should be [1, classes, height, width], with at most 256 classes.';
  expect(messages).toEqual({
    'another output': 'InputError: The option \'output\' is "mask"; it should be "classes" or "probabilities".',
    'an unknown option': "InputError: There is no option 'outputs'; there are output, size.",
    'half a size': `InputError: The option 'size' is {"width":4}; ${size}`,
    'no options': 'InputError: The options are "classes" instead of an object.',
    'a file that is no picture': expect.stringMatching(/^InputError: The browser cannot read the Blob \(\)\./),
    'no size': `InputError: The option 'size' is {"width":0,"height":4}; ${size}`,
    'too large': expect.stringMatching(
      /^UnsupportedError: The probabilities of 50000 x 50000 pixels take 30000000000 bytes; the device binds at most \d+ at once\.$/,
    ),
    'a picture for tensors': expect.stringMatching(/^InputError: The input is an ImageData; .* without `preprocess`\./),
    'an image that is not loaded': expect.stringMatching(/^InputError: The HTMLImageElement has no pixels \(0 x 0\)/),
    'a flat mask': `ArchitectureError: The output 'mask' of 'flat' is [1, 3]; ${expected}`,
    'no mask': `ArchitectureError: The output 'mask' of 'nameless' is missing; ${expected}`,
  });
  const destroyed = "InputError: The network 'colours' has been destroyed.";
  expect(rest).toEqual({ overtaken: destroyed, destroyed, alive: [] });
});

test('a lost device is told, and a restored network segments again', async ({ run }) => {
  const lost = expect.stringMatching(/^DeviceLostError: The GPU device was lost: .+/);
  expect(await run('segmentOnNextDevice')).toEqual({ lost: [lost, lost], same: true });
});
