// Weights that are packed while their file arrives: the same bytes as from memory, and how much waits meanwhile.

import { createHash } from 'node:crypto';
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'playwright/test';
import { architecture } from '../engine/all-ops.ts';
import { buildGraph } from '../engine/architecture.ts';
import { DEFAULT_CAPABILITIES } from '../engine/common/capabilities.ts';
import { WeightsError } from '../engine/common/errors.ts';
import { planFor } from '../engine/compile.ts';
import type { Value } from '../engine/graph/graph.ts';
import type { GraphBuilder } from '../engine/graph/graph-builder.ts';
import type { Plan } from '../engine/plan/plan.ts';
import { loadWeights } from '../engine/weights/load.ts';
import { uploadWeights } from '../engine/weights/upload.ts';
import { renameWeights, type Weights, weightsFrom } from '../engine/weights/weights.ts';
import { type FileTensor, float32Tensors, safetensorsFile } from './safetensors-file.ts';
import { seededTensor, uniform } from './seeded.ts';

const norm = (g: GraphBuilder, value: Value, name: string) => {
  const vector = (role: string) => g.tensor(`${name}.${role}`, [value.shape[1]]);
  const [scale, bias] = [vector('weight'), vector('bias')];
  return g.batchNormalization(value, vector('running_mean'), vector('running_var'), { scale, bias });
};

/**
 * Every layout: pieces, groups, depthwise, transposed, a batch normalization alone, stacked filters, a matrix, an operand, a
 * split dense layer.
 */
const network = architecture('all layouts', (g) => {
  const image = g.input('image', [1, 6, 7, 5]);
  const conv = (name: string, input: Value, outChannels: number, kernel: number, groups = 1) => {
    const filter = g.tensor(`${name}.weight`, [outChannels, input.shape[1] / groups, kernel, kernel]);
    const padding = [kernel >> 1, kernel >> 1, kernel >> 1, kernel >> 1] as const;
    return g.conv2d(input, filter, { padding, groups });
  };
  let x = g.relu(norm(g, conv('b.conv', image, 24, 3), 'b.norm'));
  x = g.relu(norm(g, conv('a.grouped', x, 24, 3, 4), 'z.norm'));
  x = g.relu(norm(g, conv('c.depthwise', x, 24, 3, 24), 'a.norm'));
  x = g.concat([conv('e.left', conv('d.left', x, 8, 1), 8, 3), conv('e.right', conv('d.right', x, 12, 1), 8, 3)]);
  x = g.convTranspose2d(x, g.tensor('up.weight', [16, 8, 2, 2]), { bias: g.tensor('up.bias', [8]), strides: [2, 2] });
  x = g.sigmoid(norm(g, g.maxPool2d(x, { windowDimensions: [2, 2] }), 'alone'));
  const [zero, one] = [g.constant('zero', Array(8).fill(0)), g.constant('one', Array(8).fill(1))];
  x = g.batchNormalization(g.sigmoid(x), zero, one, { scale: one, bias: zero });
  const matrix = g.tensor('m.matrix', [8, 70]);
  const product = g.matmul(g.flatten(g.averagePool2d(x)), matrix);
  g.output('z', g.max(g.add(product, g.tensor('n.bias', [1, 70])), g.tensor('a.least', [1, 70])));
  x = g.flatten(g.sigmoid(x));
  const filter = g.tensor('fc.weight', [2101, x.shape[1]]);
  g.output('y', g.gemm(x, filter, { bias: g.tensor('fc.bias', [2101]) }));
});

const tensors = Object.fromEntries(
  buildGraph(network).tensors.map(({ name, shape }) => [name, { shape, data: seededTensor('', name, shape) }]),
);

const capabilities = {
  'no known device': DEFAULT_CAPABILITIES,
  'weights in textures': { ...DEFAULT_CAPABILITIES, vendor: 'qualcomm' },
  'a device that binds little': { ...DEFAULT_CAPABILITIES, maxStorageBufferBindingSize: 2_500_000 },
};

