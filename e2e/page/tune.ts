import {
  architecture,
  type CompileOptions,
  capabilitiesOf,
  compile,
  exportTuning,
  type Network,
  type Plan,
  planFor,
  weightsFrom,
} from 'linnet';
import { ALL_OPS } from '../../engine/all-ops.ts';
import { buildGraph } from '../../engine/architecture.ts';
import { divide } from '../../engine/graph/divide.ts';
import { fuse } from '../../engine/graph/fuse.ts';
import { join } from '../../engine/graph/join.ts';
import { kernelTargetOf } from '../../engine/kernels/candidates.ts';
import { lend } from '../../engine/run/device.ts';
import { type Improve, loadImproving } from '../../engine/run/improving.ts';
import { createNetwork } from '../../engine/run/network.ts';
import { sessionOf } from '../../engine/run/session.ts';
import { tune } from '../../engine/run/tune.ts';
import { seededTensor, uniform } from '../../tests/seeded.ts';
import { sameBits } from './compare.ts';
import { featureLevel } from './device.ts';
import { outcome } from './outcome.ts';
import { replace, restoreProperty, track } from './track.ts';
import { as } from './vendor.ts';

/** A device that tells nothing of itself. */
const NOBODY = { vendor: '', architecture: '' };

/** Layers of three kinds, with a size of its own for each test: what one has found is no other's. */
function layers(size: number) {
  const shapes = { 'wide.weight': [32, 32, 3, 3], 'narrow.weight': [64, 32, 1, 1], 'next.weight': [64, 64, 1, 1] };
  const network = architecture<'map'>('layers', (g) => {
    const tensor = (name: keyof typeof shapes) => g.tensor(name, shapes[name]);
    const wide = g.relu(g.conv2d(g.input('image', [1, 32, size, size]), tensor('wide.weight'), { padding: 1 }));
    g.output('map', g.conv2d(g.relu(g.conv2d(wide, tensor('narrow.weight'))), tensor('next.weight')));
  });
  const tensors = Object.entries(shapes).map(([name, shape]) => [
    name,
    { shape, data: seededTensor('layers', name, shape) },
  ]);
  const image = Float32Array.from(uniform('layers', 32 * size * size));
  return { network, weights: weightsFrom(Object.fromEntries(tensors)), image };
}

/** What a text counts that it compiles. */
function countTexts(device: GPUDevice) {
  const texts: string[] = [];
  const create = device.createShaderModule.bind(device);
  replace(device, 'createShaderModule', (descriptor: GPUShaderModuleDescriptor) => {
    texts.push(descriptor.code);
    return create(descriptor);
  });
  return { texts, stop: () => restoreProperty(device, 'createShaderModule') };
}

/** The largest difference between results, as a part of the largest number. */
function difference(a: Float32Array, b: Float32Array): number {
  let [most, largest] = [0, 0];
  for (const [index, value] of a.entries()) {
    most = Math.max(most, Math.abs(value - (b[index] as number)));
    largest = Math.max(largest, Math.abs(value));
  }
  return a.length === b.length ? most / largest : Number.NaN;
}

const dataOf = async (network: Network<'map'>, image: Float32Array) => (await network.run({ image })).map.data;

const chosenBy = ({ plan }: Network) => [...new Set(plan.kernels.flatMap(({ choice }) => choice?.by ?? []))];

/** A network that is tuned before it is there, and the same one again. */
export async function tunedTwice(device: GPUDevice) {
  return as(device, NOBODY, async () => {
    const { network, weights, image } = layers(57);
    const untuned = await compile(network, { weights, device, tune: false });
    const expected = await dataOf(untuned, image);
    const shadersOf = ({ plan }: Network) => [...new Set(plan.kernels.map(({ shader }) => shader))].sort();
    /** `others`: the texts compiled that are not those of `known`, or of the tuned network itself. */
    const visit = async (known?: Network) => {
      const tracker = track(device);
      const count = countTexts(device);
      const tuned = await compile(network, { weights, device, tune: true });
      count.stop();
      const others = count.texts.filter((text) => !shadersOf(known ?? tuned).includes(text)).length;
      const apart = difference(expected, await dataOf(tuned, image));
      const result = { by: chosenBy(tuned), others, apart, plan: JSON.stringify(tuned.plan), alive: [] as string[] };
      tuned.destroy();
      result.alive = tracker.alive();
      tracker.stop();
      return result;
    };
    // What is compiled to be timed may be what is chosen, in every layer.
    const first = await visit(untuned);
    // A slow machine has no time for all of it at once, and may time a single candidate in it.
    let others = first.others;
    for (let visits = 0, isDone = false; visits < 5 && !isDone; visits++) {
      const next = await visit(untuned);
      others += next.others;
      isDone = !next.by.includes('estimate');
    }
    const [second, third] = [await visit(), await visit()];
    const { choices } = await exportTuning();
    const plan: Plan = JSON.parse(second.plan);
    const chosen = plan.kernels.flatMap(({ name, choice }) => (choice ? [[name, choice.name]] : []));
    const planned = planFor(network, capabilitiesOf(device), { choices: Object.fromEntries(chosen) });
    untuned.destroy();
    return {
      untunedBy: chosenBy(untuned),
      first: { ...first, others, plan: undefined },
      second: { ...second, plan: undefined },
      samePlan:
        second.plan === third.plan && JSON.stringify(planned).replaceAll('"choices"', '"tuning"') === second.plan,
      keys: Object.keys(choices),
    };
  });
}

