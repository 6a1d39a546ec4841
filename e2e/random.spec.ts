// Random networks against the oracle in float64, on the kernels of each class of GPUs in turn. `RANDOM=2000 npm run random`
// tries so many instead of 200; `RANDOM_FROM` is the first seed.
import process from 'node:process';
import type { Vendor } from './page/vendor.ts';
import { expect, test } from './test.ts';
import { vendors } from './vendors.ts';

const PER_TEST = 20;
const count = Number(process.env.RANDOM ?? 200);
const from = Number(process.env.RANDOM_FROM ?? 100);
const classes: [string, { vendor?: Vendor }][] = [
  ['', {}],
  ...Object.entries(vendors).map(([gpu, vendor]): [string, { vendor: Vendor }] => [`, as on ${gpu}`, { vendor }]),
];

for (let first = from; first < from + count; first += PER_TEST) {
  const last = Math.min(first + PER_TEST, from + count) - 1;
  const [where, vendor] = classes[Math.floor(first / PER_TEST) % classes.length] as (typeof classes)[number];
  test(`random networks ${first} to ${last}${where} @core`, async ({ run }) => {
    expect(await run('checkRandom', { first, last, ...vendor })).toEqual([]);
  });
  test(`random networks ${first} to ${last}${where} in float16 @float16`, async ({ run }) => {
    expect(await run('checkRandom', { first, last, precision: 'float16', ...vendor })).toEqual([]);
  });
}
