// Every view where the browser has no WebGPU: what is wrong and what helps is said, and nothing is blank.
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import type { Page } from 'playwright/test';
import { words as bench } from '../demo/bench/bench-strings.ts';
import { GARMENT_ANSWERS } from '../demo/compare/garment-answers.ts';
import { VIEWS } from '../demo/frame/views.ts';
import { BEFOREHAND, numbersOf, type Stored } from '../demo/layers/stored-maps.ts';
import { LANGUAGES } from '../demo/shared/strings.ts';
import { violations } from './axe.ts';
import { give } from './give.ts';
import { expect, test } from './test.ts';

test.beforeEach(({ page }) => page.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: undefined })));

/** What only this view has, and how many of it at least. */
const CONTENT: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  try: { '.headline .best': 1, '.screen img': 1, '.samples img': 4 },
  layers: { '.node-picture': 30, '.answer-classes li': 5, '.maps-all canvas[data-drawn]:not([data-drawn="0"])': 1 },
  // The sixth row answers a question.
  convolution: { canvas: 10, 'section table tbody tr': 5 },
  'why-mobilenet': { '.plane canvas': 10, '.trained image': 16, 'tbody tr': 7 },
  'why-unet': { '.u canvas, .u [role=img]': 11, '.u-iou': 3, 'tbody tr': 7 },
  'why-resnext': { svg: 2, '.trained image': 10 },
  'why-densenet': { svg: 2, 'tbody tr': 5, '.trained image': 6, '.trained-maps img': 8 },
  compare: { '.figures svg': 2, '.answers-beforehand tbody tr': 3 + GARMENT_ANSWERS.length },
  'how-it-runs': { '.facts dd': 5, 'tbody tr': 30, 'figure svg': 2 },
};

/** Whatever of the view a visitor would take for broken: without end, without content, or without a reason. */
const amiss = (page: Page) =>
  page.locator('main').evaluate((main) => {
    const found: string[] = [];
    const seen = (selector: string) =>
      [...main.querySelectorAll<HTMLElement>(selector)].filter((element) => element.checkVisibility());
    const note = (what: string, element: Element) =>
      found.push(`${what}: ${element.tagName} ${element.className} ${element.textContent?.trim().slice(0, 60)}`);
    for (const canvas of seen('canvas') as HTMLCanvasElement[]) {
      const small = new OffscreenCanvas(32, 32);
      const context = small.getContext('2d', { willReadFrequently: true })!;
      if (canvas.width * canvas.height > 0) context.drawImage(canvas, 0, 0, 32, 32);
      const { data } = context.getImageData(0, 0, 32, 32);
      if (!data.some((level, at) => at % 4 === 3 && level > 0)) note('blank', canvas);
    }
    for (const image of seen('img') as HTMLImageElement[]) {
      if (!image.complete || image.naturalWidth === 0) note(`no picture ${image.src}`, image);
    }
    for (const figure of seen('figure, svg, canvas, img, table')) {
      const { width, height } = figure.getBoundingClientRect();
      if (width < 8 || height < 8) note('no size', figure);
    }
    for (const figure of seen('figure, tbody, ul, ol, dl, svg:not([aria-hidden])')) {
      if (figure.children.length === 0) note('nothing in it', figure);
    }
    for (const picture of seen('[role=img]:empty:not(canvas, img)')) {
      if (getComputedStyle(picture).backgroundImage === 'none') note('blank', picture);
    }
    for (const busy of seen('progress, [aria-busy=true], [role=progressbar]')) note('without end', busy);
    for (const disabled of seen(':disabled')) note('disabled', disabled);
    for (const element of seen('*')) {
      if (element.children.length > 0) continue;
      const text = element.textContent?.trim() ?? '';
      if (/^[–—-]$/.test(text)) note('no number', element);
      if (/(^|\s)…$/.test(text)) note('without end', element);
    }
    return found;
  });

/** What is asked first is passed over, and what plays is played to its end, so that all of the view is there. */
async function unfold(page: Page): Promise<void> {
  const passOver = page.getByRole('button', { name: /^(Just show me|그냥 보기)$/ });
  while ((await passOver.count()) > 0) await passOver.first().click();
  for (const slider of await page.locator('.player input, .cv-player input').all()) await slider.press('End');
}

