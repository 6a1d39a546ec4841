import { elementsOf, type Pair, type Tensor, type Value } from '../../../engine/graph/graph.ts';
import type { Constant } from '../elements.ts';
import { refuse } from '../problems.ts';
import { blockResult } from './batches.ts';
import { layerName, type OperatorFunction, type OperatorFunctions, type OperatorNode, unsupported } from './node.ts';
import type { Computed } from './operand.ts';
import { options } from './schema.ts';
import { isSamePadding, requirePositive, same, windowOf } from './window.ts';

function sizesOfFilter(filter: Constant): [number, number, number, number] {
  const { shape } = filter;
  if (shape.length !== 4) refuse(`The filter has the shape [${shape.join(', ')}]; it should have four sizes.`);
  return shape as [number, number, number, number];
}

/** A layer's bias. Where a quantized one says no scale, it has those of what it is added to. */
export function biasOf(n: OperatorNode, index: number, layer: string, channels: number): { bias?: Tensor } {
  const operand = n.operands[index];
  if (!operand) return {};
  let bias = n.constant(index, 'bias');
  const { type, quantization } = n.inputs[index] ?? {};
  const [input, filter] = [n.inputs[0]?.quantization, n.inputs[1]?.quantization];
  if (input && filter && !quantization && (type === 'int32' || type === 'int64')) {
    const stored = bias;
    const scaled = (value: number, channel: number) =>
      value * (input.scale[0] as number) * (filter.scale[filter.scale.length === 1 ? 0 : channel] as number);
    bias = { ...stored, read: () => Float32Array.from(stored.read(), scaled) };
  }
  if (elementsOf(bias.shape) !== channels) refuse(`The bias has the shape [${bias.shape.join(', ')}] for ${channels}.`);
  return {
    bias: n.weights(
      `${layer}.bias`,
      bias,
      bias.shape.map((_, axis) => axis),
      [channels],
    ),
  };
}

function groupsOf({ shape: [, , , channels = 0] }: Computed, groupChannels: number): number {
  return channels % groupChannels === 0
    ? channels / groupChannels
    : refuse(`The filter has ${groupChannels} input channels; the input has ${channels}.`);
}

/** The filter is `[outChannels, height, width, channels]`; `sizes` are the result's height and width. */
function transposeConvolution(
  n: OperatorNode,
  input: Computed,
  filterIndex: number,
  biasIndex: number,
  strides: Pair,
  sizesFor: (axis: 0 | 1, size: number, kernel: number) => { size: number; before: number },
): Value {
  requirePositive('strides are', strides);
  // A kernel's text has each of a stride's columns.
  if (strides.some((stride) => stride > 32)) unsupported(`its strides are ${strides.join(' and ')}, more than 32`);
  const filter = n.constant(filterIndex, 'filter');
  const [outChannels, ...kernel] = sizesOfFilter(filter);
  const layer = layerName(filter.name);
  const along = ([0, 1] as const).map((axis) => {
    const size = input.shape[axis + 1] as number;
    const full = (size - 1) * strides[axis] + (kernel[axis] as number);
    const { size: wanted, before } = sizesFor(axis, size, kernel[axis] as number);
    const after = full - before - wanted;
    return { before, after: Math.max(after, 0), more: Math.max(-after, 0) };
  });
  const [vertical, horizontal] = along as [(typeof along)[0], (typeof along)[0]];
  return n.g.convTranspose2d(input.map, n.weights(`${layer}.weight`, filter, [3, 0, 1, 2]), {
    ...biasOf(n, biasIndex, layer, outChannels),
    strides,
    padding: [vertical.before, vertical.after, horizontal.before, horizontal.after],
    outputPadding: [vertical.more, horizontal.more],
  });
}

/**
 * MediaPipe's custom operator, whose options are padding (1 is SAME), stride width and stride height, 32 bits each:
 * https://github.com/google-ai-edge/mediapipe/blob/master/mediapipe/util/tflite/operations/transpose_conv_bias.cc
 */
export const Convolution2DTransposeBias: OperatorFunction = (n) => {
  const { buffer, byteOffset, length } = n.customOptions;
  if (length < 12) refuse(`The options have ${length} bytes instead of 12.`);
  const view = new DataView(buffer, byteOffset, length);
  const [padding, strideWidth, strideHeight] = [0, 4, 8].map((at) => view.getInt32(at, true)) as [
    number,
    number,
    number,
  ];
  const strides: Pair = [strideHeight, strideWidth];
  const value = transposeConvolution(n, n.map(), 1, 2, strides, (axis, count, kernel) => {
    const stride = strides[axis];
    const cut = padding === 1 ? Math.max(0, kernel - ((count - 1) % stride) - 1) : 0;
    return { size: stride * (count - 1) + kernel - cut, before: Math.floor(cut / 2) };
  });
  return n.result(value);
};

/** With filters that slide over a map. */
export const CONVOLUTIONS = {
  CONV_2D(n) {
    const given = n.options(options.convolution);
    const input = n.map();
    const filter = n.constant(1, 'filter');
    const [outChannels, height, width, groupChannels] = sizesOfFilter(filter);
    const layer = layerName(filter.name);
    const value = n.g.conv2d(input.map, n.weights(`${layer}.weight`, filter, [0, 3, 1, 2]), {
      ...biasOf(n, 2, layer, outChannels),
      ...windowOf(given, input, [height, width]),
      groups: groupsOf(input, groupChannels),
    });
    return blockResult(n, value, input.details.block, given.activation);
  },
  DEPTHWISE_CONV_2D(n) {
    const given = n.options(options.depthwise);
    const input = n.map();
    const filter = n.constant(1, 'filter');
    const [one, height, width, outChannels] = sizesOfFilter(filter);
    if (one !== 1) refuse(`The filter has the shape [${filter.shape.join(', ')}]; the first size should be 1.`);
    const layer = layerName(filter.name);
    const value = n.g.conv2d(input.map, n.weights(`${layer}.weight`, filter, [3, 0, 1, 2]), {
      ...biasOf(n, 2, layer, outChannels),
      ...windowOf(given, input, [height, width]),
      groups: input.shape[3] as number,
    });
    return blockResult(n, value, input.details.block, given.activation);
  },
  TRANSPOSE_CONV(n) {
    const { padding, strideHeight, strideWidth, activation } = n.options(options.transposeConvolution);
    const [, ...sizes] = n.integers(0, 'shape of the result');
    const strides: Pair = [strideHeight, strideWidth];
    const value = transposeConvolution(n, n.map(2), 1, 3, strides, (axis, _, kernel) => {
      const size = sizes[axis] as number;
      // As much as the convolution has before its map whose transposition this is.
      return { size, before: isSamePadding(padding) ? same(size, kernel, strides[axis])[0] : 0 };
    });
    return n.result(value, { activation });
  },
} as const satisfies OperatorFunctions;
