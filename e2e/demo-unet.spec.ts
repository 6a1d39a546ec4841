// Why U-Net: what its skips are worth, with a GPU and without, and what the page says of the plan. And the first view with a
// segmenter.
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { holdDevice, loseDevice } from './lose-device.ts';
import { pixelsOf } from './pixels.ts';
import { expect, test } from './test.ts';
import { answer, sample } from './try-it.ts';

const folder = new URL('../demo/public/', import.meta.url);

/** Whether a canvas shows more than one colour, as a person sees it. */
async function colours(page: Page, name: string): Promise<number> {
  // A canvas may be replaced by that of another device at any moment.
  const picture = await page
    .getByRole('img', { name, exact: true })
    .screenshot()
    .catch(() => undefined);
  if (!picture) return 0;
  return page.evaluate(async (base64) => {
    const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${base64}`)).blob());
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    context?.drawImage(bitmap, 0, 0);
    const { data } = context?.getImageData(0, 0, bitmap.width, bitmap.height) ?? { data: [] };
    return new Set(new Uint32Array(Uint8Array.from(data).buffer)).size;
  }, picture.toString('base64'));
}

const shown = (page: Page) => page.getByRole('button', { name: /^(Just show me|그냥 보기)$/ });
/** As the page writes it under a mask. */
const iou = async (page: Page, name: string) => {
  const caption = page.locator('figure', { has: page.getByRole('img', { name, exact: true }) }).locator('.u-iou');
  return Number((await caption.textContent())?.replace('IoU ', ''));
};
/** Of the samples, by PyTorch with the same weights: `openclipart.py --beforehand`. */
const LION = { all: 0.961, none: 0.508, never: 0.826 };

test('a guess comes first, and then every skip can be weakened', async ({ page }) => {
  const { options } = JSON.parse(readFileSync(new URL('models/drawings-300/card.json', folder), 'utf8'));
  // The page's figure and tables are of this network.
  expect(options).toEqual({ inChannels: 3, classes: 1, features: 8, inputSize: [128, 128] });
  await page.goto('?lang=en#why-unet');
  await expect.poll(() => iou(page, 'A U-Net’s mask')).toBeCloseTo(LION.all, 2);
  const slider = page.getByRole('slider', { name: /^Skip 1/ });
  await expect(slider).toBeHidden();
  await page.getByRole('button', { name: 'nothing' }).click();
  await expect(page.getByText('It is a blur in about the right place.')).toBeVisible();
  await expect(slider).toBeVisible();
  await expect(shown(page)).toBeHidden();

  // Once the networks are there, the maps are drawn by them.
  const maps = (name: string) => page.getByRole('img', { name: `Feature maps of ${name}`, exact: true });
  await expect(maps('decoder1').and(page.locator('canvas'))).toBeVisible();
  await expect.poll(() => iou(page, 'The mask')).toBeCloseTo(LION.none, 2);
  expect(await iou(page, 'Trained without skips')).toBeCloseTo(LION.never, 2);
  for (const name of ['encoder1', 'encoder4', 'bottleneck', 'decoder4', 'decoder1']) {
    await expect.poll(() => colours(page, `Feature maps of ${name}`)).toBeGreaterThan(20);
  }
  const before = await maps('decoder1').screenshot();
  await page.getByRole('button', { name: 'All skips' }).click();
  await expect.poll(() => iou(page, 'The mask')).toBeCloseTo(LION.all, 2);
  await expect.poll(async () => before.equals(await maps('decoder1').screenshot())).toBe(false);
  // A little less of one skip is a mask between the two.
  await slider.press('Home');
  await expect(page.getByText('Skip 1 hands over 0% of 8 maps of 128 × 128.')).toBeVisible();
  await expect.poll(() => iou(page, 'The mask')).toBeLessThan(LION.all - 0.01);
  const cut = await iou(page, 'The mask');
  for (let press = 0; press < 10; press++) await slider.press('ArrowRight');
  await expect(page.getByText('Skip 1 hands over 50%')).toBeVisible();
  await expect.poll(() => iou(page, 'The mask')).not.toBe(cut);

  // Grey, in two rows of four maps of 8 x 8: the largest value of each is white, unless it is 0.
  const { rgba } = await pixelsOf(maps('bottleneck'));
  const most = Array<number>(8).fill(0);
  for (let pixel = 0; pixel < 32 * 16; pixel++) {
    const [red = 0, ...others] = rgba.slice(4 * pixel, 4 * pixel + 3);
    expect(others).toEqual([red, red]);
    const map = 4 * Math.floor(pixel / (32 * 8)) + Math.floor((pixel % 32) / 8);
    most[map] = Math.max(most[map] ?? 0, red);
  }
  expect(most.filter((level) => level > 0)).not.toEqual([]);
  expect(most.filter((level) => level > 0 && level < 255)).toEqual([]);
});

test('another drawing has its own masks, which can be cut out', async ({ page }) => {
  await page.goto('?lang=en#why-unet');
  const mask = page.getByRole('img', { name: 'A U-Net’s mask' });
  await expect.poll(() => iou(page, 'A U-Net’s mask')).toBeCloseTo(LION.all, 2);
  const lion = await mask.screenshot();
  await page.getByRole('radio', { name: 'Toadstool' }).press(' ');
  await expect.poll(async () => lion.equals(await mask.screenshot())).toBe(false);
  const over = await mask.screenshot();
  await page.getByRole('radio', { name: 'Cut out' }).check();
  await expect.poll(async () => over.equals(await mask.screenshot())).toBe(false);
});

test('without a GPU the masks are those computed beforehand', async ({ page }) => {
  await page.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: undefined }));
  await page.goto('?lang=en#why-unet');
  await shown(page).click();
  await expect.poll(() => iou(page, 'The mask')).toBeCloseTo(LION.none, 2);
  expect(await iou(page, 'A U-Net’s mask')).toBeCloseTo(LION.all, 2);
  expect(await iou(page, 'Trained without skips')).toBeCloseTo(LION.never, 2);
  await expect(page.getByText('Computed beforehand, since there is no GPU here')).toBeVisible();
  for (const skip of [1, 2, 3, 4]) await page.getByRole('slider', { name: `Skip ${skip}` }).press('ArrowRight');
  await expect.poll(() => iou(page, 'The mask')).toBeCloseTo(LION.all, 2);
  for (const name of ['encoder1', 'bottleneck', 'decoder1']) {
    await expect.poll(() => colours(page, `Feature maps of ${name}`)).toBeGreaterThan(20);
  }
});

test('the U fits a phone', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: undefined }));
  await page.goto('?lang=ko#why-unet');
  await shown(page).click();
  const box = await page.locator('.u').boundingBox();
  expect(box?.x).toBeGreaterThanOrEqual(0);
  expect((box?.x ?? 0) + (box?.width ?? 360)).toBeLessThanOrEqual(360);
  expect(box?.height).toBeLessThan(740);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
});

test('the skips in the table are those of figure 1, by hand', async ({ page }) => {
  await page.goto('?lang=en#why-unet');
  const rows = page.getByRole('region', { name: 'Skips in the plan' }).locator('tbody tr');
  await expect(rows).toHaveText(
    [1, 2, 3, 4].map((level) => {
      const channels = 8 * 2 ** (level - 1);
      const bytes = 4 * channels * (128 / 2 ** (level - 1)) ** 2;
      // Below a level: five maps for each deeper one, and three at the bottom. No kernel writes where it reads, so the two
      // arenas take turns, and every other map lies in the skip's.
      const beneath = 5 * (4 - level) + 3;
      return (
        `encoder${level}.enc${level}conv2 channels ${channels + 1} to ${2 * channels}` +
        `upconv${level} channels 1 to ${channels}` +
        `decoder${level}.dec${level}conv1 all ${2 * channels}` +
        `${bytes / 1024} KiB` +
        String(Math.floor(beneath / 2))
      );
    }),
  );
  await expect(page.getByText('The plan has no copy kernel.')).toBeVisible();
});

test('a picture of the visitor’s own comes in, and the page is Korean where asked', async ({ page }) => {
  await page.goto('?lang=ko#why-unet');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('U-Net에는 왜 건너뛰기 연결이 있는가');
  for (const heading of await page.locator('h2, h3').allTextContents()) expect(heading).toMatch(/[가-힣]/);
  const base64 = readFileSync(new URL('samples/drawings/castle.png', folder), 'base64');
  await page.evaluate(async (data) => {
    const transfer = new DataTransfer();
    const blob = await (await fetch(`data:image/png;base64,${data}`)).blob();
    transfer.items.add(new File([blob], 'own.png', { type: 'image/png' }));
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }, base64);
  await expect(page.getByRole('button', { name: '내 이미지' })).toHaveAttribute('aria-pressed', 'true');
});

test('the first view segments drawings, and goes back to clothes', async ({ page, site }) => {
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto('?lang=en');
  await page.locator('.card', { hasText: 'Cut out drawings' }).getByRole('button').click();
  await expect(answer(page)).toContainText(/^A drawing, on \d+% of the picture/);
  await sample(page, 'Umbrella').click();
  await page.getByText('Mask', { exact: true }).click();
  await expect.poll(() => colours(page, 'Mask')).toBeGreaterThan(50);
  const over = await page.getByRole('img', { name: 'Mask' }).screenshot();
  await page.getByText('Cut out', { exact: true }).click();
  const cutout = page.getByRole('img', { name: 'Cut out' });
  await expect.poll(async () => over.equals(await cutout.screenshot())).toBe(false);
  await expect.poll(() => colours(page, 'Cut out')).toBeGreaterThan(50);

  await page.getByRole('button', { name: 'Use your camera' }).click();
  await expect.poll(() => cutout.evaluate(({ width, height }: HTMLCanvasElement) => width / height)).toBeCloseTo(4 / 3);
  await page.getByRole('button', { name: 'Stop the camera' }).click();
  await page.getByRole('button', { name: /^Separable convolutions/ }).click();
  await expect(answer(page)).toContainText('the data set calls it Ankle boot');
  await expect(page.locator('.classes').getByRole('listitem')).toHaveCount(5);
  expect(requests.filter((url) => !url.startsWith(site) && !/^(blob|data):/.test(url))).toEqual([]);
});

test('a network that is chosen before there is a device is loaded once there is one', async ({ page }) => {
  await page.addInitScript(() => {
    const { requestDevice } = GPUAdapter.prototype;
    GPUAdapter.prototype.requestDevice = async function (...args) {
      await new Promise((resolve) => Object.assign(globalThis, { giveDevice: resolve }));
      return requestDevice.apply(this, args);
    };
  });
  await page.goto('?lang=en');
  await page.locator('.card', { hasText: 'Cut out drawings' }).getByRole('button').click();
  await page.evaluate(() => (globalThis as unknown as { giveDevice(): void }).giveDevice());
  await expect.poll(() => colours(page, 'Blur')).toBeGreaterThan(50);
});

test('a segmenter comes back after a lost device', async ({ page }) => {
  await holdDevice(page);
  await page.goto('?lang=en');
  await page.locator('.card', { hasText: 'Cut out drawings' }).getByRole('button').click();
  await expect.poll(() => colours(page, 'Blur')).toBeGreaterThan(50);
  await loseDevice(page);
  await expect(page.getByRole('alert')).toContainText('The GPU was taken away from this page');
  await page.getByRole('button', { name: 'Start again' }).click();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await sample(page, 'Umbrella').click();
  await expect.poll(() => colours(page, 'Blur')).toBeGreaterThan(50);
});
