import { readFileSync } from 'node:fs';
import { expect, test } from 'playwright/test';
import * as architectures from '../architectures/index.ts';
import {
  alexNet,
  denseNet,
  googLeNet,
  mobileNetV1,
  mobileNetV2,
  mobileNetV3,
  resNet,
  resNeXt,
  type UNetOptions,
  uNet,
  vgg,
} from '../architectures/index.ts';
import { paddingFor, roundChannels } from '../architectures/layers.ts';
import { CANDIDATES } from '../demo/compare/candidates.ts';
import { type Architecture, buildGraph } from '../engine/architecture.ts';
import { ArchitectureError } from '../engine/common/errors.ts';
import type { Graph, Pair, Shape } from '../engine/graph/graph.ts';
import { checkWeights } from '../engine/weights/weights.ts';
import { goldenCases, goldenIndex, goldens, PLANNED } from './networks.ts';
import { seededTensor, uniform } from './seeded.ts';

const read = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');

const elements = (shape: Shape) => shape.reduce((product, size) => product * size, 1);
const tensorsOf = (graph: Graph) => Object.fromEntries(graph.tensors.map(({ name, shape }) => [name, shape]));
const outputOf = (graph: Graph, name: string) => graph.outputs.find((output) => output.name === name)?.value.shape;
const logitsOf = (graph: Graph) => outputOf(graph, 'logits');
const maskOf = (graph: Graph) => outputOf(graph, 'mask');
const trainedOf = (graph: Graph) =>
  graph.tensors
    .filter((tensor) => !/running_(mean|var)$/.test(tensor.name))
    .reduce((sum, tensor) => sum + elements(tensor.shape), 0);
const macsOf = (graph: Graph) =>
  graph.nodes.reduce((sum, node) => {
    // Each pixel of a transposed convolution's input meets every weight of its channel.
    if (node.op === 'convTranspose2d')
      return sum + elements(node.inputs[0].shape) * elements(node.filter.shape.slice(1));
    if (node.op !== 'conv2d' && node.op !== 'gemm') return sum;
    return sum + elements(node.output.shape) * elements(node.filter.shape.slice(1));
  }, 0);

for (const [name, network] of Object.entries(goldens)) {
  test(`${name} has the checkpoint's tensors and the reference's size`, () => {
    const golden = goldenIndex[name]!;
    const graph = buildGraph(network);
    expect(graph.tensors).toHaveLength(Object.keys(tensorsOf(graph)).length);
    expect(tensorsOf(graph)).toEqual(JSON.parse(read(`goldens/${name}.tensors.json`)));
    expect(graph.inputs.map((input) => [input.name, input.shape])).toEqual([['image', golden.input]]);
    expect(graph.outputs.map((output) => output.value.shape)).toEqual([golden.output]);
    expect(trainedOf(graph)).toBe(golden.params);
    expect(macsOf(graph)).toBe(golden.macs);
  });
}

for (const [name, make] of Object.entries(architectures)) {
  test(`${name} has a golden, a plan, and its place in the README and in the demo's comparison`, () => {
    expect(new Set(goldenCases.map(({ family }) => family)), 'goldens of tests/networks.ts').toContain(name);
    expect(new Set(Object.values(PLANNED).map(([family]) => family)), 'plans of tests/networks.ts').toContain(name);
    expect(read('../README.md'), 'README.md').toContain(`- \`${name}(`);
    const compared = CANDIDATES.map(({ architecture }) => architecture.name);
    expect(compared, 'demo/compare/candidates.ts').toContain(make().name);
  });
}

test('the seeded numbers are those of the goldens: the first layer of MobileNet v1 in float64', () => {
  const { input, stages } = goldenIndex.mobilenet_v1_025!;
  const [, channels, height, width] = input;
  const image = Float32Array.from(uniform('input', elements(input)));
  const filter = seededTensor('', 'conv1.weight', [8, channels, 3, 3]);
  const results: number[] = [];
  for (let out = 0; out < 8; out++) {
    for (let y = 0; y < height; y += 2) {
      for (let x = 0; x < width; x += 2) {
        let sum = 0;
        for (let c = 0; c < channels; c++) {
          for (let ky = 0; ky < 3 && y + ky < height; ky++) {
            for (let kx = 0; kx < 3 && x + kx < width; kx++) {
              const pixel = image[(c * height + y + ky) * width + x + kx] as number;
              sum += pixel * (filter[((out * channels + c) * 3 + ky) * 3 + kx] as number);
            }
          }
        }
        results.push(sum);
      }
    }
  }
  expect(results).toHaveLength(elements(stages.conv1?.shape as number[]));
  expect(results.reduce((a, b) => a + b, 0) / results.length).toBeCloseTo(stages.conv1?.mean as number, 8);
  expect(Math.hypot(...results)).toBeCloseTo(stages.conv1?.l2 as number, 4);
});

