// The layers that the demo shows, of plans whose layers take several kernels.
import { expect, test } from 'playwright/test';
import { mobileNetV2 } from '../architectures/mobilenet-v2.ts';
import { uNet } from '../architectures/unet.ts';
import { layersOf } from '../demo/network/layers-of.ts';
import { architecture } from '../engine/all-ops.ts';
import { DEFAULT_CAPABILITIES } from '../engine/common/capabilities.ts';
import { planFor } from '../engine/compile.ts';

const swiftshader = { ...DEFAULT_CAPABILITIES, vendor: 'google', architecture: 'swiftshader' };

test('a layer that takes several kernels is shown once, whole', () => {
  const plan = planFor(uNet({ features: 32 }), swiftshader);
  const layers = layersOf(plan);
  expect(new Set(layers.map(({ name }) => name)).size).toBe(layers.length);
  expect(layers.length).toBeLessThan(plan.kernels.length / 5);
  expect(layers.at(-1)?.last).toBe(plan.kernels.length - 1);
  for (const cost of ['macs', 'parameters'] as const) {
    expect(layers.reduce((sum, layer) => sum + layer[cost], 0)).toBe(plan[cost]);
  }
  for (const { name, shape, output } of layers) {
    // All channels of its own, which are a part of a value or all of it.
    const channels = output.channels?.[1] ?? plan.values[output.value]?.shape[1];
    expect(channels, name).toBe(shape[1]);
  }
});

test('the halves of a map have names of their own', () => {
  const names = layersOf(planFor(mobileNetV2(), swiftshader)).map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => name.endsWith('2/2'))).toHaveLength(2);
});

test('a result that is called as the layer before it is no half of that', () => {
  const network = architecture('named', (g) => {
    const image = g.input('image', [1, 3, 9, 9]);
    g.output('mask', g.conv2d(image, g.tensor('mask.weight', [5, 3, 3, 3])));
  });
  expect(layersOf(planFor(network)).map(({ name }) => name)).toEqual(['image', 'mask', 'mask (repack)']);
});
