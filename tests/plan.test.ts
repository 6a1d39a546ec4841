// What a plan promises: the costs that the project has set itself, the limits of the weakest device, and its own text.

import { readFileSync } from 'node:fs';
import { expect, test } from 'playwright/test';
import {
  denseNet,
  googLeNet,
  mobileNetV1,
  mobileNetV2,
  mobileNetV3,
  resNet,
  uNet,
  vgg,
} from '../architectures/index.ts';
import { architecture } from '../engine/all-ops.ts';
import type { Architecture } from '../engine/architecture.ts';
import { type Capabilities, DEFAULT_CAPABILITIES } from '../engine/common/capabilities.ts';
import { UnsupportedError } from '../engine/common/errors.ts';
import { planFor } from '../engine/compile.ts';
import type { Shape, Tensor, Value } from '../engine/graph/graph.ts';
import type { GraphBuilder } from '../engine/graph/graph-builder.ts';
import { formatPlan, summarizePlan } from '../engine/plan/format.ts';
import type { Plan, PlannedKernel } from '../engine/plan/plan.ts';

import { foldGrid } from '../shaders/kernel.ts';
import { goldenIndex, goldens, networks } from './networks.ts';

import { randomNetwork } from './random-graph.ts';

const MIB = 2 ** 20;
const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

for (const [name, network] of Object.entries(goldens)) {
  test(`${name} has the parameters and multiply-accumulates of the reference`, () => {
    const { parameters, macs } = planFor(network);
    const golden = goldenIndex[name]!;
    expect({ parameters, macs }).toEqual({ parameters: golden.params, macs: golden.macs });
  });
}

/** The parts in which memory lets a layer be computed count once. */
const dispatchesBut = ({ kernels }: Plan) => new Set(kernels.map(({ name }) => name)).size;

for (const { name, dispatches, activationBytes } of [
  { name: 'mobilenet-v1', dispatches: 32, activationBytes: 3.9 * MIB },
  { name: 'mobilenet-v2', dispatches: 57, activationBytes: 4.1 * MIB },
  { name: 'mobilenet-v3-large', dispatches: 75, activationBytes: 3.2 * MIB },
  { name: 'resnet-50', dispatches: 58, activationBytes: 8.4 * MIB },
  { name: 'resnext-50', dispatches: 58, activationBytes: 7.8 * MIB },
]) {
  test(`${name} keeps within its budget`, () => {
    const plan = planFor(networks[name] as Architecture);
    const cost = summarizePlan(plan);
    expect(dispatchesBut(plan)).toBeLessThanOrEqual(dispatches);
    expect(cost.pipelines).toBeLessThanOrEqual(16);
    expect(cost.activationBytes).toBeLessThanOrEqual(activationBytes);
  });
}

for (const { network, dispatches, pipelines, activationBytes } of [
  { network: denseNet(), dispatches: 128, pipelines: 24, activationBytes: 6.5 * MIB },
  { network: googLeNet(), dispatches: 66, pipelines: 24, activationBytes: 4.1 * MIB },
  { network: uNet({ features: 64 }), dispatches: 30, pipelines: 16, activationBytes: 66.5 * MIB },
]) {
  test(`${network.name} keeps within its budget, and copies nothing to concatenate`, () => {
    const plan = planFor(network);
    const cost = summarizePlan(plan);
    expect(dispatchesBut(plan)).toBeLessThanOrEqual(dispatches);
    expect(cost.pipelines).toBeLessThanOrEqual(pipelines);
    expect(cost.activationBytes).toBeLessThanOrEqual(activationBytes);
    expect(plan.kernels.filter(({ kind }) => kind === 'copy')).toEqual([]);
  });
}

// `npm run plans -- --update` accepts what has changed.
for (const [name, network] of Object.entries(networks)) {
  test(`the plan of ${name} is the one in tests/plans/`, () => {
    const plan = planFor(network);
    expect(formatPlan(plan)).toBe(read(`plans/${name}.txt`));
    const cost = summarizePlan(plan);
    expect(cost).toMatchObject(JSON.parse(read('../bench/plans.json'))[name]);
    expect(cost.pipelines).toBeLessThanOrEqual(16);
  });
}

