// The arithmetic of the page on what a convolution is: its few lines against the oracle, its filters against what they are
// called, and the weights that it counts.
import { readFileSync } from 'node:fs';
import { expect, test } from 'playwright/test';
import { secondsUntil, stepsAfter } from '../demo/learn/clock.ts';
import { layerArchitecture } from '../demo/learn/convolution-engine.ts';
import {
  FILTERS,
  type Filter,
  isAverage,
  KERNELS,
  KINDS,
  layerOf,
  weightsOf,
} from '../demo/learn/convolution-filters.ts';
import {
  convolve,
  filterOf,
  firstPixels,
  type Layer,
  type Maps,
  outputSize,
  partAt,
  pixelAt,
  stamp,
  windowAt,
} from '../demo/learn/convolution-layer.ts';
import { beside, colourOf, greyOf, largestOf, shortNumber } from '../demo/learn/convolution-picture.ts';
import { PACE } from '../demo/learn/sliding.ts';
import { loadWeights } from '../engine/weights/load.ts';
import { reference } from './reference.ts';
import { uniform } from './seeded.ts';

/** Whole numbers from 0 to 255, as pixels are. */
function pixels(channels: number, height: number, width: number): Maps {
  const values = Float32Array.from(uniform('pixels', channels * height * width), (value) =>
    Math.round(127.5 * (value + 1)),
  );
  return { channels, height, width, values };
}

const plain = { kernel: 3, stride: 1, padding: 0, dilation: 1, groups: 1, transposed: false };

/** Layers with weights that are not alike, of every kind and with every option. */
const layers: Layer[] = [
  { ...plain, inChannels: 1, outChannels: 1 },
  { ...plain, inChannels: 1, outChannels: 1, kernel: 5, stride: 3, padding: 2 },
  { ...plain, inChannels: 1, outChannels: 1, kernel: 7, dilation: 2, padding: 3 },
  { ...plain, inChannels: 3, outChannels: 2, stride: 2, padding: 1 },
  { ...plain, inChannels: 3, outChannels: 3, groups: 3, dilation: 3 },
  { ...plain, inChannels: 3, outChannels: 5, kernel: 1 },
  { ...plain, inChannels: 4, outChannels: 6, groups: 2, padding: 1 },
  { ...plain, inChannels: 3, outChannels: 2, stride: 2, transposed: true },
  { ...plain, inChannels: 4, outChannels: 6, groups: 2, stride: 3, padding: 1, dilation: 2, transposed: true },
].map((layer) => {
  const { transposed, inChannels, outChannels, groups, kernel } = layer;
  const length =
    ((transposed ? outChannels : inChannels) / groups) * (transposed ? inChannels : outChannels) * kernel ** 2;
  return { ...layer, weights: [...uniform('weights', length)] };
});

const named = (layer: Layer) => {
  const { weights, ...options } = layer;
  return JSON.stringify(options);
};

for (const layer of [...layers, ...KINDS.map((kind) => layerOf(kind, 2))]) {
  test(`the page computes what the oracle does: ${named(layer)}`, () => {
    const maps = pixels(layer.inChannels, 15, 17);
    const expected = reference(layerArchitecture(layer, maps), () => Float32Array.from(layer.weights), {
      image: maps.values,
    }).maps;
    const { channels, height, width, values } = convolve(layer, maps);
    expect([1, channels, height, width]).toEqual(expected?.shape);
    expect([height, width]).toEqual([outputSize(15, layer), outputSize(17, layer)]);
    // The oracle has the weights as the engine has them, in 32 bits.
    const errors = values.map((value, at) => Math.abs(value - (expected?.values[at] ?? NaN)));
    expect(Math.max(...errors)).toBeLessThan(1e-3);
  });
}

test('the numbers in the window, times the filter, are the map', () => {
  for (const layer of layers.filter(({ transposed, inChannels }) => !transposed && inChannels === 1)) {
    const maps = pixels(1, 24, 24);
    const result = convolve(layer, maps);
    for (const [y, x] of [
      [0, 0],
      [1, result.width - 1],
      [result.height - 1, 2],
    ] as const) {
      const window = windowAt(layer, y, x).map((pixel) => pixelAt(maps, 0, pixel.y, pixel.x));
      expect(window).toHaveLength(layer.kernel ** 2);
      const sum = window.reduce((total, value, tap) => total + value * (layer.weights[tap] ?? NaN), 0);
      expect(pixelAt(result, 0, y, x)).toBeCloseTo(sum, 2);
    }
  }
});

