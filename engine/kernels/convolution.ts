import { CONV_TRANSPOSE2D_FIELDS, convTranspose2d } from '../../shaders/conv-transpose2d.wgsl.ts';
import { CONV2D_FIELDS, conv2d } from '../../shaders/conv2d.wgsl.ts';
import { CONV2D_DEPTHWISE_FIELDS, conv2dDepthwise } from '../../shaders/conv2d-depthwise.wgsl.ts';
import { CONV2D_POINTWISE_FIELDS, conv2dPointwise } from '../../shaders/conv2d-pointwise.wgsl.ts';
import { CONV2D_POINTWISE_SPLIT_FIELDS, conv2dPointwiseSplit } from '../../shaders/conv2d-pointwise-split.wgsl.ts';
import { columnsOf } from '../../shaders/convolution.ts';
import type { StorageName } from '../../shaders/interface.ts';
import { ceilDivide } from '../common/numbers.ts';
import { isPointwise } from '../graph/fuse.ts';
import {
  type BatchNormalization,
  type BatchNormalizationNode,
  type Conv2dNode,
  type ConvTranspose2dNode,
  elementsOf,
  type GemmNode,
  type Pair,
  type Tensor,
  type Value,
  type Window,
} from '../graph/graph.ts';
import type { WeightsLayout } from '../plan/plan.ts';
import { bandOf, blocksOf, packedVectors } from '../weights/pack.ts';
import {
  activationParams,
  areaParams,
  type Channels,
  type Lowering,
  type Operand,
  type PackedOperand,
  shaderActivation,
  sizesOf,
  type Trained,
} from './recorder.ts';
import { WORKGROUP } from './tiles.ts';

export function lowerConv2d(to: Lowering, node: Conv2dNode): void {
  const [outChannels, groupInputs, height, width] = node.filter.shape;
  const { groups, residual } = node;
  if (isPointwise(node)) lowerPointwise(to, node);
  else if (groups === outChannels && groupInputs === 1 && !residual) lowerDepthwise(to, node, [height, width], node);
  else lowerGeneral(to, node);
}

/** Left over where no convolution comes before it: a depthwise 1x1 convolution with ones for a filter. */
export function lowerBatchNormalization(to: Lowering, node: BatchNormalizationNode): void {
  lowerDepthwise(to, node, [1, 1], { strides: [1, 1], dilations: [1, 1], padding: [0, 0, 0, 0] });
}

/** Maps of at most so many pixels are split: a thread for each result would leave a GPU idle. */
const SPLIT_PIXELS = 4;

/** 1x1 convolutions, and dense layers, which are those of one pixel. */
export function lowerPointwise(to: Lowering, node: Conv2dNode | GemmNode): void {
  const fields: PointwiseFields = node;
  const { residual, prologue } = fields;
  const [outChannels, channels] = node.filter.shape;
  const input = node.inputs[0];
  const from = sizesOf(input);
  const { batch, pixels } = sizesOf(node.output);
  // A flattened map is read as it lies in memory: as one pixel, with a slice of channels for each vector.
  const slicesIn = node.op === 'gemm' ? from.vectors : from.slices;
  const split = pixels <= SPLIT_PIXELS;
  const workgroup = split ? to.tiles.splitWorkgroup : WORKGROUP;
  const tile = split
    ? { pixels: 1, slices: 1 }
    : to.tiles[prologue?.kind === 'normalization' ? 'normalization' : 'pointwise'];
  const whole: WeightsLayout = {
    kind: 'conv2d',
    blockSlices: tile.slices,
    groups: 1,
    filterShape: [outChannels, channels, 1, 1],
    ...(node.op === 'gemm' && from.pixels > 1 && { pixels: from.pixels }),
  };
  const columns = ceilDivide(pixels, tile.pixels);
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
        weights: where,
        activation: shaderActivation(node.activation),
        residual: Boolean(residual),
        prologue: prologue?.kind ?? 'none',
      },
      params: {
        pixels,
        slicesIn,
        slicesOut,
        ...activationParams(node.activation),
      },
      workgroups: [
        split ? columns : ceilDivide(columns, workgroup[0]),
        ceilDivide(ceilDivide(slicesOut, tile.slices), workgroup[1]),
        batch,
      ],
      operands: [
        to.read('input', input),
        to.pack(name, layout, trained(node), { where }),
        ...residualOf(to, fields, channels),
        ...(prologue?.kind === 'scale' ? [to.read('scale', prologue.factors)] : []),
        ...(prologue?.kind === 'normalization' ? [packInputNormalization(to, name, prologue.batchNormalization)] : []),
        to.write(node.output, channels),
      ],
      cost: costOf(node, filterShape[0] / outChannels),
    } as const;
    if (split) {
      const fields = CONV2D_POINTWISE_SPLIT_FIELDS;
      to.emit({ ...step, kind: 'conv2d-pointwise-split', shader: conv2dPointwiseSplit, fields });
    } else {
      to.emit({ ...step, kind: 'conv2d-pointwise', shader: conv2dPointwise, fields: CONV2D_POINTWISE_FIELDS });
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
  const channels = normalization.scale.shape[0];
  const layout = depthwiseLayout(channels, [1, 1]);
  return to.pack(`${name} (input)`, layout, trained({ batchNormalization: normalization }), { as: 'scale' });
}

