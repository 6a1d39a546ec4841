// What a convolution is: what the page shows of windows, filters and kinds, with a GPU and without one.
import type { Locator, Page } from 'playwright/test';
import { FILTERS, KINDS, weightsOf } from '../demo/learn/convolution-filters.ts';
import { give } from './give.ts';
import { holdDevice, loseDevice } from './lose-device.ts';
import { expect, test } from './test.ts';

const withoutGpu = (page: Page) =>
  page.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: undefined }));

/** Opens the view with all maps finished, as who wants no motion sees it. */
async function open(page: Page, language = 'en') {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto(`?lang=${language}#convolution`);
  await expect(page.locator('.cv-window')).toBeVisible();
}

/** All three figures say that the engine has computed them. */
const byEngine = async (page: Page) => {
  const said = /^Computed by the engine: [\d,]+ numbers in [\d.,]+\u00a0ms.* \(.+\)\.$/;
  await expect(page.locator('.cv-computed')).toHaveText([said, said, said]);
};
const byPage = (page: Page) =>
  expect(page.locator('.cv-computed')).toHaveText(
    Array.from({ length: 3 }, () => /^Computed by a few lines of this page/),
  );

/** The pixels of canvases, red, green, blue and alpha one after another. */
async function pixelsOf(canvases: Locator): Promise<Buffer[]> {
  const texts = await canvases.evaluateAll((all) =>
    (all as HTMLCanvasElement[]).map((canvas) => {
      const { width, height } = canvas;
      // A canvas of the page that is read too often would be complained of.
      const context = new OffscreenCanvas(width, height).getContext('2d') as OffscreenCanvasRenderingContext2D;
      context.drawImage(canvas, 0, 0);
      return Array.from(context.getImageData(0, 0, width, height).data, (value) => String.fromCharCode(value)).join('');
    }),
  );
  return texts.map((text) => Buffer.from(text, 'latin1'));
}
/** Of all maps and pictures. */
const drawn = (page: Page) => pixelsOf(page.locator('.cv-field canvas'));

const map = (page: Page) => page.locator('.cv-window .cv-field').nth(1);
const cells = async (page: Page, which: number) => {
  const texts = await page.locator('.cv-cells').nth(which).locator('span').allTextContents();
  return texts.map((text) => {
    const [numerator = NaN, divisor = 1] = text.replace('−', '-').split('/').map(Number);
    return numerator / divisor;
  });
};
const sum = async (page: Page) => Number((await page.locator('.cv-sum strong').textContent())?.replace('−', '-'));
const dial = (page: Page, name: string) => page.getByRole('slider', { name: new RegExp(`^${name}`) });
const place = (page: Page) => page.locator('.cv-first').getByRole('slider', { name: 'Place' });

test('the engine and the page compute the same maps', async ({ page, context }) => {
  const other = await context.newPage();
  await withoutGpu(other);
  for (const each of [page, other]) await open(each);
  const pages = [page, other];
  const compare = async () => {
    await byEngine(page);
    await byPage(other);
    const difference = async () => {
      const [engine = [], own = []] = await Promise.all(pages.map(drawn));
      expect(engine.length).toBe(own.length);
      return Math.max(
        ...engine.map((pixels, index) => {
          const others = own[index] ?? [];
          if (pixels.length !== others.length) return 255;
          return pixels.reduce((most, value, at) => Math.max(most, Math.abs(value - (others[at] ?? 255))), 0);
        }),
      );
    };
    // Colours are rounded.
    await expect.poll(difference).toBeLessThanOrEqual(1);
  };
  await compare();
  for (const each of pages) {
    await each.getByRole('radio', { name: 'Sharpen' }).check();
    for (const name of ['Kernel', 'Stride', 'Padding', 'Dilation']) await dial(each, name).press('ArrowRight');
    await expect(each.locator('.cv-formula')).toContainText('(24 + 2 × 1 − 9) / 2, rounded down, + 1');
  }
  await compare();
  for (const [kind, counted] of [
    ['Depthwise', '3 filters of 3 × 3: 27 weights 24 × 24 → 22 × 22'],
    ['Pointwise', '9 filters of 1 × 1: 9 weights 24 × 24 → 24 × 24'],
    ['Grouped', '8 filters of 3 × 3: 72 weights 24 × 24 → 22 × 22'],
    ['Transposed', '9 filters of 3 × 3: 81 weights 12 × 12 → 25 × 25'],
    ['Standard', '9 filters of 3 × 3: 81 weights 24 × 24 → 22 × 22'],
  ] as const) {
    for (const each of pages) {
      await each.getByRole('radio', { name: kind, exact: true }).check();
      await expect(each.locator('.cv-count')).toHaveText(counted);
    }
    await compare();
  }
});

