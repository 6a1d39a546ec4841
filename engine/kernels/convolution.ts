import { convTranspose2d } from '../../shaders/conv-transpose2d.wgsl.ts';
import { conv2d } from '../../shaders/conv2d.wgsl.ts';
import { type Conv2dDepthwiseOptions, conv2dDepthwise } from '../../shaders/conv2d-depthwise.wgsl.ts';
import { conv2dPointwise } from '../../shaders/conv2d-pointwise.wgsl.ts';
import { conv2dPointwiseSplit } from '../../shaders/conv2d-pointwise-split.wgsl.ts';
import { columnsOf, type WeightsStorage } from '../../shaders/convolution.ts';
import { ceilDivide } from '../../shaders/kernel.ts';
import { isPointwise } from '../graph/fuse.ts';
import {
  type BatchNormalization,
  type BatchNormalizationNode,
  type Conv2dNode,
  type ConvTranspose2dNode,
  elementsOf,
  type GemmNode,
  type Pair,
  type Prologue,
  type Tensor,
  type Value,
  type Window,
} from '../graph/graph.ts';
import { sizesOf } from '../graph/sizes.ts';
import type { WeightsLayout } from '../plan/plan.ts';
import { bandOf, blocksOf, packedVectors } from '../weights/layout.ts';
import { activationParams, shaderActivation } from './activation.ts';
import type { Candidate } from './choose.ts';
import type { Channels, Recorder, Trained } from './recorder.ts';
import type { Tiles } from './tiles.ts';

/** Why a filter is not written out: it would be text that takes a compiler long, minutes of a large one. */
const LONG = 'too much text';

/** What a loop costs over the same work written out: its turns take about as long as what is in them. */
const LOOP = 2;

type PointwiseNode = Conv2dNode | GemmNode;

/** Maps of at most so many pixels are split: a thread for each result would leave a GPU idle. */
const SPLIT_PIXELS = 4;

/** 1x1 convolutions, and dense layers, which are those of one pixel. */
const POINTWISE: readonly Candidate<PointwiseNode>[] = [
  {
    name: 'pointwise-split',
    estimate: (node) => (sizesOf(node.output).pixels > SPLIT_PIXELS ? 'many pixels' : pointwiseMacs(node)),
    lower(to, node) {
      const workgroup = to.tiles.splitWorkgroup;
      for (const { options, ...step } of pointwiseSteps(to, node, { pixels: 1, slices: 1 }, 'buffer')) {
        to.emit(conv2dPointwiseSplit, { ...step, options: { ...options, workgroup } });
      }
    },
  },
  {
    name: 'pointwise',
    estimate: pointwiseMacs,
    lower(to, node) {
      const { prologue }: PointwiseFields = node;
      const tile = to.tiles[prologue?.kind === 'normalization' ? 'normalization' : 'pointwise'];
      for (const step of pointwiseSteps(to, node, tile)) to.emit(conv2dPointwise, step);
    },
  },
];

function pointwiseMacs(node: PointwiseNode): number | string {
  return node.op === 'gemm' || isPointwise(node) ? costOf(node).macs : 'no 1x1 filter with stride 1';
}

