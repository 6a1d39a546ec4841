// ONNX's own backend tests: which ones pass, and why the others are out of scope, is in tests/onnx-backend.json.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dataSetsOf, onnxCases } from './onnx-cases.ts';
import { expect, test } from './test.ts';

const table = fileURLToPath(new URL('../tests/onnx-backend.json', import.meta.url));
const known: Record<string, string> = existsSync(table) ? JSON.parse(readFileSync(table, 'utf8')) : {};
const isUpdated = Boolean(process.env.ONNX_BACKEND_UPDATE);
const cases = onnxCases();

/** Those that one call of the page runs. */
const BATCH = 40;

for (let start = 0; start < Math.max(1, cases.length); start += BATCH) {
  const names = cases.slice(start, start + BATCH);
  test(`ONNX's backend tests from ${names[0] ?? 'the first'}`, async ({ run }) => {
    test.skip(names.length === 0, "Debian's package libonnx-testdata is not installed");
    const outcomes = await run('runOnnxCases', { cases: names.map((name) => ({ name, dataSets: dataSetsOf(name) })) });
    if (isUpdated) {
      const own: Record<string, string> = {
        ...JSON.parse(existsSync(table) ? readFileSync(table, 'utf8') : '{}'),
        ...outcomes,
      };
      const sorted = Object.fromEntries(Object.entries(own).sort(([a], [b]) => (a < b ? -1 : 1)));
      writeFileSync(table, `${JSON.stringify(sorted, null, 2)}\n`);
      return;
    }
    expect(outcomes).toEqual(Object.fromEntries(names.map((name) => [name, known[name]])));
  });
}
