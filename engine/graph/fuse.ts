import { ArchitectureError } from '../common/errors.ts';
import {
  type Conv2dNode,
  elementsOf,
  FLOAT_MAX,
  type FusedActivation,
  type Graph,
  type Node,
  type Padding,
  type Value,
} from './graph.ts';

/**
 * Merges nodes that one kernel can compute. Graph in, smaller graph out, same results:
 *
 * - batch normalization into the convolution before it, transposed or not (folded into its weights when they are packed);
 * - an activation into the kernel before it;
 * - an addition into the convolution that makes its later operand (a residual block's end);
 * - zero padding into the convolution after it;
 * - a factor for each channel (squeeze-excite), or batch normalization and ReLU (DenseNet), into the pointwise convolution
 *   after it;
 * - flattening disappears: the memory layout of `[n, c, 1, 1]` and `[n, c]` is the same, and a dense layer's weights can be
 *   packed in the order of a map.
 *
 * A node is only merged into its producer when nothing else reads the producer's result.
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
      const [source] = node.inputs as [Value];
      aliases.set(node.output.id, source);
      uses.set(source.id, (uses.get(source.id) ?? 0) - 1 + (uses.get(node.output.id) ?? 0));
      continue;
    }
    if (node.op !== 'gemm') requireMaps(original, node);
    if (mergeIntoProducer(node)) continue;
    producers.set(node.output.id, nodes.length);
    nodes.push(node.op === 'conv2d' ? absorbInput(node) : node);
  }

  const outputs = graph.outputs.map(({ name, value }) => ({ name, value: resolve(value), shape: value.shape }));
  return { ...graph, nodes: withoutUnused(nodes, outputs), outputs };

  function mergeIntoProducer(node: Node): boolean {
    // Of two operands the later one's kernel adds the earlier one, which is complete by then.
    const [last, earlier] = [...node.inputs].sort((a, b) => position(b) - position(a)) as [Value, Value?];
    const index = position(last);
    const producer = nodes[index];
    if (!producer || uses.get(last.id) !== 1 || 'activation' in producer) return false;
    const fields = fieldsFor(producer, node, earlier);
    if (!fields) return false;
    // The merged node keeps its first name: what a reader looks for is the convolution, not the activation after it.
    nodes[index] = { ...producer, ...fields, output: { ...node.output, name: producer.name } } as Node;
    producers.set(node.output.id, index);
    return true;
  }

  function position(value: Value): number {
    return producers.get(value.id) ?? -1;
  }

  function absorbInput(conv: Conv2dNode): Conv2dNode {
    const [input, ...rest] = conv.inputs as [Value, ...Value[]];
    const producer = nodes[position(input)];
    if (producer?.op === 'pad') {
      const padding = conv.padding.map((size, side) => size + (producer.padding[side] as number)) as unknown as Padding;
      return { ...conv, padding, inputs: [producer.inputs[0] as Value, ...rest] };
    }
    if (uses.get(input.id) !== 1 || !isPointwise(conv)) return conv;
    if (producer?.op === 'mul' && !producer.activation) {
      const [scaled, inputScale] = producer.inputs as [Value, Value];
      if (isOnePixel(inputScale)) return { ...conv, inputScale, inputs: [scaled, ...rest, inputScale] };
    }
    if (producer?.op === 'batchNormalization' && isRelu(producer.activation)) {
      const [normalized] = producer.inputs as [Value];
      return { ...conv, inputNormalization: producer.batchNormalization, inputs: [normalized, ...rest] };
    }
    return conv;
  }
}

const isOnePixel = ({ shape }: Value) => shape[2] === 1 && shape[3] === 1;

/** Ops whose kernels can apply an activation. */
const ACTIVATING = ['conv2d', 'convTranspose2d', 'gemm', 'add', 'mul', 'batchNormalization'];

/** What a producer without an activation becomes besides when it does the work of `node`; nothing where it cannot. */
function fieldsFor(producer: Node, node: Node, earlier?: Value) {
  if (node.op === 'activation' && ACTIVATING.includes(producer.op)) return { activation: node.activation };
  const isConvolution = producer.op === 'conv2d' || producer.op === 'convTranspose2d';
  if (!isConvolution || producer.residual) return undefined;
  if (node.op === 'add' && earlier && elementsOf(earlier.shape) === elementsOf(producer.output.shape)) {
    return { residual: earlier, inputs: [...producer.inputs, earlier] };
  }
  if (node.op !== 'batchNormalization' || producer.batchNormalization) return undefined;
  return { batchNormalization: node.batchNormalization };
}

const isRelu = (activation: FusedActivation | undefined) =>
  activation?.kind === 'clamp' && activation.minValue === 0 && activation.maxValue === FLOAT_MAX;

/** A flattened map is not repacked, so that only what reads it as weights are packed can have it. */
function requireMaps(original: Node, { op, name, inputs }: Node): void {
  for (const [index, { shape }] of original.inputs.entries()) {
    const source = inputs[index] as Value;
    const map = source.shape;
    if (shape.length === 4 || map.length === 2 || isOnePixel(source)) continue;
    throw new ArchitectureError(
      `A flattened map of ${map[2]} x ${map[3]} goes into a dense layer or an output, not into ${op} '${name}'.`,
    );
  }
}

/** A 1x1 convolution over the unpadded input, each pixel for itself. */
export function isPointwise({ filter, strides, padding, groups }: Conv2dNode): boolean {
  const [, , height, width] = filter.shape;
  return height === 1 && width === 1 && groups === 1 && [...strides, ...padding].join() === '1,1,0,0,0,0';
}

function countUses(graph: Graph): Map<number, number> {
  const uses = new Map<number, number>();
  const read = [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs.map(({ value }) => value)];
  for (const { id } of read) uses.set(id, (uses.get(id) ?? 0) + 1);
  return uses;
}

function withoutUnused(nodes: readonly Node[], outputs: Graph['outputs']): Node[] {
  const needed = new Set(outputs.map(({ value }) => value.id));
  const kept: Node[] = [];
  for (const node of [...nodes].reverse()) {
    if (!needed.has(node.output.id)) continue;
    for (const { id } of node.inputs) needed.add(id);
    kept.push(node);
  }
  return kept.reverse();
}
