import { sum } from '../../../engine/common/numbers.ts';
import type { Padding, Pair, Shape, Value } from '../../../engine/graph/graph.ts';
import type { GraphBuilder } from '../../../engine/graph/graph-builder.ts';
import { refuse } from '../problems.ts';
import { type OperatorFunction, type OperatorFunctions, type OperatorNode, unsupported } from './node.ts';
import { Computed, toValueOrder } from './operand.ts';
import { options } from './schema.ts';

/** How much there is before and after each axis of the file. */
function paddings(n: OperatorNode, { shape }: Computed): Pair[] {
  const given = n.integers(1, 'paddings');
  if (given.length !== 2 * shape.length || given.some((size) => size < 0)) {
    refuse(`The paddings are [${given.slice(0, 16).join(', ')}] for [${shape.join(', ')}].`);
  }
  return shape.map((_, axis) => [given[2 * axis] as number, given[2 * axis + 1] as number]);
}

const padding =
  (withValue: boolean): OperatorFunction =>
  (n) => {
    const { g } = n;
    const input = n.computed();
    const { length: rank } = input.shape;
    const sides = paddings(n, input);
    const value = withValue ? n.number(2, 'value') : 0;
    const shape = input.shape.map((size, axis) => size + sum(sides[axis] as Pair));
    const [items, rows, columns, channels] = sides;
    if (rank !== 4 || !items || !rows || !columns || !channels || items.some((size) => size > 0)) {
      const order = (side: 0 | 1) => toValueOrder(sides.map((pair) => pair[side]) as Shape, 0);
      return new Computed(g, shape, () => g.pad(input.map, order(0), order(1), { value }));
    }
    const area: Padding = [...rows, ...columns];
    const make = () => {
      const padded = area.some((size) => size > 0) ? padArea(g, input.map, area, value) : input.map;
      const [before, after] = channels.map((count) => (count > 0 ? [n.border(padded, count, value)] : []));
      return before?.length || after?.length ? g.concat([...(before ?? []), padded, ...(after ?? [])]) : padded;
    };
    const isArea = channels.every((size) => size === 0);
    return new Computed(g, shape, make, isArea ? { padded: { source: input, padding: area, value } } : {});
  };

function padArea(g: GraphBuilder, map: Value, area: Padding, value: number): Value {
  const [top, bottom, left, right] = area;
  return value === 0 ? g.pad(map, area) : g.pad(map, [0, 0, top, left], [0, 0, bottom, right], { value });
}

interface ResizeOptions {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

function resize(
  given: (n: OperatorNode) => ResizeOptions,
  compute: (g: GraphBuilder, value: Value, sizes: Pair, given: ResizeOptions & { readonly steps: Pair }) => Value,
): OperatorFunction {
  return (n) => {
    const input = n.map();
    const [height, width, ...more] = n.integers(1, 'size');
    if (!height || !width || height < 0 || width < 0 || more.length > 0) {
      refuse(`The size is ${[height, width, ...more].slice(0, 4).join(' x ')}.`);
    }
    const { alignCorners, halfPixelCenters } = given(n);
    const step = (from: number, to: number) => (alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to);
    const [, fromHeight = 1, fromWidth = 1] = input.shape;
    const steps: Pair = [step(fromHeight, height), step(fromWidth, width)];
    return n.result(compute(n.g, input.map, [height, width], { alignCorners, halfPixelCenters, steps }));
  };
}

/** Maps of other sizes. */
export const RESIZING = {
  MIRROR_PAD(n) {
    const input = n.computed();
    const isSymmetric = n.options(options.mirrorPad).mode === 1;
    const sides = paddings(n, input);
    if (isSymmetric && sides.flat().some((size) => size > 1)) unsupported('it repeats more than one pixel of the edge');
    const shape = input.shape.map((size, axis) => size + sum(sides[axis] as Pair));
    const order = (side: 0 | 1) => toValueOrder(sides.map((pair) => pair[side]) as Shape, 0);
    // What is mirrored with its edge is, of one pixel, the edge.
    const mode = isSymmetric ? 'edge' : 'reflection';
    return new Computed(n.g, shape, () => n.g.pad(input.map, order(0), order(1), { mode }));
  },
  PAD: padding(false),
  PADV2: padding(true),
  RESIZE_BILINEAR: resize(
    (n) => n.options(options.resizeBilinear),
    (g, value, sizes, { alignCorners, halfPixelCenters, steps }) => {
      if (alignCorners && halfPixelCenters) refuse('Corners are aligned, and pixels have half-pixel centers.');
      const coordinates = halfPixelCenters
        ? 'half-pixel'
        : alignCorners
          ? 'align-corners'
          : { steps, offsets: [0, 0] as Pair };
      return g.resample2d(value, { mode: 'linear', sizes, coordinates });
    },
  ),
  RESIZE_NEAREST_NEIGHBOR: resize(
    (n) => n.options(options.resizeNearest),
    (g, value, sizes, { alignCorners, halfPixelCenters, steps }) => {
      if (!alignCorners && !halfPixelCenters) return g.resample2d(value, { sizes });
      // The nearest pixel is that whose coordinate is rounded down; of aligned corners it is rounded up from a half on.
      const offsets = steps.map(
        (step) => (halfPixelCenters ? step / 2 : 0) + (alignCorners ? 0.5 : 0),
      ) as unknown as Pair;
      return g.resample2d(value, { sizes, coordinates: { steps, offsets } });
    },
  ),
} as const satisfies OperatorFunctions;
