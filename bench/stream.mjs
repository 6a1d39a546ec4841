// What a frame of `linnet/stream` costs beyond its network, by
//
//     npm run bench:stream -- [--against FOLDER] [--size 640x480] [--rounds 8]
//
// in Node, on Dawn (npm `webgpu`), with MediaPipe's landscape segmenter and a texture as frame, by the device's timestamps.
// `--against` takes turns with the engine of another checkout. The frame is noise, of which the segmenter takes next to nothing
// for a person: so the background is drawn everywhere.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from 'vite';
import { create, globals } from 'webgpu';

const root = fileURLToPath(new URL('..', import.meta.url));
const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    size: { type: 'string', default: '640x480' },
    rounds: { type: 'string', default: '8' },
  },
});
/** Frames of an effect in a round. */
const FRAMES = 5;

Object.assign(globalThis, globals);
// Dawn crashes when the object that `create` gives is collected while a device lives.
const gpu = create([]);
Object.assign(globalThis, { gpu });
const adapter = await gpu.requestAdapter();
if (!adapter?.features.has('timestamp-query')) throw new Error('There is no adapter with timestamps.');
const device = await adapter.requestDevice({ requiredFeatures: ['timestamp-query'] });
const [width = 0, height = 0] = values.size.split('x').map(Number);
const { TEXTURE_BINDING, COPY_DST, RENDER_ATTACHMENT } = GPUTextureUsage;
const format = 'rgba8unorm';
const frame = device.createTexture({ size: [width, height], format, usage: TEXTURE_BINDING | COPY_DST });
const pixels = Uint8Array.from({ length: 4 * width * height }, (_, index) =>
  index % 4 === 3 ? 255 : (index * 2654435761) >>> 24,
);
device.queue.writeTexture({ texture: frame }, pixels, { bytesPerRow: 4 * width }, [width, height]);
const background = device.createTexture({ size: [1, 1], format, usage: TEXTURE_BINDING });
const view = device.createTexture({ size: [width, height], format, usage: RENDER_ATTACHMENT }).createView();
const file = `${root}node_modules/@mediapipe/selfie_segmentation/selfie_segmentation_landscape.tflite`;
const model = new Blob([readFileSync(file)]);

const folder = mkdtempSync(join(tmpdir(), 'linnet-stream-'));
const drawn = [];
for (const place of [...(values.against === undefined ? [] : [resolve(values.against)]), root]) {
  const { createCompositor, readEffect, loadModel } = await engineOf(place);
  const card = { task: 'segmentation', preprocess: { fit: 'fill', mean: [0], std: [1] } };
  const { network } = await loadModel(model, { task: 'segmentation', card, device, tune: false });
  for (const effect of [{ kind: 'blur' }, { kind: 'replace', background }]) {
    const compositor = await createCompositor(device, format, network, readEffect(effect), true);
    drawn.push({ name: `${effect.kind}, ${place}`, compositor, frames: /** @type {number[][]} */ ([]) });
  }
}
for (let round = 0; round <= Number(values.rounds); round++) {
  for (const { compositor, frames } of round % 2 ? drawn.toReversed() : drawn) {
    for (let count = 0; count < FRAMES; count++) {
      const [, data] = await compositor.draw(frame, () => view, true);
      const stamps = new BigUint64Array(data);
      // The first round compiles.
      if (round > 0)
        frames.push([1, 2, 3].map((index) => Number((stamps[index + 1] ?? 0n) - (stamps[index] ?? 0n)) / 1e6));
    }
  }
}
console.log(`${adapter.info.description}, ${values.size}: medians of ${FRAMES * Number(values.rounds)}, ms`);
for (const { name, frames } of drawn) {
  const [network = 0, mask = 0, drawing = 0] = [0, 1, 2].map((stage) =>
    median(frames.map((times) => times[stage] ?? 0)),
  );
  const share = median(frames.map(([all = 0, ...rest]) => rest.reduce((sum, time) => sum + time, 0) / all));
  const times = `network ${network.toFixed(1)}, mask ${mask.toFixed(1)}, drawing ${drawing.toFixed(1)}`;
  console.log(`${name}: ${times}; beyond the network ${share.toFixed(3)} of it`);
}
rmSync(folder, { recursive: true });
// Dawn's threads would keep the process alive.
process.exit(0);

/** @param {string} place */
async function engineOf(place) {
  const entry = '\0entry';
  const outDir = join(folder, String(drawn.length));
  await build({
    configFile: false,
    root: place,
    logLevel: 'warn',
    publicDir: false,
    define: { LINNET_VERSION: '"bench"' },
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : undefined),
        load: (id) =>
          id === entry
            ? `export { createCompositor } from '${place}/engine/picture/compositor.ts';
               export { readEffect } from '${place}/engine/picture/effect.ts';
               export { loadModel } from '${place}/architectures/models.ts';`
            : undefined,
      },
    ],
    build: {
      target: 'es2022',
      outDir,
      emptyOutDir: false,
      modulePreload: false,
      rolldownOptions: { input: entry, preserveEntrySignatures: 'strict', output: { entryFileNames: 'engine.js' } },
    },
  });
  return import(pathToFileURL(join(outDir, 'engine.js')).href);
}

/** @param {readonly number[]} numbers */
function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}
