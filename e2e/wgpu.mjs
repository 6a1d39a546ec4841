// The networks on a second implementation of WebGPU: wgpu and naga, the ones inside Firefox, by `npm run wgpu`. Deno brings
// them, and `shader-f16`, which Chromium's software adapter lacks; so this is where 16-bit storage is tested. It needs
// a Vulkan driver (Debian: mesa-vulkan-drivers), which is why `npm test` leaves it out.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { compile, planFor, requestDevice, weightsFrom } from '../engine/index.ts';
import { goldens } from '../tests/networks.ts';
import { seededTensor, uniform } from '../tests/seeded.ts';

/** Relative L2 error that is allowed: rounding to 24 or to 11 bits. */
const limits = { float32: 1e-4, float16: 2e-2 };

const folder = new URL('../tests/goldens/', import.meta.url);
const device = await requestDevice();
let failed = 0;
let passed = 0;
/** The others take minutes on a software adapter. */
const quick = ['mobilenet_v1_025', 'mobilenet_v2', 'mobilenet_v3_small'];

for (const [name, network] of Object.entries(goldens).filter(([name]) => quick.includes(name))) {
  const shapes = JSON.parse(readFileSync(new URL(`${name}.tensors.json`, folder), 'utf8'));
  const weights = weightsFrom(
    Object.fromEntries(
      Object.entries(shapes).map(([tensor, shape]) => [tensor, { shape, data: seededTensor('', tensor, shape) }]),
    ),
  );
  const expected = new Float32Array(new Uint8Array(readFileSync(new URL(`${name}.f32`, folder))).buffer);
  const elements = planFor(network).inputs.image?.shape.reduce((product, size) => product * size, 1) ?? 0;
  const image = Float32Array.from(uniform('input', elements));
  for (const precision of /** @type {const} */ (['float32', 'float16'])) {
    const net = await compile(network, { weights, device, precision, poison: true });
    const first = await net.run({ image });
    const second = await net.run({ image });
    net.destroy();
    const logits = /** @type {Float32Array} */ (first.logits?.data);
    const error = Math.hypot(...logits.map((value, index) => value - (expected[index] ?? 0))) / Math.hypot(...expected);
    const same = logits.every((value, index) => value === second.logits?.data[index]);
    const argmax = (/** @type {Float32Array} */ values) => values.indexOf(Math.max(...values));
    const good = error <= limits[precision] && same && argmax(logits) === argmax(expected);
    console.log(`${good ? 'ok' : 'WRONG'}  ${name} ${precision}: relative L2 error ${error.toExponential(1)}`);
    if (good) passed++;
    else failed++;
  }
}
device.destroy();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);
