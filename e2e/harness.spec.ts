// The harness itself: what it promises to the other specs.
import { expect, test } from './test.ts';

test("the device has the project's feature level", async ({ run, featureLevel }) => {
  const device = await run('describeDevice');
  expect(device.featureLevel).toBe(featureLevel);
  if (featureLevel === 'compatibility') expect(device.invocations).toBe(128);
});

test('a validation error fails its case, with the text of the error', async ({ run }) => {
  await expect(run('makeValidationError', { bytes: 4 })).rejects.toThrow(/GPU error \(validation\).*MapRead/s);
});

test('a warning on the console is a complaint', async ({ run, complaints }) => {
  await run('logWarning', { text: 'careful' });
  expect(complaints.splice(0)).toEqual(['warning: careful']);
});
