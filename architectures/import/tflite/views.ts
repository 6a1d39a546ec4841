import { elementsOf, type Shape, type Value } from '../../../engine/graph/graph.ts';
import type { GraphBuilder } from '../../../engine/graph/graph-builder.ts';
import { expanded } from '../constants.ts';
import { refuse } from '../problems.ts';
import { type OperatorFunction, type OperatorFunctions, type OperatorNode, unsupported } from './node.ts';
import { Computed, isComputed, lifted, type Operand, toValueOrder } from './operand.ts';
import { options } from './schema.ts';

/** With a size of 1 more, which is then that axis. */
const withOne = (shape: Shape, axis: number): Shape => [...shape.slice(0, axis), 1, ...shape.slice(axis)];

/** Parts of these sizes, one after another along an axis. */
function parts(n: OperatorNode, operand: Operand, axis: number, sizes: readonly number[]): Operand[] {
  const { shape } = operand;
  if (sizes.length !== n.outputs.length) refuse(`There are ${n.outputs.length} results of ${sizes.length} parts.`);
  let end = 0;
  const split = sizes.map((size) => {
    const start = end;
    end += size;
    return n.slice(
      operand,
      shape.map((_, at) => (at === axis ? start : 0)),
      shape.map((whole, at) => (at === axis ? size : whole)),
    );
  });
  return end === shape[axis] ? split : refuse(`The parts of axis ${axis} have ${end} of ${shape[axis]} in all.`);
}

const blocks =
  (compute: (g: GraphBuilder, value: Value, size: number) => Value): OperatorFunction =>
  (n) => {
    const { size } = n.options(options.block);
    if (size < 1) refuse(`The block is ${size}.`);
    return n.result(compute(n.g, n.map().map, size));
  };