/** The packed weights, as text: comparing megabytes element by element would take minutes. */
async function packed(plan: Plan, weights: Weights): Promise<string[]> {
  const memory = plan.weights.map(({ bytes }) => new Uint8Array(bytes));
  const done: number[] = [];
  const write = (index: number, first: number, blocks: ArrayBuffer) => {
    const { bytes, layout } = plan.weights[index] as Plan['weights'][number];
    const perBlock = bytes / Math.ceil(Math.ceil(layout.filterShape[0] / 4) / layout.blockSlices);
    (memory[index] as Uint8Array).set(new Uint8Array(blocks), first * perBlock);
  };
  await uploadWeights(plan, weights, write, { steps: plan.weights.map((_, index) => () => done.push(index)) });
  expect(done.sort((a, b) => a - b)).toEqual(plan.weights.map((_, index) => index));
  return memory.map((bytes) => createHash('sha256').update(bytes).digest('hex'));
}

/** A file with the tensors in some order, which flows. */
function flowing(contents: Record<string, FileTensor>, order: (a: string, b: string) => number): Promise<Weights> {
  const sorted = Object.fromEntries(Object.entries(contents).sort(([a], [b]) => order(a, b)));
  return loadWeights(new Blob([safetensorsFile(sorted)]), { holdBytes: 1000 });
}

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

const orders = {
  alphabetical: (a: string, b: string) => (a < b ? -1 : 1),
  reversed: (a: string, b: string) => (a < b ? 1 : -1),
  'of use': () => 0,
};

for (const [device, limits] of Object.entries(capabilities)) {
  for (const [name, order] of Object.entries(orders)) {
    test(`flowing weights are packed like held ones: ${device}, order ${name}`, async () => {
      for (const precision of ['float32', 'float16'] as const) {
        const plan = planFor(network, { ...limits, features: ['shader-f16'] }, { precision });
        const expected = await packed(plan, weightsFrom(tensors));
        const weights = await flowing(float32Tensors(tensors), order);
        expect(weights.flow).toBeDefined();
        expect(await packed(plan, weights)).toEqual(expected);
        // The file is read again.
        expect(await packed(plan, weights)).toEqual(expected);
      }
    });
  }
}

test('a page goes on while weights are packed that are in memory', async () => {
  const held = weightsFrom(tensors);
  const read = (name: string) => {
    const start = performance.now();
    while (performance.now() - start < 20);
    return held.read(name);
  };
  let turns = 0;
  const timer = setInterval(() => turns++);
  await packed(planFor(network), { ...held, read });
  clearInterval(timer);
  expect(turns).toBeGreaterThan(10);
});

test('quantized tensors flow, wherever their scales lie', async () => {
  const contents: Record<string, FileTensor> = {};
  for (const [name, { shape, data }] of Object.entries(tensors)) {
    const bytes = Uint8Array.from(uniform(name, data.length), (u) => Math.round(u * 127 + 128));
    if (shape.length < 2) contents[name] = { dtype: 'F32', shape, data };
    else {
      contents[name] = { dtype: 'U8', shape, data: bytes };
      const rows = shape[0] as number;
      contents[`${name}.scale`] = { dtype: 'F32', shape: [rows], data: Float32Array.from(uniform(`${name}.s`, rows)) };
      contents[`${name}.zero_point`] = { dtype: 'F32', shape: [1], data: new Float32Array([120]) };
    }
  }
  const plan = planFor(network);
  const held = await loadWeights(safetensorsFile(contents));
  expect(held.flow).toBeUndefined();
  for (const order of [orders.alphabetical, orders.reversed]) {
    expect(await packed(plan, await flowing(contents, order))).toEqual(await packed(plan, held));
  }
});

