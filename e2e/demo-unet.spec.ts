// Why U-Net: that zeroed skips are what they are called, what the page says of the plan, and that it draws. And the first
// view with a segmenter.
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright/test';
import { uNet } from '../architectures/index.ts';
import { withLevels } from '../demo/learn/why-unet-levels.ts';
import { withoutSkips } from '../demo/learn/why-unet-weights.ts';
import { buildGraph } from '../engine/architecture.ts';
import { planFor, weightsFrom } from '../engine/index.ts';
import { reference } from '../tests/reference.ts';
import { seededTensor } from '../tests/seeded.ts';
import { holdDevice, loseDevice } from './lose-device.ts';
import { pixelsOf } from './pixels.ts';
import { expect as expectSoon, test } from './test.ts';
import { answer, sample } from './try-it.ts';

// A software adapter that shares its cores takes its time.
const expect = expectSoon.configure({ timeout: 30_000 });

const folder = new URL('../demo/public/', import.meta.url);

/** Tensors of the network by name, as `seededTensor` makes them. */
function seeded(architecture: ReturnType<typeof uNet>) {
  const { tensors } = buildGraph(architecture);
  return Object.fromEntries(
    tensors.map(({ name, shape }) => [name, { shape, data: seededTensor('skips', name, shape) }]),
  );
}

test('cut filters give what skips of zeros give', async () => {
  const options = { inChannels: 2, features: 4, depth: 2, inputSize: [8, 12] } as const;
  const tensors = seeded(uNet(options));
  const image = seededTensor('skips', 'image', [1, 2, 8, 12]);
  // The filters of torch.cat((upsampled, skip)): the second half of their inputs is the skip.
  const muted = Object.fromEntries(
    Object.entries(tensors).map(([name, { shape, data }]) => {
      const [, channels = 0] = shape;
      const isFirst = /^decoder.*conv1\.weight$/.test(name);
      return [name, data.map((value, at) => (isFirst && Math.floor(at / 9) % channels >= channels / 2 ? 0 : value))];
    }),
  );
  const cut = await withoutSkips(weightsFrom(tensors));
  const without = uNet({ ...options, skips: false });
  const read = new Map(
    await Promise.all(Array.from(cut.shapes.keys(), async (name) => [name, await cut.read(name)] as const)),
  );
  for (const { name, shape } of buildGraph(without).tensors) expect(cut.shapes.get(name)).toEqual(shape);

  const mask = (network: typeof without, tensorOf: (name: string) => Float32Array) =>
    reference(network, tensorOf, { image }).mask?.values as Float64Array;
  const [zeroed, trained] = [muted, tensors].map((from) =>
    mask(uNet(options), (name) => {
      const tensor = from[name] as Float32Array | { data: Float32Array };
      return 'data' in tensor ? tensor.data : tensor;
    }),
  ) as [Float64Array, Float64Array];
  const shortened = mask(without, (name) => read.get(name) as Float32Array);
  const difference = (a: Float64Array, b: Float64Array) =>
    Math.max(...a.map((value, at) => Math.abs(value - (b[at] ?? 0))));
  expect(difference(shortened, zeroed)).toBeLessThan(1e-12);
  expect(difference(trained, zeroed)).toBeGreaterThan(1e-3);
});

test('the levels are outputs after their activation, and the mask stays', () => {
  const { outputs } = planFor(withLevels(uNet({ features: 8, inputSize: [128, 128] })));
  const level = (index: number) => [1, 8 << index, 128 >> index, 128 >> index];
  const shapes = Object.fromEntries(Object.entries(outputs).map(([name, { shape }]) => [name, shape]));
  expect(shapes).toEqual({
    mask: [1, 1, 128, 128],
    ...Object.fromEntries(
      [0, 1, 2, 3].flatMap((index) => [
        [`encoder${index + 1}`, level(index)],
        [`decoder${index + 1}`, level(index)],
      ]),
    ),
    bottleneck: level(4),
  });
});

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

test('a drawing goes through the networks with and without skips, and its maps are drawn', async ({ page }) => {
  const { options } = JSON.parse(readFileSync(new URL('models/drawings-300/card.json', folder), 'utf8'));
  // The page's figure and tables are of this network.
  expect(options).toEqual({ inChannels: 3, classes: 1, features: 8, inputSize: [128, 128] });
  await page.goto('?lang=en#why-unet');
  for (const name of ['Trained with skips', 'The same, skips zeroed', 'Trained without skips']) {
    await expect.poll(() => colours(page, name)).toBeGreaterThan(50);
  }
  for (const name of ['encoder1', 'encoder4', 'bottleneck', 'decoder4', 'decoder1']) {
    await expect.poll(() => colours(page, `Feature maps of ${name}`)).toBeGreaterThan(20);
  }

  const zeroed = page.getByRole('img', { name: 'The same, skips zeroed' });
  const maps = page.getByRole('img', { name: 'Feature maps of decoder1' });
  const [maskBefore, mapsBefore] = [await zeroed.screenshot(), await maps.screenshot()];
  await page.getByRole('radio', { name: 'Cut out' }).check();
  await expect.poll(async () => maskBefore.equals(await zeroed.screenshot())).toBe(false);
  await page.getByRole('radio', { name: 'skips zeroed' }).check();
  await expect.poll(async () => mapsBefore.equals(await maps.screenshot())).toBe(false);
  const lion = await zeroed.screenshot();
  await page.getByRole('button', { name: 'Toadstool' }).click();
  await expect.poll(async () => lion.equals(await zeroed.screenshot())).toBe(false);

  // Grey, in two rows of four maps of 8 x 8: the largest value of each is white, unless it is 0.
  const { rgba } = await pixelsOf(page.getByRole('img', { name: 'Feature maps of bottleneck' }));
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
        `encoder${level}.enc${level}conv2 channels ${channels} to ${2 * channels - 1}` +
        `upconv${level} channels 0 to ${channels - 1}` +
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
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('U-Net에는 왜 스킵 연결이 있는가');
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
