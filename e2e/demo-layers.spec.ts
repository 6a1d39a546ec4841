// The view that looks into the running network, as built.
import type { Page } from 'playwright/test';
import { denseNet } from '../architectures/index.ts';
import { buildGraph } from '../engine/architecture.ts';
import { float32Tensors, safetensorsFile } from '../tests/safetensors-file.ts';
import { seededTensor } from '../tests/seeded.ts';
import { holdDevice, loseDevice } from './lose-device.ts';
import { pixelsOf } from './pixels.ts';
import { expect, test } from './test.ts';
import { answer, sample } from './try-it.ts';
import { wgslWords } from './wgsl-words.ts';

const GARMENTS = '?lang=en&network=separable&picture=fashion-mnist/0-t-shirt-a#layers';

const layer = (page: Page, name: string) => page.getByRole('button', { name: new RegExp(`^${name} ?[a-z]`) });
const allMaps = (page: Page) => page.locator('.maps-all canvas');
const drawn = (page: Page) => expect(allMaps(page)).toHaveAttribute('data-drawn', /[1-9]/);
const shader = (page: Page) => page.locator('.wgsl pre');
const channel = (page: Page) => page.locator('.maps-one figcaption');

/** Viridis at eighths of its length, from matplotlib's table. */
const VIRIDIS = ['440154', '472d7b', '3b528b', '2c728e', '21918c', '28ae80', '5ec962', 'addc30', 'fde725'].map((hex) =>
  [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)),
);

function viridis(share: number): number[] {
  const place = share * 8;
  const lower = Math.min(7, Math.floor(place));
  const [from, to] = [VIRIDIS[lower]!, VIRIDIS[lower + 1]!];
  return from.map((level, part) => level + (to[part]! - level) * (place - lower));
}

test('the maps are the values of the layer, in colours, and the code is the plan’s', async ({ page, run }) => {
  const { shape, values, ...kernel } = await run('layerOfModel', {
    card: '/demo/models/fashion-mnist-separable/card.json',
    picture: '/demo/samples/fashion-mnist/9-ankle-boot-a.png',
    layer: 'conv_pw_3',
  });
  const [channels, height, width] = shape as [number, number, number];
  expect([channels, height, width]).toEqual([32, 16, 16]);

  await page.goto('?lang=en&network=separable&picture=fashion-mnist/9-ankle-boot-a');
  await expect(answer(page)).toContainText('the data set calls it Ankle boot');
  await page.getByRole('link', { name: 'Layers' }).click();
  await drawn(page);
  await layer(page, 'conv_pw_3').click();
  await expect(page.getByText(`32 channels of 16 × 16.`)).toBeVisible();
  await expect(shader(page)).toBeHidden();
  await page.getByText('The code (WGSL)').click();
  await expect(shader(page)).toBeVisible();
  // The library's text has no spaces around operators; the page's has, for its readers.
  expect(wgslWords((await shader(page).textContent()) ?? '')).toBe(wgslWords(kernel.shader));
  const params = await page.locator('.params > div').evaluateAll((rows) => rows.map((row) => row.textContent));
  expect(params).toEqual(kernel.params.map(({ name, type, value }) => `${name} ${type}${value}`));
  await expect(page.getByText(`${kernel.workgroups.join(' × ')} = `)).toBeVisible();

  // The build leaves lines without indentation. What indents them must not move their numbers.
  const lines = await page.locator('.wgsl .line').evaluateAll((lines) =>
    lines.map((line) => ({
      padding: getComputedStyle(line).paddingLeft,
      behindNumber: Number.parseFloat(getComputedStyle(line, '::before').marginRight),
    })),
  );
  expect(new Set(lines.map(({ padding }) => padding))).toEqual(new Set(['0px']));
  expect(new Set(lines.map(({ behindNumber }) => behindNumber)).size).toBeGreaterThan(1);

  // Six columns, as many as rows and one more, with a pixel between the maps.
  await expect(allMaps(page)).toHaveAttribute('width', String(6 * 17 - 1));
  await page.addStyleTag({ content: '.maps-mark { display: none }' });
  const { rgba, width: side } = await pixelsOf(allMaps(page));
  const wrong: string[] = [];
  for (let channel = 0; channel < channels; channel++) {
    const map = values.slice(channel * height * width, (channel + 1) * height * width);
    const [least, most] = [Math.min(...map), Math.max(...map)];
    for (const [pixel, value] of map.entries()) {
      const x = (channel % 6) * 17 + (pixel % width);
      const y = Math.floor(channel / 6) * 17 + Math.floor(pixel / width);
      const expected = viridis(most > least ? (value - least) / (most - least) : 0);
      const actual = rgba.slice((y * side + x) * 4, (y * side + x) * 4 + 3);
      const apart = Math.max(...expected.map((level, part) => Math.abs(level - actual[part]!)));
      if (apart > 2) wrong.push(`channel ${channel} at ${pixel}: ${actual} instead of ${expected}`);
    }
  }
  expect(wrong.slice(0, 5)).toEqual([]);

  // A channel enlarged is the same map.
  await page.getByRole('application').press('ArrowDown');
  await page.getByRole('application').press('ArrowRight');
  await expect(channel(page)).toContainText('Channel 8');
  const one = await pixelsOf(page.locator('.maps-one canvas'));
  expect(one.width).toBe(width);
  // Under the pointer is the number itself, in three digits.
  const shown = page.locator('.maps-one canvas');
  const box = (await shown.boundingBox())!;
  await shown.hover({ position: { x: ((5 + 0.5) / width) * box.width, y: ((9 + 0.5) / height) * box.height } });
  const value = values[7 * width * height + 9 * width + 5]!;
  await expect(channel(page)).toContainText(
    `${new Intl.NumberFormat('en', { maximumSignificantDigits: 3 }).format(value)} at column 6, row 10`,
  );
  const row = (pixels: number[], at: number) => pixels.slice(at * 4, (at + width) * 4);
  for (let y = 0; y < height; y++) expect(row(one.rgba, y * width)).toEqual(row(rgba, (17 + y) * side + 17));
});

