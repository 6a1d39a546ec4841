// A camera's frames flow through a network to a canvas: what is drawn, what it costs, and how it ends.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from './test.ts';

/** The parts of a colour are off by at most this: a video stores colours as luma and differences from it. */
const LEVELS = 14;

const isNear = (found: readonly number[], expected: readonly number[], levels = LEVELS) =>
  found.every((part, index) => Math.abs(part - expected[index]!) <= levels);

const white = [255, 255, 255, 255];
const blue = [0, 0, 255, 255];
const dark = [40, 40, 40, 255];

/** Which of the colours at the corners are not those expected. */
const wrongCorners = (found: readonly number[][] | undefined, expected: readonly number[][]) =>
  expected.flatMap((colour, index) => (isNear(found?.[index] ?? [], colour) && found ? [] : [[index, found?.[index]]]));

const inputs = ['video', 'track', 'slow'] as const;
const stored = ['upright', 'turned', 'over', 'mirrored', 'cropped', 'anamorphic'] as const;
const outputs = ['canvas', 'shown', 'untouched'] as const;
for (const way of [...inputs, ...stored, ...outputs]) {
  test(`a marked corner stays where it is: ${way}`, async ({ run, gpuBrowser }) => {
    test.skip(way === 'track' && gpuBrowser === 'firefox', 'Firefox has no MediaStreamTrackProcessor');
    const corners = await run('streamCorner', { way });
    const rest = way === 'untouched' ? dark : blue;
    expect(wrongCorners(corners, [white, rest, rest, rest])).toEqual([]);
  });
}

for (const to of ['canvas', 'track'] as const) {
  test(`a worker draws to a ${to} of the page`, async ({ run, gpuBrowser }) => {
    test.skip(to === 'track' && gpuBrowser === 'firefox', 'Firefox has no MediaStreamTrackGenerator');
    const { drawn, corners, ended, has } = await run('streamInWorker', { to });
    expect(has || to === 'canvas').toBe(true);
    expect(drawn).toBe('drawn');
    expect(wrongCorners(corners, [white, blue, blue, blue])).toEqual([]);
    expect(ended).toBe('ended');
  });
}

test('frames of another size are drawn at that size', async ({ run }) => {
  const { corners, sizes } = await run('streamResized');
  expect(wrongCorners(corners, [white, blue, blue, blue])).toEqual([]);
  expect(sizes).toEqual(['96 x 72 on 96 x 72', '60 x 100 on 60 x 100']);
});

test('two streams have one network', async ({ run }) => {
  const { first, second } = await run('streamTwice');
  expect(wrongCorners(first, [white, blue, blue, blue])).toEqual([]);
  expect(wrongCorners(second, [blue, blue, blue, white])).toEqual([]);
});

test('a canvas shows half of what is behind it, of a video that has its first frame later', async ({ run }) => {
  const green = [0, 255, 0, 128];
  expect(wrongCorners(await run('streamCanvas'), [white, green, green, green])).toEqual([]);
});

test('a video that says late that it has a frame is drawn when it does', async ({ run }) => {
  const { early, corners } = await run('streamEarly');
  expect(early).toBe(0);
  expect(wrongCorners(corners, [white, blue, blue, blue])).toEqual([]);
});

for (const matrix of ['bt709', 'smpte170m'] as const) {
  for (const fullRange of [false, true]) {
    test(`a camera's colours are what they are: ${matrix}, ${fullRange ? 'full' : 'limited'} range`, async ({
      run,
    }) => {
      const colour = [200, 60, 90];
      const drawn = await run('streamColours', { matrix, fullRange, colour });
      // Of the other matrix green would be off by 20, of the other range by 12.
      expect(isNear(drawn, [...colour, 255], 4) || drawn).toBe(true);
    });
  }
}

