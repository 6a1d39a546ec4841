import { sameShape } from '../../../engine/graph/builder.ts';
import { elementsOf, type Shape, type Value } from '../../../engine/graph/graph.ts';
import type { GraphBuilder } from '../../../engine/graph/graph-builder.ts';
import { constantOf } from '../elements.ts';
import { type Algebra, beforeTurn, isTurned, lead } from './algebra.ts';
import { addedAxes, type Operator, type Operators } from './common.ts';
import {
  expandedTo,
  flattenedTo,
  partsOf,
  permutationOf,
  reshapedTo,
  sliceOf,
  squeezedTo,
  unsqueezedTo,
} from './folding.ts';
import type { Scope } from './node.ts';
import type { Term } from './recorder.ts';
import { showShape, unsupported } from './unsupported.ts';

/** Views that are put together one by one. */
export const MOST_PARTS = 64;

/** `sizes` elements of each axis, from `starts` on, which are `steps` apart. */
export function slice(r: Algebra, x: Term, starts: readonly number[], sizes: Shape, steps: readonly number[]): Term {
  if (sizes.some((size) => size === 0)) unsupported(`its result has the shape ${showShape(sizes)}`);
  if (sameShape(sizes, x.shape) && steps.every((step) => step === 1)) return x;
  return r.across(x, (input, axisOf) => {
    const added = addedAxes(input);
    const order = input.shape.map((_, axis) => sizes.findIndex((_, own) => axisOf(own) === axis));
    const axesOf = (list: readonly number[], filler: number) => [
      ...Array(added).fill(filler),
      ...order.map((own) => list[own] as number),
    ];
    const [from, count, apart] = [axesOf(starts, 0), axesOf(sizes, 1), axesOf(steps, 1)];
    const reversed = apart.flatMap((step, axis) => (step < 0 ? [axis] : []));
    const full = lead(input.shape, 2);
    const begin = from.map((start, axis) => ((apart[axis] as number) < 0 ? (full[axis] as number) - 1 - start : start));
    const strides = apart.map(Math.abs);
    // The method's sizes are those of the window that the strides leave some elements of.
    const window = count.map((size, axis) => (size - 1) * (strides[axis] as number) + 1);
    const options = strides.every((stride) => stride === 1) ? {} : { strides };
    const make = (g: GraphBuilder, value: Value) =>
      g.slice(reversed.length > 0 ? g.reverse(value, { axes: reversed }) : value, begin, window, options);
    return r.record('slice', [r.shaped(input, input.shape)], make, { shape: order.map((own) => sizes[own] as number) });
  });
}

/** One element, or some, of an axis. */
export function along(r: Algebra, x: Term, axis: number, start: number, size: number, step = 1): Term {
  const at = (value: number, byDefault: Shape | number) =>
    x.shape.map((_, own) =>
      own === axis ? value : typeof byDefault === 'number' ? byDefault : (byDefault[own] as number),
    );
  return slice(r, x, at(start, 0), at(size, x.shape), at(step, 1));
}

/** One after another along an axis. */
export function concat(r: Algebra, items: readonly Term[], axis: number): Term {
  const [first, ...more] = items;
  if (!first) return unsupported('it has no input');
  if (more.length === 0) return first;
  const permutations = new Set(items.map((item) => (isTurned(item) ? `${item.options.permutation}` : '')));
  if (isTurned(first) && permutations.size === 1) {
    const { permutation } = first.options;
    const before = items.map((item) => (isTurned(item) ? beforeTurn(item) : item));
    return r.transpose(concat(r, before, permutation[axis] as number), permutation);
  }
  const shape = first.shape.map((size, own) =>
    own === axis ? items.reduce((sum, item) => sum + (item.shape[axis] as number), 0) : size,
  );
  return r.record(
    'concat',
    items.map((item) => r.shaped(item, item.shape)),
    (g, ...values) => g.concat(values, axis + addedAxes(first)),
    { shape },
  );
}