test('layers are chosen by keyboard, many channels come in pages, and numbers together', async ({ page }) => {
  await page.goto(GARMENTS);
  await drawn(page);
  await layer(page, 'conv1').focus();
  await page.keyboard.press('ArrowDown');
  await expect(layer(page, 'conv_dw_1')).toBeFocused();
  await expect(layer(page, 'conv_dw_1')).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByRole('heading', { name: /^conv_dw_1 / })).toBeVisible();

  await layer(page, 'conv_pw_13').click();
  await expect(page.getByText('1 of 4')).toBeVisible();
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(page.getByText('2 of 4')).toBeVisible();
  await expect(channel(page)).toContainText('Channel 65');
  await page.getByRole('application').press('End');
  await expect(channel(page)).toContainText('Channel 128');

  await layer(page, 'image').click();
  await expect(page.getByText('One channel of 64 × 64. The colours go from')).toBeVisible();

  await layer(page, 'probabilities')
    .or(page.getByRole('button', { name: /softmax$/ }))
    .click();
  await expect(page.getByText('10 channels of one number each.')).toBeVisible();
  await expect(page.getByText('All share one scale.')).toBeVisible();
  // The squares of the last layer have names.
  await expect(async () => {
    // Maps that have just come begin with their first channel.
    await page.getByRole('application').press('End');
    await expect(channel(page)).toContainText('Ankle boot', { timeout: 1000 });
  }).toPass();
  await expect(page.getByRole('table', { name: 'The largest, by class' }).getByRole('rowheader').first()).toHaveText(
    'T-shirt/top',
  );
});

const answers = (page: Page) => page.locator('.answer-classes li');

