// What an adapter can do, and what the networks make of it, by
//
//     npm run bench -- [NETWORK...] [--json FILE] [--against FILE] [--browser node|chromium|firefox] [--precision float16]
//
// in Node, on Dawn (npm `webgpu`), or in a browser as the tests start it. It uses the machine's GPU; for Chromium's software
// adapter in Node, let VK_ICD_FILENAMES name the `vk_swiftshader_icd.json` beside it. Drivers' caches are switched off where
// they can be, so that all is compiled. `--json` writes everything that was measured, `--against` compares with such a file.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build, runnerImport } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (/** @type {string} */ path) => readFileSync(`${root}${path}`, 'utf8');
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    against: { type: 'string' },
    browser: { type: 'string', default: 'node' },
    precision: { type: 'string', default: 'float32' },
  },
});
/** @type {import('../demo/bench/measure.ts').Report | undefined} */
const before = values.against === undefined ? undefined : JSON.parse(readFileSync(values.against, 'utf8'));

/** @type {{ module: typeof import('../tests/networks.ts') }} */
const { module: tests } = await runnerImport(`${root}tests/networks.ts`);
/** @type {{ module: typeof import('./compare.ts') }} */
const { module: comparison } = await runnerImport(`${root}bench/compare.ts`);

const unknown = positionals.filter((name) => !tests.goldenIndex[name]);
if (unknown.length > 0)
  fail(`There is no network '${unknown[0]}'; there are ${Object.keys(tests.goldens).join(', ')}.`);
if (values.precision !== 'float32' && values.precision !== 'float16') fail('The precision is float32 or float16.');
const cases = tests.goldenCases
  .filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  .map(({ name, family, options }) => {
    const expected = new Float32Array(new Uint8Array(readFileSync(`${root}tests/goldens/${name}.f32`)).buffer);
    const precision = /** @type {'float32' | 'float16'} */ (values.precision);
    return { name, family, options, expected: [...expected], precision };
  });

const alias = [
  { find: /^linnet$/, replacement: `${root}engine/index.ts` },
  { find: /^linnet\/architectures$/, replacement: `${root}architectures/index.ts` },
];
const define = { LINNET_VERSION: JSON.stringify(JSON.parse(read('package.json')).version) };

/**
 * @typedef {{ platform: string, bench: import('./networks.ts').Bench, close: () => Promise<void> }} Place
 */
const place = await (values.browser === 'node' ? inNode() : inBrowser(values.browser));
const { head } = place.bench;
const { vendor, architecture, description } = head.adapter;
console.log(`${place.platform}\nadapter: ${[vendor, architecture, description].filter(Boolean).join(' ')}`);
console.log(
  `peak: ${head.machine.gflops.toFixed(1)} GFLOP/s of multiply-adds, ${head.machine.gigabytes.toFixed(1)} GB/s copied\n`,
);

/** @type {import('../demo/bench/measure.ts').NetworkReport[]} */
const networks = [];
for (const wanted of cases) {
  const network = await place.bench.measure(wanted);
  networks.push(network);
  printNetwork(network);
}
/** @type {import('../demo/bench/measure.ts').Report} */
const report = { ...head, platform: place.platform, networks };
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, null, 1)}\n`);
printSummary(networks);
if (before) printComparison(before);
await place.close();
// Dawn's threads would keep the process alive.
process.exit(0);

/** @returns {Promise<Place>} */
async function inNode() {
  process.env.MESA_SHADER_CACHE_DISABLE = 'true';
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  // Dawn crashes when the object that `create` gives is collected while a device lives.
  const gpu = create([]);
  Object.assign(globalThis, { gpu });
  /** @type {{ module: typeof import('./networks.ts') }} */
  const { module } = await runnerImport(`${root}bench/networks.ts`, { resolve: { alias }, define });
  const bench = await module.createBench(gpu).catch((error) => {
    fail(`${error.message} Without a GPU, let VK_ICD_FILENAMES name Chromium's vk_swiftshader_icd.json.`);
  });
  const dawn = JSON.parse(read('node_modules/webgpu/package.json')).version;
  return { platform: `Node ${process.versions.node}, webgpu ${dawn}`, bench, close: async () => {} };
}

/**
 * @param {string} browser
 * @returns {Promise<Place>}
 */
