import { ArchitectureError } from '../common/errors.ts';
import {
  type BatchNormalizationNode,
  type BinaryNode,
  type BroadcastNode,
  type Conv2dNode,
  type ConvTranspose2dNode,
  elementsOf,
  FLOAT_MAX,
  type FusedActivation,
  type GemmNode,
  type Graph,
  type Node,
  operandsOf,
  type Padding,
  type Value,
} from './graph.ts';

/** By name: when, and which node then does the work of both. */
type Rules<Operands extends readonly unknown[]> = Readonly<
  Record<string, (...operands: Operands) => Node | false | undefined>
>;

/**
 * By these the kernel before a node does the node's work too. It has no activation yet, and nothing else reads its result.
 * Of two operands the later one's kernel does it; the `earlier` one is complete by then.
 */
const INTO_PRODUCER: Rules<[producer: Node, node: Node, earlier: Value | undefined]> = {
  activation: (producer, node) =>
    node.op === 'activation' && canActivate(producer) && { ...producer, activation: node.activation },

  /** Folded into the weights when they are packed. */
  batchNormalization: (producer, node) =>
    node.op === 'batchNormalization' &&
    'filter' in producer &&
    !('residual' in producer) &&
    !producer.batchNormalization && { ...producer, batchNormalization: node.batchNormalization },

  /** The end of a residual block. */
  residual: (producer, node, earlier) =>
    node.op === 'add' &&
    'groups' in producer &&
    !producer.residual &&
    earlier &&
    elementsOf(earlier.shape) === elementsOf(producer.output.shape) && { ...producer, residual: earlier },
};

/** By these the kernel after a node does the node's work too. `isAlone`: nothing else reads the node's result. */
const INTO_CONSUMER: Rules<[consumer: Node, node: Node, isAlone: boolean]> = {
  padding: (consumer, node) =>
    consumer.op === 'conv2d' &&
    node.op === 'pad' && { ...consumer, inputs: node.inputs, padding: sumOf(consumer.padding, node.padding) },

  /** A factor for each channel (squeeze-excite). */
  scale: (consumer, node, isAlone) =>
    consumer.op === 'conv2d' &&
    node.op === 'mul' &&
    isAlone &&
    isPointwise(consumer) &&
    !node.activation &&
    isOnePixel(node.inputs[1]) && {
      ...consumer,
      inputs: [node.inputs[0]],
      prologue: { kind: 'scale', factors: node.inputs[1] },
    },

  /** Batch normalization and ReLU before the convolution: DenseNet's order. */
  normalization: (consumer, node, isAlone) =>
    consumer.op === 'conv2d' &&
    node.op === 'batchNormalization' &&
    isAlone &&
    isPointwise(consumer) &&
    isRelu(node.activation) && {
      ...consumer,
      inputs: node.inputs,
      prologue: { kind: 'normalization', batchNormalization: node.batchNormalization },
    },
};

/**
 * Merges nodes that one kernel can compute, by the rules above. Graph in, smaller graph out, same results. Flattening
 * disappears besides: the memory layout of `[n, c, 1, 1]` and `[n, c]` is the same, and a dense layer's weights can be
 * packed in the order of a map.
 */
