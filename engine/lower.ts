import { CONV2D_FIELDS, conv2d } from '../shaders/conv2d.wgsl.ts';
import { CONV2D_DEPTHWISE_FIELDS, conv2dDepthwise } from '../shaders/conv2d-depthwise.wgsl.ts';
import { CONV2D_POINTWISE_FIELDS, conv2dPointwise } from '../shaders/conv2d-pointwise.wgsl.ts';
import { CONV2D_POINTWISE_SPLIT_FIELDS, conv2dPointwiseSplit } from '../shaders/conv2d-pointwise-split.wgsl.ts';
import { ELEMENTWISE_FIELDS, elementwise } from '../shaders/elementwise.wgsl.ts';
import type { ElementType, ParamFields, ParamValues, StorageName } from '../shaders/interface.ts';
import { PAD2D_FIELDS, pad2d } from '../shaders/pad2d.wgsl.ts';
import { POOL2D_FIELDS, pool2d } from '../shaders/pool2d.wgsl.ts';
import { REDUCE2D_FIELDS, reduce2d } from '../shaders/reduce2d.wgsl.ts';
import { REPACK_FIELDS, repackToPlanar, repackToSlices } from '../shaders/repack.wgsl.ts';
import { SOFTMAX_FIELDS, softmax } from '../shaders/softmax.wgsl.ts';
import type { Capabilities } from './device.ts';
import { ArchitectureError, during } from './errors.ts';
import { isPointwise } from './fuse.ts';
import {
  type ActivationNode,
  type BatchNormalizationNode,
  type BinaryNode,
  type Conv2dNode,
  type FusedActivation,
  type GemmNode,
  type Graph,
  IDENTITY,
  type Node,
  type PadNode,
  type PlainNode,
  type Pool2dNode,
  type Shape,
  type Tensor,
  type Value,
} from './graph.ts';
import { bandOf, packedVectors } from './pack.ts';
import { paramsOf } from './params.ts';
import type { Binding, PlannedInput, PlannedKernel, PlannedOutput, PlannedWeights, WeightsLayout } from './plan.ts';
import { tilesFor } from './tiles.ts';

/** A graph as kernels: everything of a plan but the places in memory. */
export interface Lowered {
  readonly kernels: readonly Omit<PlannedKernel, 'bytesRead' | 'bytesWritten'>[];
  readonly values: readonly { readonly name: string; readonly shape: Shape; readonly bytes: number }[];
  readonly weights: readonly Omit<PlannedWeights, 'buffer' | 'offset'>[];
  readonly inputs: Readonly<Record<string, PlannedInput>>;
  readonly outputs: Readonly<Record<string, PlannedOutput>>;
}

const ceilDivide = (value: number, by: number) => Math.ceil(value / by);
const product = (sizes: readonly number[]) => sizes.reduce((all, size) => all * size, 1);

/** A value's sizes as kernels see them; `[n, c]` is a map of one pixel. */
function sizesOf({ shape }: { shape: Shape }) {
  const [batch, channels, height = 1, width = 1] = shape as [number, number, number?, number?];
  const slices = ceilDivide(channels, 4);
  const pixels = height * width;
  return { batch, channels, height, width, slices, pixels, vectors: slices * pixels };
}

