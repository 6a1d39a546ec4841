import { repeat, times, wgsl } from './wgsl.ts';

/**
 * Winograd's convolution: `size` x `size` outputs of a 3x3 filter at once, by (size + 2)^2 multiplications for each pair
 * of channels instead of size^2 * 9: output = A^T ((G filter G^T) * (B^T input B)) A (https://arxiv.org/abs/1509.09308).
 */
export type WinogradSize = 2 | 4;

/**
 * Polynomials are evaluated at 0, at infinity, and at p and -p for each of these p. Those of 4x4 keep the numbers in the
 * matrices small, and with them the errors: half of what they are with 1 and 2.
 */
const POINTS = { 2: [1], 4: [Math.SQRT1_2, Math.SQRT2] } as const;

/** A row for each point, in the order 0, infinity, and p and -p of each pair. */
type PointMatrix = readonly (readonly number[])[];

/**
 * B^T is divided by the size, and A multiplied by it, which is exact: transformed tiles and products are then hardly larger than
 * inputs and outputs, as half precision needs, whose largest number is 65504.
 */
export interface Winograd {
  /** B^T. A pair's rows have the same even columns, and odd ones of opposite signs; those of 0 and infinity have either. */
  readonly input: PointMatrix;
  /** G. */
  readonly filter: PointMatrix;
  /** A. */
  readonly output: PointMatrix;
  /** Of each point, a number c of which A^T makes ones: with c_i c_j times a bias in the product i, j, it is in each output. */
  readonly ones: readonly number[];
}

export function winograd(size: WinogradSize): Winograd {
  const finite = POINTS[size].flatMap((p) => [p, -p]);
  const points = [0, Number.POSITIVE_INFINITY, ...finite];
  /** The finite points but this one. */
  const others = (point: number) => [0, ...finite].filter((other) => other !== point);
  const powers = (point: number, count: number) =>
    times(count, (k) => (Number.isFinite(point) ? point ** k : Number(k === count - 1)));
  return {
    input: points.map((point) => withRoots(others(point), size + 2).map((factor) => factor / size)),
    filter: points.map((point) => {
      const divisor = Number.isFinite(point) ? product(others(point).map((other) => point - other)) : 1;
      return powers(point, 3).map((power) => power / divisor);
    }),
    output: points.map((point) => powers(point, size).map((power) => power * size)),
    // Lagrange's polynomials at 1: outputs are of a degree below the number of these points, so that 0 and infinity need not count.
    ones: points.map((point) =>
      finite.includes(point)
        ? product(finite.map((other) => (other === point ? 1 : (1 - other) / (point - other)))) / size
        : 0,
    ),
  };
}

const product = (factors: readonly number[]) => factors.reduce((a, b) => a * b, 1);

/** The coefficients of the polynomial with these roots, the constant one first. */
function withRoots(roots: readonly number[], count: number): number[] {
  const coefficients = roots.reduce<readonly number[]>(
    (sofar, root) => times(sofar.length + 1, (k) => (sofar[k - 1] ?? 0) - root * (sofar[k] ?? 0)),
    [1],
  );
  return times(count, (k) => coefficients[k] ?? 0);
}

/** Of these WGSL values, the one that `index` counts. Lavapipe makes branches of an array: up to five times as long to compile. */
export const pick = (index: string, values: readonly string[]) =>
  values.reduce((others, value, number) => `select(${others}, ${value}, ${index} == ${number}u)`);

/** The sum of `name<k>` times the k-th factor, for those of every other k from `first` on. */
const sumOf = (factors: readonly number[], name: string, first: number) =>
  factors
    .flatMap((factor, k) =>
      k % 2 !== first || factor === 0 ? [] : [factor === 1 ? `${name}${k}` : `${factor} * ${name}${k}`],
    )
    .join(' + ');

/** What B^T makes of `<name>0`, `<name>1`, ...: `store(point, value)` for each point. */
export const transformInput = ({ input }: Winograd, name: string, store: (point: number, value: string) => string) =>
  repeat(input.length / 2, (pair) => {
    const [even, odd] = [
      sumOf(input[2 * pair] as number[], name, 0),
      sumOf(input[2 * pair + Number(pair === 0)] as number[], name, 1),
    ];
    if (pair === 0) return [store(0, even), store(1, odd)].join('\n');
    return wgsl`{
let even = ${even};
let odd = ${odd};
${store(2 * pair, 'even + odd')}
${store(2 * pair + 1, 'even - odd')}
}`;
  });
