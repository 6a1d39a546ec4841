// Random networks against the oracle in float64, on the kernels of each class of GPUs in turn, in float32 in one of the two
// browsers, and in float16. `RANDOM=2000 npm run random` tries so many instead of 200; `RANDOM_FROM` is the first seed.
import process from 'node:process';
import type { Vendor } from './page/vendor.ts';
import { expect, test } from './test.ts';
import { vendors } from './vendors.ts';

const PER_TEST = 10;
const count = Number(process.env.RANDOM ?? 200);
const from = Number(process.env.RANDOM_FROM ?? 100);
const classes: [string, { vendor?: Vendor }][] = [
  ['', {}],
  ...Object.entries(vendors).map(([gpu, vendor]): [string, { vendor: Vendor }] => [`, as on ${gpu}`, { vendor }]),
];

for (let first = from; first < from + count; first += PER_TEST) {
  const last = Math.min(first + PER_TEST, from + count) - 1;
  const round = Math.floor(first / PER_TEST);
  const [where, vendor] = classes[round % classes.length] as (typeof classes)[number];
  const browser = Math.floor(round / classes.length) % 2 ? '@firefox' : '@core';
  test(`random networks ${first} to ${last}${where}`, { tag: browser }, async ({ run }) => {
    expect(await run('checkRandom', { first, last, ...vendor })).toEqual([]);
  });
  test(`random networks ${first} to ${last}${where} in float16`, { tag: '@float16' }, async ({ run }) => {
    expect(await run('checkRandom', { first, last, precision: 'float16', ...vendor })).toEqual([]);
  });
}
