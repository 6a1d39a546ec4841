// The demo page, as built, with mouse, keyboard and files; other hosts are answered here.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright/test';
import { give } from './give.ts';
import { holdDevice, loseDevice } from './lose-device.ts';
import { serve } from './server.ts';
import { expect, test } from './test.ts';
import { timmCheckpoint } from './timm-checkpoint.ts';
import { answer, sample } from './try-it.ts';

const folder = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const samples = folder('demo/public/samples/fashion-mnist/');
const models = folder('demo/public/models/');
const readCard = (kind: 'separable' | 'full') =>
  JSON.parse(readFileSync(`${models}fashion-mnist-${kind}/card.json`, 'utf8'));

const GARMENTS = '?lang=en&network=separable';
const best = (page: Page, lang: 'en' | 'ko' = 'en') => answer(page, lang).locator('.best');
const ready = (page: Page) => expect(answer(page).locator('.best:not(.quiet)')).toBeVisible();

/** Waits for an answer about the sample that was just chosen: the data set's label is shown with it. */
async function expectSample(page: Page, label: string): Promise<void> {
  await expect(best(page)).toContainText(`the data set calls it ${label}`);
  await expect(best(page)).toContainText(new RegExp(`^${label}`));
}

test('the first answer is a person on another background, without any other server', async ({ page, site }) => {
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  const sizes: Promise<number>[] = [];
  page.on('requestfinished', (request) => {
    const size = request.sizes().then(({ responseBodySize }) => responseBodySize);
    sizes.push(size.catch(() => 0));
  });
  await page.goto('?lang=en');
  await expect(best(page)).toHaveText(/^A person, on \d+% of the picture$/);
  expect(requests.filter((url) => !url.startsWith(site) && !/^(blob|data):/.test(url))).toEqual([]);
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  expect(bytes).toBeGreaterThan(250_000);
  expect(bytes).toBeLessThan(1_500_000);
  await expect(page.getByRole('note')).toContainText('software adapter');
  await expect(page.getByRole('region', { name: 'More about the answer' })).toContainText(/[\d.,]+\u00a0ms a picture/);
  // Nobody is there: told, not shown.
  await sample(page, 'Rocket').click();
  await expect(best(page)).toHaveText('Nobody in this picture');
});

test('the picture and its answer are on the screen together', async ({ page }) => {
  for (const lang of ['en', 'ko'] as const) {
    await page.goto(`?lang=${lang}`);
    await expect(best(page, lang)).toHaveText(/55%/);
    for (const [width, height] of [
      [360, 740],
      [768, 1024],
      [1440, 900],
      // A phone on its side.
      [667, 375],
    ] as const) {
      await page.setViewportSize({ width, height });
      await expect(best(page, lang)).toBeInViewport({ ratio: 1 });
      await expect(page.locator('.screen')).toBeInViewport({ ratio: 1 });
      await expect(
        page.getByRole('button', { name: lang === 'en' ? 'Use your camera' : '카메라 켜기' }),
      ).toBeInViewport();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    }
  }
});

test('network, picture and view are in the address', async ({ page }) => {
  await page.goto('?lang=en&network=drawings&picture=drawings/castle');
  await expect(best(page)).toHaveText(/^A drawing, on \d+% of the picture$/);
  await expect(sample(page, 'Castle').locator('..').getByRole('radio')).toBeChecked();
  await sample(page, 'Pineapple').click();
  await expect(page).toHaveURL(/\?lang=en&network=drawings&picture=drawings\/pineapple$/);
  await page.getByRole('button', { name: 'Separable convolutions: Use it' }).click();
  await expect(page).toHaveURL(/network=separable&picture=fashion-mnist\/9-ankle-boot-a$/);
  await page.reload();
  await expectSample(page, 'Ankle boot');
  await page.getByRole('link', { name: 'How it runs' }).first().click();
  await expect(page).toHaveURL(/network=separable&picture=fashion-mnist\/9-ankle-boot-a#how-it-runs$/);
});

test('the page works by keyboard alone', async ({ page }) => {
  await page.goto(GARMENTS);
  await ready(page);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Use your camera' })).toBeFocused();

  // The samples are one stop for the Tab key.
  const chosen = page.getByRole('radio', { name: 'Ankle boot, sample 1' });
  for (let stops = 0; stops < 5 && !(await chosen.evaluate((radio) => radio.matches(':focus'))); stops++) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expectSample(page, 'Bag');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('radio', { name: /sample/ }).and(page.locator(':focus'))).toHaveCount(0);

  const full = page.getByRole('button', { name: /^Standard convolutions/ });
  for (let stops = 0; stops < 20 && !(await full.evaluate((button) => button.matches(':focus'))); stops++) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Space');
  await expect(page.getByRole('status')).toHaveText('Standard convolutions is ready.');
  await expect(full).toHaveAttribute('aria-pressed', 'true');
});

