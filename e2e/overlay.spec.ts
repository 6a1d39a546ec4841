// A picture and what a network finds in it, drawn to a canvas: the blend of both, computed in float64.
import type { OverlayCase } from './page/overlay.ts';
import { expect, test } from './test.ts';

const [wide, high] = [
  { width: 41, height: 29 },
  { width: 30, height: 47 },
];
const input = { width: 13, height: 11 };

const cases: Record<string, OverlayCase> = {
  'three classes': { source: wide, input },
  'one class': { source: wide, input, channels: 1 },
  'colours of its own': {
    source: wide,
    input,
    colours: [
      [1, 0, 0.5, 0.3],
      [0, 1, 0],
      [0.2, 0.3, 1, 0.6],
    ],
    opacity: 0.8,
  },
  'a transparent picture': { source: wide, input, alpha: true, channels: 1 },
  'cover, at another size': { source: wide, input, preprocess: { fit: 'cover' }, size: { width: 64, height: 50 } },
  'cover, cropped': { source: high, input, preprocess: { fit: 'cover', crop: 0.8 }, channels: 1 },
  'contain, wide': { source: wide, input, preprocess: { fit: 'contain' } },
  'contain, high': { source: high, input, preprocess: { fit: 'contain' }, channels: 1 },
  'cut out': { source: wide, input, channels: 1, mode: 'cutout' },
  'cut out, of three classes': { source: high, input, mode: 'cutout' },
  'cut out, transparent, cover': {
    source: wide,
    input,
    channels: 1,
    mode: 'cutout',
    alpha: true,
    preprocess: { fit: 'cover' },
    opacity: 0.7,
  },
};

for (const [name, given] of Object.entries(cases)) {
  test(name, async ({ run }) => {
    const { problems, alphas } = await run('checkOverlay', given);
    expect(problems).toEqual([]);
    if (given.mode === 'cutout') expect(alphas).toBeGreaterThan(20);
    else if (!given.alpha) expect(alphas).toBe(1);
  });
}

for (const kind of ['HTMLImageElement', 'HTMLCanvasElement', 'VideoFrame', 'HTMLVideoElement', 'GPUTexture'] as const) {
  for (const mode of ['overlay', 'cutout'] as const) {
    test(`${kind}, ${mode}`, async ({ run }) => {
      const { problems } = await run('checkOverlay', { kind, source: wide, input, mode, preprocess: { fit: 'cover' } });
      expect(problems).toEqual([]);
    });
  }
}

test('a tensor is drawn over the picture that it was made of', async ({ run }) => {
  expect(await run('overlayOfTensor')).toBeLessThanOrEqual(2);
});

test('what cannot be drawn is told; a frame makes nothing that lasts, and nothing is left', async ({ run }) => {
  const unloaded = expect.stringMatching(/^InputError: The picture has no pixels \(0 x 0\): is it loaded\?/);
  expect(await run('overlayErrors')).toEqual({
    messages: {
      'a canvas in use': "InputError: The canvas has a context of another kind than 'webgpu'.",
      'two colours': 'InputError: There are 2 colours for 1 classes.',
      'a byte': 'InputError: A colour is [255, 0, 0]; it is 3 or 4 numbers from 0 to 1.',
      'too short': 'InputError: A colour is [0, 1]; it is 3 or 4 numbers from 0 to 1.',
      mode: "InputError: The mode is 'both'; it is 'overlay' or 'cutout'.",
      opacity: 'InputError: The opacity is 2; it is from 0 to 1.',
      input: "InputError: The tensor has 3 elements; [1, 1, 6, 8] has 48.\n - While reading input 'image'",
      'an image that is not loaded': unloaded,
      'a video that is not loaded': unloaded,
    },
    made: 0,
    empty: "InputError: The output's size, 0 x 6 (width x height), is not made of positive whole numbers.",
    destroyed: 'InputError: The overlay has been destroyed.',
    withoutNetwork: "InputError: The network 'colours' has been destroyed.",
    alive: [],
  });
});

test('an overlay outlives a restored network on its device, and tells of another one', async ({ run }) => {
  expect(await run('overlayOnNextDevice')).toEqual({
    same: true,
    lost: expect.stringMatching(/^DeviceLostError: The GPU device was lost: .+/),
    moved: 'InputError: The network has another device than when the overlay was made: make another overlay.',
    again: true,
  });
});
