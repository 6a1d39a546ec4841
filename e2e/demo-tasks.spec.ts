// How soon the built page answers, and that it never freezes. Times on a busy machine say little: the best of a few counts.
import type { Page } from 'playwright/test';
import { expect, test } from './test.ts';
import { answer } from './try-it.ts';

const TRIES = 3;
const MOST_MS = 400;

/** Notes long tasks, and of each how much of it was spent in calls of WebGPU, for which the browser lets a page wait. */
const watch = (page: Page) =>
  page.addInitScript(() => {
    const calls: { start: number; end: number }[] = [];
    let depth = 0;
    for (const { prototype } of [
      GPU,
      GPUAdapter,
      GPUDevice,
      GPUQueue,
      GPUCanvasContext,
      GPUBuffer,
      GPUCommandEncoder,
    ]) {
      for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
        if (typeof value !== 'function' || name === 'constructor') continue;
        Object.assign(prototype, {
          [name](this: unknown, ...given: unknown[]) {
            const start = performance.now();
            depth++;
            try {
              return value.apply(this, given);
            } finally {
              depth--;
              if (depth === 0) calls.push({ start, end: performance.now() });
            }
          },
        });
      }
    }
    const own: number[] = [];
    Object.assign(globalThis, { own });
    const note = (entries: PerformanceEntryList) => {
      for (const { startTime, duration } of entries) {
        const inCalls = calls.filter(({ start, end }) => start >= startTime - 1 && end <= startTime + duration + 1);
        own.push(duration - inCalls.reduce((sum, { start, end }) => sum + end - start, 0));
      }
    };
    new PerformanceObserver((list) => note(list.getEntries())).observe({ type: 'longtask', buffered: true });
  });

/** The longest task of the page's own so far, in milliseconds; 0 if none was longer than 50. */
const longest = async (page: Page): Promise<number> => {
  await page.waitForTimeout(500);
  return page.evaluate(() => Math.max(0, ...(globalThis as unknown as { own: number[] }).own));
};

const views: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  try: (page) => answer(page).locator('.best:not(.quiet)').waitFor(),
  async layers(page) {
    await page.locator('.maps-all canvas[data-drawn]').waitFor();
    for (const network of ['GoogLeNet', 'DenseNet-121', 'U-Net 256']) {
      await page.getByRole('combobox', { name: 'Network' }).selectOption({ label: network });
      await page.getByRole('heading', { name: network, exact: true }).waitFor();
    }
  },
  async convolution(page) {
    for (const slider of await page.getByRole('slider').all()) {
      for (const key of ['ArrowRight', 'End', 'Home']) await slider.press(key);
    }
  },
  'why-densenet': (page) => page.getByRole('combobox', { name: 'Network' }).selectOption({ label: 'DenseNet-201' }),
  async compare(page) {
    for (const box of await page.getByRole('checkbox').all()) await box.uncheck();
    for (const name of ['MobileNet v3 small', 'MobileNet v2']) {
      await page.getByRole('checkbox', { name: `Measure ${name}` }).check();
    }
    await page.getByRole('button', { name: 'Measure the ticked networks' }).click();
    await page.getByRole('button', { name: 'Cancel' }).waitFor({ state: 'detached' });
  },
};

for (const [view, use] of Object.entries(views)) {
  test(`no task of the page's own is long in ${view}`, async ({ page }) => {
    await watch(page);
    const tries: number[] = [];
    // At most 200 milliseconds were seen on a machine that does nothing else; here others compute beside it.
    while (tries.length < TRIES && Math.min(...tries) > MOST_MS) {
      if (tries.length > 0) await page.reload();
      else await page.goto(`?lang=en#${view}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await use(page);
      tries.push(await longest(page));
    }
    expect(Math.min(...tries)).toBeLessThan(MOST_MS);
  });
}

// Four seconds where nothing else computes; with another worker on the same two cores it may take half as much again.
test('from a cold load the first answer is soon seen', async ({ playwright, launchOptions, site }) => {
  const tries: number[] = [];
  while (tries.length < TRIES && Math.min(...tries) > 4000) {
    const browser = await playwright.chromium.launch(launchOptions);
    const page = await browser.newPage();
    await page.goto(`${site}?lang=en`);
    await page.locator('.screen .mask canvas').waitFor();
    tries.push(await page.evaluate(() => new Promise<number>((resolve) => requestAnimationFrame(resolve))));
    await browser.close();
  }
  expect(Math.min(...tries)).toBeLessThan(6000);
});