test('how a network runs is told with its plan, and its tensors are walked through by keyboard', async ({ page }) => {
  await page.goto(`${GARMENTS}#how-it-runs`);
  await expect(page.getByRole('region', { name: 'The plan', exact: true })).toContainText('depthwise');
  await page.getByRole('application').focus();
  // The picture's tensor, the same in the layout of the kernels, and what the first layer makes of it.
  for (let step = 0; step < 3; step++) await page.keyboard.press('ArrowRight');
  await expect(page.getByText(/^conv1 .*kernels 2 to 3/)).toBeVisible();
  // Of another one, which nothing is downloaded for.
  await page.getByLabel('Network', { exact: true }).selectOption('MobileNet v2 1.0 224');
  await expect(page.getByText('301M multiply-adds, 3.5M parameters')).toBeVisible();
});

test('pictures are dropped, pasted, chosen and drawn', async ({ page }) => {
  await page.goto(GARMENTS);
  await ready(page);
  await give(page, 'drop', [`${samples}1-trouser-b.png`]);
  await expect(best(page)).toContainText('Trouser');
  await give(page, 'paste', [`${samples}8-bag-a.png`]);
  await expect(best(page)).toContainText('Bag');
  await page.getByLabel('Open a photo', { exact: true }).setInputFiles(`${samples}7-sneaker-a.png`);
  await expect(best(page)).toContainText('Sneaker');
  await expect(page.getByText('What the network sees, 64 × 64')).toBeVisible();

  await page.getByRole('button', { name: 'Draw', exact: true }).click();
  const area = page.getByRole('img', { name: /Drawing area/ });
  await area.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await area.boundingBox()) as { x: number; y: number; width: number; height: number };
  const waiting = page.getByText('Choose a picture.');
  await expect(waiting).toBeVisible();
  await page.mouse.move(x + 0.3 * width, y + 0.2 * height);
  await page.mouse.down();
  await page.mouse.move(x + 0.7 * width, y + 0.8 * height, { steps: 4 });
  await page.mouse.up();
  await expect(best(page)).toBeVisible();
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect(waiting).toBeVisible();
});

test('a photo is told to be beyond a network of grey garments', async ({ page }) => {
  await page.goto(GARMENTS);
  await ready(page);
  await page
    .getByLabel('Open a photo', { exact: true })
    .setInputFiles(`${folder('demo/public/samples/photos/')}cat.jpg`);
  await expect(answer(page)).toContainText('This network knows ten grey garments and nothing else.');
  await expect(best(page)).toHaveCount(0);
  await expect(answer(page).getByRole('button')).toHaveText('Download 14 MB and recognise 1,000 things');
});

test('what one who knows people alone takes for a person is no bold answer', async ({ page }) => {
  const caution = 'This network knows people and nothing else. It would call';
  await page.setViewportSize({ width: 360, height: 640 });
  await page.goto('?lang=en&picture=photos/cat');
  await expect(answer(page)).toContainText(caution);
  await expect(best(page)).toHaveCount(0);
  for (const part of [answer(page), page.locator('.screen')]) await expect(part).toBeInViewport({ ratio: 1 });
  await expect(page.getByRole('button', { name: 'Download 14 MB and recognise 1,000 things' }).first()).toBeVisible();
  // What a picture of the visitor's own shows, nobody else knows.
  await page
    .getByLabel('Open a photo', { exact: true })
    .setInputFiles(`${folder('demo/public/samples/photos/')}cat.jpg`);
  await expect(best(page)).toHaveText(/^A person, on \d+% of the picture$/);
  await expect(answer(page)).toContainText('If there is one: this network knows people and nothing else.');
  await sample(page, 'Astronaut').click();
  await expect(answer(page)).toHaveText(/^A person, on 55% of the picture$/);
});

