import { expect, test } from 'playwright/test';
import { changeOf, compareReports, differencesOf } from '../bench/compare.ts';
import type { KernelReport, NetworkReport, Report } from '../demo/bench/measure.ts';
import { placeUnderRoof } from '../demo/bench/roofline.ts';

const machine = { gflops: 100, gigabytes: 10 };

test('work is bound by arithmetic above the ridge of the roofline, and by memory below it', () => {
  // The ridge is at 10 operations a byte, 5 multiply-adds.
  expect(placeUnderRoof({ macs: 5e6, bytes: 0.5e6 }, 1, machine)).toEqual({
    gflops: 10,
    share: 0.1,
    bound: 'arithmetic',
  });
  expect(placeUnderRoof({ macs: 2.5e6, bytes: 2e6 }, 1, machine)).toEqual({ gflops: 5, share: 0.2, bound: 'memory' });
  expect(placeUnderRoof({ macs: 0, bytes: 5e6 }, 1, machine)).toEqual({ gflops: 0, share: 0.5, bound: 'memory' });
});

const timing = (median: number, noise = 0.1) => ({ median, least: median - noise, most: median + noise });
const spread = (median: number, noise = 0.1) => ({ median, low: median - noise, high: median + noise, times: 15 });
const placed = { gflops: 1, share: 0.1, bound: 'arithmetic' } as const;

const kernel = (name: string, median: number): KernelReport => ({
  name,
  kind: 'conv2d',
  macs: 1,
  bytes: 1,
  ms: timing(median),
  part: 1,
  ...placed,
});

function network(name: string, kernels: readonly KernelReport[], run: number): NetworkReport {
  return {
    name,
    precision: 'float32',
    dispatches: kernels.length,
    macs: 1,
    activationBytes: 1,
    weightBytes: 1,
    compileMs: run,
    firstRunMs: run,
    run: spread(run),
    dispatchCpu: spread(1),
    gpu: { ...timing(run), ...placed },
    kernels,
    pipelines: [{ name, kind: 'conv2d', kernels: 1, characters: 1, createMs: run, firstUseMs: 3 * run }],
  };
}

const report = (networks: readonly NetworkReport[], gflops = 100): Report => ({
  schema: 1,
  date: '',
  linnet: '0',
  platform: 'Node',
  adapter: { vendor: 'a', architecture: '', device: '', description: '', isFallbackAdapter: false },
  features: [],
  machine: { gflops, gigabytes: 10 },
  networks,
});

test('a change is beyond noise where each median lies outside the bounds of the other', () => {
  const of = (before: [number, number], now: [number, number]) => changeOf(spread(...before), spread(...now));
  expect(of([10, 1], [5, 1])).toEqual({ before: 10, now: 5, ratio: 0.5, beyondNoise: true });
  expect(of([10, 1], [15, 1]).beyondNoise).toBe(true);
  expect(of([10, 1], [9.5, 0.1]).beyondNoise).toBe(false);
  expect(of([10, 0.1], [9.5, 1]).beyondNoise).toBe(false);
});

test('two reports are compared network by network, and kernels by their names', () => {
  const before = report([
    network('a', [kernel('same', 2), kernel('faster', 4), kernel('gone', 1), kernel('a bit slower', 3)], 10),
    network('before only', [], 1),
  ]);
  const now = report([
    network('now only', [], 1),
    network('a', [kernel('a bit slower', 3.5), kernel('faster', 2), kernel('same', 2.05), kernel('new', 1)], 9),
    { ...network('before only', [], 1), precision: 'float16' },
  ]);
  const changes = compareReports(before, now);
  expect(changes.map(({ name }) => name)).toEqual(['a']);
  const [{ run, gpu, ready, pipelines, kernels }] = changes as [(typeof changes)[number]];
  expect(run).toEqual({ before: 10, now: 9, ratio: 0.9, beyondNoise: true });
  expect(gpu.ratio).toBe(0.9);
  // Measured once each.
  expect(ready).toEqual({ before: 20, now: 18, ratio: 0.9, beyondNoise: false });
  expect(pipelines).toEqual({ before: 40, now: 36, ratio: 0.9, beyondNoise: false });
  expect(kernels.map(({ name, change }) => [name, typeof change === 'string' ? change : change.ratio])).toEqual([
    ['faster', 0.5],
    ['a bit slower', 3.5 / 3],
    ['new', 'new'],
    ['gone', 'gone'],
  ]);
});

test('what makes two reports say little of each other is told', () => {
  const before = report([]);
  expect(differencesOf(before, report([], 109))).toEqual([]);
  const other = { ...report([], 80), platform: 'Firefox', adapter: { ...before.adapter, vendor: 'b' } };
  expect(differencesOf(before, other)).toEqual([
    expect.stringMatching(/^another adapter: a /),
    'another platform: Node; now Firefox',
    'the machine was in another mood: its arithmetic is 0.80 times as fast now',
  ]);
});
