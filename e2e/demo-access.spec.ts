// Every view of the demo, for everyone: axe-core's rules, and that nothing is cut off or lost, at any width, in light, dark and
// forced colours, and in both languages.
import { VIEWS } from '../demo/frame/views.ts';
import { violations } from './axe.ts';
import { cutTexts, lostInForcedColours, noteMarks } from './layout.ts';
import { expect, test } from './test.ts';

const WIDTHS = [1440, 768, 360];

for (const { id, heading } of VIEWS) {
  test(`${id} is accessible, and nothing is cut at any width or gone in forced colours`, async ({ page }) => {
    await page.goto(`?lang=en#${id}`);
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading.en);
    // Until what is computed stands there.
    await page.waitForTimeout(3000);
    const found: string[] = [];
    const checkAxe = async (where: string) => {
      found.push(...(await violations(page)).map((problem) => `${where}: ${problem}`));
    };
    const checkLayout = async (width: number, lang: string) => {
      const at = (problem: string) => `${width} px, ${lang}: ${problem}`;
      // Figures are drawn anew once their box has its size.
      await expect
        .poll(() => page.evaluate(() => document.documentElement.scrollWidth), lang)
        .toBeLessThanOrEqual(width);
      found.push(...(await cutTexts(page)).map(at));
    };
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await checkLayout(width, 'en');
      for (const colorScheme of ['light', 'dark'] as const) {
        const where = `${width} px, ${colorScheme}`;
        await page.emulateMedia({ colorScheme });
        if ((colorScheme === 'dark') === (width === 768)) await checkAxe(where);
        await noteMarks(page);
        await page.emulateMedia({ colorScheme, forcedColors: 'active' });
        found.push(...(await lostInForcedColours(page)).map((problem) => `${where}, forced colours: ${problem}`));
        await page.emulateMedia({ colorScheme, forcedColors: 'none' });
      }
    }
    // Another language has other texts in the same colours.
    await page.locator('.languages a[lang=ko]').click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading.ko);
    await checkAxe('ko');
    for (const width of WIDTHS.toReversed()) {
      await page.setViewportSize({ width, height: 900 });
      await checkLayout(width, 'ko');
    }
    expect(found).toEqual([]);
  });
}
