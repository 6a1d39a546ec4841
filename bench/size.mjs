// What a page downloads, by `npm run size` after `npm run build`. Compares with size.json; `--update` writes it.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

/** Of a row that has no limit of its own. */
const limitBytes = 59_000;
const limits = {
  'core with MobileNets': 39_050,
  'core with every op': 60_400,
  'linnet/onnx beyond the core': 23_500,
  'linnet/tflite beyond the core': 19_750,
  'linnet/stream beyond the models': 4_000,
};
const tolerance = 1.01;
const root = fileURLToPath(new URL('..', import.meta.url));
const record = new URL('size.json', import.meta.url);

const mobileNets = `
  export { compile, loadWeights } from 'linnet';
  export { mobileNetV1, mobileNetV2, mobileNetV3 } from 'linnet/architectures';`;

const withPictures = `${mobileNets}
  export { pictures } from 'linnet';`;

const oneArchitecture = `
  export { compile, loadWeights } from 'linnet';
  export { uNet } from 'linnet/architectures';`;

const everyOp = `
  export { architecture, compile, loadWeights } from 'linnet';`;
/** What a page with a network of its own downloads besides to open files. */
const opening = {
  onnx: `${everyOp}
  export { openOnnx } from 'linnet/onnx';`,
  tflite: `${everyOp}
  export { openTflite } from 'linnet/tflite';`,
};

const model = `export { loadModel } from 'linnet/models';`;
const models = `export * from 'linnet/models';`;
const streaming = `${models}
  export { stream } from 'linnet/stream';`;

/** @type {Record<string, string>} */
const codes = {
  'core with MobileNets': await bundle(mobileNets),
  'core with MobileNets and pictures': await bundle(withPictures),
  'core with U-Net': await bundle(oneArchitecture),
  'models (loadModel, every architecture)': await bundle(model),
  'single file': readFileSync(`${root}dist/linnet.iife.js`, 'utf8'),
};
/** @param {string} code */
const sizeOf = (code) => ({ gzip: gzipSync(code, { level: 9 }).length, raw: Buffer.byteLength(code) });
const core = sizeOf(await bundle(everyOp));
/** @param {string} code @param {{ gzip: number, raw: number }} base */
const beyond = async (code, base) => {
  const { gzip, raw } = sizeOf(await bundle(code));
  return { gzip: gzip - base.gzip, raw: raw - base.raw };
};
/** @type {Record<string, { gzip: number, raw: number }>} */
const sizes = {
  ...Object.fromEntries(Object.entries(codes).map(([name, code]) => [name, sizeOf(code)])),
  'core with every op': core,
  'linnet/onnx beyond the core': await beyond(opening.onnx, core),
  'linnet/tflite beyond the core': await beyond(opening.tflite, core),
  'linnet/stream beyond the models': await beyond(streaming, sizeOf(await bundle(models))),
};

if (process.argv.includes('--update')) writeFileSync(record, `${JSON.stringify(sizes, null, 2)}\n`);
/** @type {typeof sizes} */
const committed = JSON.parse(readFileSync(record, 'utf8'));

console.log(`${'bytes'.padEnd(40)}${'gzip'.padStart(8)}${'raw'.padStart(10)}${'committed'.padStart(12)}`);
for (const [name, { gzip, raw }] of Object.entries(sizes)) {
  const before = committed[name]?.gzip ?? 0;
  console.log(`${name.padEnd(40)}${String(gzip).padStart(8)}${String(raw).padStart(10)}${String(before).padStart(12)}`);
  const limit = /** @type {Record<string, number>} */ (limits)[name] ?? limitBytes;
  if (gzip > limit) fail(`'${name}' has ${gzip} bytes (gzip), which is more than the limit of ${limit}.`);
  if (gzip > before * tolerance) {
    fail(
      `'${name}' has grown from ${before} to ${gzip} bytes (gzip): shrink it, or say so by \`npm run size -- --update\`.`,
    );
  }
}

// Names of tensors, which no minifier changes, and that the expression finds what it looks for.
const others = /denselayer|inception|layer1\.|features\.0|conv_dw/;
if (!others.test(codes['single file'] ?? '')) fail('The single file seems to lack architectures.');
const [stray] = others.exec(codes['core with U-Net'] ?? '') ?? [];
if (stray) fail(`A page with U-Net alone carries another architecture: '${stray}'.`);
if (codes['core with MobileNets']?.includes('winograd-')) fail("A page with MobileNets carries Winograd's kernels.");
if (!codes['core with U-Net']?.includes('winograd-')) fail("A page with U-Net seems to lack Winograd's kernels.");

/** @param {string} message */
function fail(message) {
  console.error(message);
  process.exitCode = 1;
}

/**
 * What a user's bundler makes of the published files, without what a page downloads only to tune.
 * @param {string} code
 */
async function bundle(code) {
  const entry = '\0entry';
  const result = await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? { id, moduleSideEffects: true } : undefined),
        load: (id) => (id === entry ? code : undefined),
      },
    ],
    resolve: {
      alias: [
        { find: /^linnet$/, replacement: `${root}dist/index.js` },
        { find: /^linnet\/(.*)$/, replacement: `${root}dist/$1.js` },
      ],
    },
    build: {
      target: 'es2022',
      write: false,
      // Vite's own code around a dynamic import is left out, as in the library's build.
      ssr: true,
      rolldownOptions: { input: entry, preserveEntrySignatures: 'strict', output: { minify: true } },
    },
  });
  const [output] = [result].flat();
  if (!output || !('output' in output)) throw new Error('The build has no output.');
  const chunks = new Map(output.output.flatMap((file) => ('code' in file ? [[file.fileName, file]] : [])));
  // What is imported when the page starts, by itself or by that.
  const first = new Set([...chunks.values()].flatMap(({ isEntry, fileName }) => (isEntry ? [fileName] : [])));
  for (const name of first) for (const imported of chunks.get(name)?.imports ?? []) first.add(imported);
  return Array.from(first, (name) => chunks.get(name)?.code ?? '').join('');
}
