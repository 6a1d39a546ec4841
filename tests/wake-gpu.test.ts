// The script that wakes the GPU before the page's code is there knows which views need one.
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'playwright/test';
import { VIEWS } from '../demo/frame/views.ts';

const script = readFileSync(new URL('../demo/public/wake-gpu.js', import.meta.url), 'utf8');

function wakes(hash: string): boolean {
  let asked = false;
  const requestAdapter = async () => {
    asked = true;
  };
  runInNewContext(script, { location: { hash }, navigator: { gpu: { requestAdapter } } });
  return asked;
}

for (const { id, withoutGpu, usesGpu } of VIEWS) {
  const needsGpu = withoutGpu !== undefined || usesGpu === true;
  test(`the GPU is ${needsGpu ? '' : 'not '}woken for ${id}`, () => {
    expect(wakes(`#${id}`)).toBe(needsGpu);
  });
}

test('the GPU is woken for the first view, which the address need not name', () => {
  expect(wakes('')).toBe(true);
});