test('what the inputs add to an output is the output', () => {
  for (const layer of layers.filter(({ transposed }) => !transposed)) {
    const maps = pixels(layer.inChannels, 15, 17);
    const result = convolve(layer, maps);
    for (let out = 0; out < layer.outChannels; out++) {
      const parts = Array.from({ length: layer.inChannels }, (_, input) => partAt(layer, maps, out, input, 1, 2));
      expect(parts.reduce((sum, part) => sum + part)).toBeCloseTo(pixelAt(result, out, 1, 2), 2);
    }
  }
});

test('a map is as large as there are places for the window', () => {
  for (const size of [12, 24, 25])
    for (const kernel of KERNELS)
      for (const stride of [1, 2, 3])
        for (const padding of [0, 1, 2, 3])
          for (const dilation of [1, 2, 3]) {
            let places = 0;
            for (let first = -padding; first + dilation * (kernel - 1) < size + padding; first += stride) places++;
            if (places > 0)
              expect(outputSize(size, { kernel, stride, padding, dilation, transposed: false })).toBe(places);
          }
});

test('stamps of two pixels overlap in the middle column and add up there', () => {
  const layer = {
    ...plain,
    stride: 2,
    inChannels: 1,
    outChannels: 1,
    transposed: true,
    weights: [1, 2, 3, 4, 5, 6, 7, 8, 9],
  };
  const maps = { channels: 1, height: 1, width: 2, values: Float32Array.of(10, 100) };
  const rows = [
    [10, 20, 30 + 100, 200, 300],
    [40, 50, 60 + 400, 500, 600],
    [70, 80, 90 + 700, 800, 900],
  ];
  expect([...convolve(layer, maps).values]).toEqual(rows.flat());
  const after = stamp(layer, maps, 1);
  expect([...after.values.subarray(0, 5)]).toEqual([10, 20, 30, NaN, NaN]);
});

test('of an unfinished map the places to come are not known', () => {
  const maps = pixels(2, 2, 2);
  const known = [...firstPixels(maps, 3).values].map((value) => !Number.isNaN(value));
  expect(known).toEqual([true, true, true, false, true, true, true, false]);
});

test('the weights of the five are those of the document', () => {
  const count = (kind: (typeof KINDS)[number], groups = 2) => layerOf(kind, groups).weights.length;
  expect([count('standard'), count('depthwise'), count('pointwise'), count('transposed')]).toEqual([81, 27, 9, 81]);
  expect(count('depthwise') + count('pointwise')).toBe(36);
  expect([1, 2, 4].map((groups) => count('grouped', groups))).toEqual([144, 72, 36]);
});

test('channels meet as the kinds say', () => {
  const meetings = (layer: Layer) =>
    Array.from({ length: layer.outChannels }, (_, out) =>
      Array.from({ length: layer.inChannels }, (_, input) => (filterOf(layer, out, input) ? 'x' : '.')).join(''),
    );
  expect(meetings(layerOf('standard', 1))).toEqual(['xxx', 'xxx', 'xxx']);
  expect(meetings(layerOf('pointwise', 1))).toEqual(['xxx', 'xxx', 'xxx']);
  expect(meetings(layerOf('depthwise', 1))).toEqual(['x..', '.x.', '..x']);
  expect(meetings(layerOf('grouped', 2))).toEqual(['xx..', 'xx..', '..xx', '..xx']);
  expect(meetings(layerOf('grouped', 4))).toEqual(['x...', '.x..', '..x.', '...x']);
  expect(meetings(layerOf('transposed', 1))).toEqual(['xxx', 'xxx', 'xxx']);
});