test('a plan is data', () => {
  const plan = planFor(networks['mobilenet-v3-small'] as Architecture);
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
});

test('the numbers of a plan add up', () => {
  // All weights lie in buffers.
  const plan = planFor(mobileNetV2({ inputSize: [97, 131], batch: 2 }), { ...DEFAULT_CAPABILITIES, vendor: 'arm' });
  const sum = (of: (kernel: PlannedKernel) => number) => plan.kernels.reduce((total, kernel) => total + of(kernel), 0);
  expect(plan.macs).toBe(sum(({ macs }) => macs));
  expect(plan.parameters).toBe(sum(({ parameters }) => parameters));
  const sizes = plan.weights.flatMap(({ home, bytes }) =>
    'buffer' in home ? [{ ...home, end: home.offset + bytes }] : [],
  );
  expect(sizes.length).toBe(plan.weights.length);
  const misplaced = sizes.filter(({ buffer, offset, end }, k) => {
    const previous = sizes[k - 1];
    const overlaps = previous?.buffer === buffer && previous.end > offset;
    return offset % 256 !== 0 || end > (plan.weightBuffers[buffer]?.bytes ?? 0) || overlaps;
  });
  expect(misplaced).toEqual([]);
  const [first] = plan.kernels;
  expect(first).toMatchObject({ name: 'image', bytesRead: 2 * 3 * 97 * 131 * 4, bytesWritten: 2 * 97 * 131 * 16 });
});

/** https://www.w3.org/TR/webgpu/#limits, the column of compatibility mode. */
const COMPATIBILITY = {
  storageBuffers: 8,
  bindingBytes: 128 * MIB,
  uniformBytes: 16 * 1024,
  bufferBytes: 256 * MIB,
  textureSize: 4096,
  workgroupBytes: 16 * 1024,
  invocations: 128,
  workgroupSizes: [128, 128, 64],
  workgroups: 65535,
};

const ELEMENT_BYTES: Readonly<Record<string, number>> = { f32: 4, u32: 4, vec4f: 16 };

/** What exceeds the limits. */
function excesses(plan: Plan): string[] {
  const problems: string[] = [];
  const atMost = (what: string, number: number, limit: number) => {
    if (!(number > 0 && number <= limit)) problems.push(`${what}: ${number} of ${limit}`);
  };
  for (const { bytes } of [...plan.arenas, ...plan.weightBuffers]) atMost('buffer', bytes, COMPATIBILITY.bufferBytes);
  for (const { name, bytes } of [...plan.values, ...plan.weights]) atMost(name, bytes, COMPATIBILITY.bindingBytes);
  for (const { name, home } of plan.weights) {
    if ('width' in home) atMost(`texture of ${name}`, Math.max(home.width, home.height), COMPATIBILITY.textureSize);
  }
  for (const { kind, shader, params, bindings, workgroups } of plan.kernels) {
    const buffers = shader.match(/var<storage/g)?.length ?? 0;
    const textures = shader.match(/: texture_2d/g)?.length ?? 0;
    atMost(`${kind}: storage buffers`, buffers, COMPATIBILITY.storageBuffers);
    if (bindings.length !== buffers + textures) problems.push(`${kind} binds ${bindings.length} of its resources`);
    atMost(`${kind}: uniform block`, params.length * 4, COMPATIBILITY.uniformBytes);
    for (const count of workgroups) atMost(`${kind}: workgroups`, count, COMPATIBILITY.workgroups);

    const sizes = /@workgroup_size\(([^)]*)\)/.exec(shader)?.[1]?.split(',').map(Number) ?? [];
    atMost(
      `${kind}: invocations`,
      sizes.reduce((product, size) => product * size, 1),
      COMPATIBILITY.invocations,
    );
    for (const [axis, size] of sizes.entries()) {
      atMost(`${kind}: workgroup size`, size, COMPATIBILITY.workgroupSizes[axis] as number);
    }
    const shared = [...shader.matchAll(/var<workgroup>(?: \w+: array<(\w+), (\d+)>)?/g)];
    const bytes = shared.reduce((sum, [, type = '', count]) => sum + (ELEMENT_BYTES[type] ?? NaN) * Number(count), 0);
    if (shared.length > 0) atMost(`${kind}: workgroup memory`, bytes, COMPATIBILITY.workgroupBytes);
  }
  return problems;
}

