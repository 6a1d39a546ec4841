// Random networks against the oracle in float64. `RANDOM=2000 npm run random` tries so many instead of 200; `RANDOM_FROM`
// is the first seed.
import process from 'node:process';
import { expect, test } from './test.ts';

const PER_TEST = 25;
const count = Number(process.env.RANDOM ?? 200);
const from = Number(process.env.RANDOM_FROM ?? 100);

for (let first = from; first < from + count; first += PER_TEST) {
  const last = Math.min(first + PER_TEST, from + count) - 1;
  test(`random networks ${first} to ${last} @core`, async ({ run }) => {
    expect(await run('checkRandom', { first, last })).toEqual([]);
  });
}