function lowerDepthwise(to: Lowering, node: Conv2dNode | BatchNormalizationNode, kernel: Pair, window: Window): void {
  const { strides, dilations } = window;
  const { channels } = sizesOf(node.output);
  const taps = elementsOf(kernel);
  const whole = to.tiles.depthwise[taps > 9 ? 'large' : strides[1] === 1 ? 1 : 2];
  const columns = columnsOf(whole.x, { stride: strides[1], taps: kernel[1], dilation: dilations[1] }).length;
  const rows = columnsOf(whole.y, { stride: strides[0], taps: kernel[0], dilation: dilations[0] }).length;
  const written = taps <= 25 && rows * columns + taps <= 102 ? 'filter' : columns + kernel[1] <= 17 ? 'row' : 'tap';
  const tile = written === 'filter' ? whole : { x: whole.x, y: 1 };
  const layout = depthwiseLayout(channels, kernel);
  const { options, ...step } = stepFor(to, node, layout, tile, window);
  to.emit({
    ...step,
    kind: 'conv2d-depthwise',
    shader: conv2dDepthwise,
    options: { ...options, tile, written },
    fields: CONV2D_DEPTHWISE_FIELDS,
  });
}

function depthwiseLayout(channels: number, kernel: Pair): WeightsLayout {
  return { kind: 'depthwise', blockSlices: 1, groups: channels, filterShape: [channels, 1, ...kernel] };
}

function lowerGeneral(to: Lowering, node: Conv2dNode): void {
  const { groups, strides, dilations } = node;
  const filterShape = node.filter.shape;
  const width = filterShape[3];
  const isThin = sizesOf(node.inputs[0]).slices === 1;
  const kind = isThin ? 'thin' : groups > 1 ? 'grouped' : 'wide';
  const whole = to.tiles.conv2d[kind];
  const columns = columnsOf(whole.x, { stride: strides[1], taps: width, dilation: dilations[1] }).length;
  const looped = width > (isThin ? 11 : 5) || columns * whole.y > 36;
  const tile = looped && whole.x * whole.y > 8 ? { ...whole, y: 1 } : whole;
  const layout: WeightsLayout = { kind: 'conv2d', blockSlices: tile.slices, groups, filterShape };
  const { options, ...step } = stepFor(to, node, layout, tile, node, { residual: residualOf(to, node) });
  to.emit({
    ...step,
    kind: 'conv2d',
    shader: conv2d,
    options: { ...options, tile, looped },
    fields: CONV2D_FIELDS,
  });
}

export function lowerConvTranspose2d(to: Lowering, node: ConvTranspose2dNode): void {
  const { groups, strides, dilations, padding } = node;
  const [channels, groupOutputs, height, width] = node.filter.shape;
  const filterShape = [groupOutputs * groups, channels / groups, height, width] as const;
  const tile =
    strides[1] === 1 ? to.tiles.conv2d.grouped : to.tiles.convTranspose2d[width <= strides[1] ? 'apart' : 'wide'];
  const { slices } = tile;
  const looped = width > 5 || strides[1] > 4 || dilations[1] > 4;
  const cells = looped ? 4 : Math.max(1, Math.floor(tile.x / strides[1]));
  const layout: WeightsLayout = { kind: 'convTranspose2d', blockSlices: slices, groups, filterShape };
  const { options, ...step } = stepFor(to, node, layout, { x: cells * strides[1], y: 1 }, node, {
    residual: residualOf(to, node),
    threads: looped ? strides[1] : 1,
  });
  to.emit({
    ...step,
    kind: 'conv-transpose2d',
    shader: convTranspose2d,
    options: {
      ...options,
      padding: [padding[0], padding[2]],
      tile: { cells, slices },
      looped,
    },
    fields: CONV_TRANSPOSE2D_FIELDS,
  });
}