for (const kind of ['blur', 'cutout', 'colours'] as const) {
  test(`a frame is one submission, and nothing is read, written or made: ${kind}`, async ({ run }) => {
    const { frames, submits, copies, imports, size, ...rest } = await run('streamCounts', { effect: { kind } });
    expect(frames).toBeGreaterThanOrEqual(8);
    expect(size).toEqual([640, 480]);
    // One may be under way when counting begins, and one when it ends.
    expect(Math.abs(submits - frames)).toBeLessThanOrEqual(1);
    // A browser that imports no frames has them copied, each once.
    if (imports) expect(copies).toBe(0);
    else expect(Math.abs(copies - frames)).toBeLessThanOrEqual(1);
    expect(rest).toEqual({ writes: 0, reads: 0, made: 0 });
  });
}

test("the mask's edge is the picture's, though the network sees 64 x 48 pixels", async ({ run }) => {
  const { wrong, step, inside } = await run('streamEdge');
  console.log(
    `Wrong beside the edge: ${(100 * wrong).toFixed(2)} % of the pixels; inside ${inside.toFixed(3)} of what is.`,
  );
  expect(wrong).toBeLessThan(0.01);
  // A pixel of the network's is five of the picture's, and interpolated between two of these it would be a fifth.
  expect(step).toBeGreaterThan(0.5);
  expect(Math.abs(inside - 1)).toBeLessThan(0.02);
});

test('noise moves the drawn mask less than a third as much as the mask of the network', async ({ run }) => {
  const { raw, drawn } = await run('streamNoise');
  console.log(`From frame to frame: ${raw.toFixed(4)} as the network has it, ${drawn.toFixed(4)} as it is drawn.`);
  expect(raw).toBeGreaterThan(0.01);
  expect(drawn).toBeLessThan(raw / 3);
});

test('effects', async ({ run }) => {
  const effects = await run('streamEffects');
  const bright = [220, 210, 200, 255];
  const expected: Record<string, readonly [left: number[], right: number[]]> = {
    none: [bright, [60, 50, 40, 255]],
    cutout: [bright, [0, 0, 0, 0]],
    behind: [
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ],
    colour: [bright, [0, 128, 0, 128]],
    picture: [bright, [40, 40, 40, 255]],
    colours: [
      [238, 105, 100, 255],
      [60, 50, 40, 255],
    ],
    blur: [bright, [60, 50, 40, 255]],
    checks: [
      [240, 240, 240, 255],
      [80, 80, 80, 255],
    ],
    'checks, blurred': [
      [240, 240, 240, 255],
      [50, 50, 50, 255],
    ],
  };
  const wrong = Object.entries(expected).flatMap(([name, [left, right]]) => {
    const found = effects[name as keyof typeof effects];
    const isRight = isNear(found.left, left) && (name === 'checks' || isNear(found.right, right));
    return isRight ? [] : [{ name, ...found }];
  });
  expect(wrong).toEqual([]);
  // What is in front is no part of the blurred background: else a quarter of this would be the bright half's.
  expect(isNear(effects.blur.beside, [60, 50, 40, 255]) || effects.blur.beside).toBe(true);
  const [light = 0] = effects.checks.right;
  expect(light < 40 || light > 60).toBe(true);
});

test('a stream shows the video until its model is there, pauses when hidden, and frees all at its end', async ({
  run,
}) => {
  const { before, left, framesPerSecond, milliseconds, ...rest } = await run('streamLife');
  // The last one may not have been read.
  expect(left).toBeLessThanOrEqual(1);
  expect(new Set(before)).toEqual(new Set([false]));
  expect(framesPerSecond).toBeGreaterThan(1);
  expect(milliseconds).toBeGreaterThan(0);
  expect(rest).toEqual({
    refused: expect.stringMatching(/^InputError: The HTMLImageElement has no pixels/),
    misspelt: expect.stringMatching(/^InputError: There is no option 'radios'; there are kind, radius,/),
    whileHidden: 0,
    afterwards: 0,
    alive: [],
    track: 'ended',
    size: [96, 72],
  });
});

test('after a lost device the stream goes on', async ({ run }) => {
  expect(await run('streamLost')).toEqual({ own: true, app: true });
});