test('non-square and odd sizes, widths, batches', () => {
  const sizes: Pair[] = [
    [224, 224],
    [97, 131],
    [33, 40],
    [192, 256],
  ];
  for (const inputSize of sizes) {
    for (const width of [0.25, 0.35, 0.5, 0.75, 1, 1.3, 1.4]) {
      for (const batch of [1, 2]) {
        for (const padding of ['symmetric', 'same-upper'] as const) {
          const shared = { inputSize, batch, padding, classes: 7, inChannels: 5 };
          for (const network of [
            mobileNetV1({ alpha: width, ...shared }),
            mobileNetV1({ alpha: width, separable: false, ...shared }),
            mobileNetV2({ width, ...shared }),
            mobileNetV3({ width, variant: 'small', ...shared }),
            mobileNetV3({ width, variant: 'large', ...shared }),
          ]) {
            expect(logitsOf(buildGraph(network)), network.name).toEqual([batch, 7]);
          }
        }
      }
    }
    for (const batch of [1, 2]) {
      const shared = { inputSize, batch, classes: 7, inChannels: 5 };
      for (const network of [
        ...([18, 34, 50, 101, 152] as const).map((depth) => resNet({ depth, ...shared })),
        ...[1, 128].map((widthPerGroup) => resNet({ widthPerGroup, ...shared })),
        ...[1, 2, 4, 8].flatMap((groups) =>
          [3, 6, 12].map((widthPerGroup) => resNeXt({ groups, widthPerGroup, ...shared })),
        ),
      ]) {
        expect(logitsOf(buildGraph(network)), network.name).toEqual([batch, 7]);
      }
    }
  }
});

test('the seeded numbers of each kind of tensor, as NumPy computes them', () => {
  const second = (key: string, name: string, shape: number[]) => seededTensor(key, name, shape)[1];
  expect([...uniform('input', 3)]).toEqual([0.28604724537581205, 0.8406892735511065, -0.6160331587307155]);
  expect(second('', 'conv1.weight', [8, 3, 3, 3])).toBe(-0.44833263754844666);
  expect(second('k', 'conv1.weight', [8, 3, 3, 3])).toBe(-0.4085662066936493);
  expect(second('', 'classifier.1.weight', [1000, 1280])).toBe(-0.010260491631925106);
  expect(second('', 'a.running_var', [4])).toBe(1.3397053480148315);
  expect(second('', 'conv1_bn.weight', [8])).toBe(0.977375328540802);
  expect(second('', 'conv1_bn.bias', [8])).toBe(0.07358027994632721);
  expect(second('', 'ü.weight', [2])).toBe(1.1533708572387695);
});

test('SAME padding as TensorFlow computes it, height and width on their own', () => {
  expect(paddingFor('same-upper', [224, 225], 3, 2)).toEqual([0, 1, 1, 1]);
  expect(paddingFor('same-upper', [7, 8], 5, 2)).toEqual([2, 2, 1, 2]);
  expect(paddingFor('same-upper', [10, 3], 3, 1)).toEqual([1, 1, 1, 1]);
  expect(paddingFor('same-upper', [10, 11], 1, 2)).toEqual([0, 0, 0, 0]);
  expect(paddingFor('symmetric', [224, 225], 5, 2)).toBe(2);
});

test('scaled channels are multiples of 8 that lose at most a tenth', () => {
  expect([1, 8, 11, 12, 19, 20, 33.6, 22.4].map(roundChannels)).toEqual([8, 8, 16, 16, 24, 24, 32, 24]);
});