const classes: Record<string, Partial<Capabilities>> = {
  'no known device': {},
  'adreno 6xx': { vendor: 'qualcomm', architecture: 'adreno-6xx' },
  adreno: { vendor: 'qualcomm', architecture: 'adreno-7xx' },
  mali: { vendor: 'arm', architecture: 'valhall' },
  desktop: { vendor: 'nvidia', architecture: 'hopper' },
  software: { vendor: 'mesa', architecture: 'llvmpipe' },
  swiftshader: { vendor: 'google', architecture: 'swiftshader' },
};

for (const [name, device] of Object.entries(classes)) {
  test(`every plan is within the limits of compatibility mode: ${name}`, () => {
    const capabilities = { ...DEFAULT_CAPABILITIES, features: ['shader-f16'], ...device };
    const others = [
      mobileNetV1({ separable: false, inputSize: [97, 131] }),
      ...([161, 169, 201] as const).map((depth) => denseNet({ depth })),
      ...([11, 13, 19] as const).map((depth) => vgg({ depth, batchNorm: true })),
      googLeNet({ transformInput: true }),
      uNet({ upsampling: 'nearest-neighbor', batchNorm: false, output: 'softmax', skips: false }),
    ];
    for (const network of [...Object.values(networks), ...others]) {
      expect(excesses(planFor(network, capabilities))).toEqual([]);
      expect(excesses(planFor(network, capabilities, { precision: 'float16' }))).toEqual([]);
    }
    for (let seed = 0; seed < 30; seed++) expect(excesses(planFor(randomNetwork(seed), capabilities))).toEqual([]);
  });
}

test('a fallback adapter computes in software, and a vendor that is not listed makes phones', () => {
  const shadersOn = (device: Partial<Capabilities>) =>
    planFor(mobileNetV2(), { ...DEFAULT_CAPABILITIES, ...device }).kernels.map(({ shader }) => shader);
  expect(shadersOn({ isFallbackAdapter: true })).toEqual(shadersOn(classes.software as Partial<Capabilities>));
  expect(shadersOn({ vendor: 'img-tec' })).toEqual(shadersOn(classes.mali as Partial<Capabilities>));
  for (const name of ['adreno 6xx', 'adreno', 'mali', 'desktop', 'software', 'swiftshader']) {
    expect(shadersOn({})).not.toEqual(shadersOn(classes[name] as Partial<Capabilities>));
  }
  // An Adreno of unknown age is taken for an old one.
  expect(shadersOn({ vendor: 'qualcomm' })).toEqual(shadersOn(classes['adreno 6xx'] as Partial<Capabilities>));
  expect(shadersOn({ vendor: 'qualcomm' })).not.toEqual(shadersOn(classes.adreno as Partial<Capabilities>));
});

/** One operation on a map. */
const mapNetwork = (input: Shape, add: (g: GraphBuilder, image: Value) => Value) =>
  architecture('map', (g) => g.output('y', add(g, g.input('image', input))));

const conv3x3 = (outChannels: number) => (g: GraphBuilder, image: Value) =>
  g.conv2d(image, g.tensor('a.weight', [outChannels, image.shape[1], 3, 3]), { padding: 1 });

