import type { Value } from '../../../engine/graph/graph.ts';
import type { GraphBuilder, ReduceOptions } from '../../../engine/graph/graph-builder.ts';
import { reduced as reducedConstant } from '../constants.ts';
import type { OperatorFunction, OperatorFunctions, OperatorNode } from './node.ts';
import { Computed, isComputed, type Operand, toValueAxis } from './operand.ts';
import { options } from './schema.ts';

/** `axes` of the file are reduced, and stay with size 1 where they are kept. */
function reduced(
  n: OperatorNode,
  input: Computed,
  axes: readonly number[],
  keepDims: boolean,
  compute: (value: Value, options: ReduceOptions) => Value,
): Operand {
  const { shape } = input;
  const { length: rank } = shape;
  const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const make = () => compute(input.map, { axes: axes.map((axis) => toValueAxis(axis, rank)), keepDimensions: true });
  const result = new Computed(n.g, kept, make);
  return keepDims
    ? result
    : n.reshape(
        result,
        shape.filter((_, axis) => !axes.includes(axis)),
      );
}

function reduction(
  compute: (g: GraphBuilder, value: Value, options: ReduceOptions) => Value,
  evaluate: (a: number, b: number) => number,
  isMean = false,
): OperatorFunction {
  return (n) => {
    const { keepDims } = n.options(options.reducer);
    const operand = n.operand(0);
    const { shape } = operand;
    const axes = [...new Set(n.integers(1, 'axes').map((axis) => n.axis(axis, shape.length)))];
    if (!isComputed(operand)) {
      const compute = (numbers: readonly number[]) =>
        numbers.reduce((a, b) => evaluate(a, b)) / (isMean ? numbers.length : 1);
      return reducedConstant(operand, n.name, axes, keepDims, compute);
    }
    const isSpatial = shape.length === 4 && [...axes].sort().join() === '1,2';
    return reduced(n, operand, axes, keepDims, (value, given) =>
      isMean && isSpatial ? n.g.averagePool2d(value) : compute(n.g, value, given),
    );
  };
}

const argument =
  (name: 'argMax' | 'argMin'): OperatorFunction =>
  (n) => {
    const input = n.computed();
    const axis = n.axis(n.integer(1, 'axis'), input.shape.length);
    return reduced(n, input, [axis], false, (value) =>
      n.g[name](value, toValueAxis(axis, input.shape.length), { keepDimensions: true }),
    );
  };

/** Along axes. */
export const REDUCTIONS = {
  ARG_MAX: argument('argMax'),
  ARG_MIN: argument('argMin'),
  MEAN: reduction(
    (g, value, given) => g.reduceMean(value, given),
    (a, b) => a + b,
    true,
  ),
  REDUCE_MAX: reduction((g, value, given) => g.reduceMax(value, given), Math.max),
  REDUCE_MIN: reduction((g, value, given) => g.reduceMin(value, given), Math.min),
  REDUCE_PROD: reduction(
    (g, value, given) => g.reduceProduct(value, given),
    (a, b) => a * b,
  ),
  SUM: reduction(
    (g, value, given) => g.reduceSum(value, given),
    (a, b) => a + b,
  ),
} as const satisfies OperatorFunctions;
