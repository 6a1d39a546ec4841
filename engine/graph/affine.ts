import { countUses } from './fuse.ts';
import type { BatchNormalization, Graph, Node, Tensor } from './graph.ts';

/**
 * Makes one batch normalization of two that follow one another, where the second only has what the first one lacks: of a factor
 * for each channel and a sum for each channel, as files have them that spell batch normalization out. What standardizes
 * its input takes one that follows along, and an activation.
 */
export function composeAffine(graph: Graph): Graph {
  const uses = countUses(graph);
  const nodes: Node[] = [];
  for (const node of graph.nodes) {
    const at = nodes.findLastIndex(({ output }) => output.id === node.inputs[0]?.id);
    const before = nodes[at];
    const isPair =
      node.op === 'batchNormalization' && (before?.op === 'batchNormalization' || before?.op === 'standardize');
    const both =
      isPair &&
      !before.activation &&
      uses.get(before.output.id) === 1 &&
      compose(before.batchNormalization, node.batchNormalization);
    const isActivated =
      node.op === 'activation' &&
      before?.op === 'standardize' &&
      !before.activation &&
      uses.get(before.output.id) === 1;
    if (isActivated) nodes[at] = { ...before, activation: node.activation, output: node.output };
    else if (both) nodes[at] = { ...before, batchNormalization: both, output: node.output };
    else nodes.push(node);
  }
  return { ...graph, nodes };
}

function compose(first: BatchNormalization | undefined, second: BatchNormalization): BatchNormalization | undefined {
  if (!first) return second;
  const isPlain = isAll(second.mean, 0) && isAll(second.variance, 1) && second.epsilon === 0;
  if (!isPlain || !isAll(first.bias, 0)) return undefined;
  if (isAll(second.scale, 1)) return { ...first, bias: second.bias };
  return isAll(first.scale, 1) ? { ...first, scale: second.scale, bias: second.bias } : undefined;
}

const isAll = ({ values }: Tensor, number: number) => values?.every((value) => value === number);
