import { readFileSync } from 'node:fs';
import { expect, test } from 'playwright/test';
import { denseNet, mobileNetV1, mobileNetV2, mobileNetV3, vgg } from '../architectures/index.ts';
import { fromTimm } from '../architectures/timm.ts';
import { type Architecture, buildGraph } from '../engine/architecture.ts';
import { checkWeights, type Weights } from '../engine/weights/weights.ts';

/** timm's names of the networks' tensors, each with the name here. */
const NAMES: Record<string, Record<string, string>> = JSON.parse(
  readFileSync(new URL('timm-names.json', import.meta.url), 'utf8'),
);

const networks: [model: string, architecture: string, network: Architecture][] = [
  ['mobilenetv1_100', 'mobileNetV1', mobileNetV1()],
  ['mobilenetv2_100', 'mobileNetV2', mobileNetV2()],
  ['mobilenetv3_large_100', 'mobileNetV3', mobileNetV3({ variant: 'large' })],
  ['mobilenetv3_small_100', 'mobileNetV3', mobileNetV3({ variant: 'small' })],
  ['densenet121', 'denseNet', denseNet()],
  ['vgg16_bn', 'vgg', vgg({ batchNorm: true })],
];

for (const [model, architecture, network] of networks) {
  test(`${model} of timm is ${architecture}`, async () => {
    const { tensors } = buildGraph(network);
    const shapes = new Map(tensors.map(({ name, shape }) => [name, shape]));
    // As in a file, whose order says nothing; timm's last layers are dense where ours are convolutions, and the reverse.
    const pairs = Object.entries(NAMES[model] as Record<string, string>).sort(([a], [b]) => (a < b ? -1 : 1));
    const timm: Weights = {
      shapes: new Map(
        pairs.map(([name, ours]) => {
          const shape = shapes.get(ours) ?? [];
          if (name === 'pre_logits.fc1.weight') return [name, [4096, 512, 7, 7]];
          const isOther = /^(conv_head|classifier|pre_logits\.fc2)\.weight/.test(name) && architecture !== 'denseNet';
          return [name, isOther ? (shape.length === 2 ? [...shape, 1, 1] : shape.slice(0, 2)) : shape];
        }),
      ),
      read: async (name) => Float32Array.of(pairs.findIndex(([timmName]) => timmName === name)),
    };
    const ours = fromTimm(architecture, timm);
    checkWeights(ours, tensors);
    for (const [index, [, name]] of pairs.entries()) {
      expect([...(await ours.read(name))], name).toEqual([index]);
    }
  });
}

test('other names, and other architectures, are left alone', () => {
  const weights: Weights = {
    shapes: new Map([
      ['blocks.0.0.conv_x.weight', [1]],
      ['bn1.bias', [1]],
      ['alone', [2]],
    ]),
    read: async () => new Float32Array(),
  };
  expect([...fromTimm('mobileNetV1', weights).shapes.keys()]).toEqual([
    'blocks.0.0.conv_x.weight',
    'conv1_bn.bias',
    'alone',
  ]);
  expect([...fromTimm('resNet', weights).shapes.keys()]).toEqual([...weights.shapes.keys()]);
});
