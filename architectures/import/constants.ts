import { sum } from '../../engine/common/numbers.ts';
import { elementsOf, type Shape } from '../../engine/graph/graph.ts';
import { stridesOf } from '../../engine/graph/view.ts';
import type { ElementType } from './described.ts';
import { type Constant, isFloat, type Numbers, numbersFor } from './elements.ts';
import { refuse } from './problems.ts';

/** Numbers that a constant may have, and that may be computed to read one: few bytes of a file can ask for any number. */
const MOST = 2 ** 28;
/** So few numbers are computed once, and more whenever they are read: shapes, but no weights. */
const FEW = 2 ** 14;

/** A constant that is computed from others. */
export function derived(
  name: string,
  type: ElementType,
  shape: Shape,
  inputs: readonly Constant[],
  compute: (result: Numbers, ...inputs: Numbers[]) => void,
): Constant {
  const count = elementsOf(shape);
  const work = count + sum(inputs.map((input) => input.work));
  const isShape = shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!isShape) refuse(`The constant '${name.slice(0, 100)}' would have the shape [${shape.slice(0, 8).join(', ')}].`);
  if (!(work <= MOST)) refuse(`The constant '${name.slice(0, 100)}' takes ${work} numbers to compute, above ${MOST}.`);
  let kept: Numbers | undefined;
  const read = () => {
    if (kept) return kept;
    const result = numbersFor(type, count);
    compute(result, ...inputs.map((input) => input.read()));
    if (count <= FEW) kept = result;
    return result;
  };
  if (work > FEW) return { name, shape, type, work, read };
  read();
  return { name, shape, type, work: 0, read };
}

/** The shape to which numpy's rules broadcast these. */
export function broadcastShape(shapes: readonly Shape[]): Shape {
  const rank = Math.max(...shapes.map(({ length }) => length));
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = new Set(shapes.map((shape) => shape[axis - rank + shape.length] ?? 1));
    sizes.delete(1);
    if (sizes.size > 1) refuse(`The shapes ${shapes.map((shape) => `[${shape}]`).join(' and ')} cannot be broadcast.`);
    const [size = 1] = sizes;
    return size;
  });
}

/** Strides by which a tensor of `shape` is read as one of `wanted`, to which it is broadcast. */
function broadcastStrides(shape: Shape, wanted: Shape): number[] {
  const strides = stridesOf(shape);
  return wanted.map((_, axis) => {
    const own = axis - wanted.length + shape.length;
    return own < 0 || shape[own] === 1 ? 0 : (strides[own] as number);
  });
}

/** Calls `visit` with the places of each element of a tensor of `shape` in others, row-major. */
function walk(
  shape: Shape,
  strides: readonly Shape[],
  visit: (index: number, places: readonly number[]) => void,
): void {
  const count = elementsOf(shape);
  const position = shape.map(() => 0);
  const places = strides.map(() => 0);
  for (let index = 0; index < count; index++) {
    visit(index, places);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const size = shape[axis] as number;
      const isLast = position[axis] === size - 1;
      const steps = isLast ? 1 - size : 1;
      position[axis] = isLast ? 0 : (position[axis] as number) + 1;
      // Millions of times: nothing is allocated.
      for (let which = 0; which < strides.length; which++)
        places[which] = (places[which] as number) + steps * (strides[which]?.[axis] as number);
      if (!isLast) break;
    }
  }
}

/** A function of each element, with numpy's broadcasting. */
export function elementwise(
  name: string,
  type: ElementType,
  inputs: readonly Constant[],
  compute: (...numbers: number[]) => number,
): Constant {
  const shape = broadcastShape(inputs.map((input) => input.shape));
  const strides = inputs.map((input) => broadcastStrides(input.shape, shape));
  const round = isFloat(type) ? (number: number) => number : Math.trunc;
  const operands = inputs.map(() => 0);
  return derived(name, type, shape, inputs, (result, ...numbers) =>
    walk(shape, strides, (index, places) => {
      for (let which = 0; which < operands.length; which++)
        operands[which] = numbers[which]?.[places[which] as number] as number;
      result[index] = round(compute(...operands));
    }),
  );
}

/** The elements that lie `strides` apart, from `start` on. */
export function strided(constant: Constant, name: string, shape: Shape, strides: Shape, start = 0): Constant {
  return derived(name, constant.type, shape, [constant], (result, numbers) =>
    walk(shape, [strides], (index, [place]) => {
      result[index] = numbers[start + (place as number)] as number;
    }),
  );
}

export function reshaped(constant: Constant, name: string, shape: Shape): Constant {
  return { ...constant, name, shape };
}

export function expanded(constant: Constant, name: string, shape: Shape): Constant {
  return strided(constant, name, shape, broadcastStrides(constant.shape, shape));
}

export function transposed(constant: Constant, name: string, permutation: readonly number[]): Constant {
  const strides = stridesOf(constant.shape);
  const pick = (list: Shape) => permutation.map((axis) => list[axis] as number);
  return strided(constant, name, pick(constant.shape), pick(strides));
}

/** Constants one after another along an axis. */
export function concatenated(inputs: readonly Constant[], name: string, axis: number): Constant {
  const [{ shape: first, type }] = inputs as readonly [Constant];
  const size = sum(inputs.map(({ shape }) => shape[axis] as number));
  const shape = first.map((other, place) => (place === axis ? size : other));
  return derived(name, type, shape, inputs, (result, ...numbers) => {
    const inner = elementsOf(first.slice(axis + 1));
    let start = 0;
    for (const [which, { shape: part }] of inputs.entries()) {
      const run = (part[axis] as number) * inner;
      const own = numbers[which] as Numbers;
      for (let row = 0; row * run < own.length; row++) {
        result.set(own.subarray(row * run, (row + 1) * run), row * size * inner + start);
      }
      start += run;
    }
  });
}

/** Each list of elements along some axes becomes one number. */
export function reduced(
  constant: Constant,
  name: string,
  axes: readonly number[],
  keepDimensions: boolean,
  compute: (numbers: readonly number[]) => number,
): Constant {
  const { shape, type } = constant;
  const isReduced = (axis: number) => axes.includes(axis);
  const kept = shape.map((size, axis) => (isReduced(axis) ? 1 : size));
  const strides = stridesOf(kept).map((stride, axis) => (isReduced(axis) ? 0 : stride));
  const result = keepDimensions ? kept : shape.filter((_, axis) => !isReduced(axis));
  return derived(name, type, result, [constant], (values, numbers) => {
    const lists: number[][] = Array.from(values, () => []);
    walk(shape, [strides], (index, [place]) => lists[place as number]?.push(numbers[index] as number));
    for (const [index, list] of lists.entries()) values[index] = compute(list);
  });
}
