// The views that compute: why MobileNet, why ResNeXt.
import { expect, test } from './test.ts';

test('the arithmetic begins with 81 weights against 36, and follows its sliders', async ({ page }) => {
  await page.goto('#why-mobilenet');
  const row = (name: string) =>
    page.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
  await expect(row('Standard')).toContainText('81');
  await expect(row('Depthwise')).toContainText('27');
  await expect(row('+ pointwise')).toContainText('9');
  await expect(row('Depthwise separable')).toContainText('36');
  await page.getByRole('slider', { name: /^Kernel/ }).press('ArrowRight');
  await expect(row('Standard')).toContainText('225');
  await expect(row('Depthwise separable')).toContainText('84');
  await page.getByRole('slider', { name: /^Output channels/ }).press('End');
  await expect(row('Standard')).toContainText('38,400');
});

test('more paths are narrower, at about the same cost', async ({ page }) => {
  await page.goto('#why-resnext');
  await expect(page.getByText('32 paths of width 4', { exact: true })).toBeVisible();
  const weights = page.getByRole('row', { name: /^Weights/ });
  await expect(weights).toContainText('70,144');
  await expect(weights).toContainText('69,632');
  await page.getByRole('slider', { name: /^Cardinality/ }).press('Home');
  await expect(page.getByText('1 path of width 64: ResNet’s block')).toBeVisible();
});

test('both are in Korean', async ({ page }) => {
  await page.goto('?lang=ko#why-resnext');
  await expect(page.getByText('너비 4인 경로 32개', { exact: true })).toBeVisible();
  await page.goto('?lang=ko#why-mobilenet');
  await expect(page.getByRole('rowheader', { name: '깊이별 분리' })).toBeVisible();
});