test('with Keras padding layers of stride 2 pad on the right and below, with the other rules on their own', () => {
  const shapes = (padding: 'keras' | 'same-upper' | 'symmetric') => {
    const graph = buildGraph(mobileNetV1({ inputSize: [97, 130], padding }));
    return {
      pads: graph.nodes.flatMap((node) => (node.op === 'pad' ? [node.padding] : [])),
      first: graph.nodes.find((node) => node.op === 'conv2d')?.output.shape,
    };
  };
  expect(shapes('keras')).toEqual({ pads: Array(5).fill([0, 1, 0, 1]), first: [1, 32, 48, 65] });
  expect(shapes('same-upper')).toEqual({ pads: [], first: [1, 32, 49, 65] });
  expect(shapes('symmetric')).toEqual({ pads: [], first: [1, 32, 49, 65] });
});

test('without separable pairs MobileNet v1 has standard 3x3 convolutions of the same sizes', () => {
  const graph = buildGraph(mobileNetV1({ separable: false }));
  expect(tensorsOf(graph)).toMatchObject({
    'conv_1.weight': [64, 32, 3, 3],
    'conv_2_bn.running_var': [128],
    'conv_13.weight': [1024, 1024, 3, 3],
  });
  // Table 4 of the paper: 4866 million multiply-adds and 29.3 million parameters.
  expect(macsOf(graph) / 1e6).toBeCloseTo(4866, -1);
});

test("the other residual networks have the size of torchvision's", () => {
  const sizeOf = (network: Architecture) => trainedOf(buildGraph(network));
  // https://pytorch.org/vision/stable/models.html, the column of parameters.
  expect(sizeOf(resNet({ depth: 34 }))).toBe(21_797_672);
  expect(sizeOf(resNet({ depth: 101 }))).toBe(44_549_160);
  expect(sizeOf(resNet({ depth: 152 }))).toBe(60_192_808);
  expect(sizeOf(resNet({ depth: 50, widthPerGroup: 128 }))).toBe(68_883_240);
  expect(sizeOf(resNet({ depth: 101, widthPerGroup: 128 }))).toBe(126_886_696);
  expect(sizeOf(resNeXt({ depth: 101 }))).toBe(88_791_336);
  expect(sizeOf(resNeXt({ depth: 101, groups: 64, widthPerGroup: 4 }))).toBe(83_455_272);
  // The first network of the ResNeXt paper's table 2 is ResNet-50.
  expect(tensorsOf(buildGraph(resNeXt({ groups: 1, widthPerGroup: 64 })))).toEqual(tensorsOf(buildGraph(resNet())));
});

test("the other DenseNets and VGGs have the size of torchvision's", () => {
  const graphs = (networks: Architecture[]) => networks.map(buildGraph).map((g) => [trainedOf(g), g.tensors.length]);
  // https://pytorch.org/vision/stable/models.html, the column of parameters; and how many tensors the state dict has.
  expect(graphs(([161, 169, 201] as const).map((depth) => denseNet({ depth })))).toEqual([
    [28_681_000, 806],
    [14_149_480, 846],
    [20_013_928, 1006],
  ]);
  const depths = [11, 13, 16, 19] as const;
  expect(graphs(depths.map((depth) => vgg({ depth })))).toEqual([
    [132_863_336, 22],
    [133_047_848, 26],
    [138_357_544, 32],
    [143_667_240, 38],
  ]);
  expect(graphs(depths.map((depth) => vgg({ depth, batchNorm: true })))).toEqual([
    [132_868_840, 54],
    [133_053_736, 66],
    [138_365_992, 84],
    [143_678_248, 102],
  ]);
});

