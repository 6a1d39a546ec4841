import {
  elementsOf,
  type MapShape,
  type Padding,
  type Pair,
  type Shape,
  type Value,
} from '../../../engine/graph/graph.ts';
import type { GraphBuilder } from '../../../engine/graph/graph-builder.ts';
import type { Constant } from '../elements.ts';

/** Axes of a map in a graph, `[batch, channels, height, width]`, by their numbers in the file. */
const MAP_AXES = [0, 3, 1, 2] as const;

/** With ones, or what fills it, before the others. */
export const lifted = (list: Shape, rank: number, fill = 1): Shape => [
  ...Array(Math.max(0, rank - list.length)).fill(fill),
  ...list,
];

/** What there is for each axis of the file, in the order of a value of the graph, which has two axes at least. */
export const toValueOrder = (list: Shape, fill: number): Shape =>
  list.length === 4 ? MAP_AXES.map((axis) => list[axis] as number) : lifted(list, Math.max(2, list.length), fill);

/** The axis of a value of the graph. */
export const toValueAxis = (axis: number, rank: number): number =>
  rank === 4 ? MAP_AXES.indexOf(axis as 0) : Math.max(0, 2 - rank) + axis;

/** How an array of the file is transposed to the order of a value. */
export const orderOf = (rank: number): Shape =>
  rank === 4 ? MAP_AXES : Array.from({ length: rank }, (_, axis) => axis);

/** `clamp(alpha * x + beta, min, max)`, or x times that: what hard sigmoid, hard swish and others are. */
export interface Form {
  /** x. */
  readonly source: Computed;
  readonly isProduct: boolean;
  readonly alpha: number;
  readonly beta: number;
  readonly min: number;
  readonly max: number;
}

/** What else is known of a tensor, so that it need not be made where operators after it are one with it. */
interface Details {
  /** What it was before it was reshaped. */
  readonly source?: Computed;
  readonly form?: Form;
  readonly sigmoidOf?: Computed;
  /** What was padded at the top, bottom, left and right with a number. */
  readonly padded?: { readonly source: Computed; readonly padding: Padding; readonly value: number };
  /** What was multiplied by a factor for each channel. */
  readonly scaled?: { readonly source: Computed; readonly scale: Constant };
  /** Within which its elements are known to lie. */
  readonly bounds?: Pair;
  /**
   * Of what lies between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND: the block. Its pixels are still where they were before,
   * and neighbours are so far from each other; `shape` is what the file takes it for.
   */
  readonly block?: Pair;
}

/**
 * A tensor that the network computes. A map has its channels last in the file, and before height and width in the graph; of
 * other ranks there is one order. Where something is asked for in the other order it is transposed then.
 */
export class Computed {
  readonly shape: Shape;
  readonly details: Details;
  readonly #g: GraphBuilder;
  readonly #make: () => Value;
  /** Whether what is made has the file's order, although it has the rank of a map. */
  readonly isPlanar: boolean;
  #made: Value | undefined;
  #other: Value | undefined;

  /** `make` is called once, if anything reads the value. */
  constructor(g: GraphBuilder, shape: Shape, make: () => Value, details: Details = {}, isPlanar = false) {
    this.#g = g;
    this.shape = shape;
    this.#make = make;
    this.details = details;
    this.isPlanar = isPlanar;
  }

  /** In whichever order it is made. */
  get value(): Value {
    this.#made ??= this.#make();
    return this.#made;
  }

  /** A map's value, `[batch, channels, height, width]`. */
  get map(): Value {
    if (!this.isPlanar) return this.value;
    this.#other ??= this.#g.transpose(this.value, { permutation: MAP_AXES });
    return this.#other;
  }

  /** A value whose elements, row-major, are in the file's order. */
  get rows(): Value {
    if (this.shape.length !== 4 || this.isPlanar) return this.value;
    this.#other ??= isOneRow(this.shape) ? this.value : this.#g.transpose(this.value, { permutation: [0, 2, 3, 1] });
    return this.#other;
  }

  /** Another one of the same layout, made of this one's value. */
  with(make: (value: Value) => Value, details?: Details): Computed {
    const { block } = this.details;
    const kept = details ?? (block ? { block } : {});
    return new Computed(this.#g, this.shape, () => make(this.value), kept, this.isPlanar);
  }

  reshape(shape: Shape): Computed {
    const origin = this.details.source ?? this;
    if (shape.join() === this.shape.join()) return this;
    if (shape.join() === origin.shape.join()) return origin;
    const { bounds } = this.details;
    const make = () => {
      const rows = this.rows;
      if (shape.length !== 4 || isOneRow(shape)) return reshapeRows(this.#g, rows, toValueOrder(shape, 1));
      return this.#g.transpose(this.#g.reshape(rows, shape), { permutation: MAP_AXES });
    };
    return new Computed(this.#g, shape, make, { source: origin, ...(bounds && { bounds }) });
  }

  transpose(permutation: Shape): Computed {
    const g = this.#g;
    const shape = permutation.map((axis) => this.shape[axis] as number);
    if (shape.length < 2) return this;
    if (shape.length !== 4) return new Computed(g, shape, () => g.transpose(this.value, { permutation }));
    // From the axes of what is made to the axes of either order.
    const axes: Shape = this.isPlanar ? [0, 1, 2, 3] : MAP_AXES;
    const toPlanar = permutation.map((axis) => axes.indexOf(axis));
    const toMap = MAP_AXES.map((axis) => toPlanar[axis] as number);
    if (isIdentity(toPlanar)) return new Computed(g, shape, () => this.value, {}, true);
    if (isIdentity(toMap)) return new Computed(g, shape, () => this.value);
    return new Computed(g, shape, () => g.transpose(this.value, { permutation: toMap }));
  }
}

export type Operand = Constant | Computed;

export const isComputed = (operand: Operand | undefined): operand is Computed => operand instanceof Computed;

/** Whether a map's elements are in the same order whichever axis the channels are. */
const isOneRow = ([, height = 1, width = 1, channels]: Shape) => channels === 1 || height * width === 1;

const isIdentity = (permutation: Shape) => permutation.every((axis, index) => axis === index);

function reshapeRows(g: GraphBuilder, rows: Value, shape: Shape): Value {
  if (rows.shape.join() === shape.join()) return rows;
  const [batch, features] = shape;
  const isFlat = rows.shape.length === 4 && shape.length === 2 && rows.shape[0] === batch;
  return isFlat && elementsOf(rows.shape) === (batch as number) * (features as number)
    ? g.flatten(rows)
    : g.reshape(rows, shape);
}

/** The file's sizes of a map. */
export const fileShape = ({ shape }: Value): Shape => {
  const [batch, channels, height, width] = shape as MapShape;
  return [batch, height, width, channels];
};
