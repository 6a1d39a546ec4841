// What `compile`, `run`, `dispatch` and `loadModel` promise beyond their results.
import {
  architecture,
  type CompileOptions,
  compile,
  type NetworkInput,
  type NetworkOutput,
  pictures,
  planFor,
  tensorsOf,
  weightsFrom,
} from 'linnet';
import { mobileNetV2 } from 'linnet/architectures';
import { createOverlay, loadModel } from 'linnet/models';
import { sameBits } from './compare.ts';
import { featureLevel } from './device.ts';
import { outcome } from './outcome.ts';
import { replace, restoreProperty } from './track.ts';

/** A pointwise convolution of one channel: pictures are 5 x 4. */
const line = architecture<'line'>('line', (g) => {
  const image = g.input('image', [1, 1, 4, 5]);
  g.output('line', g.conv2d(image, g.tensor('factor', [1, 1, 1, 1])));
});

const factor = (value: number) => weightsFrom({ factor: { shape: [1, 1, 1, 1], data: Float32Array.of(value) } });
const ramp = Float32Array.from({ length: 20 }, (_, index) => index);
const preprocess = pictures({ fit: 'fill', mean: [0], std: [1] });

const compileLine = (device: GPUDevice, options: Partial<CompileOptions> = {}) =>
  compile(line, { weights: factor(3), device, preprocess, ...options });

async function nextDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter(featureLevel === 'core' ? {} : { featureLevel });
  if (!adapter) throw new Error('There is no second adapter.');
  return adapter.requestDevice();
}

/** How runs and dispatches end whose buffers and textures the GPU cannot use, and whether the next run is right. */
export async function refusedRuns(device: GPUDevice) {
  const other = await nextDevice();
  // What the other device is given stays with it: its errors are not the test's.
  const { STORAGE, COPY_DST } = GPUBufferUsage;
  const buffer = (on: GPUDevice) => on.createBuffer({ size: 80, usage: STORAGE | COPY_DST });
  const texture = (on: GPUDevice) =>
    on.createTexture({ size: [5, 4], format: 'rgba8unorm', usage: GPUTextureUsage.TEXTURE_BINDING });
  const destroyed = <Resource extends { destroy(): void }>(resource: Resource): Resource => {
    resource.destroy();
    return resource;
  };
  const inputs: Record<string, () => NetworkInput> = {
    'a destroyed buffer': () => destroyed(buffer(device)),
    "another device's buffer": () => buffer(other),
    'a destroyed texture': () => destroyed(texture(device)),
    "another device's texture": () => texture(other),
    'a list with a destroyed texture': () => [destroyed(texture(device))],
  };
  const net = await compileLine(device);
  const expected = ramp.map((value) => 3 * value);
  const results: Record<string, string> = {};
  const short = (message: string) => message.slice(0, message.indexOf('?') + 1) || message;
  for (const [name, make] of Object.entries(inputs)) {
    const image = make();
    const ways = [
      await outcome(net.run({ image })),
      await outcome(net.dispatch({ image })),
      await outcome(net.run({ image })),
    ];
    results[name] = [...new Set(ways.map(short))].join('\n');
    const { data } = (await net.run({ image: ramp })).line;
    if (!sameBits(data, expected)) results[name] += ' and then it does not work';
  }
  // Both at once: each has its own outcome.
  const [refused, right] = await Promise.allSettled([
    net.run({ image: destroyed(buffer(device)) }),
    net.run({ image: ramp }),
  ]);
  results.together = `${refused.status}, ${right.status === 'fulfilled' && sameBits(right.value.line.data, expected)}`;
  net.destroy();
  other.destroy();
  return results;
}

/** What is said of options that nobody knows, and of values that no option has. */
export async function wrongOptions(device: GPUDevice) {
  const results: Record<string, string> = {};
  const weights = factor(1);
  const compiled = (options: object) => compile(line, { weights, device, ...options } as CompileOptions);
  results.compile = await outcome(compiled({ preprocces: preprocess }));
  results.precision = await outcome(compiled({ precision: 'f16' }));
  results.reuse = await outcome(compiled({ reuse: 'no' }));
  results.poison = await outcome(compiled({ poison: 1 }));
  results.debug = await outcome(compiled({ debug: 'yes' }));
  results.tune = await outcome(compiled({ tune: 'foreground' }));
  results.preprocess = await outcome(compiled({ preprocess: preprocess.preprocess }));
  results.nothing = await outcome(compile(line, undefined as unknown as CompileOptions));
  results.planFor = await outcome((async () => planFor(line, undefined, { precison: 'float16' } as object))());
  const load = (options: object) => outcome(loadModel('/demo/models/fashion-mnist-full/card.json', options));
  results.loadModel = await load({ topK: 3 });
  results.task = await load({ task: 'detection' });
  results.device = await load({ device: 'shard' });
  results.base = await load({ base: '/demo/' });
  const model = await loadModel('/demo/models/drawings-300/card.json', { device, task: 'segmentation' });
  const canvas = new OffscreenCanvas(4, 4);
  results.createOverlay = await outcome(createOverlay(model, canvas, { colors: [] } as object));
  results.segment = await outcome(model.segment(new ImageData(4, 4), { ouput: 'classes' } as object));
  model.destroy();
  return results;
}

