import { CONV_TRANSPOSE2D_FIELDS, convTranspose2d } from '../shaders/conv-transpose2d.wgsl.ts';
import { CONV2D_FIELDS, conv2d } from '../shaders/conv2d.wgsl.ts';
import { CONV2D_DEPTHWISE_FIELDS, conv2dDepthwise } from '../shaders/conv2d-depthwise.wgsl.ts';
import { CONV2D_POINTWISE_FIELDS, conv2dPointwise } from '../shaders/conv2d-pointwise.wgsl.ts';
import { CONV2D_POINTWISE_SPLIT_FIELDS, conv2dPointwiseSplit } from '../shaders/conv2d-pointwise-split.wgsl.ts';
import { columnsOf } from '../shaders/convolution.ts';
import { isPointwise } from './fuse.ts';
import {
  type BatchNormalization,
  type BatchNormalizationNode,
  type Conv2dNode,
  type ConvTranspose2dNode,
  elementsOf,
  type GemmNode,
  type Padding,
  type Pair,
  type Tensor,
  type Value,
} from './graph.ts';
import {
  activationParams,
  ceilDivide,
  type Lowering,
  type PackedOperand,
  shaderActivation,
  sizesOf,
  type Trained,
} from './lowering.ts';
import { bandOf, blocksOf, packedVectors } from './pack.ts';
import type { TensorRole, WeightsLayout } from './plan.ts';

export function lowerConv2d(to: Lowering, node: Conv2dNode): void {
  const [outChannels, groupInputs, height, width] = node.filter.shape as [number, number, number, number];
  const { groups, residual } = node;
  if (isPointwise(node)) lowerPointwise(to, node);
  else if (groups === outChannels && groupInputs === 1 && !residual) lowerDepthwise(to, node, [height, width], node);
  else lowerGeneral(to, node);
}

/** Dense layers, which are 1x1 convolutions of one pixel. */
export function lowerGemm(to: Lowering, node: GemmNode): void {
  lowerPointwise(to, node);
}

/** Left over where no convolution comes before it: a depthwise 1x1 convolution with ones for a filter. */
export function lowerBatchNormalization(to: Lowering, node: BatchNormalizationNode): void {
  lowerDepthwise(to, node, [1, 1], { strides: [1, 1], dilations: [1, 1], padding: [0, 0, 0, 0] });
}

function lowerPointwise(to: Lowering, node: Conv2dNode | GemmNode): void {
  const { residual, inputScale, inputNormalization } = node.op === 'conv2d' ? node : {};
  const [outChannels, channels] = node.filter.shape as [number, number];
  const input = node.inputs[0] as Value;
  const from = sizesOf(input);
  const result = sizesOf(node.output);
  // A flattened map is read as it lies in memory: as one pixel, with a slice of channels for each vector.
  const slicesIn = node.op === 'gemm' ? from.vectors : from.slices;
  const split = result.pixels <= to.tiles.splitPixels;
  const { tile, workgroup } = to.tiles[split ? 'split' : inputNormalization ? 'normalizing' : 'pointwise'];
  const whole: WeightsLayout = {
    kind: 'conv2d',
    blockSlices: tile.slices,
    groups: 1,
    filterShape: [outChannels, channels, 1, 1],
    ...(node.op === 'gemm' && from.pixels > 1 && { pixels: from.pixels }),
  };
  const columns = ceilDivide(result.pixels, tile.pixels);
  const prologue = inputScale ? 'scale' : inputNormalization ? 'normalization' : 'none';
  const parts = partsOf(to, whole);
  for (const [index, layout] of parts.entries()) {
    const { firstChannel = 0, filterShape } = layout;
    const slicesOut = ceilDivide(filterShape[0], 4);
    const channels = parts.length > 1 ? ([firstChannel, filterShape[0]] as const) : undefined;
    const name = parts.length > 1 ? `${node.name} (${index + 1} of ${parts.length})` : node.name;
    const where = split ? 'buffer' : to.storageFor(layout);
    const step = {
      node: { name, output: node.output },
      options: {
        type: to.type,
        tile,
        workgroup,
        activation: shaderActivation(node.activation),
        residual: Boolean(residual),
        prologue,
      },
      params: {
        pixels: result.pixels,
        slicesIn,
        slicesOut,
        ...activationParams(node.activation),
      },
      workgroups: [
        split ? columns : ceilDivide(columns, workgroup[0]),
        ceilDivide(ceilDivide(slicesOut, tile.slices), workgroup[1]),
        result.batch,
      ],
      operands: [
        to.read('input', input),
        to.pack(name, layout, trained(node), { where }),
        ...(residual ? [to.read('residual', residual, channels)] : []),
        ...(inputScale ? [to.read('scale', inputScale)] : []),
        ...(inputNormalization ? [packInputNormalization(to, name, inputNormalization)] : []),
        to.write(node.output, channels),
      ],
      cost: costOf(node, filterShape[0] / outChannels),
    } as const;
    if (split) {
      const fields = CONV2D_POINTWISE_SPLIT_FIELDS;
      to.emit({ ...step, kind: 'conv2d-pointwise-split', shader: conv2dPointwiseSplit, fields });
    } else {
      const options = { ...step.options, weights: where };
      to.emit({ ...step, kind: 'conv2d-pointwise', shader: conv2dPointwise, options, fields: CONV2D_POINTWISE_FIELDS });
    }
  }
}

