// Networks run as far as one of their kernels.
import { expect, test } from './test.ts';

test('what a kernel writes lies where the network says, until the next inference', async ({ run }) => {
  const layers = ['features.0.0', 'features.1.conv.0.0', 'features.3.conv.1.0', 'features.18.0'];
  const { failures, count, messages } = await run('runUntil', { layers });
  expect(failures).toEqual([]);
  expect(messages).toEqual([
    `There is no kernel -1; there are ${count}, counted from 0.`,
    `There is no kernel ${count}; there are ${count}, counted from 0.`,
  ]);
});
