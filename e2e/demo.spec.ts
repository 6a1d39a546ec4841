// The demo page, as built, with mouse, keyboard and files; other hosts are answered here.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright/test';
import { mobileNetV3 } from '../architectures/index.ts';
import { buildGraph } from '../engine/architecture.ts';
import { float32Tensors, safetensorsFile } from '../tests/safetensors-file.ts';
import { seededTensor } from '../tests/seeded.ts';
import { give } from './give.ts';
import { holdDevice, loseDevice } from './lose-device.ts';
import { serve } from './server.ts';
import { expect as expectSoon, test } from './test.ts';

// A software adapter that shares its cores takes its time.
const expect = expectSoon.configure({ timeout: 30_000 });

const folder = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const samples = folder('demo/public/samples/fashion-mnist/');
const models = folder('demo/public/models/');
const readCard = (kind: 'separable' | 'full') =>
  JSON.parse(readFileSync(`${models}fashion-mnist-${kind}/card.json`, 'utf8'));

const topLabel = (page: Page) => page.getByRole('region', { name: 'Result' }).getByRole('listitem').first();
const ready = (page: Page) => expect(topLabel(page)).toBeVisible();

/** Waits for a result of the picture that was just chosen: the data set's label is shown with it. */
async function expectSample(page: Page, label: string): Promise<void> {
  await expect(page.getByText(`The data set calls it: ${label}.`)).toBeVisible();
  await expect(topLabel(page)).toContainText(label);
}

test('a sample is classified without any other server', async ({ page, site }) => {
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto('');
  await ready(page);
  await page.getByRole('button', { name: 'Ankle boot, sample 1' }).click();
  await expectSample(page, 'Ankle boot');
  await expect(page.getByRole('region', { name: 'Result' }).getByRole('listitem')).toHaveCount(5);
  await expect(page.getByRole('note')).toContainText('software adapter');
  await expect(page.getByRole('region', { name: 'Result' })).toContainText(/One inference\s*[\d.,]+ ms/);

  const other = requests.filter((url) => !url.startsWith(site) && !/^(blob|data):/.test(url));
  expect(other).toEqual([]);
});

test('the page works by keyboard alone', async ({ page }) => {
  await page.goto('');
  await ready(page);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.keyboard.press('Enter');

  await page.keyboard.press('Tab');
  await expect(page.getByRole('radio', { name: /Depthwise separable/ })).toBeFocused();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('status')).toHaveText(`${readCard('full').name} is ready.`);

  const trouser = page.getByRole('button', { name: 'Trouser, sample 1' });
  for (let stops = 0; stops < 20 && !(await trouser.evaluate((button) => button.matches(':focus'))); stops++) {
    await page.keyboard.press('Tab');
  }
  await page.keyboard.press('Space');
  await expectSample(page, 'Trouser');

  await page.getByRole('application').focus();
  // The picture's tensor, the same in the layout of the kernels, and what the first layer makes of it.
  for (let step = 0; step < 3; step++) await page.keyboard.press('ArrowRight');
  await expect(page.getByText(/^conv1 .*kernels 2 to 3/)).toBeVisible();
});

test('pictures are dropped, pasted, chosen and drawn', async ({ page }) => {
  await page.goto('');
  await ready(page);
  const original = page.getByText(/^Your picture/);
  await give(page, 'drop', [`${samples}1-trouser-b.png`]);
  await expect(topLabel(page)).toContainText('Trouser');
  await give(page, 'paste', [`${samples}8-bag-a.png`]);
  await expect(topLabel(page)).toContainText('Bag');
  await page.getByLabel('Choose a file', { exact: true }).setInputFiles(`${samples}7-sneaker-a.png`);
  await expect(topLabel(page)).toContainText('Sneaker');
  await expect(original).toHaveText('Your picture, 28 × 28');

  await page.getByRole('button', { name: 'Draw', exact: true }).click();
  const area = page.getByRole('img', { name: /Drawing area/ });
  await area.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await area.boundingBox()) as { x: number; y: number; width: number; height: number };
  const waiting = page.getByText('Choose a network and a picture.');
  await expect(waiting).toBeVisible();
  await page.mouse.move(x + 0.3 * width, y + 0.2 * height);
  await page.mouse.down();
  await page.mouse.move(x + 0.7 * width, y + 0.8 * height, { steps: 4 });
  await page.mouse.up();
  await expect(topLabel(page)).toBeVisible();
  await page.getByRole('button', { name: 'Clear' }).click();
  await expect(waiting).toBeVisible();
});

