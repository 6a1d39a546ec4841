import { sum } from '../../../engine/common/numbers.ts';
import {
  elementsOf,
  FLOAT_MAX,
  type Padding,
  type Pair,
  type Shape,
  type Tensor,
  type Value,
} from '../../../engine/graph/graph.ts';
import type { GraphBuilder, ReduceOptions } from '../../../engine/graph/graph-builder.ts';
import { derived, elementwise, expanded, reduced as reducedConstant } from '../constants.ts';
import { type Constant, constantOf } from '../elements.ts';
import { refuse } from '../problems.ts';
import {
  binary,
  clamp,
  gated,
  LOGISTIC,
  named,
  normalized,
  type OperatorFunction,
  scaled,
  unary,
} from './elementwise.ts';
import { layerName, type OperatorNode, unsupported } from './node.ts';
import { Computed, isComputed, lifted, type Operand, toValueAxis, toValueOrder } from './operand.ts';
import { type BUILTIN_OPERATORS, options, PADDINGS } from './schema.ts';

interface WindowOptions {
  readonly padding: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight?: number;
  readonly dilationWidth?: number;
}

/** TensorFlow's SAME: as many windows as strides, and the smaller half of what they need more before the map. */
function same(size: number, extent: number, stride: number): Pair {
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + extent - size, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

function windowOf(given: WindowOptions, { shape, details }: Computed, kernel: Pair) {
  const { padding, strideHeight, strideWidth, dilationHeight = 1, dilationWidth = 1 } = given;
  const [, height = 1, width = 1] = shape;
  const [rows, columns] = details.block ?? [1, 1];
  const strides: Pair = [strideHeight, strideWidth];
  if (!strides.every((stride) => stride > 0)) refuse(`The strides are ${strideHeight} and ${strideWidth}.`);
  if (rows * columns > 1 && strideHeight * strideWidth > 1) unsupported('its stride is within SPACE_TO_BATCH_ND');
  const isSame = isSamePadding(padding);
  const [top, bottom] = isSame ? same(height, (kernel[0] - 1) * dilationHeight + 1, strideHeight) : [0, 0];
  const [left, right] = isSame ? same(width, (kernel[1] - 1) * dilationWidth + 1, strideWidth) : [0, 0];
  return {
    strides,
    padding: [top * rows, bottom * rows, left * columns, right * columns] as Padding,
    dilations: [dilationHeight * rows, dilationWidth * columns] as Pair,
  };
}

const isSamePadding = (padding: number): boolean =>
  (PADDINGS[padding] ?? refuse(`There is no padding ${padding}.`)) === 'SAME';

/** A result whose pixels are where they were before SPACE_TO_BATCH_ND. */
function blockResult(n: OperatorNode, value: Value, block: Pair | undefined, activation: number): Computed {
  if (!block) return n.result(value, { activation });
  const [batch, channels, height = 1, width = 1] = value.shape;
  const [rows, columns] = block;
  const shape = [batch * rows * columns, height / rows, width / columns, channels];
  return n.result(value, { activation, shape, block });
}

function sizesOfFilter(filter: Constant): [number, number, number, number] {
  const { shape } = filter;
  if (shape.length !== 4) refuse(`The filter has the shape [${shape.join(', ')}]; it should have four sizes.`);
  return shape as [number, number, number, number];
}

/** A layer's bias. Where a quantized one says no scale, it has those of what it is added to. */
function biasOf(n: OperatorNode, index: number, layer: string, channels: number): { bias?: Tensor } {
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

const CONV_2D: OperatorFunction = (n) => {
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
};

function groupsOf({ shape: [, , , channels = 0] }: Computed, groupChannels: number): number {
  return channels % groupChannels === 0
    ? channels / groupChannels
    : refuse(`The filter has ${groupChannels} input channels; the input has ${channels}.`);
}

const DEPTHWISE_CONV_2D: OperatorFunction = (n) => {
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
};

/** The filter is `[outChannels, height, width, channels]`; `sizes` are the result's height and width. */
function transposeConvolution(
  n: OperatorNode,
  input: Computed,
  filterIndex: number,
  biasIndex: number,
  strides: Pair,
  sizesFor: (axis: 0 | 1, size: number, kernel: number) => { size: number; before: number },
): Value {
  if (!strides.every((stride) => stride > 0)) refuse(`The strides are ${strides.join(' and ')}.`);
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

const TRANSPOSE_CONV: OperatorFunction = (n) => {
  const { padding, strideHeight, strideWidth, activation } = n.options(options.transposeConvolution);
  const [, ...sizes] = n.integers(0, 'shape of the result');
  const strides: Pair = [strideHeight, strideWidth];
  const value = transposeConvolution(n, n.map(2), 1, 3, strides, (axis, _, kernel) => {
    const size = sizes[axis] as number;
    // As much as the convolution has before its map whose transposition this is.
    return { size, before: isSamePadding(padding) ? same(size, kernel, strides[axis])[0] : 0 };
  });
  return n.result(value, { activation });
};

/**
 * MediaPipe's custom operator, whose options are padding (1 is SAME), stride width and stride height, 32 bits each:
 * https://github.com/google-ai-edge/mediapipe/blob/master/mediapipe/util/tflite/operations/transpose_conv_bias.cc
 */
const Convolution2DTransposeBias: OperatorFunction = (n) => {
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

type PoolOptions = NonNullable<Parameters<GraphBuilder['averagePool2d']>[1]>;

/** `paddedAs`: with which options a pool does the padding before it too, with this number around numbers of at least `least`. */
function pool(
  compute: (g: GraphBuilder, input: Value, window: PoolOptions) => Value,
  paddedAs: (value: number, least: number) => PoolOptions | undefined = () => undefined,
): OperatorFunction {
  return (n) => {
    const given = n.options(options.pool);
    const input = n.map();
    const windowDimensions: Pair = [given.filterHeight, given.filterWidth];
    if (!windowDimensions.every((size) => size > 0)) refuse(`The window is ${windowDimensions.join(' x ')}.`);
    const { strides, padding } = windowOf(given, input, windowDimensions);
    const isSame = isSamePadding(given.padding);
    const { padded } = input.details;
    const more = padded && !isSame && paddedAs(padded.value, padded.source.details.bounds?.[0] ?? -Infinity);
    const isWhole = windowDimensions.join() === input.shape.slice(1, 3).join() && !isSame && !more;
    const window = more ? { padding: padded.padding, ...more } : { padding };
    const value = compute(
      n.g,
      more ? padded.source.map : input.map,
      isWhole ? {} : { windowDimensions, strides, ...window },
    );
    return n.result(value, { activation: given.activation });
  };
}

const FULLY_CONNECTED: OperatorFunction = (n) => {
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
};

const BATCH_MATMUL: OperatorFunction = (n) => {
  const { transposeA, transposeB } = n.options(options.batchMatMul);
  const [a, b] = [matrix(n, 0, transposeA), matrix(n, 1, transposeB)];
  const { g } = n;
  const product = isComputed(a)
    ? g.matmul(a.value, isComputed(b) ? b.value : n.aligned(b, 2))
    : g.transpose(g.matmul((b as Computed).transpose([1, 0]).value, n.aligned(n.transpose(a, [1, 0]), 2)));
  const rank = Math.max(n.operand(0).shape.length, n.operand(1).shape.length);
  return n.reshape(n.result(product), lifted(product.shape, rank));
};

function matrix(n: OperatorNode, index: number, isTransposed: boolean): Operand {
  const { shape } = n.operand(index);
  const [rows = 1, columns = 1] = shape.slice(-2);
  if (rows * columns !== elementsOf(shape)) unsupported(`it multiplies several matrices, [${shape.join(', ')}]`);
  const flat = n.reshape(n.operand(index), [rows, columns]);
  return isTransposed ? n.transpose(flat, [1, 0]) : flat;
}

/** `axes` of the file are reduced, and stay with size 1 where they are kept. */
function reduced(
  n: OperatorNode,
  input: Computed,
  axes: readonly number[],
  keepDims: boolean,
  compute: (value: Value, options: ReduceOptions) => Value,
): Operand {
  const { shape } = input;
  const { length: rank } = shape;
  const kept = shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const make = () => compute(input.map, { axes: axes.map((axis) => toValueAxis(axis, rank)), keepDimensions: true });
  const result = new Computed(n.g, kept, make);
  return keepDims
    ? result
    : n.reshape(
        result,
        shape.filter((_, axis) => !axes.includes(axis)),
      );
}

function reduction(
  compute: (g: GraphBuilder, value: Value, options: ReduceOptions) => Value,
  evaluate: (a: number, b: number) => number,
  isMean = false,
): OperatorFunction {
  return (n) => {
    const { keepDims } = n.options(options.reducer);
    const operand = n.operand(0);
    const { shape } = operand;
    const axes = [...new Set(n.integers(1, 'axes').map((axis) => n.axis(axis, shape.length)))];
    if (!isComputed(operand)) {
      const compute = (numbers: readonly number[]) =>
        numbers.reduce((a, b) => evaluate(a, b)) / (isMean ? numbers.length : 1);
      return reducedConstant(operand, n.name, axes, keepDims, compute);
    }
    const isSpatial = shape.length === 4 && [...axes].sort().join() === '1,2';
    return reduced(n, operand, axes, keepDims, (value, given) =>
      isMean && isSpatial ? n.g.averagePool2d(value) : compute(n.g, value, given),
    );
  };
}

const argument =
  (name: 'argMax' | 'argMin'): OperatorFunction =>
  (n) => {
    const input = n.computed();
    const axis = n.axis(n.integer(1, 'axis'), input.shape.length);
    return reduced(n, input, [axis], false, (value) =>
      n.g[name](value, toValueAxis(axis, input.shape.length), { keepDimensions: true }),
    );
  };

const RESHAPE: OperatorFunction = (n) => {
  const operand = n.operand(0);
  const given = n.operands[1] ? n.integers(1, 'shape') : n.options(options.reshape).newShape;
  const elements = elementsOf(operand.shape);
  const known = elementsOf(given.filter((size) => size !== -1));
  return n.reshape(
    operand,
    given.map((size) => (size === -1 ? elements / known : size)),
  );
};

const SQUEEZE: OperatorFunction = (n) => {
  const operand = n.operand(0);
  const { shape } = operand;
  const axes = n.options(options.squeeze).dims.map((axis) => n.axis(axis, shape.length));
  return n.reshape(
    operand,
    shape.filter((size, axis) => size !== 1 || (axes.length > 0 && !axes.includes(axis))),
  );
};

/** With a size of 1 more, which is then that axis. */
const withOne = (shape: Shape, axis: number): Shape => [...shape.slice(0, axis), 1, ...shape.slice(axis)];

const EXPAND_DIMS: OperatorFunction = (n) => {
  const operand = n.operand(0);
  const { shape } = operand;
  return n.reshape(operand, withOne(shape, n.axis(n.integer(1, 'axis'), shape.length + 1)));
};

const SLICE: OperatorFunction = (n) => {
  const operand = n.operand(0);
  const starts = n.integers(1, 'begin');
  const counts = n
    .integers(2, 'size')
    .map((size, axis) => (size === -1 ? (operand.shape[axis] ?? 0) - (starts[axis] ?? 0) : size));
  return n.slice(operand, starts, counts);
};

const STRIDED_SLICE: OperatorFunction = (n) => {
  const masks = n.options(options.stridedSlice);
  const operand = n.operand(0);
  const { shape } = operand;
  const [begins, ends, steps] = [n.integers(1, 'begin'), n.integers(2, 'end'), n.integers(3, 'strides')];
  if (begins.length > 32) refuse(`There are ${begins.length} slices; the masks have 32 bits.`);
  const starts: number[] = [];
  const counts: number[] = [];
  const result: number[] = [];
  const take = (start: number, count: number, isKept = true) => {
    starts.push(start);
    counts.push(count);
    if (isKept) result.push(count);
  };
  const takeWhole = () => take(0, shape[starts.length] ?? refuse('There are more slices than axes.'));
  const taken: number[] = [];
  for (const [index, given] of begins.entries()) {
    const has = (mask: number) => (mask & (1 << index)) !== 0;
    const step = steps[index] ?? 0;
    if (has(masks.ellipsisMask)) {
      const more = begins.filter((_, other) => other > index && (masks.newAxisMask & (1 << other)) === 0).length;
      while (starts.length < shape.length - more) {
        taken.push(1);
        takeWhole();
      }
    } else if (has(masks.newAxisMask)) result.push(1);
    else {
      const size = shape[starts.length] ?? refuse('There are more slices than axes.');
      if (step === 0) refuse('A stride is 0.');
      const from = given < 0 ? given + size : given;
      const end = (ends[index] ?? 0) + (masks.offset ? given : 0);
      const to = end < 0 ? end + size : end;
      // Backwards, the end may lie before the first element.
      const [least, most] = step > 0 ? [0, size] : [-1, size - 1];
      const within = (at: number) => Math.min(Math.max(at, least), most);
      const first = has(masks.beginMask) ? (step > 0 ? least : most) : within(from);
      const last = has(masks.endMask) ? (step > 0 ? most : least) : within(to);
      taken.push(step);
      if (has(masks.shrinkAxisMask)) take(from, 1, false);
      else take(first, Math.max(0, Math.ceil((last - first) / step)));
    }
  }
  while (starts.length < shape.length) {
    taken.push(1);
    takeWhole();
  }
  return n.reshape(n.slice(operand, starts, counts, taken), result);
};

/** Parts of these sizes, one after another along an axis. */
function parts(n: OperatorNode, operand: Operand, axis: number, sizes: readonly number[]): Operand[] {
  const { shape } = operand;
  if (sizes.length !== n.outputs.length) refuse(`There are ${n.outputs.length} results of ${sizes.length} parts.`);
  let end = 0;
  const split = sizes.map((size) => {
    const start = end;
    end += size;
    return n.slice(
      operand,
      shape.map((_, at) => (at === axis ? start : 0)),
      shape.map((whole, at) => (at === axis ? size : whole)),
    );
  });
  return end === shape[axis] ? split : refuse(`The parts of axis ${axis} have ${end} of ${shape[axis]} in all.`);
}

const SPLIT: OperatorFunction = (n) => {
  const { count } = n.options(options.split);
  const operand = n.operand(1);
  const axis = n.axis(n.integer(0, 'axis'), operand.shape.length);
  if (count !== n.outputs.length) refuse(`There are ${n.outputs.length} results of ${count} parts.`);
  return parts(n, operand, axis, Array(count).fill((operand.shape[axis] as number) / count));
};

const SPLIT_V: OperatorFunction = (n) => {
  const operand = n.operand(0);
  const axis = n.axis(n.integer(2, 'axis'), operand.shape.length);
  const sizes = n.integers(1, 'sizes');
  const known = sizes.reduce((sum, size) => sum + Math.max(size, 0), 0);
  return parts(
    n,
    operand,
    axis,
    sizes.map((size) => (size === -1 ? (operand.shape[axis] as number) - known : size)),
  );
};

const UNPACK: OperatorFunction = (n) => {
  const operand = n.operand(0);
  const { shape } = operand;
  const axis = n.axis(n.options(options.pack).axis, shape.length);
  if (shape[axis] !== n.outputs.length) refuse(`There are ${n.outputs.length} results of ${shape[axis]} parts.`);
  return parts(n, operand, axis, Array(shape[axis]).fill(1)).map((part) =>
    n.reshape(
      part,
      shape.filter((_, at) => at !== axis),
    ),
  );
};

const PACK: OperatorFunction = (n) => {
  const all = n.operands.map((_, index) => n.operand(index));
  const { length: rank } = n.operand(0).shape;
  const axis = n.axis(n.options(options.pack).axis, rank + 1);
  return n.concat(
    all.map((operand) => n.reshape(operand, withOne(operand.shape, axis))),
    axis,
  );
};

const CONCATENATION: OperatorFunction = (n) => {
  const { axis, activation } = n.options(options.concatenation);
  const joined = n.concat(
    n.operands.map((_, index) => n.operand(index)),
    n.axis(axis, n.operand(0).shape.length),
  );
  return activation === 0 || !isComputed(joined) ? joined : n.result(joined.map, { activation, shape: joined.shape });
};

/** Runs of consecutive indices are slices. */
const GATHER: OperatorFunction = (n) => {
  const { axis: given, batchDims } = n.options(options.gather);
  const operand = n.operand(0);
  const { shape } = operand;
  const axis = n.axis(given, shape.length);
  const indices = n.integers(1, 'indices');
  if (batchDims !== 0) unsupported('it takes other elements from each item of a batch');
  const runs: { start: number; count: number }[] = [];
  for (const index of indices) {
    const last = runs.at(-1);
    if (last && index === last.start + last.count) last.count++;
    else runs.push({ start: index, count: 1 });
  }
  if (runs.length > 32) unsupported(`it takes ${indices.length} elements from ${runs.length} places`);
  const slices = runs.map(({ start, count }) =>
    n.slice(
      operand,
      shape.map((_, at) => (at === axis ? start : 0)),
      shape.map((size, at) => (at === axis ? count : size)),
    ),
  );
  return n.reshape(n.concat(slices, axis), [...shape.slice(0, axis), ...n.operand(1).shape, ...shape.slice(axis + 1)]);
};

const REVERSE_V2: OperatorFunction = (n) => {
  const operand = n.operand(0);
  const { shape } = operand;
  const axes = n.integers(1, 'axes').map((axis) => n.axis(axis, shape.length));
  return n.slice(
    operand,
    shape.map((size, axis) => (axes.includes(axis) ? size - 1 : 0)),
    shape,
    shape.map((_, axis) => (axes.includes(axis) ? -1 : 1)),
  );
};

/** How much there is before and after each axis of the file. */
function paddings(n: OperatorNode, { shape }: Computed): Pair[] {
  const given = n.integers(1, 'paddings');
  if (given.length !== 2 * shape.length || given.some((size) => size < 0)) {
    refuse(`The paddings are [${given.slice(0, 16).join(', ')}] for [${shape.join(', ')}].`);
  }
  return shape.map((_, axis) => [given[2 * axis] as number, given[2 * axis + 1] as number]);
}

const padding =
  (withValue: boolean): OperatorFunction =>
  (n) => {
    const { g } = n;
    const input = n.computed();
    const { length: rank } = input.shape;
    const sides = paddings(n, input);
    const value = withValue ? n.number(2, 'value') : 0;
    const shape = input.shape.map((size, axis) => size + sum(sides[axis] as Pair));
    const [items, rows, columns, channels] = sides;
    if (rank !== 4 || !items || !rows || !columns || !channels || items.some((size) => size > 0)) {
      const order = (side: 0 | 1) => toValueOrder(sides.map((pair) => pair[side]) as Shape, 0);
      return new Computed(g, shape, () => g.pad(input.map, order(0), order(1), { value }));
    }
    const area: Padding = [...rows, ...columns];
    const make = () => {
      const padded = area.some((size) => size > 0) ? padArea(g, input.map, area, value) : input.map;
      const [before, after] = channels.map((count) => (count > 0 ? [n.border(padded, count, value)] : []));
      return before?.length || after?.length ? g.concat([...(before ?? []), padded, ...(after ?? [])]) : padded;
    };
    const isArea = channels.every((size) => size === 0);
    return new Computed(g, shape, make, isArea ? { padded: { source: input, padding: area, value } } : {});
  };

function padArea(g: GraphBuilder, map: Value, area: Padding, value: number): Value {
  const [top, bottom, left, right] = area;
  return value === 0 ? g.pad(map, area) : g.pad(map, [0, 0, top, left], [0, 0, bottom, right], { value });
}

const MIRROR_PAD: OperatorFunction = (n) => {
  const input = n.computed();
  const isSymmetric = n.options(options.mirrorPad).mode === 1;
  const sides = paddings(n, input);
  if (isSymmetric && sides.flat().some((size) => size > 1)) unsupported('it repeats more than one pixel of the edge');
  const shape = input.shape.map((size, axis) => size + sum(sides[axis] as Pair));
  const order = (side: 0 | 1) => toValueOrder(sides.map((pair) => pair[side]) as Shape, 0);
  // What is mirrored with its edge is, of one pixel, the edge.
  const mode = isSymmetric ? 'edge' : 'reflection';
  return new Computed(n.g, shape, () => n.g.pad(input.map, order(0), order(1), { mode }));
};

const TILE: OperatorFunction = (n) => {
  const operand = n.operand(0);
  const repetitions = n.integers(1, 'multiples');
  const shape = operand.shape.map((size, axis) => size * (repetitions[axis] ?? 1));
  if (repetitions.length !== shape.length || repetitions.some((count) => count < 1)) {
    refuse(`The multiples are [${repetitions.slice(0, 8).join(', ')}] for [${operand.shape.join(', ')}].`);
  }
  if (!isComputed(operand)) unsupported('its input is a constant');
  return new Computed(n.g, shape, () => n.g.tile(operand.map, toValueOrder(repetitions, 1)));
};

const BROADCAST_TO: OperatorFunction = (n) => {
  const operand = n.operand(0);
  const shape = n.integers(1, 'shape');
  const fits = shape.length >= operand.shape.length;
  const full = fits ? lifted(operand.shape, shape.length) : [];
  if (!fits || !full.every((size, axis) => size === 1 || size === shape[axis])) {
    refuse(`[${operand.shape.join(', ')}] cannot be repeated to [${shape.slice(0, 8).join(', ')}].`);
  }
  if (!isComputed(operand)) {
    return expanded(operand, n.name, shape);
  }
  const input = operand.reshape(full);
  return new Computed(n.g, shape, () => n.g.expand(input.map, toValueOrder(shape, 1)));
};

interface ResizeOptions {
  readonly alignCorners: boolean;
  readonly halfPixelCenters: boolean;
}

function resize(
  given: (n: OperatorNode) => ResizeOptions,
  compute: (g: GraphBuilder, value: Value, sizes: Pair, given: ResizeOptions & { readonly steps: Pair }) => Value,
): OperatorFunction {
  return (n) => {
    const input = n.map();
    const [height, width, ...more] = n.integers(1, 'size');
    if (!height || !width || height < 0 || width < 0 || more.length > 0) {
      refuse(`The size is ${[height, width, ...more].slice(0, 4).join(' x ')}.`);
    }
    const { alignCorners, halfPixelCenters } = given(n);
    const step = (from: number, to: number) => (alignCorners && to > 1 ? (from - 1) / (to - 1) : from / to);
    const [, fromHeight = 1, fromWidth = 1] = input.shape;
    const steps: Pair = [step(fromHeight, height), step(fromWidth, width)];
    return n.result(compute(n.g, input.map, [height, width], { alignCorners, halfPixelCenters, steps }));
  };
}

const RESIZE_BILINEAR = resize(
  (n) => n.options(options.resizeBilinear),
  (g, value, sizes, { alignCorners, halfPixelCenters, steps }) => {
    if (alignCorners && halfPixelCenters) refuse('Corners are aligned, and pixels have half-pixel centers.');
    const coordinates = halfPixelCenters
      ? 'half-pixel'
      : alignCorners
        ? 'align-corners'
        : { steps, offsets: [0, 0] as Pair };
    return g.resample2d(value, { mode: 'linear', sizes, coordinates });
  },
);

const RESIZE_NEAREST_NEIGHBOR = resize(
  (n) => n.options(options.resizeNearest),
  (g, value, sizes, { alignCorners, halfPixelCenters, steps }) => {
    if (!alignCorners && !halfPixelCenters) return g.resample2d(value, { sizes });
    // The nearest pixel is that whose coordinate is rounded down; of aligned corners it is rounded up from a half on.
    const offsets = steps.map(
      (step) => (halfPixelCenters ? step / 2 : 0) + (alignCorners ? 0.5 : 0),
    ) as unknown as Pair;
    return g.resample2d(value, { sizes, coordinates: { steps, offsets } });
  },
);

const SOFTMAX: OperatorFunction = (n) => {
  const { beta } = n.options(options.softmax);
  const input = n.computed();
  const scaled = beta === 1 ? input.map : n.g.linear(input.map, { alpha: beta });
  return new Computed(n.g, input.shape, () => n.g.softmax(scaled, lastAxis(input)));
};

/** Where the file's last axis is in a map's value. */
const lastAxis = ({ shape: { length: rank } }: Computed) => toValueAxis(Math.max(0, rank - 1), Math.max(1, rank));

const LOG_SOFTMAX: OperatorFunction = (n) => {
  const { g } = n;
  const input = n.computed();
  const make = () => g.sub(input.map, g.reduceLogSumExp(input.map, { axes: [lastAxis(input)], keepDimensions: true }));
  return new Computed(g, input.shape, make);
};

const L2_NORMALIZATION: OperatorFunction = (n) => {
  const { g } = n;
  const input = n.computed();
  const make = () => {
    const norm = g.reduceL2(input.map, { axes: [lastAxis(input)], keepDimensions: true });
    return g.div(input.map, g.clamp(norm, { minValue: 1e-6 }));
  };
  return new Computed(g, input.shape, make);
};

const LOCAL_RESPONSE_NORMALIZATION: OperatorFunction = (n) => {
  const { radius, bias, alpha, beta } = n.options(options.localResponseNormalization);
  if (radius < 0) refuse(`The radius is ${radius}.`);
  const size = 2 * radius + 1;
  return n.result(n.g.localResponseNormalization(n.map().map, { size, alpha: alpha * size, beta, bias }));
};

function blockSizes(n: OperatorNode): { block: Pair; sides: Pair[] } {
  const [rows, columns, ...more] = n.integers(1, 'block');
  const [top, bottom, left, right, ...others] = n.integers(2, 'paddings');
  const numbers = [rows, columns, top, bottom, left, right];
  const isSound = numbers.every((size, index) => size !== undefined && size >= (index < 2 ? 1 : 0));
  if (!isSound || more.length + others.length > 0) unsupported('its block is not one of height and width');
  const [height, width, ...sides] = numbers as [number, number, number, number, number, number];
  return {
    block: [height, width],
    sides: [
      [sides[0], sides[1]],
      [sides[2], sides[3]],
    ],
  };
}

const SPACE_TO_BATCH_ND: OperatorFunction = (n) => {
  const { block, sides } = blockSizes(n);
  const [[top, bottom], [left, right]] = sides as [Pair, Pair];
  const input = n.map();
  const padded = sides.flat().some((size) => size > 0) ? n.g.pad(input.map, [top, bottom, left, right]) : input.map;
  const [, , height = 1, width = 1] = padded.shape;
  if (height % block[0] !== 0 || width % block[1] !== 0)
    refuse(`A block of ${block.join(' x ')} does not divide the map.`);
  return blockResult(n, padded, block, 0);
};

const BATCH_TO_SPACE_ND: OperatorFunction = (n) => {
  const { block, sides } = blockSizes(n);
  const [[top, bottom], [left, right]] = sides as [Pair, Pair];
  const input = n.map();
  if (input.details.block?.join() !== block.join()) unsupported('it takes apart what no SPACE_TO_BATCH_ND has made');
  const [batch, channels, height = 1, width = 1] = input.map.shape;
  const whole = new Computed(n.g, [batch, height, width, channels], () => input.map);
  return n.slice(whole, [0, top, left, 0], [batch, height - top - bottom, width - left - right, channels]);
};

const blocks =
  (compute: (g: GraphBuilder, value: Value, size: number) => Value): OperatorFunction =>
  (n) => {
    const { size } = n.options(options.block);
    if (size < 1) refuse(`The block is ${size}.`);
    return n.result(compute(n.g, n.map().map, size));
  };

/** The tanh approximation, with tanh(x) = 2 * sigmoid(2x) - 1; or by the error function. */
const GELU: OperatorFunction = unary((g, x, n) => {
  if (!n.options(options.gelu).approximate) return g.gelu(x);
  const slope = 2 * Math.sqrt(2 / Math.PI);
  const inner = g.mul(x, g.linear(g.mul(x, x), { alpha: 0.044715 * slope, beta: slope }));
  return g.mul(x, g.sigmoid(inner));
});

const PRELU: OperatorFunction = (n) => {
  const [input, slope] = [n.computed(), n.operand(1)];
  const { shape } = input;
  if (n.broadcast(input, slope).join() !== shape.join()) refuse('The slopes are of more elements than the input.');
  return n.result(n.g.prelu(input.map, n.aligned(slope, shape.length)), { shape });
};

/** Towards zero, where whole numbers are made of others. */
const CAST: OperatorFunction = (n) => {
  const { type } = n.outputs[0] ?? refuse('The operator has no output.');
  const isRounded = n.inputs[0]?.type.startsWith('float') && !type.startsWith('float');
  const operand = n.operand(0);
  if (!isRounded) return operand;
  if (!isComputed(operand)) return elementwise(n.name, 'int64', [operand], Math.trunc);
  if (type === 'bool') unsupported('it makes true or false of numbers');
  return operand.with((value) => n.g.mul(n.g.sign(value), n.g.floor(n.g.abs(value))));
};

const SHAPE: OperatorFunction = (n) => {
  const { shape } = n.operand(0);
  return constantOf(n.name, 'int64', [shape.length], shape);
};

const FILL: OperatorFunction = (n) => {
  const shape = n.integers(0, 'shape');
  const value = n.number(1, 'value');
  return derived(n.name, n.constant(1, 'value').type, shape, [], (result) => result.fill(value));
};

const RANGE: OperatorFunction = (n) => {
  const [start, limit, step] = [n.number(0, 'start'), n.number(1, 'limit'), n.number(2, 'delta')];
  const count = Math.ceil((limit - start) / step);
  return derived(n.name, n.constant(0, 'start').type, [count], [], (result) => {
    for (const index of result.keys()) result[index] = start + index * step;
  });
};

const ADD_N: OperatorFunction = (n) => {
  const [first, ...others] = n.operands.map((_, index) => n.computed(index));
  const sum = others.reduce((value, { map }) => n.g.add(value, map), (first ?? n.computed()).map);
  return n.result(sum, { shape: n.computed().shape });
};

const POW: OperatorFunction = (n) => {
  const exponent = n.operand(1);
  const isSquare = !isComputed(exponent) && elementsOf(exponent.shape) === 1 && exponent.read()[0] === 2;
  if (isSquare && isComputed(n.operand(0))) return unary(squared)(n);
  return binary({ compute: (g, a, b) => g.pow(a, b), evaluate: (a, b) => a ** b })(n);
};

const squared = (g: GraphBuilder, value: Value) => g.mul(value, value);

/** By the names of TFLite's operators. */
export const OPERATORS: Readonly<Partial<Record<(typeof BUILTIN_OPERATORS)[number], OperatorFunction>>> = {
  ABS: named('abs'),
  ADD: binary({
    compute: (g, a, b) => g.add(a, b),
    evaluate: (a, b) => a + b,
    withNumber: (beta) => ({ beta }),
    withVector: normalized,
  }),
  ADD_N,
  ARG_MAX: argument('argMax'),
  ARG_MIN: argument('argMin'),
  AVERAGE_POOL_2D: pool(
    (g, input, window) => g.averagePool2d(input, window),
    (value) => (value === 0 ? { countIncludePad: true } : undefined),
  ),
  BATCH_MATMUL,
  BATCH_TO_SPACE_ND,
  BROADCAST_TO,
  CAST,
  CEIL: named('ceil'),
  CONCATENATION,
  CONV_2D,
  COS: named('cos'),
  DENSIFY: (n) => n.operand(0),
  DEPTH_TO_SPACE: blocks((g, value, size) => g.depthToSpace(value, size, { mode: 'DCR' })),
  DEPTHWISE_CONV_2D,
  DEQUANTIZE: (n) => n.operand(0),
  DIV: binary({
    compute: (g, a, b) => g.div(a, b),
    evaluate: (a, b) => a / b,
    withNumber: (number, isFirst) => (isFirst || number === 0 ? undefined : { alpha: 1 / number }),
  }),
  ELU: unary((g, value) => g.elu(value)),
  EXP: named('exp'),
  EXPAND_DIMS,
  FILL,
  FLOOR: named('floor'),
  FLOOR_DIV: binary({ compute: (g, a, b) => g.floor(g.div(a, b)), evaluate: (a, b) => Math.floor(a / b) }),
  FULLY_CONNECTED,
  GATHER,
  GELU,
  HARD_SWISH: named('hardSwish'),
  L2_NORMALIZATION,
  L2_POOL_2D: pool((g, input, window) => g.sqrt(g.averagePool2d(squared(g, input), window))),
  LEAKY_RELU: unary((g, value, n) => g.leakyRelu(value, n.options(options.leakyRelu))),
  LOCAL_RESPONSE_NORMALIZATION,
  LOG: named('log'),
  LOG_SOFTMAX,
  LOGISTIC,
  MAX_POOL_2D: pool(
    (g, input, window) => g.maxPool2d(input, window),
    (value, least) => (value <= -FLOAT_MAX || (value === 0 && least >= 0) ? {} : undefined),
  ),
  MAXIMUM: binary({ compute: (g, a, b) => g.max(a, b), evaluate: Math.max, withNumber: (min) => ({ min }) }),
  MEAN: reduction(
    (g, value, given) => g.reduceMean(value, given),
    (a, b) => a + b,
    true,
  ),
  MINIMUM: binary({ compute: (g, a, b) => g.min(a, b), evaluate: Math.min, withNumber: (max) => ({ max }) }),
  MIRROR_PAD,
  MUL: binary({
    compute: (g, a, b) => g.mul(a, b),
    evaluate: (a, b) => a * b,
    withNumber: (alpha) => ({ alpha }),
    withGate: gated,
    withVector: scaled,
  }),
  NEG: named('neg'),
  PACK,
  PAD: padding(false),
  PADV2: padding(true),
  POW,
  PRELU,
  QUANTIZE: (n) => (isComputed(n.operand(0)) ? n.limited(n.computed(), 0) : n.operand(0)),
  RANGE,
  REDUCE_MAX: reduction((g, value, given) => g.reduceMax(value, given), Math.max),
  REDUCE_MIN: reduction((g, value, given) => g.reduceMin(value, given), Math.min),
  REDUCE_PROD: reduction(
    (g, value, given) => g.reduceProduct(value, given),
    (a, b) => a * b,
  ),
  RELU: clamp(0, Infinity),
  RELU_0_TO_1: clamp(0, 1),
  RELU_N1_TO_1: clamp(-1, 1),
  RELU6: clamp(0, 6),
  RESHAPE,
  RESIZE_BILINEAR,
  RESIZE_NEAREST_NEIGHBOR,
  REVERSE_V2,
  ROUND: named('roundEven'),
  RSQRT: unary((g, value) => g.reciprocal(g.sqrt(value))),
  SHAPE,
  SIGN: named('sign'),
  SIN: named('sin'),
  SLICE,
  SOFTMAX,
  SPACE_TO_BATCH_ND,
  SPACE_TO_DEPTH: blocks((g, value, size) => g.spaceToDepth(value, size)),
  SPLIT,
  SPLIT_V,
  SQRT: named('sqrt'),
  SQUARE: unary(squared),
  SQUARED_DIFFERENCE: binary({
    compute: (g, a, b) => squared(g, g.sub(a, b)),
    evaluate: (a, b) => (a - b) ** 2,
  }),
  SQUEEZE,
  STRIDED_SLICE,
  SUB: binary({
    compute: (g, a, b) => g.sub(a, b),
    evaluate: (a, b) => a - b,
    withNumber: (number, isFirst) => (isFirst ? { alpha: -1, beta: number } : { beta: -number }),
  }),
  SUM: reduction(
    (g, value, given) => g.reduceSum(value, given),
    (a, b) => a + b,
  ),
  TANH: named('tanh'),
  TILE,
  TRANSPOSE: (n) => n.transpose(n.operand(0), n.integers(1, 'permutation')),
  TRANSPOSE_CONV,
  UNPACK,
};

export const CUSTOM_OPERATORS: Readonly<Record<string, OperatorFunction>> = { Convolution2DTransposeBias };

/** What may lie between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND: convolutions, and functions of each element. */
// biome-ignore format: a list.
export const WITHIN_BATCHES: ReadonlySet<string> = new Set([
  'CONV_2D', 'DEPTHWISE_CONV_2D', 'BATCH_TO_SPACE_ND', 'QUANTIZE', 'DEQUANTIZE', 'ADD', 'SUB', 'MUL', 'DIV', 'MAXIMUM',
  'MINIMUM', 'RELU', 'RELU6', 'RELU_N1_TO_1', 'LEAKY_RELU', 'ELU', 'HARD_SWISH', 'LOGISTIC', 'TANH',
]);

/** Why some operators are left out. */
export const REASONS: Readonly<Record<string, string>> = {
  MaxPoolingWithArgmax2D: 'it hands on where each maximum was',
  MaxUnpooling2D: 'it needs to know where each maximum was',
  TFLite_Detection_PostProcess: 'it finds boxes among those of a detector, which the page has to do',
};
