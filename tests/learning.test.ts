// The arithmetic of the learning pages, by the numbers of the papers and of the engine's plans.
import { expect, test } from 'playwright/test';
import { denseNet, resNet, uNet } from '../architectures/index.ts';
import { randomWeights } from '../demo/compare/random-weights.ts';
import { convolutionCosts, possibleGroups } from '../demo/learn/convolution-cost.ts';
import { DENSENETS, RESNETS } from '../demo/learn/published.ts';
import { CARDINALITIES, weightsOf, widthFor } from '../demo/learn/resnext-block.ts';
import { depthwise, FILTERS, MIXES, pointwise, SIDE } from '../demo/learn/separable.ts';
import { withLevels, withStrengths } from '../demo/learn/why-unet-levels.ts';
import { cutAt, intersectionOverUnion } from '../demo/learn/why-unet-masks.ts';
import { architecture } from '../engine/all-ops.ts';
import { buildGraph } from '../engine/architecture.ts';
import { planFor } from '../engine/compile.ts';
import { reference } from './reference.ts';
import { seededTensor } from './seeded.ts';

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

test('a weakened skip is what weaker filters for it would give', () => {
  const network = uNet({ inChannels: 2, features: 4, depth: 2, inputSize: [8, 12] });
  const tensors = new Map(
    buildGraph(network).tensors.map(({ name, shape }) => [name, { shape, data: seededTensor('skips', name, shape) }]),
  );
  const image = seededTensor('skips', 'image', [1, 2, 8, 12]);
  const mask = (of: typeof network, inputs: object, tensorOf: (name: string) => Float32Array) =>
    reference(of, tensorOf, { image, ...inputs }).mask?.values as Float64Array;
  const asTrained = (name: string) => tensors.get(name)?.data as Float32Array;
  // The filters of torch.cat((upsampled, skip)): the second half of their inputs is the skip.
  const weaker = (strengths: Record<string, number>) => (name: string) => {
    const [, level] = /^decoder(\d)\.dec\dconv1\.weight$/.exec(name) ?? [];
    const channels = tensors.get(name)?.shape[1] ?? 0;
    const factor = level ? (strengths[`strength${level}`] ?? 1) : 1;
    return asTrained(name).map((value, at) => (Math.floor(at / 9) % channels >= channels / 2 ? value * factor : value));
  };
  const difference = (a: Float64Array, b: Float64Array) =>
    Math.max(...a.map((value, at) => Math.abs(value - (b[at] ?? 0))));
  const trained = mask(network, {}, asTrained);
  for (const [first, second] of [
    [1, 1],
    [0, 0],
    [0.25, 1],
    [1, 0.5],
  ] as const) {
    const inputs = { strength1: Float32Array.of(first), strength2: Float32Array.of(second) };
    const faded = mask(withStrengths(network, 2) as typeof network, inputs, asTrained);
    expect(difference(faded, mask(network, {}, weaker({ strength1: first, strength2: second })))).toBeLessThan(1e-12);
    if (first + second < 2) expect(difference(faded, trained)).toBeGreaterThan(1e-4);
  }
});

test('the levels are outputs after their activation, and the mask stays', () => {
  const { outputs } = planFor(withLevels(uNet({ features: 8, inputSize: [128, 128] })));
  const level = (index: number) => [1, 8 << index, 128 >> index, 128 >> index];
  const shapes = Object.fromEntries(Object.entries(outputs).map(([name, { shape }]) => [name, shape]));
  expect(shapes).toEqual({
    mask: [1, 1, 128, 128],
    ...Object.fromEntries(
      [0, 1, 2, 3].flatMap((index) => [
        [`encoder${index + 1}`, level(index)],
        [`decoder${index + 1}`, level(index)],
      ]),
    ),
    bottleneck: level(4),
  });
});

test('masks overlap by the pixels above one half, and skips have a bit each', () => {
  expect(intersectionOverUnion([0.9, 0.6, 0.5, 0], [1, 0, 1, 0])).toBeCloseTo(1 / 3, 12);
  expect(intersectionOverUnion([0, 0.2], [0, 0])).toBe(1);
  expect([cutAt([0, 0, 0, 0]), cutAt([1, 0, 0, 0]), cutAt([0, 0, 1, 1]), cutAt([1, 1, 1, 1])]).toEqual([0, 1, 12, 15]);
});

test('depthwise and then pointwise is the standard convolution whose filters are their products', () => {
  const planes = [0, 1, 2].map((channel) => seededTensor('planes', String(channel), [SIDE, SIDE]));
  const standard = architecture('standard', (g) => {
    const filter = g.tensor('weight', [MIXES.length, 3, 3, 3]);
    g.output('y', g.conv2d(g.input('image', [1, 3, SIDE, SIDE]), filter, { padding: 1 }));
  });
  const weight = Float32Array.from(
    MIXES.flatMap((mix) => FILTERS.flatMap((filter, at) => filter.map((tap) => tap * (mix[at] ?? 0)))),
  );
  const image = Float32Array.from(planes.flatMap((plane) => Array.from(plane)));
  const expected = reference(standard, () => weight, { image }).y?.values as Float64Array;
  const maps = pointwise(depthwise(planes, FILTERS), MIXES).flatMap((map) => Array.from(map));
  expect(maps).toHaveLength(expected.length);
  expect(Math.max(...maps.map((value, at) => Math.abs(value - (expected[at] ?? 0))))).toBeLessThan(1e-4);
});

test('the published networks are those that this engine builds', () => {
  for (const { depth, parameters } of DENSENETS)
    expect(planFor(denseNet({ depth } as object)).parameters).toBe(parameters);
  for (const { depth, parameters } of RESNETS) expect(planFor(resNet({ depth } as object)).parameters).toBe(parameters);
});

test('made-up weights flow in short pieces, which are what is read at once', async () => {
  const network = architecture('layer', (g) => {
    const filter = g.tensor('weight', [700, 900, 1, 1]);
    g.output('y', g.conv2d(g.input('image', [1, 900, 1, 1]), filter, { bias: g.tensor('bias', [700]) }));
  });
  const weights = randomWeights(network);
  const flowed = new Map<string, number[]>();
  for await (const { name, start, values } of weights.flow?.() ?? []) {
    const before = flowed.get(name) ?? [];
    expect(start).toBe(before.length);
    expect(values.byteLength).toBeLessThanOrEqual(2 ** 20);
    flowed.set(name, before.concat(Array.from(values)));
  }
  expect(Array.from(flowed.keys())).toEqual(Array.from(weights.shapes.keys()));
  for (const [name, values] of flowed) expect(values).toEqual(Array.from(await weights.read(name)));
});