test('filters are what they are called', () => {
  // Sobel's.
  expect(FILTERS.upright(3).numerators).toEqual([-1, 0, 1, -2, 0, 2, -1, 0, 1]);
  expect(FILTERS.level(3).numerators).toEqual([-1, -2, -1, 0, 0, 0, 1, 2, 1]);
  expect(FILTERS.sharpen(3).numerators).toEqual([0, -1, 0, -1, 5, -1, 0, -1, 0]);
  expect(FILTERS.outline(3).numerators).toEqual([-1, -1, -1, -1, 8, -1, -1, -1, -1]);
  const sum = (filter: Filter) => weightsOf(filter).reduce((total, weight) => total + weight);
  for (const kernel of KERNELS) {
    for (const name of ['upright', 'level', 'outline', 'blur', 'sharpen'] as const) {
      const filter = FILTERS[name](kernel);
      expect(filter.numerators).toHaveLength(kernel ** 2);
      const averages = name === 'blur' || name === 'sharpen';
      expect(sum(filter)).toBeCloseTo(averages ? 1 : 0, 12);
      expect(isAverage(weightsOf(filter))).toBe(averages);
    }
  }
  // A vertical edge, dark on the left, is found by one and not by the other.
  const edge = {
    channels: 1,
    height: 5,
    width: 6,
    values: Float32Array.from({ length: 30 }, (_, at) => (at % 6 < 3 ? 0 : 100)),
  };
  const found = (name: 'upright' | 'level') =>
    convolve({ ...plain, inChannels: 1, outChannels: 1, weights: weightsOf(FILTERS[name](3)) }, edge).values;
  expect([...found('upright').subarray(0, 4)]).toEqual([0, 400, 400, 0]);
  expect(found('level').every((value) => value === 0)).toBe(true);
});

test('learned filters are those of the networks', async () => {
  const read = async (model: string, name: string) => {
    const file = readFileSync(new URL(`../demo/public/models/${model}/model.safetensors`, import.meta.url));
    return (await loadWeights(file)).read(name);
  };
  const grey = await read('fashion-mnist-separable', 'conv1.weight');
  for (const [tap, weight] of FILTERS.learned(3).numerators.entries()) expect(grey[18 + tap]).toBeCloseTo(weight, 2);
  const colour = await read('drawings-300', 'encoder1.enc1conv1.weight');
  const { weights } = layerOf('standard', 1);
  for (const [row, filter] of [1, 5, 3].entries()) {
    for (let tap = 0; tap < 27; tap++) expect(colour[27 * filter + tap]).toBeCloseTo(weights[27 * row + tap] ?? NaN, 2);
  }
});

test('a window that plays goes on, slowly at first, and comes to the end', () => {
  for (const length of [1, 16, 484, 2000]) {
    let before = 0;
    for (let seconds = 0; seconds <= 14; seconds += 0.05) {
      const places = stepsAfter(seconds, length, PACE);
      expect(places).toBeGreaterThanOrEqual(before);
      before = places;
    }
    expect(stepsAfter(1, length, PACE)).toBeLessThan(20);
    expect(stepsAfter(14.001, length, PACE)).toBe(length);
    for (const places of [0, 0.3 * length, length]) {
      expect(stepsAfter(secondsUntil(places, length, PACE), length, PACE)).toBeCloseTo(places, 6);
    }
  }
});

test('colours tell zero, signs and what is not known', () => {
  expect(colourOf(0, 'signed', 100)[3]).toBe(0);
  expect(colourOf(NaN, 'grey', 255)[3]).toBe(0);
  expect(colourOf(100, 'signed', 100)[3]).toBe(255);
  expect(colourOf(-100, 'signed', 100)).not.toEqual(colourOf(100, 'signed', 100));
  expect(colourOf(128, 'grey', 255)).toEqual([128, 128, 128, 255]);
  expect(colourOf(300, 'grey', 255)).toEqual([255, 255, 255, 255]);
  const maps = { channels: 2, height: 1, width: 2, values: Float32Array.of(1, -3, 4, 2) };
  expect([largestOf(maps, 0, 'signed'), largestOf(maps, 1, 'signed'), largestOf(maps, 1, 'grey')]).toEqual([3, 4, 255]);
});

test('numbers are short, and below zero where they are', () => {
  const texts = [-0.5, -0.04, 0, 12, -719, 37.1234, 1020].map((value) => shortNumber(value, 1));
  expect(texts).toEqual(['−0.5', '0', '0', '12', '−719', '37.1', '1020']);
  expect([-0.07, 0.333333].map((value) => shortNumber(value, 2))).toEqual(['−0.07', '0.33']);
});

test('brightness is weighed as ITU-R BT.601 does, and joins the colours', () => {
  const colour = { channels: 3, height: 1, width: 2, values: Float32Array.of(255, 10, 0, 20, 0, 30) };
  const grey = greyOf(colour);
  expect([...grey.values]).toEqual([76, 18]);
  expect(beside(colour, grey)).toMatchObject({ channels: 4, height: 1, width: 2 });
  expect([...beside(colour, grey).values]).toEqual([255, 10, 0, 20, 0, 30, 76, 18]);
});
