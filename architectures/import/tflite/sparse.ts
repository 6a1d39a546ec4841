import { elementsOf, type Shape } from '../../../engine/graph/graph.ts';
import { stridesOf } from '../../../engine/graph/view.ts';
import { refuse as refuseFile } from '../problems.ts';
import type { Sparsity } from './schema.ts';

const DENSE = 0;

/**
 * Calls `place` with the index in the row-major array for each number that a sparse tensor stores, in the order in which
 * they are stored. Each level of the tree is an axis, or one within blocks of some axis; a dense one has all its indices, of
 * another one the children of a node are those from one segment to the next (the schema's `SparsityParameters`).
 */
export function placeStored(
  shape: Shape,
  { traversalOrder, blockMap, levels }: Sparsity,
  stored: number,
  place: (index: number) => void,
): void {
  const rank = shape.length;
  const axisOf = (level: number) => {
    const number = traversalOrder[level] as number;
    return number < rank ? number : (blockMap[number - rank] as number);
  };
  const isOrder = [...traversalOrder].sort((a, b) => a - b).every((number, index) => number === index);
  const isSound =
    isOrder &&
    traversalOrder.length === levels.length &&
    levels.length === rank + blockMap.length &&
    traversalOrder.every((number, level) => number < rank === level < rank) &&
    blockMap.every((axis) => axis >= 0 && axis < rank);
  const refuse = () =>
    refuseFile(`A sparse tensor of [${shape.join(', ')}] does not say where its ${stored} numbers lie.`);
  if (!isSound) refuse();
  const strides = stridesOf(shape);
  const blockSizes = shape.map(() => 1);
  for (let level = rank; level < levels.length; level++) {
    (blockSizes[axisOf(level)] as number) *= levels[level]?.denseSize ?? 0;
  }
  const steps = levels.map((_, level) => {
    const axis = axisOf(level);
    const stride = strides[axis] as number;
    return level < rank ? stride * (blockSizes[axis] as number) : stride;
  });
  const elements = elementsOf(shape);
  let found = 0;
  const visit = (level: number, node: number, offset: number): void => {
    const { format, denseSize, segments, indices } = levels[level] ?? refuse();
    const step = steps[level] as number;
    const isDense = format === DENSE;
    const [start, end] = isDense ? [0, denseSize] : [segments[node] ?? refuse(), segments[node + 1] ?? refuse()];
    for (let child = start; child < end; child++) {
      const at = offset + (isDense ? child : (indices[child] ?? refuse())) * step;
      if (level + 1 < levels.length) visit(level + 1, isDense ? node * denseSize + child : child, at);
      else if (at >= 0 && at < elements && found < stored) {
        found++;
        place(at);
      } else refuse();
    }
  };
  visit(0, 0, 0);
  if (found < stored) refuse();
}
