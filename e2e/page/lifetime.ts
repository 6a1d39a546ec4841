import {
  architecture,
  type CompileOptions,
  compile,
  loadWeights,
  type Network,
  type NetworkInput,
  type NetworkOutput,
  type Progress,
  pictures,
  requestDevice,
  type Shape,
  type Weights,
  weightsFrom,
} from 'linnet';
import { createOverlay, createSegmenter } from 'linnet/models';
import { sessionOf } from '../../engine/run/session.ts';
import { float32Tensors, safetensorsFile } from '../../tests/safetensors-file.ts';
import { seededTensor, uniform } from '../../tests/seeded.ts';
import { dataOf, sameBits } from './compare.ts';
import { featureLevel } from './device.ts';
import { outcome } from './outcome.ts';
import { replace, restoreProperty, track } from './track.ts';
import { as, type Vendor } from './vendor.ts';

const IMAGE: Shape = [1, 3, 9, 7];

/** A small network of several pipelines, with two outputs. */
function toy(channels = 10) {
  const shapes = {
    'stem.weight': [channels, 3, 3, 3],
    // In a file it comes after the rows that it belongs to.
    'stem.bias': [channels],
    'wide.weight': [channels, 1, 3, 3],
    'narrow.weight': [channels, channels, 1, 1],
    'fc.weight': [5, channels],
  };
  const network = architecture('toy', (g) => {
    const tensor = (name: keyof typeof shapes) => g.tensor(name, shapes[name]);
    const padding = [1, 1, 1, 1] as const;
    const stem = g.relu(
      g.conv2d(g.input('image', IMAGE), tensor('stem.weight'), { bias: tensor('stem.bias'), padding }),
    );
    const wide = g.hardSwish(g.conv2d(stem, tensor('wide.weight'), { padding, groups: channels }));
    const sum = g.add(stem, g.conv2d(wide, tensor('narrow.weight')));
    g.output('logits', g.gemm(g.flatten(g.averagePool2d(sum)), tensor('fc.weight')));
    g.output('map', sum);
  });
  const tensors = Object.entries(shapes).map(([name, shape]) => [
    name,
    { shape, data: seededTensor('toy', name, shape) },
  ]);
  return { network, weights: weightsFrom(Object.fromEntries(tensors)) };
}

const imageOf = (seed: number) => Float32Array.from(uniform(`image ${seed}`, 3 * 9 * 7));
const preprocess = pictures({ fit: 'fill', mean: [0.5], std: [0.5] });

const compileToy = (device: GPUDevice, options: Partial<CompileOptions> = {}, channels?: number): Promise<Network> => {
  const { network, weights } = toy(channels);
  return compile(network, { weights, device, poison: true, preprocess, ...options });
};

type Results = Readonly<Record<string, NetworkOutput>>;

function sameResults(a: Results, b: Results): boolean {
  return ['logits', 'map'].every((name) => sameBits((a[name] as NetworkOutput).data, (b[name] as NetworkOutput).data));
}

/** What a network leaves on the device after all that it can do. */
export async function leavings(device: GPUDevice, vendor?: Vendor) {
  return as(device, vendor, () => runAndDestroy(device));
}

async function runAndDestroy(device: GPUDevice) {
  const tracker = track(device);
  try {
    const net = await compileToy(device);
    const buffer = device.createBuffer({ size: 3 * 9 * 7 * 4, usage: GPUBufferUsage.STORAGE });
    await Promise.all([1, 2, 3].map((seed) => net.run({ image: imageOf(seed) })));
    await net.run({ image: new ImageData(20, 30) });
    await net.run({ image: new ImageData(31, 12) });
    await net.run({ image: buffer });
    net.dispatch({ image: imageOf(4) });
    const encoder = device.createCommandEncoder();
    net.encode(encoder, { image: imageOf(5) });
    device.queue.submit([encoder.finish()]);
    const whileAlive = tracker.alive().length;
    buffer.destroy();
    net.destroy();
    net.destroy();
    return {
      made: tracker.made() > 0 && whileAlive > 0,
      alive: tracker.alive(),
      afterDestroy: await outcome(net.run({ image: imageOf(1) })),
      appStillWorks: await copyThroughGpu(device),
    };
  } finally {
    tracker.stop();
  }
}

