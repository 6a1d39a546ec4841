// Networks that others have trained, through a model card: the guesses for photographs are those of the reference, and
// so are the vessels of a retina.
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { UNetOptions } from '../architectures/unet.ts';
import { expect, test } from './test.ts';

const models = fileURLToPath(new URL('../../shared/models/', import.meta.url));

for (const folder of ['mobilenet-v1-0.25-224', 'mobilenet-v2-224-u8']) {
  test(`${folder} knows the photographs`, async ({ run }) => {
    const file = `${models}${folder}/expected.json`;
    test.skip(!existsSync(file), 'the trained networks of others are not here');
    const expected: Record<string, { class: number; label: string; probability: number }[]> = JSON.parse(
      readFileSync(file, 'utf8'),
    );
    const { labels, stages, guesses } = await run('classifyPictures', {
      folder: `/models/${folder}`,
      pictures: Object.keys(expected),
    });
    expect(labels).toBeGreaterThanOrEqual(1000);
    // Pipelines are compiled while the weights arrive.
    expect(stages.filter((stage) => stage !== 'compile')).toEqual(['card', 'weights', 'upload']);
    expect(stages.indexOf('compile')).toBeGreaterThan(0);
    for (const [picture, [best]] of Object.entries(expected)) {
      expect(guesses[picture], picture).toHaveLength(3);
      expect(guesses[picture]?.[0], picture).toMatchObject({ class: best?.class, label: best?.label });
      const off = (guesses[picture]?.[0]?.probability ?? 0) - (best?.probability ?? 0);
      expect(Math.abs(off), picture).toBeLessThanOrEqual(0.01);
    }
  });
}

test('retina-unet finds the vessels @core', async ({ run }) => {
  const folder = `${models}retina-unet/`;
  test.skip(!existsSync(`${folder}model.json`), 'the trained networks of others are not here');
  const [height, width] = [288, 320];
  const bytes = readFileSync(`${folder}vessels.288x320.f32`);
  const expected = new Float32Array(bytes.buffer, bytes.byteOffset, height * width);
  const { probabilities, classes, ...rest } = await run('segmentTensor', {
    folder: '/models/retina-unet',
    inputSize: [height, width],
    tensor: 'input.1x1x288x320.f32',
  });
  expect(rest).toEqual({ labels: ['background', 'vessel'], width, height });
  const vessels = probabilities.slice(height * width);
  expect(vessels).toHaveLength(expected.length);
  const worst = expected.reduce((most, value, index) => Math.max(most, Math.abs(value - (vessels[index] ?? 9))), 0);
  console.log(`The vessel probability is off by at most ${worst}.`);
  expect(worst).toBeLessThanOrEqual(1e-3);
  const wrong = classes.filter((found, index) => found !== Number((vessels[index] as number) > 0.5));
  expect(wrong).toEqual([]);
});

test('a device that is to come is awaited after the card', async ({ run }) => {
  const { before, isThere, never } = await run('loadForDeviceToCome');
  expect(before).toContain('card');
  expect(before).not.toContain('compile');
  expect(isThere).toBe(true);
  expect(never).toBe('RangeError: no device');
});

test('a model has the method of its task; in JavaScript the other one says so', async ({ run }) => {
  const refused = (name: string, task: string, method: string) =>
    `InputError: The model '${name}' is for ${task}: call \`${method}\`.`;
  expect(await run('callForAnotherTask')).toEqual({
    segmenter: 'segmentation: 37 x 23, 851',
    classifier: 'classification: 5',
    classify: refused('U-Net 8 128, 300 drawings', 'segmentation', 'segment'),
    segment: expect.stringMatching(/^InputError: The model '.+' is for classification: call `classify`\.$/),
    destroyed: expect.stringMatching(/^InputError: The network '.+' has been destroyed\.$/),
  });
});

const scores: [string, UNetOptions, known: number, outputs: string[]][] = [
  [
    'of three classes become their softmax',
    { classes: 3, output: 'none', inputSize: [16, 24] },
    384,
    ['mask', 'probabilities'],
  ],
  [
    'of one class become their sigmoid',
    { classes: 1, output: 'none', inputSize: [16, 24] },
    384,
    ['mask', 'probabilities'],
  ],
  [
    'without padding are of the middle',
    { variant: 'paper', depth: 1, inputSize: [40, 48] },
    24 * 32,
    ['mask', 'probabilities'],
  ],
];
for (const [name, options, known, outputs] of scores) {
  test(`scores ${name}`, async ({ run }) => {
    const result = await run('segmentScores', { options: { features: 3, depth: 2, ...options } });
    expect(result).toEqual({ worst: expect.any(Number), known, outputs });
    expect(result.worst).toBeLessThanOrEqual(1e-5);
  });
}

test('a network beyond the limits of the device is told before its weights are fetched', async ({ run }) => {
  const { outcome, fetched } = await run('loadTooLarge');
  expect(outcome).toMatch(
    /^UnsupportedError: '.+' of 'vgg-16' takes \d+ bytes; the device binds at most 1048576 at once/,
  );
  expect(fetched).toEqual([]);
});

test('a TFLite file gives the same mask by its address, as a Blob, by a card, and converted', async ({ run }) => {
  const { range, apart } = await run('loadFiles');
  expect(range).toBeGreaterThan(0.01);
  expect(apart).toEqual({ blob: 0, card: 0, converted: 0 });
});
