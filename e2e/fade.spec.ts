// What the demo's view of layers does to a running network: layers, channels and skips let through in part.
import { expect, test } from './test.ts';

const FADINGS = [
  'a layer is off, as if its normalization gave nothing',
  'a layer is faded, as if the next filter were smaller',
  'a channel is off, as if the next filter had zeros for it',
  'what a layer adds is off, and what it is added to is activated as before',
  'a skip is faded',
  'without squeeze-excite all factors are 1',
  'a part of a concatenation is off for its reader only',
];

for (const name of FADINGS) {
  test(name, async ({ run }) => {
    const { off, changed, untouched, again } = await run('compareFading', { name });
    expect(off).toBeLessThan(1e-4);
    expect(changed).toBeGreaterThan(1e-3);
    expect([untouched, again]).toEqual([0, 0]);
  });
}

test('all kinds of fading are tried', async ({ run }) => {
  expect(await run('listFadings')).toEqual(FADINGS);
});

test('the heat map is the class activation map', async ({ run }) => {
  const { size, off } = await run('compareHeat');
  expect(size).toEqual([2, 3]);
  expect(off).toBeLessThan(1e-4);
});

test('a node shows the channel that varies most', async ({ run }) => {
  expect(await run('comparePreviews')).toEqual([]);
});
