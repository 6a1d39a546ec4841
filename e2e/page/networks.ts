import {
  type Architecture,
  type CompileOptions,
  capabilitiesOf,
  type Network,
  type NetworkOutput,
  planFor,
  type Shape,
  type Weights,
  weightsFrom,
} from 'linnet';
import * as architectures from 'linnet/architectures';
import { sessionOf } from '../../engine/run/session.ts';
import { randomNetwork } from '../../tests/random-graph.ts';
import { type Known, ROUNDING, reference } from '../../tests/reference.ts';
import { seededTensor, uniform } from '../../tests/seeded.ts';
import { compare, dataOf, sameBits } from './compare.ts';
import { compileKeeping } from './kept-pipelines.ts';
import { as, type Vendor } from './vendor.ts';

const families = { ...architectures };

export interface SeededNetwork {
  readonly family: keyof typeof families;
  readonly options: Readonly<Record<string, unknown>> & { readonly inputSize: readonly [number, number] };
}

export interface GoldenRun extends SeededNetwork {
  /** Shapes of the tensors by name. */
  readonly tensors: Readonly<Record<string, Shape>>;
  /** With one, nothing is compared with it: large networks take long to fill. */
  readonly runs: number;
  readonly precision?: keyof typeof ROUNDING;
  readonly vendor?: Vendor;
}

/** The output of a network filled with seeded numbers, and what was wrong on the way. */
export async function runGolden(device: GPUDevice, golden: GoldenRun) {
  return as(device, golden.vendor, () => runSeeded(device, golden));
}

async function runSeeded(device: GPUDevice, { family, options, tensors, runs, precision = 'float32' }: GoldenRun) {
  const network = families[family](options);
  // Made as they are read: VGG's take half a gigabyte.
  const weights: Weights = {
    shapes: new Map(Object.entries(tensors)),
    read: async (name) => seededTensor('', name, tensors[name] as Shape),
  };
  const image = imageFor('input', planFor(network).inputs.image?.shape as Shape);
  const problems: string[] = [];
  const given = { weights, device, precision };
  const output = await withNetwork(network, given, async (net) => {
    const first = await outputOf(net, image);
    for (let count = 2; count <= runs; count++) {
      if (!sameBits(first, await outputOf(net, image))) problems.push(`Run ${count} gives other bits than run 1.`);
    }
    if (JSON.stringify(planFor(network, capabilitiesOf(device), { precision })) !== JSON.stringify(net.plan)) {
      problems.push('planFor gives another plan than compile.');
    }
    return first;
  });
  if (runs === 1) return { output: [...output], problems };
  await withNetwork(network, { ...given, reuse: false }, async (net) => {
    if (!sameBits(output, await outputOf(net, image))) problems.push('Without reuse of memory the bits are others.');
  });
  return { output: [...output], problems };
}

/** A network's inputs and weights, made of the seed, and what the oracle makes of them. */
function seededRun(network: Architecture, seed: string, precision: keyof typeof ROUNDING) {
  const inputs = Object.fromEntries(
    Object.entries(planFor(network).inputs).map(([name, { shape }]) => [name, imageFor(`${seed}${name}`, shape)]),
  );
  const tensors: Record<string, { shape: Shape; data: Float32Array }> = {};
  const tensorOf = (name: string, shape: Shape) => {
    tensors[name] ??= { shape, data: seededTensor(seed, name, shape) };
    return tensors[name].data;
  };
  const expected = reference(network, tensorOf, inputs, ROUNDING[precision]);
  return { inputs, weights: weightsFrom(tensors), expected };
}

