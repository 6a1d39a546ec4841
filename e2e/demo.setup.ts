import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'playwright/test';

const root = fileURLToPath(new URL('..', import.meta.url));

test('the demo builds', () => {
  execFileSync('npm', ['run', 'build:demo'], { cwd: root, stdio: 'pipe', shell: process.platform === 'win32' });
});