/** A dispatch, or several where the weights are too large to be bound at once. They lie where they do best unless that is given. */
function pointwiseSteps(to: Recorder, node: PointwiseNode, tile: Tiles['pointwise'], where?: WeightsStorage) {
  const { residual, prologue }: PointwiseFields = node;
  const [outChannels, channels] = node.filter.shape;
  const input = node.inputs[0];
  const from = sizesOf(input);
  const layout: WeightsLayout = {
    kind: 'conv2d',
    blockSlices: tile.slices,
    groups: 1,
    filterShape: [outChannels, channels, 1, 1],
    ...(node.op === 'gemm' && from.pixels > 1 && { pixels: from.pixels }),
  };
  const layouts = splitLayout(to, layout);
  return layouts.map((layout, index) => {
    const { firstChannel = 0, filterShape } = layout;
    const channels = layouts.length > 1 ? ([firstChannel, filterShape[0]] as const) : undefined;
    const name = layouts.length > 1 ? `${node.name} (${index + 1} of ${layouts.length})` : node.name;
    const weights = where ?? to.storageFor(layout);
    return {
      node: { name, output: node.output },
      options: {
        tile,
        weights,
        activation: shaderActivation(node.activation),
        residual: Boolean(residual),
        prologue: prologue?.kind ?? 'none',
      },
      params: {
        itemBlocks: 0,
        // A flattened map is read as it lies in memory: as one pixel, with a slice of channels for each vector.
        ...(node.op === 'gemm' && { inputSlices: from.vectors }),
        ...activationParams(node.activation),
      },
      operands: [
        to.read('input', input),
        to.pack('weights', name, layout, trained(node), weights),
        ...residualOf(to, residual, channels),
        ...(prologue ? [prologueOperand(to, name, prologue)] : []),
      ],
      output: to.write(node.output, channels),
      cost: costOf(node, filterShape[0] / outChannels),
    } as const;
  });
}

/**
 * Weights larger than the device binds at once, as those of VGG's first dense layer (411 MB of 128 MiB), become those of
 * several kernels, each with some of the output channels.
 */
function splitLayout(to: Recorder, layout: WeightsLayout): WeightsLayout[] {
  const { maxStorageBufferBindingSize, maxBufferSize } = to.target.capabilities;
  const bindingBytes = Math.min(maxStorageBufferBindingSize, maxBufferSize);
  const [outChannels, ...rest] = layout.filterShape;
  const blocks = blocksOf(layout);
  const blockBytes = (packedVectors(layout) / blocks) * to.vectorBytes;
  const count = ceilDivide(blocks * blockBytes, bindingBytes);
  if (count <= 1 || blockBytes > bindingBytes) return [layout];
  const channels = ceilDivide(blocks, count) * layout.blockSlices * 4;
  return Array.from({ length: ceilDivide(outChannels, channels) }, (_, part) => {
    const firstChannel = part * channels;
    return { ...layout, firstChannel, filterShape: [Math.min(channels, outChannels - firstChannel), ...rest] };
  });
}

/** Factors as they are; of a batch normalization a scale and a shift for each slice of channels, as a depthwise 1x1 convolution has. */
function prologueOperand(to: Recorder, name: string, prologue: Prologue) {
  if (prologue.kind === 'scale') return to.read('scale', prologue.factors);
  const { batchNormalization } = prologue;
  const layout = depthwiseLayout(batchNormalization.scale.shape[0], [1, 1]);
  return to.pack('scale', `${name} (input)`, layout, trained({ batchNormalization }));
}

type Written = Conv2dDepthwiseOptions['written'];

/** The tile of a depthwise convolution, and how much of its filter is written out at most. */
function depthwiseText([height, width]: Pair, { strides, dilations }: Window, { depthwise }: Tiles) {
  const taps = height * width;
  const tile = depthwise[taps > 9 ? 'large' : strides[1] === 1 ? 1 : 2];
  const columns = columnsOf(tile.x, { stride: strides[1], taps: width, dilation: dilations[1] }).length;
  const rows = columnsOf(tile.y, { stride: strides[0], taps: height, dilation: dilations[0] }).length;
  const mayWrite: Record<Written, boolean> = {
    filter: taps <= 25 && rows * columns + taps <= 102,
    row: columns + width <= 17,
    tap: true,
  };
  return { tile, mayWrite };
}

const sizeOf = ({ filter }: Conv2dNode): Pair => [filter.shape[2], filter.shape[3]];