test('bad files are refused in plain words, and the page goes on', async ({ page }) => {
  await page.goto(GARMENTS);
  await ready(page);
  const alert = page.getByRole('alert');
  const choose = page.getByLabel('Open a photo', { exact: true });
  await choose.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') });
  await expect(alert).toContainText("The browser cannot decode 'notes.txt' as a picture.");
  await sample(page, 'Bag, sample 1').click();
  await expect(alert).toHaveCount(0);

  await page.getByText('Your own network').click();
  const files = page.getByLabel('Choose files');
  await files.setInputFiles({ name: 'cut.safetensors', mimeType: '', buffer: Buffer.from('cut') });
  await expect(alert).toContainText('These weights cannot be used');
  await files.setInputFiles({ name: 'card.json', mimeType: '', buffer: Buffer.from('{"schema":1}') });
  await expect(alert).toContainText('This card cannot be used');
  await files.setInputFiles({ name: 'card.json', mimeType: '', buffer: Buffer.from('{') });
  await expect(alert).toContainText('this is not JSON');
  await page.getByRole('button', { name: 'Close this message' }).click();
  await expect(alert).toHaveCount(0);
  await sample(page, 'Ankle boot, sample 1').click();
  await expectSample(page, 'Ankle boot');
});

test("a card runs by address and with its files, and weights run under one's own options", async ({
  page,
  site,
  complaints,
}) => {
  await page.goto(GARMENTS);
  await ready(page);
  const full = `${models}fashion-mnist-full/`;
  await give(page, 'drop', [`${full}card.json`, `${full}model.safetensors`]);
  const status = page.getByRole('status');
  await expect(status).toHaveText(`${readCard('full').name} is ready.`);
  // What it is for is known by its labels.
  await expect(best(page)).toContainText('the data set calls it Ankle boot');

  await expect(page.locator('.card').getByRole('button', { pressed: true })).toHaveCount(0);
  await page.getByText('Your own network').click();
  const address = page.getByLabel('Address of a card, or of an ONNX, TFLite or safetensors file');
  await address.fill(`${site}models/none/card.json`);
  await page.getByRole('button', { name: 'Load', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('The server answers with status 404: there is no such file.');
  expect(complaints.splice(0)).toEqual([expect.stringContaining('404')]);
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Load', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('The file cannot be fetched (the browser is offline)');
  await expect(page.getByRole('alert')).toContainText('You are offline');
  await page.context().setOffline(false);
  expect(complaints.splice(0)).toEqual([expect.stringContaining('ERR_INTERNET_DISCONNECTED')]);
  await address.fill(`${site}models/fashion-mnist-separable/card.json`);
  await page.getByRole('button', { name: 'Load', exact: true }).click();
  await expect(status).toHaveText(`${readCard('separable').name} is ready.`);

  await page.getByText('For files without a card').click();
  await page.getByLabel('Architecture (of safetensors)').selectOption('mobileNetV1');
  await page.getByLabel('Options, as JSON').fill(JSON.stringify(readCard('separable').options));
  await page.getByLabel('Preparation of the picture').fill('{ "fit": "contain", "mean": [0.286], "std": [0.353] }');
  await give(page, 'drop', [`${models}fashion-mnist-separable/model.safetensors`]);
  await expect(status).toHaveText('model.safetensors is ready.');
  await sample(page, 'Ankle boot, sample 1').click();
  await expect(best(page)).toContainText('class 9');
});

test('a published network is fetched when the visitor says so', async ({ page }) => {
  const address = 'https://huggingface.co/timm/mobilenetv3_small_100.lamb_in1k/resolve/main/model.safetensors';
  const requests: string[] = [];
  let answerNow: () => void = () => {};
  const asked = new Promise<void>((resolve) => {
    answerNow = resolve;
  });
  await page.route('https://huggingface.co/**', async (route) => {
    requests.push(route.request().url());
    if (requests.length === 1) await asked;
    const headers = { 'access-control-allow-origin': '*' };
    // The first request has been cancelled by then.
    await route.fulfill({ headers, body: Buffer.from(timmCheckpoint()) }).catch(() => {});
  });
  // A link to it downloads nothing by itself.
  await page.goto('?lang=en&network=mobilenet-v3-small');
  await ready(page);
  await expect(page.getByText('This link is about MobileNet v3 small 1.0 224, which is not here yet.')).toBeVisible();
  expect(requests).toEqual([]);
  await page.getByText('Three other MobileNets').click();
  const small = page.locator('.card').getByRole('button', { name: /^MobileNet v3 small/ });
  await expect(small).toHaveText(/Download 10\u00a0MB$/);
  await expect(small.locator('..')).toContainText('Apache-2.0 · huggingface.co · 67.6% right');

  await small.click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  await expect.poll(() => requests.length).toBe(1);
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('status')).toHaveText(/Loading was cancelled/);
  answerNow();
  await expect(best(page)).toContainText('A person');

  await small.click();
  await expect(page.getByRole('status')).toHaveText(/MobileNet v3 small.* is ready/);
  await expect(page.getByText('What the network sees, 224 × 224')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Draw', exact: true })).toHaveCount(0);
  expect(requests).toEqual([address, address]);

  // It is kept for the next visit.
  await page.reload();
  await expect(page.getByRole('status')).toHaveText(/MobileNet v3 small.* is ready/);
  await page.getByText('Three other MobileNets').click();
  await expect(small.locator('..')).toContainText('already here, 10 MB');
  expect(requests).toEqual([address, address]);
});

test('the camera runs live, and its tracks end with it', async ({ page }) => {
  await page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const real = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (constraints) => {
      const stream = await real(constraints);
      Object.assign(globalThis, { stream });
      return stream;
    };
  });
  await page.goto('?lang=en');
  await ready(page);
  await page.getByRole('button', { name: 'Use your camera' }).click();
  await page.waitForFunction(() => 'stream' in globalThis);
  const screen = page.locator('.screen');
  // The camera's own proportions, as in a mirror, and a picture of many colours.
  await expect
    .poll(() => screen.evaluate(({ offsetWidth, offsetHeight }: HTMLElement) => offsetWidth / offsetHeight))
    .toBeCloseTo(4 / 3);
  await expect(screen).toHaveCSS('transform', 'matrix(-1, 0, 0, 1, 0, 0)');
  await expect(best(page)).toHaveText('Looking for people');
  await expect(page.getByText(/\d+ frames a second, [\d.,]+\sms each/)).toBeVisible();
  // Another effect, while it runs.
  await page.getByText('Cut out', { exact: true }).click();
  await expect(page.getByRole('img', { name: 'Cut out' })).toHaveJSProperty('width', 640);
  await page.getByRole('button', { name: 'Stop the camera' }).click();
  const states = () =>
    page.evaluate(() =>
      (globalThis as unknown as { stream: MediaStream }).stream.getTracks().map(({ readyState }) => readyState),
    );
  await expect.poll(states).toEqual(['ended']);
});