test('what is pointed at is the pixels times the filter', async ({ page }) => {
  await withoutGpu(page);
  await open(page);
  for (const [name, id] of [
    ['Vertical edges', 'upright'],
    ['Horizontal edges', 'level'],
    ['Outlines', 'outline'],
    ['Blur', 'blur'],
    ['Sharpen', 'sharpen'],
    ['Learned', 'learned'],
  ] as const) {
    await page.getByRole('radio', { name }).check();
    const box = (await map(page).boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
    await page.mouse.move(box.x + (box.width * 12.5) / 22, box.y + (box.height * 4.5) / 22);
    await expect(page.locator('.cv-sum')).toContainText('row 5, column 13');
    const [pixels, filter] = [await cells(page, 0), await cells(page, 1)];
    for (const [tap, weight] of weightsOf(FILTERS[id](3)).entries()) expect(filter[tap]).toBeCloseTo(weight, 2);
    const products = pixels.map((pixel, tap) => pixel * (filter[tap] ?? NaN));
    expect(await sum(page)).toBeCloseTo(
      products.reduce((total, product) => total + product),
      0,
    );
  }
});

test('the keyboard goes along the map and from row to row', async ({ page }) => {
  await withoutGpu(page);
  await open(page);
  await place(page).press('Home');
  await expect(place(page)).toHaveAttribute('aria-valuetext', /^row 1, column 1: −?\d+$/);
  await place(page).press('ArrowRight');
  await expect(page.locator('.cv-sum')).toContainText('row 1, column 2');
  await place(page).press('ArrowDown');
  await expect(page.locator('.cv-sum')).toContainText('row 2, column 2');
  await dial(page, 'Padding').press('ArrowRight');
  await place(page).press('Home');
  await expect(page.locator('.cv-cells .beside')).toHaveCount(5);
  expect((await cells(page, 0)).slice(0, 3)).toEqual([0, 0, 0]);
});

test('the size is asked before it is told', async ({ page }) => {
  await withoutGpu(page);
  await open(page);
  const question = page.getByRole('group', { name: /How large is the map/ });
  await expect(page.locator('.cv-formula')).toContainText('(24 + 2 × 0 − 3) / 1 + 1 = ?');
  await question.getByRole('button', { name: '24 × 24' }).click();
  await expect(question.getByRole('status')).toContainText(
    'It is 22 × 22. In 24 pixels a window that spans 3 can begin at 22',
  );
  await expect(page.locator('.cv-formula')).toContainText('+ 1 = 22');
  await question.getByRole('button', { name: 'Ask me another' }).click();
  await expect(question).toContainText('one pixel of padding');
  await expect(page.locator('.cv-formula')).toContainText('= ?');
  await question.getByRole('button', { name: '24 × 24' }).click();
  await expect(question.getByRole('status')).toContainText('Right.');
});

test('the weights of the two are asked, and 27 + 9 are 36 of 81', async ({ page }) => {
  await withoutGpu(page);
  await open(page);
  const question = page.getByRole('group', { name: /81 weights/ });
  const row = (name: string) =>
    page
      .getByRole('row')
      .filter({ has: page.getByRole('rowheader', { name, exact: true }) })
      .getByRole('cell')
      .last();
  await expect(row('Standard')).toHaveText('81');
  await expect(row('Depthwise + pointwise')).toHaveCount(0);
  await question.getByRole('button', { name: '36' }).click();
  await expect(question.getByRole('status')).toContainText('Right. Three filters of 3 × 3 are 27 weights');
  await expect(row('Depthwise + pointwise')).toHaveText('36');
  await expect(row('Grouped')).toHaveText('72');
  await page.getByRole('radio', { name: 'Grouped' }).check();
  await dial(page, 'Groups').press('Home');
  await expect(row('Grouped')).toHaveText('144');
  await expect(page.locator('.cv-meeting')).toHaveCount(16);
  await dial(page, 'Groups').press('End');
  await expect(page.locator('.cv-meeting')).toHaveCount(4);
});

test('what the chosen output adds up to is told', async ({ page }) => {
  await withoutGpu(page);
  await open(page);
  await page.getByRole('radio', { name: 'Pointwise' }).check();
  await page.getByRole('button', { name: 'Output 2: red − green' }).click();
  const parts = page.locator('.cv-parts');
  await expect(parts).toContainText('blue 0');
  const numbers = ((await parts.textContent()) ?? '').replaceAll('−', '-').match(/-?\d+/g)?.map(Number) ?? [];
  const [, , red = NaN, green = NaN, blue = NaN, total = NaN] = numbers;
  expect(red + green + blue).toBe(total);
});

test('the window plays, pauses and is stepped', async ({ page }) => {
  await withoutGpu(page);
  await page.goto('?lang=en#convolution');
  const player = page.locator('.cv-first .cv-player');
  await player.getByRole('button', { name: 'Pause' }).click();
  const at = Number(await place(page).inputValue());
  const unknown = async () => {
    const [pixels = Buffer.of()] = await pixelsOf(map(page).locator('canvas'));
    return pixels.filter((value, index) => index % 4 === 3 && value === 0).length;
  };
  expect(at).toBeLessThan(200);
  expect(await unknown()).toBeGreaterThan(200);
  await player.getByRole('button', { name: 'Step', exact: true }).click();
  await expect(place(page)).toHaveValue(String(at + 1));
  await player.getByRole('button', { name: 'Step back' }).click();
  await expect(place(page)).toHaveValue(String(at));
  await place(page).press('End');
  await expect.poll(unknown).toBeLessThan(60);
  await expect(player.getByRole('button', { name: 'Play' })).toBeVisible();
});

test('a lost GPU leaves what the page computes', async ({ page }) => {
  await holdDevice(page);
  await open(page);
  await byEngine(page);
  await loseDevice(page);
  await byPage(page);
  await page.getByRole('radio', { name: 'Blur' }).check();
  await expect(page.locator('.cv-note')).toContainText('the mean of the window');
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('a picture of the visitor’s own takes the place of the photograph', async ({ page }) => {
  await withoutGpu(page);
  await open(page);
  const before = await drawn(page);
  await give(page, 'drop', ['demo/public/samples/drawings/lion.png']);
  await expect.poll(async () => Buffer.concat(await drawn(page)).equals(Buffer.concat(before))).toBe(false);
  await expect(page).toHaveURL(/#convolution$/);
});

test('without the photograph the page says what helps', async ({ page, complaints }) => {
  await withoutGpu(page);
  await page.route('**/samples/photos/**', (route) => route.abort());
  await page.goto('?lang=en#convolution');
  await expect(page.getByRole('status')).toContainText('Drop a picture of your own');
  await give(page, 'drop', ['demo/public/samples/drawings/lion.png']);
  await byPage(page);
  expect(complaints.splice(0).every((text) => text.includes('Failed to load resource'))).toBe(true);
});

for (const [language, kinds] of [
  ['en', ['Standard', 'Depthwise', 'Pointwise', 'Grouped', 'Transposed']],
  ['ko', ['표준', '깊이별', '점별', '그룹', '전치']],
] as const) {
  test(`a phone shows all of it (${language})`, async ({ page }) => {
    await withoutGpu(page);
    await page.setViewportSize({ width: 360, height: 740 });
    await open(page, language);
    expect(kinds).toHaveLength(KINDS.length);
    for (const kind of kinds) {
      await page.getByRole('radio', { name: kind, exact: true }).check();
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
      expect(
        await page.locator('.cv-weights').evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth),
      ).toBe(0);
    }
    if (language === 'en') return;
    for (const text of await page.locator('h1, h2, h3, legend, figcaption').allTextContents())
      expect(text).toMatch(/[가-힣]/);
  });
}
