// Every view of the demo, for everyone: axe-core's rules, and no sideways scroll at any width, in both languages.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright/test';
import { VIEWS } from '../demo/frame/views.ts';
import { expect as expectSoon, test } from './test.ts';

const expect = expectSoon.configure({ timeout: 30_000 });

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core finds, each with where. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const results = await page.evaluate(() =>
    (globalThis as unknown as { axe: { run(): Promise<AxeResults> } }).axe.run(),
  );
  return results.violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`));
}

for (const { id, heading } of VIEWS) {
  for (const lang of ['en', 'ko'] as const) {
    test(`${id} is accessible and no wider than its window (${lang})`, async ({ page }) => {
      await page.goto(`?lang=${lang}#${id}`);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading[lang]);
      // Until what is computed stands there.
      await page.waitForTimeout(3000);
      for (const [width, colorScheme] of [
        [1440, 'light'],
        [768, 'dark'],
        [360, 'light'],
      ] as const) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme });
        expect(await violations(page), `${width} px, ${colorScheme}`).toEqual([]);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      }
    });
  }
}