const largeMaps: Record<string, Architecture> = {
  'a map of 1024 x 1024': mapNetwork([1, 3, 1024, 1024], conv3x3(16)),
  'a map of 4096 x 4096': mapNetwork([1, 4, 4096, 4096], conv3x3(4)),
  'U-Net at 1024 x 1024': uNet({ inputSize: [1024, 1024] }),
  'U-Net at 1088 x 1920': uNet({ inputSize: [1088, 1920] }),
  "the paper's U-Net at 1020 x 1020": uNet({ variant: 'paper', inputSize: [1020, 1020] }),
  'ResNet-50 at 2048 x 2048': resNet({ inputSize: [2048, 2048] }),
  'MobileNet v3 at 4096 x 2048': mobileNetV3({ inputSize: [4096, 2048] }),
  'DenseNet-121 at 1024 x 1024': denseNet({ inputSize: [1024, 1024] }),
  'MobileNet v2 of 1000 small pictures': mobileNetV2({ inputSize: [28, 28], batch: 1000 }),
  'MobileNet v1 of 70,000 pixels': mobileNetV1({
    inputSize: [1, 1],
    batch: 70_000,
    alpha: 1 / 32,
    padding: 'same-upper',
  }),
  'GoogLeNet of 500 pictures': googLeNet({ inputSize: [15, 15], batch: 500 }),
  '70,000 channels': mapNetwork([1, 70_000, 2, 2], (g, x) => g.softmax(g.relu(g.averagePool2d(x)))),
  'a row of 5,000,000 pixels': mapNetwork([1, 3, 1, 5_000_000], (g, x) => {
    const y = g.convTranspose2d(conv3x3(3)(g, x), g.tensor('b.weight', [3, 3, 1, 2]), { strides: [1, 2] });
    return g.resample2d(g.softmax(g.maxPool2d(y, { windowDimensions: [1, 2] })), { scales: [1, 2] });
  }),
};

for (const [name, device] of Object.entries(classes)) {
  test(`maps of any size that buffers hold have plans: ${name}`, () => {
    const large = { maxBufferSize: 2 ** 32 - 4, maxStorageBufferBindingSize: 2 ** 31 - 4 };
    const capabilities = { ...DEFAULT_CAPABILITIES, ...large, features: ['shader-f16'], ...device };
    for (const [network, made] of Object.entries(largeMaps)) {
      for (const precision of ['float32', 'float16'] as const) {
        const { kernels } = planFor(made, capabilities, { precision });
        const beyond = kernels.filter(({ workgroups }) => workgroups.some((count) => !(count >= 1 && count <= 65535)));
        expect(beyond.map((kernel) => `${network}: ${kernel.name} ${kernel.workgroups.join(' x ')}`)).toEqual([]);
      }
    }
  });
}

test('a folded grid covers all workgroups, and few more', () => {
  for (const grid of [
    [65536, 1, 1],
    [1, 1, 65536],
    [70_001, 3, 2],
    [3, 70_001, 7],
    [1, 1, 65535 * 65535],
    [262_147, 11, 13],
  ] as const) {
    const { workgroups, folded } = foldGrid(grid);
    const [count, dispatched] = [grid, workgroups].map(([x, y, z]) => x * y * z) as [number, number];
    expect(folded).toEqual(grid);
    expect(Math.max(...workgroups)).toBeLessThanOrEqual(65535);
    expect(dispatched).toBeGreaterThanOrEqual(count);
    expect(dispatched - count).toBeLessThan(workgroups[1]);
  }
  expect(foldGrid([65535, 65535, 65535])).toEqual({ workgroups: [65535, 65535, 65535] });
});

test('a tile is found by a division of floats wherever a grid is not folded', () => {
  // The most threads along x; WGSL lets a quotient be wrong by 2.5 units in its last place.
  const threads = 65535 * 16;
  const wrong: number[] = [];
  for (let tiles = 1; tiles < threads; tiles = Math.ceil(tiles * 1.001)) {
    const last = Math.floor((threads - 1) / tiles);
    // The first tile of the last row, the last one of the row before, and the last of all.
    for (const index of [last * tiles, Math.max(0, last * tiles - 1), threads - 1]) {
      const quotient = (index + 0.5) / tiles;
      const found = [1 - 2.5 * 2 ** -23, 1 + 2.5 * 2 ** -23].map((error) => Math.floor(quotient * error));
      if (found.some((row) => row !== Math.floor(index / tiles))) wrong.push(tiles);
    }
  }
  expect(wrong).toEqual([]);
});

