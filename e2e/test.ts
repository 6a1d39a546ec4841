// The fixtures of all browser specs.
//   run    calls a function of e2e/page/ in one page with one device, kept for all GPU specs of a worker.
//   page   is Playwright's, on the built demo: page.goto('') opens it.
// Either way a test fails for anything that the page writes to the console as a warning or error, and for uncaught errors.
import { fileURLToPath } from 'node:url';
import { test as base, expect, type Page } from 'playwright/test';
import type * as cases from './page/cases.ts';
import type { FeatureLevel } from './page/device.ts';
import { serve } from './server.ts';

type Cases = typeof cases;
type Run = <Name extends keyof Cases>(
  name: Name,
  ...args: Cases[Name] extends (device: GPUDevice, ...args: infer Args) => unknown ? Args : never
) => Promise<Awaited<ReturnType<Cases[Name]>>>;

interface TestFixtures {
  run: Run;
  failOnComplaint: undefined;
}

interface WorkerFixtures {
  featureLevel: FeatureLevel;
  /** What pages have complained of so far. A spec that provokes a complaint checks it and empties the list. */
  complaints: string[];
  gpuPage: Page;
  /** The address of the built demo. */
  site: string;
}

const folder = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

// What a case can fetch. Models that others have trained are not part of the project: cases that need them look first.
const folders = {
  '/dist/': folder('dist/'),
  '/page/': folder('.e2e/'),
  '/demo/': folder('demo/public/'),
  '/fixtures/': folder('e2e/fixtures/'),
  '/models/': folder('../shared/models/'),
};
const imports = {
  linnet: '/dist/index.js',
  'linnet/architectures': '/dist/architectures.js',
  'linnet/models': '/dist/models.js',
};
const emptyPage = `<!doctype html>
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module" src="/page/main.js"></script>`;

export const test = base.extend<TestFixtures, WorkerFixtures>({
  featureLevel: ['core', { option: true, scope: 'worker' }],

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of a fixture's dependencies from this pattern.
  complaints: [async ({}, use) => use([]), { scope: 'worker' }],

  failOnComplaint: [
    async ({ complaints }, use) => {
      await use(undefined);
      expect(complaints.splice(0), 'what the page complained of').toEqual([]);
    },
    { auto: true },
  ],

  gpuPage: [
    async ({ browser, featureLevel, complaints }, use) => {
      const server = await serve({ folders, pages: { '/': emptyPage } });
      const page = await browser.newPage();
      listen(page, complaints);
      await page.goto(`${server.url}?${featureLevel}`);
      await use(page);
      await page.close();
      server.close();
    },
    { scope: 'worker' },
  ],

  run: async ({ gpuPage }, use) => {
    await use(
      (name, ...args) =>
        gpuPage.evaluate(([name, argument]) => globalThis.runCase(name, argument), [
          name,
          args[0],
        ] as const) as Promise<never>,
    );
  },

  site: [
    // biome-ignore lint/correctness/noEmptyPattern: as above.
    async ({}, use) => {
      const server = await serve({ folders: { '/': folder('dist-demo/') } });
      await use(server.url);
      server.close();
    },
    { scope: 'worker' },
  ],

  baseURL: async ({ site }, use) => use(site),

  context: async ({ context }, use) => {
    // A spec answers for the addresses of others by page.route(), which comes before this.
    await context.route(
      ({ hostname }) => hostname !== '127.0.0.1',
      (route) => route.abort(),
    );
    await use(context);
  },

  page: async ({ page, complaints }, use) => {
    listen(page, complaints);
    await use(page);
  },
});

function listen(page: Page, complaints: string[]): void {
  page.on('console', (message) => {
    const type = message.type();
    if (type !== 'warning' && type !== 'error') return;
    // A failed request has its address here only.
    const about = message.text().startsWith('Failed to load resource') ? ` ${message.location().url}` : '';
    complaints.push(`${type}: ${message.text()}${about}`);
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  page.on('crash', () => complaints.push('the page crashed'));
}

export { expect };
