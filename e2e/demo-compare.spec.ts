// The view that compares all networks, as built.
import type { Page } from 'playwright/test';
import { mobileNetV2, resNeXt, uNet } from '../architectures/index.ts';
import { planFor } from '../engine/compile.ts';
import { summarizePlan } from '../engine/plan/format.ts';
import { pixelsOf } from './pixels.ts';
import { expect, test } from './test.ts';
import { timmCheckpoint } from './timm-checkpoint.ts';
import { answer } from './try-it.ts';

const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
const cells = async (page: Page, name: string) => {
  await expect(row(page, name)).toBeVisible();
  return row(page, name).locator('td').allTextContents();
};
const names = (page: Page) => page.locator('.network-table tbody th').allTextContents();

/** As a person writes it: three figures, no zeros behind them. */
const rounded = (value: number) => String(Number(value.toPrecision(3)));
const mebibytes = (bytes: number) => `${rounded(bytes / 2 ** 20)} MiB`;

for (const [name, architecture] of [
  ['MobileNet v2', mobileNetV2()],
  ['ResNeXt-50 32x4d', resNeXt()],
  ['U-Net 256', uNet()],
] as const) {
  test(`the numbers of ${name} are its plan's`, async ({ page }) => {
    await page.goto('#compare');
    const cost = summarizePlan(planFor(architecture));
    const unit = cost.macs < 1e9 ? 'M' : 'G';
    const [, , macs, parameters, ...rest] = await cells(page, name);
    expect(macs).toBe(rounded(cost.macs / (unit === 'M' ? 1e6 : 1e9)) + unit);
    expect(parameters).toBe(`${rounded(cost.parameters / 1e6)}M`);
    expect(rest.slice(0, 5)).toEqual([
      mebibytes(cost.activationBytes),
      mebibytes(cost.separateBytes),
      mebibytes(cost.weightBytes),
      String(cost.dispatches),
      String(cost.pipelines),
    ]);
  });
}

test('a heading sorts the table, up and down, and what has no value stays last', async ({ page }) => {
  await page.goto('#compare');
  await expect(row(page, 'VGG-16')).toBeVisible();
  expect((await names(page)).at(-1)).toBe('VGG-16');
  const column = page.getByRole('columnheader', { name: 'Top-1' });
  await column.getByRole('button').click();
  await expect(column).toHaveAttribute('aria-sort', 'descending');
  const best = await names(page);
  expect([best[0], best.at(-2), best.at(-1)]).toEqual(['ResNeXt-50 32x4d', 'AlexNet', 'U-Net 256']);
  await column.getByRole('button').press('Enter');
  await expect(column).toHaveAttribute('aria-sort', 'ascending');
  const worst = await names(page);
  expect([worst[0], worst.at(-1)]).toEqual(['AlexNet', 'U-Net 256']);
});

/** Leaves one network ticked. */
async function choose(page: Page, wanted: string): Promise<void> {
  await expect(row(page, wanted)).toBeVisible();
  for (const box of await page.locator('.network-table').getByRole('checkbox').all()) {
    await box.setChecked((await box.getAttribute('aria-label')) === `Measure ${wanted}`);
  }
}

test('ticked networks are measured, one after another, and a measurement can be cancelled', async ({ page }) => {
  await page.goto('#compare');
  await choose(page, 'MobileNet v3 small');
  await page.getByRole('button', { name: 'Measure the ticked networks' }).click();
  const time = (name: string) => row(page, name).locator('td').last();
  await expect(time('MobileNet v3 small')).toHaveText(/^[\d.,]+ ms$/);
  await expect(time('MobileNet v2')).toHaveText('');
  await expect(page.getByRole('note')).toContainText('software adapter');
  // In the figure there is as much as was measured, against the time; the other axis can be had back.
  const names = page.getByRole('img', { name: 'Accuracy against cost' }).locator('.figure-label text');
  await expect(names).toHaveText(['MobileNet v3 small']);
  await page.getByRole('radio', { name: 'Multiply-adds' }).check();
  await expect(names).toHaveCount(11);

  await page.getByRole('checkbox', { name: 'Measure MobileNet v2' }).check();
  await page.getByRole('button', { name: 'Measure the ticked networks' }).click();
  await expect(time('MobileNet v2')).toHaveText('waiting');
  await expect(page.getByRole('status').filter({ hasText: /^1 of 2$/ })).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeHidden();
  await expect(time('MobileNet v2')).toHaveText('');
  await expect(page.getByRole('button', { name: 'Measure the ticked networks' })).toBeEnabled();
});

test('the table is copied as comma-separated values', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto('?lang=en#compare');
  await page.getByRole('button', { name: 'Copy as CSV' }).click();
  await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
  const lines = (await page.evaluate(() => navigator.clipboard.readText())).trim().split('\n');
  expect(lines[0]).toBe(
    'network,top1,macs,parameters,activation_bytes,activation_bytes_unshared,weight_bytes,dispatches,pipelines,median_ms,runs',
  );
  const { macs, parameters, activationBytes } = summarizePlan(planFor(mobileNetV2()));
  expect(lines.find((line) => line.startsWith('MobileNet v2,'))).toContain(
    `MobileNet v2,0.71878,${macs},${parameters},${activationBytes},`,
  );
  expect(lines.every((line) => line.split(',').length === 11)).toBe(true);
});

