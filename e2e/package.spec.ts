// The package as a user gets it: what package.json promises is in dist/.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright/test';
import * as engine from '../engine/index.ts';
import { networks } from '../tests/networks.ts';
import { randomNetwork } from '../tests/random-graph.ts';
import { serve } from './server.ts';
import { expect, test } from './test.ts';
import { vendors } from './vendors.ts';
import { wgslWords } from './wgsl-words.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const npmRun = (script: string) =>
  execFileSync('npm', ['run', script], { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' });

const chunks = () => readdirSync(`${root}dist`).filter((file) => file.endsWith('.js') && file !== 'linnet.iife.js');
const modules = () => chunks().map((file) => readFileSync(`${root}dist/${file}`, 'utf8'));

test.beforeAll(() => {
  npmRun('build:types');
});

test('every file that package.json names is built', () => {
  const declared = Object.values<Record<string, string[]>>(manifest.typesVersions).flatMap((paths) =>
    Object.values(paths),
  );
  const targets = Object.values<string | Record<string, string>>(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  const missing = [
    ...targets,
    ...declared.flat(),
    manifest.main,
    manifest.types,
    manifest.unpkg,
    manifest.jsdelivr,
  ].filter((path) => !existsSync(root + path));
  expect(missing).toEqual([]);
});

test("the library's shaders are the source's, but for spaces", async () => {
  const library: typeof engine = await import(`${root}dist/index.js`);
  const kinds = new Set<string>();
  const wrong: unknown[] = [];
  const random = Array.from({ length: 100 }, (_, seed) => randomNetwork(seed));
  for (const [turn, network] of [...Object.values(networks), ...random].entries()) {
    for (const vendor of Object.values(vendors)) {
      const features = turn % 2 ? ['shader-f16'] : [];
      const capabilities = { ...engine.DEFAULT_CAPABILITIES, ...vendor, features };
      const source = engine.planFor(network, capabilities, { precision: 'auto' }).kernels;
      for (const [index, built] of library.planFor(network, capabilities, { precision: 'auto' }).kernels.entries()) {
        const { kind, shader } = source[index]!;
        kinds.add(kind);
        if (wgslWords(built.shader) !== wgslWords(shader)) wrong.push({ kind, built: built.shader, shader });
      }
    }
  }
  expect(wrong.slice(0, 1)).toEqual([]);
  expect(kinds.size).toBeGreaterThan(10);
});

// TypeScript knows WebGPU since version 6; before, by @webgpu/types, or its objects are empty interfaces.
const compilers = {
  typescript: { resolutions: ['node16', 'nodenext', 'bundler'], types: [[]] },
  'typescript-5': { resolutions: ['node16', 'nodenext', 'bundler', 'node10'], types: [[], ['@webgpu/types']] },
} as const;

for (const [compiler, { resolutions, types }] of Object.entries(compilers)) {
  for (const resolution of resolutions) {
    for (const packages of types) {
      const others = packages.join() || 'no other types';
      test(`the declarations serve a strict page with ${compiler}, ${resolution}, ${others}`, () => {
        const page = test.info().outputPath('page');
        mkdirSync(`${page}/node_modules/@webgpu`, { recursive: true });
        // As it is published: without the sources, which would serve where the declarations do not.
        mkdirSync(`${page}/node_modules/linnet`);
        for (const file of ['package.json', 'dist']) symlinkSync(root + file, `${page}/node_modules/linnet/${file}`);
        for (const name of packages) symlinkSync(`${root}node_modules/${name}`, `${page}/node_modules/${name}`);
        copyFileSync(`${root}e2e/consumer/page.ts`, `${page}/page.ts`);
        writeFileSync(`${page}/package.json`, '{ "type": "module" }');
        const compilerOptions = {
          target: 'ES2022',
          module: resolution.startsWith('node') && resolution !== 'node10' ? resolution : 'esnext',
          moduleResolution: resolution,
          lib: ['ES2022', 'DOM'],
          types: packages,
          strict: true,
          noUncheckedIndexedAccess: true,
          exactOptionalPropertyTypes: true,
          preserveSymlinks: true,
          noEmit: true,
        };
        writeFileSync(`${page}/tsconfig.json`, JSON.stringify({ compilerOptions, files: ['page.ts'] }));
        const tsc = `${root}node_modules/${compiler}/bin/tsc`;
        const result = spawnSync(process.execPath, [tsc, '-p', page], { encoding: 'utf8' });
        expect(result.stdout).toBe('');
        expect(result.status).toBe(0);
      });
    }
  }
}

test('the command line looks into a file and converts it', () => {
  const linnet = (...words: string[]) =>
    spawnSync(process.execPath, [root + manifest.bin.linnet, ...words], { encoding: 'utf8' });
  const file = `${root}node_modules/@mediapipe/selfie_segmentation/selfie_segmentation.tflite`;
  const inspected = linnet('inspect', file);
  expect(inspected.stderr).toBe('');
  expect(inspected.stdout).toMatch(/^format +TensorFlow Lite$/m);
  expect(inspected.stdout).toMatch(/^unsupported +none$/m);
  const folder = test.info().outputPath('converted');
  expect(linnet('convert', file, folder, '--as', 'uint8').status).toBe(0);
  expect(readdirSync(folder).sort()).toEqual(['card.json', 'graph.json', 'model.safetensors']);

  const refused = linnet('inspect', `${root}package.json`);
  expect(refused.status).toBe(1);
  expect(refused.stderr).toMatch(/^The file /);
  expect(linnet('inspect').status).toBe(1);
  expect(linnet('--help').stdout).toContain('linnet convert FILE FOLDER');
});

test('the modules import each other only by relative names', () => {
  const specifiers = modules().flatMap((code) =>
    Array.from(code.matchAll(/(?:from|import)\s*\(?[`"']([^`"']+)[`"']/g), ([, name]) => name),
  );
  expect(specifiers.length).toBeGreaterThan(0);
  expect(specifiers.filter((name) => !name?.startsWith('./'))).toEqual([]);
});

test('the single file is a script that defines `linnet` and nothing else', async ({ page, site }) => {
  await page.goto(`${site}embed.js`);
  const before = await page.evaluate(() => Object.getOwnPropertyNames(window));
  await page.addScriptTag({ url: 'linnet.iife.js' });
  const after = await page.evaluate(() => Object.getOwnPropertyNames(window));
  expect(after.filter((name) => !before.includes(name))).toEqual(['linnet']);

  const names = await page.evaluate(() => {
    const { linnet } = window as unknown as { linnet: Record<string, unknown> };
    return { linnet: Object.keys(linnet), architectures: Object.keys(linnet.architectures as object) };
  });
  expect(names.linnet).toEqual(
    expect.arrayContaining(['compile', 'loadModel', 'loadWeights', 'planFor', 'requestDevice']),
  );
  expect(names.architectures).toEqual(expect.arrayContaining(['mobileNetV1', 'mobileNetV2', 'mobileNetV3']));
});

/** Compiles a network on a device that tells nothing of itself, as the page's `linnet` does it. */
const tunedIn = (page: Page) =>
  page.evaluate(async () => {
    const { linnet } = window as unknown as { linnet: typeof engine };
    const network = linnet.architecture('small', (g) => {
      g.output('y', g.conv2d(g.input('x', [1, 16, 8, 8]), g.tensor('weight', [16, 16, 1, 1])));
    });
    const weights = linnet.weightsFrom({ weight: { shape: [16, 16, 1, 1], data: new Float32Array(256) } });
    const device = await linnet.requestDevice();
    Object.defineProperty(device, 'adapterInfo', { value: { vendor: '', architecture: '' } });
    const given = await linnet.compile(network, { weights, device });
    const asked = await linnet.compile(network, { weights, device, tune: true }).catch(String);
    const by = ({ plan }: engine.Network) => plan.kernels.flatMap(({ choice }) => choice?.by ?? []);
    return { given: by(given), asked: typeof asked === 'string' ? asked : by(asked) };
  });

test('the single file does not tune, and says so where it should', async ({ page }) => {
  await page.goto('embed.js');
  await page.addScriptTag({ url: 'linnet.iife.js' });
  const { given, asked } = await tunedIn(page);
  expect(given).toEqual(['estimate']);
  expect(asked).toBe("UnsupportedError: The single file cannot 'tune'; Linnet's modules can.");
});

test('the modules fetch what tunes; where that cannot be had, a network that need not be tuned is not', async ({
  page,
  complaints,
}) => {
  const server = await serve({ folders: { '/': `${root}dist/` }, pages: { '/page': '<!doctype html>' } });
  // By a message of its own.
  const tuner = chunks().find((name) => readFileSync(`${root}dist/${name}`, 'utf8').includes('The time for tuning'));
  const visit = async () => {
    await page.goto(`${server.url}page`);
    await page.evaluate(
      async (address) => Object.assign(window, { linnet: await import(address) }),
      `${server.url}index.js`,
    );
    return tunedIn(page);
  };
  expect(await visit()).toEqual({ given: ['estimate'], asked: ['tuning'] });
  await page.route(`**/${tuner}`, (route) => route.abort());
  const { given, asked } = await visit();
  complaints.splice(0);
  expect(given).toEqual(['estimate']);
  expect(asked).toBe("FetchError: What tunes a network ('tune') could not be downloaded.");
  server.close();
});

test('the sizes are those of bench/size.json', () => {
  console.log(npmRun('size'));
});