test('blocks in other numbers: those of a depth are the same network, and few and narrow ones a small one', () => {
  const tensors = (network: Architecture) => tensorsOf(buildGraph(network));
  expect(tensors(denseNet({ blocks: [6, 12, 32, 32] }))).toEqual(tensors(denseNet({ depth: 169 })));
  expect(tensors(resNeXt({ blocks: [3, 4, 23, 3], widthPerGroup: 8 }))).toEqual(tensors(resNeXt({ depth: 101 })));

  const dense = buildGraph(denseNet({ growthRate: 4, blocks: [2, 1] }));
  expect(dense.name).toBe('densenet-2,1');
  expect(tensorsOf(dense)).toMatchObject({
    'features.denseblock1.denselayer2.conv1.weight': [16, 12, 1, 1],
    'features.transition1.conv.weight': [8, 16, 1, 1],
    'features.norm5.weight': [12],
    'classifier.weight': [1000, 12],
  });
  const residual = buildGraph(resNeXt({ filters: 8, blocks: [1, 2], groups: 4, widthPerGroup: 3 }));
  expect(residual.name).toBe('resnext-1,2');
  expect(tensorsOf(residual)).toMatchObject({
    'conv1.weight': [8, 3, 7, 7],
    'layer1.0.conv2.weight': [12, 3, 3, 3],
    'layer1.0.conv3.weight': [32, 12, 1, 1],
    'layer2.0.downsample.0.weight': [64, 32, 1, 1],
    'layer2.1.conv2.weight': [24, 6, 3, 3],
    'fc.weight': [1000, 64],
  });
});

test('the classifiers with dense layers and dense blocks take all sizes from the least on', () => {
  for (const [make, least] of [
    [denseNet, 29],
    [googLeNet, 15],
    [vgg, 32],
    [alexNet, 63],
  ] as const) {
    for (const inputSize of [
      [least, least],
      [least, least + 62],
      [131, 97],
      [224, 192],
    ] as Pair[]) {
      const graph = buildGraph(make({ inputSize, batch: 2, classes: 7, inChannels: 5 }));
      expect(logitsOf(graph), graph.name).toEqual([2, 7]);
    }
    for (const inputSize of [
      [least - 1, 100],
      [100, least - 1],
    ] as Pair[]) {
      expect(() => make({ inputSize }), make.name).toThrow(
        `The option 'inputSize' is ${JSON.stringify(inputSize)}; it should be two integers of at least ${least}, for height and width.`,
      );
    }
  }
});

test("DenseNet's growth rate and compression", () => {
  const shapes = tensorsOf(buildGraph(denseNet({ depth: 161, growthRate: 5, compression: 0.7 })));
  expect(shapes).toMatchObject({
    'features.conv0.weight': [10, 3, 7, 7],
    // The first block ends with 10 + 6 * 5 channels, of which 28 are left; the second one with 28 + 12 * 5 = 88.
    'features.denseblock1.denselayer6.conv1.weight': [20, 35, 1, 1],
    'features.transition1.conv.weight': [28, 40, 1, 1],
    'features.denseblock2.denselayer1.norm1.weight': [28],
    'features.transition2.conv.weight': [61, 88, 1, 1],
    'classifier.weight': [1000, shapes['features.norm5.bias']?.[0]],
  });
  expect(tensorsOf(buildGraph(denseNet({ depth: 161, growthRate: 48 })))).toEqual(
    tensorsOf(buildGraph(denseNet({ depth: 161 }))),
  );
});

test("GoogLeNet takes a checkpoint with the auxiliary classifiers' tensors, and no others", () => {
  const { tensors, ignored } = buildGraph(googLeNet());
  const check = (...more: string[]) => {
    const shapes = new Map(tensors.map(({ name, shape }) => [name, shape]));
    for (const name of more) shapes.set(name, [1]);
    checkWeights({ shapes, read: async () => new Float32Array() }, tensors, ignored);
  };
  check('aux1.conv.conv.weight', 'aux2.fc2.bias');
  expect(() => check('aux1.fc1.bias', 'aux3.fc1.bias')).toThrow("1 tensor is not in the network: 'aux3.fc1.bias' [1].");
});

test("GoogLeNet's input is normalised anew where that is asked for", () => {
  const [first] = buildGraph(googLeNet({ transformInput: true })).nodes;
  if (first?.op !== 'batchNormalization') throw new Error(`The first node is ${first?.op}.`);
  const { scale, bias, mean, variance, epsilon } = first.batchNormalization;
  // A black and a white pixel, normalised for ImageNet, are -1 and 1 afterwards.
  for (const [black, white, channel] of [
    [-0.485 / 0.229, 0.515 / 0.229, 0],
    [-0.456 / 0.224, 0.544 / 0.224, 1],
    [-0.406 / 0.225, 0.594 / 0.225, 2],
  ] as const) {
    const [a, b, m, v] = [scale, bias, mean, variance].map(({ values }) => values?.[channel] as number) as [
      number,
      number,
      number,
      number,
    ];
    const normalized = (x: number) => ((x - m) / Math.sqrt(v + epsilon)) * a + b;
    expect(normalized(black)).toBeCloseTo(-1, 6);
    expect(normalized(white)).toBeCloseTo(1, 6);
  }
  expect(tensorsOf(buildGraph(googLeNet({ transformInput: true })))).toEqual(tensorsOf(buildGraph(googLeNet())));
  expect(buildGraph(googLeNet()).nodes[0]?.op).toBe('conv2d');
});