/**
 * Weights larger than the device binds at once, as those of VGG's first dense layer (411 MB of 128 MiB), become those of
 * several kernels, each with some of the output channels.
 */
function partsOf(to: Lowering, layout: WeightsLayout): WeightsLayout[] {
  const [outChannels, ...rest] = layout.filterShape;
  const blocks = blocksOf(layout);
  const blockBytes = (packedVectors(layout) / blocks) * to.vectorBytes;
  const count = ceilDivide(blocks * blockBytes, to.bindingBytes);
  if (count <= 1 || blockBytes > to.bindingBytes) return [layout];
  const channels = ceilDivide(blocks, count) * layout.blockSlices * 4;
  return Array.from({ length: ceilDivide(outChannels, channels) }, (_, part) => {
    const firstChannel = part * channels;
    return { ...layout, firstChannel, filterShape: [Math.min(channels, outChannels - firstChannel), ...rest] };
  });
}

/** A scale and a shift for each slice of channels: what a depthwise 1x1 convolution has. */
function packInputNormalization(to: Lowering, name: string, normalization: BatchNormalization): PackedOperand {
  const channels = normalization.scale.shape[0] as number;
  const layout: WeightsLayout = {
    kind: 'depthwise',
    blockSlices: 1,
    groups: channels,
    filterShape: [channels, 1, 1, 1],
  };
  return to.pack(`${name} (input)`, layout, trainedNormalization(normalization), { as: 'scale' });
}

interface Window {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padding: Padding;
}

