// The view that cuts drawings out of their backgrounds, with the network of the repository.
import type { Page } from 'playwright/test';
import { expect as expectSoon, test } from './test.ts';

const expect = expectSoon.configure({ timeout: 30_000 });

const result = (page: Page) => page.getByRole('img', { name: /^(With the mask|Cut out)$/ });

/** The share of pixels in which the result, as it is on the page, is like the picture beside it. */
async function likeness(page: Page): Promise<number> {
  const screenshots = [result(page), page.locator('.segmented').locator('canvas, video').first()];
  const pictures = await Promise.all(screenshots.map(async (shown) => (await shown.screenshot()).toString('base64')));
  return page.evaluate(async (base64) => {
    const [a, b] = await Promise.all(
      base64.map(async (text) => {
        const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes]));
        const context = new OffscreenCanvas(100, 100).getContext('2d') as OffscreenCanvasRenderingContext2D;
        context.drawImage(bitmap, 0, 0, 100, 100);
        return context.getImageData(0, 0, 100, 100).data;
      }),
    );
    let like = 0;
    for (let at = 0; at < 40_000; at += 4) {
      if ([0, 1, 2].every((k) => Math.abs((a?.[at + k] ?? 0) - (b?.[at + k] ?? 255)) < 24)) like++;
    }
    return like / 10_000;
  }, pictures);
}

test('a sample is segmented, and cut out', async ({ page }) => {
  await page.goto('#segment');
  await expect(page.getByText('One picture, network and drawing')).toBeVisible();
  await page.getByRole('button', { name: 'Umbrella' }).click();
  // Under the mask the drawing has another colour, and the background has not.
  await expect.poll(() => likeness(page)).toBeGreaterThan(0.4);
  const masked = await likeness(page);
  expect(masked).toBeLessThan(0.97);
  await page.getByRole('slider', { name: 'Opacity of the mask' }).fill('0');
  await expect.poll(() => likeness(page)).toBeGreaterThan(0.97);
  await page.getByRole('radio', { name: 'The drawing, cut out' }).check();
  await expect(result(page)).toHaveAccessibleName('Cut out');
  // Now it is the background that is gone.
  await expect.poll(() => likeness(page)).toBeLessThan(0.6);
  expect(await likeness(page)).toBeGreaterThan(0.03);
});

test('the camera is segmented live', async ({ page }) => {
  await page.goto('#segment');
  await expect(page.getByText('One picture, network and drawing')).toBeVisible();
  await page.getByRole('button', { name: 'Use the camera' }).click();
  await expect
    .poll(() => result(page).evaluate(({ width, height }: HTMLCanvasElement) => width / height))
    .toBeCloseTo(4 / 3, 1);
  await expect(page.locator('video')).toBeVisible();
  await page.getByRole('button', { name: 'Stop the camera' }).click();
  await expect(page.locator('video')).toHaveCount(0);
});

test('a file that is no picture is refused, in Korean too', async ({ page }) => {
  await page.goto('?lang=ko#segment');
  await expect(page.getByText('한 장(네트워크와 그리기)')).toBeVisible();
  await page.locator('input[type=file]').setInputFiles({
    name: 'note.png',
    mimeType: 'image/png',
    buffer: Buffer.from('no picture'),
  });
  await expect(page.getByRole('alert')).toBeVisible();
});