/** Chooses a kernel for each node of a fused graph. */
export function lower(graph: Graph, capabilities: Capabilities, elementType: ElementType): Lowered {
  const tiles = tilesFor(capabilities);
  const type = elementType;
  const vectorBytes = type === 'f16' ? 8 : 16;
  const kernels: Omit<PlannedKernel, 'bytesRead' | 'bytesWritten'>[] = [];
  const values: { name: string; shape: Shape; bytes: number }[] = [];
  const weights: Omit<PlannedWeights, 'buffer' | 'offset'>[] = [];
  const inputs: Record<string, PlannedInput> = {};
  const outputs: Record<string, PlannedOutput> = {};
  const indices = new Map<number, number>();

  const addValue = (name: string, shape: Shape, bytes: number) => values.push({ name, shape, bytes }) - 1;
  const write = (value: Value): Binding => {
    const { batch, vectors } = sizesOf(value);
    const index = addValue(value.name, value.shape, batch * vectors * vectorBytes);
    indices.set(value.id, index);
    return { name: 'output', value: index };
  };
  const read = (name: StorageName, value: Value): Binding => ({ name, value: indices.get(value.id) as number });

  for (const input of graph.inputs) {
    const { batch, channels, pixels, slices, vectors } = sizesOf(input);
    const output = write(input);
    const kernel = emit(
      { name: input.name, output: input },
      'repack',
      repackToSlices({ type }),
      REPACK_FIELDS,
      { channels, pixels, inputOffset: 0, inputBatch: channels * pixels, outputOffset: 0, outputBatch: vectors },
      [ceilDivide(pixels, 32), ceilDivide(slices, 4), batch],
      [{ name: 'input', input: input.name }, output],
    );
    inputs[input.name] = {
      shape: input.shape,
      value: indices.get(input.id) as number,
      kernel,
      bytes: product(input.shape) * 4,
    };
  }
  for (const node of graph.nodes) during(`choosing a kernel for ${node.op} '${node.name}'`, () => lowerNode(node));
  for (const { name, value } of graph.outputs) outputs[name] = lowerOutput(name, value);
  return { kernels, values, weights, inputs, outputs };

  function emit<Fields extends ParamFields>(
    { name, output }: { name: string; output: Value },
    kind: string,
    shader: string,
    fields: Fields,
    params: ParamValues<Fields>,
    workgroups: readonly [number, number, number],
    bindings: readonly Binding[],
    cost: { macs: number; parameters: number } = { macs: 0, parameters: 0 },
  ): number {
    const block = paramsOf(fields, params);
    return kernels.push({ name, kind, shader, workgroups, params: block, bindings, shape: output.shape, ...cost }) - 1;
  }

  function lowerNode(node: Node): void {
    switch (node.op) {
      case 'conv2d':
        lowerConv2d(node);
        break;
      case 'gemm':
        lowerPointwise(node, node.filter.shape as [number, number]);
        break;
      case 'batchNormalization':
        lowerBatchNormalization(node);
        break;
      case 'averagePool2d':
      case 'maxPool2d':
        lowerPool2d(node);
        break;
      case 'globalAveragePool':
        lowerGlobalAveragePool(node);
        break;
      case 'add':
      case 'mul':
      case 'activation':
        lowerElementwise(node);
        break;
      case 'softmax':
        lowerSoftmax(node);
        break;
      case 'pad':
        lowerPad(node);
        break;
      case 'flatten':
        throw new ArchitectureError('Flattening is left over after fusion.');
      default:
        node satisfies never;
    }
  }

  function lowerConv2d(node: Conv2dNode): void {
    const [outChannels, groupInputs, height, width] = node.filter.shape as [number, number, number, number];
    if (isPointwise(node)) {
      lowerPointwise(node, [outChannels, groupInputs], node);
      return;
    }
    const { groups, strides, dilations, padding } = node;
    const from = sizesOf(node.inputs[0] as Value);
    const to = sizesOf(node.output);
    const activation = node.activation ?? IDENTITY;
    const geometry = {
      inputHeight: from.height,
      inputWidth: from.width,
      outputHeight: to.height,
      outputWidth: to.width,
      paddingTop: padding[0],
      paddingLeft: padding[2],
      ...flow(from, to),
      ...bounds(activation),
    };
    const kernel = [height, width] as const;
    const cost = convCost(node, to.batch);
    if (groups === from.channels && outChannels === groups && !node.residual) {
      const { tile, workgroup } = tiles.depthwise(strides);
      const layout: WeightsLayout = {
        kind: 'depthwise',
        blockSlices: 1,
        groups,
        filterShape: [outChannels, 1, height, width],
      };
      const packed = addWeights(node.name, layout, trained(node));
      const shader = conv2dDepthwise({
        type,
        kernel,
        strides,
        dilations,
        tile,
        workgroup,
        activation: activation.kind,
      });
      const grid = ceilDivide(to.width, tile.x) * ceilDivide(to.height, tile.y);
      emit(
        node,
        'conv2d-depthwise',
        shader,
        CONV2D_DEPTHWISE_FIELDS,
        { ...geometry, slices: to.slices },
        [ceilDivide(grid, workgroup[0]), ceilDivide(to.slices, workgroup[1]), to.batch],
        [read('input', node.inputs[0] as Value), packed, write(node.output)],
        cost,
      );
      return;
    }
    const { tile, workgroup } = tiles.conv2d(from.slices);
    const layout: WeightsLayout = {
      kind: 'conv2d',
      blockSlices: tile.slices,
      groups,
      filterShape: [outChannels, groupInputs, height, width],
    };
    const packed = addWeights(node.name, layout, trained(node));
    const shader = conv2d({
      type,
      kernel,
      strides,
      dilations,
      tile,
      workgroup,
      activation: activation.kind,
      residual: Boolean(node.residual),
      grouped: groups > 1,
    });
    const grid = ceilDivide(to.width, tile.x) * ceilDivide(to.height, tile.y);
    emit(
      node,
      'conv2d',
      shader,
      CONV2D_FIELDS,
      {
        ...geometry,
        slicesIn: from.slices,
        slicesOut: to.slices,
        bandSlices: bandOf(layout).slices,
        groupInputs,
        groupOutputs: outChannels / groups,
        residualOffset: 0,
        residualBatch: to.vectors,
      },
      [ceilDivide(grid, workgroup[0]), ceilDivide(ceilDivide(to.slices, tile.slices), workgroup[1]), to.batch],
      [
        read('input', node.inputs[0] as Value),
        packed,
        ...(node.residual ? [read('residual', node.residual)] : []),
        write(node.output),
      ],
      cost,
    );
  }

  /** 1x1 convolutions and dense layers, which are 1x1 convolutions of one pixel. */
  function lowerPointwise(
    node: Conv2dNode | GemmNode,
    [outChannels, channels]: readonly [number, number],
    { residual, inputScale }: Partial<Conv2dNode> = {},
  ): void {
    const from = sizesOf(node.inputs[0] as Value);
    const to = sizesOf(node.output);
    const activation = node.activation ?? IDENTITY;
    const split = to.pixels <= tiles.splitPixels;
    const { tile, workgroup } = split ? tiles.split : tiles.pointwise;
    const layout: WeightsLayout = {
      kind: 'conv2d',
      blockSlices: tile.slices,
      groups: 1,
      filterShape: [outChannels, channels, 1, 1],
    };
    const packed = addWeights(node.name, layout, trained(node));
    const options = {
      type,
      tile,
      workgroup,
      activation: activation.kind,
      residual: Boolean(residual),
      scale: Boolean(inputScale),
    };
    const blocks = ceilDivide(to.slices, tile.slices);
    const columns = ceilDivide(to.pixels, tile.pixels);
    emit(
      node,
      split ? 'conv2d-pointwise-split' : 'conv2d-pointwise',
      split ? conv2dPointwiseSplit(options) : conv2dPointwise(options),
      split ? CONV2D_POINTWISE_SPLIT_FIELDS : CONV2D_POINTWISE_FIELDS,
      {
        pixels: to.pixels,
        slicesIn: from.slices,
        slicesOut: to.slices,
        ...flow(from, to),
        residualOffset: 0,
        residualBatch: to.vectors,
        ...bounds(activation),
      },
      [split ? columns : ceilDivide(columns, workgroup[0]), ceilDivide(blocks, workgroup[1]), to.batch],
      [
        read('input', node.inputs[0] as Value),
        packed,
        ...(residual ? [read('residual', residual)] : []),
        ...(inputScale ? [read('scale', inputScale)] : []),
        write(node.output),
      ],
      convCost(node, to.batch),
    );
  }

  /** Left over where no convolution comes before it: a depthwise 1x1 convolution with ones for a filter. */
  function lowerBatchNormalization(node: BatchNormalizationNode): void {
    const from = sizesOf(node.inputs[0] as Value);
    const activation = node.activation ?? IDENTITY;
    const { tile, workgroup } = tiles.depthwise([1, 1]);
    const layout: WeightsLayout = {
      kind: 'depthwise',
      blockSlices: 1,
      groups: from.channels,
      filterShape: [from.channels, 1, 1, 1],
    };
    const packed = addWeights(node.name, layout, trained(node));
    const grid = ceilDivide(from.width, tile.x) * ceilDivide(from.height, tile.y);
    emit(
      node,
      'conv2d-depthwise',
      conv2dDepthwise({
        type,
        kernel: [1, 1],
        strides: [1, 1],
        dilations: [1, 1],
        tile,
        workgroup,
        activation: activation.kind,
      }),
      CONV2D_DEPTHWISE_FIELDS,
      {
        inputHeight: from.height,
        inputWidth: from.width,
        outputHeight: from.height,
        outputWidth: from.width,
        slices: from.slices,
        paddingTop: 0,
        paddingLeft: 0,
        ...flow(from, from),
        ...bounds(activation),
      },
      [ceilDivide(grid, workgroup[0]), ceilDivide(from.slices, workgroup[1]), from.batch],
      [read('input', node.inputs[0] as Value), packed, write(node.output)],
      { macs: 0, parameters: 2 * from.channels },
    );
  }

  function lowerPool2d(node: Pool2dNode): void {
    const from = sizesOf(node.inputs[0] as Value);
    const to = sizesOf(node.output);
    const [padTop, padBottom, padLeft, padRight] = node.padding;
    const { windowDimensions: window, strides, dilations } = node;
    emit(
      node,
      'pool2d',
      pool2d({ type, reduction: node.op === 'maxPool2d' ? 'max' : 'average', window, strides, dilations }),
      POOL2D_FIELDS,
      {
        slices: to.slices,
        inputHeight: from.height,
        inputWidth: from.width,
        outputHeight: to.height,
        outputWidth: to.width,
        padTop,
        padLeft,
        padBottom,
        padRight,
        ...flow(from, to),
      },
      [ceilDivide(to.width, 8), ceilDivide(to.height, 4), to.slices * to.batch],
      [read('input', node.inputs[0] as Value), write(node.output)],
    );
  }

  function lowerGlobalAveragePool(node: PlainNode): void {
    const from = sizesOf(node.inputs[0] as Value);
    const to = sizesOf(node.output);
    emit(
      node,
      'reduce2d',
      reduce2d({ type, lanes: 32 }),
      REDUCE2D_FIELDS,
      { pixels: from.pixels, ...flow(from, to), ...bounds(IDENTITY) },
      [from.slices, from.batch, 1],
      [read('input', node.inputs[0] as Value), write(node.output)],
    );
  }

  function lowerElementwise(node: BinaryNode | ActivationNode): void {
    const [first, second] = node.inputs as [Value, Value?];
    const to = sizesOf(node.output);
    const activation = node.activation ?? IDENTITY;
    const other = second && sizesOf(second);
    const perChannel = other !== undefined && other.pixels === 1 && to.pixels > 1;
    emit(
      node,
      'elementwise',
      elementwise({
        type,
        operation: node.op === 'activation' ? 'identity' : node.op,
        perChannel,
        activation: activation.kind,
      }),
      ELEMENTWISE_FIELDS,
      {
        slices: to.slices,
        pixels: to.pixels,
        ...flow(to, to),
        residualOffset: 0,
        residualBatch: other?.vectors ?? 0,
        ...bounds(activation),
      },
      [ceilDivide(to.pixels, 32), ceilDivide(to.slices, 4), to.batch],
      [read('input', first), ...(second ? [read('residual', second)] : []), write(node.output)],
    );
  }

  function lowerSoftmax(node: PlainNode): void {
    const { batch, channels, pixels, vectors } = sizesOf(node.output);
    const per = pixels === 1 ? 'workgroup' : 'thread';
    emit(
      node,
      'softmax',
      softmax({ type, per }),
      SOFTMAX_FIELDS,
      { channels, pixels, inputOffset: 0, inputBatch: vectors, outputOffset: 0, outputBatch: vectors },
      [per === 'workgroup' ? pixels : ceilDivide(pixels, 64), batch, 1],
      [read('input', node.inputs[0] as Value), write(node.output)],
    );
  }

  function lowerPad(node: PadNode): void {
    const from = sizesOf(node.inputs[0] as Value);
    const to = sizesOf(node.output);
    emit(
      node,
      'pad2d',
      pad2d({ type }),
      PAD2D_FIELDS,
      {
        slices: to.slices,
        inputHeight: from.height,
        inputWidth: from.width,
        outputHeight: to.height,
        outputWidth: to.width,
        padTop: node.padding[0],
        padLeft: node.padding[2],
        ...flow(from, to),
      },
      [ceilDivide(to.width, 8), ceilDivide(to.height, 4), to.slices * to.batch],
      [read('input', node.inputs[0] as Value), write(node.output)],
    );
  }

  /** A result whose layout in memory is NCHW already is given out as it is; others are repacked. */
  function lowerOutput(name: string, value: Value): PlannedOutput {
    const { batch, channels, pixels, slices, vectors } = sizesOf(value);
    const bytes = batch * channels * pixels * 4;
    const planar = type === 'f32' && pixels === 1 && (batch === 1 || channels % 4 === 0);
    if (planar) return { shape: value.shape, value: indices.get(value.id) as number, bytes };
    const target = addValue(`${name} (NCHW)`, value.shape, bytes);
    emit(
      { name, output: value },
      'repack',
      repackToPlanar({ type }),
      REPACK_FIELDS,
      { channels, pixels, inputOffset: 0, inputBatch: vectors, outputOffset: 0, outputBatch: channels * pixels },
      [ceilDivide(pixels, 32), ceilDivide(slices, 4), batch],
      [read('input', value), { name: 'output', value: target }],
    );
    return { shape: value.shape, value: target, bytes };
  }

  function addWeights(name: string, layout: WeightsLayout, { tensors, epsilon }: Trained): Binding {
    const bytes = packedVectors(layout) * vectorBytes;
    return { name: 'weights', weights: weights.push({ name, bytes, layout, tensors, epsilon }) - 1 };
  }
}

