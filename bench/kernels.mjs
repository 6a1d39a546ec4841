// What phones' compilers make of the kernels that do nearly all the work of the networks, by `npm run kernels SHADER_STATS`: the
// path of a command that compiles a folder of `.wgsl` files with Mesa's compilers for the GPUs named by `--targets`, and with
// `--json` writes a line for each. No GPU needed. Compares with kernels.json, as other versions of the compilers may say other
// things; `--update` accepts. `--class mali`, `--only depthwise` (a part of the names), `--precision float16`: fewer, or others.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runnerImport } from 'vite';

/** @type {{ module: typeof import('../engine/compile.ts') }} */
const { module: engine } = await runnerImport(new URL('../engine/compile.ts', import.meta.url).pathname);
/** @type {{ module: typeof import('../engine/common/capabilities.ts') }} */
const { module: device } = await runnerImport(new URL('../engine/common/capabilities.ts', import.meta.url).pathname);
/** @type {{ module: typeof import('../tests/networks.ts') }} */
const { module: tests } = await runnerImport(new URL('../tests/networks.ts', import.meta.url).pathname);

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    update: { type: 'boolean', default: false },
    precision: { type: 'string', default: 'float32' },
    class: { type: 'string' },
    only: { type: 'string' },
  },
});
const [command] = positionals;
if (!command) throw new Error('Call it with the path of shader-stats: npm run kernels SHADER_STATS');
const isRecorded = options.precision === 'float32';
if (options.update && (options.class || options.only)) throw new Error('The record is of all kernels.');

/** The multiply-adds of each network that the kernels listed do together. */
const SHARE = 0.97;

/** A device of each class, and the GPUs on which its kernels may run. */
const CLASSES = {
  adreno: { vendor: 'qualcomm', architecture: 'adreno-6xx', targets: 'a650' },
  adreno7: { vendor: 'qualcomm', architecture: 'adreno-7xx', targets: 'a740' },
  mali: { vendor: 'arm', architecture: '', targets: 'g610,g52' },
  unknown: { vendor: '', architecture: '', targets: 'a650,a740,g610,g52' },
};

/**
 * A kernel of some networks, and of which part of the multiply-adds of each.
 * @typedef {{ name: string, shader: string, shares: [network: string, share: number][] }} Listed
 */

/**
 * The kernels of all networks by their text.
 * @param {{ vendor: string, architecture: string }} of
 * @returns {Listed[]}
 */
function kernelsFor({ vendor, architecture }) {
  /** @type {Map<string, Listed>} */
  const listed = new Map();
  for (const [network, graph] of Object.entries(tests.networks)) {
    const capabilities = { ...device.DEFAULT_CAPABILITIES, vendor, architecture, features: ['shader-f16'] };
    const { kernels, macs } = engine.planFor(graph, capabilities, {
      precision: /** @type {'float32' | 'float16'} */ (options.precision),
    });
    /** @type {Map<string, { first: typeof kernels[number], share: number }>} */
    const shaders = new Map();
    for (const kernel of kernels) {
      const { first = kernel, share = 0 } = shaders.get(kernel.shader) ?? {};
      shaders.set(kernel.shader, { first, share: share + kernel.macs / macs });
    }
    let covered = 0;
    for (const { first, share } of [...shaders.values()].sort((a, b) => b.share - a.share)) {
      if (covered >= SHARE) break;
      covered += share;
      const name = `${first.choice?.name ?? first.kind} of ${first.name} ${first.shape.slice(1).join('x')} in ${network}`;
      const entry = listed.get(first.shader) ?? { name, shader: first.shader, shares: [] };
      listed.set(first.shader, entry);
      entry.shares.push([network, share]);
    }
  }
  return [...listed.values()].filter(({ name }) => name.includes(options.only ?? ''));
}

/**
 * What the compilers say, a line for each kernel and target.
 * @param {readonly Listed[]} kernels
 * @param {string} targets
 * @returns {any[]}
 */
function statisticsOf(kernels, targets) {
  const folder = mkdtempSync(join(tmpdir(), 'kernels-'));
  kernels.forEach(({ shader }, index) => {
    writeFileSync(join(folder, `${String(index).padStart(3, '0')}.wgsl`), shader);
  });
  const { stdout, error, status, stderr } = spawnSync(command ?? '', ['--json', '--targets', targets, folder], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  rmSync(folder, { recursive: true });
  if (error) throw error;
  if (status) throw new Error(stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
}

/**
 * What decides how fast a kernel is, of its inner loop, or of all of it where it has none: registers loaded from memory and stored
 * there as there are too few, instructions and loads from buffers and textures for each multiply-add, registers of a thread, and
 * how many waves (Adreno) or threads of a core (Mali) are there at a time, of how many.
 * @param {any} statistics
 */
function describe({ loop, total, registers, error, ...found }) {
  if (error) return error;
  const { spill, instr, fma, fma16, gload } = loop ?? total;
  const perAdd = (/** @type {number} */ count) => (count / (fma + fma16)).toFixed(2);
  const occupancy = found.max_waves ? `${found.waves}/${found.max_waves}` : `${found.threads}/${found.max_threads}`;
  return [spill, perAdd(instr), perAdd(gload), registers + found.half_registers / 2 || registers, occupancy].join(' ');
}

const COLUMNS = ['target', 'spills', 'instr/fma', 'loads/fma', 'registers', 'waves'];
const row = (/** @type {string[]} */ cells) => cells.map((cell) => cell.padStart(11)).join('');
const record = new URL('kernels.json', import.meta.url);
const committed = JSON.parse(readFileSync(record, 'utf8'));
/** @type {Record<string, string>} */
const all = {};

for (const [name, { targets, ...of }] of Object.entries(CLASSES)) {
  if (options.class && !options.class.split(',').includes(name)) continue;
  const kernels = kernelsFor(of);
  const statistics = statisticsOf(kernels, targets);
  console.log(`\n${name}, ${options.precision}: of ${kernels.length} kernels\n${row(COLUMNS)}`);
  for (const [index, kernel] of kernels.entries()) {
    const shares = kernel.shares.map(([network, share]) => `${network} ${(share * 100).toFixed(0)} %`);
    console.log(`${kernel.name} (${shares.join(', ')})`);
    for (const found of statistics.filter(({ kernel: file }) => Number.parseInt(file, 10) === index)) {
      const text = describe(found);
      const key = `${name}: ${kernel.name}, ${found.target}`;
      all[key] = text;
      console.log(row([found.target, ...text.split(' ')]));
      if (isRecorded && !options.update && committed[key] !== text) {
        console.error(
          `${' '.repeat(5)}was ${committed[key]}: accept it by \`npm run kernels SHADER_STATS -- --update\`.`,
        );
        process.exitCode = 1;
      }
    }
  }
}
if (options.update && isRecorded) writeFileSync(record, `${JSON.stringify(all, null, 2)}\n`);
