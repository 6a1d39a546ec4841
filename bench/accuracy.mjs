// How many of Fashion-MNIST's 10,000 held-out pictures the demo's own networks get right, by `npm run accuracy [FOLDER]`:
// the built library in a browser, `loadModel` and `classify` for each picture. FOLDER holds the data set's files, as
// Debian's package dataset-fashion-mnist installs them. Compares with the cards' accuracy; `--update` writes it.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { root, withLibraryPage } from './library-page.mjs';

const [folder = '/usr/share/datasets/fashion-mnist'] = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const file = (/** @type {string} */ name) => {
  const path = `${folder}/${name}.gz`;
  if (!existsSync(path)) throw new Error(`There is no '${path}': npm run accuracy FOLDER, where Fashion-MNIST lies.`);
  return gunzipSync(readFileSync(path));
};
const pictures = file('t10k-images-idx3-ubyte').subarray(16);
const labels = [...file('t10k-labels-idx1-ubyte').subarray(8)];

await withLibraryPage({}, async (page) => {
  for (const kind of ['separable', 'full', 'densenet', 'resnext']) {
    const name = `fashion-mnist-${kind}`;
    const right = await page.evaluate(countRight, {
      card: `/demo/models/${name}/card.json`,
      pictures: pictures.toString('base64'),
      labels,
    });
    const top1 = right / labels.length;
    const path = `${root}demo/public/models/${name}/card.json`;
    const text = readFileSync(path, 'utf8');
    const stated = JSON.parse(text).accuracy.top1;
    console.log(`${name}: ${right} of ${labels.length} right, ${top1}; the card says ${stated}`);
    if (process.argv.includes('--update')) writeFileSync(path, text.replace(/"top1": *[\d.]+/, `"top1": ${top1}`));
    else if (top1 !== stated) process.exitCode = 1;
  }
});

/**
 * Runs in the page.
 * @param {{ card: string, pictures: string, labels: number[] }} test pictures of 28 x 28 bytes each, in base64
 */
async function countRight({ card, pictures, labels }) {
  /** @type {typeof import('../architectures/models.ts')} */
  const { loadModel } = await import('linnet/models');
  const model = await loadModel(card, { task: 'classification' });
  const bytes = Uint8Array.from(atob(pictures), (character) => character.charCodeAt(0));
  let right = 0;
  for (const [index, label] of labels.entries()) {
    const grey = bytes.subarray(index * 784, (index + 1) * 784);
    const image = new ImageData(28, 28);
    for (const [pixel, value] of grey.entries()) image.data.set([value, value, value, 255], pixel * 4);
    const [best] = await model.classify(image, { topK: 1 });
    if (best?.class === label) right++;
  }
  model.destroy();
  return right;
}
