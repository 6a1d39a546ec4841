// ONNX's own backend tests: which ones pass, and why the others are out of scope, is in tests/onnx-backend.json.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onnxFile } from '../tests/onnx-file.ts';
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

interface Resized {
  attributes: Record<string, string | number>;
  scales?: number[];
  sizes?: number[];
  shape: number[];
  values: number[];
}

test('each mode of Resize is what the reference implementation of ONNX makes of a map', async ({ run }) => {
  const text = readFileSync(new URL('../tests/onnx/resize.json', import.meta.url), 'utf8');
  const resized: Resized[] = JSON.parse(text);
  const nodes = resized.map(({ attributes, scales }, index) => ({
    op: 'Resize',
    inputs: ['x', '', ...(scales ? [`to ${index}`] : ['', `to ${index}`])],
    outputs: [`y ${index}`],
    attributes: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [
        name,
        name === 'cubic_coeff_a' ? { float: Number(value) } : value,
      ]),
    ),
  }));
  const tensors = resized.map(({ scales, sizes = [] }, index) => ({
    name: `to ${index}`,
    shape: [4],
    dataType: scales ? 1 : 7,
    data: scales ?? sizes,
  }));
  const outputs = nodes.flatMap((node) => node.outputs);
  const file = onnxFile({ nodes, tensors, outputs, inputs: [{ name: 'x', shape: [1, 1, 4, 5] }], opset: 19 });
  const x = Float32Array.from({ length: 20 }, (_, index) => Math.sin(Math.fround(Math.fround(1.7) * index)));
  const results = await run('runOnnxFile', { file, inputs: { x } });
  const wrong = resized.flatMap(({ attributes, scales, sizes, shape, values }, index) => {
    const { shape: found, data } = results[`y ${index}`] ?? {};
    const isRight =
      `${found}` === `${shape}` && values.every((value, place) => Math.abs(value - (data?.[place] ?? 9)) <= 1e-5);
    return isRight ? [] : [{ attributes, scales, sizes, values, found: [...(data ?? [])] }];
  });
  expect(wrong).toEqual([]);
});