/** The elements of the operands in other places. */
export const VIEWS = {
  BROADCAST_TO(n) {
    const operand = n.operand(0);
    const shape = n.integers(1, 'shape');
    const fits = shape.length >= operand.shape.length;
    const full = fits ? lifted(operand.shape, shape.length) : [];
    if (!fits || !full.every((size, axis) => size === 1 || size === shape[axis])) {
      refuse(`[${operand.shape.join(', ')}] cannot be repeated to [${shape.slice(0, 8).join(', ')}].`);
    }
    if (!isComputed(operand)) {
      return expanded(operand, n.name, shape);
    }
    const input = operand.reshape(full);
    return new Computed(n.g, shape, () => n.g.expand(input.map, toValueOrder(shape, 1)));
  },
  CONCATENATION(n) {
    const { axis, activation } = n.options(options.concatenation);
    const joined = n.concat(
      n.operands.map((_, index) => n.operand(index)),
      n.axis(axis, n.operand(0).shape.length),
    );
    return activation === 0 || !isComputed(joined) ? joined : n.result(joined.map, { activation, shape: joined.shape });
  },
  DEPTH_TO_SPACE: blocks((g, value, size) => g.depthToSpace(value, size, { mode: 'DCR' })),
  EXPAND_DIMS(n) {
    const operand = n.operand(0);
    const { shape } = operand;
    return n.reshape(operand, withOne(shape, n.axis(n.integer(1, 'axis'), shape.length + 1)));
  },
  /** Runs of consecutive indices are slices. */
  GATHER(n) {
    const { axis: given, batchDims } = n.options(options.gather);
    const operand = n.operand(0);
    const { shape } = operand;
    const axis = n.axis(given, shape.length);
    const indices = n.integers(1, 'indices');
    if (batchDims !== 0) unsupported('it takes other elements from each item of a batch');
    const runs: { start: number; count: number }[] = [];
    for (const index of indices) {
      const last = runs.at(-1);
      if (last && index === last.start + last.count) last.count++;
      else runs.push({ start: index, count: 1 });
    }
    if (runs.length > 32) unsupported(`it takes ${indices.length} elements from ${runs.length} places`);
    const slices = runs.map(({ start, count }) =>
      n.slice(
        operand,
        shape.map((_, at) => (at === axis ? start : 0)),
        shape.map((size, at) => (at === axis ? count : size)),
      ),
    );
    return n.reshape(n.concat(slices, axis), [
      ...shape.slice(0, axis),
      ...n.operand(1).shape,
      ...shape.slice(axis + 1),
    ]);
  },
  PACK(n) {
    const all = n.operands.map((_, index) => n.operand(index));
    const { length: rank } = n.operand(0).shape;
    const axis = n.axis(n.options(options.pack).axis, rank + 1);
    return n.concat(
      all.map((operand) => n.reshape(operand, withOne(operand.shape, axis))),
      axis,
    );
  },
  RESHAPE(n) {
    const operand = n.operand(0);
    const given = n.operands[1] ? n.integers(1, 'shape') : n.options(options.reshape).newShape;
    const elements = elementsOf(operand.shape);
    const known = elementsOf(given.filter((size) => size !== -1));
    return n.reshape(
      operand,
      given.map((size) => (size === -1 ? elements / known : size)),
    );
  },
  REVERSE_V2(n) {
    const operand = n.operand(0);
    const { shape } = operand;
    const axes = n.integers(1, 'axes').map((axis) => n.axis(axis, shape.length));
    return n.slice(
      operand,
      shape.map((size, axis) => (axes.includes(axis) ? size - 1 : 0)),
      shape,
      shape.map((_, axis) => (axes.includes(axis) ? -1 : 1)),
    );
  },
  SLICE(n) {
    const operand = n.operand(0);
    const starts = n.integers(1, 'begin');
    const counts = n
      .integers(2, 'size')
      .map((size, axis) => (size === -1 ? (operand.shape[axis] ?? 0) - (starts[axis] ?? 0) : size));
    return n.slice(operand, starts, counts);
  },
  SPACE_TO_DEPTH: blocks((g, value, size) => g.spaceToDepth(value, size)),
  SPLIT(n) {
    const operand = n.operand(1);
    const axis = n.axis(n.integer(0, 'axis'), operand.shape.length);
    const size = (operand.shape[axis] as number) / n.outputs.length;
    return parts(
      n,
      operand,
      axis,
      n.outputs.map(() => size),
    );
  },
  SPLIT_V(n) {
    const operand = n.operand(0);
    const axis = n.axis(n.integer(2, 'axis'), operand.shape.length);
    const sizes = n.integers(1, 'sizes');
    const known = sizes.reduce((sum, size) => sum + Math.max(size, 0), 0);
    return parts(
      n,
      operand,
      axis,
      sizes.map((size) => (size === -1 ? (operand.shape[axis] as number) - known : size)),
    );
  },
  SQUEEZE(n) {
    const operand = n.operand(0);
    const { shape } = operand;
    const axes = n.options(options.squeeze).dims.map((axis) => n.axis(axis, shape.length));
    return n.reshape(
      operand,
      // An axis of another size than 1 stays out too, and then there are too few elements.
      shape.filter((size, axis) => (axes.length > 0 ? !axes.includes(axis) : size !== 1)),
    );
  },
  STRIDED_SLICE(n) {
    const masks = n.options(options.stridedSlice);
    const operand = n.operand(0);
    const { shape } = operand;
    const [begins, ends, steps] = [n.integers(1, 'begin'), n.integers(2, 'end'), n.integers(3, 'strides')];
    if (begins.length > 32) refuse(`There are ${begins.length} slices; the masks have 32 bits.`);
    const starts: number[] = [];
    const counts: number[] = [];
    const result: number[] = [];
    const take = (start: number, count: number, isKept = true) => {
      starts.push(start);
      counts.push(count);
      if (isKept) result.push(count);
    };
    const sizeHere = () => shape[starts.length] ?? refuse('There are more slices than axes.');
    const taken: number[] = [];
    for (const [index, given] of begins.entries()) {
      const has = (mask: number) => (mask & (1 << index)) !== 0;
      const step = steps[index] ?? 0;
      if (has(masks.ellipsisMask)) {
        const more = begins.filter((_, other) => other > index && (masks.newAxisMask & (1 << other)) === 0).length;
        while (starts.length < shape.length - more) {
          taken.push(1);
          take(0, sizeHere());
        }
      } else if (has(masks.newAxisMask)) result.push(1);
      else {
        const size = sizeHere();
        if (step === 0) refuse('A stride is 0.');
        const from = given < 0 ? given + size : given;
        const end = (ends[index] ?? 0) + (masks.offset ? from : 0);
        const to = end < 0 ? end + size : end;
        // Backwards, the end may lie before the first element.
        const [least, most] = step > 0 ? [0, size] : [-1, size - 1];
        const within = (at: number) => Math.min(Math.max(at, least), most);
        const first = has(masks.beginMask) ? (step > 0 ? least : most) : within(from);
        const last = has(masks.endMask) ? (step > 0 ? most : least) : within(to);
        taken.push(step);
        if (has(masks.shrinkAxisMask)) take(from, 1, false);
        else take(first, Math.max(0, Math.ceil((last - first) / step)));
      }
    }
    while (starts.length < shape.length) {
      taken.push(1);
      take(0, sizeHere());
    }
    return n.reshape(n.slice(operand, starts, counts, taken), result);
  },
  TILE(n) {
    const operand = n.operand(0);
    const repetitions = n.integers(1, 'multiples');
    const shape = operand.shape.map((size, axis) => size * (repetitions[axis] ?? 1));
    if (repetitions.length !== shape.length || repetitions.some((count) => count < 1)) {
      refuse(`The multiples are [${repetitions.slice(0, 8).join(', ')}] for [${operand.shape.join(', ')}].`);
    }
    if (!isComputed(operand)) unsupported('its input is a constant');
    return new Computed(n.g, shape, () => n.g.tile(operand.map, toValueOrder(repetitions, 1)));
  },
  TRANSPOSE: (n) => n.transpose(n.operand(0), n.integers(1, 'permutation')),
  UNPACK(n) {
    const operand = n.operand(0);
    const { shape } = operand;
    const axis = n.axis(n.options(options.pack).axis, shape.length);
    const sizes = n.outputs.map(() => 1);
    return parts(n, operand, axis, sizes).map((part) =>
      n.reshape(
        part,
        shape.filter((_, at) => at !== axis),
      ),
    );
  },
} as const satisfies OperatorFunctions;
