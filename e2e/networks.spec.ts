// Whole networks on the GPU: torchvision's outputs, and the oracle's for random networks and for other options and seeds.
import { readFileSync } from 'node:fs';
import type { SeededNetwork } from './page/networks.ts';
import { expect, test } from './test.ts';
import { vendors } from './vendors.ts';

const read = (file: string) => readFileSync(new URL(`../tests/goldens/${file}`, import.meta.url));
const index = JSON.parse(read('index.json').toString());

const goldens: Record<string, SeededNetwork['family']> = {
  mobilenet_v1: 'mobileNetV1',
  mobilenet_v1_025: 'mobileNetV1',
  mobilenet_v2: 'mobileNetV2',
  mobilenet_v3_small: 'mobileNetV3',
  mobilenet_v3_large: 'mobileNetV3',
};
const knobs: Record<string, object> = {
  mobilenet_v1_025: { alpha: 0.25 },
  mobilenet_v3_small: { variant: 'small' },
};

for (const [name, family] of Object.entries(goldens)) {
  test(`${name} gives torchvision's output`, async ({ run, featureLevel }) => {
    const result = await run('runGolden', { ...goldenOf(name, family), runs: featureLevel === 'core' ? 10 : 2 });
    expectGolden(name, result);
  });
}

for (const [gpu, vendor] of Object.entries(vendors)) {
  test(`as on ${gpu}, mobilenet_v3_small gives torchvision's output`, async ({ run }) => {
    const name = 'mobilenet_v3_small';
    expectGolden(name, await run('runGolden', { ...goldenOf(name, 'mobileNetV3'), runs: 2, vendor }));
  });
}

function goldenOf(name: string, family: SeededNetwork['family']) {
  return {
    family,
    options: { ...knobs[name], inputSize: index[name].input.slice(2) },
    tensors: JSON.parse(read(`${name}.tensors.json`).toString()),
  };
}

function expectGolden(name: string, { logits, problems }: { logits: number[]; problems: string[] }): void {
  const bytes = read(`${name}.f32`);
  const golden = [...new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)];
  expect(problems).toEqual([]);
  expect(logits).toHaveLength(golden.length);
  const difference = golden.map((value, k) => value - (logits[k] as number));
  expect(Math.hypot(...difference) / Math.hypot(...golden)).toBeLessThanOrEqual(1e-4);
  expect(logits.indexOf(Math.max(...logits))).toBe(golden.indexOf(Math.max(...golden)));
}

const small: Record<string, SeededNetwork> = {
  'MobileNet v1 of width 0.3, batch 2, 5 channels': {
    family: 'mobileNetV1',
    options: { alpha: 0.3, batch: 2, inChannels: 5, classes: 13, inputSize: [49, 33] },
  },
  'MobileNet v1 with full convolutions': {
    family: 'mobileNetV1',
    options: { alpha: 0.11, separable: false, inChannels: 1, padding: 'same-upper', classes: 10, inputSize: [28, 36] },
  },
  'MobileNet v2 of width 0.35 with SAME padding, batch 3': {
    family: 'mobileNetV2',
    options: { width: 0.35, batch: 3, padding: 'same-upper', classes: 7, inputSize: [35, 51] },
  },
  'MobileNet v3 small of width 0.5, 2 channels': {
    family: 'mobileNetV3',
    options: { variant: 'small', width: 0.5, inChannels: 2, classes: 9, inputSize: [65, 43] },
  },
  'MobileNet v3 large of width 0.35, batch 2': {
    family: 'mobileNetV3',
    options: { width: 0.35, batch: 2, padding: 'same-upper', classes: 6, inputSize: [37, 45] },
  },
};

for (const [name, network] of Object.entries(small)) {
  test(`${name}, every way to run it`, async ({ run }) => {
    expect(await run('checkSeeded', { seed: 'another', network })).toEqual([]);
  });
}

for (let seed = 0; seed < 12; seed++) {
  test(`random network ${seed}, every way to run it`, async ({ run }) => {
    expect(await run('checkSeeded', { seed })).toEqual([]);
  });
}