/** Whether the app's own work still works. */
async function copyThroughGpu(device: GPUDevice): Promise<boolean> {
  const { MAP_READ, COPY_SRC, COPY_DST } = GPUBufferUsage;
  const source = device.createBuffer({ size: 8, usage: COPY_SRC | COPY_DST });
  const target = device.createBuffer({ size: 8, usage: MAP_READ | COPY_DST });
  device.queue.writeBuffer(source, 0, Float32Array.of(1.5, -2));
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(source, 0, target, 0, 8);
  device.queue.submit([encoder.finish()]);
  await sessionOf(device).waitFor(target.mapAsync(GPUMapMode.READ));
  const copied = [...new Float32Array(target.getMappedRange())].join() === '1.5,-2';
  source.destroy();
  target.destroy();
  return copied;
}

/** A run that `destroy` overtakes. */
export async function destroyDuringRun(device: GPUDevice) {
  const net = await compileToy(device);
  const running = outcome(net.run({ image: imageOf(1) }));
  net.destroy();
  return running;
}

/** Two networks on one device whose runs mix, and many runs of one at once. */
export async function checkMixedRuns(device: GPUDevice) {
  const [a, b] = [await compileToy(device), await compileToy(device, {}, 6)];
  const expected: Results[] = [];
  for (let seed = 0; seed < 6; seed++) expected.push(await (seed % 2 ? b : a).run({ image: imageOf(seed) }));
  const mixed = await Promise.all(expected.map((_, seed) => (seed % 2 ? b : a).run({ image: imageOf(seed) })));
  const problems = mixed.flatMap((results, seed) =>
    sameResults(results, expected[seed] as Results) ? [] : [`Run ${seed} is another than alone.`],
  );
  a.destroy();
  const after = await b.run({ image: imageOf(1) });
  if (!sameResults(after, expected[1] as Results)) problems.push('The other one needs the first.');
  b.destroy();
  return problems;
}

/** How compilations end that cannot succeed, and what they leave on the device. */
export async function failedCompilations(device: GPUDevice) {
  const results: Record<string, { outcome: string; alive: string[] }> = {};
  const tryTo = async (name: string, work: () => Promise<unknown>) => {
    const tracker = track(device);
    try {
      results[name] = { outcome: await outcome(work()), alive: tracker.alive() };
    } finally {
      tracker.stop();
    }
  };
  const { network, weights } = toy();
  const withDevice = async (property: string, value: unknown, work: () => Promise<unknown>) => {
    const own = Object.getOwnPropertyDescriptor(device, property);
    replace(device, property, value);
    try {
      return await work();
    } finally {
      restoreProperty(device, property);
      if (own) Object.defineProperty(device, property, own);
    }
  };

  await tryTo('aborted before', () => compileToy(device, { signal: AbortSignal.abort('changed my mind') }));
  await tryTo('aborted while weights are read', () => {
    const controller = new AbortController();
    const read = (name: string) => {
      if (name === 'narrow.weight') controller.abort('too slow');
      return weights.read(name);
    };
    return compileToy(device, { signal: controller.signal, weights: { ...weights, read } });
  });
  await tryTo('aborted while pipelines compile', () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort('left the page'));
    return compileToy(device, { signal: controller.signal }, 22);
  });
  await tryTo('aborted by the progress', () => {
    const controller = new AbortController();
    const onProgress = ({ loaded, total }: Progress) => {
      if (loaded === total) controller.abort('at the end');
    };
    return compileToy(device, { signal: controller.signal, onProgress });
  });
  await tryTo('weights that cannot be read', () =>
    compileToy(device, { weights: { ...weights, read: () => Promise.reject(new Error('disk')) } }),
  );
  await tryTo('a file that ends too soon', async () =>
    compileToy(device, { weights: await flowingToy((file) => file.slice(0, -100)) }),
  );
  await tryTo('weights of another network', () => compileToy(device, { weights: toy(9).weights }));
  await tryTo('a mistake in the graph', () =>
    compile(
      architecture('empty', () => {}),
      { weights: weightsFrom({}), device },
    ),
  );
  await tryTo('pictures for another input', async () =>
    compileToy(device, { preprocess: pictures({ ...preprocess.preprocess, std: [0] }) }),
  );
  await tryTo('float16 without the feature', () =>
    withDevice('features', new Set(), () => compileToy(device, { precision: 'float16' })),
  );
  await tryTo('limits too small', () =>
    withDevice('limits', { maxBufferSize: 4096, maxStorageBufferBindingSize: 1000 }, () => compileToy(device)),
  );
  await tryTo('a device that refuses the buffers', () => {
    const createBuffer = device.createBuffer.bind(device);
    const withoutStorage = (descriptor: GPUBufferDescriptor) =>
      createBuffer({ ...descriptor, usage: descriptor.usage & ~GPUBufferUsage.STORAGE || GPUBufferUsage.COPY_DST });
    return withDevice('createBuffer', withoutStorage, () => compileToy(device));
  });
  await tryTo('a shader that does not compile', () => {
    const createShaderModule = device.createShaderModule.bind(device);
    const broken = (descriptor: GPUShaderModuleDescriptor) =>
      createShaderModule({ ...descriptor, code: descriptor.code.replace('fn main', 'fun main') });
    device.pushErrorScope('validation');
    return withDevice('createShaderModule', broken, () => compileToy(device)).finally(() => device.popErrorScope());
  });
  const net = await compile(network, { weights, device });
  net.destroy();
  return results;
}

