// A browser's page in which the built library can be imported, for scripts that measure the demo's networks.
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import { runnerImport } from 'vite';

export const root = fileURLToPath(new URL('..', import.meta.url));
/** @type {{ module: typeof import('../e2e/browser.ts') }} */
const { module: browsers } = await runnerImport(`${root}e2e/browser.ts`);
/** @type {{ module: typeof import('../e2e/server.ts') }} */
const { module: servers } = await runnerImport(`${root}e2e/server.ts`);

/**
 * Gives `use` the page, whose server has the demo's files below `/demo/` and `folders` beside them.
 * @param {Record<string, string>} folders
 * @param {(page: import('playwright').Page) => Promise<void>} use
 */
export async function withLibraryPage(folders, use) {
  const imports = { linnet: '/dist/index.js', 'linnet/models': '/dist/models.js' };
  const server = await servers.serve({
    folders: { '/dist/': `${root}dist/`, '/demo/': `${root}demo/public/`, ...folders },
    pages: { '/': `<!doctype html><script type="importmap">${JSON.stringify({ imports })}</script>` },
  });
  browsers.installBrowser();
  const browser = await chromium.launch(browsers.launchOptions());
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    await use(page);
  } finally {
    await browser.close();
    server.close();
  }
}
