// The views that compute: why MobileNet, why ResNeXt.
import type { Page } from 'playwright/test';
import { expect, test } from './test.ts';

const row = (page: Page, name: string) =>
  page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
/** Of a row: weights and multiply-adds. */
const numbers = (page: Page, name: string) => row(page, name).getByRole('cell');

const reveal = (page: Page) => page.getByRole('button', { name: /^(Just show me|그냥 보기)$/ }).click();

test('the arithmetic begins with a guess about 512 channels, and follows its sliders', async ({ page }) => {
  await page.goto('?lang=en#why-mobilenet');
  await expect(page.getByRole('slider', { name: /^Kernel/ })).toBeHidden();
  await page.getByRole('button', { name: 'A ninth' }).click();
  await expect(page.getByText(/^Right\. Depthwise 4,608 and pointwise 262,144/)).toBeVisible();
  await expect(numbers(page, 'Standard')).toHaveText(['2,359,296', '462M', '100.0%']);
  await expect(numbers(page, 'Depthwise')).toHaveText(['4,608', '903K', '0.2%']);
  await expect(numbers(page, '+ pointwise')).toHaveText(['262,144', '51.4M', '11.1%']);
  await expect(numbers(page, 'Depthwise separable')).toHaveText(['266,752', '52.3M', '11.3%']);
  await expect(numbers(page, 'Grouped, 32 groups')).toHaveText(['73,728', '14.5M', '3.1%']);
  for (const name of [/^Input channels/, /^Output channels/]) {
    const slider = page.getByRole('slider', { name });
    await slider.press('Home');
    for (let press = 0; press < 2; press++) await slider.press('ArrowRight');
  }
  await expect(numbers(page, 'Standard')).toHaveText(['81', '15.9K', '100.0%']);
  await expect(numbers(page, 'Depthwise separable')).toHaveText(['36', '7.06K', '44.4%']);
  await expect(numbers(page, 'Grouped, 3 groups')).toHaveText(['27', '5.29K', '33.3%']);
  await page.getByRole('slider', { name: /^Groups/ }).press('Home');
  await expect(numbers(page, 'Grouped, 1 group')).toHaveText(['81', '15.9K', '100.0%']);
  await page.getByRole('slider', { name: /^Kernel/ }).press('ArrowRight');
  await page.getByRole('slider', { name: /^Map/ }).press('Home');
  await expect(numbers(page, 'Standard')).toHaveText(['225', '11K', '100.0%']);
  await expect(numbers(page, 'Depthwise separable')).toHaveText(['84', '4.12K', '37.3%']);
});

test('both steps are played on a picture', async ({ page }) => {
  await page.goto('?lang=en#why-mobilenet');
  const section = page.getByRole('region', { name: 'Two steps on a picture' });
  const slider = section.getByRole('slider');
  await slider.press('Home');
  await expect(section.locator('.numbers strong')).toHaveText(['0', '39,936', '110,592']);
  await section.getByRole('button', { name: 'Play' }).click();
  await expect(section.getByRole('button', { name: 'Pause' })).toBeVisible();
  await expect(slider).toHaveAttribute('aria-valuetext', 'Pointwise: 1 × 1, all together', { timeout: 20_000 });
  await section.getByRole('button', { name: 'Pause' }).click();
  await slider.press('End');
  await expect(section.locator('.numbers strong').first()).toHaveText('39,936');
  const greys = await section
    .getByRole('img', { name: 'Map 4 of the result' })
    .evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height) ?? { data: [] };
      return new Set(data).size;
    });
  expect(greys).toBeGreaterThan(20);
});

test('the paper’s table 4 stands beside this page’s own networks', async ({ page }) => {
  await page.goto('?lang=en#why-mobilenet');
  const [paper, ours] = [page.locator('.shares').first(), page.locator('.shares').last()];
  // arXiv 1704.04861.
  await expect(paper.locator('tbody tr')).toHaveText([
    'Parameters29.3M4.2M14.3%',
    'Multiply-adds4.87G569M11.7%',
    'Accuracy71.7%70.6%98.5%',
  ]);
  await expect(ours.getByRole('row', { name: /^Accuracy/ })).toContainText('94.06%93.51%');
  await expect(ours.getByRole('row', { name: /^Parameters/ })).toContainText('1.77M215K12.2%');
});

test('the blocks are to scale, and none is cut off where the parts are largest', async ({ page }) => {
  await page.goto('?lang=en#why-mobilenet');
  await reveal(page);
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
  for (const [index, weights] of [4608, 262_144, 73_728].entries()) {
    expect(others[index]).toBeCloseTo((standard * weights) / 2_359_296, 1);
  }

  await page.getByRole('slider', { name: /^Kernel/ }).press('Home');
  await page.getByRole('slider', { name: /^Output channels/ }).press('Home');
  await expect(numbers(page, 'Depthwise separable').first()).toHaveText('1,024');
  for (const { left } of await squares()) expect(left).toBeGreaterThanOrEqual(0);
});

for (const language of ['en', 'ko']) {
  test(`a phone shows all columns of the costs (${language})`, async ({ page }) => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(`?lang=${language}#why-mobilenet`);
    await reveal(page);
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
  await reveal(page);
  await expect(page.getByRole('rowheader', { name: '깊이별 분리' })).toBeVisible();
});
