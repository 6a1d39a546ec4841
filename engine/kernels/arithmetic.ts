import { argReduce } from '../../shaders/arg-reduce.wgsl.ts';
import { broadcast } from '../../shaders/broadcast.wgsl.ts';
import { localResponseNormalization } from '../../shaders/local-response-normalization.wgsl.ts';
import { matmul } from '../../shaders/matmul.wgsl.ts';
import { reduce } from '../../shaders/reduce.wgsl.ts';
import { standardize } from '../../shaders/standardize.wgsl.ts';
import { UnsupportedError } from '../common/errors.ts';
import { stepsOf } from '../graph/broadcast.ts';
import {
  type BroadcastNode,
  elementsOf,
  type FusedActivation,
  type LocalResponseNormalizationNode,
  type MatmulNode,
  type ReduceNode,
  type StandardizeNode,
  type Tensor,
  type Value,
  type ValueShape,
} from '../graph/graph.ts';
import { sizesOf } from '../graph/sizes.ts';
import { activationParams, shaderActivation } from './activation.ts';
import type { Operand, Recorder } from './recorder.ts';
import { slopeOf } from './slope.ts';
import { depthwiseLayout, trained } from './trained.ts';

/*
 * How arithmetic is computed whose operands need not have the same sizes.
 */

/** How many of an activation's slopes are a checkpoint's, of so many channels. */
const slopesIn = (activation: FusedActivation | undefined, channels: number) =>
  activation?.slope && !activation.slope.values ? channels : 0;

export function lowerBroadcast(to: Recorder, node: BroadcastNode): void {
  const { operation, inputs, tensor, isTensorFirst, shapes, output, activation } = node;
  const [a, b] = isTensorFirst ? [tensor, inputs[0]] : [inputs[0], inputs[1] ?? tensor];
  const { height, width, steps, isPlain } = stepsOf(output.shape, shapes);
  const isSingle = (axis: 0 | 1, index: 0 | 1) => output.shape[axis] > 1 && shapes[index]?.[axis] === 1;
  const read = <Name extends 'first' | 'second'>(
    name: Name,
    index: 0 | 1,
    operand: Value | Tensor<ValueShape> | undefined,
  ) => {
    if (!operand) return { operands: [], sliceStep: 0, pixelSteps: [0, 0, 0] as const };
    const { sliceStep, ...place } = readOperand(to, name, `${node.name} (${name})`, operand);
    return {
      operands: [isSingle(0, index) ? { ...place, stride: 0 } : place],
      sliceStep: isSingle(1, index) ? 0 : sliceStep,
      pixelSteps: steps[index] as (typeof steps)[number],
    };
  };
  const first = read('first', 0, a);
  const second = read('second', 1, b);
  to.emit(broadcast, {
    node,
    options: {
      operation,
      single: [isSingle(1, 0), isSingle(1, 1)],
      mixed: !isPlain,
      // Bounds, even infinite ones, would make a number of NaN.
      activation: operation === 'pow' && !activation ? 'return x;' : shaderActivation(activation),
    },
    params: {
      mapHeight: height,
      mapWidth: width,
      firstSliceStep: first.sliceStep,
      firstZ: first.pixelSteps[0],
      firstY: first.pixelSteps[1],
      firstX: first.pixelSteps[2],
      secondSliceStep: second.sliceStep,
      secondZ: second.pixelSteps[0],
      secondY: second.pixelSteps[1],
      secondX: second.pixelSteps[2],
      ...activationParams(activation),
    },
    operands: [...first.operands, ...second.operands, ...slopeOf(to, node, output.shape[1])],
    output: to.write(output),
    cost: {
      macs: 0,
      parameters: (tensor && !tensor.values ? elementsOf(tensor.shape) : 0) + slopesIn(activation, output.shape[1]),
    },
  });
}

/** A value where it lies, or a tensor packed as one; and the vectors that its slices are apart. */
function readOperand<Name extends string>(
  to: Recorder,
  name: Name,
  label: string,
  operand: Value | Tensor<ValueShape>,
): Operand<Name> & { readonly sliceStep: number } {
  const { batch, channels, pixels, slices, ...sizes } = sizesOf(operand);
  if ('id' in operand) return { ...to.read(name, operand), sliceStep: pixels };
  // A filter for each channel, of the pixels, which a bias follows in each slice.
  const layout = depthwiseLayout(batch * channels, [1, pixels]);
  const sliceStep = pixels + 1;
  const { binding } = to.pack(name, label, layout, trained({ filter: operand }));
  const extent = { batch, channels, pixels, slices, ...sizes };
  return { name, binding, offset: 0, stride: slices * sliceStep, extent, sliceStep };
}

/** Mesa's software adapter ends a thread's loops after 65,535 turns in all; a workgroup has at most 128 threads. */
const TURNS = 32_768;
const MAX_LANES = 128;