test('a scale that is not finite is told by the numbers that it makes', async () => {
  const bytes: FileTensor = { dtype: 'I8', shape: [24, 6, 3, 3], data: new Int8Array(24 * 54).fill(3) };
  const scale = new Float32Array(24).fill(1);
  scale[5] = Number.NaN;
  const contents = {
    ...float32Tensors(tensors),
    'b.conv.weight': bytes,
    'b.conv.weight.scale': { dtype: 'F32', shape: [24], data: scale },
    'b.conv.weight.zero_point': { dtype: 'I8', shape: [], data: Int8Array.of(3) },
  };
  for (const weights of [await loadWeights(safetensorsFile(contents)), await flowing(contents, orders.reversed)]) {
    await expect(uploadWeights(planFor(network), weights, () => {}, { steps: [] })).rejects.toThrow(
      `Tensor 'b.conv.weight' is NaN at element ${5 * 54}: not finite as float32`,
    );
  }
});

/** How packing ends with one tensor's element replaced. */
async function withElement(
  plan: Plan,
  contents: typeof tensors,
  { name, element, value }: { name: string; element: number; value: number },
  load: (contents: typeof tensors) => Weights | Promise<Weights>,
): Promise<string> {
  const { shape, data } = contents[name] as (typeof tensors)[string];
  const changed = data.slice();
  changed[element] = value;
  const weights = await load({ ...contents, [name]: { shape, data: changed } });
  const work = uploadWeights(plan, weights, () => {}, { steps: [] });
  return work.then(
    () => 'packed',
    (error) => `${error.name}: ${error.message.split('\n')[0]}`,
  );
}

const loads: Record<string, (contents: typeof tensors) => Weights | Promise<Weights>> = {
  held: weightsFrom,
  flowing: (contents) => flowing(float32Tensors(contents), orders.alphabetical),
  'flowing the other way': (contents) => flowing(float32Tensors(contents), orders.reversed),
};

for (const [device, limits] of Object.entries(capabilities)) {
  for (const [how, load] of Object.entries(loads)) {
    test(`a number that is not finite is named, with its tensor and place: ${device}, ${how}`, async () => {
      const plans = (['float32', 'float16'] as const).map((precision) =>
        planFor(network, { ...limits, features: ['shader-f16'] }, { precision }),
      );
      const values = [Number.NaN, Infinity, -Infinity];
      let tried = 0;
      for (const [name, { data }] of Object.entries(tensors)) {
        const [u] = uniform(`${device} ${name}`, 1) as Float64Array & [number];
        const element = Math.floor(((u + 1) / 2) * data.length);
        const value = values[tried % 3] as number;
        const [type, plan] = tried++ % 2 ? ['float16', plans[1]] : ['float32', plans[0]];
        const outcome = await withElement(plan as Plan, tensors, { name, element, value }, load);
        expect(outcome.replace(' with batch normalization folded in', '')).toBe(
          `WeightsError: Tensor '${name}' is ${value} at element ${element}: not finite as ${type}.`,
        );
      }
      expect(tried).toBeGreaterThan(25);
    });
  }
}

test('what a half cannot hold is named, but only where halves are stored', async () => {
  const limits = { ...DEFAULT_CAPABILITIES, features: ['shader-f16'] };
  const [full, half] = (['float32', 'float16'] as const).map((precision) => planFor(network, limits, { precision }));
  const unscaled = ['d.left.weight', 'd.right.weight', 'up.weight', 'up.bias', 'fc.weight', 'fc.bias'];
  for (const name of unscaled) {
    const element = (tensors[name]?.data.length ?? 0) - 2;
    const outcome = (plan: Plan | undefined, value: number, load: (typeof loads)[string] = weightsFrom) =>
      withElement(plan as Plan, tensors, { name, element, value }, load);
    const refused = (value: number) =>
      `WeightsError: Tensor '${name}' is ${Math.fround(value)} at element ${element}: not finite as float16.`;
    for (const value of [65520, -65520, 1e30]) {
      expect(await outcome(full, value)).toBe('packed');
      expect(await outcome(half, value)).toBe(refused(value));
    }
    for (const value of [65504, -65519.9]) expect(await outcome(half, value)).toBe('packed');
    for (const load of Object.values(loads)) expect(await outcome(half, 65520, load)).toBe(refused(65520));
  }
});

