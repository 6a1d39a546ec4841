// The package as a user gets it: what package.json promises is in dist/.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect, test } from './test.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const npmRun = (script: string) =>
  execFileSync('npm', ['run', script], { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' });

test.beforeAll(() => {
  npmRun('build:types');
});

test('every file that package.json names is built', () => {
  const targets = Object.values<string | Record<string, string>>(manifest.exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  const missing = [...targets, manifest.unpkg, manifest.jsdelivr].filter((path) => !existsSync(root + path));
  expect(missing).toEqual([]);
});

test('the declarations serve a strict page that has no other types', () => {
  // Node's own resolution finds the package by its name from inside.
  const tsc = createRequire(import.meta.url)
    .resolve('typescript/package.json')
    .replace(/package\.json$/, 'bin/tsc');
  const result = spawnSync(process.execPath, [tsc, '-p', 'e2e/consumer'], { cwd: root, encoding: 'utf8' });
  expect(result.stdout).toBe('');
});

test('the modules import each other only by relative names', () => {
  const modules = readdirSync(`${root}dist`).filter((file) => file.endsWith('.js') && file !== 'linnet.iife.js');
  const specifiers = modules.flatMap((file) =>
    Array.from(
      readFileSync(`${root}dist/${file}`, 'utf8').matchAll(/(?:from|import)\s*\(?["']([^"']+)["']/g),
      ([, name]) => name,
    ),
  );
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

test('the sizes are those of bench/size.json', () => {
  console.log(npmRun('size'));
});
