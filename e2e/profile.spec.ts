// How long kernels take, as `profile` says.
import { expect, test } from './test.ts';

for (const timestamps of [true, false]) {
  const clock = timestamps ? "the device's timestamps" : "the page's clock";

  test(`a profile by ${clock} has each kernel's time, and changes nothing`, async ({ run }) => {
    let timed = true;
    // Other tests share the machine, so one of several profiles has to be right.
    await expect(async () => {
      const result = await run('profileTwoMaps', { timestamps });
      timed = Boolean(result);
      if (!result) return;
      const { times, count, whole, timestampsUsed, same, left } = result;
      expect(timestampsUsed).toBe(timestamps);
      expect(Object.keys(times)).toHaveLength(count);
      for (const { least, median, most } of [...Object.values(times), whole]) {
        expect(0 <= least && least <= median && median <= most).toBe(true);
        expect(median).toBeGreaterThan(0);
      }
      const { large, small } = times as Record<'large' | 'small', typeof whole>;
      // 25 times the work.
      expect(large.median).toBeGreaterThan(5 * small.median);
      const sum = Object.values(times).reduce((total, { median }) => total + median, 0);
      expect(whole.median).toBeGreaterThan(sum / 2);
      expect(whole.median).toBeLessThan(sum * 2);
      expect(same).toBe(true);
      expect(left).toEqual([]);
    }).toPass({ timeout: 60_000 });
    test.skip(!timed, 'The adapter has no timestamps.');
  });
}

test('a profile that cannot come to its end says why, and leaves nothing', async ({ run }) => {
  const { results, left } = await run('endedProfiles');
  expect(left).toEqual([]);
  expect(results).toEqual({
    'aborted before': 'changed my mind',
    aborted: 'took too long',
    'no rounds': "InputError: The option 'rounds' is 0; it should be a positive integer.",
    misspelt: "InputError: There is no option 'round'; there are rounds, signal.",
    destroyed: "InputError: The network 'two maps' has been destroyed.",
    lost: expect.stringMatching(/^DeviceLostError: The GPU device was lost: /),
    'lost before': expect.stringMatching(/^DeviceLostError: The GPU device was lost: /),
  });
});