test('what batch normalization makes too large is named, and a variance that is negative', async () => {
  const limits = { ...DEFAULT_CAPABILITIES, features: ['shader-f16'] };
  const [full, half] = (['float32', 'float16'] as const).map((precision) =>
    planFor(network, limits, { precision }),
  ) as [Plan, Plan];
  const outcome = (plan: Plan, name: string, element: number, value: number) =>
    withElement(plan, tensors, { name, element, value }, weightsFrom);
  const folded = 'with batch normalization folded in.';
  for (const norm of ['b.norm', 'z.norm', 'a.norm', 'alone']) {
    for (const value of [-1, -1.1e-5]) {
      expect(await outcome(full, `${norm}.running_var`, 3, value)).toBe(
        `WeightsError: Tensor '${norm}.running_var' is ${Math.fround(value)} at element 3: not finite as float32 ${folded}`,
      );
    }
    // Slightly negative by rounding, and still above -epsilon.
    expect(await outcome(full, `${norm}.running_var`, 3, -9e-6)).toBe('packed');
    // A shift that only halves cannot hold.
    expect(await outcome(full, `${norm}.bias`, 2, 7e4)).toBe('packed');
    expect(await outcome(half, `${norm}.bias`, 2, 7e4)).toMatch(
      new RegExp(
        `^WeightsError: Tensor '${norm}.bias' is [67]\\d{4}\\.?\\d* at element 2: not finite as float16 ${folded}$`,
      ),
    );
  }
  // A filter's element that only its scale makes too large; a scale by itself is the filter.
  const large = { ...tensors, 'b.norm.weight': { shape: [24], data: new Float32Array(24).fill(1000) } };
  const element = 24 * 6 * 9 - 4;
  for (const load of Object.values(loads)) {
    expect(await withElement(full, large, { name: 'b.conv.weight', element, value: 300 }, load)).toBe('packed');
    expect(await withElement(half, large, { name: 'b.conv.weight', element, value: 300 }, load)).toBe(
      `WeightsError: Tensor 'b.conv.weight' is 300 at element ${element}: not finite as float16 ${folded}`,
    );
    expect(await withElement(full, large, { name: 'b.conv.weight', element, value: 3e38 }, load)).toBe(
      `WeightsError: Tensor 'b.conv.weight' is ${Math.fround(3e38)} at element ${element}: not finite as float32 ${folded}`,
    );
  }
  expect(await outcome(full, 'alone.weight', 5, 1e5)).toBe('packed');
  expect(await outcome(half, 'alone.weight', 5, 1e5)).toMatch(
    /^WeightsError: Tensor 'alone.weight' is \d+\.?\d* at element 5: not finite as float16 with /,
  );
});

test('a flowing tensor can be read by itself, and under another name', async () => {
  const weights = await flowing(float32Tensors(tensors), orders.alphabetical);
  for (const name of ['up.weight', 'a.norm.bias']) expect(await weights.read(name)).toEqual(tensors[name]?.data);
  await expect(weights.read('nothing')).rejects.toThrow(WeightsError);
  const renamed = renameWeights(weights, (name) => `model.${name}`);
  expect(await renamed.read('model.up.bias')).toEqual(tensors['up.bias']?.data);
  const names: string[] = [];
  for await (const { name } of renamed.flow?.() ?? []) if (names.at(-1) !== name) names.push(name);
  expect(names).toEqual([...renamed.shapes.keys()]);
});

test('what is wrong with a flowing file is told when it is met', async () => {
  const file = safetensorsFile(float32Tensors(tensors));
  const plan = planFor(network);
  const outcome = async (bytes: Uint8Array<ArrayBuffer>, options = {}) => {
    const fetched = globalThis.fetch;
    globalThis.fetch = async () => new Response(bytes);
    try {
      const weights = await loadWeights('https://example.com/weights', { holdBytes: 1000, ...options });
      return await packed(plan, weights).then(
        () => 'packed',
        (error) => `${error.name}: ${error.message}`,
      );
    } finally {
      globalThis.fetch = fetched;
    }
  };
  expect(await outcome(file)).toBe('packed');
  expect(await outcome(file.slice(0, -100))).toMatch(
    /^WeightsError: The file ends after \d+ bytes, inside tensor 'fc\.bias'.*While loading weights from 'https:/s,
  );
  const longer = new Uint8Array(file.length + 7);
  longer.set(file);
  expect(await outcome(longer)).toContain(`instead of ${longer.length} or more.`);
  expect(await outcome(file, { sha256: '0'.repeat(64) })).toContain(`instead of ${'0'.repeat(64)}`);
});