test('what is switched off changes the answer, and comes back', async ({ page }) => {
  await page.goto(GARMENTS);
  await drawn(page);
  await expect(answers(page).first()).toContainText('T-shirt/top');
  const before = await answers(page).allTextContents();

  // Three of this network's first eight filters have died in training: 2, 4 and 6 of the picture's maps are empty.
  await expect(
    page.getByText('3 of these 8 channels are the same everywhere (2, 4, 6).', { exact: false }),
  ).toBeVisible();
  await layer(page, 'conv_pw_4').click();
  await page.getByRole('button', { name: 'This layer: off' }).click();
  await expect(page.getByRole('button', { name: 'conv_pw_4: off' })).toBeVisible();
  await expect(answers(page).filter({ hasText: 'was' }).first()).toBeVisible();
  await expect(page.getByText('This layer is switched off.')).toBeVisible();
  // The switch tells the answer too.
  await expect(page.locator('.switches-answer')).toContainText(
    (await answers(page).first().locator('.answer-label').textContent())!,
  );
  await page.getByRole('slider', { name: 'Channel 1' }).fill('50');
  await page.getByRole('button', { name: 'Put everything back' }).click();
  await expect(page.getByRole('button', { name: 'conv_pw_4: off' })).toBeHidden();
  await expect.poll(() => answers(page).allTextContents()).toEqual(before);
});

test('the heat map is on the picture, and of the answer that is chosen', async ({ page }) => {
  await page.goto(GARMENTS);
  await drawn(page);
  const canvas = page.locator('.answer-picture canvas');
  await expect(canvas).toHaveAccessibleName(/^What speaks for “T-shirt\/top”: most of it is/);
  const first = await canvas.screenshot();
  await answers(page).nth(1).getByRole('button').click();
  await expect(canvas).not.toHaveAccessibleName(/T-shirt\/top/);
  expect((await canvas.screenshot()).equals(first)).toBe(false);
  await page.getByLabel('Why this answer').uncheck();
  await expect(canvas).toHaveAccessibleName('The part of the picture that the network sees');
});

test('a skip of the U-Net is switched off', async ({ page }) => {
  await page.goto(GARMENTS);
  await drawn(page);
  await page.getByRole('combobox', { name: 'Network' }).selectOption({ label: 'U-Net for drawings' });
  await expect(page.getByText(/^The mask covers/)).toBeVisible();
  const canvas = page.locator('.answer-picture canvas');
  const before = await canvas.screenshot();
  await layer(page, 'decoder1.dec1conv1').click();
  await page.getByRole('button', { name: 'the part from encoder1.enc1conv2: off' }).click();
  await expect(page.getByText('It agrees with the untouched network’s by', { exact: false })).toBeVisible();
  expect((await canvas.screenshot()).equals(before)).toBe(false);
});

test('after a lost device the maps and the answer come back', async ({ page }) => {
  await holdDevice(page);
  await page.goto(GARMENTS);
  await drawn(page);
  await expect(answers(page).first()).toContainText('T-shirt/top');
  await loseDevice(page);
  await expect(page.getByRole('alert')).toContainText('The GPU was taken away from this page');
  await expect(page.getByText('comes back with the GPU', { exact: false })).toBeVisible();
  await page.getByRole('button', { name: 'Start again' }).click();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await drawn(page);
  await page.getByRole('button', { name: 'This layer: off' }).click();
  await expect(answers(page).filter({ hasText: 'was' }).first()).toBeVisible();
});

const withoutGpu = (page: Page) =>
  page.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: undefined }));
const focusedRow = (page: Page) => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));

