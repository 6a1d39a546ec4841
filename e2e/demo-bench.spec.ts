// The page that measures networks on a visitor's machine, as built.
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { mobileNetV3 } from '../architectures/index.ts';
import type { Report } from '../demo/bench/measure.ts';
import { planFor } from '../engine/compile.ts';
import { expect, test } from './test.ts';

/** Leaves one network ticked. */
async function choose(page: Page, wanted: string): Promise<void> {
  for (const box of await page.getByRole('checkbox').all()) await box.setChecked(false);
  await page.getByRole('checkbox', { name: wanted, exact: true }).check();
}

test('a network is measured kernel by kernel, and the numbers are saved', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto('bench.html?lang=en');
  await expect(page).toHaveTitle('Bench · Linnet');
  await choose(page, 'MobileNet v3 small');
  await page.getByRole('button', { name: 'Measure' }).click();
  await expect(page.getByRole('status')).toHaveText('Done.', { timeout: 90_000 });

  const { kernels } = planFor(mobileNetV3({ variant: 'small' }));
  const figure = page.getByRole('img', { name: 'MobileNet v3 small, kernel by kernel' });
  await expect(figure.locator('.bench-took rect')).toHaveCount(24);
  await page.getByText('All kernels in numbers').click();
  const rows = page.getByRole('region', { name: 'Kernels, scrollable' }).locator('tbody tr');
  await expect(rows.getByRole('rowheader')).toHaveText(kernels.map(({ name }) => name));
  await expect(page.getByRole('row', { name: 'MobileNet v3 small' })).toHaveText(/ms.*ms.*%/);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);

  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save the numbers as a file' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^linnet-.*\.json$/);
  const report: Report = JSON.parse(readFileSync(await download.path(), 'utf8'));
  expect(report.schema).toBe(1);
  expect(report.machine.gflops).toBeGreaterThan(0);
  expect(report.platform).toContain('Chrome');
  const [network] = report.networks as [Report['networks'][number]];
  expect(network.kernels.map(({ name, macs }) => ({ name, macs }))).toEqual(
    kernels.map(({ name, macs }) => ({ name, macs })),
  );
  const parts = network.kernels.reduce((sum, { part }) => sum + part, 0);
  expect(parts).toBeCloseTo(1);
  for (const { ms, share } of network.kernels) expect(Math.min(ms.median, share)).toBeGreaterThan(0);
  expect(network.pipelines.reduce((sum, pipeline) => sum + pipeline.kernels, 0)).toBe(kernels.length);
});

test('Compare leads to the bench in its language, a measurement can be cancelled, and the way back is there', async ({
  page,
}) => {
  await page.goto('?lang=ko#compare');
  await page.getByRole('link', { name: '시간이 어디에 쓰이는지 커널별로 보기' }).click();
  await expect(page).toHaveTitle('성능 측정 · Linnet');
  for (const text of await page.locator('h1, h2, nav a, legend').allTextContents()) expect(text).toMatch(/[가-힣]/);
  await page.getByRole('button', { name: '측정하기' }).click();
  await expect(page.getByRole('status')).toHaveText('GPU가 낼 수 있는 최고 속도를 재는 중입니다 …');
  await page.getByRole('button', { name: '취소' }).click();
  await expect(page.getByRole('status')).toHaveText('취소했습니다. 그때까지 잰 결과는 아래에 있습니다.');
  await expect(page.getByRole('button', { name: '측정하기' })).toBeEnabled();
  await page.getByRole('link', { name: '데모로 가기' }).click();
  await expect(page).toHaveTitle('비교 · Linnet');
});
