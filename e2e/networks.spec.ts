// Whole networks on the GPU: torchvision's outputs, and the oracle's for random networks and for other options and seeds.
import { readFileSync } from 'node:fs';
import { goldenCases, goldenIndex } from '../tests/networks.ts';
import { ROUNDING } from '../tests/reference.ts';
import type { SeededNetwork } from './page/networks.ts';
import { expect, test } from './test.ts';
import { vendors } from './vendors.ts';

const read = (file: string) => readFileSync(new URL(`../tests/goldens/${file}`, import.meta.url));
// A run of these takes seconds on the software adapter.
const large = ['resnet18', 'resnet50', 'resnext50_32x4d', 'densenet121', 'vgg11', 'vgg16_bn', 'alexnet', 'unet'];
// To make 60 to 140 million weights takes longer than to run them. One layer after another leaves little to the memory's plan.
const filledOnce = ['vgg11', 'vgg16_bn', 'alexnet'];

for (const { name } of goldenCases) {
  const isLarge = large.includes(name);
  test(`${name} gives torchvision's output`, { tag: isLarge ? '@core' : [] }, async ({
    run,
    featureLevel,
    gpuBrowser,
  }) => {
    // What a second run gives is a matter of the plan, which is the same in each browser.
    const more = featureLevel === 'core' && !isLarge ? 10 : 2;
    const runs = filledOnce.includes(name) || (isLarge && gpuBrowser === 'firefox') ? 1 : more;
    expectGolden(name, await run('runGolden', { ...goldenOf(name), runs }));
  });
  test(`${name} gives torchvision's output in float16`, { tag: '@float16' }, async ({ run }) => {
    const precision = 'float16';
    const golden = { ...goldenOf(name), runs: isLarge ? 1 : 2, precision } as const;
    expectGolden(name, await run('runGolden', golden), precision);
  });
}

for (const [gpu, vendor] of Object.entries(vendors)) {
  test(`as on ${gpu}, mobilenet_v3_small gives torchvision's output`, async ({ run }) => {
    const name = 'mobilenet_v3_small';
    expectGolden(name, await run('runGolden', { ...goldenOf(name), runs: 2, vendor }));
  });
  // ResNet's work is that of 3x3 filters, whose products phones add up as halves at first.
  for (const name of ['mobilenet_v3_small', 'resnet18']) {
    test(`as on ${gpu}, ${name} gives torchvision's output in float16`, { tag: '@float16' }, async ({ run }) => {
      const precision = 'float16';
      const golden = { ...goldenOf(name), runs: large.includes(name) ? 1 : 2, precision, vendor } as const;
      expectGolden(name, await run('runGolden', golden), precision);
    });
  }
}

function goldenOf(name: string) {
  const { family, options } = goldenCases.find((golden) => golden.name === name)!;
  return { family, options, tensors: JSON.parse(read(`${name}.tensors.json`).toString()) };
}

function expectGolden(
  name: string,
  { output, problems }: { output: number[]; problems: string[] },
  precision: keyof typeof ROUNDING = 'float32',
): void {
  const bytes = read(`${name}.f32`);
  const golden = [...new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)];
  expect(problems).toEqual([]);
  expect(output).toHaveLength(golden.length);
  const difference = golden.map((value, k) => value - (output[k] as number));
  expect(Math.hypot(...difference) / Math.hypot(...golden)).toBeLessThanOrEqual(ROUNDING[precision].network);
  // A classifier's guess. The largest pixel of a map means nothing.
  if (goldenIndex[name]!.output.length === 2) {
    expect(output.indexOf(Math.max(...output))).toBe(golden.indexOf(Math.max(...golden)));
  }
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
  'GoogLeNet at its least size, batch 2': {
    family: 'googLeNet',
    options: { transformInput: true, batch: 2, classes: 11, inputSize: [15, 21] },
  },
  'U-Net of 3 features, batch 2': {
    family: 'uNet',
    options: { features: 3, depth: 3, batch: 2, classes: 3, output: 'softmax', inputSize: [24, 40] },
  },
  'U-Net without batch normalization, repeating pixels': {
    family: 'uNet',
    options: {
      ...{ inChannels: 1, classes: 2, features: 5, depth: 2, upsampling: 'nearest-neighbor', batchNorm: false },
      ...{ headActivation: 'relu', output: 'softmax', inputSize: [20, 28] },
    },
  },
  'U-Net without skips': {
    family: 'uNet',
    options: { features: 6, depth: 2, skips: false, output: 'none', inputSize: [12, 20] },
  },
  "the paper's U-Net of 6 features": {
    family: 'uNet',
    options: { variant: 'paper', features: 6, depth: 2, batch: 2, inputSize: [44, 52] },
  },
  'DenseNet-121 of growth rate 6, 1 channel': {
    family: 'denseNet',
    options: { growthRate: 6, compression: 0.6, inChannels: 1, classes: 10, inputSize: [37, 29] },
  },
};

// Residual networks, with groups of 3 to 96 channels: the feature level makes no difference to their kernels.
const smallOnCore: Record<string, SeededNetwork> = {
  'ResNet-18, 1 channel': { family: 'resNet', options: { depth: 18, inChannels: 1, classes: 10, inputSize: [37, 45] } },
  'ResNet-152 of width 3': { family: 'resNet', options: { depth: 152, widthPerGroup: 3, inputSize: [19, 26] } },
  'ResNeXt-50 1x12d, batch 2': {
    family: 'resNeXt',
    options: { groups: 1, widthPerGroup: 12, batch: 2, classes: 7, inputSize: [17, 35] },
  },
  'ResNeXt-50 2x3d': { family: 'resNeXt', options: { groups: 2, widthPerGroup: 3, classes: 9, inputSize: [33, 25] } },
  'ResNeXt-101 4x6d': { family: 'resNeXt', options: { depth: 101, groups: 4, widthPerGroup: 6, inputSize: [17, 21] } },
  'ResNeXt-50 8x3d': { family: 'resNeXt', options: { groups: 8, widthPerGroup: 3, classes: 5, inputSize: [29, 35] } },
  'DenseNet-201 of growth rate 8, batch 2': {
    family: 'denseNet',
    options: { depth: 201, growthRate: 8, batch: 2, classes: 7, inputSize: [32, 45] },
  },
  'ResNeXt-50 8x12d': { family: 'resNeXt', options: { groups: 8, widthPerGroup: 12, classes: 6, inputSize: [25, 17] } },
};

// With random weights their values grow beyond what half precision holds, 65504.
const beyondHalves = ['ResNet-152 of width 3', 'ResNeXt-101 4x6d'];

for (const [name, network] of Object.entries({ ...small, ...smallOnCore })) {
  test(`${name}, every way to run it`, { tag: name in smallOnCore ? '@core' : [] }, async ({ run }) => {
    expect(await run('checkSeeded', { seed: 'another', network })).toEqual([]);
  });
  if (beyondHalves.includes(name)) continue;
  test(`${name}, every way to run it in float16`, { tag: '@float16' }, async ({ run }) => {
    expect(await run('checkSeeded', { seed: 'another', network, precision: 'float16' })).toEqual([]);
  });
}

for (let seed = 0; seed < 12; seed++) {
  test(`random network ${seed}, every way to run it`, { tag: seed < 6 ? [] : '@core' }, async ({ run }) => {
    expect(await run('checkSeeded', { seed })).toEqual([]);
  });
  test(`random network ${seed}, every way to run it in float16`, { tag: '@float16' }, async ({ run }) => {
    expect(await run('checkSeeded', { seed, precision: 'float16' })).toEqual([]);
  });
}