test("U-Net's options and the tensors that they bring", () => {
  // The tensors of a network for vessels in the retina: https://github.com/orobix/retina-unet.
  const retina = { inChannels: 1, classes: 2, depth: 2, upsampling: 'nearest-neighbor', batchNorm: false } as const;
  const block = (scope: string, from: number, to: number) => ({
    [`${scope}conv1.weight`]: [to, from, 3, 3],
    [`${scope}conv1.bias`]: [to],
    [`${scope}conv2.weight`]: [to, to, 3, 3],
    [`${scope}conv2.bias`]: [to],
  });
  const tensors = {
    ...block('encoder1.enc1', 1, 32),
    ...block('encoder2.enc2', 32, 64),
    ...block('bottleneck.bottleneck', 64, 128),
    ...block('decoder2.dec2', 128 + 64, 64),
    ...block('decoder1.dec1', 64 + 32, 32),
    'conv.weight': [2, 32, 1, 1],
    'conv.bias': [2],
  };
  expect(tensorsOf(buildGraph(uNet(retina)))).toEqual(tensors);
  expect(tensorsOf(buildGraph(uNet({ ...retina, skips: false })))).toEqual({
    ...tensors,
    ...block('decoder2.dec2', 128, 64),
    ...block('decoder1.dec1', 64, 32),
  });
  const last = (options: object) => {
    const nodes = buildGraph(uNet({ ...retina, ...options })).nodes.slice(-2);
    return nodes.map((node) => (node.op === 'activation' ? node.activation.kind : node.op));
  };
  expect(last({})).toEqual(['conv2d', 'sigmoid']);
  expect(last({ output: 'softmax', headActivation: 'relu' })).toEqual(['clamp', 'softmax']);
  expect(last({ output: 'none' }).at(-1)).toBe('conv2d');
  expect(tensorsOf(buildGraph(uNet({ skips: false })))).toMatchObject({
    'upconv4.weight': [512, 256, 2, 2],
    'decoder4.dec4conv1.weight': [256, 256, 3, 3],
    'decoder1.dec1conv1.weight': [32, 32, 3, 3],
  });
  expect(maskOf(buildGraph(uNet({ skips: false, depth: 1, inputSize: [6, 2], batch: 3, classes: 5 })))).toEqual([
    3, 5, 6, 2,
  ]);
});

test("the paper's U-Net has the sizes of its figure 1", () => {
  const graph = buildGraph(uNet({ variant: 'paper' }));
  expect(graph.inputs[0]?.shape).toEqual([1, 1, 572, 572]);
  expect(maskOf(graph)).toEqual([1, 2, 388, 388]);
  const sides = (op: string) => graph.nodes.filter((node) => node.op === op).map((node) => node.output.shape.slice(1));
  expect(sides('maxPool2d')).toEqual([
    [64, 284, 284],
    [128, 140, 140],
    [256, 68, 68],
    [512, 32, 32],
  ]);
  expect(sides('concat')).toEqual([
    [1024, 56, 56],
    [512, 104, 104],
    [256, 200, 200],
    [128, 392, 392],
  ]);
  for (const depth of [1, 2, 3, 5]) {
    for (const skips of [true, false]) {
      const side = 9 * 2 ** depth + 4 * (2 ** depth - 1);
      const network = uNet({ variant: 'paper', features: 2, inputSize: [side, side + 2 ** depth], depth, skips });
      const shrunk = 12 * 2 ** depth - 8;
      expect(maskOf(buildGraph(network))).toEqual([1, 2, side - shrunk, side + 2 ** depth - shrunk]);
    }
  }
});

