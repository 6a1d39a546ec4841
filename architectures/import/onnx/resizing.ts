import { elementsOf, type Pair, type Shape, type Value } from '../../../engine/graph/graph.ts';
import type { GraphBuilder } from '../../../engine/graph/graph-builder.ts';
import { constantOf } from '../elements.ts';
import { type Algebra, MOST_SIZE } from './algebra.ts';
import { type Operators, unmap } from './common.ts';
import type { Scope } from './node.ts';
import type { Term } from './recorder.ts';
import { showShape, unsupported } from './unsupported.ts';
import { slice } from './views.ts';

/**
 * What a two-dimensional method does to some axes: `work` gets them as the last two of a map, or as the last one, and where an
 * axis is among these.
 */
function spatially(
  r: Algebra,
  x: Term,
  axes: readonly number[],
  work: (map: Term, place: (axis: number) => 0 | 1) => Term,
): Term {
  const rank = x.shape.length;
  const begin = rank - 2;
  if (rank === 3 && axes.every((axis) => axis === 2)) {
    const result = work(r.map(x), () => 1);
    return unmap(r, result, x);
  }
  if (rank >= 4 && axes.every((axis) => axis >= begin)) {
    const [first, ...rest] = x.shape;
    const map = r.reshape(x, [first as number, elementsOf(rest.slice(0, -2)), ...rest.slice(-2)]);
    const result = work(r.shaped(map, map.shape), (axis) => (axis === begin ? 0 : 1));
    return r.reshape(result, [...x.shape.slice(0, begin), ...result.value.shape.slice(2)]);
  }
  if (rank > 4 || axes.length > 2) return unsupported(`it changes the axes [${axes}] of ${showShape(x.shape)}`);
  const order = [...x.shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
  const turned = r.transpose(x, order);
  const map = r.reshape(turned, [...Array(4 - rank).fill(1), ...turned.shape]);
  const result = work(r.shaped(map, map.shape), (axis) => (order.indexOf(axis) === rank - 1 ? 1 : 0));
  const back = order.map((_, axis) => order.indexOf(axis));
  return r.transpose(r.reshape(result, result.value.shape.slice(4 - rank)), back);
}

function pad(
  r: Algebra,
  x: Term,
  begins: readonly number[],
  ends: readonly number[],
  mode: 'constant' | 'edge' | 'reflection',
  value: number,
): Term {
  const axes = [...x.shape.keys()].filter((axis) => begins[axis] || ends[axis]);
  if (axes.length === 0) return x;
  return r.across(x, (input, axisOf) => {
    const list = (sides: readonly number[]) =>
      input.shape.map((_, axis) => sides[[...x.shape.keys()].findIndex((own) => axisOf(own) === axis)] as number);
    const [before, after] = [list(begins), list(ends)];
    const own = [...input.shape.keys()].filter((axis) => before[axis] || after[axis]);
    // Two axes at a time, the last ones first.
    const groups: number[][] = [];
    for (const rest = [...own]; rest.length > 0; ) groups.push(rest.splice(-2));
    return groups.reduce(
      (result, group) =>
        spatially(r, result, group, (map, place) => {
          const sides = [0, 1].map((side) => {
            const axis = group.find((candidate) => place(candidate) === side);
            return axis === undefined ? [0, 0] : [before[axis] as number, after[axis] as number];
          });
          const [[top, bottom], [left, right]] = sides as [[number, number], [number, number]];
          const isZero = mode === 'constant' && value === 0;
          const make = (g: GraphBuilder, input: Value) =>
            isZero
              ? g.pad(input, [top, bottom, left, right])
              : g.pad(input, [0, 0, top, left], [0, 0, bottom, right], { mode, value });
          return r.record('pad', [map], make);
        }),
      input,
    );
  });
}

/** Which pixel of an axis each result's is, as `index * step + offset`. The names are those of `coordinate_transformation_mode`. */
const COORDINATES: Readonly<
  Record<string, (before: number, after: number, scale: number, roi: Pair) => readonly [step: number, offset: number]>
> = {
  half_pixel: (_before, _after, scale) => [1 / scale, 0.5 / scale - 0.5],
  pytorch_half_pixel: (_before, after, scale) => (after > 1 ? [1 / scale, 0.5 / scale - 0.5] : [0, 0]),
  half_pixel_symmetric: (before, after, scale) => [
    1 / scale,
    (before / 2) * (1 - after / (before * scale)) + 0.5 / scale - 0.5,
  ],
  asymmetric: (_before, _after, scale) => [1 / scale, 0],
  // As ONNX's tests have it, of a size that a scale gives before it is rounded.
  align_corners: (before, _after, scale) => (before * scale > 1 ? [(before - 1) / (before * scale - 1), 0] : [0, 0]),
  tf_half_pixel_for_nn: (_before, _after, scale) => [1 / scale, 0.5 / scale],
  tf_crop_and_resize: (before, after, _scale, [start, end]) =>
    after > 1
      ? [((end - start) * (before - 1)) / (after - 1), start * (before - 1)]
      : [0, 0.5 * (start + end) * (before - 1)],
};

const ROUNDING = {
  floor: 'floor',
  ceil: 'ceil',
  round_prefer_floor: 'round-prefer-floor',
  round_prefer_ceil: 'round-prefer-ceil',
} as const;

interface ResizedAxis extends Resized {
  readonly axis: number;
}
interface Resized {
  readonly size: number;
  readonly step: number;
  readonly offset: number;
}

/** Where the pixels of the resized axes lie. */
function resizedAxes(s: Scope, shape: Shape): ResizedAxis[] {
  const named = s.text('coordinate_transformation_mode', 'half_pixel', ...Object.keys(COORDINATES));
  const coordinates = COORDINATES[named] as (typeof COORDINATES)[string];
  const axes = s.axes(s.integers('axes') ?? [...shape.keys()], shape.length);
  const given = (index: number) => {
    const numbers = s.has(index) ? s.numbers(index) : [];
    return numbers.length > 0 ? numbers : undefined;
  };
  const [roi, scales, sizes] = [named === 'tf_crop_and_resize' ? given(1) : undefined, given(2), given(3)];
  const list = sizes ?? scales ?? unsupported('it has neither scales nor sizes');
  if (list.length !== axes.length) unsupported(`it has ${list.length} scales or sizes for ${axes.length} axes`);
  const policy = s.text('keep_aspect_ratio_policy', 'stretch', 'not_larger', 'not_smaller');
  const before = axes.map((axis) => shape[axis] as number);
  const ratios = before.map((size, index) => (sizes ? (sizes[index] as number) / size : (list[index] as number)));
  const ratio = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
  const keeps = sizes && policy !== 'stretch';
  return axes.map((axis, index) => {
    const from = before[index] as number;
    const scale = keeps ? ratio : (ratios[index] as number);
    const size = keeps ? Math.floor(from * ratio + 0.5) : sizes ? (sizes[index] as number) : Math.floor(from * scale);
    if (!(scale > 0 && Number.isSafeInteger(size) && size >= 1 && size <= MOST_SIZE)) {
      unsupported(`it scales an axis of ${from} by ${scale}`);
    }
    const [step, offset] = coordinates(from, size, scale, [roi?.[index] ?? 0, roi?.[index + axes.length] ?? 1]);
    return { axis, size, step, offset };
  });
}

const NEAREST: Readonly<Record<keyof typeof ROUNDING, readonly [round: (place: number) => number, favoured: -1 | 1]>> =
  {
    floor: [Math.floor, 1],
    ceil: [Math.ceil, -1],
    round_prefer_floor: [(place) => Math.ceil(place - 0.5), -1],
    round_prefer_ceil: [(place) => Math.floor(place + 0.5), 1],
  };

/**
 * The offset with which a GPU's floats find the same pixels: where a place lies between two of them it may be rounded to the
 * wrong one, unless all are moved by as much as rounding may be off.
 */
function steadyOffset({ size, step, offset }: Resized, length: number, nearest: keyof typeof ROUNDING): number {
  const [round, favoured] = NEAREST[nearest];
  const moved = offset + favoured * length * 2 ** -22;
  const [single, start] = [Math.fround(step), Math.fround(offset)];
  const isSteady = Array.from({ length: size }, (_, index) => {
    const wanted = round(index * step + moved);
    const fused = round(Math.fround(index * single + start));
    return fused === wanted && round(Math.fround(Math.fround(index * single) + start)) === wanted;
  });
  return isSteady.every(Boolean) ? offset : moved;
}

/** What a cropped map has beyond the edges of the input, which `tf_crop_and_resize` may look at. */
function extrapolated(s: Scope, r: Algebra, result: Term, rows: Resized, columns: Resized, area: Pair): Term {
  const inside = ({ size, step, offset }: Resized, length: number) =>
    Array.from({ length: size }, (_, index) => {
      const place = index * step + offset;
      return place >= 0 && place <= length - 1;
    });
  if (rows.size * columns.size > MOST_SIZE) unsupported(`it crops ${rows.size} x ${columns.size} pixels`);
  const [inRows, inColumns] = [inside(rows, area[0]), inside(columns, area[1])];
  const isInside = inRows.flatMap((inRow) => inColumns.map((inColumn) => inRow && inColumn));
  if (isInside.every(Boolean)) return result;
  const value = s.float('extrapolation_value', 0);
  const constant = (name: string, of: (is: boolean) => number) =>
    constantOf(`${s.output} (${name})`, 'float32', [1, 1, rows.size, columns.size], isInside.map(of));
  const kept = r.binary('mul', result, constant('inside', Number));
  return r.binary(
    'add',
    kept,
    constant('outside', (is) => (is ? 0 : value)),
  );
}

function resize(s: Scope, r: Algebra): Term {
  const mode = s.text('mode', 'nearest', 'linear', 'cubic', 'bilinear');
  const nearest = s.text<keyof typeof ROUNDING>(
    'nearest_mode',
    'round_prefer_floor',
    'floor',
    'ceil',
    'round_prefer_ceil',
  );
  const x = s.value(0);
  const changed = resizedAxes(s, x.shape).filter(
    // Of one pixel, any place is the same.
    ({ axis, size, step, offset }) => size !== x.shape[axis] || (size > 1 && (step !== 1 || offset !== 0)),
  );
  if (changed.length === 0) return x;
  if (s.integer('antialias', 0) && changed.some(({ step }) => step > 1)) unsupported("its attribute 'antialias' is 1");
  const cubicCoefficient = s.float('cubic_coeff_a', -0.75);
  const excludeOutside = s.integer('exclude_outside', 0) === 1;
  return r.across(x, (input, axisOf) => {
    const own = changed.map((entry) => ({ ...entry, axis: axisOf(entry.axis) }));
    const axes = own.map(({ axis }) => axis).sort((a, b) => a - b);
    return spatially(r, input, axes, (map, place) => {
      const [, , ...area] = map.value.shape;
      const at = (side: 0 | 1): Resized =>
        own.find(({ axis }) => place(axis) === side) ?? { size: area[side] as number, step: 1, offset: 0 };
      const [rows, columns] = [at(0), at(1)];
      const offsetOf = (side: Resized, length: number | undefined) =>
        mode === 'nearest' ? steadyOffset(side, length ?? 1, nearest) : side.offset;
      const options = {
        sizes: [rows.size, columns.size] as const,
        coordinates: {
          steps: [rows.step, columns.step] as const,
          offsets: [offsetOf(rows, area[0]), offsetOf(columns, area[1])] as const,
        },
      };
      const result = r.record('resample2d', [map], (g, value) => {
        if (mode === 'nearest') {
          return g.resample2d(value, {
            ...options,
            mode: 'nearest-neighbor',
            rounding: ROUNDING[nearest],
          });
        }
        if (mode === 'cubic') return g.resample2d(value, { ...options, mode, cubicCoefficient, excludeOutside });
        return g.resample2d(value, { ...options, mode: 'linear' });
      });
      return s.attribute('coordinate_transformation_mode')?.s === 'tf_crop_and_resize'
        ? extrapolated(s, r, result, rows, columns, area as unknown as Pair)
        : result;
    });
  });
}

/** Maps of other sizes. */
export const RESIZING = {
  Pad(s, r) {
    const given = s.text('mode', 'constant', 'reflect', 'edge');
    const mode = given === 'reflect' ? 'reflection' : given;
    const x = s.term(0);
    const pads = s.numbers(1);
    const axes = s.axes(s.has(3) ? s.numbers(3) : [...x.shape.keys()], x.shape.length);
    if (pads.length !== axes.length * 2) unsupported(`it has ${pads.length} sides for ${axes.length} axes`);
    const side = (start: number) =>
      x.shape.map((_, axis) => (axes.includes(axis) ? (pads[start + axes.indexOf(axis)] as number) : 0));
    const [begins, ends] = [side(0), side(axes.length)];
    const cut = (list: readonly number[]) => list.map((number) => Math.max(0, -number));
    const [starts, stops] = [cut(begins), cut(ends)];
    const sizes = x.shape.map((size, axis) => size - (starts[axis] as number) - (stops[axis] as number));
    const inner = slice(
      r,
      x,
      starts,
      sizes,
      sizes.map(() => 1),
    );
    const more = (list: readonly number[]) => list.map((number) => Math.max(0, number));
    const { scale = 1, zero = 0 } = x.quantization ?? {};
    const value = (s.number(2, 0) - zero) * scale;
    return pad(r, inner, more(begins), more(ends), mode as 'constant' | 'edge' | 'reflection', value);
  },
  Resize: resize,
} as const satisfies Operators;
