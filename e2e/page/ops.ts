import { type Architecture, capabilitiesOf, compile, planFor, type Shape, weightsFrom } from 'linnet';
import { type Known, reference } from '../../tests/reference.ts';
import { uniform } from '../../tests/seeded.ts';
import { compare, sameBits } from './compare.ts';
import { architectureOf, opCases } from './op-cases.ts';
import { as, type Vendor } from './vendor.ts';

// Kernels that have been checked: for another vendor's tiles only what differs from these is run.
const checked = new Set<string>();

/** Runs a case with integers, where it is exact, and with floats; gives what is wrong. */
export async function checkOp(device: GPUDevice, { name, vendor }: { name: string; vendor?: Vendor }) {
  const opCase = opCases[name];
  if (!opCase) throw new Error(`There is no case '${name}'.`);
  const network = architectureOf(opCase);
  return as(device, vendor, async () => {
    const { kernels } = planFor(network, capabilitiesOf(device));
    const key = JSON.stringify(kernels.map(({ shader, params, workgroups }) => [shader, params, workgroups]));
    if (vendor && checked.has(key)) return [];
    const problems = [
      ...(opCase.exact === false ? [] : await checkNetwork(device, network, opCase.input, integers, true)),
      ...(await checkNetwork(device, network, opCase.input, floats(opCase.range ?? 1), false)),
    ];
    if (problems.length === 0) checked.add(key);
    return problems;
  });
}

type Fill = (name: string, shape: Shape) => Float32Array;

const elements = (shape: Shape) => shape.reduce((product, size) => product * size, 1);

/** -8 to 8; a variance has a square root that is a power of two. */
const integers: Fill = (name, shape) =>
  Float32Array.from(uniform(name, elements(shape)), (u) =>
    name.endsWith('running_var') ? 4 ** Math.round(u) : Math.round(u * 8),
  );

const floats =
  (range: number): Fill =>
  (name, shape) =>
    Float32Array.from(uniform(name, elements(shape)), (u) => {
      if (name.endsWith('running_var')) return 1 + u / 2;
      return name === 'image' ? u * range : u;
    });

async function checkNetwork(device: GPUDevice, network: Architecture, input: Shape, fill: Fill, exact: boolean) {
  const image = fill('image', input);
  const tensors: Record<string, { shape: Shape; data: Float32Array }> = {};
  const tensorOf: Fill = (name, shape) => {
    tensors[name] ??= { shape, data: fill(name, shape) };
    return tensors[name].data;
  };
  const { result: expected } = reference(network, tensorOf, { image });
  const net = await compile(network, { weights: weightsFrom(tensors), device, poison: true });
  try {
    const [first, second] = [await net.run({ image }), await net.run({ image })].map(({ result }) => result?.data);
    if (!first || !second) throw new Error('There is no result.');
    const problems = compare(first, expected as Known, exact);
    if (!sameBits(first, second)) problems.push('The second run gives other bits than the first.');
    return problems.map((problem) => `${exact ? 'integers' : 'floats'}: ${problem}`);
  } finally {
    net.destroy();
  }
}
