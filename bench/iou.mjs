// How well the demo's segmenters cut drawings out of their backgrounds, by `npm run iou FOLDER`: the built library in a
// browser, `loadModel` and `segment` for each of the held-out compositions that `demo/training/openclipart.py --held-out FOLDER`
// writes. Intersection over union of the pixels above 0.5, its mean over the pictures. Compares with the cards' numbers;
// `--update` writes demo/learn/drawings-iou.json, which the demo shows.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { root, withLibraryPage } from './library-page.mjs';

const [folder] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
if (!folder) throw new Error('Call it with the folder of the held-out compositions: npm run iou FOLDER');
/** Half a unit in the cards' last place, and a pixel here or there whose probability is 0.5. */
const TOLERANCE = 1e-3;

/** @type {{ picture: string, mask: string }[]} */
const compositions = JSON.parse(readFileSync(`${folder}/index.json`, 'utf8'));
await withLibraryPage({ '/held-out/': `${folder}/` }, async (page) => {
  /** @type {Map<number, { drawings: number, skips: number, noSkips: number }>} */
  const rows = new Map();
  const models = readdirSync(`${root}demo/public/models`).filter((name) => name.startsWith('drawings-'));
  for (const name of models) {
    const card = JSON.parse(readFileSync(`${root}demo/public/models/${name}/card.json`, 'utf8'));
    const found = await page.evaluate(overlap, { card: `/demo/models/${name}/card.json`, compositions });
    const meanIoU =
      found.reduce((sum, { intersection, union }) => sum + (union ? intersection / union : 1), 0) / found.length;
    const stated = card.accuracy.meanIoU;
    console.log(`${name}: mean IoU ${meanIoU.toFixed(4)} over ${found.length} pictures; the card says ${stated}`);
    if (Math.abs(meanIoU - stated) > TOLERANCE) process.exitCode = 1;
    const drawings = Number(name.split('-')[1]);
    const row = rows.get(drawings) ?? { drawings, skips: 0, noSkips: 0 };
    rows.set(drawings, { ...row, [card.options.skips === false ? 'noSkips' : 'skips']: Number(meanIoU.toFixed(4)) });
  }
  if (process.argv.includes('--update')) {
    const lines = [...rows.values()].sort((a, b) => a.drawings - b.drawings).map((row) => `  ${JSON.stringify(row)}`);
    writeFileSync(`${root}demo/learn/drawings-iou.json`, `[\n${lines.join(',\n')}\n]\n`);
  }
});

/**
 * Runs in the page. Pixels in the intersection and in the union of mask and truth, for each picture.
 * @param {{ card: string, compositions: { picture: string, mask: string }[] }} test
 */
async function overlap({ card, compositions }) {
  /** @type {typeof import('../architectures/models.ts')} */
  const { loadModel } = await import('linnet/models');
  const model = await loadModel(card, { task: 'segmentation' });
  const pixelsOf = async (/** @type {string} */ name) => {
    const bitmap = await createImageBitmap(await (await fetch(`/held-out/${name}`)).blob(), {
      colorSpaceConversion: 'none',
    });
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    context?.drawImage(bitmap, 0, 0);
    return /** @type {ImageData} */ (context?.getImageData(0, 0, bitmap.width, bitmap.height));
  };
  const results = [];
  for (const { picture, mask } of compositions) {
    const { classes } = await model.segment(await pixelsOf(picture));
    const truth = (await pixelsOf(mask)).data;
    let intersection = 0;
    let union = 0;
    for (const [pixel, found] of classes.entries()) {
      const drawn = /** @type {number} */ (truth[pixel * 4]) > 127;
      if (found && drawn) intersection++;
      if (found || drawn) union++;
    }
    results.push({ intersection, union });
  }
  model.destroy();
  return results;
}
