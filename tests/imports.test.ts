import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'playwright/test';

// A room imports from itself and from the rooms before it; the demo from itself and from packages, like any page.
const road = [
  'shaders',
  ...['common', 'graph', 'plan', 'weights', 'kernels', 'run', 'picture'].map((room) => `engine/${room}`),
  'engine',
  'architectures',
  'demo',
];

/** The folder, but of `engine/` the room. */
const roomOf = (path: string) => path.match(/^(engine\/)?[^/]+(?=\/)/)![0];

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = ['shaders', 'engine', 'architectures', 'demo'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /(?<!\.d)\.tsx?$/.test(file))
    .map((file) => posix.join(folder, file.replaceAll('\\', '/')))
    .map((path) => ({ room: roomOf(path), path, text: readFileSync(join(root, path), 'utf8') })),
);

function mayImport(room: string, path: string, specifier: string): boolean {
  if (specifier.startsWith('wgsl-preprocessor')) return path === 'shaders/wgsl.ts';
  const reader = { pbf: 'onnx/file.ts', flatbuffers: 'tflite/flatbuffer.ts' }[specifier];
  if (reader) return path === `architectures/import/${reader}`;
  if (!specifier.startsWith('.')) return room === 'demo';
  const target = roomOf(posix.join(posix.dirname(path), specifier));
  // The demo stands on what is public, by the package's names.
  if (room === 'demo') return target === room;
  return road.slice(0, road.indexOf(room) + 1).includes(target);
}

/** Files of this project. */
const importsOf = ({ path, text }: { path: string; text: string }) =>
  Array.from(text.matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g), ([, specifier]) =>
    posix.join(posix.dirname(path), specifier!),
  );

test('imports point only backwards along the road from shaders to demo', () => {
  expect(sources.map(({ room }) => room).filter((room) => !road.includes(room))).toEqual([]);
  const wrong = sources.flatMap(({ room, path, text }) =>
    Array.from(text.matchAll(/\b(?:from|import)\s*\(?\s*'([^']+)'/g), ([, specifier]) => specifier!)
      .filter((specifier) => !mayImport(room, path, specifier))
      .map((specifier) => `${path} imports '${specifier}'`),
  );
  expect(wrong).toEqual([]);
});

test('no file imports itself by way of others, types included', () => {
  const targets = new Map(sources.map((source) => [source.path, importsOf(source)]));
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

const namesGpu = ({ text }: { text: string }) => /\bGPU[A-Z]\w+/.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''));

test('what comes before the GPU names none of its types', () => {
  const pure = road.slice(0, road.indexOf('engine/run'));
  const named = sources.filter(({ room }) => pure.includes(room)).filter(namesGpu);
  expect(named.map(({ path }) => path)).toEqual([]);
});

test('a card is read, and a picture and its mask are placed, by what names no type of the GPU, types included', () => {
  const reached = new Set(['architectures/model-card.ts', 'engine/picture/preprocess.ts', 'engine/picture/mask.ts']);
  for (const path of reached) {
    for (const target of importsOf(sources.find((source) => source.path === path)!)) reached.add(target);
  }
  const named = sources.filter(({ path }) => reached.has(path)).filter(namesGpu);
  expect(named.map(({ path }) => path)).toEqual([]);
});
