import { elementsOf } from '../../../engine/graph/graph.ts';
import type { Constant } from '../elements.ts';
import { refuse } from '../problems.ts';
import { biasOf } from './convolutions.ts';
import { layerName, type OperatorFunctions, type OperatorNode, unsupported } from './node.ts';
import { type Computed, isComputed, lifted, type Operand } from './operand.ts';
import { options } from './schema.ts';

function matrix(n: OperatorNode, index: number, isTransposed: boolean): Operand {
  const { shape } = n.operand(index);
  const [rows = 1, columns = 1] = shape.slice(-2);
  if (rows * columns !== elementsOf(shape)) unsupported(`it multiplies several matrices, [${shape.join(', ')}]`);
  const flat = n.reshape(n.operand(index), [rows, columns]);
  return isTransposed ? n.transpose(flat, [1, 0]) : flat;
}

/** Of matrices. */
export const PRODUCTS = {
  BATCH_MATMUL(n) {
    const { transposeA, transposeB } = n.options(options.batchMatMul);
    const [a, b] = [matrix(n, 0, transposeA), matrix(n, 1, transposeB)];
    const { g } = n;
    if (!isComputed(a)) n.computed(1);
    const product = isComputed(a)
      ? g.matmul(a.value, isComputed(b) ? b.value : n.aligned(b, 2))
      : g.transpose(g.matmul((b as Computed).transpose([1, 0]).value, n.aligned(n.transpose(a, [1, 0]), 2)));
    const rank = Math.max(n.operand(0).shape.length, n.operand(1).shape.length);
    return n.reshape(n.result(product), lifted(product.shape, rank));
  },
  FULLY_CONNECTED(n) {
    const { activation, weightsFormat, keepNumDims } = n.options(options.fullyConnected);
    if (weightsFormat !== 0) unsupported('its weights are shuffled');
    const { g } = n;
    const input = n.computed();
    const given = n.operand(1);
    if (given.shape.length !== 2)
      refuse(`The weights have the shape [${given.shape.join(', ')}]; it should have two sizes.`);
    const [features, inFeatures] = given.shape as [number, number];
    const elements = elementsOf(input.shape);
    if (elements % inFeatures !== 0) refuse(`The weights are for ${inFeatures} inputs; there are ${elements}.`);
    const rows = elements / inFeatures;
    const shape = keepNumDims ? [...input.shape.slice(0, -1), features] : [rows, features];
    if (isComputed(given)) {
      if (n.operands[2]) unsupported('its weights are computed, and it has a bias');
      const product = g.matmul((n.reshape(input, [rows, inFeatures]) as Computed).value, given.transpose([1, 0]).value);
      return n.reshape(n.result(product, { activation }), shape);
    }
    const layer = layerName(given.name);
    const source = input.details.source ?? input;
    const [batch, height = 1, width = 1, channels = 1] = source.shape;
    const isMap = source.shape.length === 4 && !source.isPlanar;
    const bias = biasOf(n, 2, layer, features);
    if (isMap && batch === rows && height * width > 1) {
      // A map in one row, channels last: the weights are brought into the order that it has here.
      const columns: Constant = { ...given, shape: [features, height, width, channels] };
      const filter = n.weights(`${layer}.weight`, columns, [0, 3, 1, 2], [features, inFeatures]);
      return n.reshape(n.result(g.gemm(g.flatten(source.map), filter, bias), { activation }), shape);
    }
    if (isMap && source === input && keepNumDims && channels === inFeatures) {
      const filter = n.weights(`${layer}.weight`, given, [0, 1], [features, inFeatures, 1, 1]);
      return n.result(g.conv2d(source.map, filter, bias), { activation });
    }
    const filter = n.weights(`${layer}.weight`, given, [0, 1]);
    const value = g.gemm((n.reshape(input, [rows, inFeatures]) as Computed).value, filter, bias);
    return n.reshape(n.result(value, { activation }), shape);
  },
} as const satisfies OperatorFunctions;
