// What the trained networks' nodes show: a picture in each, other ones for another layer and another sample.
import type { Page } from 'playwright/test';
import { expect, test } from './test.ts';

const learned = (page: Page, name: string) => page.getByRole('region', { name });
const pictures = (page: Page, name: string) =>
  learned(page, name)
    .locator('svg .node image, svg .trained-node:not(.filter) image')
    .evaluateAll((images) => images.map((image) => image.getAttribute('href')));

for (const [view, heading, nodes, choice, accuracy] of [
  ['why-mobilenet', 'What the two steps have learned', 11, 'Separable layer', undefined],
  ['why-densenet', 'What layers have learned', 6, 'Its block', '92.4%'],
  ['why-resnext', 'What paths have learned', 10, 'Stage', '92.4%'],
] as const) {
  for (const hasGpu of [true, false]) {
    test(`each node of ${view} has its own picture of each sample, ${hasGpu ? 'with' : 'without'} a GPU`, async ({
      page,
    }) => {
      if (!hasGpu) await page.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: undefined }));
      const cards: string[] = [];
      page.on('request', (request) => {
        if (request.url().endsWith(`/fashion-mnist-${view.slice('why-'.length)}/card.json`)) cards.push(request.url());
      });
      await page.goto(`?lang=en#${view}`);
      const section = learned(page, heading);
      await expect.poll(async () => (await pictures(page, heading)).length).toBe(nodes);
      const ofBoot = await pictures(page, heading);
      expect(new Set(ofBoot).size).toBe(nodes);
      // Of the first one alone there are maps that nobody computed beforehand.
      await section.getByRole('radio', { name: hasGpu ? 'Dress' : 'Trouser' }).check({ force: true });
      await expect.poll(() => pictures(page, heading)).not.toEqual(ofBoot);
      // Try it offers the separable network, too.
      if (view !== 'why-mobilenet') expect(cards).toHaveLength(1);
      const ofOther = await pictures(page, heading);
      for (const [node, picture] of ofOther.entries()) expect(picture, `node ${node}`).not.toBe(ofBoot[node]);
      await section.getByRole('combobox', { name: choice }).selectOption('3');
      const ofLast = await pictures(page, heading);
      expect(ofLast.filter((picture) => ofOther.includes(picture))).toEqual([]);
      await expect(section.getByRole('radio')).toHaveCount(hasGpu ? 10 : 4);
      if (accuracy) await expect(section.getByText(accuracy)).toBeVisible();
      await expect(section.getByText('Without WebGPU')).toHaveCount(hasGpu ? 0 : 1);
    });
  }
}

test('a layer is chosen by its node, and shows all that it adds', async ({ page }) => {
  await page.goto('?lang=en#why-densenet');
  const section = learned(page, 'What layers have learned');
  const all = section.locator('.trained-maps img');
  await expect(all).toHaveCount(8);
  const ofLast = await all.evaluateAll((images) => images.map((image) => image.getAttribute('src')));
  await section.locator('.node').nth(2).click();
  await expect(section.getByRole('slider', { name: 'Layer that reads' })).toHaveAttribute('aria-valuetext', '2');
  await expect(section.getByText('Layer 2 reads most strongly layer 1.')).toBeVisible();
  expect(await all.evaluateAll((images) => images.map((image) => image.getAttribute('src')))).not.toEqual(ofLast);
  // Wider where the weights are stronger: 0.0976 of layer 1, 0.0878 of the input.
  const widths = await section
    .locator('path.now')
    .evaluateAll((lines) => lines.map((line) => Number.parseFloat(getComputedStyle(line).strokeWidth)));
  expect(widths).toHaveLength(2);
  expect(widths[0]! / widths[1]!).toBeCloseTo((0.5 + (5.5 * 0.087841) / 0.097624) / 6, 2);
});

test('a filter is drawn as its weights are, and a line as what the map takes', async ({ page }) => {
  await page.goto('?lang=en#why-mobilenet');
  const section = learned(page, 'What the two steps have learned');
  const filters = section.locator('.filter image');
  await expect(filters).toHaveCount(5);
  // The second one's middle row is -0.4, -0.63 and 1.04: blue, bluer, and the strongest red.
  const middle = await filters.nth(1).evaluate(async (image) => {
    const picture = new Image();
    picture.src = image.getAttribute('href')!;
    await picture.decode();
    const context = new OffscreenCanvas(3, 3).getContext('2d')!;
    context.drawImage(picture, 0, 0);
    const { data } = context.getImageData(0, 1, 3, 1);
    return [0, 4, 8].map((at) => ({ isRed: data[at]! > data[at + 2]!, alpha: data[at + 3]! }));
  });
  expect(middle.map(({ isRed }) => isRed)).toEqual([false, false, true]);
  expect(middle[0]!.alpha).toBeLessThan(middle[1]!.alpha);
  expect(middle[2]!.alpha).toBe(255);
  // It takes -0.59, 0.16, 0.99, -0.06 and 0.73 of the channels.
  await expect(section.locator('path.adds')).toHaveCount(3);
  await expect(section.locator('path.takes-away')).toHaveCount(2);
});
