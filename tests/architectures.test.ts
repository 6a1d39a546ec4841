import { readFileSync } from 'node:fs';
import { expect, test } from 'playwright/test';
import { mobileNetV1, mobileNetV2, mobileNetV3, resNet, resNeXt } from '../architectures/index.ts';
import { paddingFor, roundChannels } from '../architectures/layers.ts';
import { ArchitectureError } from '../engine/errors.ts';
import { type Architecture, buildGraph, type Graph, type Pair, type Shape } from '../engine/graph.ts';
import { seededTensor, uniform } from './seeded.ts';

interface Golden {
  input: [number, number, number, number];
  output: number[];
  params: number;
  macs: number;
  stages: Record<string, { shape: number[]; mean: number; l2: number }>;
}

const read = (file: string) => JSON.parse(readFileSync(new URL(`goldens/${file}`, import.meta.url), 'utf8'));
const goldens: Record<string, Golden> = read('index.json');
const cases: Record<string, (inputSize: Pair) => Architecture> = {
  mobilenet_v1: (inputSize) => mobileNetV1({ inputSize }),
  mobilenet_v1_025: (inputSize) => mobileNetV1({ alpha: 0.25, inputSize }),
  mobilenet_v2: (inputSize) => mobileNetV2({ inputSize }),
  mobilenet_v3_small: (inputSize) => mobileNetV3({ variant: 'small', inputSize }),
  mobilenet_v3_large: (inputSize) => mobileNetV3({ inputSize }),
  resnet18: (inputSize) => resNet({ depth: 18, inputSize }),
  resnet50: (inputSize) => resNet({ inputSize }),
  resnext50_32x4d: (inputSize) => resNeXt({ inputSize }),
};

const elements = (shape: Shape) => shape.reduce((product, size) => product * size, 1);
const tensorsOf = (graph: Graph) => Object.fromEntries(graph.tensors.map(({ name, shape }) => [name, shape]));
const logitsOf = (graph: Graph) => graph.outputs.find((output) => output.name === 'logits')?.value.shape;
const macsOf = (graph: Graph) =>
  graph.nodes.reduce((sum, node) => {
    if (node.op !== 'conv2d' && node.op !== 'gemm') return sum;
    return sum + elements(node.output.shape) * elements(node.filter.shape.slice(1));
  }, 0);

for (const [name, make] of Object.entries(cases)) {
  test(`${name} has the checkpoint's tensors and the reference's size`, () => {
    const golden = goldens[name] as Golden;
    const graph = buildGraph(make([golden.input[2], golden.input[3]]));
    expect(graph.tensors).toHaveLength(Object.keys(tensorsOf(graph)).length);
    expect(tensorsOf(graph)).toEqual(read(`${name}.tensors.json`));
    expect(graph.inputs.map((input) => [input.name, input.shape])).toEqual([['image', golden.input]]);
    expect(logitsOf(graph)).toEqual(golden.output);
    const trained = graph.tensors.filter((tensor) => !/running_(mean|var)$/.test(tensor.name));
    expect(trained.reduce((sum, tensor) => sum + elements(tensor.shape), 0)).toBe(golden.params);
    expect(macsOf(graph)).toBe(golden.macs);
  });
}

test('the seeded numbers are those of the goldens: the first layer of MobileNet v1 in float64', () => {
  const { input, stages } = goldens.mobilenet_v1_025 as Golden;
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
  expect(paddingFor('symmetric', [224, 225], 5, 2)).toEqual([2, 2, 2, 2]);
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
  const sizeOf = (network: Architecture) => {
    const graph = buildGraph(network);
    const trained = graph.tensors.filter((tensor) => !/running_(mean|var)$/.test(tensor.name));
    return trained.reduce((sum, tensor) => sum + elements(tensor.shape), 0);
  };
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
  expect(wrong({ inputSize: 224 })).toContain('is 224; it should be a height and a width, two positive integers.');
  expect(wrong({ inputSize: [224] })).toContain('is [224]; it should be a height');
  expect(wrong({ inputSize: [224, 0] })).toContain('is [224,0]; it should be a height');
  expect(wrong({ separable: 'no' })).toContain('is "no"; it should be true or false.');
  expect(wrong({ padding: 'valid' })).toContain('is "valid"; it should be "keras" or "same-upper" or "symmetric".');
  expect(wrong({ toString: 1 })).toContain("There is no option 'toString'");
  expect(wrong(null)).toContain('The options are null instead of an object.');
  expect(wrong([])).toContain('The options are [] instead of an object.');
  expect(message(() => mobileNetV3({ variant: 'medium' as 'large' }))).toContain('should be "large" or "small".');
  // @ts-expect-error: What JavaScript may pass.
  expect(message(() => resNet({ depth: 20 }))).toContain('is 20; it should be 18 or 34 or 50 or 101 or 152.');
  expect(message(() => resNet({ depth: 34, widthPerGroup: 128 }))).toBe(
    "The option 'widthPerGroup' is 128, which needs bottlenecks: 'depth' is 34; it should be at least 50.\n" +
      ' - While reading the options of resNet',
  );
  // @ts-expect-error: A ResNet has no groups.
  expect(message(() => resNet({ groups: 2 }))).toContain(
    "There is no option 'groups'; there are depth, widthPerGroup,",
  );
  expect(message(() => resNeXt({ depth: 34 as 50 }))).toContain('is 34; it should be 50 or 101.');
  expect(message(() => resNeXt({ groups: 2.5 }))).toContain("'groups' is 2.5; it should be a positive integer.");
  expect(message(() => resNeXt(null as unknown as object))).toContain('The options are null instead of an object.');
  // A width too small to leave a channel is only found while building.
  expect(message(() => buildGraph(mobileNetV1({ alpha: 0.01 })))).toContain(
    "While building architecture 'mobilenet-v1'",
  );
});