test('a text does not grow with its filter', () => {
  for (const [name, device] of Object.entries(classes)) {
    const capabilities = { ...DEFAULT_CAPABILITIES, ...device };
    const textOf = (add: (g: GraphBuilder, image: Value) => Value, channels: number, pixels = 64) => {
      const { kernels } = planFor(mapNetwork([1, channels, pixels, pixels], add), capabilities);
      return (kernels.find(({ kind }) => kind.startsWith('conv')) as PlannedKernel).shader;
    };
    for (const size of [1, 2, 3, 4, 5, 6, 7, 9, 11, 12, 16, 31, 64]) {
      for (const kernel of [
        [size, size],
        [1, size],
        [size, 1],
      ] as const) {
        const padding = [kernel[0] >> 1, kernel[0] >> 1, kernel[1] >> 1, kernel[1] >> 1] as const;
        for (const dilations of [1, Math.max(1, Math.floor(63 / size))]) {
          const options = { dilations, padding };
          const texts = {
            wide: textOf((g, x) => g.conv2d(x, g.tensor('a', [8, 8, ...kernel]), options), 8),
            thin: textOf((g, x) => g.conv2d(x, g.tensor('a', [8, 3, ...kernel]), { ...options, strides: size }), 3),
            depthwise: textOf((g, x) => g.conv2d(x, g.tensor('a', [8, 1, ...kernel]), { ...options, groups: 8 }), 8),
            transposed: textOf(
              (g, x) => g.convTranspose2d(x, g.tensor('a', [8, 8, ...kernel]), { strides: size }),
              8,
              8,
            ),
            overlapping: textOf((g, x) => g.convTranspose2d(x, g.tensor('a', [8, 8, ...kernel]), { dilations }), 8, 8),
          };
          const long = Object.entries(texts).filter(([, text]) => text.length > 30_000);
          expect(long.map(([kind, text]) => `${name}: ${kind} ${kernel.join('x')} ${text.length}`)).toEqual([]);
        }
      }
    }
  }
});

test('a transposed convolution counts a multiply-accumulate for each weight and input pixel', () => {
  const network = architecture('test', (g) => {
    const [filter, bias] = [g.tensor('a.weight', [6, 5, 4, 4]), g.tensor('a.bias', [15])];
    const x = g.input('image', [2, 6, 7, 9]);
    g.output('y', g.convTranspose2d(x, filter, { bias, strides: [2, 2], padding: [1, 1, 1, 1], groups: 3 }));
  });
  const kernel = planFor(network).kernels.find(({ kind }) => kind === 'conv-transpose2d');
  expect(kernel).toMatchObject({ macs: 2 * 7 * 9 * 6 * 5 * 16, parameters: 6 * 5 * 16 + 15, shape: [2, 15, 14, 18] });
});

test('transposed convolutions share a pipeline whatever their sizes, and resamplings whatever their coordinates', () => {
  const network = architecture('test', (g) => {
    let x = g.input('image', [1, 16, 5, 7]);
    for (const [index, channels] of [16, 8].entries()) {
      const filter = g.tensor(`up.${index}.weight`, [x.shape[1], channels, 2, 2]);
      x = g.convTranspose2d(x, filter, { strides: [2, 2] });
    }
    x = g.resample2d(x, { mode: 'linear', scales: [2, 2] });
    g.output('y', g.resample2d(x, { mode: 'linear', sizes: [33, 20], coordinates: 'align-corners' }));
  });
  const shaders = planFor(network).kernels.map(({ shader }) => shader);
  expect([shaders[1], shaders[3]]).toEqual([shaders[2], shaders[4]]);
});