for (const { id, heading, withoutGpu } of VIEWS) {
  for (const lang of ['en', 'ko'] as const) {
    test(`${id} without WebGPU has all that needs none, and says what is missing (${lang})`, async ({ page }) => {
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.goto(`?lang=${lang}#${id}`);
      await expect(page.getByRole('heading', { level: 1 })).toHaveText(heading[lang]);
      const alert = page.getByRole('alert');
      if (withoutGpu) {
        await expect(alert).toContainText(
          lang === 'en' ? 'There is no WebGPU here' : '여기서는 WebGPU를 쓸 수 없습니다',
        );
        await expect(alert).toContainText(lang === 'en' ? /WebGPU is in Chrome .* from 113/ : /WebGPU는 Chrome.* 113/);
        await expect(alert).toContainText(withoutGpu[lang]);
        // What the engine says is there for who asks.
        const engine = alert.getByText('navigator.gpu is undefined');
        await expect(engine).toBeHidden();
        await alert.locator('summary').click();
        await expect(engine).toBeVisible();
      }
      for (const width of [1440, 390]) {
        await page.setViewportSize({ width, height: 844 });
        await expect(async () => {
          await unfold(page);
          for (const [selector, least] of Object.entries(CONTENT[id]!)) {
            const count = await page.locator(`main :is(${selector})`).count();
            expect(count, selector).toBeGreaterThanOrEqual(least);
          }
          expect(await amiss(page), `${width} px`).toEqual([]);
        }).toPass({ timeout: 30_000 });
        // Figures follow the window's width.
        await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
        if (withoutGpu) expect(await violations(page), `${width} px`).toEqual([]);
      }
      await expect(alert).toHaveCount(withoutGpu ? 1 : 0);
    });
  }
}

for (const lang of ['en', 'ko'] as const) {
  const { problem, mask } = LANGUAGES[lang];

  // On a view that waits for a device, and on one that asks for none.
  for (const view of ['layers', 'why-resnext']) {
    test(`a network that is given on ${view} is refused at once (${lang})`, async ({ page }) => {
      await page.setViewportSize({ width: 390, height: 844 });
      await page.goto(`?lang=${lang}#${view}`);
      await expect(page.getByRole('heading', { level: 2 }).first()).toBeVisible();
      await give(page, 'drop', ['tests/onnx/alexnet.onnx']);
      const refused = page.getByRole('alert').filter({ hasText: problem.needsGpu('alexnet.onnx') });
      await expect(refused).toContainText(problem.help.needsGpu);
      await expect(refused).toBeInViewport({ ratio: 0.95 });
      await expect(refused.locator('details')).toHaveCount(0);
      await refused.getByRole('button', { name: problem.dismiss }).click();
      await expect(refused).toHaveCount(0);
      // Another one, too.
      await give(page, 'drop', ['tests/onnx/alexnet.onnx']);
      await expect(refused).toBeVisible();
    });
  }

  test(`the first view's cut-out has the backgrounds that need no GPU (${lang})`, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`?lang=${lang}`);
    await expect(page.getByRole('alert')).toBeVisible();
    // The message below has not taken the page with it.
    await page.waitForTimeout(200);
    expect(await page.evaluate(() => scrollY)).toBe(0);
    const modes = page.getByRole('group', { name: mask.caption, exact: true });
    await expect(modes.getByRole('radio')).toHaveCount(3);
    for (const mode of ['replace', 'cutout', 'blur'] as const) {
      await modes.getByText(mask.modes[mode], { exact: true }).click();
      await expect(page.locator(`.screen.${mode} img.mask`)).toBeVisible();
    }
  });

  test(`the bench without WebGPU says why it measures nothing, and what helps (${lang})`, async ({ page }) => {
    await page.goto(`bench.html?lang=${lang}`);
    const { without, choose } = bench[lang];
    await expect(page.getByRole('alert')).toContainText(without);
    await expect(page.getByRole('alert')).toContainText(problem.noWebGpu);
    await expect(page.getByText(choose.without)).toBeVisible();
    await expect(page.getByRole('button', { name: choose.start })).toHaveCount(0);
    expect(await violations(page)).toEqual([]);
    await page.getByRole('link', { name: choose.known }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText(
      VIEWS.find(({ id }) => id === 'compare')!.heading[lang],
    );
  });

  test(`on a phone Compare's numbers stand at the right, and a colour beside what it means (${lang})`, async ({
    page,
  }) => {
    await page.setViewportSize({ width: 360, height: 780 });
    await page.goto(`?lang=${lang}#compare`);
    await expect(page.locator('.network-cards dd').first()).toBeVisible();
    const gaps = await page.locator('.network-cards dd').evaluateAll((numbers) =>
      numbers.map((number) => {
        const room = number.parentElement!.getBoundingClientRect();
        return Math.abs(room.right - number.getBoundingClientRect().right);
      }),
    );
    expect(Math.max(...gaps)).toBeLessThan(1);
    const keys = page.locator('.figures figcaption > span');
    await expect(keys).toHaveCount(4);
    // One line has one box.
    expect(await keys.evaluateAll((all) => all.filter((key) => key.getBoundingClientRect().height > 30).length)).toBe(
      0,
    );
  });
}