test('a lost device is told, and the network comes back', async ({ page }) => {
  await holdDevice(page);
  await page.goto(GARMENTS);
  await ready(page);
  for (let loss = 0; loss < 2; loss++) {
    await loseDevice(page);
    await expect(page.getByRole('alert')).toContainText('The GPU was taken away from this page');
    await page.getByRole('button', { name: 'Start again' }).click();
    await expect(page.getByRole('alert')).toHaveCount(0);
    await sample(page, 'Ankle boot, sample 1').click();
    await expectSample(page, 'Ankle boot');
    await sample(page, 'Trouser, sample 1').click();
    await expectSample(page, 'Trouser');
  }
});

for (const lang of ['en', 'ko'] as const) {
  test(`without WebGPU the page says so, and some answers are there all the same (${lang})`, async ({ page }) => {
    await page.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: undefined }));
    await page.goto(`?lang=${lang}`);
    await expect(page.getByRole('alert')).toContainText(
      lang === 'en' ? 'There is no WebGPU here' : '여기서는 WebGPU를 쓸 수 없습니다',
    );
    await expect(best(page, lang)).toHaveText(
      lang === 'en' ? 'A person, on 54% of the picture' : /54%\u2060를 차지합니다/,
    );
    await expect(page.locator('.screen img.mask')).toHaveJSProperty('naturalWidth', 512);
    await sample(page, lang === 'en' ? 'Cat' : '고양이').click();
    await expect(best(page, lang)).toContainText('tiger cat');
    await page.goto(`?lang=${lang}#how-it-runs`);
    await expect(page.locator('.how-it-runs table').first().getByRole('row')).not.toHaveCount(0);
  });
}

test('without an adapter the page says what may help', async ({ page }) => {
  await page.addInitScript(() => {
    GPU.prototype.requestAdapter = async () => null;
  });
  await page.goto('');
  await expect(page.getByRole('alert')).toContainText('The browser found no GPU that it can use');
});

test('the page runs from any folder, under a content security policy, without a sideways scroll', async ({ page }) => {
  // Observable Plot puts a style sheet into each figure.
  const policy =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'; connect-src 'self'";
  const server = await serve({
    folders: { '/some/where/': folder('dist-demo/') },
    headers: { 'content-security-policy': policy },
  });
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`${server.url}some/where/`);
  await ready(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  server.close();
});
