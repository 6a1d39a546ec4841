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
  await page.getByRole('button', { name: 'a ninth' }).click();
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
  await expect(slider).toHaveAttribute('aria-valuetext', 'Pointwise: 1\u00a0×\u00a01, all together');
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

test('who wants no motion is taken to the end of what is played', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('?lang=en#why-resnext');
  await reveal(page);
  const slider = page.getByRole('slider', { name: 'From one form to the next' });
  await expect(slider).toHaveValue('0');
  const passed = slider.evaluate(async (input: HTMLInputElement) => {
    const values = new Set<string>();
    while (input.value !== input.max) {
      values.add(input.value);
      await new Promise(requestAnimationFrame);
    }
    return [...values];
  });
  await page.getByRole('button', { name: 'Play' }).click();
  expect(await passed).toEqual(['0']);
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
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

test('more paths are narrower, at about the same cost, and table 3’s errors follow', async ({ page }) => {
  await page.goto('?lang=en#why-resnext');
  const slider = page.getByRole('slider', { name: /^Cardinality/ });
  await expect(slider).toBeHidden();
  await page.getByRole('button', { name: '4 paths of width 24' }).click();
  await expect(page.getByText(/^It is 32 paths of width 4\. /)).toBeVisible();
  await slider.press('Home');
  const figure = page.getByRole('img', { name: 'Top-1 error by cardinality' });
  await expect(page.getByText('1 path of width 64: ResNet’s block')).toBeVisible();
  await expect(page.getByText('Top-1 error with 50 layers 23.9%, with 101 layers 22.0% (table 3).')).toBeVisible();
  // Tables 2 and 3 of arXiv 1611.05431, and its C (256 d + 9 d² + 256 d).
  for (const [cardinality, width, of50, of101] of [
    [2, 40, '23.0%', '21.7%'],
    [4, 24, '22.6%', '21.4%'],
    [8, 14, '22.3%', '21.3%'],
    [32, 4, '22.2%', '21.2%'],
  ] as const) {
    await slider.press('ArrowRight');
    const weights = cardinality * (256 * width + 9 * width ** 2 + 256 * width);
    const setting = page.getByText(`${cardinality} paths of width ${width}`, { exact: true });
    await expect(setting.and(page.locator('strong'))).toBeVisible();
    await expect(numbers(page, 'Weights')).toHaveText([weights.toLocaleString('en'), '69,632']);
    await expect(numbers(page, 'Multiply-adds at 56 × 56').first()).toHaveText(
      `${Number(((weights * 56 ** 2) / 1e6).toPrecision(3))}M`,
    );
    await expect(page.locator('.resnext figure').first().locator('rect.path')).toHaveCount(cardinality);
    await expect(page.getByText(`with 50 layers ${of50}, with 101 layers ${of101}`)).toBeVisible();
    await expect(figure.locator('.figure-label')).toHaveText([of50, of101]);
  }
});

test('the three forms of the block turn into one another', async ({ page }) => {
  await page.goto('?lang=en#why-resnext');
  const forms = page.getByRole('region', { name: /Split, transform, merge/ });
  const rows = forms.getByRole('listitem');
  await expect(rows).toHaveText([
    '32 convolutions 1 × 1, 256 → 4 each',
    '32 convolutions 3 × 3, 4 → 4 each',
    '32 convolutions 1 × 1, 4 → 256 each, added up',
  ]);
  await forms.getByRole('button', { name: '(b)' }).click();
  await expect(rows.last()).toHaveText('1 convolution 1 × 1, 128 → 256');
  await expect(forms.locator('.form-count')).toHaveText('65 convolutions to run');
  await forms.getByRole('button', { name: 'Play' }).click();
  await expect(forms.getByRole('button', { name: '(c)' })).toHaveAttribute('aria-pressed', 'true');
  await expect(rows).toHaveText([
    '1 convolution 1 × 1, 256 → 128',
    '1 convolution 3 × 3, 128 → 128, in 32 groups',
    '1 convolution 1 × 1, 128 → 256',
  ]);
});

test('both are in Korean', async ({ page }) => {
  await page.goto('?lang=ko#why-resnext');
  await reveal(page);
  await expect(page.locator('strong', { hasText: /^너비 4인 경로 32개$/ })).toBeVisible();
  await page.goto('?lang=ko#why-mobilenet');
  await reveal(page);
  await expect(page.getByRole('rowheader', { name: '깊이별 분리' })).toBeVisible();
});
