import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { serve } from './server.ts';
import { expect, test } from './test.ts';

const folder = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const policy = "default-src 'none'; script-src 'self'; img-src 'self'; connect-src 'self'; style-src 'self'";

test('the smallest page classifies a picture under a strict content security policy', async ({ page }) => {
  const server = await serve({
    folders: { '/': folder('dist-demo/') },
    headers: { 'content-security-policy': policy },
  });
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));

  await page.goto(`${server.url}embed.html`);
  await expect(page.getByRole('status')).toHaveText(/^[A-Z][\w/ -]+ \(\d+%\)$/);
  expect(requests.filter((url) => !url.startsWith(server.url))).toEqual([]);
  server.close();
});

test('the smallest page says what helps where there is no WebGPU, and its icon is there', async ({ page }) => {
  const server = await serve({ folders: { '/': folder('dist-demo/') } });
  await page.addInitScript(() => Object.defineProperty(navigator, 'gpu', { value: undefined }));
  await page.goto(`${server.url}embed.html`);
  await expect(page.getByRole('status')).toHaveText(/^This needs WebGPU, which current browsers have/);
  const icon = await page.locator('link[rel=icon]').evaluate((link) => (link as HTMLLinkElement).href);
  expect((await page.request.get(icon)).status()).toBe(200);
  server.close();
});

test('the smallest page has at most 20 lines', () => {
  const lines = ['demo/embed.html', 'demo/embed.js'].flatMap((path) =>
    readFileSync(folder(path), 'utf8').trimEnd().split('\n'),
  );
  expect(lines.length).toBeLessThanOrEqual(20);
});