function lowerDepthwise(
  to: Lowering,
  node: Conv2dNode | BatchNormalizationNode,
  kernel: Pair,
  { strides, dilations, padding }: Window,
): void {
  const input = node.inputs[0] as Value;
  const from = sizesOf(input);
  const result = sizesOf(node.output);
  const taps = elementsOf(kernel);
  const { tile: whole, workgroup } = to.tiles.depthwise[taps > 9 ? 'large' : strides[1] === 1 ? 1 : 2];
  const columns = columnsOf(whole.x, { stride: strides[1], taps: kernel[1], dilation: dilations[1] }).length;
  const rows = columnsOf(whole.y, { stride: strides[0], taps: kernel[0], dilation: dilations[0] }).length;
  const written = taps <= 25 && rows * columns + taps <= 102 ? 'filter' : columns + kernel[1] <= 17 ? 'row' : 'tap';
  const tile = written === 'filter' ? whole : { x: whole.x, y: 1 };
  const filterShape = [from.channels, 1, ...kernel] as const;
  const layout: WeightsLayout = { kind: 'depthwise', blockSlices: 1, groups: from.channels, filterShape };
  const where = to.storageFor(layout);
  const outputs = ceilDivide(result.width, tile.x) * ceilDivide(result.height, tile.y);
  to.emit({
    node,
    kind: 'conv2d-depthwise',
    shader: conv2dDepthwise,
    options: {
      type: to.type,
      kernel,
      strides,
      dilations,
      tile,
      workgroup,
      weights: where,
      activation: shaderActivation(node.activation),
      written,
    },
    fields: CONV2D_DEPTHWISE_FIELDS,
    params: {
      inputHeight: from.height,
      inputWidth: from.width,
      outputHeight: result.height,
      outputWidth: result.width,
      slices: result.slices,
      paddingTop: padding[0],
      paddingLeft: padding[2],
      filterHeight: kernel[0],
      filterWidth: kernel[1],
      ...activationParams(node.activation),
    },
    workgroups: [ceilDivide(outputs, workgroup[0]), ceilDivide(result.slices, workgroup[1]), result.batch],
    operands: [to.read('input', input), to.pack(node.name, layout, trained(node), { where }), to.write(node.output)],
    cost: costOf(node),
  });
}

function lowerGeneral(to: Lowering, node: Conv2dNode): void {
  const { groups, strides, dilations, padding } = node;
  const filterShape = node.filter.shape as [number, number, number, number];
  const [, , height, width] = filterShape;
  const isThin = sizesOf(node.inputs[0] as Value).slices === 1;
  const kind = isThin ? 'thin' : groups > 1 ? 'grouped' : 'wide';
  const { tile: whole, workgroup } = to.tiles.conv2d[kind];
  const columns = columnsOf(whole.x, { stride: strides[1], taps: width, dilation: dilations[1] }).length;
  const looped = width > (isThin ? 11 : 5) || columns * whole.y > 36;
  const tile = looped && whole.x * whole.y > 8 ? { ...whole, y: 1 } : whole;
  const layout: WeightsLayout = { kind: 'conv2d', blockSlices: tile.slices, groups, filterShape };
  const { options, params, ...step } = generalStep(to, node, layout, { tile, workgroup });
  to.emit({
    ...step,
    kind: 'conv2d',
    shader: conv2d,
    options: { ...options, kernel: [height, width], strides, dilations, tile, looped },
    fields: CONV2D_FIELDS,
    params: { ...params, paddingTop: padding[0], paddingLeft: padding[2] },
  });
}

export function lowerConvTranspose2d(to: Lowering, node: ConvTranspose2dNode): void {
  const { groups, strides, dilations, padding } = node;
  const [channels, groupOutputs, height, width] = node.filter.shape as [number, number, number, number];
  const filterShape = [groupOutputs * groups, channels / groups, height, width] as const;
  const { tile, workgroup } =
    strides[1] === 1
      ? to.tiles.conv2d.grouped
      : to.tiles.convTranspose2d[width <= strides[1] ? 'apart' : 'overlapping'];
  const { slices } = tile;
  const looped = width > 5 || strides[1] > 4 || dilations[1] > 4;
  const cells = looped ? 4 : Math.max(1, Math.floor(tile.x / strides[1]));
  const layout: WeightsLayout = { kind: 'convTranspose2d', blockSlices: slices, groups, filterShape };
  const { options, ...step } = generalStep(to, node, layout, {
    tile: { x: cells * strides[1], y: 1 },
    workgroup,
    threads: looped ? strides[1] : 1,
  });
  to.emit({
    ...step,
    kind: 'conv-transpose2d',
    shader: convTranspose2d,
    options: {
      ...options,
      kernel: [height, width],
      strides,
      dilations,
      padding: [padding[0], padding[2]],
      tile: { cells, slices },
      looped,
    },
    fields: CONV_TRANSPOSE2D_FIELDS,
  });
}

