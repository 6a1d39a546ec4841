import type { Layer } from './convolution-layer.ts';

/** A square filter of whole numbers, all divided by one; row by row. */
export interface Filter {
  readonly numerators: readonly number[];
  readonly divisor: number;
}

export const KERNELS = [3, 5, 7] as const;

/** Row n of Pascal's triangle. */
const binomial = (n: number): number[] =>
  Array.from({ length: n }).reduce<number[]>((row) => multiply(row, [1, 1]), [1]);

/** The product of two polynomials. */
function multiply(a: readonly number[], b: readonly number[]): number[] {
  const product = new Array<number>(a.length + b.length - 1).fill(0);
  for (const [i, x] of a.entries())
    for (const [j, y] of b.entries()) product[i + j] = (product[i + j] as number) + x * y;
  return product;
}

const outer = (column: readonly number[], row: readonly number[]) => column.flatMap((y) => row.map((x) => x * y));

/** What is on the right less what is on the left, smoothed along the edge: for 3 x 3 Sobel's filter. */
const slope = (kernel: number) => multiply(binomial(kernel - 3), [-1, 0, 1]);

const squareOf = (kernel: number, at: (y: number, x: number) => number) =>
  Array.from({ length: kernel ** 2 }, (_, tap) => at(Math.floor(tap / kernel), tap % kernel));

/**
 * The third of the eight filters with which the page's separable MobileNet begins
 * (`conv1.weight` of models/fashion-mnist-separable).
 */
const LEARNED = [-0.71, 0.36, 0.56, -0.85, 0.32, 0.51, -0.43, 0.34, -0.07];

/** Filters for one channel, for each size of the kernel; the learned one has only one size. */
export const FILTERS = {
  upright: (kernel: number): Filter => ({ numerators: outer(binomial(kernel - 1), slope(kernel)), divisor: 1 }),
  level: (kernel: number): Filter => ({ numerators: outer(slope(kernel), binomial(kernel - 1)), divisor: 1 }),
  outline: (kernel: number): Filter => ({
    numerators: squareOf(kernel, (y, x) => (y === x && 2 * y === kernel - 1 ? kernel ** 2 - 1 : -1)),
    divisor: 1,
  }),
  blur: (kernel: number): Filter => ({ numerators: squareOf(kernel, () => 1), divisor: kernel ** 2 }),
  sharpen: (kernel: number): Filter => {
    const middle = (kernel - 1) / 2;
    const isEnd = (at: number) => Math.abs(at - middle) === middle;
    const at = (y: number, x: number) => {
      if (y === middle && x === middle) return 5;
      return (y === middle && isEnd(x)) || (x === middle && isEnd(y)) ? -1 : 0;
    };
    return { numerators: squareOf(kernel, at), divisor: 1 };
  },
  learned: (_: number): Filter => ({ numerators: LEARNED, divisor: 1 }),
} as const satisfies Record<string, (kernel: number) => Filter>;

export type FilterName = keyof typeof FILTERS;

export const weightsOf = ({ numerators, divisor }: Filter): number[] => numerators.map((number) => number / divisor);

/** Whether the filter averages, so that what comes of it is a picture; else its results are differences, of either sign. */
export function isAverage(weights: readonly number[]): boolean {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return sum > weights.reduce((total, weight) => total + Math.abs(weight), 0) / 10;
}

/** Kinds of convolutions, in the order in which they are told. */
export const KINDS = ['standard', 'depthwise', 'pointwise', 'grouped', 'transposed'] as const;
export type Kind = (typeof KINDS)[number];

/** The numbers of groups that four channels to four can have. */
export const GROUPS = [1, 2, 4] as const;

/**
 * Three of the eight filters with which the page's U-Net begins, for red, green and blue (`encoder1.enc1conv1.weight` of
 * models/drawings-300: the second, the sixth and the fourth).
 */
const LEARNED_COLOUR = [
  [0.1, -0.64, 0.17, -0.32, 0.04, 0.03, 0.24, 0.06, 0.03],
  [-0.27, -0.62, 0.14, 0.02, 0.19, -0.03, 0.13, 0.27, 0.25],
  [0.18, -0.57, -0.22, 0.27, 0.31, -0.1, 0.09, 0.23, -0.05],
  [-0.37, 0.24, 0.12, 0.04, 0.05, 0.46, -0.15, -0.21, -0.16],
  [-0.31, 0.06, 0.25, -0.51, 0.25, 0.13, -0.05, -0.29, 0.33],
  [-0.47, 0, 0.31, -0.31, 0.34, 0.1, -0.31, 0.51, 0],
  [-0.3, 0.07, -0.07, 0.23, -0.39, -0.02, 0.07, -0.07, -0.67],
  [-0.11, 0, -0.22, 0, -0.12, -0.49, -0.02, 0.31, -0.07],
  [0.51, 0.31, 0.48, 0.33, 0.12, -0.03, 0.52, -0.03, 0.15],
].flat();

/** Brightness (ITU-R BT.601); red against green; blue against yellow. A row for each result. */
const OPPONENTS = [
  [0.299, 0.587, 0.114],
  [1, -1, 0],
  [-0.5, -0.5, 1],
] as const;

/** Bilinear interpolation, where each pixel is brought to every second place. */
const SPREAD = outer([0.5, 1, 0.5], [0.5, 1, 0.5]);

/** What a result of the grouped convolution is made with, and how the channels come into it: plus, plus or plus, minus. */
const GROUPED = [
  { filter: FILTERS.upright(3), signs: [1, 1] },
  { filter: FILTERS.blur(3), signs: [1, -1] },
  { filter: FILTERS.level(3), signs: [1, 1] },
  { filter: FILTERS.blur(3), signs: [1, -1] },
] as const;

/** A layer of each kind: three channels to three, the grouped one four to four. */
export function layerOf(kind: Kind, groups: number): Layer {
  const plain = { kernel: 3, stride: 1, padding: 0, dilation: 1, groups: 1, inChannels: 3, outChannels: 3 };
  switch (kind) {
    case 'standard':
      return { ...plain, transposed: false, weights: LEARNED_COLOUR };
    case 'depthwise': {
      const weights = [FILTERS.upright, FILTERS.level, FILTERS.blur].flatMap((filter) => weightsOf(filter(3)));
      return { ...plain, groups: 3, transposed: false, weights };
    }
    case 'pointwise':
      return { ...plain, kernel: 1, transposed: false, weights: OPPONENTS.flat() };
    case 'grouped': {
      const inGroup = 4 / groups;
      const weights = GROUPED.flatMap(({ filter, signs }) =>
        Array.from({ length: inGroup }, (_, index) =>
          weightsOf(filter).map((weight) => (weight * (signs[index % 2] as number)) / inGroup),
        ).flat(),
      );
      return { ...plain, groups, inChannels: 4, outChannels: 4, transposed: false, weights };
    }
    case 'transposed': {
      const weights = [0, 1, 2].flatMap((input) =>
        OPPONENTS.flatMap((row) => SPREAD.map((w) => w * (row[input] as number))),
      );
      return { ...plain, stride: 2, transposed: true, weights };
    }
  }
}