/** Element types by precision, and the output of each. */
export async function precisions(device: GPUDevice) {
  const results: Record<string, unknown> = {};
  for (const precision of ['float32', 'auto'] as const) {
    const net = await compileLine(device, { precision });
    const { data, shape } = (await net.run({ image: ramp })).line;
    results[precision] = { type: net.plan.elementType, data: [...data], shape };
    net.destroy();
  }
  replace(device, 'features', new Set());
  try {
    const net = await compileLine(device, { precision: 'auto' });
    results.without = net.plan.elementType;
    net.destroy();
  } finally {
    restoreProperty(device, 'features');
  }
  return { halves: device.features.has('shader-f16'), ...results };
}

/** Kernels whose results are not finite, by name; and what a network says when all are. */
export async function debugRuns(device: GPUDevice) {
  const chain = architecture<'sum' | 'parts'>('chain', (g) => {
    const image = g.input('image', [2, 5, 3, 2]);
    const scaled = g.conv2d(image, g.tensor('large.weight', [6, 5, 1, 1]));
    const larger = g.conv2d(scaled, g.tensor('larger.weight', [6, 1, 3, 3]), { groups: 6, padding: [1, 1, 1, 1] });
    g.output('parts', g.concat([scaled, larger]));
    g.output('sum', g.averagePool2d(larger));
  });
  const filled = (value: number, larger: number) =>
    weightsFrom({
      'large.weight': { shape: [6, 5, 1, 1], data: new Float32Array(30).fill(value) },
      'larger.weight': { shape: [6, 1, 3, 3], data: new Float32Array(54).fill(larger) },
    });
  const ones = new Float32Array(60).fill(1);
  const at = (index: number, value: number) => ones.with(index, value);
  const cases: Record<string, [Float32Array, ReturnType<typeof filled>]> = {
    finite: [ones, filled(1, 1)],
    'a NaN in the input': [at(43, Number.NaN), filled(1, 1)],
    'an infinity in the input': [at(59, -Infinity), filled(1, 1)],
    'an overflow': [ones, filled(1e38, 1)],
    'an overflow after it': [ones, filled(1e30, 1e30)],
  };
  const results: Record<string, string> = {};
  for (const [name, [image, weights]] of Object.entries(cases)) {
    const net = await compile(chain, { weights, device, debug: true, poison: true });
    results[name] = await net
      .run({ image })
      .then(({ sum }) => Array.from(sum.data.slice(0, 2), (value) => value.toFixed(2)).join(), String);
    net.destroy();
  }
  const pictures = await compileLine(device, { debug: true });
  const white = new ImageData(new Uint8ClampedArray(80).fill(255), 5, 4);
  results.picture = (await pictures.run({ image: white })).line.data.slice(0, 2).join();
  pictures.destroy();
  return results;
}

/** Which devices models have, and which of them are lost when models go. */
export async function shareDevices(device: GPUDevice) {
  const card = '/demo/models/fashion-mnist-full/card.json';
  const lost = (one: GPUDevice) =>
    Promise.race([one.lost.then(({ reason }) => reason), new Promise((resolve) => setTimeout(resolve, 1000, 'alive'))]);
  const task = 'classification';
  const [a, b] = await Promise.all([loadModel(card, { task }), loadModel(card, { task })]);
  const own = await loadModel(card, { device: 'own' });
  const given = await loadModel(card, { device });
  const first = a.network.device;
  const results: Record<string, unknown> = {
    shared: b.network.device === first,
    own: own.network.device !== first && own.network.device !== device,
    given: given.network.device === device,
  };
  given.destroy();
  own.destroy();
  results.ownLost = await lost(own.network.device);
  a.destroy();
  a.destroy();
  results.afterOne = await lost(first);
  const picture = new ImageData(28, 28);
  results.works = (await b.classify(picture)).length;
  // After a loss all move to one and the same device.
  const c = await loadModel(card, { task });
  first.destroy();
  await first.lost;
  await Promise.all([b.network.restore(), c.network.restore()]);
  const second = b.network.device;
  results.moved = second !== first && c.network.device === second;
  results.worksAgain = (await c.classify(picture)).length;
  b.destroy();
  results.beforeLast = await lost(second);
  c.destroy();
  results.afterLast = await lost(second);
  return results;
}

/** The tensors of an architecture are those that its weights must hold, and nothing else. */
export async function listTensors() {
  const tensors = tensorsOf(mobileNetV2());
  const elements = tensors.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  return { count: tensors.length, first: tensors[0], last: tensors.at(-1), elements };
}

/** Results are typed: nothing here needs `?.` or `!`. */
export async function typedOutputs(device: GPUDevice) {
  const net = await compileLine(device);
  const { line: output }: Readonly<Record<'line', NetworkOutput>> = await net.run({ image: ramp });
  const { buffer, shape, bytes } = net.outputs.line;
  net.destroy();
  return { data: [...output.data], shapes: [output.shape, shape], bytes: [bytes, buffer.size] };
}
