import { countUses } from './fuse.ts';
import { type Node, operandsOf, type Value } from './graph.ts';
import { type JoinedGraph, rangeOf } from './join.ts';
import { sizesOf } from './sizes.ts';

/** A graph some of whose maps are made half by half. */
export interface DividedGraph extends JoinedGraph {
  /** Vectors of memory that values would take in the fullest moment if all maps were whole. */
  readonly most: number;
}

/** What two dispatches more must save: vectors of memory, in float32 256 KiB. */
const LEAST_SAVED = 2 ** 14;

/** The channels of the largest block that a thread computes, so that halves have no more that only fill up a block. */
const BLOCK = 16;

/**
 * Where a map is too large that a convolution makes for a node that takes each channel by itself (a depthwise convolution, a
 * pool), both are computed for half of the channels first, and then for the others, in the same memory. As a range of channels
 * is a range of memory, the second results need not be brought together. MobileNet v3 takes two thirds of the memory so.
 */
export function divide(graph: JoinedGraph): DividedGraph {
  const taken = vectorsAlive(graph);
  const most = Math.max(...taken);
  for (const at of taken.keys()) {
    const halves = halve(graph, at);
    if (halves && Math.max(...vectorsAlive(halves)) <= most - LEAST_SAVED) return { ...divide(halves), most };
  }
  return { ...graph, most };
}

/** Two halves of the node `at` and of the next one, one after the other, if that may be. Of one block, the first is the whole. */
function halve(graph: JoinedGraph, at: number): JoinedGraph | undefined {
  const pair = graph.nodes.slice(at, at + 2);
  const [first, second] = pair;
  if (first?.op !== 'conv2d' || first.groups > 1 || first.residual || first.filter.firstRow !== undefined) return;
  const { output } = first;
  const channels = output.shape[1];
  const isPerChannel =
    second?.op === 'conv2d'
      ? second.groups === channels && second.filter.shape[0] === channels && !second.residual
      : second && 'windowDimensions' in second;
  if (!isPerChannel || second?.inputs[0].id !== output.id || countUses(graph).get(output.id) !== 1) return;
  // It is no part of a value, and has none.
  if ([...graph.ranges].some(([id, { whole }]) => [id, whole.id].includes(output.id))) return;

  const half = Math.ceil(channels / 2 / BLOCK) * BLOCK;
  const ranges = new Map(graph.ranges);
  const { whole, channel } = rangeOf(second.output, ranges);
  const parts = [0, half].flatMap((firstRow) => {
    const count = Math.min(half, channels - firstRow);
    // Ids of other values are whole numbers.
    const part = (value: Value): Value => ({
      ...value,
      id: value.id + (firstRow + 1) / (channels + 1),
      shape: [value.shape[0], count, ...value.shape.slice(2)],
    });
    ranges.set(part(second.output).id, { whole, channel: channel + firstRow });
    return pair.map(
      (node) =>
        ({
          ...node,
          ...(node === second && { inputs: node.inputs.map(part) }),
          output: part(node.output),
          ...(node.op === 'conv2d' && {
            filter: { ...node.filter, shape: [count, ...node.filter.shape.slice(1)], firstRow },
            groups: Math.min(node.groups, count),
          }),
        }) as Node,
    );
  });
  return { ...graph, nodes: graph.nodes.toSpliced(at, 2, ...parts), ranges };
}

/** The vectors of memory that values take while each of the nodes is computed. */
export function vectorsAlive({ nodes, inputs, ranges }: JoinedGraph): number[] {
  const taken = nodes.map(() => 0);
  /** By the id of what they are in. */
  const made = new Map<number, Made[]>();
  for (const input of inputs) make(input, 0);
  for (const [step, node] of nodes.entries()) {
    for (const value of operandsOf(node)) {
      const { id, first, end } = placeOf(value);
      for (const other of made.get(id) ?? []) {
        if (first < other.end && other.first < end) take(other, step);
      }
    }
    make(node.output, step);
  }
  return taken;

  function make(value: Value, step: number): void {
    const { batch, vectors } = sizesOf(value);
    const place = { ...placeOf(value), vectors: batch * vectors, next: step };
    made.set(place.id, [...(made.get(place.id) ?? []), place]);
    take(place, step);
  }

  /** Until the node `last`. */
  function take(value: Made, last: number): void {
    for (; value.next <= last; value.next++) taken[value.next] = (taken[value.next] as number) + value.vectors;
  }

  function placeOf(value: Value) {
    const { whole, channel } = rangeOf(value, ranges);
    return { id: whole.id, first: channel, end: channel + value.shape[1] };
  }
}

/** A value, by its channels; its memory is taken until before the node `next`. */
interface Made {
  readonly first: number;
  readonly end: number;
  readonly vectors: number;
  next: number;
}
