// Why DenseNet: what the page says of blocks and copies, against the paper's arithmetic and the graph before it is fused.
import type { Page } from 'playwright/test';
import { denseNet, resNet } from '../architectures/index.ts';
import { buildGraph } from '../engine/architecture.ts';
import { planFor } from '../engine/index.ts';
import { expect, test } from './test.ts';

const mebibytes = (bytes: number) =>
  `${new Intl.NumberFormat('en', { maximumSignificantDigits: 3 }).format(bytes / 2 ** 20)} MiB`;
const numbers = (page: Page) => page.getByRole('region', { name: 'The growing tensor' }).locator('.numbers strong');
const choose = (page: Page, what: string, option: string) =>
  page.getByRole('combobox', { name: what }).selectOption({ label: option });

test('the first block of DenseNet-121 grows as table 1 of the paper says', async ({ page }) => {
  await page.goto('?lang=en#why-densenet');
  const slider = page.getByRole('slider', { name: /Layer/ });
  await slider.focus();
  await page.keyboard.press('Home');
  const ofChannel = 56 * 56 * 4;
  let copied = 0;
  for (let layer = 1; layer <= 6; layer++) {
    const before = 64 + 32 * (layer - 1);
    copied += 2 * (before + 32) * ofChannel;
    await expect(page.getByText(`denselayer${layer}.conv1 reads channels 0 to ${before - 1}`)).toBeVisible();
    await expect(page.getByText(`denselayer${layer}.conv2 writes channels ${before} to ${before + 31}`)).toBeVisible();
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

    const [dense, residual] = [planFor(denseNet({ depth })), planFor(resNet({ depth: 50 }))];
    const row = page.getByRole('row', { name: /^Parameters/ });
    await expect(row).toContainText(dense.parameters.toLocaleString('en'));
    await expect(row).toContainText(residual.parameters.toLocaleString('en'));
  });
}

test('a row of the figure chooses its layer, and another block keeps within its own', async ({ page }) => {
  await page.goto('?lang=en#why-densenet');
  await choose(page, 'Network', 'DenseNet-201');
  await choose(page, 'Block', '3 (48 layers)');
  await page.locator('.dense-row').nth(47).click();
  await expect(page.getByText('denselayer48.conv2 writes channels 1760 to 1791')).toBeVisible();
  await choose(page, 'Block', '2 (12 layers)');
  await expect(page.getByText('denselayer12.conv2 writes channels 480 to 511')).toBeVisible();
});

test('the page has Korean words for all its headings', async ({ page }) => {
  await page.goto('?lang=ko#why-densenet');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('DenseNet은 왜 가중치가 적은가');
  for (const heading of await page.locator('h2').allTextContents()) expect(heading).toMatch(/[가-힣]/);
  await expect(page.getByText('계획에 복사 커널이 없습니다')).toBeVisible();
});