/** A convolution of each channel with its own filter, of which so much is written out. */
const depthwise = (name: string, written: Written, loops: number): Candidate<Conv2dNode> => ({
  name,
  estimate(node, { tiles }) {
    const [outChannels, groupInputs] = node.filter.shape;
    if (node.groups !== outChannels || groupInputs !== 1) return 'a filter of several channels';
    if (node.residual) return 'a residual';
    return depthwiseText(sizeOf(node), node, tiles).mayWrite[written] ? costOf(node).macs * LOOP ** loops : LONG;
  },
  lower: (to, node) => emitDepthwise(to, node, sizeOf(node), node, written),
});

/** Left over where no convolution comes before it: a depthwise 1x1 convolution with ones for a filter. */
export function lowerBatchNormalization(to: Recorder, node: BatchNormalizationNode): void {
  emitDepthwise(to, node, [1, 1], { strides: [1, 1], dilations: [1, 1], padding: [0, 0, 0, 0] }, 'filter');
}

function emitDepthwise(
  to: Recorder,
  node: Conv2dNode | BatchNormalizationNode,
  size: Pair,
  window: Window,
  written: Written,
): void {
  const whole = depthwiseText(size, window, to.tiles).tile;
  const layout = depthwiseLayout(sizesOf(node.output).channels, size);
  const { options, ...step } = stepFor(to, node, layout, window);
  const tile = written === 'filter' ? whole : { x: whole.x, y: 1 };
  to.emit(conv2dDepthwise, { ...step, options: { ...options, tile, written } });
}

function depthwiseLayout(channels: number, size: Pair): WeightsLayout {
  return { kind: 'depthwise', blockSlices: 1, groups: channels, filterShape: [channels, 1, ...size] };
}

/** The tile of a convolution with any filter, and whether what it computes is written out. */
function generalText({ inputs, filter, groups, strides, dilations }: Conv2dNode, { conv2d }: Tiles) {
  const isThin = sizesOf(inputs[0]).slices === 1;
  const tile = conv2d[isThin ? 'thin' : groups > 1 ? 'grouped' : 'wide'];
  const width = filter.shape[3];
  const columns = columnsOf(tile.x, { stride: strides[1], taps: width, dilation: dilations[1] }).length;
  return { tile, mayWrite: width <= (isThin ? 11 : 5) && columns * tile.y <= 36 };
}

/** A convolution with any filter, whose columns are taken in a loop or written out. */
const general = (name: string, looped: boolean): Candidate<Conv2dNode> => ({
  name,
  estimate(node, { tiles }) {
    if (node.prologue) return 'a prologue';
    const { tile, mayWrite } = generalText(node, tiles);
    if (!looped && !mayWrite) return LONG;
    // The channels of other groups in a band are multiplied by zeros.
    const band = bandOf(layoutFor(node, tile.slices)).slices * 4;
    return (costOf(node).macs / node.filter.shape[1]) * band * (looped ? LOOP : 1);
  },
  lower(to, node) {
    const { tile: whole } = generalText(node, to.tiles);
    const tile = looped && whole.x * whole.y > 8 ? { ...whole, y: 1 } : whole;
    const { options, operands, ...step } = stepFor(to, node, layoutFor(node, tile.slices), node);
    to.emit(conv2d, {
      ...step,
      options: { ...options, tile, looped },
      operands: [...operands, ...residualOf(to, node.residual)],
    });
  },
});

export function layoutFor({ groups, filter }: Conv2dNode, blockSlices: number): WeightsLayout {
  return { kind: 'conv2d', blockSlices, groups, filterShape: filter.shape };
}

export const CONV2D: readonly Candidate<Conv2dNode>[] = [
  ...POINTWISE,
  depthwise('depthwise', 'filter', 0),
  depthwise('depthwise-rows', 'row', 1),
  depthwise('depthwise-taps', 'tap', 2),
  general('general', false),
  general('general-looped', true),
];

export const GEMM: readonly Candidate<GemmNode>[] = POINTWISE;

