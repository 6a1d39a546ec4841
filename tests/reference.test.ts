// The oracle of the GPU tests against what others have computed: torchvision's outputs, and numbers by hand.

import { readFileSync } from 'node:fs';
import { expect, test } from 'playwright/test';
import { architecture } from '../engine/all-ops.ts';
import type { Value } from '../engine/graph/graph.ts';
import type { GraphBuilder } from '../engine/graph/graph-builder.ts';
import { goldenIndex, goldens } from './networks.ts';

import { reference } from './reference.ts';
import { seededTensor, uniform } from './seeded.ts';

for (const name of ['mobilenet_v1_025', 'mobilenet_v3_small']) {
  test(`the oracle computes torchvision's ${name}`, () => {
    const { input, output } = goldenIndex[name]!;
    const image = Float32Array.from(
      uniform(
        'input',
        input.reduce((product, size) => product * size, 1),
      ),
    );
    const { logits } = reference(goldens[name]!, (tensor, shape) => seededTensor('', tensor, shape), { image });
    const bytes = readFileSync(new URL(`goldens/${name}.f32`, import.meta.url));
    const golden = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    expect(logits?.shape).toEqual(output);
    const difference = golden.map((value, k) => value - (logits?.values[k] as number));
    expect(Math.hypot(...difference) / Math.hypot(...golden)).toBeLessThan(1e-5);
  });
}

const IMAGE = [1, 2, 3, -1, -2, 5, 0, 4, -3, 6, 2, 1];

/** The result for a picture of 1 x 1 x 3 x 4. */
function resultOf(add: (g: GraphBuilder, image: Value) => Value, tensors: Record<string, number[]> = {}): number[] {
  const network = architecture('test', (g) => g.output('y', add(g, g.input('image', [1, 1, 3, 4]))));
  const { y } = reference(network, (name) => Float32Array.from(tensors[name] ?? []), {
    image: Float32Array.from(IMAGE),
  });
  return [...(y?.values ?? [])];
}

test('the oracle against numbers by hand', () => {
  const pool = { windowDimensions: [2, 3], strides: [2, 2], padding: [0, 1, 1, 0] } as const;
  expect(resultOf((g, x) => g.maxPool2d(x, pool))).toEqual([5, 5, 6, 6]);
  expect(resultOf((g, x) => g.averagePool2d(x, pool))).toEqual([6 / 4, 13 / 6, 3 / 2, 9 / 3]);
  const ceil = { windowDimensions: [2, 2], strides: [2, 2], roundingType: 'ceil' } as const;
  expect(resultOf((g, x) => g.maxPool2d(x, ceil))).toEqual([5, 4, 6, 2]);
  expect(resultOf((g, x) => g.averagePool2d(x, ceil))).toEqual([6 / 4, 6 / 4, 3 / 2, 3 / 2]);
  expect(resultOf((g, x) => g.averagePool2d(x))).toEqual([18 / 12]);
  const counted = { windowDimensions: [2, 3], strides: [3, 3], padding: [1, 0, 1, 0], roundingType: 'ceil' } as const;
  expect(resultOf((g, x) => g.averagePool2d(x, { ...counted, countIncludePad: true }))).toEqual([
    3 / 6,
    2 / 4,
    3 / 3,
    3 / 2,
  ]);
  expect(resultOf((g, x) => g.adaptiveAveragePool2d(x, [2, 3]))).toEqual([6, 10, 6, 6, 13, 7].map((sum) => sum / 4));
  expect(resultOf((g, x) => g.adaptiveAveragePool2d(g.slice(x, [0, 0, 2, 0], [1, 1, 1, 2]), [2, 3]))).toEqual([
    -3, 1.5, 6, -3, 1.5, 6,
  ]);
  const dilated = { dilations: [2, 3], padding: [0, 0, 0, 1] } as const;
  expect(
    resultOf((g, x) => g.conv2d(x, g.tensor('w', [1, 1, 2, 2]), { ...dilated, bias: g.tensor('b', [1]) }), {
      w: [1, 10, 100, 1000],
      b: [0.5],
    }),
  ).toEqual([1 - 10 - 300 + 1000 + 0.5, 2 + 600 + 0.5]);
  const w = () => ({ w: [1, 10, 100, 1000] });
  const stretched = { strides: [2, 1], padding: [1, 0, 0, 2], outputPadding: [1, 0] } as const;
  expect(resultOf((g, x) => g.convTranspose2d(x, g.tensor('w', [1, 1, 2, 2]), stretched), w())).toEqual(
    [
      [100, 1200, 2300],
      [-2, -15, 50],
      [-200, 500 - 2000, 5000],
      [-3, 6 - 30, 2 + 60],
      [-300, 600 - 3000, 200 + 6000],
      [0, 0, 0],
    ].flat(),
  );
  const thinned = { dilations: [1, 2], padding: [0, 3, 2, 0] } as const;
  expect(resultOf((g, x) => g.convTranspose2d(x, g.tensor('w', [1, 1, 2, 2]), thinned), w())).toEqual([
    3 + 10,
    -1 + 20,
    30,
    -10,
  ]);
  const rows = (values: readonly number[], columns: readonly number[]) => columns.map((x) => values[x]);
  expect(resultOf((g, x) => g.resample2d(x, { sizes: [1, 7] }))).toEqual(rows(IMAGE, [0, 0, 1, 1, 2, 2, 3]));
  expect(resultOf((g, x) => g.resample2d(x, { scales: [0.5, 0.5] }))).toEqual([1, 3]);
  const halved = { mode: 'linear', sizes: [1, 8] } as const;
  expect(resultOf((g, x) => g.resample2d(x, halved))).toEqual([-2, -0.25, 3.25, 3.75, 1.25, 1, 3, 4]);
  const corners = { mode: 'linear', coordinates: 'align-corners', sizes: [1, 7] } as const;
  expect(resultOf((g, x) => g.resample2d(x, corners))).toEqual([1, 1.5, 2, 2.5, 3, 1, -1]);
  expect(resultOf((g, x) => g.pad(x, [1, 0, 0, 1])).slice(0, 8)).toEqual([0, 0, 0, 0, 0, 1, 2, 3]);
  expect(resultOf((g, x) => g.slice(x, [0, 0, 1, 1], [1, 1, 2, 3]))).toEqual([5, 0, 4, 6, 2, 1]);
  expect(resultOf((g, x) => g.concat([g.relu(x), x, x]))).toEqual(
    [IMAGE.map((value) => Math.max(value, 0)), IMAGE, IMAGE].flat(),
  );
  const offset = (g: GraphBuilder, x: Value) => {
    const [zero, one] = [g.constant('zero', [0]), g.constant('one', [1])];
    return g.batchNormalization(x, zero, one, { scale: g.constant('scale', [2]), bias: one, epsilon: 0 });
  };
  expect(resultOf(offset)).toEqual(IMAGE.map((value) => 2 * value + 1));
  expect(resultOf((g, x) => g.mul(x, g.averagePool2d(x)))).toEqual(IMAGE.map((value) => value * 1.5));
  expect(resultOf((g, x) => g.hardSwish(x))[3]).toBe(-2 / 6);
});
