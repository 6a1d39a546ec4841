// The code that the page gives with a network: as it is copied it works in a page with a picture and a canvas.
import { fileURLToPath } from 'node:url';
import { pixelsOf } from './pixels.ts';
import { serve } from './server.ts';
import { expect, test } from './test.ts';

const folder = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** A page of somebody who copied the code: the library by its package's names, one picture, one canvas. */
const pageWith = (code: string, picture: string) => `<!doctype html>
<script type="importmap">{ "imports": { "linnet/models": "/dist/models.js" } }</script>
<img src="/samples/${picture}" alt="">
<canvas></canvas>
<p></p>
<script type="module">await document.querySelector('img').decode();</script>
<script type="module">${code}
document.querySelector('p').textContent = 'done';</script>`;

for (const { network, picture, says, opaque } of [
  { network: 'separable', picture: 'fashion-mnist/9-ankle-boot-a.png', says: /^Ankle boot 0\.95/, opaque: undefined },
  { network: 'drawings', picture: 'drawings/lion.png', says: undefined, opaque: [0.3, 0.5] },
] as const) {
  test(`the code for ${network} works where it is pasted`, async ({ page, context, site }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.goto(`?lang=en&network=${network}#how-it-runs`);
    await page.getByText('The code for this').click();
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    await expect(page.getByRole('button', { name: 'Copied' })).toBeVisible();
    const code = await page.evaluate(() => navigator.clipboard.readText());
    expect(code).toContain(site);

    // The models are the demo's; the test's server has them at another address, as nothing here allows other origins.
    const pages: Record<string, string> = {};
    const server = await serve({
      pages,
      folders: {
        '/dist/': folder('dist/'),
        '/models/': folder('demo/public/models/'),
        '/samples/': folder('demo/public/samples/'),
      },
    });
    pages['/'] = pageWith(code.replace(site, server.url), picture);
    const said: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    await page.goto(server.url);
    await expect(page.locator('p')).toHaveText('done');
    if (says) expect(said).toEqual([expect.stringMatching(says)]);
    if (opaque) {
      // The page behind it is white, as the lion is not, once the picture is gone.
      await page.locator('img').evaluate((image) => image.remove());
      const { rgba } = await pixelsOf(page.locator('canvas'));
      const marked = rgba.filter((_, at) => at % 4 === 0 && Math.min(...rgba.slice(at, at + 3)) < 200).length;
      const share = marked / (rgba.length / 4);
      // The lion is on 41 % of its picture.
      expect(share).toBeGreaterThan(opaque[0]);
      expect(share).toBeLessThan(opaque[1]);
    }
    server.close();
  });
}
