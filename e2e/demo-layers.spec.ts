// The view that looks into the running network, as built.
import type { Page } from 'playwright/test';
import { denseNet } from '../architectures/index.ts';
import { buildGraph } from '../engine/architecture.ts';
import { float32Tensors, safetensorsFile } from '../tests/safetensors-file.ts';
import { seededTensor } from '../tests/seeded.ts';
import { pixelsOf } from './pixels.ts';
import { expect as expectSoon, test } from './test.ts';
import { answer, sample } from './try-it.ts';
import { wgslWords } from './wgsl-words.ts';

const expect = expectSoon.configure({ timeout: 30_000 });

const layer = (page: Page, name: string) => page.getByRole('button', { name: new RegExp(`^${name} ?[a-z]`) });
const allMaps = (page: Page) => page.locator('.maps-all canvas');
const drawn = (page: Page) => expect(allMaps(page)).toHaveAttribute('data-drawn', /[1-9]/);
const shader = (page: Page) => page.locator('.wgsl pre');

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
  await expect(page.getByText('Channel 8', { exact: true })).toBeVisible();
  const one = await pixelsOf(page.locator('.maps-one canvas'));
  expect(one.width).toBe(width);
  const row = (pixels: number[], at: number) => pixels.slice(at * 4, (at + width) * 4);
  for (let y = 0; y < height; y++) expect(row(one.rgba, y * width)).toEqual(row(rgba, (17 + y) * side + 17));
});

test('layers are chosen by keyboard, many channels come in pages, and numbers together', async ({ page }) => {
  await page.goto('?lang=en&network=separable#layers');
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
  await expect(page.getByText('Channel 65', { exact: true })).toBeVisible();
  await page.getByRole('application').press('End');
  await expect(page.getByText('Channel 128', { exact: true })).toBeVisible();

  await layer(page, 'image').click();
  await expect(page.getByText('One channel of 64 × 64. The colours go from')).toBeVisible();

  await page.keyboard.press('Tab');
  await layer(page, 'probabilities')
    .or(page.getByRole('button', { name: /softmax$/ }))
    .click();
  await expect(page.getByText('10 channels of one number each.')).toBeVisible();
  await expect(page.getByText('All share one scale.')).toBeVisible();
});

test('another picture is drawn', async ({ page }) => {
  await page.goto('?lang=en&network=separable#layers');
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
