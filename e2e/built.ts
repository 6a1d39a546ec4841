import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const changedAt = (path: string) => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** What the setups build, and of which folders' files. */
const BUILT = {
  'dist/index.js': ['shaders', 'engine', 'architectures'],
  '.e2e/main.js': [
    'shaders',
    'engine',
    'architectures',
    'demo/layers',
    'demo/learn',
    'demo/network',
    'e2e/page',
    'tests',
  ],
  'dist-demo/index.html': ['shaders', 'engine', 'architectures', 'demo'],
};

/** With `--no-deps` nothing is built: throws where a source is newer, as its tests would pass or fail for what it was. */
export function requireBuilt(file: keyof typeof BUILT): void {
  if (!process.env.LINNET_NO_DEPS) return;
  const builtAt = changedAt(join(root, file));
  for (const folder of BUILT[file]) {
    const sources = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
    const newer = sources.find(
      (source) => /(?<!\.test)\.\w+$/.test(source) && changedAt(join(root, folder, source)) > builtAt,
    );
    if (newer) throw new Error(`${folder}/${newer} is newer than ${file}: run the tests without --no-deps once.`);
  }
}