/** A network that is tuned while it runs, by default as nobody tells what GPU it is. */
export async function tunedMeanwhile(device: GPUDevice) {
  const { network, weights, image } = layers(61);
  const tracker = track(device);
  const net = await as(device, NOBODY, () => compile(network, { weights, device }));
  const { plan: untuned, outputs } = net;
  const expected = await dataOf(net, image);
  const { buffer } = outputs.map;
  let apart = 0;
  let runs = 0;
  const kept = async () => Object.values((await exportTuning()).choices).flatMap((found) => Object.keys(found)).length;
  const before = await kept();
  // What is found is kept when it has taken over.
  while ((await kept()) === before) {
    apart = Math.max(apart, difference(expected, await dataOf(net, image)));
    runs++;
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  const after = difference(expected, await dataOf(net, image));
  const sameBuffer = net.outputs.map.buffer === buffer;
  const isOther = net.plan !== untuned;
  net.destroy();
  const next = await as(device, NOBODY, () => compile(network, { weights, device }));
  const by = chosenBy(next);
  const changed = next.plan.kernels.some(({ shader }, index) => shader !== untuned.kernels[index]?.shader);
  next.destroy();
  const alive = tracker.alive();
  tracker.stop();
  return { by, runs, apart, after, sameBuffer, tookOver: isOther === changed, alive };
}

type TakeOver = Parameters<Improve>[0];

/** A network whose better plan is known, and which takes over when it is told to. */
async function improved(device: GPUDevice, size: number) {
  const { network, weights, image } = layers(size);
  const capabilities = capabilitiesOf(device);
  const better = planFor(network, capabilities, { choices: { wide: 'general-2x1x2', narrow: 'pointwise-4x1x1' } });
  let begun = (_: { takeOver: TakeOver; signal: AbortSignal }) => {};
  const improving = new Promise<{ takeOver: TakeOver; signal: AbortSignal }>((resolve) => {
    begun = resolve;
  });
  const net = await createNetwork<'map'>(
    planFor(network, capabilities),
    { weights, poison: true },
    lend(device),
    async () => lend(device),
    (plan, options) => loadImproving(plan, options, async (takeOver, signal) => begun({ takeOver, signal })),
  );
  return { net, better, improving, image };
}

/** What runs give that are under way, recorded or read while another plan takes over. */
export async function takeOverBetweenRuns(device: GPUDevice) {
  const { net, better, improving, image } = await improved(device, 33);
  const tracker = track(device);
  const expected = await dataOf(net, image);
  const { takeOver } = await improving;
  const { buffer, bytes } = net.outputs.map;
  const readOutputs = async () => {
    const staging = device.createBuffer({ size: bytes, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await sessionOf(device).waitFor(staging.mapAsync(GPUMapMode.READ));
    const data = new Float32Array(staging.getMappedRange().slice(0));
    staging.destroy();
    return data;
  };
  const results: Record<string, number | boolean> = {};

  // The results of a run stay where the app reads them, also while the next plan's pipelines are dispatched first.
  const before = await readOutputs();
  const encoder = device.createCommandEncoder();
  net.encode(encoder, { image });
  await takeOver(better);
  results.resultsStay = sameBits(before, expected) && sameBits(await readOutputs(), expected);
  // What is recorded may be submitted yet.
  results.waitsForRecorded = net.plan !== better;
  device.queue.submit([encoder.finish()]);
  results.recorded = difference(expected, await readOutputs());
  const running = net.run({ image });
  results.tookOver = net.plan === better;
  results.first = difference(expected, (await running).map.data);
  results.sameBuffer = net.outputs.map.buffer === buffer;

  // Back again, while a run is under way.
  const { net: other, better: next, improving: soon } = await improved(device, 35);
  const otherImage = layers(35).image;
  const otherExpected = await dataOf(other, otherImage);
  const { takeOver: takeOverOther } = await soon;
  const runs = Array.from({ length: 3 }, () => other.run({ image: otherImage }));
  const taking = takeOverOther(next);
  const during = [...(await Promise.all(runs)), await other.run({ image: otherImage })];
  await taking;
  results.tookOverAtOnce = other.plan === next;
  during.push(await other.run({ image: otherImage }));
  results.during = Math.max(...during.map(({ map }) => difference(otherExpected, map.data)));
  net.destroy();
  other.destroy();
  const alive = tracker.alive();
  tracker.stop();
  return { results, alive };
}

/** A better plan that cannot be had, a network that is destroyed meanwhile, and a device that is lost. */
export async function endedTakeOvers(device: GPUDevice) {
  const tracker = track(device);
  const { net, better, improving, image } = await improved(device, 37);
  const expected = await dataOf(net, image);
  const { takeOver, signal } = await improving;
  const broken = { ...better, kernels: better.kernels.map((kernel) => ({ ...kernel, shader: 'fn main() {' })) };
  device.pushErrorScope('validation');
  const refused = await outcome(takeOver(broken));
  await device.popErrorScope();
  const unchanged = net.plan !== better && sameBits(expected, await dataOf(net, image));
  const ending = takeOver(better);
  net.destroy();
  const destroyed = await outcome(ending);
  const alive = tracker.alive();
  tracker.stop();
  return { refused, unchanged, destroyed, aborted: signal.aborted, alive };
}

async function anotherDevice(): Promise<GPUDevice> {
  const adapter = (await navigator.gpu.requestAdapter(featureLevel === 'core' ? {} : { featureLevel })) as GPUAdapter;
  return adapter.requestDevice();
}

/** Tuning that is under way when its network is destroyed, its device is lost, or its signal aborts. */
export async function endedTunings(device: GPUDevice) {
  const { network, weights, image } = layers(65);
  const results: Record<string, unknown> = {};
  const options: CompileOptions = { weights, device, tune: 'background' };
  const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  const tracker = track(device);
  const net = await as(device, NOBODY, () => compile(network, options));
  await net.run({ image });
  await pause(30);
  net.destroy();
  await pause(300);
  results.destroyed = tracker.alive();

  const controller = new AbortController();
  const compiling = as(device, NOBODY, () => compile(network, { ...options, tune: true, signal: controller.signal }));
  setTimeout(() => controller.abort('took too long'), 30);
  results.aborted = await outcome(compiling);
  results.leftByAborted = tracker.alive();
  tracker.stop();

  const other = await anotherDevice();
  Object.defineProperty(other, 'adapterInfo', { value: NOBODY });
  const onOther = await compile(network, { ...options, device: other });
  const before = (await onOther.run({ image })).map!.data;
  await pause(30);
  other.destroy();
  await pause(300);
  results.lost = await outcome(onOther.run({ image }));
  await onOther.restore(device);
  results.restored = sameBits(before, (await onOther.run({ image })).map!.data);
  onOther.destroy();
  return results;
}

/** How much is tried on a clock that says that each step takes so long. */
export async function tuneWithin(device: GPUDevice, { stepTime }: { stepTime: number }) {
  const { network } = layers(49);
  const target = kernelTargetOf(ALL_OPS, { ...capabilitiesOf(device), ...NOBODY, isFallbackAdapter: false }, {});
  const pipelines = sessionOf(device).own();
  const tracker = track(device);
  const count = countTexts(device);
  let time = 0;
  let paused = 0;
  const now = () => {
    time += stepTime;
    return time;
  };
  const pause = async (worked: number) => {
    paused += worked;
  };
  const found = await tune(divide(join(fuse(buildGraph(network)))), target, pipelines, { now, pause });
  count.stop();
  pipelines.destroy();
  const alive = tracker.alive();
  tracker.stop();
  return { found: found.size, texts: count.texts.length, paused, alive };
}

/** What is found where no other candidate's shader compiles. */
export async function tuneRefused(device: GPUDevice) {
  const { network } = layers(51);
  const target = kernelTargetOf(ALL_OPS, { ...capabilitiesOf(device), ...NOBODY, isFallbackAdapter: false }, {});
  const own = planFor(network, { ...capabilitiesOf(device), ...NOBODY, isFallbackAdapter: false });
  const known = new Set(own.kernels.map(({ shader }) => shader));
  const pipelines = sessionOf(device).own();
  const tracker = track(device);
  const create = device.createShaderModule.bind(device);
  let refused = 0;
  replace(device, 'createShaderModule', (descriptor: GPUShaderModuleDescriptor) => {
    if (known.has(descriptor.code)) return create(descriptor);
    refused++;
    return create({ ...descriptor, code: descriptor.code.replace('fn main', 'fun main') });
  });
  device.pushErrorScope('validation');
  const found = await tune(divide(join(fuse(buildGraph(network)))), target, pipelines);
  await device.popErrorScope();
  restoreProperty(device, 'createShaderModule');
  pipelines.destroy();
  const alive = tracker.alive();
  tracker.stop();
  const names = own.kernels.flatMap(({ choice }) => choice?.name ?? []);
  return { refused, onlyKnown: [...found.values()].every((name) => names.includes(name)), found: found.size, alive };
}