/** A transposed convolution, whose filter's columns are taken in a loop, or written out for each phase of the stride. */
const transposed = (name: string, looped: boolean): Candidate<ConvTranspose2dNode> => ({
  name,
  estimate(node) {
    const { filter, strides, dilations } = node;
    if (looped) return costOf(node).macs * LOOP;
    return filter.shape[3] <= 5 && strides[1] <= 4 && dilations[1] <= 4 ? costOf(node).macs : LONG;
  },
  lower(to, node) {
    const { groups, strides, padding } = node;
    const [channels, groupOutputs, height, width] = node.filter.shape;
    const { conv2d, convTranspose2d: tiles } = to.tiles;
    const { x, slices } = strides[1] === 1 ? conv2d.grouped : tiles[width <= strides[1] ? 'apart' : 'wide'];
    const cells = looped ? 4 : Math.max(1, Math.floor(x / strides[1]));
    const filterShape = [groupOutputs * groups, channels / groups, height, width] as const;
    const layout: WeightsLayout = { kind: 'convTranspose2d', blockSlices: slices, groups, filterShape };
    const { options, operands, ...step } = stepFor(to, node, layout, node);
    to.emit(convTranspose2d, {
      ...step,
      options: { ...options, padding: [padding[0], padding[2]], tile: { cells, slices }, looped },
      operands: [...operands, ...residualOf(to, node.residual)],
    });
  },
});

export const CONV_TRANSPOSE2D = [transposed('transposed', false), transposed('transposed-looped', true)];

/** What the dispatches of convolutions with any filter have in common; each shader takes the fields that it has. */
function stepFor(
  to: Recorder,
  node: Conv2dNode | ConvTranspose2dNode | BatchNormalizationNode,
  layout: WeightsLayout,
  { strides, dilations, padding }: Window,
) {
  const { activation } = node;
  const [outChannels, groupInputs, ...filter] = layout.filterShape;
  const input = node.inputs[0];
  const weights = to.storageFor(layout);
  return {
    node,
    options: {
      filter,
      strides,
      dilations,
      weights,
      activation: shaderActivation(activation),
      residual: 'residual' in node && node.residual !== undefined,
      grouped: layout.groups > 1,
    },
    params: {
      bandSlices: bandOf(layout).slices,
      groupInputs,
      groupOutputs: outChannels / layout.groups,
      paddingTop: padding[0],
      paddingLeft: padding[2],
      filterHeight: filter[0],
      filterWidth: filter[1],
      ...activationParams(activation),
    },
    operands: [to.read('input', input), to.pack('weights', node.name, layout, trained(node), weights)],
    output: to.write(node.output),
    cost: costOf(node),
  } as const;
}

/** The operand that a convolution adds to its result, if there is one. */
export const residualOf = (to: Recorder, residual: Value | undefined, channels?: Channels) =>
  residual ? [to.read('residual', residual, channels)] : [];

type TrainedNode = Conv2dNode | ConvTranspose2dNode | GemmNode | BatchNormalizationNode;

type PointwiseFields = Partial<Pick<Conv2dNode, 'bias' | 'residual' | 'prologue'>>;
interface TrainedFields extends Partial<Pick<Conv2dNode, 'bias' | 'batchNormalization' | 'prologue'>> {
  readonly filter?: Tensor;
}

/** The tensors of a node by role. */
export function trained({ filter, bias, batchNormalization }: TrainedFields): Trained {
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
export function costOf(node: TrainedNode, share = 1): { macs: number; parameters: number } {
  const { filter, bias, batchNormalization, prologue }: TrainedFields = node;
  const elements = (tensor: Tensor | undefined) => (tensor && !tensor.values ? elementsOf(tensor.shape) : 0);
  const { batch, pixels } = sizesOf(node.op === 'convTranspose2d' ? node.inputs[0] : node.output);
  const normalized = prologue?.kind === 'normalization' ? prologue.batchNormalization.scale : undefined;
  const normalization = elements(batchNormalization?.scale) + elements(normalized);
  return {
    macs: batch * pixels * elements(filter) * share,
    parameters: (elements(filter) + elements(bias) + 2 * normalization) * share,
  };
}