/** The toy's weights, as a file at an address that is read while the network is compiled. */
async function flowingToy(change = (file: Uint8Array<ArrayBuffer>) => file): Promise<Weights> {
  const { weights } = toy();
  const contents = await Promise.all(
    Array.from(weights.shapes, async ([name, shape]) => [name, { shape, data: await weights.read(name) }] as const),
  );
  const file = change(safetensorsFile(float32Tensors(Object.fromEntries(contents))));
  return loadWeights(URL.createObjectURL(new Blob([file])), { holdBytes: 0 });
}

/** Whether weights that flow give the bits of held ones, at first and after a restore. */
export async function checkFlowingWeights(device: GPUDevice, vendor?: Vendor) {
  return as(device, vendor, () => runFlowing(device));
}

async function runFlowing(device: GPUDevice) {
  const image = { image: Float32Array.from(uniform('flowing', 3 * 9 * 7)) };
  const results = async (weights: Weights) => {
    const net = await compileToy(device, { weights });
    try {
      const before = await net.run(image);
      await net.restore(device);
      return [dataOf(before), dataOf(await net.run(image))];
    } finally {
      net.destroy();
    }
  };
  const [held, flowing] = [await results(toy().weights), await results(await flowingToy())];
  return { held, flowing };
}

/** What wrong inputs are told, and whether the network still works after each. */
export async function wrongInputs(device: GPUDevice) {
  const net = await compileToy(device, { preprocess: null });
  const expected = await net.run({ image: imageOf(1) });
  const tracker = track(device);
  const { STORAGE, COPY_DST } = GPUBufferUsage;
  const short = device.createBuffer({ size: 100, usage: STORAGE });
  const unbound = device.createBuffer({ size: 3 * 9 * 7 * 4, usage: COPY_DST });
  const messages: Record<string, string> = {};
  const inputs: Record<string, Record<string, unknown>> = {
    nothing: {},
    undefined: { image: undefined },
    null: { image: null },
    'another name': { picture: imageOf(1) },
    'one too many': { image: imageOf(1), mask: imageOf(2) },
    'a short tensor': { image: new Float32Array(188) },
    'a long tensor': { image: new Float32Array(190) },
    'numbers of another type': { image: new Float64Array(189) },
    'a list of numbers': { image: [1, 2, 3] },
    text: { image: 'picture.png' },
    'a short buffer': { image: short },
    'a buffer that cannot be bound': { image: unbound },
  };
  for (const [name, input] of Object.entries(inputs)) {
    const given = input as Record<string, NetworkInput>;
    messages[name] = await outcome(net.run(given));
    const dispatched = await outcome(Promise.resolve().then(() => net.dispatch(given)));
    if (dispatched !== messages[name]) messages[name] += `\nbut dispatch: ${dispatched}`;
    if (!sameResults(await net.run({ image: imageOf(1) }), expected)) messages[name] += '\nand then it does not work';
  }
  short.destroy();
  unbound.destroy();
  const leaked = tracker.alive();
  tracker.stop();
  net.destroy();
  return { messages, leaked };
}

