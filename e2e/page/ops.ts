import {
  type Architecture,
  architecture,
  type CompileOptions,
  capabilitiesOf,
  compile,
  planFor,
  type Shape,
  weightsFrom,
} from 'linnet';
import { buildGraph } from '../../engine/architecture.ts';
import { type WinogradSize, winograd } from '../../shaders/winograd.ts';
import { halfStep, ROUNDING, type Rounding, reference } from '../../tests/reference.ts';
import { uniform } from '../../tests/seeded.ts';
import { compare, dataOf, sameBits } from './compare.ts';
import { compileKeeping } from './kept-pipelines.ts';
import { architectureOf, largeMapCases, type OpCase, opCases } from './op-cases.ts';
import { as, type Vendor } from './vendor.ts';

// Kernels that have been checked: for another vendor's tiles only what differs from these is run.
const checked = new Set<string>();

/** Runs a case with integers, where it is exact, and with floats; gives what is wrong. */
export async function checkOp(
  device: GPUDevice,
  {
    name,
    precision = 'float32',
    vendor,
    choices = {},
  }: { name: string; precision?: keyof typeof ROUNDING; vendor?: Vendor; choices?: Readonly<Record<string, string>> },
) {
  const opCase = opCases[name];
  if (!opCase) throw new Error(`There is no case '${name}'.`);
  const network = architectureOf(opCase);
  return as(device, vendor, async () => {
    const { kernels } = planFor(network, capabilitiesOf(device), { precision, choices });
    const key = JSON.stringify(kernels.map(({ shader, params, workgroups }) => [shader, params, workgroups]));
    if (vendor && checked.has(key)) return [];
    const check = async (fill: Fill, exact: boolean) => {
      const size = Object.values(choices).map((choice) => choice.match(/^winograd-(\d)/)?.[1])[0];
      const rounding = roundingOf(network, precision, exact, size ? (Number(size) as WinogradSize) : undefined);
      const compiled = { device, precision, choices };
      // Large maps take seconds, and have kernels of which small ones say that they give the same bits again.
      const runs = name in largeMapCases ? 1 : 2;
      const problems = await checkNetwork(network, opCase.input, fillFor(opCase, fill), rounding, compiled, runs);
      return problems.map((problem) => `${exact ? 'integers' : 'floats'}: ${problem}`);
    };
    const problems = [
      ...(opCase.exact === false ? [] : await check(integers(precision === 'float16' ? 2 : 8), true)),
      ...(opCase.exact !== false && name in largeMapCases ? [] : await check(floats(opCase.range ?? 1), false)),
    ];
    if (problems.length === 0) checked.add(key);
    return problems;
  });
}

/** Nearest resampling of maps of many sizes by many factors and to many sizes, each an output of one network. */
export async function checkNearest(device: GPUDevice) {
  const dice = uniform('nearest', 6000);
  let next = 0;
  const roll = (from: number, to: number) => from + Math.floor((((dice[next++] as number) + 1) / 2) * (to - from + 1));
  // Those that keep a size or double it, ratios, and anything.
  const factor = (size: number) => {
    const any = [1 + 1 / roll(2, 60), 2 + 1 / roll(2, 60), roll(1, 30) / roll(1, 30), roll(50, 3000) / 1000];
    return Math.max(any[roll(0, 3)] as number, 1 / size);
  };
  const inputs: Record<string, Float32Array> = {};
  const network = architecture('nearest', (g) => {
    next = 0;
    for (let map = 0; map < 16; map++) {
      const [height, width] = [roll(1, 40), roll(1, 40)];
      const input = g.input(`map ${map}`, [1, 1, height, width]);
      inputs[`map ${map}`] = Float32Array.from({ length: height * width }, (_, index) => index);
      for (let way = 0; way < 20; way++) {
        const scales = [factor(height), factor(width)] as const;
        const options = way % 4 === 0 ? { sizes: [roll(1, 80), roll(1, 80)] as const } : { scales };
        g.output(`map ${map}, ${JSON.stringify(options)}`, g.resample2d(input, options));
      }
    }
  });
  const net = await compile(network, { weights: weightsFrom({}), device, poison: true });
  const expected = reference(network, () => new Float32Array(), inputs, { ...ROUNDING.float32, unit: 0 });
  const results = dataOf(await net.run(inputs));
  net.destroy();
  return Object.entries(expected).flatMap(([name, known]) =>
    compare(results[name] as Float32Array, known).map((problem) => `${name}: ${problem}`),
  );
}