test('every kernel looks for each of its operands where it lies', () => {
  const parts = new Map<string, boolean>();
  const lost = new Set<string>();
  for (let seed = 0; seed < 1000; seed++) {
    for (const { kind, shader, params, bindings } of planFor(randomNetwork(seed)).kernels) {
      for (const binding of bindings) {
        if ('weights' in binding) continue;
        const operand = `${kind} ${binding.name}`;
        const isPart = 'channels' in binding && binding.channels !== undefined;
        parts.set(operand, isPart || parts.get(operand) === true);
        for (const field of [`${binding.name}Offset`, `${binding.name}Batch`]) {
          const isRead = params.some(({ name }) => name === field) && shader.includes(`params.${field}`);
          if (!isRead) lost.add(`${operand}: ${field}`);
        }
      }
    }
  }
  expect([...lost]).toEqual([]);
  // The random networks let each operand be a part, but for the tensor that a result becomes.
  expect([...parts].flatMap(([operand, isPart]) => (isPart ? [] : [operand]))).toEqual(['repack output']);
});

test('16-bit storage halves activations and weights', () => {
  const capabilities = { ...DEFAULT_CAPABILITIES, features: ['shader-f16'] };
  const [full, half] = [mobileNetV1(), mobileNetV1()].map((network, precision) =>
    summarizePlan(planFor(network, capabilities, { precision: precision ? 'float16' : 'float32' })),
  );
  expect((half?.weightBytes ?? 0) / (full?.weightBytes ?? 1)).toBeCloseTo(0.5, 2);
  expect((half?.activationBytes ?? 0) / (full?.activationBytes ?? 1)).toBeCloseTo(0.5, 2);
});

test('a device that cannot is told with both numbers', () => {
  const message = (capabilities: Partial<Capabilities>, network = mobileNetV1()) => {
    try {
      planFor(network, { ...DEFAULT_CAPABILITIES, ...capabilities });
    } catch (error) {
      expect(error).toBeInstanceOf(UnsupportedError);
      return (error as UnsupportedError).message;
    }
    throw new Error('Nothing was thrown.');
  };
  expect(message({ maxStorageBufferBindingSize: 1_600_000 })).toMatch(
    /^'conv1' of 'mobilenet-v1' takes 1605632 bytes; the device binds at most 1600000 at once\.$/,
  );
  expect(message({ maxBufferSize: 1_600_000 })).toMatch(
    /^'mobilenet-v1' needs a buffer of \d+ bytes; the device allows at most 1600000\.$/,
  );
  expect(message({}, mobileNetV1({ inputSize: [4001, 4001] }))).toMatch(
    /takes 192096012 bytes; the device binds at most 134217728 at once/,
  );
  expect(() => planFor(mobileNetV1(), DEFAULT_CAPABILITIES, { precision: 'float16' })).toThrow(
    "The device has no 'shader-f16', which precision 'float16' needs.",
  );
});

test('Adreno reads the weights of convolutions from textures, a block in a row or eight steps, as far as these fit', () => {
  const adreno = { ...DEFAULT_CAPABILITIES, vendor: 'qualcomm' };
  const wide = (channels: number, outChannels: number, size = 1) =>
    architecture('wide', (g) => {
      const x = g.input('image', [1, channels, 5, 5]);
      g.output('y', g.conv2d(x, g.tensor('a.weight', [outChannels, channels, size, size])));
    });
  // 17 channels are 5 slices, in 2 blocks of 4; a block has a step of bias and 250 of weights, of 16 texels each.
  const [texture] = planFor(wide(1000, 17), adreno).weights;
  expect(texture).toMatchObject({ home: { width: 251 * 16, height: 2 }, bytes: 251 * 16 * 2 * 16 });
  // Eight steps lie in a row. A block has 276, so that the second one begins within one.
  const [rows] = planFor(wide(1100, 17), adreno).weights;
  expect(rows).toMatchObject({ home: { width: 8 * 16, height: 69 }, bytes: 2 * 276 * 16 * 16 });
  // A filter of 3 x 3 has 1 + 3 * 4 steps of 24 texels.
  const [filter] = planFor(wide(16, 9, 3), adreno).weights;
  expect(filter).toMatchObject({ home: { width: 8 * 24, height: 4 }, bytes: 2 * 13 * 24 * 16 });
  // 16 blocks of 257 rows would be more than 4096.
  const [buffer] = planFor(wide(8192, 256), adreno).weights;
  expect(buffer?.home).toEqual({ buffer: 0, offset: 0 });
});

