// Why DenseNet: what the page says of blocks and copies, against the paper's arithmetic and the graph before it is fused.
import type { Page } from 'playwright/test';
import { denseNet, resNet } from '../architectures/index.ts';
import { buildGraph } from '../engine/architecture.ts';
import { planFor } from '../engine/index.ts';
import { expect, test } from './test.ts';

const mebibytes = (bytes: number) =>
  `${new Intl.NumberFormat('en', { maximumSignificantDigits: 3 }).format(bytes / 2 ** 20)} MiB`;
const growing = (page: Page) => page.getByRole('region', { name: 'Every layer sees all before it' });
const numbers = (page: Page) => growing(page).locator('.numbers strong');
const choose = (page: Page, what: string, option: string) =>
  growing(page).getByRole('combobox', { name: what }).selectOption({ label: option });

test('the first block of DenseNet-121 grows as table 1 of the paper says', async ({ page }) => {
  await page.goto('?lang=en#why-densenet');
  const slider = growing(page).getByRole('slider', { name: /Layer/ });
  await slider.focus();
  await page.keyboard.press('Home');
  const ofChannel = 56 * 56 * 4;
  let copied = 0;
  for (let layer = 1; layer <= 6; layer++) {
    const before = 64 + 32 * (layer - 1);
    copied += 2 * (before + 32) * ofChannel;
    await expect(page.getByText(`denselayer${layer}.conv1 reads channels 1 to ${before}`)).toBeVisible();
    await expect(
      page.getByText(`denselayer${layer}.conv2 writes channels ${before + 1} to ${before + 32}`),
    ).toBeVisible();
    await expect(numbers(page)).toHaveText([mebibytes((before + 32) * ofChannel), mebibytes(copied), '0 B']);
    await page.keyboard.press('ArrowRight');
  }
  await expect(page.getByText('maxPool2d.3 wrote the 64 channels')).toBeVisible();
  await expect(page.getByText('the plan has no copy kernel')).toBeVisible();
});

for (const depth of [121, 161, 169, 201] as const) {
  test(`the copies of DenseNet-${depth} are the concatenations of its graph`, async ({ page }) => {
    const { nodes } = buildGraph(denseNet({ depth }));
    const concatenated = nodes.filter(({ op }) => op === 'concat').map(({ output }) => output.shape);
    const bytes = concatenated.reduce((sum, shape) => sum + 2 * 4 * shape.reduce((product, size) => product * size), 0);
    await page.goto('?lang=en#why-densenet');
    await choose(page, 'Network', `DenseNet-${depth}`);
    const cells = page.getByRole('region', { name: 'Blocks of the network' }).locator('tfoot td');
    await expect(cells.nth(1)).toHaveText(String(concatenated.length));
    await expect(cells.nth(4)).toHaveText(mebibytes(bytes));
    await expect(cells.nth(5)).toHaveText('0 B');

    await page.getByRole('button', { name: '14M' }).click();
    const millions = [denseNet({ depth }), resNet({ depth: 50 })].map(
      (network) => `${Number((planFor(network).parameters / 1e6).toPrecision(3))}M`,
    );
    await expect(page.getByRole('row', { name: /^Parameters/ }).getByRole('cell')).toHaveText(millions);
  });
}

test('a block is played, and every layer is connected with all before it', async ({ page }) => {
  await page.goto('?lang=en#why-densenet');
  const connections = growing(page).locator('.dense-connections');
  const arcs = (className: string) =>
    connections.locator(`path.${className}`).evaluate((path) => path.getAttribute('d')?.match(/M/g)?.length ?? 0);
  await growing(page).getByRole('slider', { name: 'Layer' }).press('End');
  await expect(page.getByText('Layer 6 of 6 reads the block’s input and all 5 layers before it.')).toBeVisible();
  // L (L + 1) / 2 of them, as arXiv 1608.06993 counts.
  expect([await arcs('before'), await arcs('now')]).toEqual([15, 6]);
  await connections.locator('.node').nth(2).click();
  await expect(page.getByText('Layer 2 of 6 reads the block’s input and the layer before it.')).toBeVisible();
  expect([await arcs('before'), await arcs('now')]).toEqual([1, 2]);
  await page.getByRole('button', { name: 'Play' }).click();
  await expect(page.getByText(/^Layer 6 of 6/)).toBeVisible();
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible();
});

test('accuracy against parameters comes after the guess, and nothing in the figure has a label without a role', async ({
  page,
}) => {
  await page.goto('?lang=en#why-densenet');
  const figure = page.getByRole('img', { name: 'Accuracy against parameters' });
  await expect(figure).toBeHidden();
  await page.getByRole('button', { name: '29M' }).click();
  await expect(page.getByText(/^It is 14M\. DenseNet-169 has 14\.1M/)).toBeVisible();
  await expect(figure.locator('.figure-label text')).toHaveText([
    '18',
    '34',
    '50',
    '101',
    '152',
    '121',
    '169',
    '201',
    '161',
  ]);
  await expect(figure.locator('[aria-label]')).toHaveCount(0);
});

test('a row of the figure chooses its layer, and another block keeps within its own', async ({ page }) => {
  await page.goto('?lang=en#why-densenet');
  await choose(page, 'Network', 'DenseNet-201');
  await choose(page, 'Block', '3 (48 layers)');
  await page.locator('.dense-row').nth(47).click();
  await expect(page.getByText('denselayer48.conv2 writes channels 1761 to 1792')).toBeVisible();
  await choose(page, 'Block', '2 (12 layers)');
  await expect(page.getByText('denselayer12.conv2 writes channels 481 to 512')).toBeVisible();
});

test('the page has Korean words for all its headings', async ({ page }) => {
  await page.goto('?lang=ko#why-densenet');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('DenseNet은 왜 가중치가 적은가');
  for (const heading of await page.locator('h2').allTextContents()) expect(heading).toMatch(/[가-힣]/);
  await expect(page.getByText('계획에 복사 커널이 없습니다')).toBeVisible();
});