/** What the dispatches of convolutions with any filter have in common. */
function generalStep(
  to: Lowering,
  node: Conv2dNode | ConvTranspose2dNode,
  layout: WeightsLayout,
  { tile, workgroup, threads = 1 }: { tile: { x: number; y: number }; workgroup: Pair; threads?: number },
) {
  const { groups, residual } = node;
  const [outChannels, groupInputs, filterHeight, filterWidth] = layout.filterShape;
  const input = node.inputs[0] as Value;
  const from = sizesOf(input);
  const result = sizesOf(node.output);
  const where = to.storageFor(layout);
  const outputs = ceilDivide(result.width, tile.x) * threads * ceilDivide(result.height, tile.y);
  return {
    node,
    options: {
      type: to.type,
      workgroup,
      weights: where,
      activation: shaderActivation(node.activation),
      residual: Boolean(residual),
      grouped: groups > 1,
    },
    params: {
      inputHeight: from.height,
      inputWidth: from.width,
      outputHeight: result.height,
      outputWidth: result.width,
      slicesIn: from.slices,
      slicesOut: result.slices,
      bandSlices: bandOf(layout).slices,
      groupInputs,
      groupOutputs: outChannels / groups,
      filterHeight,
      filterWidth,
      ...activationParams(node.activation),
    },
    workgroups: [
      ceilDivide(outputs, workgroup[0]),
      ceilDivide(ceilDivide(result.slices, layout.blockSlices), workgroup[1]),
      result.batch,
    ],
    operands: [
      to.read('input', input),
      to.pack(node.name, layout, trained(node), { where }),
      ...(residual ? [to.read('residual', residual)] : []),
      to.write(node.output),
    ],
    cost: costOf(node),
  } as const;
}

type TrainedNode = Conv2dNode | ConvTranspose2dNode | GemmNode | BatchNormalizationNode;

/** The tensors of a node by role. */
function trained(node: TrainedNode): Trained {
  const tensors = {
    ...('filter' in node && { filter: node.filter }),
    ...('bias' in node && node.bias && { bias: node.bias }),
  };
  return trainedNormalization('batchNormalization' in node ? node.batchNormalization : undefined, tensors);
}

function trainedNormalization(
  normalization: BatchNormalization | undefined,
  others: { filter?: Tensor; bias?: Tensor } = {},
): Trained {
  const { mean, variance, scale, bias: shift, epsilon = 0 } = normalization ?? {};
  const roles = Object.entries({ ...others, mean, variance, scale, shift }).filter(
    ([, tensor]) => tensor !== undefined,
  );
  const byRole = roles as [TensorRole, Tensor][];
  const pieces = byRole.flatMap(([, tensor]) => tensor.pieces ?? [tensor]);
  const constants = pieces.flatMap(({ name, values }) => (values ? [[name, values]] : []));
  return {
    tensors: Object.fromEntries(
      byRole.map(([role, tensor]) => [role, (tensor.pieces ?? [tensor]).map(({ name }) => name)]),
    ),
    ...(constants.length > 0 && { constants: Object.fromEntries(constants) }),
    epsilon,
  };
}

/**
 * As the papers count: a multiply-accumulate for each weight and output pixel of convolutions and dense layers, of
 * transposed convolutions for each weight and input pixel; batch normalization has two parameters a channel. `share` is
 * that of the output channels.
 */
function costOf(node: TrainedNode, share = 1): { macs: number; parameters: number } {
  const elements = (tensor: Tensor | undefined) => (tensor && !tensor.values ? elementsOf(tensor.shape) : 0);
  const { batch, pixels } = sizesOf(node.op === 'convTranspose2d' ? (node.inputs[0] as Value) : node.output);
  const filter = 'filter' in node ? elements(node.filter) : 0;
  const bias = 'bias' in node ? elements(node.bias) : 0;
  const normalizations = [
    ...('batchNormalization' in node ? [node.batchNormalization] : []),
    ...('inputNormalization' in node ? [node.inputNormalization] : []),
  ];
  const normalization = normalizations.reduce((sum, each) => sum + 2 * elements(each?.scale), 0);
  return { macs: batch * pixels * filter * share, parameters: (filter + bias + normalization) * share };
}
