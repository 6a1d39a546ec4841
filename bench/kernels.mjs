// What the kernels of MobileNet v1, v2 and v3 cost on phone GPUs, by `npm run kernels SHADER_STATS`: the path of a
// command that compiles `.wgsl` files with Mesa's compilers for the GPUs named by `--targets` and prints registers,
// occupancy, spills, and the instructions per multiply-add of the hot loop. No GPU needed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runnerImport } from 'vite';

/** @type {{ module: typeof import('../engine/compile.ts') }} */
const { module: engine } = await runnerImport(new URL('../engine/compile.ts', import.meta.url).pathname);
/** @type {{ module: typeof import('../engine/common/capabilities.ts') }} */
const { module: device } = await runnerImport(new URL('../engine/common/capabilities.ts', import.meta.url).pathname);
/** @type {{ module: typeof import('../tests/networks.ts') }} */
const { module: tests } = await runnerImport(new URL('../tests/networks.ts', import.meta.url).pathname);

const [command] = process.argv.slice(2);
if (!command) throw new Error('Call it with the path of shader-stats: npm run kernels SHADER_STATS');

/** Tiles depend on the class of the device, so each gets its own kernels. */
const devices = [
  { vendor: 'qualcomm', architecture: 'adreno-7xx', targets: 'a650,a740' },
  { vendor: 'arm', architecture: 'valhall', targets: 'g610,g52' },
];

for (const { vendor, architecture, targets } of devices) {
  /** @type {Map<string, { kind: string, dispatches: number }>} */
  const shaders = new Map();
  for (const network of Object.values(tests.networks)) {
    for (const { kind, shader } of engine.planFor(network, { ...device.DEFAULT_CAPABILITIES, vendor, architecture })
      .kernels) {
      if (!kind.startsWith('conv')) continue;
      const { dispatches = 0 } = shaders.get(shader) ?? {};
      shaders.set(shader, { kind, dispatches: dispatches + 1 });
    }
  }
  const folder = mkdtempSync(join(tmpdir(), `kernels-${architecture}-`));
  [...shaders].forEach(([shader, { kind, dispatches }], index) => {
    const number = String(index).padStart(2, '0');
    writeFileSync(join(folder, `${number}-${kind}-${dispatches}-dispatches.wgsl`), shader);
  });
  console.log(`\n${vendor} ${architecture}: ${shaders.size} shaders of ${Object.keys(tests.networks).join(', ')}`);
  const { status, error } = spawnSync(command, ['--targets', targets, folder], { stdio: 'inherit' });
  rmSync(folder, { recursive: true });
  if (error) throw error;
  if (status) process.exitCode = status;
}
