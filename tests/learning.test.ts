// The arithmetic of the learning pages, by the numbers of the papers and of the engine's plans.
import { expect, test } from 'playwright/test';
import { convolutionCosts, possibleGroups } from '../demo/learn/convolution-cost.ts';
import { CARDINALITIES, weightsOf, widthFor } from '../demo/learn/resnext-block.ts';
import { architecture } from '../engine/all-ops.ts';
import { planFor } from '../engine/compile.ts';

test('a 3x3 convolution of three channels to three has 81 weights, a separable one 36', () => {
  const { standard, depthwise, pointwise, separable, grouped } = convolutionCosts({
    kernel: 3,
    inChannels: 3,
    outChannels: 3,
    size: 5,
    groups: 3,
  });
  expect([standard, depthwise, pointwise, separable, grouped].map(({ weights }) => weights)).toEqual([
    81, 27, 9, 36, 27,
  ]);
  expect(separable.macs).toBe(36 * 25);
});

test('costs are those of the plans', () => {
  const layer = { kernel: 5, inChannels: 12, outChannels: 18, size: 7, groups: 6 };
  const planned = (groups: number, outChannels: number, inChannels = 12, kernel = 5) => {
    const { macs, parameters } = planFor(
      architecture('layer', (g) => {
        const pad = kernel >> 1;
        const filter = g.tensor('weight', [outChannels, inChannels / groups, kernel, kernel]);
        g.output(
          'y',
          g.conv2d(g.input('image', [1, inChannels, 7, 7]), filter, { groups, padding: [pad, pad, pad, pad] }),
        );
      }),
    );
    return { weights: parameters, macs };
  };
  const costs = convolutionCosts(layer);
  expect(costs.standard).toEqual(planned(1, 18));
  expect(costs.grouped).toEqual(planned(6, 18));
  expect(costs.depthwise).toEqual(planned(12, 12));
  expect(costs.pointwise).toEqual(planned(1, 18, 12, 1));
});

test('groups divide both channel counts', () => {
  expect(possibleGroups(12, 18)).toEqual([1, 2, 3, 6]);
  expect(possibleGroups(7, 5)).toEqual([1]);
});

test('cardinality and width are those of the paper (arXiv 1611.05431, table 2)', () => {
  const widths = new Map(CARDINALITIES.map((cardinality) => [cardinality, widthFor(cardinality)]));
  expect([1, 2, 4, 8, 32].map((cardinality) => widths.get(cardinality))).toEqual([64, 40, 24, 14, 4]);
  expect(weightsOf(1, 64)).toBe(256 * 64 + 9 * 64 * 64 + 64 * 256);
  expect(weightsOf(32, 4)).toBe(70_144);
});
