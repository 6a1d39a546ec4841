import { convTranspose2d } from '../../shaders/conv-transpose2d.wgsl.ts';
import { conv2d } from '../../shaders/conv2d.wgsl.ts';
import { type Conv2dDepthwiseOptions, conv2dDepthwise } from '../../shaders/conv2d-depthwise.wgsl.ts';
import { conv2dPointwise } from '../../shaders/conv2d-pointwise.wgsl.ts';
import { countColumns, ROW_COLUMNS, ROW_STEPS, threadsOf, type WeightsStorage } from '../../shaders/convolution.ts';
import { ceilDivide, type Grid } from '../../shaders/kernel.ts';
import { isPointwise } from '../graph/fuse.ts';
import {
  type ActivationNode,
  type BatchNormalizationNode,
  type BinaryNode,
  type Conv2dNode,
  type ConvTranspose2dNode,
  elementsOf,
  type FusedActivation,
  type GemmNode,
  type Pair,
  type Prologue,
  type Tensor,
  type Value,
  type Window,
} from '../graph/graph.ts';
import { sizesOf } from '../graph/sizes.ts';
import type { WeightsLayout } from '../plan/plan.ts';
import { bandOf, blocksOf, mayBeTexture, packedVectors } from '../weights/layout.ts';
import { activationParams, shaderActivation } from './activation.ts';
import type { Candidate, Ground } from './choose.ts';
import type { Channels, Recorder } from './recorder.ts';
import { slopeOf } from './slope.ts';
import { everyTile, type Tile, type TileKind, type TileName, type Tiles, tileOf } from './tiles.ts';
import { depthwiseLayout, type TrainedFields, trained } from './trained.ts';

/** Why a filter is not written out: it would be text that takes a compiler long, minutes of a large one. */
const LONG = 'too much text';

/** Why weights lie in a buffer. */
const WIDE = 'too wide for a texture';

/** What a general kernel costs over a pointwise one, by what it does around a filter's row and columns although there is only one. */
const IDLE = 2;

/** A text more takes time to compile: what a tile must win over the first one of its list, which most layers have. */
export const ANOTHER = 1.25;

/** What a tile costs on devices that are not known to have the registers for it. */
const FOREIGN = 4;

/** What a text costs that has more written out than is worth the time to compile it. */
const DEAR = 4;

function preference({ tiles, isTimed }: Ground, kind: TileKind, { name }: Tile): number {
  if (isTimed) return 1;
  const index = tiles[kind].indexOf(name);
  return index < 0 ? FOREIGN : index > 0 ? ANOTHER : 1;
}

interface Home {
  readonly layout: WeightsLayout;
  readonly weights: WeightsStorage;
}

/**
 * Where a tile's weights lie, if there is room. The blocks of a filter with an extent take several rows of a texture each, also where
 * one would do, so that layers of all sizes share a text; but not those of groups, which are short: places in rows made
 * ResNeXt-50 6 % slower on SwiftShader. A filter that is read by column is in rows if its text is shared.
 */
function homeOf(layout: WeightsLayout, { weights }: Tile, byColumn?: 'own' | 'shared'): Home | undefined {
  if (weights === 'buffer') return { layout, weights };
  const [, , height, width] = layout.filterShape;
  const mayHaveRows = layout.kind !== 'depthwise' && byColumn !== 'own';
  const hasRows = byColumn === 'shared' || (mayHaveRows && height * width > 1 && layout.groups === 1);
  if (mayBeTexture(layout) && !hasRows) return { layout, weights };
  const inRows = { ...layout, rowVectors: (byColumn ? ROW_COLUMNS : ROW_STEPS * width) * layout.blockSlices * 4 };
  return mayHaveRows && mayBeTexture(inRows) ? { layout: inRows, weights: 'rows' } : undefined;
}

/** How a general convolution reads its filter. */
const columnsIn = (looped: boolean, { tiles }: Ground) => (looped ? (tiles.lateLoops ? 'shared' : 'own') : undefined);

/** The first of these tiles whose weights find room. */
function firstWithRoom(
  names: readonly TileName[],
  layoutFor: (tile: Tile) => WeightsLayout,
  byColumn?: 'own',
): Home & { tile: Tile } {
  for (const name of names) {
    const tile = tileOf(name);
    const home = homeOf(layoutFor(tile), tile, byColumn);
    if (home) return { ...home, tile };
  }
  throw new TypeError('A list of tiles ends with one whose weights lie in a buffer.');
}

