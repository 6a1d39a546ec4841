// The fixtures of all browser specs.
//   run    calls a function of e2e/page/ in one page with one device, kept for all GPU specs of a worker.
//   page   is Playwright's, on the built demo: page.goto('') opens it.
// Either way a test fails for anything that the page writes to the console as a warning or error, and for uncaught errors.
import { fileURLToPath } from 'node:url';
import { test as base, expect, type Page } from 'playwright/test';
import { requireBuilt } from './built.ts';
import { type Firefox, launchFirefox } from './firefox.ts';
import { NodePage } from './node.ts';
import { onnxTestData } from './onnx-cases.ts';
import { fromText, toText } from './page/carry.ts';
import type * as cases from './page/cases.ts';
import type { FeatureLevel } from './page/device.ts';
import type { CaseOutcome } from './page/main.ts';
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

export interface ProjectOptions {
  featureLevel: FeatureLevel;
  /** What `run` runs in. */
  gpuBrowser: 'chromium' | 'firefox' | 'node';
}

interface WorkerFixtures extends ProjectOptions {
  /** What pages have complained of so far. A spec that provokes a complaint checks it and empties the list. */
  complaints: string[];
  /** Starts Firefox when it is first called. */
  firefox: () => Promise<Firefox>;
  gpuPage: GpuPage;
  /** The address of the built demo. */
  site: string;
}

/** What Playwright's pages and Puppeteer's have in common. */
interface GpuPage {
  goto(url: string): Promise<unknown>;
  evaluate(work: (call: string) => Promise<string>, call: string): Promise<string>;
  close(): Promise<void>;
}

const folder = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

// What a case can fetch. Models that others have trained are not part of the project: cases that need them look first.
const folders = {
  '/dist/': folder('dist/'),
  '/page/': folder('.e2e/'),
  '/demo/': folder('demo/public/'),
  '/fixtures/': folder('e2e/fixtures/'),
  '/exported/': folder('tests/onnx/'),
  '/models/': folder('../shared/models/'),
  '/onnx/': onnxTestData,
  '/mediapipe/': folder('node_modules/@mediapipe/selfie_segmentation/'),
};
const imports = {
  linnet: '/dist/index.js',
  'linnet/architectures': '/dist/architectures.js',
  'linnet/models': '/dist/models.js',
  'linnet/onnx': '/dist/onnx.js',
  'linnet/stream': '/dist/stream.js',
  'linnet/tflite': '/dist/tflite.js',
  'linnet/tools': '/dist/tools.js',
};
const emptyPage = `<!doctype html>
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module" src="/page/main.js"></script>`;

export const test = base.extend<TestFixtures, WorkerFixtures>({
  featureLevel: ['core', { option: true, scope: 'worker' }],
  gpuBrowser: ['chromium', { option: true, scope: 'worker' }],

  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of a fixture's dependencies from this pattern.
  complaints: [async ({}, use) => use([]), { scope: 'worker' }],

  failOnComplaint: [
    async ({ complaints }, use) => {
      await use(undefined);
      expect(complaints.splice(0), 'what the page complained of').toEqual([]);
    },
    { auto: true },
  ],

  firefox: [
    async ({ complaints }, use) => {
      let started: Promise<Firefox> | undefined;
      await use(() => {
        started ??= launchFirefox(complaints);
        return started;
      });
      await (await started)?.close();
    },
    { scope: 'worker' },
  ],

  gpuPage: [
    async ({ playwright, launchOptions, gpuBrowser, firefox, featureLevel, complaints }, use) => {
      requireBuilt('dist/index.js');
      requireBuilt('.e2e/main.js');
      const server = await serve({ folders, pages: { '/': emptyPage } });
      // Not the fixture `browser`: Firefox's specs would start Chromium too.
      const chromium = gpuBrowser === 'chromium' ? await playwright.chromium.launch(launchOptions) : undefined;
      let page: GpuPage;
      if (chromium) {
        const own = await chromium.newPage();
        listen(own, complaints);
        page = own;
      } else if (gpuBrowser === 'firefox') {
        page = await (await firefox()).newPage();
      } else {
        page = new NodePage(`${folder('.e2e/')}main.js`, complaints);
      }
      await page.goto(`${server.url}?${featureLevel}`);
      await use(page);
      await page.close();
      await chromium?.close();
      server.close();
    },
    { scope: 'worker' },
  ],

  run: async ({ gpuPage }, use) => {
    await use(async (name, ...args) => {
      const text = await gpuPage.evaluate((call) => globalThis.runCase(call), toText([name, args[0]]));
      const outcome = fromText(text) as CaseOutcome;
      if ('errors' in outcome) throw new Error(outcome.errors.join('\n'));
      return outcome.result as never;
    });
  },

  site: [
    // biome-ignore lint/correctness/noEmptyPattern: as above.
    async ({}, use) => {
      requireBuilt('dist-demo/index.html');
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