test('halves are multiplied as halves by phones only, and where a row of the filter has several', () => {
  const partsOn = (device: Partial<Capabilities>, size: number, precision: 'float32' | 'float16') => {
    const network = mapNetwork([1, 32, 9, 9], (g, image) =>
      g.conv2d(image, g.tensor('a.weight', [32, 32, size, size]), { strides: 2 }),
    );
    const capabilities = { ...DEFAULT_CAPABILITIES, features: ['shader-f16'], ...device };
    const { kernels } = planFor(network, capabilities, { precision });
    return kernels.some(({ shader }) => shader.includes('= Slice();'));
  };
  for (const [name, device] of Object.entries(classes)) {
    const isPhone = ['adreno', 'adreno 6xx', 'mali'].includes(name);
    expect({ name, parts: partsOn(device, 3, 'float16') }).toEqual({ name, parts: isPhone });
    expect(partsOn(device, 3, 'float32')).toBe(false);
    expect(partsOn(device, 1, 'float16')).toBe(false);
  }
});

test('several filters for each channel are computed as one for each would be, of several groups alone', () => {
  const kindsFor = (device: Partial<Capabilities>, channels: number, filter: Shape) => {
    const network = mapNetwork([1, channels, 9, 9], (g, image) =>
      g.conv2d(image, g.tensor('a.weight', filter), { groups: channels / (filter[1] as number), padding: 1 }),
    );
    const [, convolution] = planFor(network, { ...DEFAULT_CAPABILITIES, ...device }).kernels;
    return convolution?.kind;
  };
  for (const device of Object.values(classes)) {
    expect(kindsFor(device, 12, [36, 1, 3, 3])).toBe('conv2d-depthwise-multiplied');
    expect(kindsFor(device, 12, [12, 1, 3, 3])).toBe('conv2d-depthwise');
    expect(kindsFor(device, 12, [12, 2, 3, 3])).toBe('conv2d');
    expect(kindsFor(device, 1, [36, 1, 3, 3])).toBe('conv2d');
  }
});

test('a slope for each channel is a parameter of the kernel that reads it, but not a constant one', () => {
  const parametersFor = (make: (g: GraphBuilder) => Tensor) =>
    planFor(mapNetwork([1, 6, 9, 9], (g, image) => g.prelu(g.conv2d(image, g.tensor('w', [7, 6, 3, 3])), make(g))));
  const trained = parametersFor((g) => g.tensor('slope', [1, 7, 1, 1]));
  const constant = parametersFor((g) => g.constant('slope', [1, 2, 3, 4, 5, 6, 7], [1, 7, 1, 1]));
  expect(trained.kernels.map(({ kind }) => kind)).toEqual(['repack', 'conv2d', 'repack']);
  expect(trained.parameters).toBe(7 * 6 * 9 + 7);
  expect(constant.parameters).toBe(7 * 6 * 9);
});

// Mesa's software adapter would compile another shader for it when it is first used.
test('no texture of weights has a size that is a power of two in software', () => {
  for (const network of Object.values(networks)) {
    const { weights } = planFor(network, { ...DEFAULT_CAPABILITIES, vendor: 'mesa' });
    const sizes = weights.flatMap(({ home }) => ('width' in home ? [home.width, home.height] : []));
    expect(sizes.length).toBeGreaterThan(0);
    expect(sizes.filter((size) => Number.isInteger(Math.log2(size)))).toEqual([]);
  }
});

