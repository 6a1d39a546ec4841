// The harness itself: what it promises to the other specs.
import { expect, test } from './test.ts';

test("the device has the project's feature level", async ({ run, featureLevel }) => {
  const device = await run('describeDevice');
  expect(device.featureLevel).toBe(featureLevel);
  if (featureLevel === 'compatibility') expect(device.invocations).toBe(128);
});

test('a validation error fails its case, with the text of the error', async ({ run }) => {
  await expect(run('makeValidationError', { bytes: 4 })).rejects.toThrow(/GPU error \(validation\).*MAP_?READ/is);
});

test('a warning on the console is a complaint', async ({ run, complaints }) => {
  await run('logWarning', { text: 'careful' });
  expect(complaints.splice(0)).toEqual(['warning: careful']);
});

test('an uncaught error and a failed request are complaints', async ({ run, complaints }) => {
  await run('failLoudly', { text: 'out of luck', address: '/missing' });
  await expect.poll(() => complaints.length).toBe(3);
  expect(complaints.splice(0).sort()).toEqual([
    expect.stringMatching(/^error: Failed to load resource: the server responded with a status of 404 .*\/missing$/),
    'uncaught: out of luck',
    'uncaught: out of luck',
  ]);
});

test('numbers and typed arrays come through as they are', async ({ run }) => {
  const numbers = [0, -0, 1.5, Number.NaN, Infinity, -Infinity, 2 ** -1074];
  const value = { numbers, floats: Float32Array.from(numbers), bytes: Uint8Array.of(0, 255), text: '$number' };
  expect(await run('echo', value)).toEqual(value);
});

test('an error of a case has its message and where it was thrown', async ({ run }) => {
  await expect(run('checkOp', { name: 'none' })).rejects.toThrow(/There is no case 'none'\..*checkOp/s);
});
