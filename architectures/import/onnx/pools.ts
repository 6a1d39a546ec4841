import type { Value } from '../../../engine/graph/graph.ts';
import type { GraphBuilder } from '../../../engine/graph/graph-builder.ts';
import { constantOf } from '../elements.ts';
import type { Algebra } from './algebra.ts';
import { apply, type Operator, type Operators, unmap } from './common.ts';
import type { Scope } from './node.ts';
import type { Term } from './recorder.ts';
import { unsupported } from './unsupported.ts';
import { kernelOf, pairOf, windowOf } from './window.ts';

export type PoolOp = 'averagePool2d' | 'maxPool2d' | 'l2Pool2d';

function pool(op: PoolOp): Operator {
  return (s, r) => {
    const size = kernelOf(s);
    if (s.gives(1)) unsupported('the indices of its maxima are asked for');
    // The largest of quantized numbers stands for the largest.
    const x = op === 'maxPool2d' && s.term(0).quantization ? s.term(0) : s.value(0);
    return poolOf(s, r, x, op, size);
  };
}

function poolOf(s: Scope, r: Algebra, x: Term, op: PoolOp, size: readonly number[]): Term {
  const windowDimensions = pairOf(size, 1);
  const [, , ...area] = r.map(x).shape;
  const sliding = windowOf(s, area, windowDimensions);
  const isPlain = [...windowDimensions, ...sliding.strides, ...sliding.padding].join() === '1,1,1,1,0,0,0,0';
  if (isPlain && op !== 'l2Pool2d') return x;
  const roundingType = s.integer('ceil_mode', 0) ? 'ceil' : 'floor';
  const countIncludePad = s.integer('count_include_pad', 0) === 1;
  const options = { windowDimensions, ...sliding, roundingType } as const;
  const make = (g: GraphBuilder, value: Value) =>
    op === 'averagePool2d' ? g.averagePool2d(value, { ...options, countIncludePad }) : g[op](value, options);
  return unmap(r, r.record(op, [r.map(x)], make), x);
}

/** Over windows; those over all of a map are among `REDUCTIONS`. */
export const POOLS = {
  AveragePool: pool('averagePool2d'),
  LpPool(s, r) {
    const size = kernelOf(s);
    const p = s.integer('p', 2);
    if (p < 1) unsupported(`its p is ${p}`);
    const x = s.value(0);
    const to = (base: Term, exponent: number) =>
      exponent === 1 ? base : r.binary('pow', base, constantOf(`${s.output} (${exponent})`, 'float32', [], [exponent]));
    const roots = p === 2 ? x : to(apply(r, x, 'abs'), p / 2);
    const norms = poolOf(s, r, roots, 'l2Pool2d', size);
    return p === 2 ? norms : to(norms, 2 / p);
  },
  MaxPool: pool('maxPool2d'),
} as const satisfies Operators;
