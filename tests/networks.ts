// The networks of the tests and the benches.

import { readFileSync } from 'node:fs';
import * as exported from '../architectures/index.ts';
import { architecture } from '../engine/all-ops.ts';
import type { Architecture } from '../engine/architecture.ts';

const architectures = { ...exported };
type Architectures = typeof architectures;

/** An architecture by its function's name, and its options. */
type Made<Name extends keyof Architectures = keyof Architectures> = Name extends unknown
  ? readonly [family: Name, options?: NonNullable<Parameters<Architectures[Name]>[0]>]
  : never;

/** Those whose plans, with a softmax, are kept in tests/plans/ and bench/plans.json. */
export const PLANNED: Readonly<Record<string, Made>> = {
  'mobilenet-v1': ['mobileNetV1'],
  'mobilenet-v1-0.25': ['mobileNetV1', { alpha: 0.25 }],
  'mobilenet-v2': ['mobileNetV2'],
  'mobilenet-v3-large': ['mobileNetV3'],
  'mobilenet-v3-small': ['mobileNetV3', { variant: 'small' }],
  'resnet-18': ['resNet', { depth: 18 }],
  'resnet-50': ['resNet'],
  'resnext-50': ['resNeXt'],
  'densenet-121': ['denseNet'],
  googlenet: ['googLeNet'],
  'vgg-16': ['vgg'],
  alexnet: ['alexNet'],
  unet: ['uNet'],
  'unet-64': ['uNet', { features: 64 }],
  'unet-paper': ['uNet', { variant: 'paper' }],
};

/** Those whose outputs torchvision has computed (tests/goldens/), but for the size of their input. */
const GOLDEN: Readonly<Record<string, Made>> = {
  mobilenet_v1: ['mobileNetV1'],
  mobilenet_v1_025: ['mobileNetV1', { alpha: 0.25 }],
  mobilenet_v2: ['mobileNetV2'],
  mobilenet_v3_small: ['mobileNetV3', { variant: 'small' }],
  mobilenet_v3_large: ['mobileNetV3'],
  resnet18: ['resNet', { depth: 18 }],
  resnet50: ['resNet'],
  resnext50_32x4d: ['resNeXt'],
  densenet121: ['denseNet'],
  googlenet: ['googLeNet'],
  vgg11: ['vgg', { depth: 11 }],
  vgg16_bn: ['vgg', { batchNorm: true }],
  alexnet: ['alexNet'],
  unet: ['uNet'],
  unet_paper: ['uNet', { variant: 'paper', features: 16 }],
};

/** What tests/goldens/index.json holds of each, which README.md there tells. */
interface Golden {
  readonly input: readonly [batch: number, channels: number, height: number, width: number];
  readonly output: readonly number[];
  readonly params: number;
  readonly macs: number;
  readonly stages: Readonly<Record<string, { shape: number[]; mean: number; l2: number }>>;
}

export const goldenIndex: Readonly<Record<string, Golden>> = JSON.parse(
  readFileSync(new URL('goldens/index.json', import.meta.url), 'utf8'),
);

export const goldenCases = Object.entries(GOLDEN).map(([name, [family, options]]) => {
  const golden = goldenIndex[name];
  if (!golden) throw new Error(`tests/goldens/index.json lacks '${name}'.`);
  const [, , height, width] = golden.input;
  return { name, family, options: { ...options, inputSize: [height, width] as const } };
});

const make = (family: keyof Architectures, options: object = {}): Architecture => architectures[family](options);

export const goldens: Readonly<Record<string, Architecture>> = Object.fromEntries(
  goldenCases.map(({ name, family, options }) => [name, make(family, options)]),
);

export const planned: Readonly<Record<string, Architecture>> = Object.fromEntries(
  Object.entries(PLANNED).map(([name, [family, options]]) => [name, make(family, options)]),
);

export const networks: Readonly<Record<string, Architecture>> = Object.fromEntries(
  Object.entries(planned).map(([name, network]) => [name, withSoftmax(network)]),
);

/** The network as a classifier runs it: probabilities instead of logits. */
function withSoftmax({ name, build }: Architecture): Architecture {
  return architecture(name, (g) => {
    const addOutput = g.output.bind(g);
    g.output = (output, value) =>
      output === 'logits' ? addOutput('probabilities', g.softmax(value)) : addOutput(output, value);
    build(g);
  });
}