/** The threads of a grid, with those that only fill up a workgroup's rows. */
const threadsIn = ([x, y, z]: Grid, { row }: Tiles) => ceilDivide(x, row) * row * y * z;

/** The threads that a device has time for while it waits for so many. */
export const busy = (threads: number, { fill }: Tiles) => Math.max(threads, fill);

/** So many times what a thread does with vectors of four numbers, in multiply-adds of one. */
export const workOf = (
  { load, texel }: Tiles,
  { weights: where }: Tile,
  times: number,
  { adds, inputs, weights }: Record<'adds' | 'inputs' | 'weights', number>,
) => 4 * times * (adds + load * inputs + (where === 'texture' ? texel : load) * weights);

type PointwiseNode = Conv2dNode | GemmNode;

/** Where it is not known how many threads a GPU needs, maps of at most so many pixels are split. */
const SPLIT_PIXELS = 4;

const SPLIT_TILE = tileOf('1x1x1');

/** 1x1 convolutions, and dense layers, which are those of one pixel. */
const POINTWISE: readonly Candidate<PointwiseNode>[] = [
  {
    name: 'pointwise-split',
    estimate: (node, on) =>
      sizesOf(node.output).pixels > SPLIT_PIXELS && !on.tiles.fill
        ? 'many pixels'
        : pointwiseCost(node, on, SPLIT_TILE, 1, on.tiles.splitWorkgroup[1]),
    lower: (to, node) => lowerPointwise(to, node, SPLIT_TILE, ...to.tiles.splitWorkgroup),
  },
  ...everyTile('pointwise', 'scale', 'normalization').map(
    (tile): Candidate<PointwiseNode> => ({
      name: `pointwise-${tile.name}`,
      estimate(node, on) {
        const { prologue }: PointwiseFields = node;
        const cost = pointwiseCost(node, on, tile, on.tiles.row);
        return typeof cost === 'string' ? cost : cost * preference(on, prologue?.kind ?? 'pointwise', tile);
      },
      lower: (to, node) => lowerPointwise(to, node, tile),
    }),
  ),
];

/** Of threads in rows of so many, some of which have pixels beyond the last one. */
function pointwiseCost(node: PointwiseNode, { tiles }: Ground, tile: Tile, row: number, lanes = 1): number | string {
  if (node.op !== 'gemm' && !isPointwise(node)) return 'no 1x1 filter with stride 1';
  const layout = pointwiseLayout(node, tile);
  if (!homeOf(layout, tile)) return WIDE;
  const { batch, pixels } = sizesOf(node.output);
  const threads = batch * blocksOf(layout) * ceilDivide(pixels, tile.x * row) * row;
  const steps = bandOf(layout).slices;
  return workOf(tiles, tile, (busy(threads * lanes, tiles) / lanes) * steps, {
    adds: tile.x * tile.slices * 4,
    inputs: tile.x,
    weights: tile.slices * 4,
  });
}

function pointwiseLayout(node: PointwiseNode, { slices }: Tile): WeightsLayout {
  const [outChannels, channels] = node.filter.shape;
  const from = sizesOf(node.inputs[0]);
  return {
    kind: node.op === 'gemm' && node.isTransposed ? 'convTranspose2d' : 'conv2d',
    blockSlices: slices,
    groups: 1,
    filterShape: [outChannels, channels, 1, 1],
    ...(node.op === 'gemm' && from.pixels > 1 && { pixels: from.pixels }),
  };
}

