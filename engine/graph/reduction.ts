import { functionOf } from './arithmetic.ts';
import { elementsOf, type FusedActivation, type ReduceNode, type Shape, type ValueShape } from './graph.ts';

/*
 * A reduction over several axes is one over each run of neighbouring axes after another, as memory has channels in slices and
 * items apart. All of the methods but two may be done again with their own results: a mean of means is a mean.
 */

/** How a method reduces `count` elements. */
export interface Reduction {
  readonly operation: ReduceNode['operation'];
  readonly of?: ReduceNode['of'];
  /** Whether only the first one of several steps does so. */
  readonly once?: boolean;
  /** What is done with the result of each step, and of the last one instead. */
  readonly each?: (count: number) => FusedActivation;
  readonly last?: (count: number) => FusedActivation;
}

const mean = (count: number) => functionOf('linear', 1 / count);

/** By the builder's method. */
export const REDUCTIONS = {
  reduceSum: { operation: 'sum' },
  reduceMean: { operation: 'sum', each: mean },
  reduceProduct: { operation: 'product' },
  reduceMax: { operation: 'max' },
  reduceMin: { operation: 'min' },
  reduceL1: { operation: 'sum', of: 'abs' },
  reduceL2: { operation: 'sum', of: 'square', each: () => functionOf('sqrt') },
  reduceSumSquare: { operation: 'sum', of: 'square', once: true },
  reduceLogSum: { operation: 'sum', last: () => functionOf('log') },
} as const satisfies Record<string, Reduction>;

/** 1 / sqrt(mean of squares + epsilon) */
export const inverseDeviation = (epsilon: number): Reduction => ({
  ...REDUCTIONS.reduceSumSquare,
  each: mean,
  last: (count) => functionOf('inverseSqrt', 1 / count, epsilon),
});

/** What is reduced at a time, and the shape that is left. */
export interface Step extends Pick<ReduceNode, 'along' | 'count' | 'inner'> {
  readonly shape: ValueShape;
}

/** The steps that reduce these axes: those of the map, the last run of them first, then channels, then items. */
export function stepsOver(shape: ValueShape, axes: readonly number[]): Step[] {
  const steps: Step[] = [];
  const left = [...shape];
  const isReduced = (axis: number) => axes.includes(axis) && (shape[axis] as number) > 1;
  const reduce = (along: Step['along'], from: number, to: number) => {
    const count = elementsOf(left.slice(from, to));
    const inner = elementsOf(left.slice(to));
    left.fill(1, from, to);
    steps.push({ along, count, inner, shape: [...left] as unknown as ValueShape });
  };
  for (let to = shape.length; to > 2; to--) {
    if (!isReduced(to - 1)) continue;
    let from = to - 1;
    // Axes of one pixel do not matter.
    while (from > 2 && (isReduced(from - 1) || shape[from - 1] === 1)) from--;
    reduce('pixels', from, to);
    to = from + 1;
  }
  if (isReduced(1)) reduce('channels', 1, 2);
  if (isReduced(0)) reduce('items', 0, 1);
  return steps;
}

/** The sizes of the axes that are not reduced, of which a value has at least two. */
export function withoutAxes(shape: Shape, axes: readonly number[]): Shape {
  const kept = shape.filter((_, axis) => !axes.includes(axis));
  return [...Array(Math.max(0, 2 - kept.length)).fill(1), ...kept];
}
