// The graphs that are made of TFLite's operators, computed by the oracle of our own operations.
import { expect, test } from 'playwright/test';
import { openTflite, type TfliteModel } from '../architectures/tflite.ts';
import { reference } from './reference.ts';
import { type Case, fileOf, isNd, made, type Nd, nd, TFLITE_CASES } from './tflite-cases.ts';

/** What the oracle makes of a network, arrays in the file's order. */
async function computed({ architecture, weights, inputs, outputs }: TfliteModel, given: readonly Nd[]): Promise<Nd[]> {
  const tensors = new Map<string, Float32Array>();
  for (const name of weights.shapes.keys()) tensors.set(name, await weights.read(name));
  const fed = inputs.map(({ name, shape }, index) => {
    const { values, shape: own } = given[index]!;
    expect(shape).toEqual(toLinnet(own));
    return [name, Float32Array.from(own.length === 4 ? toPlanes(given[index]!).values : values)] as const;
  });
  const results = reference(architecture, (name) => tensors.get(name)!, Object.fromEntries(fed));
  return outputs.map(({ name, shape }) => {
    const { values } = results[name]!;
    if (shape.length !== 4) return nd(shape, values);
    const [batch, channels, height, width] = shape as [number, number, number, number];
    return made([batch, height, width, channels], (n, y, x, c) => nd(shape, values).at(n, c, y, x));
  });
}

const toLinnet = (shape: readonly number[]) => {
  const [n, h, w, c] = shape;
  return shape.length === 4 ? [n, c, h, w] : shape.length < 2 ? [1, shape[0] ?? 1] : shape;
};

function toPlanes(map: Nd): Nd {
  const [n, h, w, c] = map.shape as [number, number, number, number];
  return made([n, c, h, w], (b, channel, y, x) => map.at(b, y, x, channel));
}

function expectNear(actual: Nd, expected: Nd): void {
  expect(actual.shape).toEqual(expected.shape);
  const scale = Math.max(1, ...expected.values.map(Math.abs));
  for (const [index, value] of expected.values.entries()) {
    const difference = Math.abs(actual.values[index]! - value);
    if (!(difference <= 1e-6 * scale)) expect(actual.values[index], `element ${index}`).toBe(value);
  }
}

async function check(item: Case): Promise<void> {
  const model = await openTflite(fileOf(item));
  const results = await computed(model, item.given.filter(isNd));
  for (const [index, expected] of ([item.expected].flat() as Nd[]).entries()) {
    expectNear(results[index]!, expected);
  }
}

for (const [name, item] of Object.entries(TFLITE_CASES)) {
  test(name, () => check(item));
}