test('without WebGPU the diagram is there, and is walked by keyboard', async ({ page }) => {
  await withoutGpu(page);
  await page.goto('?lang=en&network=people#layers');
  // What only its file knows is read from there.
  await expect(layer(page, 'depthwise_conv2d')).toBeVisible();
  await expect(page.getByText('computing it needs WebGPU', { exact: false })).toBeVisible();

  await page.getByRole('combobox', { name: 'Network' }).selectOption({ label: 'GoogLeNet' });
  await expect(page.getByRole('heading', { name: 'GoogLeNet' })).toBeVisible();
  // The first module is open, the others are one row each.
  await layer(page, 'inception3a.branch3.1.conv').click();
  await expect(page.getByRole('button', { name: 'inception3b 6 layers' })).toHaveAttribute('aria-expanded', 'false');
  // Down and up along the line, past other branches; left and right to the next row.
  await page.keyboard.press('ArrowDown');
  expect(await focusedRow(page)).toBe('inception3b 6 layers');
  await page.keyboard.press('ArrowUp');
  expect(await focusedRow(page)).toMatch(/^inception3a.branch1.conv /);
  await page.keyboard.press('ArrowRight');
  expect(await focusedRow(page)).toMatch(/^inception3a.branch2.0.conv /);
  await page.keyboard.press('End');
  expect(await focusedRow(page)).toMatch(/^fc /);
  await page.getByRole('button', { name: 'inception3b 6 layers' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await expect(layer(page, 'inception3b.branch4.1.conv')).toBeVisible();
  expect(await focusedRow(page)).toBe('inception3b 6 layers');
  // One stop for the Tab key.
  expect(await page.locator('.layer-list button[tabindex="0"]').count()).toBe(1);
});

test('on a phone nothing is cut that cannot be scrolled to', async ({ page }) => {
  await withoutGpu(page);
  await page.setViewportSize({ width: 360, height: 740 });
  for (const language of ['en', 'ko']) {
    await page.goto(`?lang=${language}#layers`);
    for (const network of ['GoogLeNet', 'DenseNet-121', 'U-Net 256']) {
      await page.locator('.layers-network select').selectOption({ label: network });
      await expect(page.getByRole('heading', { name: network, exact: true })).toBeVisible();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    }
  }
});

test('another picture is drawn', async ({ page }) => {
  await page.goto(GARMENTS);
  await drawn(page);
  const before = await allMaps(page).screenshot();
  const count = Number(await allMaps(page).getAttribute('data-drawn'));
  await page.getByRole('link', { name: 'Try it' }).click();
  await sample(page, 'Bag, sample 1').click();
  await expect(answer(page)).toContainText('the data set calls it Bag');
  await page.getByRole('link', { name: 'Layers' }).click();
  await drawn(page);
  expect(count).toBeGreaterThan(0);
  expect((await allMaps(page).screenshot()).equals(before)).toBe(false);
});

test('a concatenation is told in words', async ({ page }) => {
  const options = { classes: 2, inputSize: [32, 32], growthRate: 4, inChannels: 1 } as const;
  const tensors = buildGraph(denseNet(options)).tensors.map(
    ({ name, shape }) => [name, { shape, data: seededTensor('layers', name, shape) }] as const,
  );
  const weights = safetensorsFile(float32Tensors(Object.fromEntries(tensors)));
  const card = {
    schema: 1,
    name: 'A small DenseNet',
    task: 'classification',
    architecture: 'denseNet',
    options,
    weights: { file: 'dense.safetensors' },
    preprocess: { fit: 'cover', mean: [0.5], std: [0.5] },
  };
  await page.goto('?lang=ko');
  await page.getByText('내 네트워크').click();
  await page
    .locator('.own input[type=file]')
    .first()
    .setInputFiles([
      { name: 'card.json', mimeType: '', buffer: Buffer.from(JSON.stringify(card)) },
      { name: 'dense.safetensors', mimeType: '', buffer: Buffer.from(weights) },
    ]);
  await expect(page.getByText('준비됐습니다: A small DenseNet')).toBeVisible();
  await page.locator('header a[href$="#layers"]').click();
  await expect(page.getByRole('heading', { name: 'A small DenseNet' })).toBeVisible();
  await drawn(page);
  // Eight channels of the stem, then four of each of six layers: those of the second are the fourth four.
  await layer(page, 'features.denseblock1.denselayer2.conv2').click();
  await expect(page.getByText('채널이 32개인 텐서의 13~16번 채널에 씁니다.', { exact: false })).toBeVisible();
  await expect(page.getByText('채널 4개, 크기는 8 × 8입니다.')).toBeVisible();
  await drawn(page);
});