test('a classifier looks at some of the frames, and all of them are drawn', async ({ run }) => {
  const { found, reads, elapsed, refused, colour } = await run('streamClasses');
  expect(found?.map(([label]) => label)).toEqual(['left', 'right']);
  // The halves differ by 0.96; an eighth of each of the two pixels is the other half's: e^0.72 / (e^0.72 + 1).
  expect(Math.abs((found?.[0]?.[1] as number) - 0.67)).toBeLessThan(0.02);
  // It looks every 200 ms, and the test itself reads a picture.
  expect(reads).toBeLessThanOrEqual(elapsed / 200 + 2);
  expect(refused).toBe("InputError: A classifier has no effect 'blur'.");
  expect(isNear(colour, [250, 250, 250, 255])).toBe(true);
});

test('a frame tells the times of its stages', async ({ run }) => {
  const { has, stages, milliseconds } = await run('streamTimes');
  test.skip(!has, 'the device has no timestamps');
  expect(Object.keys(stages ?? {})).toEqual(['picture', 'network', 'mask', 'drawing']);
  const times = Object.values(stages ?? {});
  expect(Math.min(...times)).toBeGreaterThanOrEqual(0);
  expect(times.reduce((sum, time) => sum + time, 0)).toBeLessThanOrEqual(milliseconds);
});

test('what cannot be streamed is told', async ({ run }) => {
  expect(await run('streamErrors')).toEqual({
    'an unknown option': "InputError: There is no option 'effects'; there are model, effect, signal, onFrame, timing.",
    'another effect':
      'InputError: The option \'kind\' is "sepia"; it should be "none" or "blur" or "replace" or "cutout" or "colours".',
    'a background that is none': 'InputError: A picture is expected instead of "blue".',
    'two colours': 'InputError: There are 2 colours for 1 classes.',
    'no source': 'InputError: Frames cannot be taken from "camera" here: give a video or a stream of frames.',
    'no model': "InputError: The model is an Object; it should be what 'loadModel' gives.",
    'a model that fails': 'RangeError: no such model',
    'no mask': expect.stringMatching(/^ArchitectureError: The output 'mask' of 'flat' is \[1, 16\]; it should be/),
    'a canvas in use': "InputError: The canvas has another context than 'webgpu'.",
    'a signal that has ended': 'no error',
    'a closed frame': expect.stringMatching(/^InputError: The VideoFrame has no pixels \(0 x 0\)/),
    destroyed: "InputError: The network 'brightness' has been destroyed.",
  });
});

const folder = fileURLToPath(new URL('../../shared/models/person-segmenter/', import.meta.url));

const meanError = (found: Float32Array, expected: Float32Array) =>
  expected.reduce((sum, value, index) => sum + Math.abs(value - (found[index] ?? Number.NaN)), 0) / expected.length;

for (const scale of [1, 2.5]) {
  test(`the person's mask is the reference's, at ${scale} times the network's size`, { tag: '@core' }, async ({
    run,
  }) => {
    const file = `${folder}expected/astronaut-landscape.144x256.f32`;
    test.skip(!existsSync(file), 'the masks of the person segmenter are not here');
    const bytes = readFileSync(file);
    const reference = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    const { width, height, alphas, own } = await run('streamPerson', {
      file: '/mediapipe/selfie_segmentation_landscape.tflite',
      picture: '/models/person-segmenter/inputs/astronaut-landscape.png',
      scale,
    });
    expect([width, height]).toEqual([256 * scale, 144 * scale]);
    // LiteRT.js's is of the network's size; brought to another one, our network's own is compared.
    const mean = meanError(alphas, scale === 1 ? reference : own);
    console.log(`The drawn mask is off by ${mean.toFixed(4)} on average.`);
    // The mean of lines over wider windows would make 0.0089 of it.
    expect(mean).toBeLessThanOrEqual(0.007);
    expect(meanError(own, reference) <= 0.001 || scale !== 1).toBe(true);
  });
}
