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
  'cover, stretched': {
    source: wide,
    input,
    preprocess: { fit: 'cover' },
    size: { width: 64, height: 50 },
    fit: 'fill',
  },
  'between empty rows': { source: wide, input, size: { width: 60, height: 70 } },
  'between empty columns': { source: high, input, size: { width: 61, height: 40 }, fit: 'contain' },
  'between empty columns, cut out, cover': {
    source: high,
    input,
    size: { width: 61, height: 40 },
    preprocess: { fit: 'cover' },
    mode: 'cutout',
  },
  'its middle fills the canvas': { source: wide, input, size: { width: 30, height: 40 }, fit: 'cover' },
  'its middle fills the canvas, cover': {
    source: high,
    input,
    size: { width: 30, height: 30 },
    fit: 'cover',
    preprocess: { fit: 'cover', crop: 0.9 },
  },
  'into a texture': { source: wide, input, format: 'rgba8unorm', size: { width: 50, height: 50 } },
  'into an sRGB texture': { source: wide, input, format: 'rgba8unorm-srgb', alpha: true },
  'into a texture of halves': { source: high, input, format: 'rgba16float', mode: 'cutout' },
  'into a texture of blue, green, red': { source: high, input, format: 'bgra8unorm' },
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
    const { problems, alphas, empty } = await run('checkOverlay', given);
    expect(problems).toEqual([]);
    if (given.mode === 'cutout') expect(alphas).toBeGreaterThan(20);
    else if (!given.alpha) {
      expect(alphas).toBe(empty > 0 ? 2 : 1);
      expect(empty > 0).toBe(name.includes('empty') || name === 'into a texture');
    }
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

for (const kind of ['ImageData', 'VideoFrame', 'HTMLVideoElement'] as const) {
  test(`${kind} where a browser neither imports nor copies it`, async ({ run }) => {
    const { problems } = await run('checkOverlay', { kind, source: wide, input, slow: true });
    expect(problems).toEqual([]);
  });
}

test('pictures in textures of other formats are drawn as they are stored', async ({ run }) => {
  const worst = Math.max(...Object.values(await run('overlayOfFormats')));
  expect(worst).toBeLessThanOrEqual(1);
});

test('a canvas is made as large as its picture where that is asked for', async ({ run }) => {
  const sizes = await run('overlayAtPictureSize');
  expect(Object.keys(sizes)).toHaveLength(4);
  expect(new Set(Object.values(sizes))).toEqual(new Set(['20 x 15, no error']));
});

test('a drawing that the GPU refuses is told, and the next one is right', async ({ run }) => {
  const refused = expect.stringMatching(/^InputError: The GPU refuses the run; is a buffer or texture destroyed/);
  expect(await run('overlayRefused')).toEqual({ destroyed: refused, after: true, first: 'no error', gone: refused });
});

test('a tensor is drawn over the picture that it was made of', async ({ run }) => {
  expect(await run('overlayOfTensor')).toBeLessThanOrEqual(2);
});

test('what cannot be drawn is told; a frame makes nothing that lasts, and nothing is left', async ({ run }) => {
  const expected = "it should be a Float32Array, GPUBuffer, GPUTexture or picture.\n - While reading input 'image'";
  const palette = 'it should be a list of colours, each 3 or 4 numbers from 0 to 1.';
  expect(await run('overlayErrors')).toEqual({
    messages: {
      'a canvas in use': "InputError: The canvas has another context than 'webgpu'.",
      'an element': 'InputError: The target is an HTMLParagraphElement; it should be a canvas or a GPUTexture.',
      'two colours': 'InputError: There are 2 colours for 1 classes.',
      'a byte': `InputError: The option 'colours' is [[255,0,0]]; ${palette}`,
      'too short': `InputError: The option 'colours' is [[0,1]]; ${palette}`,
      'a name': `InputError: The option 'colours' is ["red"]; ${palette}`,
      'another fit': 'InputError: The option \'fit\' is "crop"; it should be "cover" or "contain" or "fill".',
      'another size': 'InputError: The option \'size\' is "canvas"; it should be "picture".',
      'an unknown option': "InputError: There is no option 'color'; there are colours, fit, size.",
      'a texture without the usage': 'InputError: The texture lacks the usage RENDER_ATTACHMENT.',
      'a texture of whole numbers':
        'InputError: The texture\'s format is "rgba8uint"; it should be unorm, snorm or float.',
      'a texture with samples': "InputError: The texture's sampleCount is 4; it should be 1.",
      'a texture to be sized': "InputError: There is no option 'size' for a texture.",
      mode: 'InputError: The option \'mode\' is "both"; it should be "overlay" or "cutout".',
      opacity: "InputError: The option 'opacity' is 2; it should be a number from 0 to 1.",
      'an unknown option of draw': "InputError: There is no option 'alpha'; there are mode, opacity, input.",
      input: "InputError: The tensor has 3 elements; [1, 1, 6, 8] has 48.\n - While reading input 'image'",
      'an input that is none': `InputError: The input is "picture"; ${expected}`,
      'an image that is not loaded': expect.stringMatching(/^InputError: The HTMLImageElement has no pixels \(0 x 0\)/),
      'a video that is not loaded': expect.stringMatching(
        /^InputError: The HTMLVideoElement has no frame yet: wait for/,
      ),
      'a file': 'InputError: A picture is expected instead of a Blob.',
    },
    made: 0,
    empty: "InputError: The target's size is 0 x 6; it should be two positive integers.",
    destroyed: 'InputError: The overlay has been destroyed.',
    withoutNetwork: "InputError: The network 'colours' has been destroyed.",
    alive: [],
  });
});

test('an overlay outlives a restored network on its device, and tells of another one', async ({ run }) => {
  expect(await run('overlayOnNextDevice')).toEqual({
    same: true,
    lost: expect.stringMatching(/^DeviceLostError: The GPU device was lost: .+/),
    moved: 'InputError: The network has another device: make another overlay.',
    again: true,
  });
});