async function anotherDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter(featureLevel === 'core' ? {} : { featureLevel });
  if (!adapter) throw new Error('There is no second adapter.');
  return adapter.requestDevice();
}

/** A device that is lost, and the network on the next one. */
export async function loseDevice() {
  const [first, second, third] = [await anotherDevice(), await anotherDevice(), await anotherDevice()];
  // The loss may be known only after everything is made.
  const whileCompiling = outcome(compileToy(third, {}, 26).then((net) => net.run({ image: imageOf(1) })));
  third.destroy();
  const net = await compileToy(first);
  const before = await net.run({ image: imageOf(1) });
  const running = outcome(net.run({ image: imageOf(1) }));
  first.destroy();
  const results = {
    whileCompiling: await whileCompiling,
    running: await running,
    after: await outcome(net.run({ image: imageOf(1) })),
    dispatch: await outcome(Promise.resolve().then(() => net.dispatch({ image: imageOf(1) }))),
    compile: await outcome(compileToy(first)),
    restored: false,
    again: false,
    alive: [] as string[],
    secondLives: false,
  };
  const tracker = track(second);
  await net.restore(second);
  results.restored = net.device === second && sameResults(await net.run({ image: imageOf(1) }), before);
  net.dispatch({ image: imageOf(2) });
  // A second loss is no different; here the device is the same.
  await net.restore(second);
  results.again = sameResults(await net.run({ image: imageOf(1) }), before);
  net.destroy();
  results.alive = tracker.alive();
  tracker.stop();
  results.secondLives = await copyThroughGpu(second);
  second.destroy();
  return results;
}

/** Without a device of the app the network has one of its own, and takes it along. */
export async function ownDevice() {
  const { network, weights } = toy();
  const net = await compile(network, { weights });
  const own = net.device;
  const before = await net.run({ image: imageOf(1) });
  own.destroy();
  const lost = await outcome(net.run({ image: imageOf(1) }));
  await net.restore();
  const restored = net.device !== own && sameResults(await net.run({ image: imageOf(1) }), before);
  const next = net.device;
  net.destroy();
  const { reason } = await next.lost;
  return { label: own.label, lost, restored, reason };
}

/** What browsers and machines without WebGPU are told. */
export async function withoutWebGpu() {
  const { network, weights } = toy();
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) throw new Error('There is no adapter to begin with.');
  const results: Record<string, string> = {};
  replace(navigator, 'gpu', undefined);
  results['no navigator.gpu'] = await outcome(requestDevice());
  results['no navigator.gpu, compile'] = await outcome(compile(network, { weights }));
  restoreProperty(navigator, 'gpu');
  const gpu = (requestAdapter: () => Promise<unknown>) => ({ gpu: { requestAdapter } as unknown as GPU });
  results['no adapter'] = await outcome(requestDevice(gpu(async () => null)));
  const refuse = () => Promise.reject(new DOMException('out of luck', 'OperationError'));
  const { features, limits } = adapter;
  results['no device'] = await outcome(requestDevice(gpu(async () => ({ features, limits, requestDevice: refuse }))));
  return results;
}

/** What is heard while a network is compiled. */
export async function progressOf(device: GPUDevice) {
  const steps: Progress[] = [];
  const net = await compileToy(device, { onProgress: (progress) => steps.push(progress) });
  net.destroy();
  return steps;
}

/** How many pipelines are compiled for one network after another, and what the second one's progress adds up to. */
export async function sharedPipelines(device: GPUDevice) {
  const create = device.createComputePipelineAsync.bind(device);
  let compiled = 0;
  replace(device, 'createComputePipelineAsync', (descriptor: GPUComputePipelineDescriptor) => {
    compiled++;
    return create(descriptor);
  });
  const counted = async <Result>(work: () => Promise<Result>) => {
    compiled = 0;
    const result = await work();
    return { result, compiled };
  };
  const withProgress = () => {
    const steps: Progress[] = [];
    const onProgress = (progress: Progress) => void (progress.stage === 'compile' && steps.push(progress));
    return { steps, onProgress };
  };
  try {
    const [one, other] = [withProgress(), withProgress()];
    const first = await counted(() => compileToy(device, { onProgress: one.onProgress }));
    const before = await first.result.run({ image: imageOf(1) });
    const second = await counted(() => compileToy(device, { onProgress: other.onProgress }));
    const wider = await counted(() => compileToy(device, {}, 6));
    const restored = await counted(() => first.result.restore(device));
    first.result.destroy();
    const after = await second.result.run({ image: imageOf(1) });
    for (const { result } of [second, wider]) result.destroy();
    const again = await counted(() => compileToy(device));
    again.result.destroy();
    return {
      pipelines: new Set(first.result.plan.kernels.map(({ shader }) => shader)).size,
      compiled: [first, second, wider, restored, again].map(({ compiled }) => compiled),
      progress: [one, other].map(({ steps }) => steps),
      same: sameResults(before, after),
    };
  } finally {
    restoreProperty(device, 'createComputePipelineAsync');
  }
}

