// What GPU specs stand on: the built library, the page's code, and a browser that has a WebGPU adapter.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { chromium, expect, test } from 'playwright/test';
import { build } from 'vite';
import { installBrowser, launchOptions } from './browser.ts';
import { serve } from './server.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

test('the library builds', () => {
  execFileSync('npm', ['run', 'build:library'], { cwd: root, stdio: 'pipe', shell: process.platform === 'win32' });
});

test('the code of the test page builds', async () => {
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    build: {
      target: 'es2023',
      outDir: '.e2e',
      minify: false,
      rolldownOptions: {
        input: `${root}e2e/page/main.ts`,
        external: /^linnet/,
        output: { entryFileNames: '[name].js' },
      },
    },
  });
});

test('the browser has a WebGPU adapter', async () => {
  test.setTimeout(900_000);
  installBrowser();
  const browser = await chromium.launch(launchOptions());
  const server = await serve({ pages: { '/': '<!doctype html>' } });
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    const adapter = await page.evaluate(async () => {
      const info = (await navigator.gpu?.requestAdapter())?.info;
      return info && `${info.vendor} ${info.architecture} ${info.description}`;
    });
    expect(adapter, 'the adapter').toBeTruthy();
    console.log(`Chromium ${browser.version()}, ${adapter}`);
  } finally {
    server.close();
    await browser.close();
  }
});