/** Each activation and a softmax of NaN and numbers. */
export async function runNotANumber(device: GPUDevice) {
  const network = architecture('not a number', (g) => {
    const x = g.input('x', [1, 3, 1, 1]);
    g.output('softmax', g.softmax(x));
    g.output('softmax of a map', g.softmax(g.pad(x, 1)));
    g.output('sigmoid', g.sigmoid(x));
  });
  const net = await compile(network, { weights: weightsFrom({}), device, poison: true });
  const results = dataOf(await net.run({ x: Float32Array.of(1, Number.NaN, 2) }));
  net.destroy();
  return Object.fromEntries(Object.entries(results).map(([name, data]) => [name, Array.from(data, String)]));
}

/** What a value that lies beside an infinite one in a concatenation gives to a convolution of its own. */
export async function runBesideInfinity(device: GPUDevice) {
  const ones = (shape: Shape) => ({ shape, data: new Float32Array(elements(shape)).fill(1) });
  const network = architecture('beside infinity', (g) => {
    const [x, infinite] = [g.input('x', [1, 4, 2, 2]), g.input('infinite', [1, 3, 2, 2])];
    const value = g.conv2d(x, g.tensor('first', [6, 4, 1, 1]));
    g.output('both', g.concat([value, infinite]));
    g.output('result', g.conv2d(value, g.tensor('second', [1, 6, 1, 1])));
  });
  const weights = weightsFrom({ first: ones([6, 4, 1, 1]), second: ones([1, 6, 1, 1]) });
  const net = await compile(network, { weights, device, poison: true });
  const [x, infinite] = [new Float32Array(16).fill(2), new Float32Array(12).fill(Number.POSITIVE_INFINITY)];
  const { result } = dataOf(await net.run({ x, infinite }));
  net.destroy();
  return [...(result as Float32Array)];
}

/** How far a convolution in half precision that copies its input is off where numbers are large, and opposite to those two pixels away. */
export async function copyLargeHalves(device: GPUDevice, { candidate }: { candidate: string }) {
  const network = architecture('large halves', (g) => {
    g.output('copy', g.conv2d(g.input('board', [1, 1, 12, 12]), g.tensor('weight', [1, 1, 3, 3]), { padding: 1 }));
  });
  const weights = weightsFrom({ weight: { shape: [1, 1, 3, 3], data: Float32Array.of(0, 0, 0, 0, 1, 0, 0, 0, 0) } });
  const [node] = planFor(network).kernels.flatMap(({ name, choice }) => (choice ? [name] : []));
  const choices = { [node as string]: candidate };
  const net = await compile(network, { weights, device, precision: 'float16', choices, poison: true });
  const sign = (place: number) => ((place >> 1) % 2 ? -1 : 1);
  const board = Float32Array.from(
    { length: 144 },
    (_, index) => 20000 * sign(Math.floor(index / 12)) * sign(index % 12),
  );
  const { copy } = dataOf(await net.run({ board }));
  net.destroy();
  return Math.max(...board.map((value, index) => Math.abs((copy?.[index] as number) / value - 1)));
}

