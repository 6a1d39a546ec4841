// Every operation on the GPU against the oracle in float64, in memory filled with NaN.
import { planFor } from '../engine/index.ts';
import { architectureOf, largeMapCases, opCases, tiledCases } from './page/op-cases.ts';
import { expect, test } from './test.ts';
import { vendors } from './vendors.ts';

// A device in compatibility mode computes what others do, and may only refuse a kernel for what it binds and is told.
const seen = new Set<string>();
for (const [name, opCase] of Object.entries(opCases)) {
  const { kernels } = planFor(architectureOf(opCase));
  const isNew = kernels.map(({ kind, shader }) => {
    const asked = `${kind} ${shader.match(/@builtin\(\w+|var<[^;]+|texture\w+|workgroup\w+/g)}`;
    return !seen.has(asked) && seen.add(asked);
  });
  test(name, { tag: name in largeMapCases || !isNew.some(Boolean) ? '@core' : [] }, async ({ run }) => {
    expect(await run('checkOp', { name })).toEqual([]);
  });
}

// What is estimated to be dearer computes the same: some cases of each candidate in another one's place.
const tried = new Map<string, number>();
for (const [name, opCase] of Object.entries(opCases)) {
  for (const { name: kernel, choice } of planFor(architectureOf(opCase)).kernels) {
    for (const [candidate, estimate] of Object.entries(choice?.estimates ?? {})) {
      const count = tried.get(candidate) ?? 0;
      if (candidate === choice?.name || typeof estimate === 'string' || count === 3) continue;
      tried.set(candidate, count + 1);
      test(`${name}, by ${candidate}`, { tag: '@core' }, async ({ run }) => {
        expect(await run('checkOp', { name, choices: { [kernel]: candidate } })).toEqual([]);
      });
    }
  }
}

// With more input slices than threads that share a sum, and with a rest.
test('as on a desktop GPU, conv2d many filters, by general-split-2x1x2', async ({ run }) => {
  const name = 'conv2d many filters';
  const { kernels } = planFor(architectureOf(opCases[name]!));
  const node = kernels.find(({ choice }) => choice)!.name;
  const choices = { [node]: 'general-split-2x1x2' };
  expect(await run('checkOp', { name, vendor: vendors['a desktop GPU']!, choices })).toEqual([]);
});

// Of Winograd's convolution all that its kernels are told: padding, odd sizes, a batch, an epilogue, parts of values; and
// layers that are computed in parts.
test.describe("by Winograd's convolution", { tag: '@core' }, () => {
  for (const candidate of ['winograd-2x2', 'winograd-4x4']) {
    test(`large numbers, ${candidate} in float16`, { tag: '@float16' }, async ({ run }) => {
      expect(await run('copyLargeHalves', { candidate })).toBeLessThan(2e-2);
    });
  }
  const names = [
    ...['conv2d padding before', 'conv2d batch 3', 'conv2d one pixel', 'conv2d one column', 'conv2d one row'],
    ...['conv2d normalized', 'conv2d residual', 'conv2d 3x3, sigmoid', 'residuals that are parts, 3x3'],
    'prelu after a convolution, a slope for each channel',
    ...['conv2d many tiles', 'conv2d many filters', 'conv2d many filters, a slope for each channel'],
  ];
  for (const name of names) {
    for (const candidate of ['winograd-2x2', 'winograd-4x4']) {
      const { kernels } = planFor(architectureOf(opCases[name]!));
      const node = kernels.find(({ choice }) => typeof choice?.estimates[candidate] === 'number')!.name;
      const choices = { [node]: candidate };
      test(`${name}, ${candidate}`, async ({ run }) => {
        expect(await run('checkOp', { name, choices })).toEqual([]);
      });
      test(`${name}, ${candidate} in float16`, { tag: '@float16' }, async ({ run }) => {
        expect(await run('checkOp', { name, choices, precision: 'float16' })).toEqual([]);
      });
      if (!name.startsWith('conv2d many')) continue;
      const { kernels: chosen } = planFor(architectureOf(opCases[name]!), undefined, { choices });
      test(`${name}: ${candidate} takes several parts`, () => {
        const ofKind = (kind: string) => chosen.filter((kernel) => kernel.kind === `winograd-${kind}`).length;
        expect(ofKind(name === 'conv2d many tiles' ? 'input' : 'filter')).toBeGreaterThan(1);
      });
      for (const [gpu, vendor] of Object.entries(vendors)) {
        test(`as on ${gpu}, ${name}, ${candidate}`, async ({ run }) => {
          expect(await run('checkOp', { name, vendor, choices })).toEqual([]);
        });
      }
    }
  }
});

test('nearest resampling of 320 maps', async ({ run }) => {
  expect(await run('checkNearest')).toEqual([]);
});

test('NaN leaves no probabilities that look like some, on the adapters at hand', async ({ run }) => {
  const { softmax = [], sigmoid = [], 'softmax of a map': map = [] } = await run('runNotANumber');
  for (const [first, second, third] of [softmax, [4, 13, 22].map((pixel) => map[pixel])]) {
    expect(second).toBe('NaN');
    expect(['NaN', '0']).toContain(first);
    expect(['NaN', '0']).toContain(third);
  }
  expect(Number(map[0])).toBeCloseTo(1 / 3, 5);
  expect(sigmoid[1]).toBe('NaN');
});

test('an infinity stays in its own part of a concatenation', async ({ run }) => {
  expect(await run('runBesideInfinity')).toEqual([48, 48, 48, 48]);
});

test.describe('in float16', { tag: '@float16' }, () => {
  for (const name of Object.keys(opCases)) {
    test(name, async ({ run }) => {
      expect(await run('checkOp', { name, precision: 'float16' })).toEqual([]);
    });
  }
});

for (const [gpu, vendor] of Object.entries(vendors)) {
  test.describe(`as on ${gpu}`, () => {
    for (const name of Object.keys(tiledCases)) {
      test(name, async ({ run }) => {
        expect(await run('checkOp', { name, vendor })).toEqual([]);
      });
    }
  });
}

test.describe('as on a GPU that binds little', { tag: '@core' }, () => {
  const vendor = { vendor: '', architecture: '', maxStorageBufferBindingSize: 120_000 };
  test('weights of several kernels', async ({ run }) => {
    expect(await run('checkOp', { name: 'dense layer of a map', vendor })).toEqual([]);
  });
});