/** A random network, or a seeded one of the architectures, against the oracle; with all outputs, and all ways to run. */
export async function checkSeeded(
  device: GPUDevice,
  {
    seed,
    network,
    precision = 'float32',
  }: { seed: string | number; network?: SeededNetwork; precision?: keyof typeof ROUNDING },
) {
  const made = network ? families[network.family](network.options) : randomNetwork(seed as number);
  const { inputs, weights, expected } = seededRun(made, String(seed), precision);
  const problems: string[] = [];
  const options = { weights, device, precision };
  await withNetwork(made, options, async (net) => {
    const first = dataOf(await net.run(inputs));
    for (const [name, known] of Object.entries(expected)) {
      const actual = first[name] as Float32Array;
      problems.push(...(network ? relativeError(actual, known, ROUNDING[precision].network) : compare(actual, known)));
    }
    const same = (how: string, results: Record<string, Float32Array>) => {
      for (const name of Object.keys(expected)) {
        if (!sameBits(first[name] as Float32Array, results[name] as Float32Array)) {
          problems.push(`'${name}' has other bits ${how}.`);
        }
      }
    };
    same('in the second run', dataOf(await net.run(inputs)));
    net.dispatch(inputs);
    same('after dispatch', await readOutputs(device, net));
    const encoder = device.createCommandEncoder();
    net.encode(encoder, inputs);
    device.queue.submit([encoder.finish()]);
    same('after encode', await readOutputs(device, net));
    const buffers = Object.entries(inputs).map(([name, data]) => {
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
      const buffer = device.createBuffer({ size: data.byteLength, usage });
      device.queue.writeBuffer(buffer, 0, data);
      return [name, buffer] as const;
    });
    same('from GPUBuffers', dataOf(await net.run(Object.fromEntries(buffers))));
    for (const [, buffer] of buffers) buffer.destroy();
    await withNetwork(made, { ...options, reuse: false }, async (other) => {
      same('without reuse of memory', dataOf(await other.run(inputs)));
    });
  });
  return problems;
}

/** Some random networks against the oracle, all outputs, with poisoned memory; what is wrong, with the seed. */
export async function checkRandom(
  device: GPUDevice,
  {
    first,
    last,
    vendor,
    precision = 'float32',
  }: { first: number; last: number; vendor?: Vendor; precision?: keyof typeof ROUNDING },
) {
  const problems: string[] = [];
  for (let seed = first; seed <= last; seed++) {
    const network = randomNetwork(seed, 3 + (seed % 9));
    const { inputs, weights, expected } = seededRun(network, String(seed), precision);
    const net = await as(device, vendor, () => compileKeeping(network, { weights, device, precision }));
    const results = dataOf(await net.run(inputs));
    net.destroy();
    for (const [name, known] of Object.entries(expected)) {
      const found = compare(results[name] as Float32Array, known);
      problems.push(...found.map((problem) => `seed ${seed}, '${name}': ${problem}`));
    }
  }
  return problems;
}

/** What `net.outputs` holds. */
async function readOutputs(device: GPUDevice, net: Network): Promise<Record<string, Float32Array>> {
  const results: Record<string, Float32Array> = {};
  for (const [name, { buffer, bytes }] of Object.entries(net.outputs)) {
    const staging = device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(buffer, 0, staging, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await sessionOf(device).waitFor(staging.mapAsync(GPUMapMode.READ));
    results[name] = new Float32Array(staging.getMappedRange().slice(0));
    staging.destroy();
  }
  return results;
}

function relativeError(actual: Float32Array, { values }: Known, limit: number): string[] {
  const difference = Math.hypot(...actual.map((value, index) => value - (values[index] as number)));
  const error = difference / Math.hypot(...values);
  return error <= limit ? [] : [`The relative error is ${error}.`];
}

const imageFor = (name: string, shape: Shape) =>
  Float32Array.from(
    uniform(
      name,
      shape.reduce((product, size) => product * size, 1),
    ),
  );

/** The result of a network that has one. */
async function outputOf(net: Network, image: Float32Array): Promise<Float32Array> {
  const [output] = Object.values(await net.run({ image }));
  return (output as NetworkOutput).data;
}

async function withNetwork<Result>(
  network: Architecture,
  options: CompileOptions & { device: GPUDevice },
  use: (net: Network) => Promise<Result>,
): Promise<Result> {
  const net = await compileKeeping(network, options);
  try {
    return await use(net);
  } finally {
    net.destroy();
  }
}
