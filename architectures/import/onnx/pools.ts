import { elementsOf, type Pair, type Value } from '../../../engine/graph/graph.ts';
import type { GraphBuilder } from '../../../engine/graph/graph-builder.ts';
import { windowed } from '../../../engine/graph/window.ts';
import { constantOf } from '../elements.ts';
import type { Algebra } from './algebra.ts';
import { apply, type Operator, type Operators, unmap } from './common.ts';
import { type Scope, unsupported } from './node.ts';
import type { Term } from './recorder.ts';
import { pairOf, requireArea, windowOf } from './window.ts';

export type PoolOp = 'averagePool2d' | 'maxPool2d';

function pool(op: PoolOp): Operator {
  return (s, r) => {
    const size = s.integers('kernel_shape') ?? unsupported("its attribute 'kernel_shape' is missing");
    requireArea(size.length);
    if (s.gives(1)) unsupported('the indices of its maxima are asked for');
    // The largest of quantized numbers stands for the largest.
    const x = op === 'maxPool2d' && s.term(0).quantization ? s.term(0) : s.value(0);
    return poolOf(r, x, op, { ...windows(s, r, x, size), countIncludePad: s.integer('count_include_pad', 0) === 1 });
  };
}

/** How a pool's windows slide over a map. */
function windows(s: Scope, r: Algebra, x: Term, size: readonly number[]) {
  const windowDimensions = pairOf(size, 1);
  const [, , ...area] = r.map(x).shape;
  const roundingType = s.integer('ceil_mode', 0) ? 'ceil' : 'floor';
  return { windowDimensions, ...windowOf(s, area, windowDimensions), roundingType } as const;
}

type Windows = ReturnType<typeof windows>;

/** The same windows, those that hang over the edge padded to whole ones. */
function whole({ windowDimensions: size, roundingType, ...window }: Windows, area: Pair): Windows {
  const { strides, dilations, padding } = window;
  const counts = windowed(area, { ...window, size }, roundingType);
  const [top, , left] = padding;
  const after = (axis: 0 | 1, before: number) =>
    Math.max(0, (counts[axis] - 1) * strides[axis] + (size[axis] - 1) * dilations[axis] + 1 - area[axis] - before);
  return {
    ...window,
    windowDimensions: size,
    padding: [top, after(0, top), left, after(1, left)],
    roundingType: 'floor',
  };
}

function poolOf(r: Algebra, x: Term, op: PoolOp, window: Windows & { readonly countIncludePad: boolean }): Term {
  const { countIncludePad: _, ...options } = window;
  const { windowDimensions, strides, padding } = options;
  const isPlain = [...windowDimensions, ...strides, ...padding].join() === '1,1,1,1,0,0,0,0';
  if (isPlain) return x;
  const make = (g: GraphBuilder, value: Value) =>
    op === 'maxPool2d' ? g.maxPool2d(value, options) : g.averagePool2d(value, window);
  return unmap(r, r.record(op, [r.map(x)], make), x);
}

/** Over windows; those over all of a map are among `REDUCTIONS`. */
export const POOLS = {
  AveragePool: pool('averagePool2d'),
  LpPool(s, r) {
    const size = s.integers('kernel_shape') ?? unsupported("its attribute 'kernel_shape' is missing");
    requireArea(size.length);
    const p = s.integer('p', 2);
    if (p < 1) unsupported(`its p is ${p}`);
    const x = s.value(0);
    const to = (base: Term, exponent: number) =>
      exponent === 1 ? base : r.binary('pow', base, constantOf(`${s.output} (${exponent})`, 'float32', [], [exponent]));
    const powers = p === 2 ? r.binary('mul', x, x) : to(apply(r, x, 'abs'), p);
    // The mean over the whole window, with the padding's zeros, times its size is the sum.
    const [, , ...area] = r.map(x).shape;
    const window = { ...whole(windows(s, r, x, size), area), countIncludePad: true };
    const sums = r.linear(poolOf(r, powers, 'averagePool2d', window), elementsOf(size), 0);
    return p === 2 ? apply(r, sums, 'sqrt') : to(sums, 1 / p);
  },
  MaxPool: pool('maxPool2d'),
} as const satisfies Operators;