/** Of each of two compilations: how many pipelines it made, the labels of those that nobody had dispatched at its end, and how often it dispatched. */
export async function firstDispatches(device: GPUDevice) {
  const create = device.createComputePipelineAsync.bind(device);
  const { setPipeline, dispatchWorkgroups } = GPUComputePassEncoder.prototype;
  const made = new Set<GPUComputePipeline>();
  const current = new WeakMap<GPUComputePassEncoder, GPUComputePipeline>();
  const dispatched: (GPUComputePipeline | undefined)[] = [];
  replace(device, 'createComputePipelineAsync', async (descriptor: GPUComputePipelineDescriptor) => {
    const pipeline = await create(descriptor);
    made.add(pipeline);
    return pipeline;
  });
  GPUComputePassEncoder.prototype.setPipeline = function (pipeline) {
    current.set(this, pipeline);
    setPipeline.call(this, pipeline);
  };
  GPUComputePassEncoder.prototype.dispatchWorkgroups = function (...workgroups) {
    dispatched.push(current.get(this));
    dispatchWorkgroups.apply(this, workgroups);
  };
  const compiled = async () => {
    made.clear();
    dispatched.length = 0;
    const network = await compileToy(device);
    const cold = [...made].filter((pipeline) => !dispatched.includes(pipeline)).map(({ label }) => label);
    return { network, counts: { made: made.size, cold, dispatches: dispatched.length } };
  };
  try {
    const [first, second] = [await compiled(), await compiled()];
    for (const { network } of [first, second]) network.destroy();
    return { first: first.counts, second: second.counts, importsVideos: 'importExternalTexture' in device };
  } finally {
    restoreProperty(device, 'createComputePipelineAsync');
    Object.assign(GPUComputePassEncoder.prototype, { setPipeline, dispatchWorkgroups });
  }
}

/** Whether all pipelines are compiled when the weights are still to come. */
export async function compileWhileFetching(device: GPUDevice) {
  let compiled = () => {};
  const compiling = new Promise<boolean>((resolve) => {
    compiled = () => resolve(true);
    setTimeout(() => resolve(false), 10_000);
  });
  let inTime = false;
  const network = await compileToy(device, {
    async weights() {
      inTime = await compiling;
      return toy().weights;
    },
    onProgress({ stage, loaded, total }) {
      if (stage === 'compile' && loaded === total) compiled();
    },
  });
  network.destroy();
  return inTime;
}

/** Whether a network adds what it makes of each of its inputs, if both are one buffer. */
export async function oneBufferForTwo(device: GPUDevice) {
  const shape: Shape = [1, 4, 2, 2];
  const network = architecture<'sum'>('two inputs', (g) => {
    g.output('sum', g.add(g.relu(g.input('a', shape)), g.sigmoid(g.input('b', shape))));
  });
  const net = await compile(network, { weights: weightsFrom({}), device, poison: true });
  const { STORAGE, COPY_DST } = GPUBufferUsage;
  const buffer = device.createBuffer({ size: 64, usage: STORAGE | COPY_DST });
  const values = Float32Array.from(uniform('two', 16));
  device.queue.writeBuffer(buffer, 0, values);
  const expected = await net.run({ a: values, b: values });
  const other = device.createBuffer({ size: 64, usage: STORAGE });
  await net.run({ a: other, b: other });
  const actual = await net.run({ a: buffer, b: buffer });
  net.destroy();
  buffer.destroy();
  other.destroy();
  return sameBits(actual.sum.data, expected.sum.data);
}