test('weights larger than a binding become those of several kernels', () => {
  const network = architecture('dense', (g) => {
    const x = g.flatten(g.input('image', [1, 10, 5, 7]));
    const bias = g.tensor('fc.bias', [203]);
    g.output('y', g.gemm(x, g.tensor('fc.weight', [203, 350]), { bias }));
  });
  const whole = planFor(network);
  // 350 inputs are 3 slices of 35 pixels; an output slice takes a step of bias and 105 of weights, of 64 bytes each.
  const bytes = (1 + 105) * 64 * 51;
  expect(whole.weights.map((weights) => weights.bytes)).toEqual([bytes]);
  const limit = Math.ceil(bytes / 3) + 64;
  const parts = planFor(network, { ...DEFAULT_CAPABILITIES, maxStorageBufferBindingSize: limit });
  expect(parts.weights.map(({ layout }) => [layout.firstChannel, layout.filterShape[0]])).toEqual([
    [0, 68],
    [68, 68],
    [136, 67],
  ]);
  const kernels = parts.kernels.slice(1);
  expect(kernels.map(({ name }) => name)).toEqual(['fc (1 of 3)', 'fc (2 of 3)', 'fc (3 of 3)']);
  expect(kernels.map(({ params }) => params.find(({ name }) => name === 'outputOffset')?.value)).toEqual([0, 17, 34]);
  expect(Math.max(...parts.weights.map((weights) => weights.bytes))).toBeLessThanOrEqual(limit);
  expect([parts.macs, parts.parameters]).toEqual([whole.macs, whole.parameters]);
  expect([whole.macs, whole.parameters]).toEqual([350 * 203, 351 * 203]);
});

test('a matrix larger than a binding is refused', () => {
  const network = architecture('matrix', (g) => {
    g.output('y', g.matmul(g.input('rows', [2, 350]), g.tensor('matrix', [350, 203])));
  });
  const plan = () => planFor(network, { ...DEFAULT_CAPABILITIES, maxStorageBufferBindingSize: 100_000 });
  // 88 slices of inputs and a step of bias for each of 51 slices of outputs, of 64 bytes.
  expect(plan).toThrow("'matrix' of 'matrix' takes 290496 bytes; the device binds at most 100000 at once.");
});

test('half precision refuses an index that it has not', () => {
  const network = (channels: number) =>
    architecture('index', (g) => g.output('y', g.argMax(g.input('x', [1, channels]), 1)));
  const plan = (channels: number) =>
    planFor(network(channels), { ...DEFAULT_CAPABILITIES, features: ['shader-f16'] }, { precision: 'float16' });
  expect(plan(2048).kernels).toHaveLength(3);
  expect(() => plan(2049)).toThrow("Half precision has not all indices below 2049: use the precision 'float32'.");
});

test('reductions of one kind share a text, along whatever axes', () => {
  const network = architecture('reductions', (g) => {
    const x = g.input('x', [2, 25, 40, 90]);
    for (const axis of [0, 2, 3]) g.output(`${axis}`, g.reduceMax(x, { axes: [axis], keepDimensions: true }));
  });
  const reductions = planFor(network).kernels.filter(({ kind }) => kind === 'reduce');
  expect(new Set(reductions.map(({ shader }) => shader)).size).toBe(1);
  expect(reductions.map(({ workgroups }) => workgroups)).toEqual([
    [113, 2, 1],
    [3, 2, 2],
    [2, 2, 2],
  ]);
});

test('weights that do not fit into one buffer take several', () => {
  const { weights, weightBuffers } = planFor(mobileNetV1(), {
    ...DEFAULT_CAPABILITIES,
    vendor: 'arm',
    maxBufferSize: 6_000_000,
  });
  expect(weightBuffers.length).toBeGreaterThan(2);
  expect(Math.max(...weightBuffers.map(({ bytes }) => bytes))).toBeLessThanOrEqual(6_000_000);
  expect(new Set(weights.map(({ home }) => 'buffer' in home && home.buffer)).size).toBe(weightBuffers.length);
});
