import { elementsOf, type Shape } from './graph.ts';

/**
 * Elements of a value in another order, some of them several times or not at all: the index of an element of the result,
 * row-major, is taken apart into digits, one for each of `sizes`, the last one steps fastest; the element comes from
 * `offset + sum(digit * stride)` of the row-major input.
 */
export interface View {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
}

/** The digits that a kernel takes apart. */
export const MAX_DIGITS = 8;

/** How far the elements are apart that are neighbours along each axis. */
export const stridesOf = (shape: Shape) => shape.map((_, axis) => elementsOf(shape.slice(axis + 1)));

/** All elements of a value as they are, with a digit for each axis. */
export const viewOf = (shape: Shape): View => ({ sizes: shape, strides: stridesOf(shape), offset: 0 });

/** With as few digits as can be. */
export function coalesce({ sizes, strides, offset }: View): View {
  const digits: [size: number, stride: number][] = [];
  for (const [digit, size] of sizes.entries()) {
    const stride = strides[digit] as number;
    const last = digits.at(-1);
    if (size === 1) continue;
    if (last?.[1] === size * stride) digits[digits.length - 1] = [last[0] * size, stride];
    else digits.push([size, stride]);
  }
  return { sizes: digits.map(([size]) => size), strides: digits.map(([, stride]) => stride), offset };
}

/** Whether two views of a value are the same. */
export const isSameView = (a: View, b: View) => JSON.stringify(coalesce(a)) === JSON.stringify(coalesce(b));

/**
 * The view that `outer` has of what `inner` gives, seen from what `inner` reads; `undefined` where it is no view. That is one
 * where no sum of the outer one's steps is carried from a digit of the inner one to the next.
 */
export function compose(outer: View, inner: View): View | undefined {
  const { sizes, strides } = coalesce(inner);
  const weights = stridesOf(sizes);
  /** The inner one's digits of an element. */
  const apart = (index: number) =>
    sizes.map((size, digit) => Math.floor(index / (weights[digit] as number)) % (digit === 0 ? Infinity : size));
  const sumOf = (digits: readonly number[]) =>
    digits.reduce((sum, value, digit) => sum + value * (strides[digit] as number), 0);

  const backwards = outer.strides.map((stride) => stride < 0);
  const first = outer.sizes.reduce(
    (sum, size, digit) => (backwards[digit] ? sum + (size - 1) * (outer.strides[digit] as number) : sum),
    outer.offset,
  );
  const reached = apart(first);
  let offset = inner.offset + sumOf(reached);
  const composed: { sizes: number[]; strides: number[] } = { sizes: [], strides: [] };
  for (const [digit, size] of outer.sizes.entries()) {
    const pieces = splitAtCarries(size, Math.abs(outer.strides[digit] as number), { sizes, weights });
    for (const [count, step] of pieces) {
      const steps = apart(step);
      for (const [index, each] of steps.entries()) reached[index] = (reached[index] as number) + (count - 1) * each;
      const stride = sumOf(steps);
      composed.sizes.push(count);
      composed.strides.push(backwards[digit] ? -stride : stride);
      if (backwards[digit]) offset += (count - 1) * stride;
    }
  }
  if (reached.some((last, digit) => last >= (sizes[digit] as number))) return undefined;
  const result = coalesce({ ...composed, offset });
  return result.sizes.length > MAX_DIGITS ? undefined : result;
}

/** A digit as several, each of which steps within one of the other view's; as far as it goes without a remainder. */
function splitAtCarries(
  size: number,
  stride: number,
  within: { readonly sizes: readonly number[]; readonly weights: readonly number[] },
): [size: number, stride: number][] {
  const digit = within.weights.findIndex((weight) => stride % weight === 0);
  const step = stride / (within.weights[digit] as number);
  const room = (within.sizes[digit] as number) / step;
  if (size <= 1 || step === 0 || size <= room || !Number.isInteger(room) || size % room !== 0) return [[size, stride]];
  return [...splitAtCarries(size / room, stride * room, within), [room, stride]];
}

/** With a digit that begins where each of these numbers of elements ends, if that is possible. */
export function splitAt({ sizes, strides, offset }: View, ...ends: readonly number[]): View | undefined {
  const digits: [size: number, stride: number][] = [];
  let elements = 1;
  let [end, ...later] = ends;
  for (let digit = sizes.length - 1; digit >= 0; digit--) {
    let size = sizes[digit] as number;
    let stride = strides[digit] as number;
    while (end !== undefined && elements * size >= end) {
      const inner = end / elements;
      if (!Number.isInteger(inner) || size % inner !== 0) return undefined;
      if (inner > 1) digits.unshift([inner, stride]);
      [size, stride, elements] = [size / inner, stride * inner, end];
      [end, ...later] = later;
    }
    if (size > 1) digits.unshift([size, stride]);
    elements *= size;
  }
  return { sizes: digits.map(([size]) => size), strides: digits.map(([, stride]) => stride), offset };
}