/** Sums of small integers are exact, but among irrational numbers. Weights are numbers that the precision has, unless a normalization is folded into them. */
function roundingOf(
  network: Architecture,
  precision: keyof typeof ROUNDING,
  exact: boolean,
  size: WinogradSize | undefined,
): Rounding {
  const { unit, weights, halves, ...rest } = ROUNDING[precision];
  const isFolded = buildGraph(network).tensors.some(({ name }) => name.endsWith('running_var'));
  const isExact = exact && size !== 4 && !(size && halves);
  // Transformed tiles and filters, and their products, are stored.
  const stored = size && halves ? 3 * weights : 0;
  const growth = size ? growthOf(size) : 0;
  return { unit: isExact ? 0 : unit, weights: stored + (isFolded && !exact ? weights : 0), halves, growth, ...rest };
}

/**
 * An output of Winograd's convolution is a sum over points, of whose square roots two are irrational for 4x4 outputs. Numbers
 * that are rounded independently are off by the root of a sum of squares: for each point, of the row of A^T times the lengths
 * of those of G and B^T. As rows and columns have one such root each, both together have the sum.
 */
function growthOf(size: WinogradSize): number {
  const { input, filter, output } = winograd(size);
  const squares = (row: readonly number[] | undefined) => (row ?? []).reduce((sum, value) => sum + value ** 2, 0);
  const sums = Array.from({ length: size }, (_, row) =>
    output.reduce((sum, column, k) => sum + (column[row] as number) ** 2 * squares(filter[k]) * squares(input[k]), 0),
  );
  return Math.max(...sums);
}

type Fill = (name: string, shape: Shape) => Float32Array;

const elements = (shape: Shape) => shape.reduce((product, size) => product * size, 1);

/** -greatest to greatest; a variance has a square root that is a power of two. */
const integers =
  (greatest: number): Fill =>
  (name, shape) =>
    Float32Array.from(uniform(name, elements(shape)), (u) =>
      name.endsWith('running_var') ? 4 ** Math.round(u) : Math.round(u * greatest),
    );

const floats =
  (range: number): Fill =>
  (name, shape) =>
    Float32Array.from(uniform(name, elements(shape)), (u) => {
      if (name.endsWith('running_var')) return 1 + u / 2;
      return name === 'image' ? u * range : u;
    });

/** The numbers of `fill`, or those that the case's image has instead. */
const fillFor =
  ({ constant, infinite }: OpCase, fill: Fill): Fill =>
  (name, shape) => {
    const numbers = fill(name, shape);
    if (name !== 'image') return numbers;
    if (constant !== undefined) return numbers.fill(constant);
    if (!infinite) return numbers;
    const others = uniform('infinite', elements(shape));
    return numbers.map((number, index) => {
      const other = others[index] as number;
      return Math.abs(other) > 0.5 ? Math.sign(other) * Number.POSITIVE_INFINITY : number;
    });
  };

async function checkNetwork(
  network: Architecture,
  input: Shape,
  fill: Fill,
  rounding: Rounding,
  options: Omit<CompileOptions, 'weights'> & { device: GPUDevice },
  runs: 1 | 2,
) {
  const filled: Fill = (name, shape) => {
    const numbers = fill(name, shape);
    const half = (value: number) => Math.round(value / halfStep(value)) * halfStep(value);
    return rounding.halves ? numbers.map((value) => (Number.isFinite(value) ? half(value) : value)) : numbers;
  };
  const image = filled('image', input);
  const tensors: Record<string, { shape: Shape; data: Float32Array }> = {};
  const tensorOf: Fill = (name, shape) => {
    tensors[name] ??= { shape, data: filled(name, shape) };
    return tensors[name].data;
  };
  const expected = reference(network, tensorOf, { image }, rounding);
  const net = await compileKeeping(network, { ...options, weights: weightsFrom(tensors) });
  try {
    const first = dataOf(await net.run({ image }));
    const second = runs === 1 ? first : dataOf(await net.run({ image }));
    return Object.entries(expected).flatMap(([name, known]) => {
      const [result, again] = [first[name] as Float32Array, second[name] as Float32Array];
      const found = compare(result, known);
      if (!sameBits(result, again)) found.push('The second run gives other bits than the first.');
      return name === 'result' ? found : found.map((problem) => `'${name}': ${problem}`);
    });
  } finally {
    net.destroy();
  }
}