test('a U-Net takes just the sizes that its error names', () => {
  const nearest = (options: UNetOptions) => {
    try {
      uNet(options);
      return [];
    } catch (error) {
      const text = /: (\[[^\]]*\])( or (\[[^\]]*\]))?, say\./.exec((error as Error).message);
      return [text?.[1], text?.[3]].filter((size) => size !== undefined).map((size) => JSON.parse(size));
    }
  };
  const sizeOf = (options: UNetOptions, least: number, step: number) => {
    for (let size = 1; size < least + 3 * step; size++) {
      const near = nearest({ ...options, inputSize: [size, least] } as UNetOptions);
      const works = size >= least && (size - least) % step === 0;
      const below = Math.max(least + Math.floor((size - least) / step) * step, least);
      const expected = works
        ? []
        : size < least
          ? [[least, least]]
          : [
              [below, least],
              [below + step, least],
            ];
      expect(near, JSON.stringify({ ...options, size })).toEqual(expected);
    }
    const mask = maskOf(buildGraph(uNet({ ...options, inputSize: [least, least + step], features: 1 } as UNetOptions)));
    expect(mask?.length).toBe(4);
  };
  for (const depth of [1, 2, 3, 4, 5]) sizeOf({ depth }, 2 ** depth, 2 ** depth);
  // With less, some map on the way would have no pixel left.
  for (const [depth, least] of [
    [1, 18],
    [2, 44],
    [3, 92],
    [4, 188],
  ] as const) {
    sizeOf({ variant: 'paper', depth }, least, 2 ** depth);
    const smaller = { variant: 'paper', depth, features: 1 } as const;
    expect(maskOf(buildGraph(uNet({ ...smaller, inputSize: [least, least] })))?.[2]).toBeGreaterThan(0);
    expect(least - 2 ** depth - (12 * 2 ** depth - 8)).toBeLessThanOrEqual(0);
  }
});

test('epsilon reaches every batch normalization', () => {
  for (const network of [mobileNetV1, mobileNetV2, mobileNetV3]) {
    const norms = buildGraph(network({ epsilon: 0.25 })).nodes.filter((node) => node.op === 'batchNormalization');
    expect(norms.length).toBeGreaterThan(20);
    expect(norms.every((node) => node.batchNormalization.epsilon === 0.25)).toBe(true);
  }
  const epsilon = (network: Architecture) =>
    buildGraph(network).nodes.find((node) => node.op === 'batchNormalization')?.batchNormalization.epsilon;
  expect([epsilon(mobileNetV1()), epsilon(mobileNetV2()), epsilon(mobileNetV3())]).toEqual([1e-3, 1e-5, 1e-3]);
});

