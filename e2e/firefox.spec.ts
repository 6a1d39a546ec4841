// What is Firefox's alone: the pages as built, which other specs drive in Chromium, and how soon it notices finished work.
import { fileURLToPath } from 'node:url';
import type { Page } from 'puppeteer-core';
import { VIEWS } from '../demo/frame/views.ts';
import { serve } from './server.ts';
import { test as base, expect } from './test.ts';

const folder = fileURLToPath(new URL('../dist-demo/', import.meta.url));

const test = base.extend<{ tab: Page }>({
  tab: async ({ firefox }, use) => {
    const tab = await (await firefox()).newPage();
    tab.setDefaultTimeout(30_000);
    await tab.setViewport({ width: 1280, height: 900 });
    await use(tab);
    await tab.close();
  },
});

/** How many colours an element has on the screen. */
async function coloursOf(tab: Page, selector: string): Promise<number> {
  const element = await tab.waitForSelector(selector, { visible: true });
  const png = await element!.screenshot({ encoding: 'base64' });
  return tab.evaluate(async (png) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${png}`)).blob());
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    return new Set(new Uint32Array(data.buffer)).size;
  }, png);
}

const text = (tab: Page, words: string) => tab.waitForSelector(`::-p-text(${words})`, { visible: true });
const press = async (tab: Page, words: string) => (await text(tab, words))!.click();
const count = (tab: Page, selector: string) => tab.$$eval(selector, (found) => found.length);

/** What shows that a view works, beside its heading. */
const views: Record<string, (tab: Page) => Promise<void>> = {
  async try(tab) {
    await tab.waitForFunction(() =>
      /^A person, on \d+%/.test(document.querySelector('.best:not(.quiet)')?.textContent ?? ''),
    );
    expect(await coloursOf(tab, '.screen')).toBeGreaterThan(1000);
  },
  async convolution(tab) {
    await text(tab, 'Computed by the engine');
    expect(await coloursOf(tab, '.cv-whole')).toBeGreaterThan(100);
  },
  async compare(tab) {
    await tab.waitForFunction(() => document.querySelectorAll('.network-table tbody tr').length > 9);
    await tab.waitForFunction(() => {
      const answers = Array.from(document.querySelectorAll('.one-picture tbody tr'), (row) => row.textContent);
      return answers.length > 0 && answers.every((answer) => / ms$/.test(answer ?? ''));
    });
  },
  async 'how-it-runs'(tab) {
    await tab.waitForFunction(() => document.querySelectorAll('.layers tbody tr').length > 50);
  },
  async layers(tab) {
    await tab.waitForSelector('.maps-all canvas[data-drawn]:not([data-drawn="0"])');
    expect(await coloursOf(tab, '.maps-all canvas')).toBeGreaterThan(20);
  },
  async 'why-mobilenet'(tab) {
    expect(await count(tab, '.blocks rect')).toBe(4);
  },
  async 'why-unet'(tab) {
    await tab.waitForFunction(() => /IoU 0\.9/.test(document.querySelector('.u-iou')?.textContent ?? ''));
  },
  async 'why-resnext'(tab) {
    expect(await count(tab, '.resnext rect.path')).toBeGreaterThan(1);
  },
  async 'why-densenet'(tab) {
    expect(await count(tab, '.dense-row')).toBeGreaterThan(1);
  },
};

test('every view of the demo shows what it is for', async ({ tab, site }) => {
  await tab.goto(`${site}?lang=en`);
  for (const { id, title, heading } of VIEWS) {
    await test.step(title.en, async () => {
      await tab.click(`header a[href$="#${id}"]`);
      await tab.waitForFunction((wanted) => document.querySelector('h1')?.textContent === wanted, {}, heading.en);
      await views[id]!(tab);
    });
  }
});

test('the camera runs live, and stops', async ({ tab, site }) => {
  await tab.goto(`${site}?lang=en`);
  await text(tab, 'A person, on');
  await press(tab, 'Use your camera');
  await text(tab, 'frames a second');
  expect(await coloursOf(tab, '.screen canvas.mask')).toBeGreaterThan(1);
  await press(tab, 'Stop the camera');
  await text(tab, 'Use your camera');
});

test('the smallest page classifies a picture under a strict content security policy', async ({ tab }) => {
  const policy = "default-src 'none'; script-src 'self'; img-src 'self'; connect-src 'self'; style-src 'self'";
  const server = await serve({ folders: { '/': folder }, headers: { 'content-security-policy': policy } });
  await tab.goto(`${server.url}embed.html`);
  await tab.waitForFunction(() => /%\)$/.test(document.querySelector('[role=status]')?.textContent ?? ''));
  expect(await tab.$eval('[role=status]', (status) => status.textContent)).toMatch(/^[A-Z][\w/ -]+ \(\d+%\)$/);
  server.close();
});

// Other tests share the machine, so these look several times: a result that came late by Firefox's doing does so every time.
const AGAIN = { timeout: 60_000 };

test('a small network answers within 15 ms, though Firefox looks for finished work every 100 ms', async ({ run }) => {
  await expect(async () => {
    const times = await run('timeClassify', { calls: 20 });
    const [median = Number.NaN] = times.toSorted((a, b) => a - b).slice(times.length / 2);
    console.log(`The median of ${times.length} calls is ${median} ms.`);
    expect(median).toBeLessThanOrEqual(15);
  }).toPass(AGAIN);
});

test('what an app submits while a network is loaded does not make Firefox seem prompt for long', async ({ run }) => {
  await expect(async () => {
    const times = await run('timeClassify', { calls: 12, busy: true });
    console.log(`Calls took ${times.map(Math.round).join(', ')} ms.`);
    expect(Math.max(...times.slice(4))).toBeLessThan(60);
  }).toPass(AGAIN);
});
