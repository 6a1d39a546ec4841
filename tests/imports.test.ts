import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'playwright/test';

// A folder may import from itself and from the folders before it.
const road = ['shaders', 'engine', 'architectures', 'demo'];
const withGpuTypes = ['device.ts', 'image.ts', 'executable.ts', 'compile.ts', 'index.ts'];

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = road.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /(?<!\.d)\.tsx?$/.test(file))
    .map((file) => ({ folder, path: `${folder}/${file}`, text: readFileSync(join(root, folder, file), 'utf8') })),
);

for (const { folder, path, text } of sources) {
  test(`${path} imports only what comes before it`, () => {
    for (const [, specifier = ''] of text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
      const target = specifier.startsWith('.')
        ? relative(root, join(root, path, '..', specifier)).split(/[\\/]/)[0]!
        : specifier;
      if (target === 'wgsl-preprocessor/wgsl-preprocessor.js') expect(path).toBe('shaders/wgsl.ts');
      else if (folder === 'demo' && !road.includes(target)) continue;
      else expect(road.slice(0, road.indexOf(folder) + 1), `${path} imports '${specifier}'`).toContain(target);
    }
  });
}

test('only the files that hold GPU objects name their types', () => {
  const named = sources
    .filter(({ folder, path }) => folder !== 'demo' && !withGpuTypes.includes(basename(path)))
    .filter(({ text }) => /\bGPU[A-Z]\w+/.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')));
  expect(named.map(({ path }) => path)).toEqual([]);
});
