// Packed weights, read back step by step as the kernels read them.

import { expect, test } from 'playwright/test';
import type { PlannedWeights, WeightsLayout } from '../engine/plan/plan.ts';
import { bandOf, packedVectors } from '../engine/weights/layout.ts';
import { packWeights, toFloat16 } from '../engine/weights/pack.ts';
import { uniform } from './seeded.ts';

type Tensors = Parameters<typeof packWeights>[1];

const floats = (name: string, count: number) => Float32Array.from(uniform(name, count));

const refuse = (role: string, index: number, value: number): never => {
  throw new Error(`${role} ${index}: ${value}`);
};

function pack(layout: WeightsLayout, tensors: Tensors, epsilon = 0): Float32Array {
  const bytes = packedVectors(layout) * 16;
  const planned: PlannedWeights = { name: 'test', home: { buffer: 0, offset: 0 }, bytes, layout, tensors: {}, epsilon };
  const packed = packWeights(planned, tensors, 'float32', refuse);
  expect(packed.byteLength).toBe(bytes);
  return new Float32Array(packed);
}

/**
 * The dense filter `[out][in][ky][kx]` and the bias that a thread finds, which steps through its block from front to end:
 * first the biases of the block, then for each input slice of its band and filter row
 * `[kx][slice in block][4 inputs] -> vec4 over 4 outputs`.
 */
function readConv2d(packed: Float32Array, { filterShape, groups, blockSlices }: WeightsLayout, bandSlices: number) {
  const [outChannels, groupInputs, height, width] = filterShape;
  const slicesIn = Math.ceil((groupInputs * groups) / 4);
  const dense = new Map<string, number>();
  const bias: number[] = [];
  let step = 0;
  const stepFloats = width * blockSlices * 16;
  for (let block = 0; block < Math.ceil(outChannels / (4 * blockSlices)); block++) {
    const group = Math.floor((block * blockSlices * 4) / (outChannels / groups));
    const start = groups === 1 ? 0 : Math.min(Math.floor((group * groupInputs) / 4), slicesIn - bandSlices);
    for (let out = 0; out < blockSlices * 4; out++) bias.push(packed[step * stepFloats + out] as number);
    step++;
    for (let slice = start; slice < start + bandSlices; slice++) {
      for (let ky = 0; ky < height; ky++, step++) {
        for (let index = 0; index < stepFloats; index++) {
          const [outLane, inLane] = [index % 4, Math.floor(index / 4) % 4];
          const [inBlock, kx] = [Math.floor(index / 16) % blockSlices, Math.floor(index / 16 / blockSlices)];
          const out = (block * blockSlices + inBlock) * 4 + outLane;
          dense.set([out, slice * 4 + inLane, ky, kx].join(), packed[step * stepFloats + index] as number);
        }
      }
    }
  }
  expect(step * stepFloats, 'everything is read').toBe(packed.length);
  return { dense, bias };
}

/**
 * What the filter of a grouped convolution is as a dense one; 0 between groups and in the lanes that fill up. The tensor is
 * `[out][in of the group][ky][kx]`, that of a transposed convolution `[in][out of the group][ky][kx]`.
 */
function expectConv2d(layout: WeightsLayout): void {
  const { filterShape, groups } = layout;
  const [outChannels, groupInputs, height, width] = filterShape;
  const filter = floats('filter', outChannels * groupInputs * height * width);
  const givenBias = floats('bias', outChannels);
  const { dense, bias } = readConv2d(pack(layout, { filter, bias: givenBias }), layout, bandOf(layout).slices);
  expect(bias.slice(0, outChannels)).toEqual([...givenBias]);
  expect(bias.slice(outChannels).every((value) => value === 0)).toBe(true);
  const groupOutputs = outChannels / groups;
  let found = 0;
  const wrong = [...dense].filter(([key, value]) => {
    const [out, input, ky, kx] = key.split(',').map(Number) as [number, number, number, number];
    const inGroup = input - Math.floor(out / groupOutputs) * groupInputs;
    if (out >= outChannels || inGroup < 0 || inGroup >= groupInputs) return value !== 0;
    found++;
    const group = Math.floor(out / groupOutputs);
    const [first, second, count] =
      layout.kind === 'conv2d'
        ? [out, inGroup, groupInputs]
        : [group * groupInputs + inGroup, out - group * groupOutputs, groupOutputs];
    return value !== filter[((first * count + second) * height + ky) * width + kx];
  });
  expect(wrong).toEqual([]);
  expect(found, 'every weight of the filter is there').toBe(filter.length);
}

