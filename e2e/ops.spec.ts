// Every operation on the GPU against the oracle in float64, in memory filled with NaN.
import { opCases, tiledCases } from './page/op-cases.ts';
import { expect, test } from './test.ts';

for (const name of Object.keys(opCases)) {
  test(name, async ({ run }) => {
    expect(await run('checkOp', { name })).toEqual([]);
  });
}

const vendors = {
  Adreno: { vendor: 'qualcomm', architecture: 'adreno-7xx' },
  Mali: { vendor: 'arm', architecture: 'valhall' },
  'a desktop GPU': { vendor: 'nvidia', architecture: 'hopper' },
};

for (const [gpu, vendor] of Object.entries(vendors)) {
  test.describe(`with the tiles of ${gpu}`, () => {
    for (const name of Object.keys(tiledCases)) {
      test(name, async ({ run }) => {
        expect(await run('checkOp', { name, vendor })).toEqual([]);
      });
    }
  });
}
