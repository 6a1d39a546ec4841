import type { Locator, Page } from 'playwright/test';

/** The answer of the demo's first view, in one line. */
export const answer = (page: Page, lang: 'en' | 'ko' = 'en'): Locator =>
  page.getByRole('region', { name: lang === 'en' ? 'Answer' : '답', exact: true });

/** One of the samples of the first view, by what it shows. */
export const sample = (page: Page, name: string): Locator =>
  page.locator('.samples').getByRole('img', { name, exact: true });
