// The views that compute: why MobileNet, why ResNeXt.
import type { Page } from 'playwright/test';
import { expect, test } from './test.ts';

const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
/** Of a row: weights and multiply-adds. */
const numbers = (page: Page, name: string) => row(page, name).getByRole('cell');

test('the arithmetic begins with 81 weights against 36, and follows its sliders', async ({ page }) => {
  await page.goto('?lang=en#why-mobilenet');
  await expect(numbers(page, 'Standard')).toHaveText(['81', '63,504', '100.0%']);
  await expect(numbers(page, 'Depthwise')).toHaveText(['27', '21,168', '33.3%']);
  await expect(numbers(page, '+ pointwise')).toHaveText(['9', '7,056', '11.1%']);
  await expect(numbers(page, 'Depthwise separable')).toHaveText(['36', '28,224', '44.4%']);
  await expect(numbers(page, 'Grouped, 3 groups')).toHaveText(['27', '21,168', '33.3%']);
  await page.getByRole('slider', { name: /^Groups/ }).press('Home');
  await expect(numbers(page, 'Grouped, 1 group')).toHaveText(['81', '63,504', '100.0%']);
  await page.getByRole('slider', { name: /^Kernel/ }).press('ArrowRight');
  await page.getByRole('slider', { name: /^Map/ }).press('Home');
  await expect(numbers(page, 'Standard')).toHaveText(['225', '11,025', '100.0%']);
  await expect(numbers(page, 'Depthwise separable')).toHaveText(['84', '4,116', '37.3%']);
  await page.getByRole('slider', { name: /^Output channels/ }).press('End');
  await expect(numbers(page, 'Standard').first()).toHaveText('38,400');
  await expect(numbers(page, 'Depthwise separable').first()).toHaveText('1,611');
});

test('the blocks are to scale, and none is cut off where the parts are largest', async ({ page }) => {
  await page.goto('?lang=en#why-mobilenet');
  const squares = () =>
    page.locator('.blocks svg').evaluateAll((drawings) =>
      drawings.flatMap((drawing) => {
        const { width } = (drawing as SVGSVGElement).viewBox.baseVal;
        return Array.from(drawing.querySelectorAll('rect'), ({ x, width: side, height }) => ({
          area: side.baseVal.value * height.baseVal.value,
          // What is left of the drawing's width beside the square.
          left: width - x.baseVal.value - side.baseVal.value,
        }));
      }),
    );
  await expect(page.locator('.blocks rect')).toHaveCount(4);
  const [standard = Number.NaN, ...others] = (await squares()).map(({ area }) => area);
  for (const [index, weights] of [27, 9, 27].entries()) expect(others[index]).toBeCloseTo((standard * weights) / 81, 1);

  await page.getByRole('slider', { name: /^Kernel/ }).press('Home');
  await page.getByRole('slider', { name: /^Output channels/ }).press('Home');
  await expect(numbers(page, 'Depthwise separable').first()).toHaveText('6');
  for (const { left } of await squares()) expect(left).toBeGreaterThanOrEqual(0);
});

for (const language of ['en', 'ko']) {
  test(`a phone shows all columns of the costs (${language})`, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`?lang=${language}#why-mobilenet`);
    const box = page.getByRole('region', { name: /^(Costs of the convolutions|합성곱의 비용)$/ });
    await expect(box).toBeVisible();
    expect(await box.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
  });
}

test('more paths are narrower, at about the same cost', async ({ page }) => {
  await page.goto('?lang=en#why-resnext');
  await expect(page.getByText('32 paths of width 4', { exact: true })).toBeVisible();
  const slider = page.getByRole('slider', { name: /^Cardinality/ });
  await slider.press('Home');
  await expect(page.getByText('1 path of width 64: ResNet’s block')).toBeVisible();
  // Table 2 of arXiv 1611.05431, and its C (256 d + 9 d² + 256 d).
  for (const [cardinality, width] of [
    [2, 40],
    [4, 24],
    [8, 14],
    [16, undefined],
    [32, 4],
  ] as const) {
    await slider.press('ArrowRight');
    if (width === undefined) continue;
    const weights = cardinality * (256 * width + 9 * width ** 2 + 256 * width);
    await expect(page.getByText(`${cardinality} paths of width ${width}`, { exact: true })).toBeVisible();
    await expect(numbers(page, 'Weights')).toHaveText([weights.toLocaleString('en'), '69,632']);
    await expect(numbers(page, 'Multiply-adds at 56 × 56').first()).toHaveText(
      (weights * 56 ** 2).toLocaleString('en'),
    );
    await expect(page.locator('.resnext figure').first().locator('rect.path')).toHaveCount(cardinality);
  }
});

test('both are in Korean', async ({ page }) => {
  await page.goto('?lang=ko#why-resnext');
  await expect(page.getByText('너비 4인 경로 32개', { exact: true })).toBeVisible();
  await page.goto('?lang=ko#why-mobilenet');
  await expect(page.getByRole('rowheader', { name: '깊이별 분리' })).toBeVisible();
});
