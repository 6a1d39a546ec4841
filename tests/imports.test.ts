import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'playwright/test';

// A folder imports from itself and from the folders before it; the demo from itself and from packages, like any page.
const road = ['shaders', 'engine', 'architectures', 'demo'];
const withGpuObjects = [
  ...['device.ts', 'image.ts', 'resources.ts', 'executable.ts', 'compile.ts', 'index.ts', 'inputs.ts'],
  ...[
    'segmenter.ts',
    'overlay.ts',
    'waiting.ts',
    'debug.ts',
    'webgpu-names.ts',
    'picture.ts',
    'pictures.ts',
    'binding.ts',
  ],
];

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = road.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /(?<!\.d)\.tsx?$/.test(file))
    .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
    .map((path) => ({ folder, path, text: readFileSync(join(root, path), 'utf8') })),
);

function mayImport(folder: string, path: string, specifier: string): boolean {
  if (specifier.startsWith('wgsl-preprocessor')) return path === 'shaders/wgsl.ts';
  if (!specifier.startsWith('.')) return folder === 'demo';
  const target = posix.join(posix.dirname(path), specifier).split('/')[0]!;
  // The demo stands on what is public, by the package's names.
  if (folder === 'demo') return target === folder;
  return road.slice(0, road.indexOf(folder) + 1).includes(target);
}

test('imports point only backwards along the road from shaders to demo', () => {
  const wrong = sources.flatMap(({ folder, path, text }) =>
    Array.from(text.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g), ([, specifier]) => specifier!)
      .filter((specifier) => !mayImport(folder, path, specifier))
      .map((specifier) => `${path} imports '${specifier}'`),
  );
  expect(wrong).toEqual([]);
});

test('no file imports itself by way of others, types included', () => {
  const targets = new Map(
    sources.map(({ path, text }) => [
      path,
      Array.from(text.matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g), ([, specifier]) =>
        posix.join(posix.dirname(path), specifier!),
      ),
    ]),
  );
  // What imports nothing that is left, or is imported by nothing that is left, is in no circle.
  for (let before = Infinity; targets.size < before; ) {
    before = targets.size;
    for (const [path, imported] of targets) {
      const isImported = [...targets.values()].some((others) => others.includes(path));
      if (!isImported || !imported.some((target) => targets.has(target))) targets.delete(path);
    }
  }
  expect([...targets.keys()]).toEqual([]);
});

test('only the files that hold GPU objects name their types', () => {
  const named = sources
    .filter(({ folder, path }) => folder !== 'demo' && !withGpuObjects.includes(basename(path)))
    .filter(({ text }) => /\bGPU[A-Z]\w+/.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')));
  expect(named.map(({ path }) => path)).toEqual([]);
});
