// Choices by timing on the device, and kernels that take over while a network runs.
import { expect, test } from './test.ts';

/** Sums of other tiles have their products in another order. */
const ROUNDING = 1e-5;

test('a tuned network gives the same results, and the next one is planned at once by what is kept', async ({ run }) => {
  const { untunedBy, first, second, samePlan, keys } = await run('tunedTwice');
  expect(untunedBy).toEqual(['estimate']);
  expect(first.by).toContain('tuning');
  expect(first.apart).toBeLessThan(ROUNDING);
  // Some texts are compiled only to be timed.
  expect(first.others).toBeGreaterThan(0);
  expect(second).toMatchObject({ by: ['tuning'], others: 0, alive: [] });
  expect(second.apart).toBeLessThan(ROUNDING);
  expect(first.alive).toEqual([]);
  expect(samePlan).toBe(true);
  expect(keys).toContainEqual(
    expect.stringMatching(/^linnet \d+\.\d+\.\d+, Mozilla\/.*, {"maxBufferSize":\d+,.*"vendor":"",.*}$/),
  );
});

test('on an unknown GPU a network is tuned while it runs', async ({ run }) => {
  const { by, runs, apart, after, sameBuffer, tookOver, alive } = await run('tunedMeanwhile');
  expect(runs).toBeGreaterThan(0);
  expect(by).toContain('tuning');
  expect(tookOver).toBe(true);
  expect(apart).toBeLessThan(ROUNDING);
  expect(after).toBeLessThan(ROUNDING);
  expect(sameBuffer).toBe(true);
  expect(alive).toEqual([]);
});

test('another plan takes over between two runs', async ({ run }) => {
  const { results, alive } = await run('takeOverBetweenRuns');
  const { recorded, first, during, ...flags } = results;
  expect(flags).toEqual({
    resultsStay: true,
    waitsForRecorded: true,
    tookOver: true,
    sameBuffer: true,
    tookOverAtOnce: true,
  });
  expect(recorded).toBe(0);
  expect(first).toBeLessThan(ROUNDING);
  expect(during).toBeLessThan(ROUNDING);
  expect(alive).toEqual([]);
});

test('a plan that cannot take over leaves the network as it is', async ({ run, complaints }) => {
  const { refused, unchanged, destroyed, aborted, alive } = await run('endedTakeOvers');
  complaints.splice(0);
  expect(refused).toMatch(/^UnsupportedError: The shader of '.*' does not compile/);
  expect(unchanged).toBe(true);
  expect(destroyed).not.toBe('no error');
  expect(aborted).toBe(true);
  expect(alive).toEqual([]);
});

test('tuning ends with its network, its device or its signal', async ({ run, complaints }) => {
  const results = await run('endedTunings');
  complaints.splice(0);
  expect(results).toEqual({
    destroyed: [],
    aborted: 'took too long',
    leftByAborted: [],
    lost: expect.stringMatching(/^DeviceLostError: /),
    restored: true,
  });
});

test('tuning keeps within its time, by the clock that it is given', async ({ run }) => {
  const slow = await run('tuneWithin', { stepTime: 1000 });
  // The untuned kernel is compiled; that took so long that nothing else is.
  expect(slow).toMatchObject({ found: 1, texts: 1, alive: [] });
  const medium = await run('tuneWithin', { stepTime: 100 });
  expect(medium.texts).toBeGreaterThan(1);
  expect(medium.texts).toBeLessThan(10);
  expect(medium.paused).toBeLessThan(2300);
  expect(medium.alive).toEqual([]);
});

test('a candidate that does not compile is not chosen', async ({ run, complaints }) => {
  const { refused, onlyKnown, found, alive } = await run('tuneRefused');
  complaints.splice(0);
  expect(refused).toBeGreaterThan(0);
  expect(found).toBe(3);
  expect(onlyKnown).toBe(true);
  expect(alive).toEqual([]);
});
