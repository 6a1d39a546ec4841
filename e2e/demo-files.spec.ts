// Networks that come as ONNX or TFLite files, in the demo as built.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright/test';
import { type FileNode, onnxFile } from '../tests/onnx-file.ts';
import { uniform } from '../tests/seeded.ts';
import { give } from './give.ts';
import { pixelsOf } from './pixels.ts';
import { expect, test } from './test.ts';
import { answer, sample } from './try-it.ts';

const mediaPipe = fileURLToPath(new URL('../node_modules/@mediapipe/selfie_segmentation/', import.meta.url));
const status = (page: Page) => page.getByRole('status');

const node = (op: string, inputs: string[], output: string): FileNode => ({ op, inputs, outputs: [output] });
const tensor = (name: string, shape: readonly number[]) => ({
  name,
  shape,
  data: [
    ...uniform(
      name,
      shape.reduce((product, size) => product * size, 1),
    ),
  ],
});

/** Writes a file of these nodes, from `pixels` to `answer`; gives its path. */
function write(nodes: readonly FileNode[]): string {
  const path = test.info().outputPath('colours.onnx');
  const file = onnxFile({
    nodes,
    inputs: [{ name: 'pixels', shape: [1, 3, 16, 16] }],
    outputs: ['answer'],
    tensors: [tensor('filter', [8, 3, 3, 3]), tensor('matrix', [8, 6])],
  });
  writeFileSync(path, file);
  return path;
}

test("MediaPipe's person segmenter finds the person", async ({ page, site }) => {
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  await page.goto('?lang=en#how-it-runs');
  const main = page.getByRole('main');
  await expect(main).toContainText('59.2M multiply-adds, 106K parameters');
  await expect(main).toContainText('Apache-2.0');
  await page.getByRole('link', { name: 'Try it' }).click();
  await expect(answer(page)).toContainText(/^A person, on \d+% of the picture/);
  await page.getByText('Cut out', { exact: true }).click();
  // What is cut away is light grey: the suit is there, the flag and the shuttle beside it are not.
  await expect
    .poll(async () => {
      const { width, rgba } = await pixelsOf(page.getByRole('img', { name: 'Cut out' }));
      const isLightGrey = (x: number, y: number) => {
        const at = 4 * (Math.round(y * width) * width + Math.round(x * width));
        const colour = rgba.slice(at, at + 3);
        return Math.min(...colour) > 200 && Math.max(...colour) - Math.min(...colour) < 20;
      };
      return {
        suit: isLightGrey(0.25, 0.85),
        hair: isLightGrey(0.5, 0.075),
        flag: isLightGrey(0.075, 0.375),
        shuttle: isLightGrey(0.86, 0.225),
      };
    })
    .toEqual({ suit: false, hair: false, flag: true, shuttle: true });
  const licence = await page.request.get(`${site}models/selfie-segmentation/LICENSE.txt`);
  expect(await licence.text()).toContain('Apache License');
  expect(requests.filter((url) => !url.startsWith(site) && !/^(blob|data):/.test(url))).toEqual([]);
});

test('a TFLite file that is dropped draws its mask', async ({ page }) => {
  await page.goto('?lang=en');
  await give(page, 'drop', [`${mediaPipe}selfie_segmentation_landscape.tflite`]);
  await expect(status(page)).toHaveText(/ is ready\.$/);
  await expect(answer(page)).toContainText('The network’s mask');
  await page.getByRole('link', { name: 'How it runs' }).first().click();
  await expect(page.getByRole('region', { name: 'The plan', exact: true })).toContainText('1 × 3 × 144 × 256');
  await expect(page.getByRole('region', { name: 'The plan', exact: true })).toContainText('depthwise_conv2d');
});

test('an ONNX file that is dropped answers with its classes, and its plan is shown', async ({ page }) => {
  await page.goto('?lang=en');
  const path = write([
    node('Conv', ['pixels', 'filter'], 'map'),
    node('Relu', ['map'], 'positive'),
    node('GlobalAveragePool', ['positive'], 'mean'),
    node('Flatten', ['mean'], 'features'),
    node('Gemm', ['features', 'matrix'], 'scores'),
    node('Softmax', ['scores'], 'answer'),
  ]);
  await give(page, 'drop', [path]);
  await expect(status(page)).toHaveText(/ is ready\.$/);
  await expect(page.locator('.classes').getByRole('listitem')).toHaveCount(5);
  await expect(answer(page)).toContainText(/class \d/);
  await expect(page.getByText('What the network sees, 16 × 16')).toBeVisible();
  await page.getByRole('link', { name: 'How it runs' }).first().click();
  await expect(page.getByRole('region', { name: 'The plan', exact: true }).getByRole('row')).toHaveCount(6);
});

test('a file with operators that nobody knows is refused with all of them, and the network before it runs on', async ({
  page,
}) => {
  await page.goto('?lang=en&network=separable');
  await expect(answer(page)).toContainText('Ankle boot');
  const path = write([
    node('Conv', ['pixels', 'filter'], 'map'),
    node('NonMaxSuppression', ['map'], 'boxes'),
    node('Relu', ['map'], 'positive'),
    node('TopK', ['positive'], 'top'),
    node('Add', ['boxes', 'top'], 'answer'),
  ]);
  await give(page, 'drop', [path]);
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('This file cannot be opened');
  await expect(alert).toContainText('Linnet cannot compute 2 nodes');
  await expect(alert).toContainText('NonMaxSuppression');
  await expect(alert).toContainText('TopK');
  await sample(page, 'Trouser, sample 1').click();
  await expect(answer(page)).toContainText('Trouser');
});
