// The whole project's type check and lint, as tests, so that one command runs and counts everything.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'playwright/test';

for (const script of ['types', 'lint']) {
  test(`npm run ${script}`, () => {
    const cwd = fileURLToPath(new URL('..', import.meta.url));
    const shell = process.platform === 'win32';
    try {
      execFileSync('npm', ['run', script], { cwd, shell, encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(stdout + stderr);
    }
  });
}