/** Gather of a constant list of places. */
function gather(s: Scope, r: Algebra): Term {
  const x = s.term(0);
  const indices = s.constant(1);
  const axis = s.axis(s.integer('axis', 0), x.shape.length);
  const size = x.shape[axis] as number;
  const places = s.numbersOf(indices).map((index) => s.axis(index, size));
  const [first = 0, second = first + 1] = places;
  const step = second - first;
  const isEven = places.every((place, index) => place === first + index * step) && step !== 0;
  const parts = isEven
    ? [along(r, x, axis, first, places.length, step)]
    : places.slice(0, MOST_PARTS + 1).map((place) => along(r, x, axis, place, 1));
  if (parts.length > MOST_PARTS) unsupported(`it gathers more than ${MOST_PARTS} places that are not evenly apart`);
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  return r.reshape(concat(r, parts, axis), shape);
}

/** All elements in the same order. */
const reshaping =
  (shapeOf: (s: Scope, shape: Shape) => Shape): Operator =>
  (s, r) =>
    r.reshape(s.term(0), shapeOf(s, s.term(0).shape));

const isTrue = (s: Scope, index: number) => s.has(index) && s.number(index) !== 0;

/** The elements of the inputs in other places, and what is known of their shapes. */
export const VIEWS = {
  Concat(s, r) {
    const items = s.node.inputs.map((_, index) => s.term(index));
    const [first] = items;
    const { scale, zero } = first?.quantization ?? {};
    if (items.some(({ quantization }) => quantization?.scale !== scale || quantization?.zero !== zero)) {
      unsupported('its inputs are quantized in different ways');
    }
    return concat(r, items, s.axis(s.integer('axis', 1), first?.shape.length ?? 0));
  },
  DepthToSpace(s, r) {
    const mode = s.text('mode', 'DCR', 'CRD');
    const size = s.integer('blocksize');
    const x = s.term(0);
    return r.record('depthToSpace', [r.shaped(x, x.shape)], (g, value) => g.depthToSpace(value, size, { mode }));
  },
  Dropout(s) {
    if (isTrue(s, 2)) unsupported('it is in training mode');
    if (s.gives(1)) unsupported('its mask is asked for');
    return s.term(0);
  },
  Expand(s, r) {
    const x = s.term(0);
    const shape = expandedTo(s, x.shape);
    if (elementsOf(shape) === elementsOf(x.shape)) return r.reshape(x, shape);
    const [from, to] = [lead(x.shape, Math.max(2, shape.length)), lead(shape, Math.max(2, shape.length))];
    return r.record('expand', [r.shaped(x, from)], (g, value) => g.expand(value, to), { shape });
  },
  Flatten: reshaping(flattenedTo),
  Gather: gather,
  Identity: (s) => s.term(0),
  Reshape: reshaping(reshapedTo),
  Shape(s) {
    const { shape } = s.item(0);
    const part = shape.slice(s.integer('start', 0), s.integer('end', shape.length));
    return constantOf(s.output, 'int64', [part.length], part);
  },
  Size: (s) => constantOf(s.output, 'int64', [], [elementsOf(s.item(0).shape)]),
  Slice(s, r) {
    const x = s.term(0);
    const { starts, sizes, steps } = sliceOf(s, x.shape);
    return slice(r, x, starts, sizes, steps);
  },
  SpaceToDepth(s, r) {
    const size = s.integer('blocksize');
    const x = s.term(0);
    if (s.text('mode', 'DCR', 'CRD') === 'CRD') unsupported("its attribute 'mode' is 'CRD'");
    return r.record('spaceToDepth', [r.shaped(x, x.shape)], (g, value) => g.spaceToDepth(value, size));
  },
  Split(s, r) {
    const x = s.term(0);
    const axis = s.axis(s.integer('axis', 0), x.shape.length);
    let start = 0;
    return partsOf(s, x.shape[axis] as number).map((size) => {
      start += size;
      return along(r, x, axis, start - size, size);
    });
  },
  Squeeze: reshaping(squeezedTo),
  Tile(s, r) {
    const x = s.term(0);
    const given = s.numbers(1);
    if (given.length !== x.shape.length) unsupported(`it repeats ${given.length} axes of ${showShape(x.shape)}`);
    const shape = x.shape.map((size, axis) => size * (given[axis] as number));
    if (sameShape(shape, x.shape)) return x;
    const repetitions = lead(given, 2);
    return r.record('tile', [r.shaped(x, x.shape)], (g, value) => g.tile(value, repetitions), { shape });
  },
  Transpose(s, r) {
    const x = s.term(0);
    return r.transpose(x, permutationOf(s, x.shape.length));
  },
  Unsqueeze: reshaping(unsqueezedTo),
} as const satisfies Operators;