type Sizes = ReturnType<typeof sizesOf>;

const flow = (from: Sizes, to: Sizes) => ({
  inputOffset: 0,
  inputBatch: from.vectors,
  outputOffset: 0,
  outputBatch: to.vectors,
});

function bounds(activation: FusedActivation): { minValue: number; maxValue: number } {
  const { minValue, maxValue } = activation.kind === 'clamp' ? activation : { minValue: 0, maxValue: 0 };
  return { minValue, maxValue };
}

type Trained = Pick<PlannedWeights, 'tensors' | 'epsilon'>;

/** The tensors of a node by role, with the epsilon of its batch normalization. */
function trained(node: Conv2dNode | GemmNode | BatchNormalizationNode): Trained {
  const normalization = 'batchNormalization' in node ? node.batchNormalization : undefined;
  return {
    tensors: {
      ...('filter' in node && { filter: node.filter.name }),
      ...('bias' in node && node.bias && { bias: node.bias.name }),
      ...(normalization && {
        mean: normalization.mean.name,
        variance: normalization.variance.name,
        scale: normalization.scale.name,
        shift: normalization.bias.name,
      }),
    },
    epsilon: normalization?.epsilon ?? 0,
  };
}

/** As the papers count: a multiply-accumulate for each weight and output pixel; batch normalization has two parameters a channel. */
function convCost(node: Conv2dNode | GemmNode, batch: number): { macs: number; parameters: number } {
  const elements = (tensor: Tensor | undefined) => (tensor ? product(tensor.shape) : 0);
  const { pixels } = sizesOf(node.output);
  const normalization =
    node.op === 'conv2d' && node.batchNormalization ? 2 * elements(node.batchNormalization.scale) : 0;
  return {
    macs: batch * pixels * elements(node.filter),
    parameters: elements(node.filter) + elements(node.bias) + normalization,
  };
}
