import { expect, test } from 'playwright/test';
import { launchFirefox } from './firefox.ts';
import { serve } from './server.ts';

test('Firefox has a WebGPU adapter', async () => {
  test.setTimeout(900_000);
  const browser = await launchFirefox([]);
  const server = await serve({ pages: { '/': '<!doctype html>' } });
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    const adapter = await page.evaluate(async () => {
      const adapter = await navigator.gpu?.requestAdapter();
      return adapter && [...adapter.features].join(' ');
    });
    expect(adapter, 'the features of the adapter').toBeTruthy();
    console.log(`Firefox ${browser.version}, with ${adapter}`);
  } finally {
    server.close();
    await browser.close();
  }
});