interface Extras<Name extends StorageName> {
  readonly residual?: readonly Operand<Name>[];
  /** How many threads share a tile. */
  readonly threads?: number;
}

/** What the dispatches of convolutions with any filter have in common; each shader takes the fields that it has. */
function stepFor<Name extends 'residual' = never>(
  to: Lowering,
  node: Conv2dNode | ConvTranspose2dNode | BatchNormalizationNode,
  layout: WeightsLayout,
  { x, y }: { x: number; y: number },
  { strides, dilations, padding }: Window,
  { residual = [], threads = 1 }: Extras<Name> = {},
) {
  const { activation } = node;
  const [outChannels, groupInputs, ...kernel] = layout.filterShape;
  const input = node.inputs[0];
  const from = sizesOf(input);
  const result = sizesOf(node.output);
  const where = to.storageFor(layout);
  const outputs = ceilDivide(result.width, x) * threads * ceilDivide(result.height, y);
  return {
    node,
    options: {
      type: to.type,
      kernel,
      strides,
      dilations,
      workgroup: WORKGROUP,
      weights: where,
      activation: shaderActivation(activation),
      residual: residual.length > 0,
      grouped: layout.groups > 1,
    },
    params: {
      ...areaParams(from, result),
      slices: result.slices,
      slicesIn: from.slices,
      slicesOut: result.slices,
      bandSlices: bandOf(layout).slices,
      groupInputs,
      groupOutputs: outChannels / layout.groups,
      paddingTop: padding[0],
      paddingLeft: padding[2],
      filterHeight: kernel[0],
      filterWidth: kernel[1],
      ...activationParams(activation),
    },
    workgroups: [
      ceilDivide(outputs, WORKGROUP[0]),
      ceilDivide(ceilDivide(result.slices, layout.blockSlices), WORKGROUP[1]),
      result.batch,
    ],
    operands: [
      to.read('input', input),
      to.pack(node.name, layout, trained(node), { where }),
      ...residual,
      to.write(node.output),
    ],
    cost: costOf(node),
  } as const;
}

/** The operand that a convolution adds to its result, if there is one. */
const residualOf = (to: Lowering, { residual }: { residual?: Value }, channels?: Channels) =>
  residual ? [to.read('residual', residual, channels)] : [];

type TrainedNode = Conv2dNode | ConvTranspose2dNode | GemmNode | BatchNormalizationNode;

type PointwiseFields = Partial<Pick<Conv2dNode, 'bias' | 'residual' | 'prologue'>>;
interface TrainedFields extends Partial<Pick<Conv2dNode, 'bias' | 'batchNormalization' | 'prologue'>> {
  readonly filter?: Tensor;
}

/** The tensors of a node by role. */
function trained({ filter, bias, batchNormalization }: TrainedFields): Trained {
  const { mean, variance, scale, bias: shift, epsilon = 0 }: Partial<BatchNormalization> = batchNormalization ?? {};
  const roles = Object.entries({ filter, bias, mean, variance, scale, shift }).flatMap(([role, tensor]) =>
    tensor ? [{ role, pieces: tensor.pieces ?? [tensor] }] : [],
  );
  const constants = roles.flatMap(({ pieces }) =>
    pieces.flatMap(({ name, values }) => (values ? [[name, values]] : [])),
  );
  return {
    tensors: Object.fromEntries(roles.map(({ role, pieces }) => [role, pieces.map(({ name }) => name)])),
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
  const { filter, bias, batchNormalization, prologue }: TrainedFields = node;
  const elements = (tensor: Tensor | undefined) => (tensor && !tensor.values ? elementsOf(tensor.shape) : 0);
  const { batch, pixels } = sizesOf(node.op === 'convTranspose2d' ? node.inputs[0] : node.output);
  const normalization =
    elements(batchNormalization?.scale) +
    elements(prologue?.kind === 'normalization' ? prologue.batchNormalization.scale : undefined);
  return {
    macs: batch * pixels * elements(filter) * share,
    parameters: (elements(filter) + elements(bias) + 2 * normalization) * share,
  };
}
