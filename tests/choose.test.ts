import { expect, test } from 'playwright/test';
import { mobileNetV2 } from '../architectures/index.ts';
import { architecture, planFor } from '../engine/index.ts';
import { networks } from './networks.ts';

const network = mobileNetV2();
const kernelsOf = (choices = {}) => planFor(network, undefined, { choices }).kernels;
const kindOf = (name: string, choices = {}) => kernelsOf(choices).find((kernel) => kernel.name === name)?.kind;

for (const [name, architecture] of Object.entries(networks)) {
  test(`${name}: the cheapest candidate computes each node, the first one of equals`, () => {
    for (const { choice } of planFor(architecture).kernels) {
      if (!choice) continue;
      const able = Object.entries(choice.estimates).filter(([, estimate]) => typeof estimate === 'number');
      const least = Math.min(...able.map(([, estimate]) => estimate as number));
      expect(able.find(([, estimate]) => estimate === least)?.[0]).toBe(choice.name);
    }
  });
}

test('a plan says which candidate computes a node, and what the others say of themselves', () => {
  const depthwise = kernelsOf().find(({ name }) => name === 'features.1.conv.0.0');
  expect(depthwise?.choice?.name).toBe('depthwise');
  const { estimates = {} } = depthwise?.choice ?? {};
  expect(estimates.pointwise).toBe('no 1x1 filter with stride 1');
  // A block of two output slices reads eight channels, seven of which each output multiplies by zeros.
  expect(estimates.general).toBe(8 * Number(estimates.depthwise));
  const first = kernelsOf().find(({ name }) => name === 'features.0.0');
  expect(first?.choice).toMatchObject({ name: 'general', estimates: { depthwise: 'a filter of several channels' } });
});

test('a node can be told by which candidate it is computed', () => {
  const name = 'features.1.conv.0.0';
  expect(kindOf(name)).toBe('conv2d-depthwise');
  expect(kindOf(name, { [name]: 'general' })).toBe('conv2d');
  // The others stay as they are.
  expect(kindOf('features.2.conv.1.0', { [name]: 'general' })).toBe('conv2d-depthwise');
});

test('a choice that cannot be made is told with what can', () => {
  const name = 'features.0.0';
  const others = /; there are .*pointwise \(no 1x1 filter with stride 1\), .*general \(\d+\), .*\.$/m;
  expect(() => kernelsOf({ [name]: 'depthwise' })).toThrow(others);
  expect(() => kernelsOf({ [name]: 'winograd' })).toThrow(others);
  const other = architecture('constructor', (g) =>
    g.output('y', g.softmax(g.conv2d(g.input('x', [1, 4, 2, 2]), g.tensor('constructor.weight', [4, 4, 1, 1])))),
  );
  expect(planFor(other).kernels[1]?.choice?.name).toBe('pointwise-split');
  expect(() => kernelsOf({ nobody: 'general' })).toThrow("There is no kernel 'nobody' to choose.");
  expect(() => kernelsOf('general' as unknown as object)).toThrow(/'choices'.* should be an object/);
});
