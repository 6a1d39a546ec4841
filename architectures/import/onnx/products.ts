import { elementsOf, type Pair, type Shape } from '../../../engine/graph/graph.ts';
import { broadcastShape, expanded, reshaped } from '../constants.ts';
import { type Constant, constantOf } from '../elements.ts';
import { type Algebra, beforeTurn, isTurned, type Operand } from './algebra.ts';
import { type Operators, operand } from './common.ts';
import { convolution, perChannel } from './convolutions.ts';
import { isConstant, type Scope } from './node.ts';
import type { Term } from './recorder.ts';
import { without } from './reductions.ts';
import { showShape, unsupported } from './unsupported.ts';
import { along, concat, MOST_PARTS } from './views.ts';

/** x · filterᵀ + bias for a constant filter `[n, k]`; a bias may still be added. */
function gemm(r: Algebra, x: Term, filter: Constant, bias?: Constant): Term {
  const [outFeatures] = filter.shape as Pair;
  const filterOf = r.tensor(filter, filter.shape);
  const biasOf = bias && r.tensor(bias, [outFeatures]);
  return r.record('gemm', [r.shaped(x, x.shape)], (g, value) => g.gemm(value, filterOf(g), { bias: biasOf?.(g) }), {
    plus(summand) {
      const own = bias ? undefined : perChannel(summand, 2, outFeatures);
      return own && gemm(r, x, filter, own);
    },
  });
}

function matrix(r: Algebra, item: Operand, isTransposed: boolean): Operand {
  if (item.shape.length !== 2) unsupported(`one of its matrices has the shape ${showShape(item.shape)}`);
  if (!isTransposed) return item;
  return isConstant(item) ? r.transposedConstant(item, [1, 0]) : r.transpose(item, [1, 0]);
}

/** a · b for matrices. */
function product(r: Algebra, a: Operand, b: Operand): Term {
  const [[, inner], [rows]] = [a.shape as Pair, b.shape as Pair];
  if (inner !== rows) unsupported(`${showShape(a.shape)} is multiplied by ${showShape(b.shape)}`);
  if (isConstant(b)) {
    if (isConstant(a)) return unsupported('both of its matrices are constant');
    return gemm(r, a, r.transposedConstant(b, [1, 0]));
  }
  if (isConstant(a)) return r.transpose(gemm(r, r.transpose(b, [1, 0]), a), [1, 0]);
  return r.record('matmul', [r.shaped(a, a.shape), r.shaped(b, b.shape)], (g, x, y) => g.matmul(x, y));
}

/** Matrices that lie along the axes before the last two are multiplied one by one. */
function matmul(s: Scope, r: Algebra): Term {
  const [a, b] = [operand(s, 0), operand(s, 1)];
  const isVector = [a, b].map(({ shape }) => shape.length === 1);
  const left = isVector[0] ? withShape(a, [1, ...a.shape]) : a;
  const right = isVector[1] ? withShape(b, [...b.shape, 1]) : b;
  const result = matrices(r, left, right);
  const dropped = isVector.flatMap((is, index) => (is ? [result.shape.length - 2 + index] : []));
  return without(r, result, dropped);
}

const withShape = (item: Operand, shape: Shape): Operand =>
  isConstant(item) ? reshaped(item, item.name, shape) : { ...item, shape };

function matrices(r: Algebra, a: Operand, b: Operand): Term {
  const [rows, inner] = a.shape.slice(-2) as [number, number];
  const [, columns] = b.shape.slice(-2) as [number, number];
  if (b.shape.length === 2 && !isConstant(a)) {
    // Of what is transposed to have the channels last, it is a convolution.
    if (
      isConstant(b) &&
      isTurned(a) &&
      a.shape.length === 4 &&
      a.options.permutation[3] === 1 &&
      b.shape[0] === inner
    ) {
      const filter = reshaped(r.transposedConstant(b, [1, 0]), b.name, [columns, inner, 1, 1]);
      const x = beforeTurn(a);
      const result = convolution(
        r,
        'conv2d',
        { x, filter: { ...filter, name: `${b.name} (transposed)` } },
        columns,
        (g, value, weight, bias) => g.conv2d(value, weight, { bias }),
      );
      return r.transpose(result, a.options.permutation);
    }
    const flat = r.reshape(a, [elementsOf(a.shape.slice(0, -1)), inner]);
    return r.reshape(product(r, flat, b), [...a.shape.slice(0, -1), columns]);
  }
  const batch = broadcastShape([a, b].map(({ shape }) => shape.slice(0, -2)));
  const count = elementsOf(batch);
  if (count > MOST_PARTS) unsupported(`it multiplies ${count} matrices`);
  const list = (item: Operand) => {
    if (isConstant(item)) return unsupported(`${showShape(a.shape)} is multiplied by ${showShape(b.shape)}`);
    const [height, width] = item.shape.slice(-2) as [number, number];
    const own = item.shape.slice(0, -2);
    const stack = r.reshape(item, [elementsOf(own), height, width]);
    const places = constantOf('places', 'int64', own, [...Array(elementsOf(own)).keys()]);
    return Array.from(expanded(places, places.name, batch).read(), (place) =>
      r.reshape(along(r, stack, 0, place, 1), [height, width]),
    );
  };
  const [lefts, rights] = [list(a), list(b)];
  const products = lefts.map((left, index) => r.reshape(product(r, left, rights[index] as Term), [1, rows, columns]));
  return r.reshape(concat(r, products, 0), [...batch, rows, columns]);
}

/** Of matrices. */
export const PRODUCTS = {
  Gemm(s, r) {
    const [a, b] = [operand(s, 0), operand(s, 1)];
    const [alpha, beta] = [s.float('alpha', 1), s.float('beta', 1)];
    const left = matrix(r, a, s.integer('transA', 0) === 1);
    const isTransposed = s.integer('transB', 0) === 1;
    const times = (constant: Constant, factor: number) =>
      factor === 1 ? constant : r.changed(constant, `* ${factor}`, (number) => number * factor);
    // The filter as it is stored, where it is stored as Linnet has it.
    const result =
      isConstant(b) && isTransposed && !isConstant(left) && b.shape.length === 2
        ? gemm(r, left, times(b, alpha))
        : r.linear(product(r, left, matrix(r, b, isTransposed)), alpha, 0);
    if (!s.has(2) || beta === 0) return result;
    const c = operand(s, 2);
    return r.add(result, isConstant(c) ? times(c, beta) : r.linear(c, beta, 0));
  },
  MatMul: matmul,
} as const satisfies Operators;