test('a signal ends a file that flows, even while it waits', async () => {
  const file = safetensorsFile(float32Tensors(tensors));
  let cancelled = false;
  const stalling = () =>
    new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(file.subarray(0, file.length >> 1)),
      cancel: () => {
        cancelled = true;
      },
    });
  const fetched = globalThis.fetch;
  globalThis.fetch = async () => new Response(stalling());
  try {
    const weights = await loadWeights('https://example.com/weights', { holdBytes: 1000 });
    const stop = new AbortController();
    const plan = planFor(network);
    const packing = uploadWeights(plan, weights, () => {}, { steps: [], signal: stop.signal });
    setTimeout(() => stop.abort(new Error('enough')), 50);
    await expect(packing).rejects.toThrow('enough');
    expect(cancelled).toBe(true);
  } finally {
    globalThis.fetch = fetched;
  }
});

for (const [name, order] of Object.entries(orders)) {
  test(`of a large file no more than a tensor is in memory: order ${name}`, async () => {
    const MIB = 2 ** 20;
    const large = architecture('large', (g) => {
      let x = g.flatten(g.input('image', [1, 1024, 1, 1]));
      for (const name of ['a', 'b', 'c', 'd']) {
        const filter = g.tensor(`${name}.weight`, [name === 'b' ? 6144 : 2048, x.shape[1]]);
        x = g.gemm(x, filter, { bias: g.tensor(`${name}.bias`, [filter.shape[0] as number]) });
      }
      g.output('y', x);
    });
    const graph = buildGraph(large);
    const bytesOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 4);
    const total = graph.tensors.reduce((sum, { shape }) => sum + bytesOf(shape), 0);
    const largest = Math.max(...graph.tensors.map(({ shape }) => bytesOf(shape)));
    expect(total).toBeGreaterThan(2 * largest);
    let place = 0;
    const sorted = [...graph.tensors].sort((a, b) => order(a.name, b.name));
    const entries = sorted.map(({ name, shape }) => {
      const begin = place;
      place += bytesOf(shape);
      return [name, { dtype: 'F32', shape, data_offsets: [begin, place] }];
    });
    const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
    const prefix = new Uint8Array(8 + header.length);
    new DataView(prefix.buffer).setBigUint64(0, BigInt(header.length), true);
    prefix.set(header, 8);
    async function* chunks() {
      yield prefix;
      for (let sent = 0; sent < total; sent += MIB) yield new Uint8Array(Math.min(MIB, total - sent));
    }
    const fetched = globalThis.fetch;
    const source = chunks();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await source.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
    });
    globalThis.fetch = async () => new Response(body);
    try {
      const plan = planFor(large, {
        ...DEFAULT_CAPABILITIES,
        maxStorageBufferBindingSize: 2 ** 30,
        maxBufferSize: 2 ** 31,
      });
      const weights = await loadWeights('https://example.com/weights');
      const live = () => {
        // What the first one finds is freed beside the script, and counts as free after the second.
        collectGarbage();
        collectGarbage();
        return process.memoryUsage().arrayBuffers;
      };
      const before = live();
      let peak = 0;
      const write = (_index: number, _first: number, blocks: ArrayBuffer) => {
        if (blocks.byteLength >= MIB) peak = Math.max(peak, live() - before);
      };
      await uploadWeights(plan, weights, write, { steps: [] });
      expect(peak / MIB).toBeGreaterThan(1);
      // Rows that are gathered, the same rows packed, and what has arrived after them.
      expect(peak / MIB).toBeLessThan(3 * 8);
      expect(largest / MIB).toBeGreaterThan(3 * 8);
    } finally {
      globalThis.fetch = fetched;
    }
  });
}
