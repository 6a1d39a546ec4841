import { withoutUnused } from './fuse.ts';
import {
  type ActivationNode,
  elementsOf,
  type Graph,
  type Node,
  type Pair,
  type Value,
  type ValueShape,
  type ViewNode,
} from './graph.ts';
import { compose, isSameView, type View, viewOf } from './view.ts';

/** A value of which others are views, and what one of them sees of it. */
interface Seen {
  readonly of: Value;
  readonly view: View;
}

/** What is known of the result of a view. */
interface Known {
  /** What is read in its place. */
  readonly value: Value;
  /** Seen from the value furthest back of which it is a view, and from the nearest that is in memory. */
  readonly far: Seen;
  readonly near: Seen;
}

/**
 * Leaves of a graph's views only those that bring something into another order. Views of views are one, if they can be; what
 * is as its source lies in memory is the source, with another shape maybe; and some of its channels, in slices of their own,
 * are a range of its memory. An activation is applied before a view rather than after it, so that it can join what comes before.
 */
export function simplifyViews(graph: Graph): Graph {
  const known = new Map<number, Known>();
  const nodes: Node[] = [];
  const read = (value: Value) => known.get(value.id)?.value ?? value;
  // A convolution that takes over the padding before it would not see its own height and width.
  const padded = new Set(graph.nodes.flatMap(({ op, output }) => (op === 'pad' ? [output.id] : [])));
  // Ids are natural numbers.
  let last = Math.max(...[...graph.inputs, ...graph.nodes.map(({ output }) => output)].map(({ id }) => id));

  for (const node of graph.nodes) {
    if (node.op === 'view') add(node, node.inputs[0], node);
    else if (node.op !== 'activation' || !swap(node)) nodes.push({ ...node, inputs: inputsOf(node) } as Node);
  }
  const outputs = graph.outputs.map(({ name, value, shape = value.shape }) => {
    // What is given out is row-major: how that is divided into axes matters only to who reads it.
    return { name, value: reshaped(value) ?? read(value), shape };
  });
  return { ...graph, nodes: withoutUnused(nodes, outputs), outputs };

  function inputsOf({ op, inputs }: Node): readonly Value[] {
    if (op === 'gemm') return inputs.map(unflattened);
    return op === 'concat' ? joined(inputs).map(whole) : inputs.map(read);
  }

  /** What a concatenation has a part of lies elsewhere, so that it is brought there. */
  function whole(value: Value): Value {
    const { value: part, near } = known.get(value.id) ?? {};
    if (!part || !near || part.id === near.of.id) return part ?? value;
    const output = { ...part, id: ++last };
    nodes.push({ op: 'view', name: value.name, inputs: [near.of], output, ...near.view });
    return output;
  }

  /** What a value has all elements of, in their order. */
  function reshaped(value: Value): Value | undefined {
    const { far } = known.get(value.id) ?? {};
    return far && isSameView(far.view, viewOf(value.shape)) && isAsMany(far.of, value) ? far.of : undefined;
  }

  /** The map that a dense layer reads flat: its weights are packed in the order of the map's memory. */
  function unflattened(value: Value): Value {
    const map = reshaped(value);
    return map && map.shape[0] === value.shape[0] ? map : read(value);
  }

  /** Values, but for parts of one that follow one another from its first channel to its last: these are that one. */
  function joined(values: readonly Value[]): Value[] {
    const [first, ...rest] = values;
    if (!first) return [];
    const whole = known.get(first.id)?.far.of;
    let channels = 0;
    const end = values.findIndex((value) => {
      const { far } = known.get(value.id) ?? {};
      const isNext = far && far.of.id === whole?.id && firstChannel(far.view, far.of.shape, value.shape) === channels;
      if (isNext) channels += value.shape[1];
      return !isNext;
    });
    const count = end < 0 ? values.length : end;
    return whole && channels === whole.shape[1] ? [whole, ...joined(values.slice(count))] : [first, ...joined(rest)];
  }

  function add({ name, output }: Pick<ViewNode, 'name' | 'output'>, input: Value, own: View): void {
    const { far, near } = known.get(input.id) ?? {};
    const here: Seen = { of: read(input), view: viewOf(input.shape) };
    const through = [far, near, here].flatMap((source) => {
      const view = source && compose(own, source.view);
      return view ? [{ of: source.of, view }] : [];
    });
    const furthest = through[0] as Seen;
    for (const source of through) {
      const { of, view } = source;
      const channel = channelIn(view, of.shape, output.shape);
      const isSame = of.shape.join() === output.shape.join();
      if (channel === undefined || (padded.has(of.id) && !isSame)) continue;
      const isAll = of.shape[1] === output.shape[1];
      const value = isAll ? { ...of, shape: output.shape } : output;
      if (!isAll) nodes.push({ op: 'part', name, inputs: [of], output, channel });
      known.set(output.id, { value, far: furthest, near: source });
      return;
    }
    const { of, view } = furthest;
    const starts = startsIn(view, of.shape, output.shape);
    nodes.push({ name, inputs: [of], output, ...(starts ? { op: 'slice', starts } : { op: 'view', ...view }) });
    known.set(output.id, { value: output, far: furthest, near: { of: output, view: viewOf(output.shape) } });
  }

  /** The activation of a view as a view of an activation, where that is as much work. */
  function swap(node: ActivationNode): boolean {
    const [input] = node.inputs;
    const { far, value } = known.get(input.id) ?? {};
    if (value?.id !== input.id || !far || !isAsMany(far.of, input) || node.activation.slope) return false;
    const output = { ...far.of, id: ++last, name: node.name };
    nodes.push({ ...node, inputs: [far.of], output });
    add({ name: input.name, output: node.output }, output, far.view);
    return true;
  }
}

const isAsMany = (a: Value, b: Value) => elementsOf(a.shape) === elementsOf(b.shape);

/** The first of the channels that a view is, if it is some of them with all their pixels. */
function firstChannel(view: View, [batch, channels, ...area]: ValueShape, to: ValueShape): number | undefined {
  const pixels = elementsOf(area);
  const [items, count, ...rest] = to;
  const range = { sizes: [batch, count * pixels], strides: [channels * pixels, 1], offset: view.offset };
  const isRange = items === batch && elementsOf(rest) === pixels && isSameView(view, range);
  return isRange ? view.offset / pixels : undefined;
}

/** The same, if those channels share no slice with others. */
function channelIn(view: View, shape: ValueShape, to: ValueShape): number | undefined {
  const channel = firstChannel(view, shape, to);
  if (channel === undefined || channel % 4 !== 0) return undefined;
  return to[1] % 4 === 0 || channel + to[1] === shape[1] ? channel : undefined;
}

/** The row and column where a view begins, if it is a part of a map. */
function startsIn(view: View, shape: ValueShape, to: ValueShape): Pair | undefined {
  const [batch, channels, height = 0, width = 0] = shape;
  const [items, count, rows = 0, columns = 0] = to;
  const { strides } = viewOf(shape);
  const [top, left] = [Math.floor(view.offset / width), view.offset % width];
  const isWithin = batch === items && channels === count && top + rows <= height && left + columns <= width;
  const isMap = shape.length === 4 && to.length === 4;
  return isMap && isWithin && isSameView(view, { sizes: to, strides, offset: view.offset }) ? [top, left] : undefined;
}
