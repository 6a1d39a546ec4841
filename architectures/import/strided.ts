import { elementsOf, type Shape } from '../../engine/graph/graph.ts';

/** Values of a constant: float32, or numbers of which float32 has too few digits (sizes, indices). */
export type Numbers = Float32Array | Float64Array;

/** By how many elements each index of a row-major array steps. */
export function stridesOf(shape: Shape): number[] {
  let step = 1;
  return shape
    .map((_, index) => {
      const stride = step;
      step *= shape[shape.length - 1 - index] as number;
      return stride;
    })
    .reverse();
}

/**
 * A row-major array of some elements of another one: index `i` steps by `strides[i]` there, from element `offset` on. That is
 * a transposition, a slice, a reversal or a repetition (stride 0), or several at once.
 */
export function strided(values: Numbers, shape: Shape, strides: Shape, offset = 0): Numbers {
  const result = new (values.constructor as new (length: number) => Numbers)(elementsOf(shape));
  const index = shape.map(() => 0);
  const last = shape.length - 1;
  const [row = 1, step = 0] = last < 0 ? [] : [shape[last], strides[last]];
  let from = offset;
  for (let to = 0; to < result.length; to += row) {
    for (let column = 0; column < row; column++) result[to + column] = values[from + column * step] as number;
    for (let axis = last - 1; axis >= 0; axis--) {
      const [size, stride] = [shape[axis] as number, strides[axis] as number];
      from += stride;
      index[axis] = (index[axis] as number) + 1;
      if (index[axis] !== size) break;
      from -= stride * size;
      index[axis] = 0;
    }
  }
  return result;
}

/** Sizes of what two operands of these sizes make together: equal ones, or one of them 1, from the last on. */
export function broadcast(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const [long, short] = [lifted(a, rank), lifted(b, rank)];
  const fits = long.every((size, axis) => size === short[axis] || size === 1 || short[axis] === 1);
  return fits ? long.map((size, axis) => (size === 1 ? (short[axis] as number) : size)) : undefined;
}

/** With ones, or what fills it, before the others. */
export const lifted = (list: Shape, rank: number, fill = 1): Shape => [
  ...Array(Math.max(0, rank - list.length)).fill(fill),
  ...list,
];

/** The strides with which an array of this shape is repeated to that of `target`. */
export function repeating(shape: Shape, target: Shape): number[] {
  const full = lifted(shape, target.length);
  return stridesOf(full).map((stride, axis) => (full[axis] === 1 ? 0 : stride));
}
