import { sum } from '../common/numbers.ts';
import { isPointwise } from './fuse.ts';
import {
  type BatchNormalization,
  type Conv2dNode,
  type CopyNode,
  type Graph,
  type Node,
  operandsOf,
  type Tensor,
  type Value,
} from './graph.ts';

/** Where a value lies that is a range of another one's channels. */
export interface ChannelRange {
  readonly whole: Value;
  /** The first channel, a multiple of four: the memory layout has slices of four. */
  readonly channel: number;
}

/** A graph without concatenations. */
export interface JoinedGraph extends Graph {
  /** By the value's id. A value that is not in it has memory of its own. */
  readonly ranges: ReadonlyMap<number, ChannelRange>;
}

/** Where a value lies: in itself, unless it has no memory of its own. */
export function rangeOf(value: Value, ranges: JoinedGraph['ranges'], first = 0): ChannelRange {
  const range = ranges.get(value.id);
  return range ? rangeOf(range.whole, ranges, first + range.channel) : { whole: value, channel: first };
}

/** Lets values lie side by side, so that nothing is copied that need not be, and convolutions of one input run as one. */
export function join(graph: Graph): JoinedGraph {
  return placeConcatenations(mergeSiblings(graph));
}

/**
 * 1x1 convolutions of one input become one, whose output slices are those of the first, then of the second, and so on:
 * the branches of GoogLeNet's modules (arXiv 1409.4842). Those that a concatenation places elsewhere stay alone.
 */
function mergeSiblings(graph: Graph): JoinedGraph {
  const concatenated = idsReadBy(graph.nodes.filter(({ op }) => op === 'concat'));
  const groups = new Map<string, Conv2dNode[]>();
  for (const node of graph.nodes) {
    if (node.op !== 'conv2d' || !isPointwise(node) || node.prologue || node.residual) continue;
    if (concatenated.has(node.output.id) || node.activation?.slope) continue;
    const { inputs, activation, batchNormalization, bias } = node;
    const key = JSON.stringify([inputs[0], activation, Boolean(bias), batchNormalization?.epsilon]);
    groups.set(key, [...(groups.get(key) ?? []), node]);
  }
  const ranges = new Map<number, ChannelRange>();
  const replaced = new Map<Node, Node[]>();
  for (const group of groups.values()) {
    const siblings = group.filter(({ output }, index) => index === group.length - 1 || channelsOf(output) % 4 === 0);
    const [first] = siblings;
    if (!first || siblings.length < 2) continue;
    const merged = mergeConvolutions(first, siblings);
    let channel = 0;
    for (const sibling of siblings) {
      replaced.set(sibling, channel === 0 ? [merged] : []);
      ranges.set(sibling.output.id, { whole: merged.output, channel });
      channel += channelsOf(sibling.output);
    }
  }
  const nodes = graph.nodes.flatMap((node) => replaced.get(node) ?? [node]);
  return { ...graph, nodes, ranges };
}

const idsReadBy = (nodes: readonly Node[]) => new Set(nodes.flatMap(operandsOf).map(({ id }) => id));
const channelsOf = ({ shape }: Value) => shape[1];

function mergeConvolutions(first: Conv2dNode, siblings: readonly Conv2dNode[]): Conv2dNode {
  const nameOf = (pieces: readonly { readonly name: string }[]) => pieces.map(({ name }) => name).join(' + ');
  /** Tensors one after another along their first dimension; `rest` are their other sizes. */
  const stack = <Rest extends readonly number[]>(
    tensorOf: (node: Conv2dNode) => Tensor<readonly [rows: number, ...Rest]> | undefined,
    ...rest: Rest
  ): Tensor<readonly [rows: number, ...Rest]> => {
    const pieces = siblings.flatMap((node) => tensorOf(node) ?? []);
    return { name: nameOf(pieces), shape: [sum(pieces.map(({ shape }) => shape[0])), ...rest], pieces };
  };
  const [batch, , ...area] = first.output.shape;
  const [, ...window] = first.filter.shape;
  const filter = stack((node) => node.filter, ...window);
  const name = nameOf(siblings);
  const of = (role: Exclude<keyof BatchNormalization, 'epsilon'>) => stack((node) => node.batchNormalization?.[role]);
  return {
    ...first,
    name,
    filter,
    ...(first.bias && { bias: stack((node) => node.bias) }),
    ...(first.batchNormalization && {
      batchNormalization: {
        mean: of('mean'),
        variance: of('variance'),
        scale: of('scale'),
        bias: of('bias'),
        epsilon: first.batchNormalization.epsilon,
      },
    }),
    // An id of its own: the first sibling's is now that of a range. Ids of nodes' values are natural numbers.
    output: { id: -1 - first.output.id, name, shape: [batch, filter.shape[0], ...area] },
  };
}