/** Results of which there are fewer would leave a GPU idle, if each were a thread's that has many elements to go through. */
const FEW = 256;
const MANY = 32;

/** Half precision has no larger odd integers. */
const LARGEST_HALF = 2 ** 11;

/** Where a reduction begins. Numbers that JSON can carry, which are infinities in the uniform block. */
const STARTS: Readonly<Record<ReduceNode['operation'], number>> = {
  sum: 0,
  product: 1,
  max: -Number.MAX_VALUE,
  min: Number.MAX_VALUE,
  argMax: -Number.MAX_VALUE,
  argMin: Number.MAX_VALUE,
};

export function lowerReduce(to: Recorder, node: ReduceNode): void {
  const { operation, of, along, activation } = node;
  const input = to.read('input', node.inputs[0]);
  const output = to.write(node.output);
  const { batch, slices, pixels } = output.extent;
  const overChannels = along === 'channels';
  const count = overChannels ? input.extent.slices : node.count;
  const isShared = count > TURNS || (count > MANY && batch * slices * pixels < FEW);
  const lanes = count > TURNS ? MAX_LANES : isShared ? to.tiles.reduceLanes : 1;
  const { step, inner } = {
    items: { step: input.stride, inner: pixels },
    channels: { step: pixels, inner: pixels },
    pixels: { step: node.inner, inner: node.inner },
  }[along];
  const own = { node, operands: [input], output };
  const params = { count, step, inner, start: STARTS[operation] };
  if (operation === 'argMax' || operation === 'argMin') {
    if (node.count > LARGEST_HALF && to.target.elementType === 'float16') {
      throw new UnsupportedError(
        `Half precision has not all indices below ${node.count}: use the precision 'float32'.`,
      );
    }
    to.emit(argReduce, { ...own, options: { operation, overChannels, lanes }, params });
  } else {
    to.emit(reduce, {
      ...own,
      options: { operation, of, overChannels, lanes, activation: shaderActivation(activation) },
      params: { ...params, ...activationParams(activation) },
    });
  }
}

/** A longer group, which is gone through three times, is for many lanes. */
const LONG = TURNS / 4;

export function lowerStandardize(to: Recorder, node: StandardizeNode): void {
  const { name, along, count, inner, epsilon, batchNormalization, activation } = node;
  const { batch, channels, slices, pixels, ...area } = sizesOf(node.output);
  const overChannels = along === 'channels';
  const [turns, groups] = overChannels ? [slices, pixels] : [count, pixels / count];
  // The threads of neighbouring groups should read neighbouring vectors, as those of one group do.
  const isShared = turns > MANY && ((!overChannels && inner === 1) || batch * groups < FEW);
  const lanes = turns > LONG ? MAX_LANES : isShared ? to.tiles.reduceLanes : 1;
  const { scale, bias } = batchNormalization ?? {};
  const vectors = [scale, bias].filter((tensor) => tensor && !tensor.values).length;
  to.emit(standardize, {
    node,
    options: {
      overChannels,
      lanes,
      affine: batchNormalization !== undefined,
      activation: shaderActivation(activation),
    },
    params: {
      groups,
      count: turns,
      step: overChannels ? pixels : inner,
      inner: overChannels ? pixels : inner,
      size: overChannels ? channels : count,
      epsilon,
      ...activationParams(activation),
    },
    operands: [
      to.read('input', node.inputs[0]),
      ...(batchNormalization
        ? [to.pack('affine', name, depthwiseLayout(channels, [1, 1]), trained({ batchNormalization }))]
        : []),
      ...slopeOf(to, node, channels),
    ],
    output: to.write(node.output),
    over: { batch, channels, pixels: groups, slices: overChannels ? 1 : slices, ...area },
    cost: { macs: 0, parameters: vectors * channels + slopesIn(activation, channels) },
  });
}

export function lowerMatmul(to: Recorder, node: MatmulNode): void {
  const [first, second] = node.inputs;
  const output = to.write(node.output);
  const { batch: rows, channels } = output.extent;
  to.emit(matmul, {
    node,
    options: {},
    params: { rows },
    operands: [to.read('first', first), to.read('second', second)],
    output,
    cost: { macs: rows * channels * first.shape[1], parameters: 0 },
  });
}

export function lowerLocalResponseNormalization(to: Recorder, node: LocalResponseNormalizationNode): void {
  const { size, alpha, beta, bias } = node;
  const before = Math.floor((size - 1) / 2);
  to.emit(localResponseNormalization, {
    node,
    options: {},
    params: { before, after: size - 1 - before, scale: alpha / size, beta, bias },
    operands: [to.read('input', node.inputs[0])],
    output: to.write(node.output),
  });
}
