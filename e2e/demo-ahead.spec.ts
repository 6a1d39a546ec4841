// The first view until the visitor's GPU answers: what was computed beforehand, told as such, and replaced.
import { LANGUAGES } from '../demo/shared/strings.ts';
import { violations } from './axe.ts';
import { expect, test } from './test.ts';
import { answer } from './try-it.ts';

const WEIGHTS = '**/selfie_segmentation.tflite';

for (const lang of ['en', 'ko'] as const) {
  const { answer: words, mask, problem } = LANGUAGES[lang];

  for (const [width, height] of [
    [1280, 800],
    [390, 844],
  ] as const) {
    test(`what was computed beforehand stands in for the GPU's answer, and gives way to it (${lang}, ${width} px)`, async ({
      page,
    }) => {
      await page.setViewportSize({ width, height });
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      await page.route(WEIGHTS, async (route) => {
        await held;
        await route.continue();
      });
      await page.goto(`?lang=${lang}`);
      const screen = page.locator('.screen');
      const stored = screen.locator('img.mask');
      const caption = screen.getByText(words.ahead.caption, { exact: true });
      const headline = page.getByRole('region', { name: words.ahead.heading, exact: true });
      await expect(headline).toContainText('54%');
      await expect(caption).toBeVisible();
      for (const mode of ['replace', 'cutout', 'blur'] as const) {
        await page.getByRole('group', { name: mask.caption, exact: true }).getByText(mask.modes[mode]).click();
        await expect(page.locator(`.screen.${mode} img.mask`)).toBeVisible();
      }
      // It is not taken for the GPU's.
      await expect(answer(page, lang)).toHaveCount(0);
      await expect(screen.locator('.mask canvas')).toHaveCount(0);
      expect(await violations(page)).toEqual([]);
      const before = await screen.boundingBox();

      release();
      await expect(answer(page, lang)).toContainText('55%');
      await expect(screen.locator('.mask canvas')).toBeVisible();
      for (const gone of [stored, caption, headline]) await expect(gone).toHaveCount(0);
      expect(await screen.boundingBox()).toEqual(before);
    });
  }

  test(`what was computed beforehand is gone where the network cannot be had (${lang})`, async ({
    page,
    complaints,
  }) => {
    await page.route(WEIGHTS, (route) => route.fulfill({ status: 503 }));
    await page.goto(`?lang=${lang}`);
    await expect(page.getByRole('alert')).toContainText(problem.server);
    await expect(answer(page, lang)).toHaveText(words.waiting);
    await expect(page.locator('.screen > canvas').first()).toBeVisible();
    await expect(page.locator('.screen :is(img, .caption)')).toHaveCount(0);
    expect(complaints.splice(0).every((complaint) => complaint.includes('503'))).toBe(true);
  });
}
