import type { Value } from '../../../engine/graph/graph.ts';
import type { GraphBuilder } from '../../../engine/graph/graph-builder.ts';
import type { Algebra } from './algebra.ts';
import { addedAxes, type Operator, type Operators, typed } from './common.ts';
import { reducedAxes } from './folding.ts';
import type { PoolOp } from './pools.ts';
import type { Term } from './recorder.ts';
import { unsupported } from './unsupported.ts';

/** Over all that comes after the channels; `[batch, channels, 1, ...]`. */
function globalPool(r: Algebra, x: Term, op: PoolOp): Term {
  const shape = x.shape.map((size, axis) => (axis < 2 ? size : 1));
  const axes = shape.map((_, axis) => axis).slice(2);
  const name = op === 'averagePool2d' ? 'reduceMean' : 'reduceMax';
  return r.record(name, [r.map(x)], (g, value) => g[op](value), { shape, axes });
}

type ReduceOp =
  | 'reduceMean'
  | 'reduceSum'
  | 'reduceMax'
  | 'reduceMin'
  | 'reduceProduct'
  | 'reduceL1'
  | 'reduceL2'
  | 'reduceSumSquare'
  | 'reduceLogSum'
  | 'reduceLogSumExp';

/** Reduced axes stay, with size 1. Of none, each element is a sum of its own: it may be squared all the same. */
export function reduce(r: Algebra, x: Term, op: ReduceOp, axes: readonly number[]): Term {
  return r.across(x, (input, axisOf) => {
    const own = axes.map(axisOf).sort((a, b) => a - b);
    const isSpatial = input.shape.length > 2 && `${own}` === `${input.shape.map((_, axis) => axis).slice(2)}`;
    if (op === 'reduceMean' && isSpatial) return globalPool(r, input, 'averagePool2d');
    const options = { axes: own.map((axis) => axis + addedAxes(input)), keepDimensions: true };
    const shape = input.shape.map((size, axis) => (own.includes(axis) ? 1 : size));
    return r.record(op, [r.shaped(input, input.shape)], (g, value) => g[op](value, options), { shape, axes: own });
  });
}

/** Without axes whose size is 1. */
export const without = (r: Algebra, x: Term, axes: readonly number[]): Term =>
  r.reshape(
    x,
    x.shape.filter((_, axis) => !axes.includes(axis)),
  );

const reduction =
  (op: ReduceOp): Operator =>
  (s, r) => {
    const x = s.value(0);
    const axes = reducedAxes(s, x.shape.length);
    const result = reduce(r, x, op, axes);
    return s.integer('keepdims', 1) ? result : without(r, result, axes);
  };

const argument =
  (op: 'argMax' | 'argMin'): Operator =>
  (s, r) => {
    const x = s.value(0);
    const axis = s.axis(s.integer('axis', 0), x.shape.length);
    const isLast = s.integer('select_last_index', 0) === 1;
    const result = r.across(x, (input, axisOf) => {
      const own = axisOf(axis);
      const place = own + addedAxes(input);
      const size = input.shape[own] as number;
      const shape = input.shape.map((other, index) => (index === own ? 1 : other));
      const make = (g: GraphBuilder, value: Value) =>
        g[op](isLast ? g.reverse(value, { axes: [place] }) : value, place, { keepDimensions: true });
      const found = r.record(op, [r.shaped(input, input.shape)], make, { shape });
      return isLast ? r.linear(found, -1, size - 1) : found;
    });
    return typed(s.integer('keepdims', 1) ? result : without(r, result, [axis]), 'int64');
  };

/** Along axes, or over all of a map. */
export const REDUCTIONS = {
  ArgMax: argument('argMax'),
  ArgMin: argument('argMin'),
  GlobalAveragePool: (s, r) => globalPool(r, s.value(0), 'averagePool2d'),
  GlobalLpPool(s, r) {
    const x = s.value(0);
    const axes = [...x.shape.keys()].slice(2);
    const p = s.integer('p', 2);
    return p === 1 || p === 2 ? reduce(r, x, p === 1 ? 'reduceL1' : 'reduceL2', axes) : unsupported(`its p is ${p}`);
  },
  GlobalMaxPool: (s, r) => globalPool(r, s.value(0), 'maxPool2d'),
  ReduceL1: reduction('reduceL1'),
  ReduceL2: reduction('reduceL2'),
  ReduceLogSum: reduction('reduceLogSum'),
  ReduceLogSumExp: reduction('reduceLogSumExp'),
  ReduceMax: reduction('reduceMax'),
  ReduceMean: reduction('reduceMean'),
  ReduceMin: reduction('reduceMin'),
  ReduceProd: reduction('reduceProduct'),
  ReduceSum: reduction('reduceSum'),
  ReduceSumSquare: reduction('reduceSumSquare'),
} as const satisfies Operators;
