import { sameShape } from '../../../engine/graph/builder.ts';
import { elementsOf, type Pair, type Value } from '../../../engine/graph/graph.ts';
import type { GraphBuilder } from '../../../engine/graph/graph-builder.ts';
import { reshaped } from '../constants.ts';
import type { Constant } from '../elements.ts';
import type { Algebra } from './algebra.ts';
import { type Operators, operand, unmap } from './common.ts';
import { isConstant, type Scope } from './node.ts';
import type { Term } from './recorder.ts';
import { showShape, unsupported } from './unsupported.ts';
import { pairOf, requireArea, slidingOf, windowOf } from './window.ts';

interface Convolution {
  readonly x: Term;
  readonly filter: Constant;
  readonly bias?: Constant | undefined;
}

type Windowed = (
  g: GraphBuilder,
  x: Value,
  filter: ReturnType<GraphBuilder['tensor']>,
  bias: ReturnType<GraphBuilder['tensor']> | undefined,
) => Value;

/** A convolution whose bias may still be added. */
export function convolution(
  r: Algebra,
  op: string,
  { x, filter, bias }: Convolution,
  channels: number,
  make: Windowed,
): Term {
  // A factor of the input is one of the filter, and no activation of its own: unless halves would be too small or large for that.
  const { alpha = 1, beta } = x.options;
  const plain = x.op === 'linear' && beta === 0 && Math.abs(Math.log2(Math.abs(alpha))) < 4 ? x.inputs[0] : undefined;
  if (plain) {
    const scaled = r.changed(filter, `* ${alpha}`, (weight) => weight * alpha);
    return convolution(r, op, { x: { ...plain, shape: x.shape }, filter: scaled, bias }, channels, make);
  }
  const [rows, columns, ...area] = filter.shape;
  const size = area.length === 1 ? [1, ...area] : area;
  const filterOf = r.tensor(filter, [rows as number, columns as number, ...size]);
  const biasOf = bias && r.tensor(bias, [channels]);
  const result = r.record(op, [r.map(x)], (g, value) => make(g, value, filterOf(g), biasOf?.(g)), {
    plus(summand) {
      const own = bias ? undefined : perChannel(summand, x.shape.length, channels);
      return own && convolution(r, op, { x, filter, bias: own }, channels, make);
    },
  });
  const { shape, options, ...rest } = unmap(r, result, x);
  return { ...rest, shape, options: { ...options, shape } };
}

/** A constant of `[channels, 1, 1]`, or so, as `[channels]`. */
export function perChannel(constant: Constant, rank: number, channels: number): Constant | undefined {
  const sizes = constant.shape.slice(-rank + 1);
  const isOne = constant.shape.length <= rank && elementsOf(constant.shape) === channels && sizes[0] === channels;
  return isOne && (sizes.length === rank - 1 || channels === 1)
    ? reshaped(constant, constant.name, [channels])
    : undefined;
}

/** The constant filter of a convolution, of one or two dimensions. */
function filterOf(s: Scope, index: number): Constant {
  const filter = s.constant(index);
  requireArea(filter.shape.length - 2);
  const size = filter.shape.slice(2);
  const kernel = s.integers('kernel_shape');
  if (kernel && !sameShape(kernel, size)) {
    unsupported(`its filter is ${showShape(size)}, and its kernel_shape [${kernel}]`);
  }
  return filter;
}

const filterSize = ({ shape }: Constant): Pair =>
  shape.length === 3 ? [1, shape[2] as number] : [shape[2] as number, shape[3] as number];

/** The bias where it is constant; another one is added afterwards. */
function withBias(s: Scope, r: Algebra, index: number, make: (bias: Constant | undefined) => Term): Term {
  const item = s.has(index) ? operand(s, index) : undefined;
  if (!item || isConstant(item)) return make(item);
  const result = make(undefined);
  const [, channels = 1, ...area] = result.shape;
  return r.add(result, r.reshape(item, [channels, ...area.map(() => 1)]));
}

function conv(s: Scope, r: Algebra, x: Term, filter: Constant, bias: Constant | undefined): Term {
  const [, , ...area] = r.map(x).shape;
  const groups = s.integer('group', 1);
  const options = windowOf(s, area, filterSize(filter));
  return convolution(r, 'conv2d', { x, filter, bias }, filter.shape[0] as number, (g, value, weight, added) =>
    g.conv2d(value, weight, { bias: added, groups, ...options }),
  );
}

/** What is cut off a transposed convolution's result, and what is added to it at the end. */
function transposedWindow(s: Scope, area: Pair, filter: Constant) {
  const size = filterSize(filter);
  const axes = filter.shape.length - 2;
  const { strides, dilations, isSame, stated, around } = slidingOf(s);
  const added = pairOf(s.integers('output_padding'), 0);
  const given = s.integers('output_shape');
  const wanted = given && pairOf(given.slice(-axes), 1);
  if (!wanted && !isSame) return { strides, dilations, padding: stated(), outputPadding: added };
  const outputPadding: [number, number] = [...added];
  const padding = around((axis) => {
    const target = wanted?.[axis] ?? area[axis] * strides[axis];
    const total = strides[axis] * (area[axis] - 1) + added[axis] + (size[axis] - 1) * dilations[axis] + 1 - target;
    if (total < 0) outputPadding[axis] -= total;
    return total;
  });
  return { strides, dilations, padding, outputPadding };
}

/** With filters that slide over a map. */
export const CONVOLUTIONS = {
  Conv(s, r) {
    const filter = filterOf(s, 1);
    const x = s.value(0);
    return withBias(s, r, 2, (bias) => conv(s, r, x, filter, bias));
  },
  ConvTranspose(s, r) {
    const filter = filterOf(s, 1);
    const x = s.value(0);
    const [, , ...area] = r.map(x).shape;
    const groups = s.integer('group', 1);
    const options = transposedWindow(s, area, filter);
    const channels = (filter.shape[1] as number) * groups;
    return withBias(s, r, 2, (bias) =>
      convolution(r, 'convTranspose2d', { x, filter, bias }, channels, (g, value, weight, added) =>
        g.convTranspose2d(value, weight, { bias: added, groups, ...options }),
      ),
    );
  },
} as const satisfies Operators;