/**
 * Replaces concatenations by places: as channels lie slice after slice, what makes an input of a concatenation can write it
 * straight into the result, and a concatenation of a part of the same values is a range of it. DenseNet's block is so one
 * tensor that grows (arXiv 1608.06993), U-Net's skip a part of what its decoder reads, and nothing is copied.
 *
 * The longest concatenations are placed first. An input is copied where it cannot have its place in the result:
 * - its first channel there is no multiple of four;
 * - it has a place in another result already, or two in this one;
 * - the kernel that makes it reads from the same result: WebGPU binds no buffer for reading and writing at once;
 * - it is an input of the network, which a picture's kernel writes;
 * - its last slice would have channels of the next one, and others read it: what they multiply by zero might be infinite.
 */
function placeConcatenations(graph: JoinedGraph): JoinedGraph {
  const producers = new Map(graph.nodes.map((node) => [node.output.id, node]));
  const ranges = new Map(graph.ranges);
  for (const node of graph.nodes) {
    if (node.op === 'part') ranges.set(node.output.id, { whole: node.inputs[0], channel: node.channel });
  }
  const read = idsReadBy(graph.nodes.filter(({ op }) => op !== 'concat'));
  const wholes: Whole[] = [];
  const concatenations = graph.nodes.flatMap(({ op, output }) =>
    op === 'concat' ? [{ output, values: leavesOf(output, producers) }] : [],
  );
  for (const { output, values } of concatenations.sort((a, b) => b.values.length - a.values.length)) {
    const range = rangeIn(wholes, values);
    if (range) ranges.set(output.id, range);
    else wholes.push({ value: output, leaves: placeLeaves(output, values) });
  }
  for (const { value: whole, leaves } of wholes) {
    for (const leaf of leaves) {
      const producer = producers.get(leaf.value.id);
      const operands = producer ? operandsOf(producer) : [];
      if (leaf.missing || !operands.some((value) => rangeOf(value, ranges).whole.id === whole.id)) continue;
      ranges.delete(leaf.value.id);
      leaf.missing = true;
    }
  }
  const nodes = graph.nodes.flatMap((node) =>
    node.op === 'concat' ? copiesFor(node.output) : node.op === 'part' ? [] : [node],
  );
  return { ...graph, nodes, ranges };

  function placeLeaves(whole: Value, values: readonly Value[]): Leaf[] {
    let end = 0;
    return values.map((value, index) => {
      const channel = end;
      end += channelsOf(value);
      const shared = end % 4 !== 0 && index < values.length - 1 && read.has(value.id);
      const twice = values.filter(({ id }) => id === value.id).length > 1;
      const free = producers.has(value.id) && !ranges.has(value.id);
      const missing = channel % 4 !== 0 || shared || twice || !free;
      if (!missing) ranges.set(value.id, { whole, channel });
      return { value, channel, missing };
    });
  }

  /** The copies that complete a concatenation. What a shorter one has copied into the same result is there. */
  function copiesFor(output: Value): CopyNode[] {
    const range = rangeOf(output, ranges);
    const { value: whole, leaves } = wholes.find(({ value }) => value.id === range.whole.id) as Whole;
    const end = range.channel + channelsOf(output);
    return leaves.flatMap((leaf): CopyNode[] => {
      const { value, channel } = leaf;
      if (!leaf.missing || channel < range.channel || channel >= end) return [];
      leaf.missing = false;
      return [
        { op: 'copy', name: `copy of ${value.name} into ${whole.name}`, inputs: [value], output: whole, channel },
      ];
    });
  }
}

interface Leaf {
  readonly value: Value;
  readonly channel: number;
  /** Whether a copy has still to bring it there. */
  missing: boolean;
}

interface Whole {
  readonly value: Value;
  readonly leaves: readonly Leaf[];
}

/** What a value is concatenated from, concatenations of concatenations taken apart. */
function leavesOf(value: Value, producers: ReadonlyMap<number, Node>): Value[] {
  const node = producers.get(value.id);
  return node?.op === 'concat' ? node.inputs.flatMap((input) => leavesOf(input, producers)) : [value];
}

/** The place of these values where they lie one after another in a result, in slices of their own. */
function rangeIn(wholes: readonly Whole[], values: readonly Value[]): ChannelRange | undefined {
  for (const { value: whole, leaves } of wholes) {
    for (let start = 0; start + values.length <= leaves.length; start++) {
      const { channel } = leaves[start] as Leaf;
      const end = leaves[start + values.length]?.channel ?? 0;
      const isThere = values.every(({ id }, index) => leaves[start + index]?.value.id === id);
      if (channel % 4 === 0 && end % 4 === 0 && isThere) return { whole, channel };
    }
  }
  return undefined;
}