test('a phone has cards, the time first, and sorts them', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto('?lang=en#compare');
  const cards = page.locator('.network-cards li');
  await expect(cards).toHaveCount(12);
  await expect(page.locator('.network-table')).toHaveCount(0);
  await page.getByRole('combobox', { name: 'Sort by' }).selectOption('Top-1');
  await expect(cards.first()).toContainText('ResNeXt-50 32x4d');
  for (const card of await cards.all()) {
    await card.getByRole('checkbox').setChecked(/^MobileNet v3 small/.test((await card.textContent())?.trim() ?? ''));
  }
  await page.getByRole('button', { name: 'Measure the ticked networks' }).click();
  await expect(cards.filter({ hasText: 'MobileNet v3 small' }).locator('.network-time')).toHaveText(/^[\d.,]+ ms$/);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
});

test('large weights are not measured without being asked for', async ({ page }) => {
  await page.goto('#compare');
  await expect(page.getByRole('checkbox', { name: 'Measure VGG-16' })).not.toBeChecked();
  await expect(page.getByRole('checkbox', { name: 'Measure MobileNet v1' })).toBeChecked();
});

const answersIn = (page: Page) => page.getByRole('region', { name: 'On one picture' }).locator('tbody tr');

test('the trained networks answer about the picture that was chosen', async ({ page }) => {
  await page.goto('?lang=en&network=separable&picture=fashion-mnist/9-ankle-boot-a');
  await expect(answer(page)).toContainText('the data set calls it Ankle boot');
  await page.getByRole('link', { name: 'Compare' }).click();
  await expect(answersIn(page)).toHaveCount(4);
  for (const name of ['Separable convolutions', 'Standard convolutions']) {
    await expect(answersIn(page).filter({ hasText: name })).toContainText(/Ankle boot.*%.*ms/);
  }
});

test('segmenters show their masks on the picture, and other networks answer beside them', async ({ page }) => {
  await page.goto('?lang=en&picture=photos/astronaut');
  await expect(answer(page)).toContainText('A person');
  await page.getByRole('link', { name: 'Compare' }).click();
  const people = answersIn(page).filter({ hasText: 'MediaPipe selfie segmentation' });
  await expect(people).toContainText(/A person, on 5\d% of the picture.*ms/);
  await expect(answersIn(page).filter({ hasText: 'Standard convolutions' })).toContainText('ten grey garments');
  const drawings = answersIn(page).filter({ hasText: 'U-Net for drawings' });
  await expect(drawings.getByRole('img')).toBeVisible();
  await expect(drawings).toContainText('This network knows drawings and nothing else.');
  const { width, rgba } = await pixelsOf(people.getByRole('img'));
  /** Of the mask's colour there is more red and blue than green. */
  const magenta = (x: number, y: number) => {
    const [red = 0, green = 0, blue = 0] = rgba.slice(4 * (y * width + x));
    return Math.min(red, blue) - green;
  };
  const height = rgba.length / 4 / width;
  // On the suit, and on the flag behind it.
  expect(magenta(Math.round(width / 2), Math.round(0.9 * height))).toBeGreaterThan(40);
  expect(magenta(Math.round(0.05 * width), Math.round(0.4 * height))).toBeLessThan(40);
});

test('a network that was kept from elsewhere answers too, and is not downloaded again', async ({ page }) => {
  const requests: string[] = [];
  await page.route('https://huggingface.co/**', async (route) => {
    requests.push(route.request().url());
    await route.fulfill({
      headers: { 'access-control-allow-origin': '*' },
      body: Buffer.from(timmCheckpoint()),
    });
  });
  const small = answersIn(page).filter({ hasText: 'MobileNet v3 small 1.0 224' });
  await page.goto('?lang=en&picture=photos/cat#compare');
  // Nothing there is blank meanwhile.
  await expect(page.getByText('Making the networks ready …')).toBeVisible();
  await expect(answersIn(page)).toHaveCount(4);
  await expect(page.getByText(/ready …|answered …/)).toHaveCount(0);
  await expect(small).toHaveCount(0);

  await page.getByRole('link', { name: 'Try it' }).click();
  await page.getByText('Three other MobileNets').click();
  await page
    .locator('.card')
    .getByRole('button', { name: /^MobileNet v3 small/ })
    .click();
  await expect(page.getByRole('status')).toHaveText(/MobileNet v3 small.* is ready/);
  await page.getByRole('link', { name: 'Compare' }).click();
  await expect(small).toContainText(/%.*ms/);
  await page.reload();
  await expect(small).toContainText(/%.*ms/);
  expect(requests).toHaveLength(1);
});

test('the figures name every classifier, and nothing overflows a phone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 800 });
  await page.goto('?lang=ko#compare');
  const figure = page.getByRole('img', { name: '비용과 정확도' });
  await expect(figure.getByText('ResNet-50', { exact: true })).toBeVisible();
  const boxes = await figure.locator('.figure-label text').evaluateAll((labels) =>
    labels.map((label) => {
      const { left, right, top, bottom } = label.getBoundingClientRect();
      return { left, right, top: top + 3, bottom: bottom - 3, name: label.textContent };
    }),
  );
  expect(boxes).toHaveLength(11);
  for (const a of boxes) {
    expect(a.left, `${a.name} at the left edge`).toBeGreaterThanOrEqual(0);
    expect(a.right, `${a.name} at the right edge`).toBeLessThanOrEqual(390);
    for (const b of boxes) {
      const apart = a === b || a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
      expect(apart, `${a.name} and ${b.name}`).toBe(true);
    }
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});