test('bad files are refused in plain words, and the page goes on', async ({ page }) => {
  await page.goto('');
  await ready(page);
  const alert = page.getByRole('alert');
  const choose = page.getByLabel('Choose a file', { exact: true });
  await choose.setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('no picture') });
  await expect(alert).toContainText("The browser cannot decode 'notes.txt' as a picture.");
  await page.getByRole('button', { name: 'Bag, sample 1' }).click();
  await expect(alert).toHaveCount(0);

  await page.getByRole('radio', { name: 'An ONNX, TFLite or safetensors file, or a card' }).check();
  const files = page.getByLabel('Choose files');
  await files.setInputFiles({ name: 'cut.safetensors', mimeType: '', buffer: Buffer.from('cut') });
  await expect(alert).toContainText('These weights cannot be used');
  await files.setInputFiles({ name: 'card.json', mimeType: '', buffer: Buffer.from('{"schema":1}') });
  await expect(alert).toContainText('This card cannot be used');
  await files.setInputFiles({ name: 'card.json', mimeType: '', buffer: Buffer.from('{') });
  await expect(alert).toContainText('this is not JSON');
  await page.getByRole('button', { name: 'Close this message' }).click();
  await expect(alert).toHaveCount(0);
  await page.getByRole('button', { name: 'Ankle boot, sample 1' }).click();
  await expectSample(page, 'Ankle boot');
});