test('forced colours show the chosen background, the page, and where the keyboard is', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await page.goto('?lang=en');
  const chosen = page.locator('.segments label').first();
  await chosen.getByRole('radio').focus();
  // Of a system's colours a page sees what they are at the moment.
  const [highlight, background, outline] = await chosen.evaluate((label) => {
    const probe = document.body.appendChild(document.createElement('div'));
    probe.style.cssText = 'forced-color-adjust: none; background: Highlight';
    const { backgroundColor, outlineColor } = getComputedStyle(label);
    return [getComputedStyle(probe).backgroundColor, backgroundColor, outlineColor];
  });
  expect(background).toBe(highlight);
  expect(outline).not.toBe(background);
  const lineOf = (name: string) =>
    page.getByRole('link', { name, exact: true }).evaluate((link) => getComputedStyle(link).textDecorationLine);
  expect([await lineOf('Try it'), await lineOf('Layers')]).toEqual(['underline', 'none']);
});

const { scores, layers } = JSON.parse(
  inflateSync(readFileSync(new URL(`../demo/public/${BEFOREHAND.file}`, import.meta.url))).toString(),
) as Stored;
const figures = (value: number) => new Intl.NumberFormat('en', { maximumSignificantDigits: 3 }).format(value);

test('the maps computed beforehand have their numbers under the pointer, and the last layer its labels', async ({
  page,
}) => {
  await page.goto('?lang=en#layers');
  const row = (name: string) => page.getByRole('button', { name: new RegExp(`^${name} ?[a-z]`) });
  const channel = page.locator('.maps-one figcaption');
  await row('conv_pw_3').click();
  await expect(page.getByText('32 channels of 16 × 16.')).toBeVisible();
  await page.getByRole('application').press('ArrowRight');
  await expect(channel).toContainText('Channel 2');
  const shown = page.locator('.maps-one canvas');
  await expect(shown).toHaveJSProperty('width', 16);
  const box = (await shown.boundingBox())!;
  await shown.hover({ position: { x: (5.5 / 16) * box.width, y: (9.5 / 16) * box.height } });
  const values = numbersOf(layers.find(({ name }) => name === 'conv_pw_3')!);
  await expect(channel).toContainText(`${figures(values[256 + 9 * 16 + 5]!)} at column 6, row 10`);

  await page.locator('.layer-list').getByRole('button').last().click();
  await page.getByRole('application').press('End');
  await expect(channel).toContainText('Channel 10');
  await expect(channel).toContainText('Ankle boot');
  // A negative number has a minus, not a hyphen.
  await page.getByRole('application').press('Home');
  await expect(channel).toContainText(/−\d/);
  const best = page.locator('.answer-classes li').first();
  await expect(best).toContainText(`Ankle boot ${figures(100 * scores[9]!)}%`);

  // Another network has its diagram, and the way back.
  await page.getByRole('combobox', { name: 'Network' }).selectOption({ label: 'GoogLeNet' });
  await expect(page.getByText('computing it needs WebGPU', { exact: false })).toBeVisible();
  await page.getByRole('button', { name: 'Show what was computed beforehand' }).click();
  await expect(page.locator('.maps-all canvas')).toBeVisible();
});

test('a picture for which nothing was computed beforehand has no mask, and that is said', async ({ page }) => {
  await page.goto('?lang=en#why-unet');
  await expect(page.locator('.u-masks figure')).toHaveCount(3);
  const photo = readFileSync(new URL('../demo/public/samples/photos/cat.jpg', import.meta.url), 'base64');
  await page.evaluate(async (data) => {
    const transfer = new DataTransfer();
    const blob = await (await fetch(`data:image/jpeg;base64,${data}`)).blob();
    transfer.items.add(new File([blob], 'cat.jpg', { type: 'image/jpeg' }));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, photo);
  await expect(page.getByText('its masks need WebGPU', { exact: false })).toBeVisible();
  await expect(page.locator('.u-masks figure')).toHaveCount(1);
  expect(await amiss(page)).toEqual([]);
});

test('a link to a sample without an answer leads to those that have one', async ({ page }) => {
  await page.goto('?lang=en&picture=fashion-mnist/9-ankle-boot-a#try');
  await expect(page.locator('.headline .best')).toHaveText('A person, on 54% of the picture');
  await expect(page.locator('.samples img')).toHaveCount(4);
});

test('with WebGPU nothing that was computed beforehand is downloaded', async ({ browser, site }) => {
  const page = await browser.newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(`${site}?lang=en&network=separable#layers`);
  await expect(page.locator('.maps-all canvas')).toHaveAttribute('data-drawn', /[1-9]/);
  await page.close();
  expect(asked.filter((url) => url.endsWith(BEFOREHAND.file))).toEqual([]);
});