const conv2dCases: [string, WeightsLayout['filterShape'], groups: number][] = [
  ['3 channels, odd filter', [8, 3, 3, 5], 1],
  ['channels that fill up', [7, 9, 2, 3], 1],
  ['one output', [1, 4, 1, 1], 1],
  ['pointwise', [13, 10, 1, 1], 1],
  ['groups of 1', [6, 1, 3, 3], 6],
  ['groups of 1, two filters for each', [12, 1, 3, 3], 6],
  ['groups of 2', [10, 2, 3, 1], 5],
  ['groups of 3', [12, 3, 1, 2], 4],
  ['groups of 4', [16, 4, 3, 3], 4],
  ['groups of 6', [18, 6, 1, 1], 3],
  ['groups of 8', [24, 8, 3, 3], 3],
  ['groups of 5 to 3', [9, 5, 1, 1], 3],
  ['groups of 16 to 2', [6, 16, 1, 1], 3],
];

for (const [name, filterShape, groups] of conv2dCases) {
  test(`convolution: ${name}`, () => {
    for (const blockSlices of [1, 2, 4]) expectConv2d({ kind: 'conv2d', filterShape, groups, blockSlices });
  });
}

for (const [name, filterShape, groups] of conv2dCases) {
  test(`transposed convolution: ${name}`, () => {
    for (const blockSlices of [1, 2]) expectConv2d({ kind: 'convTranspose2d', filterShape, groups, blockSlices });
  });
}

test('batch normalization of a transposed convolution goes by its outputs', () => {
  const layout = { kind: 'convTranspose2d', filterShape: [3, 2, 1, 1], groups: 1, blockSlices: 1 } as const;
  const vector = (...values: number[]) => Float32Array.from(values);
  const packed = pack(layout, {
    // Of input 0 for outputs 0 to 2, then of input 1.
    filter: vector(1, 2, 3, 4, 5, 6),
    mean: vector(1, 0, 0),
    variance: vector(1, 0.25, 1),
    scale: vector(10, 1, -1),
    shift: vector(0, 0, 7),
  });
  const [bias, matrix] = [[...packed.slice(0, 4)], [...packed.slice(16, 24)]];
  expect(bias).toEqual([-10, 0, 7, 0]);
  expect(matrix).toEqual([10, 4, -3, 0, 40, 10, -6, 0]);
});

test('depthwise: [slice][ky and kx, then bias] -> vec4 over 4 channels', () => {
  const layout = { kind: 'depthwise', filterShape: [6, 1, 3, 2], groups: 6, blockSlices: 1 } as const;
  const [filter, bias] = [floats('filter', 36), floats('bias', 6)];
  const packed = pack(layout, { filter, bias });
  expect(packed).toHaveLength(2 * 7 * 4);
  for (const [index, value] of packed.entries()) {
    const channel = Math.floor(index / 28) * 4 + (index % 4);
    const tap = Math.floor(index / 4) % 7;
    const expected = channel >= 6 ? 0 : tap === 6 ? bias[channel] : filter[channel * 6 + tap];
    expect(value, `channel ${channel}, tap ${tap}`).toBe(expected);
  }
});

test('batch normalization is folded in float64', () => {
  const channels = 5;
  const tensors = {
    filter: floats('filter', channels * 9),
    bias: floats('bias', channels),
    mean: floats('mean', channels),
    variance: floats('variance', channels).map((value) => 1 + value),
    scale: floats('scale', channels),
    shift: floats('shift', channels),
  };
  const epsilon = 1e-3;
  const layout = { kind: 'depthwise', filterShape: [channels, 1, 3, 3], groups: channels, blockSlices: 1 } as const;
  const packed = pack(layout, tensors, epsilon);
  const { bias } = readConv2d(
    pack({ kind: 'conv2d', filterShape: [channels, 1, 3, 3], groups: channels, blockSlices: 1 }, tensors, epsilon),
    { kind: 'conv2d', filterShape: [channels, 1, 3, 3], groups: channels, blockSlices: 1 },
    1,
  );
  for (let c = 0; c < channels; c++) {
    const at = (values: Float32Array) => values[c] as number;
    const factor = at(tensors.scale) / Math.sqrt(at(tensors.variance) + epsilon);
    const start = Math.floor(c / 4) * 40 + (c % 4);
    for (let tap = 0; tap < 9; tap++) {
      expect(packed[start + tap * 4]).toBe(Math.fround((tensors.filter[c * 9 + tap] as number) * factor));
    }
    const shifted = Math.fround((at(tensors.bias) - at(tensors.mean)) * factor + at(tensors.shift));
    expect(packed[start + 36]).toBe(shifted);
    expect(bias[c]).toBe(shifted);
  }
});