test("a card runs by address and with its files, and weights run under one's own options", async ({
  page,
  site,
  complaints,
}) => {
  await page.goto('');
  await ready(page);
  const full = `${models}fashion-mnist-full/`;
  await give(page, 'drop', [`${full}card.json`, `${full}model.safetensors`]);
  await expect(page.getByRole('radio', { name: 'An ONNX, TFLite or safetensors file, or a card' })).toBeChecked();
  const status = page.getByRole('status');
  await expect(status).toHaveText(`${readCard('full').name} is ready.`);

  const address = page.getByLabel('Address of a card, or of an ONNX, TFLite or safetensors file');
  await address.fill(`${site}models/none/card.json`);
  await page.getByRole('button', { name: 'Load', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('The server answers with status 404: there is no such file.');
  expect(complaints.splice(0)).toEqual([expect.stringContaining('404')]);
  await page.context().setOffline(true);
  await page.getByRole('button', { name: 'Load', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('The file cannot be fetched (the browser is offline)');
  await expect(page.getByRole('alert')).toContainText('A file cannot be fetched');
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
  await page.getByRole('button', { name: 'Ankle boot, sample 1' }).click();
  await expect(topLabel(page)).toContainText('class 9');
});

test('a published network is fetched when the visitor says so', async ({ page }) => {
  const address = 'https://huggingface.co/timm/mobilenetv3_small_100.lamb_in1k/resolve/main/model.safetensors';
  const requests: string[] = [];
  let answer: () => void = () => {};
  const asked = new Promise<void>((resolve) => {
    answer = resolve;
  });
  await page.route('https://huggingface.co/**', async (route) => {
    requests.push(route.request().url());
    if (requests.length === 1) await asked;
    const headers = { 'access-control-allow-origin': '*' };
    // The first request has been cancelled by then.
    await route.fulfill({ headers, body: Buffer.from(timmCheckpoint()) }).catch(() => {});
  });
  await page.goto('');
  await ready(page);
  await page.getByRole('radio', { name: /MobileNet v3 small/ }).check();
  const facts = page.getByRole('region', { name: 'Choose a network' });
  await expect(facts).toContainText('67.64%');
  await expect(facts).toContainText('Apache-2.0');
  expect(requests).toEqual([]);

  await page.getByRole('button', { name: 'Download about 10.2 MB and run' }).click();
  await expect(page.getByRole('progressbar')).toBeVisible();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await expect(page.getByRole('status')).toHaveText(/Loading was cancelled/);
  answer();

  await page.getByRole('button', { name: 'Download about 10.2 MB and run' }).click();
  await expect(page.getByRole('status')).toHaveText(/MobileNet v3 small.* is ready/);
  await expect(page.getByText(/MobileNet v3 small.* says/)).toBeVisible();
  await expect(page.getByText('What the network sees, 224 × 224')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Draw', exact: true })).toHaveCount(0);
  expect(requests).toEqual([address, address]);
});

/** A file with the names and shapes of timm's, and numbers of no meaning. */
function timmCheckpoint(): Uint8Array {
  const names: Record<string, string> = JSON.parse(
    readFileSync(folder('tests/timm-names.json'), 'utf8'),
  ).mobilenetv3_small_100;
  const shapes = new Map(buildGraph(mobileNetV3({ variant: 'small' })).tensors.map(({ name, shape }) => [name, shape]));
  const tensors = Object.entries(names).map(([timm, ours]) => {
    const shape = shapes.get(ours) ?? [];
    return [timm, { shape, data: seededTensor('demo', ours, shape) }] as const;
  });
  return safetensorsFile(float32Tensors(Object.fromEntries(tensors)));
}

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
  await page.goto('');
  await ready(page);
  await page.getByRole('button', { name: 'Use the camera' }).click();
  // The times of the sample stand there until the camera's first frame: the stream comes first.
  await page.waitForFunction(() => 'stream' in globalThis);
  await expect(page.getByText('What the camera sees')).toBeVisible();
  await expect(page.getByText(/median of [5-9]/)).toBeVisible();
  await page.getByRole('button', { name: 'Stop the camera' }).click();
  const states = () =>
    page.evaluate(() =>
      (globalThis as unknown as { stream: MediaStream }).stream.getTracks().map(({ readyState }) => readyState),
    );
  await expect.poll(states).toEqual(['ended']);
});

test('a lost device is told, and the network comes back', async ({ page }) => {
  await holdDevice(page);
  await page.goto('');
  await ready(page);
  for (let loss = 0; loss < 2; loss++) {
    await loseDevice(page);
    await expect(page.getByRole('alert')).toContainText('The GPU was taken away from this page');
    await page.getByRole('button', { name: 'Start again' }).click();
    await expect(page.getByRole('alert')).toHaveCount(0);
    await page.getByRole('button', { name: 'Ankle boot, sample 1' }).click();
    await expectSample(page, 'Ankle boot');
    await page.getByRole('button', { name: 'Trouser, sample 1' }).click();
    await expectSample(page, 'Trouser');
  }
});

test('without WebGPU the page says so and still shows what needs no GPU', async ({ page }) => {
  await page.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: undefined }));
  await page.goto('');
  await expect(page.getByRole('alert')).toContainText('This page needs WebGPU');
  await expect(page.getByRole('region', { name: 'The plan' }).getByRole('row')).not.toHaveCount(0);
  await page.getByRole('link', { name: 'Why MobileNet' }).click();
  await expect(page.getByRole('heading', { name: 'Why MobileNets are small' })).toBeFocused();
  await expect(page.getByRole('main')).toContainText('percentage points');
});

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
  await expect(page.locator('#plan svg').first()).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  server.close();
});