export function fuse(graph: Graph): Graph {
  const uses = countUses(graph);
  const nodes: Node[] = [];
  const producers = new Map<number, number>();
  const aliases = new Map<number, Value>();
  const resolve = (value: Value): Value => aliases.get(value.id) ?? value;

  for (const original of graph.nodes) {
    const node = { ...original, inputs: original.inputs.map(resolve) } as Node;
    if (node.op === 'flatten') {
      const [source] = node.inputs;
      aliases.set(node.output.id, source);
      uses.set(source.id, (uses.get(source.id) ?? 0) - 1 + (uses.get(node.output.id) ?? 0));
      continue;
    }
    if (node.op !== 'gemm') requireMaps(original, node);
    if (mergeIntoProducer(node)) continue;
    producers.set(node.output.id, nodes.length);
    nodes.push(absorbProducer(node));
  }

  const outputs = graph.outputs.map(({ name, value, shape = value.shape }) => ({ name, value: resolve(value), shape }));
  return { ...graph, nodes: withoutUnused(nodes, outputs), outputs };

  function mergeIntoProducer(node: Node): boolean {
    const [last, earlier] = [...node.inputs].sort((a, b) => position(b) - position(a));
    const index = position(last);
    const producer = nodes[index];
    if (!producer || 'activation' in producer || !isReadOnce(producer)) return false;
    const merged = firstOf(INTO_PRODUCER, producer, node, earlier);
    if (!merged) return false;
    // The merged node keeps its first name: what a reader looks for is the convolution, not the activation after it. The
    // result is as high and wide as the convolution makes it, however the activation sees it.
    nodes[index] = { ...merged, output: { ...node.output, name: producer.name, shape: producer.output.shape } };
    producers.set(node.output.id, index);
    return true;
  }

  function absorbProducer(node: Node): Node {
    const producer = nodes[position(node.inputs[0])];
    return (producer && firstOf(INTO_CONSUMER, node, producer, isReadOnce(producer))) ?? node;
  }

  function position(value: Value | undefined): number {
    return (value && producers.get(value.id)) ?? -1;
  }

  function isReadOnce({ output }: Node): boolean {
    return uses.get(output.id) === 1;
  }
}

/** What the first rule that applies gives. */
function firstOf<Operands extends readonly unknown[]>(rules: Rules<Operands>, ...operands: Operands): Node | undefined {
  for (const rule of Object.values(rules)) {
    const merged = rule(...operands);
    if (merged) return merged;
  }
  return undefined;
}

/** Whether the op's kernels can apply an activation. */
const canActivate = (
  node: Node,
): node is Conv2dNode | ConvTranspose2dNode | GemmNode | BinaryNode | BroadcastNode | BatchNormalizationNode =>
  'filter' in node || ['add', 'mul', 'broadcast', 'batchNormalization'].includes(node.op);

const isOnePixel = ({ shape: [, , ...area] }: Value) => elementsOf(area) === 1;

const isRelu = (activation: FusedActivation | undefined) =>
  activation?.kind === 'clamp' && activation.minValue === 0 && activation.maxValue === FLOAT_MAX;

export const sumOf = (a: Padding, b: Padding): Padding => [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]];

/** A flattened map is not repacked, so that only what reads it as weights are packed can have it. */
function requireMaps(original: Node, { op, name, inputs }: Node): void {
  for (const [index, source] of inputs.entries()) {
    if (original.inputs[index]?.shape[1] === source.shape[1]) continue;
    const [, , height, width] = source.shape;
    throw new ArchitectureError(
      `A flattened map of ${height} x ${width} goes into a dense layer or an output, not into ${op} '${name}'.`,
    );
  }
}

/** A 1x1 convolution over the unpadded input, each pixel for itself. */
export function isPointwise({ filter, strides, padding, groups }: Conv2dNode): boolean {
  const [, , height, width] = filter.shape;
  return height === 1 && width === 1 && groups === 1 && [...strides, ...padding].join() === '1,1,0,0,0,0';
}

/** How often nodes and outputs read each value. */
export function countUses(graph: Graph): Map<number, number> {
  const uses = new Map<number, number>();
  const read = [...graph.nodes.flatMap(operandsOf), ...graph.outputs.map(({ value }) => value)];
  for (const { id } of read) uses.set(id, (uses.get(id) ?? 0) + 1);
  return uses;
}

export function withoutUnused(nodes: readonly Node[], outputs: Graph['outputs']): Node[] {
  const needed = new Set(outputs.map(({ value }) => value.id));
  const kept: Node[] = [];
  for (const node of [...nodes].reverse()) {
    if (!needed.has(node.output.id)) continue;
    for (const { id } of operandsOf(node)) needed.add(id);
    kept.push(node);
  }
  return kept.reverse();
}