/** A dispatch, or several where the weights are too large to be bound at once. */
function lowerPointwise(to: Recorder, node: PointwiseNode, tile: Tile, row = to.tiles.row, lanes = 1): void {
  const { residual, prologue }: PointwiseFields = node;
  const outChannels = node.filter.shape[0];
  const input = node.inputs[0];
  const layouts = splitLayout(to, pointwiseLayout(node, tile));
  layouts.forEach((whole, index) => {
    const { layout, weights } = homeOf(whole, tile) as Home;
    const { firstChannel = 0, filterShape } = layout;
    const channels = layouts.length > 1 ? ([firstChannel, filterShape[0]] as const) : undefined;
    const name = layouts.length > 1 ? `${node.name} (${index + 1} of ${layouts.length})` : node.name;
    to.emit(conv2dPointwise, {
      node: { name, output: node.output },
      options: {
        tile,
        weights,
        ...textOptions(to, { activation: node.activation, residual }),
        row,
        lanes,
        prologue: prologue?.kind ?? 'none',
      },
      params: {
        itemBlocks: 0,
        // A flattened map is read as it lies in memory: as one pixel, with a slice of channels for each vector.
        ...(node.op === 'gemm' && { inputSlices: sizesOf(input).vectors }),
        ...activationParams(node.activation),
      },
      operands: [
        to.read('input', input),
        to.pack('weights', name, layout, trained(node), weights),
        ...residualOf(to, residual, channels),
        ...slopeOf(to, node, filterShape[0], firstChannel),
        ...(prologue ? [prologueOperand(to, name, prologue)] : []),
      ],
      output: to.write(node.output, channels),
      cost: costOf(node, filterShape[0] / outChannels),
    });
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
  if (count <= 1 || blockBytes > bindingBytes || layout.kind !== 'conv2d') return [layout];
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

type Filter = Pick<Window, 'strides' | 'dilations'> & { readonly size: Pair };

export const filterOf = ({ filter, strides, dilations }: Conv2dNode): Filter => ({
  size: [filter.shape[2], filter.shape[3]],
  strides,
  dilations,
});

const depthwiseKind = ({ size: [height, width], strides }: Filter): TileKind =>
  height * width > 9 ? 'large' : strides[1] === 1 ? 'stride1' : 'stride2';

/** The input columns and rows that a tile reads. */
const spanOf = (tile: Pick<Tile, 'x' | 'y'>, { size, strides, dilations }: Filter) => {
  const span = (axis: 0 | 1, width: number) =>
    countColumns(width, { stride: strides[axis], taps: size[axis], dilation: dilations[axis] });
  return { columns: span(1, tile.x), rows: span(0, tile.y) };
};

/** What a thread of a depthwise convolution computes: with a loop, outputs of one row. */
const outputsOf = ({ x, y }: Tile, written: Written) => ({ x, y: written === 'filter' ? y : 1, slices: 1 });

/** Whether so much of a depthwise filter may be written out. */
function mayWrite(written: Written, tile: Tile, filter: Filter): boolean {
  const [height, width] = filter.size;
  const { columns, rows } = spanOf(tile, filter);
  if (written === 'filter') return height * width <= 25 && rows * columns + height * width <= 102;
  return written === 'tap' || columns + width <= 17;
}

/** A convolution of each channel with its own filter, of which so much is written out. */
export const depthwise = (tile: Tile, written: Written, loops: number): Candidate<Conv2dNode> => ({
  name: `depthwise${written === 'filter' ? '' : `-${written}s`}-${tile.name}`,
  estimate(node, on) {
    const [outChannels, groupInputs] = node.filter.shape;
    if (node.groups !== outChannels || groupInputs !== 1) return 'a filter of several channels';
    if (node.residual) return 'a residual';
    if (node.prologue) return 'a prologue';
    const filter = filterOf(node);
    if (!homeOf(depthwiseLayout(outChannels, filter.size), tile)) return WIDE;
    if (!mayWrite(written, tile, filter)) return LONG;
    const taps = filter.size[0] * filter.size[1];
    const outputs = outputsOf(tile, written);
    const { columns, rows } = spanOf(outputs, filter);
    const threads = threadsIn(threadsOf(outputs, sizesOf(node.output)), on.tiles);
    const inputs = columns * rows;
    const work = { adds: outputs.x * outputs.y * taps + 2 * inputs, inputs, weights: taps };
    const cost = workOf(on.tiles, tile, threads, work) * preference(on, depthwiseKind(filter), tile);
    const isDear = written === 'filter' && inputs > on.tiles.filterLoads;
    return cost * on.tiles.loop ** loops * (isDear ? DEAR : 1);
  },
  lower: (to, node) => void to.emit(conv2dDepthwise, depthwiseStep(to, node, filterOf(node), node, tile, written)),
});

/** Left over where no convolution comes before it: a depthwise 1x1 convolution with ones for a filter. */
export function lowerBatchNormalization(to: Recorder, node: BatchNormalizationNode): void {
  const filter = { size: [1, 1], strides: [1, 1], dilations: [1, 1] } as const;
  const layout = depthwiseLayout(sizesOf(node.output).channels, [1, 1]);
  const { tile } = firstWithRoom(to.tiles.stride1, () => layout);
  to.emit(conv2dDepthwise, depthwiseStep(to, node, filter, { ...filter, padding: [0, 0, 0, 0] }, tile, 'filter'));
}

export function depthwiseStep(
  to: Recorder,
  node: Conv2dNode | BatchNormalizationNode,
  { size }: Filter,
  window: Window,
  tile: Tile,
  written: Written,
) {
  const layout = depthwiseLayout(sizesOf(node.output).channels, size);
  const { options, ...step } = stepFor(to, node, { layout, weights: tile.weights }, window);
  const { x, y } = outputsOf(tile, written);
  return { ...step, options: { ...options, tile: { x, y }, written } };
}

const ways = (how: string, { tiles }: Ground) => ({
  looped: how === '-looped',
  lanes: how === '-split' ? tiles.splitWorkgroup[1] : 1,
});

/** A convolution with any filter, whose columns are taken in a loop or written out; or whose sums a workgroup's rows share. */
const general = (tile: Tile, how: '' | '-looped' | '-split'): Candidate<Conv2dNode> => ({
  name: `general${how}-${tile.name}`,
  estimate(node, on) {
    if (node.prologue) return 'a prologue';
    const { looped, lanes } = ways(how, on);
    const layout = layoutFor(node, tile.slices);
    if (!homeOf(layout, tile, columnsIn(looped, on))) return WIDE;
    const isThin = sizesOf(node.inputs[0]).slices === 1;
    const filter = filterOf(node);
    const [height, width] = filter.size;
    const { columns } = spanOf(tile, filter);
    const isLong = width > on.tiles.written[isThin ? 0 : 1] || columns * tile.y > 36;
    if (!looped && isLong) return LONG;
    const kind = lanes > 1 ? 'split' : isLong ? 'looped' : isThin ? 'thin' : node.groups > 1 ? 'grouped' : 'wide';
    const threads = threadsIn(threadsOf(tile, sizesOf(node.output)), on.tiles) * lanes;
    // The channels of other groups in a band are multiplied by zeros.
    const steps = ceilDivide(bandOf(layout).slices, lanes) * height;
    const weights = width * tile.slices * 4;
    const inputs = columns * tile.y;
    // An input may be padding, which is found out anew for each.
    const work = { adds: weights * tile.x * tile.y + 2 * inputs, inputs, weights };
    const cost = workOf(on.tiles, tile, busy(threads, on.tiles) * steps, work) * preference(on, kind, tile);
    // Where a looped text is shared, it serves strided layers, which are few.
    const isRare = on.tiles.lateLoops && filter.strides[1] > 1;
    const isDear = !looped && (isRare || (isThin && inputs > on.tiles.thinLoads));
    const isIdle = isPointwise(node) && lanes === 1 && !(looped && on.tiles.lateLoops);
    return cost * (looped ? on.tiles.loop : 1) * (isDear ? DEAR : 1) * (isIdle ? IDLE : 1);
  },
  lower(to, node) {
    const { looped, lanes } = ways(how, to);
    const { x, slices } = tile;
    const y = looped && x * tile.y > 8 ? 1 : tile.y;
    const home = homeOf(layoutFor(node, slices), tile, columnsIn(looped, to)) as Home;
    const { options, operands, ...step } = stepFor(to, node, home, node);
    const partial = to.tiles.partial && to.target.elementType === 'float16' && node.filter.shape[3] > 1 && !looped;
    to.emit(conv2d, {
      ...step,
      options: { ...options, tile: { x, y, slices }, looped, partial, lanes },
      operands: [...operands, ...residualOf(to, node.residual)],
    });
  },
});

export function layoutFor({ groups, filter }: Conv2dNode, blockSlices: number): WeightsLayout {
  return { kind: 'conv2d', blockSlices, groups, filterShape: filter.shape };
}

/** Depthwise candidates, of every tile and by how much is written out. */
export const everyDepthwise = (make: typeof depthwise): readonly Candidate<Conv2dNode>[] =>
  everyTile('stride1', 'stride2', 'large').flatMap((tile) => [
    make(tile, 'filter', 0),
    make(tile, 'row', 1),
    make(tile, 'tap', 2),
  ]);

export const CONV2D: readonly Candidate<Conv2dNode>[] = [
  ...POINTWISE,
  ...everyDepthwise(depthwise),
  ...everyTile('thin', 'grouped', 'wide', 'looped').flatMap((tile) => [general(tile, ''), general(tile, '-looped')]),
  ...everyTile('split').map((tile) => general(tile, '-split')),
];

export const GEMM: readonly Candidate<GemmNode>[] = POINTWISE;

/** A transposed convolution, whose filter's columns are taken in a loop, or written out for each phase of the stride. */
const transposed = (name: string, looped: boolean): Candidate<ConvTranspose2dNode> => ({
  name,
  estimate(node, { tiles }) {
    const { filter, strides, dilations } = node;
    if (looped) return costOf(node).macs * tiles.loop;
    return filter.shape[3] <= 5 && strides[1] <= 4 && dilations[1] <= 4 ? costOf(node).macs : LONG;
  },
  lower(to, node) {
    const { groups, strides, padding } = node;
    const [channels, groupOutputs, height, width] = node.filter.shape;
    const filterShape = [groupOutputs * groups, channels / groups, height, width] as const;
    const layoutFor = ({ slices: blockSlices }: Tile): WeightsLayout => ({
      kind: 'convTranspose2d',
      blockSlices,
      groups,
      filterShape,
    });
    const tiles = to.tiles[strides[1] === 1 ? 'grouped' : width <= strides[1] ? 'apart' : 'meeting'];
    const { tile, ...home } = firstWithRoom(tiles, layoutFor, looped ? 'own' : undefined);
    const { x, slices } = tile;
    const cells = looped ? 4 : Math.max(1, Math.floor(x / strides[1]));
    const { options, operands, ...step } = stepFor(to, node, home, node);
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
  { layout, weights }: Home,
  { strides, dilations, padding }: Window,
) {
  const { activation } = node;
  const [outChannels, groupInputs, ...filter] = layout.filterShape;
  const input = node.inputs[0];
  return {
    node,
    options: {
      filter,
      strides,
      dilations,
      weights,
      ...textOptions(to, node),
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
      strideY: strides[0],
      strideX: strides[1],
      dilationY: dilations[0],
      dilationX: dilations[1],
      ...activationParams(activation),
    },
    operands: [
      to.read('input', input),
      to.pack('weights', node.name, layout, trained(node), weights),
      ...slopeOf(to, node, outChannels),
    ],
    output: to.write(node.output),
    cost: costOf(node),
  } as const;
}

/** What the texts of all convolutions depend on. */
export const textOptions = (
  to: Recorder,
  {
    activation,
    residual,
  }: { readonly activation?: FusedActivation | undefined; readonly residual?: Value | undefined },
) => ({
  row: to.tiles.row,
  storeLoop: to.tiles.storeLoops,
  late: to.tiles.lateLoops,
  activation: shaderActivation(activation),
  residual: to.sharesResiduals ? ('ifThere' as const) : residual !== undefined,
});

/** The operand that a convolution adds to its result, if there is one. */
export const residualOf = (to: Recorder, residual: Value | undefined, channels?: Channels) =>
  residual ? [to.read('residual', residual, channels)] : [];

type TrainedNode = Conv2dNode | ConvTranspose2dNode | GemmNode | BatchNormalizationNode | BinaryNode | ActivationNode;

type PointwiseFields = Partial<Pick<Conv2dNode, 'bias' | 'residual' | 'prologue'>>;
/**
 * As the papers count: a multiply-accumulate for each weight and output pixel of convolutions and dense layers, of
 * transposed convolutions for each weight and input pixel; batch normalization has two parameters a channel. `share` is
 * that of the output channels.
 */
export function costOf(node: TrainedNode, share = 1): { macs: number; parameters: number } {
  const { filter, bias, batchNormalization, prologue, activation }: TrainedFields = node;
  const elements = (tensor: Tensor | undefined, shape = tensor?.shape) =>
    tensor && shape && !tensor.values ? elementsOf(shape) : 0;
  const { batch, pixels } = sizesOf(node.op === 'convTranspose2d' ? node.inputs[0] : node.output);
  const normalized = prologue?.kind === 'normalization' ? prologue.batchNormalization.scale : undefined;
  const own = [node.output.shape[1]];
  const normalization = elements(batchNormalization?.scale, own) + elements(normalized);
  return {
    macs: batch * pixels * elements(filter) * share,
    parameters: (elements(filter) + elements(bias, own) + 2 * normalization + elements(activation?.slope, own)) * share,
  };
}
