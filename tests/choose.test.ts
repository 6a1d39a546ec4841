import { expect, test } from 'playwright/test';
import { mobileNetV2 } from '../architectures/index.ts';
import { architecture, DEFAULT_CAPABILITIES, planFor } from '../engine/index.ts';
import { columnsOf, countColumns } from '../shaders/convolution.ts';
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
  expect(depthwise?.choice).toMatchObject({ name: 'depthwise-4x1x1t', by: 'estimate' });
  const { estimates = {} } = depthwise?.choice ?? {};
  expect(estimates['pointwise-4x1x2']).toBe('no 1x1 filter with stride 1');
  // A block of two output slices reads eight channels, seven of which each output multiplies by zeros; there are loads besides.
  expect(estimates['general-2x1x2']).toBeGreaterThan(4 * Number(estimates['depthwise-4x1x1t']));
  const first = kernelsOf().find(({ name }) => name === 'features.0.0');
  const others = { 'depthwise-2x2x1': 'a filter of several channels' };
  expect(first?.choice).toMatchObject({ name: 'general-4x1x1t', estimates: others });
});

test('a node can be told by which candidate it is computed', () => {
  const name = 'features.1.conv.0.0';
  expect(kindOf(name)).toBe('conv2d-depthwise');
  expect(kindOf(name, { [name]: 'general-2x1x2' })).toBe('conv2d');
  // The others stay as they are.
  expect(kindOf('features.2.conv.1.0', { [name]: 'general-2x1x2' })).toBe('conv2d-depthwise');
});

test('a choice that cannot be made is told with what can', () => {
  const name = 'features.0.0';
  const others = /; there are .*pointwise-4x1x2 \(no 1x1 filter with stride 1\), .*general-2x1x2 \(\d+\), .*\.$/m;
  expect(() => kernelsOf({ [name]: 'depthwise-2x2x1' })).toThrow(others);
  expect(() => kernelsOf({ [name]: 'winograd' })).toThrow(others);
  const other = architecture('constructor', (g) =>
    g.output('y', g.softmax(g.conv2d(g.input('x', [1, 4, 2, 2]), g.tensor('constructor.weight', [4, 4, 1, 1])))),
  );
  expect(planFor(other).kernels[1]?.choice?.name).toBe('pointwise-split');
  expect(() => kernelsOf({ nobody: 'general-2x1x2' })).toThrow("There is no kernel 'nobody' to choose.");
  expect(() => kernelsOf('general-2x1x2' as unknown as object)).toThrow(/'choices'.* should be an object/);
});

test('of the tiles that do well on a device, the sizes of a layer decide', () => {
  const swiftShader = { ...DEFAULT_CAPABILITIES, vendor: 'google', architecture: 'swiftshader' };
  const chosen = (channels: number) => {
    const network = architecture('one', (g) =>
      g.output('y', g.conv2d(g.input('x', [1, 32, 56, 56]), g.tensor('weight', [channels, 32, 1, 1]))),
    );
    return planFor(network, swiftShader).kernels.find(({ choice }) => choice)?.choice?.name;
  };
  expect([chosen(64), chosen(4)]).toEqual(['pointwise-8x1x4t', 'pointwise-8x1x1t']);
  // The last of three slices would leave a quarter of a block of four idle, which is not worth another text.
  expect(chosen(12)).toBe('pointwise-8x1x4t');
});

test('the columns that a tile reads are as many as are listed', () => {
  for (const width of [1, 2, 3, 4, 7, 8]) {
    for (const taps of [1, 2, 3, 5, 7, 25]) {
      for (const stride of [1, 2, 3, 4, 6]) {
        for (const dilation of [1, 2, 3, 4, 6, 9]) {
          const columns = { stride, taps, dilation };
          expect(countColumns(width, columns), JSON.stringify({ width, columns })).toBe(
            columnsOf(width, columns).length,
          );
        }
      }
    }
  }
});