async function inBrowser(browser) {
  const folder = mkdtempSync(join(tmpdir(), 'linnet-bench-'));
  process.env.MESA_SHADER_CACHE_DIR = join(folder, 'cache');
  await build({
    configFile: false,
    root,
    logLevel: 'warn',
    publicDir: false,
    resolve: { alias },
    define,
    build: {
      target: 'es2022',
      outDir: folder,
      emptyOutDir: false,
      modulePreload: false,
      rolldownOptions: {
        input: `${root}bench/networks.ts`,
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: 'bench.js' },
      },
    },
  });
  /** @type {{ module: typeof import('../e2e/server.ts') }} */
  const { module: servers } = await runnerImport(`${root}e2e/server.ts`);
  const server = await servers.serve({
    folders: { '/': `${folder}/` },
    pages: { '/': '<!doctype html><title>Bench</title>' },
  });
  const { page, close } = await (browser === 'firefox' ? openFirefox() : openChromium(browser));
  await page.goto(server.url);
  const platform = await page.evaluate(() => navigator.userAgent);
  const opened = await page.evaluate(async () => {
    const file = '/bench.js';
    /** @type {typeof import('./networks.ts')} */
    const { createBench } = await import(/* @vite-ignore */ file);
    const bench = await createBench();
    Object.assign(globalThis, { bench });
    return bench.head;
  });
  return {
    platform,
    bench: {
      head: opened,
      measure: (wanted) =>
        page.evaluate(
          (given) =>
            /** @type {{ bench: import('./networks.ts').Bench }} */ (/** @type {unknown} */ (globalThis)).bench.measure(
              given,
            ),
          wanted,
        ),
    },
    async close() {
      await close();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * What Playwright's pages and Puppeteer's have in common.
 * @typedef {{
 *   goto(url: string): Promise<unknown>,
 *   evaluate<Result, Argument = undefined>(work: (argument: Argument) => Result, argument?: Argument): Promise<Awaited<Result>>
 * }} Page
 */

/**
 * @param {string} browser
 * @returns {Promise<{ page: Page, close: () => Promise<void> }>}
 */
async function openChromium(browser) {
  if (browser !== 'chromium') fail(`There is no browser '${browser}'; there are node, chromium, firefox.`);
  const { chromium } = await import('playwright');
  /** @type {{ module: typeof import('../e2e/browser.ts') }} */
  const { module: browsers } = await runnerImport(`${root}e2e/browser.ts`);
  browsers.installBrowser();
  const opened = await chromium.launch(browsers.launchOptions());
  const page = /** @type {Page} */ (/** @type {unknown} */ (await opened.newPage()));
  return { page, close: () => opened.close() };
}

/** @returns {Promise<{ page: Page, close: () => Promise<void> }>} */
async function openFirefox() {
  /** @type {{ module: typeof import('../e2e/firefox.ts') }} */
  const { module: firefox } = await runnerImport(`${root}e2e/firefox.ts`);
  const opened = await firefox.launchFirefox([]);
  const page = /** @type {Page} */ (/** @type {unknown} */ (await opened.newPage()));
  return { page, close: async () => void (await opened.close()) };
}

/** @param {import('../demo/bench/measure.ts').NetworkReport} network */
function printNetwork({ name, kernels, pipelines, gpu }) {
  console.log(`${name}: ${number(gpu.median)} ms on the GPU`);
  printTable(
    ['kernel', 'shader', 'ms', 'least..most', 'part', 'GFLOP/s', 'of roof', 'bound', 'MB'],
    kernels.map(({ name, kind, choice, ms, part, gflops, share, bound, bytes }) => [
      name,
      choice === undefined || kind.endsWith(choice) ? kind : `${kind} (${choice})`,
      number(ms.median),
      `${number(ms.least)}..${number(ms.most)}`,
      percent(part),
      number(gflops),
      percent(share),
      bound,
      number(bytes / 1e6),
    ]),
  );
  console.log('');
  printTable(
    ['pipeline', 'shader', 'kernels', 'characters', 'create ms', 'first use ms'],
    pipelines
      .toSorted((a, b) => b.createMs + b.firstUseMs - a.createMs - a.firstUseMs)
      .map(({ name, kind, kernels, characters, createMs, firstUseMs }) => [
        name,
        kind,
        kernels,
        characters,
        number(createMs),
        number(firstUseMs),
      ]),
  );
  console.log('');
}

/** @param {import('../demo/bench/measure.ts').NetworkReport[]} networks */
function printSummary(networks) {
  printTable(
    [
      'network',
      'dispatches',
      'compile ms',
      'first ms',
      'run ms',
      'middle half',
      'GPU ms',
      'GFLOP/s',
      'of roof',
      'dispatch ms',
      'pipelines ms',
      'rel. L2 error',
    ],
    networks.map(({ name, dispatches, compileMs, firstRunMs, run, gpu, dispatchCpu, pipelines, error }) => [
      name,
      dispatches,
      number(compileMs),
      number(firstRunMs),
      number(run.median),
      `${number(run.low)}..${number(run.high)}`,
      number(gpu.median),
      number(gpu.gflops),
      percent(gpu.share),
      number(dispatchCpu.median),
      number(pipelines.reduce((sum, { createMs, firstUseMs }) => sum + createMs + firstUseMs, 0)),
      error === undefined ? '' : error.toExponential(1),
    ]),
  );
}

/** @param {import('../demo/bench/measure.ts').Report} before */
function printComparison(before) {
  const ratio = (/** @type {import('./compare.ts').Change} */ { ratio, beyondNoise }) =>
    `${ratio.toFixed(3)}${beyondNoise ? ' *' : ''}`;
  const changes = comparison.compareReports(before, report);
  console.log(`\nnow / ${values.against} (${before.date}); * is beyond noise`);
  for (const difference of comparison.differencesOf(before, report)) console.log(`  ${difference}`);
  printTable(
    ['network', 'run', 'GPU', 'compile + first run', 'dispatch', 'pipelines'],
    changes.map(({ name, run, gpu, ready, dispatchCpu, pipelines }) => [
      name,
      ...[run, gpu, ready, dispatchCpu, pipelines].map(ratio),
    ]),
  );
  for (const { name, kernels } of changes) {
    if (kernels.length === 0) continue;
    console.log(`\n${name}`);
    printTable(
      ['kernel', 'shader', 'before ms', 'now ms', 'ratio'],
      kernels.map(({ name, kind, change }) =>
        typeof change === 'string'
          ? [name, kind, '', '', change]
          : [name, kind, number(change.before), number(change.now), change.ratio.toFixed(3)],
      ),
    );
  }
}

/** @param {number} value */
function number(value) {
  return value >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

/** @param {number} share */
function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}

/**
 * @param {readonly string[]} heads
 * @param {readonly (readonly (string | number)[])[]} rows
 */
function printTable(heads, rows) {
  const table = [heads, ...rows.map((row) => row.map(String))];
  const widths = heads.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  for (const row of table) {
    console.log(
      row
        .map((cell, column) => (column < 1 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    );
  }
}

/**
 * @param {string} message
 * @returns {never}
 */
function fail(message) {
  console.error(message);
  process.exit(1);
}