/** What is said on a lost device by all that asks it, while the loss is not known yet and afterwards. */
export async function tellLoss() {
  const device = await anotherDevice();
  const preprocess = pictures({ fit: 'fill', mean: [0], std: [1] });
  const mask = architecture('mask', (g) => g.output('mask', g.relu(g.input('image', [1, 3, 4, 5]))));
  const network = await compile(mask, { weights: weightsFrom({}), device, preprocess });
  const segmenter = await createSegmenter(network);
  const overlay = await createOverlay(segmenter, new OffscreenCanvas(5, 4));
  const picture = new ImageData(5, 4);
  const later = async <Result>(work: () => Result) => work();
  const ask = () => {
    const asked = {
      run: later(() => network.run({ image: picture })),
      dispatch: later(() => network.dispatch({ image: picture })),
      encode: later(() => network.encode(device.createCommandEncoder(), { image: picture })),
      segment: later(() => segmenter.segment(picture)),
      draw: later(() => overlay.draw(picture)),
      compile: later(() => compileToy(device)),
    };
    return Object.entries(asked).map(async ([name, work]) => [name, await outcome(work)] as const);
  };
  device.destroy();
  const early = ask();
  await device.lost;
  const late = ask();
  const results = {
    early: Object.fromEntries(await Promise.all(early)),
    late: Object.fromEntries(await Promise.all(late)),
  };
  overlay.destroy();
  network.destroy();
  return results;
}

/** What becomes of weights that are fetched by a function: how each compilation ends, what it leaves, how often it fetched. */
export async function fetchedWeights(device: GPUDevice) {
  const results: Record<string, { outcome: string; fetched: number; alive: string[] }> = {};
  const { network, weights } = toy();
  const tryTo = async (
    name: string,
    fetchWeights: () => Promise<Weights>,
    options: Partial<CompileOptions> = {},
    use: (net: Network) => Promise<unknown> = async () => {},
  ) => {
    let fetched = 0;
    const counted = () => {
      fetched++;
      return fetchWeights();
    };
    const tracker = track(device);
    try {
      const work = async () => {
        const net = await compileToy(device, { ...options, weights: counted });
        try {
          await use(net);
        } finally {
          net.destroy();
        }
      };
      const ended = await outcome(work());
      results[name] = { outcome: ended, fetched, alive: tracker.alive() };
    } finally {
      tracker.stop();
    }
  };
  const image = { image: imageOf(1) };
  const direct = await compileToy(device);
  const expected = await direct.run(image);
  direct.destroy();

  await tryTo(
    'right',
    async () => weights,
    {},
    async (net) => {
      const before = sameResults(await net.run(image), expected);
      await net.restore(device);
      if (!before || !sameResults(await net.run(image), expected)) throw new Error('Other results than with weights.');
    },
  );
  const small = { vendor: '', architecture: '', maxStorageBufferBindingSize: 1000 };
  await as(device, small, () => tryTo('a plan that cannot be', async () => weights));
  await tryTo('an unknown precision', async () => weights, { precision: 'f16' as 'float16' });
  await tryTo('none', () => Promise.reject(new Error('offline')));
  await tryTo('none, told at once', () => {
    throw new Error('offline');
  });
  await tryTo('of another network', async () => toy(9).weights);
  await tryTo('no weights', async () => new Float32Array(3) as unknown as Weights);
  await tryTo('there already', () => weights as unknown as Promise<Weights>);
  await tryTo('aborted before', async () => weights, { signal: AbortSignal.abort('changed my mind') });
  const controller = new AbortController();
  setTimeout(() => controller.abort('too slow'), 10);
  await tryTo('aborted meanwhile', () => new Promise(() => {}), { signal: controller.signal });

  // A device of its own goes with a network that never was; and for weights that are wrong none is asked for.
  const { requestDevice } = GPUAdapter.prototype;
  const made: GPUDevice[] = [];
  GPUAdapter.prototype.requestDevice = async function (...args) {
    made.push(await requestDevice.apply(this, args));
    return made.at(-1) as GPUDevice;
  };
  try {
    await outcome(compile(network, { weights: () => Promise.reject(new Error('offline')) }));
    const reason = (await made[0]?.lost)?.reason;
    const wrong = await outcome(compile(network, { weights: toy(9).weights }));
    return { results, reason, devices: made.length, wrong };
  } finally {
    GPUAdapter.prototype.requestDevice = requestDevice;
  }
}
