import { show } from '../common/kinds.ts';
import { demand } from './check.ts';
import type { Shape, ValueShape } from './graph.ts';

/** Whether the sizes of two operands, from the last axis on, are the same, or one of them 1. */
export const canBroadcast = (a: Shape, b: Shape) =>
  a.every((size, axis) => {
    const other = b[axis + b.length - a.length] ?? 1;
    return size === other || size === 1 || other === 1;
  });

/** The sizes that two operands have together: each is that of both, or of one where the other has 1. */
export function broadcastShape(a: Shape, b: Shape): ValueShape {
  const fits = a.length === b.length && canBroadcast(a, b);
  demand(fits, `The shapes ${show(a)} and ${show(b)} differ where neither has size 1.`);
  return a.map((size, axis) => Math.max(size, b[axis] as number)) as unknown as ValueShape;
}

/** A map's axes as few, along each of which an operand has either its own pixels or one for all: how it is stepped through. */
export interface Steps {
  /** The sizes of the last two of three axes. */
  readonly height: number;
  readonly width: number;
  /** Pixels that an operand's next one is apart along the three axes: 0 where it has one for all. */
  readonly steps: readonly (readonly [z: number, y: number, x: number])[];
  /** Whether one axis is enough. */
  readonly isPlain: boolean;
}

interface Axis {
  size: number;
  /** Whether an operand has one pixel for all. */
  readonly single: readonly boolean[];
}

/** How operands of these shapes are read for a result. */
export function stepsOf([, , ...area]: ValueShape, operands: readonly ValueShape[]): Steps {
  const axes: Axis[] = [];
  for (const [index, size] of area.entries()) {
    if (size === 1) continue;
    const single = operands.map((shape) => shape[index + 2] === 1);
    const last = axes.at(-1);
    if (last?.single.join() === single.join()) last.size *= size;
    else axes.push({ size, single });
  }
  demand(
    axes.length <= 3,
    `The shapes ${operands.map(show).join(' and ')} are broadcast along more than three runs of axes after the second.`,
  );
  const isPlain = axes.length < 2;
  while (axes.length < 3) axes.unshift({ size: 1, single: operands.map(() => true) });
  const [{ single: planes }, { size: height, single: rows }, { size: width, single: columns }] = axes as [
    Axis,
    Axis,
    Axis,
  ];
  const steps = operands.map((_, index) => {
    const row = columns[index] ? 1 : width;
    const plane = rows[index] ? row : row * height;
    return [planes[index] ? 0 : plane, rows[index] ? 0 : row, columns[index] ? 0 : 1] as const;
  });
  return { height, width, steps, isPlain };
}
