// How long the networks take here and how far their outputs are from torchvision's, by `npm run bench [NETWORK...]`: in
// Node, on Dawn (npm `webgpu`), the WebGPU of Chrome. It uses the machine's GPU; for the software adapter let
// VK_ICD_FILENAMES name the `vk_swiftshader_icd.json` beside a Chromium. Quote ratios of alternating runs: one run's
// times move with the machine's mood.
import { readFileSync } from 'node:fs';
import { runnerImport } from 'vite';
import { create, globals } from 'webgpu';

const RUNS = 15;

Object.assign(globalThis, globals);
// Dawn crashes when the object that `create` gives is collected while a device lives.
const gpu = create([]);
Object.assign(globalThis, { gpu });

/** @type {{ module: typeof import('../engine/index.ts') }} */
const { module: engine } = await runnerImport(new URL('../engine/index.ts', import.meta.url).pathname);
/** @type {{ module: typeof import('../tests/networks.ts') }} */
const { module: tests } = await runnerImport(new URL('../tests/networks.ts', import.meta.url).pathname);
/** @type {{ module: typeof import('../tests/seeded.ts') }} */
const { module: seeded } = await runnerImport(new URL('../tests/seeded.ts', import.meta.url).pathname);

const folder = new URL('../tests/goldens/', import.meta.url);
const wanted = process.argv.slice(2);
const device = await engine.requestDevice({ gpu }).catch((error) => {
  console.error(`${error.message} Without a GPU, let VK_ICD_FILENAMES name Chromium's vk_swiftshader_icd.json.`);
  process.exit(1);
});
const { vendor, architecture, description } = device.adapterInfo;
console.log(`adapter: ${[vendor, architecture, description].filter(Boolean).join(' ')}`);
const row = (/** @type {unknown[]} */ cells) =>
  cells.map((cell, column) => String(cell).padEnd(column ? 12 : 20)).join('');
console.log(row(['network', 'compile ms', 'first ms', 'median ms', 'min..max', 'GFLOP/s', 'rel. L2 error']));

for (const [name, network] of Object.entries(tests.goldens)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const shapes = JSON.parse(readFileSync(new URL(`${name}.tensors.json`, folder), 'utf8'));
  const entries = Object.entries(shapes).map(([tensor, shape]) => [
    tensor,
    { shape, data: seeded.seededTensor('', tensor, shape) },
  ]);
  const weights = engine.weightsFrom(Object.fromEntries(entries));
  const expected = new Float32Array(new Uint8Array(readFileSync(new URL(`${name}.f32`, folder))).buffer);

  const start = performance.now();
  const net = await engine.compile(network, { weights, device });
  const compiled = performance.now();
  const size = net.plan.inputs.image?.shape.reduce((product, axis) => product * axis, 1) ?? 0;
  const image = Float32Array.from(seeded.uniform('input', size));
  const times = [];
  /** @type {Float32Array} */
  let logits = new Float32Array(0);
  for (let run = 0; run <= RUNS; run++) {
    const before = performance.now();
    const [output] = Object.values(await net.run({ image }));
    logits = output?.data ?? logits;
    times.push(performance.now() - before);
  }
  const [first = 0, ...steady] = times;
  steady.sort((a, b) => a - b);
  const [min = 0, median = 0, max = 0] = [steady[0], steady[RUNS >> 1], steady.at(-1)];
  const error = Math.hypot(...logits.map((value, index) => value - (expected[index] ?? 0))) / Math.hypot(...expected);
  console.log(
    row([
      name,
      (compiled - start).toFixed(0),
      first.toFixed(1),
      median.toFixed(1),
      `${min.toFixed(0)}..${max.toFixed(0)}`,
      ((2 * net.plan.macs) / median / 1e6).toFixed(2),
      error.toExponential(1),
    ]),
  );
  net.destroy();
}
device.destroy();
// Dawn's threads would keep the process alive.
process.exit(0);