test('batch normalization by itself has ones for a filter', () => {
  const layout = { kind: 'depthwise', filterShape: [2, 1, 1, 1], groups: 2, blockSlices: 1 } as const;
  const vector = (...values: number[]) => Float32Array.from(values);
  const packed = pack(
    layout,
    { mean: vector(1, 2), variance: vector(4, 0.25), scale: vector(6, 1), shift: vector(0.5, 0) },
    0,
  );
  expect([...packed]).toEqual([3, 2, 0, 0, -2.5, -4, 0, 0]);
});

/** The value of a half, by the definition of IEEE 754. */
function numberOf(half: number): number {
  const [sign, exponent, mantissa] = [half >> 15 ? -1 : 1, (half >> 10) & 31, half & 1023];
  if (exponent === 31) return mantissa ? Number.NaN : sign * Infinity;
  return sign * (exponent ? (1 + mantissa / 1024) * 2 ** (exponent - 15) : (mantissa / 1024) * 2 ** -14);
}

/** Halves of neighbouring floats that are wrong, as text. */
function wrongHalves(cases: readonly (readonly [value: number, half: number])[]): string[] {
  const halves = toFloat16(Float32Array.from(cases, ([value]) => value));
  return cases.flatMap(([value, half], index) =>
    halves[index] === half ? [] : [`${value}: ${halves[index]}, not ${half}`],
  );
}

test('every half is itself as float16', () => {
  const all = Array.from({ length: 65536 }, (_, half) => half).filter((half) => !Number.isNaN(numberOf(half)));
  expect(wrongHalves(all.map((half) => [numberOf(half), half]))).toEqual([]);
});

test('what lies between two halves goes to the nearer one, and from the middle to the even one', () => {
  const next = (value: number, by: number) => {
    const bits = new Uint32Array(Float32Array.of(value).buffer);
    bits[0] = (bits[0] as number) + by;
    return new Float32Array(bits.buffer)[0] as number;
  };
  const cases: [number, number][] = [];
  for (let half = 0; half < 0x7c00; half++) {
    // Above the largest half the next one would be 65536.
    const above = half === 0x7bff ? 65536 : numberOf(half + 1);
    const middle = (numberOf(half) + above) / 2;
    cases.push([middle, half % 2 ? half + 1 : half], [next(middle, -1), half], [next(middle, 1), half + 1]);
    cases.push([-middle, 0x8000 | (half % 2 ? half + 1 : half)]);
  }
  expect(wrongHalves(cases)).toEqual([]);
});

test('infinities, NaN and what is too large or too small for a half', () => {
  expect([...toFloat16(Float32Array.of(Infinity, -Infinity, 65519, 65520, 1e30, -1e30, -0, 1e-30, 1e-45))]).toEqual([
    0x7c00, 0xfc00, 0x7bff, 0x7c00, 0x7c00, 0xfc00, 0x8000, 0, 0,
  ]);
  expect(numberOf(toFloat16(Float32Array.of(Number.NaN))[0] as number)).toBeNaN();
});

test('weights are stored as halves for float16', () => {
  const layout = { kind: 'depthwise', filterShape: [1, 1, 1, 1], groups: 1, blockSlices: 1 } as const;
  const planned: PlannedWeights = {
    name: 'a',
    home: { buffer: 0, offset: 0 },
    bytes: 16,
    layout,
    tensors: {},
    epsilon: 0,
  };
  const packed = packWeights(planned, { filter: Float32Array.of(1 / 3), bias: Float32Array.of(-2) }, 'float16', refuse);
  expect([...new Uint16Array(packed)]).toEqual([0x3555, 0, 0, 0, 0xc000, 0, 0, 0]);
});