test('a wrong option is an ArchitectureError with both values', () => {
  const message = (make: () => unknown) => {
    try {
      make();
    } catch (error) {
      expect(error).toBeInstanceOf(ArchitectureError);
      return (error as ArchitectureError).message;
    }
    throw new Error('Nothing was thrown.');
  };
  // What JSON or JavaScript may hold, past the types.
  const wrong = (options: unknown) => message(() => mobileNetV1(options as object));
  expect(wrong({ widht: 1 })).toBe(
    "There is no option 'widht'; there are alpha, classes, inChannels, inputSize, batch, separable, padding, epsilon.\n" +
      ' - While reading the options of mobileNetV1',
  );
  expect(wrong({ classes: 0 })).toContain("The option 'classes' is 0; it should be a positive integer.");
  expect(wrong({ classes: '10' })).toContain('is "10"; it should be a positive integer.');
  expect(wrong({ batch: 1.5 })).toContain('is 1.5; it should be a positive integer.');
  expect(wrong({ inChannels: null })).toContain('is null; it should be a positive integer.');
  expect(wrong({ alpha: Number.NaN })).toContain('is NaN; it should be a positive number.');
  expect(wrong({ epsilon: Infinity })).toContain('is Infinity; it should be a positive number.');
  expect(wrong({ inputSize: 224 })).toContain('is 224; it should be two positive integers, for height and width.');
  expect(wrong({ inputSize: [224] })).toContain('is [224]; it should be two positive integers, for height');
  expect(wrong({ inputSize: [224, 0] })).toContain('is [224,0]; it should be two positive integers, for height');
  expect(wrong({ separable: 'no' })).toContain('is "no"; it should be true or false.');
  expect(wrong({ padding: 'valid' })).toContain('is "valid"; it should be "keras" or "same-upper" or "symmetric".');
  expect(wrong({ toString: 1 })).toContain("There is no option 'toString'");
  expect(wrong(null)).toContain('The options are null instead of an object.');
  expect(wrong([])).toContain('The options are [] instead of an object.');
  expect(message(() => mobileNetV3({ variant: 'medium' as 'large' }))).toContain('should be "large" or "small".');
  // @ts-expect-error: What JavaScript may pass.
  expect(message(() => resNet({ depth: 20 }))).toContain('is 20; it should be 18 or 34 or 50 or 101 or 152.');
  expect(message(() => resNet({ depth: 34, widthPerGroup: 128 }))).toBe(
    "The option 'widthPerGroup' is 128; it should be 64 where 'depth' is below 50.\n" +
      ' - While reading the options of resNet',
  );
  // @ts-expect-error: A ResNet has no groups.
  expect(message(() => resNet({ groups: 2 }))).toContain(
    "There is no option 'groups'; there are depth, widthPerGroup,",
  );
  expect(message(() => resNeXt({ depth: 34 as 50 }))).toContain('is 34; it should be 50 or 101.');
  expect(message(() => resNeXt({ groups: 2.5 }))).toContain("'groups' is 2.5; it should be a positive integer.");
  expect(message(() => resNeXt({ blocks: [2, 0] }))).toContain('is [2,0]; it should be a list of positive integers.');
  expect(message(() => resNeXt(null as unknown as object))).toContain('The options are null instead of an object.');
  // @ts-expect-error: What JavaScript may pass.
  expect(message(() => denseNet({ depth: 100 }))).toContain('is 100; it should be 121 or 161 or 169 or 201.');
  expect(message(() => denseNet({ compression: 1.5 }))).toContain(
    'is 1.5; it should be a number above 0 and at most 1.',
  );
  expect(message(() => denseNet({ growthRate: 0 }))).toContain("'growthRate' is 0; it should be a positive integer.");
  // @ts-expect-error: What JavaScript may pass.
  expect(message(() => vgg({ depth: 12 }))).toContain('is 12; it should be 11 or 13 or 16 or 19.');
  // @ts-expect-error: An AlexNet has one depth.
  expect(message(() => alexNet({ depth: 8 }))).toContain("There is no option 'depth'; there are classes,");
  expect(message(() => googLeNet({ transformInput: true, inChannels: 1 }))).toBe(
    "The option 'inChannels' is 1; it should be 3 where 'transformInput' is true.\n" +
      ' - While reading the options of googLeNet',
  );
  for (const network of [denseNet, googLeNet, vgg, alexNet, uNet]) {
    expect(message(() => network(null as unknown as object))).toContain('The options are null instead of an object.');
  }
  expect(message(() => uNet({ inputSize: [100, 64] }))).toBe(
    "The option 'inputSize' is [100,64]; at depth 4 height and width should be multiples of 16: [96,64] or [112,64], say.\n" +
      ' - While reading the options of uNet',
  );
  expect(message(() => uNet({ variant: 'paper', inputSize: [500, 572] }))).toBe(
    "The option 'inputSize' is [500,572]; at depth 4 height and width should be multiples of 16 plus 60, at least 188: " +
      "[492,572] or [508,572], say.\n - While reading the options of the paper's uNet",
  );
  // @ts-expect-error: The paper's network has no batch normalization.
  expect(message(() => uNet({ variant: 'paper', batchNorm: true }))).toBe(
    "There is no option 'batchNorm'; there are variant, inChannels, classes, features, depth, skips, output, inputSize, batch.\n" +
      " - While reading the options of the paper's uNet",
  );
  // @ts-expect-error: What JavaScript may pass.
  expect(message(() => uNet({ variant: 'small' }))).toContain('is "small"; it should be "padded" or "paper".');
  expect(message(() => uNet({ output: 'relu' as 'none' }))).toContain('should be "sigmoid" or "softmax" or "none".');
  // A width too small to leave a channel is only found while building.
  expect(message(() => buildGraph(mobileNetV1({ alpha: 0.01 })))).toContain(
    "While building architecture 'mobilenet-v1'",
  );
});
