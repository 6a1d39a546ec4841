// Every view of the demo, for everyone: axe-core's rules, and that nothing is cut off or lost, at any width, in light, dark and
// forced colours, and in both languages.
import { VIEWS } from '../demo/frame/views.ts';
import { violations } from './axe.ts';
import { cutTexts, lostInForcedColours, noteMarks } from './layout.ts';
import { expect as expectSoon, test } from './test.ts';

const expect = expectSoon.configure({ timeout: 30_000 });

const WIDTHS = [1440, 768, 360];

for (const { id, heading } of VIEWS) {
  for (const lang of ['en', 'ko'] as const) {
    test(`${id} is accessible, and nothing is cut at any width or gone in forced colours (${lang})`, async ({
      page,
    }) => {
      await page.goto(`?lang=${lang}#${id}`);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading[lang]);
      // Until what is computed stands there.
      await page.waitForTimeout(3000);
      const found: string[] = [];
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        for (const colorScheme of ['light', 'dark'] as const) {
          const at = (problem: string) => `${width} px, ${colorScheme}: ${problem}`;
          await page.emulateMedia({ colorScheme });
          if ((colorScheme === 'dark') === (width === 768)) found.push(...(await violations(page)).map(at));
          if ((await page.evaluate(() => document.documentElement.scrollWidth)) > width)
            found.push(at('it is too wide'));
          found.push(...(await cutTexts(page)).map(at));
          await noteMarks(page);
          await page.emulateMedia({ colorScheme, forcedColors: 'active' });
          found.push(...(await lostInForcedColours(page)).map((problem) => at(`forced colours: ${problem}`)));
          await page.emulateMedia({ colorScheme, forcedColors: 'none' });
        }
      }
      expect(found).toEqual([]);
    });
  }
}
