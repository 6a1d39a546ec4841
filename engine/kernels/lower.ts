import { adaptiveAveragePool2d } from '../../shaders/adaptive-average-pool2d.wgsl.ts';
import { COPY_FIELDS, copy } from '../../shaders/copy.wgsl.ts';
import { ELEMENTWISE_FIELDS, elementwise } from '../../shaders/elementwise.wgsl.ts';
import { MAP_FIELDS } from '../../shaders/map.ts';
import { PAD2D_FIELDS, pad2d } from '../../shaders/pad2d.wgsl.ts';
import { POOL2D_FIELDS, pool2d } from '../../shaders/pool2d.wgsl.ts';
import { REDUCE2D_FIELDS, reduce2d } from '../../shaders/reduce2d.wgsl.ts';
import { REPACK_FIELDS, repackToPlanar, repackToSlices } from '../../shaders/repack.wgsl.ts';
import { RESAMPLE2D_FIELDS, resample2d } from '../../shaders/resample2d.wgsl.ts';
import { SOFTMAX_FIELDS, softmax } from '../../shaders/softmax.wgsl.ts';
import { during } from '../common/errors.ts';
import { ceilDivide } from '../common/numbers.ts';
import {
  type ActivationNode,
  type BinaryNode,
  type CopyNode,
  elementsOf,
  type MapShape,
  type Node,
  type Padding,
  type PadNode,
  type PlainNode,
  type Pool2dNode,
  type Resample2dNode,
  type SliceNode,
  type Value,
} from '../graph/graph.ts';
import type { JoinedGraph } from '../graph/join.ts';
import type { Lowered, PlannedInput, PlannedOutput } from '../plan/plan.ts';
import type { Target } from '../plan/target.ts';
import { lowerBatchNormalization, lowerConv2d, lowerConvTranspose2d, lowerPointwise } from './convolution.ts';
import { activationParams, areaParams, Lowering, shaderActivation, sizesOf } from './recorder.ts';

/** Chooses a kernel for each node of a fused graph without concatenations. */
export function lower(graph: JoinedGraph, target: Target): Lowered {
  const to = new Lowering(target, graph.ranges);
  const inputs = Object.fromEntries(graph.inputs.map((input) => [input.name, lowerInput(to, input)]));
  for (const node of graph.nodes) {
    const lowerNode: (to: Lowering, node: never) => void = LOWERINGS[node.op as JoinedOp];
    during(`choosing a kernel for ${node.op} '${node.name}'`, () => lowerNode(to, node as never));
  }
  const outputs = Object.fromEntries(
    graph.outputs.map(({ name, value, shape = value.shape }) => [name, { ...lowerOutput(to, name, value), shape }]),
  );
  return { kernels: to.kernels, values: to.values, weights: to.weights, inputs, outputs };
}

type JoinedOp = Exclude<Node['op'], 'flatten' | 'concat'>;

/** For each op that fusing and joining leave. */
const LOWERINGS: { readonly [Op in JoinedOp]: (to: Lowering, node: Node & { readonly op: Op }) => void } = {
  conv2d: lowerConv2d,
  convTranspose2d: lowerConvTranspose2d,
  gemm: lowerPointwise,
  batchNormalization: lowerBatchNormalization,
  averagePool2d: lowerPool2d,
  maxPool2d: lowerPool2d,
  globalAveragePool: lowerGlobalAveragePool,
  adaptiveAveragePool2d: lowerAdaptiveAveragePool2d,
  resample2d: lowerResample2d,
  add: lowerElementwise,
  mul: lowerElementwise,
  activation: lowerElementwise,
  softmax: lowerSoftmax,
  pad: (to, node) => lowerPad(to, node, node.padding),
  // What is cut off at the top and left is padding below zero; the rest is beyond the output's size.
  slice: (to, node) => lowerPad(to, node, [-node.starts[0], 0, -node.starts[1], 0]),
  copy: lowerCopy,
};

/** A tensor, float32 NCHW, into the layout of the kernels. A picture's dispatch takes this one's place. */
function lowerInput(to: Lowering, input: Value<MapShape>): PlannedInput {
  const { batch, channels, pixels, slices } = sizesOf(input);
  const kernel = to.emit({
    node: { name: input.name, output: input },
    kind: 'repack',
    shader: repackToSlices,
    options: { type: to.type },
    fields: REPACK_FIELDS,
    params: { channels, pixels },
    workgroups: [ceilDivide(pixels, 32), ceilDivide(slices, 4), batch],
    operands: [
      { name: 'input', binding: { name: 'input', input: input.name }, offset: 0, batch: channels * pixels },
      to.write(input),
    ],
  });
  return { shape: input.shape, value: to.indexOf(input), kernel, bytes: elementsOf(input.shape) * 4 };
}

/** A result whose layout in memory is NCHW already is given out as it is; others are repacked. */
function lowerOutput(to: Lowering, name: string, value: Value): PlannedOutput {
  const { batch, channels, pixels, slices } = sizesOf(value);
  const bytes = batch * channels * pixels * 4;
  const planar = to.type === 'float32' && pixels === 1 && (batch === 1 || channels % 4 === 0) && !to.isPart(value);
  if (planar) return { shape: value.shape, value: to.indexOf(value), bytes };
  const target = to.allocate(`${name} (NCHW)`, value.shape, bytes);
  to.emit({
    node: { name, output: value },
    kind: 'repack',
    shader: repackToPlanar,
    options: { type: to.type },
    fields: REPACK_FIELDS,
    params: { channels, pixels },
    workgroups: [ceilDivide(pixels, 32), ceilDivide(slices, 4), batch],
    operands: [
      to.read('input', value),
      { name: 'output', binding: { name: 'output', value: target }, offset: 0, batch: channels * pixels },
    ],
  });
  return { shape: value.shape, value: target, bytes };
}

function lowerPool2d(to: Lowering, node: Pool2dNode): void {
  const [padTop, padBottom, padLeft, padRight] = node.padding;
  const { params, ...step } = mapStep(to, node);
  to.emit({
    ...step,
    kind: 'pool2d',
    shader: pool2d,
    options: {
      type: to.type,
      reduction: node.op === 'maxPool2d' ? 'max' : 'average',
      window: node.windowDimensions,
      strides: node.strides,
      dilations: node.dilations,
      countIncludePad: node.countIncludePad,
    },
    fields: POOL2D_FIELDS,
    params: { ...params, padTop, padLeft, padBottom, padRight, lowest: -Number.MAX_VALUE },
  });
}

/** What the dispatches have in common in which a thread makes one vec4 of a map from another one (`map.ts` among the shaders). */
function mapStep(to: Lowering, node: Pool2dNode | Resample2dNode | PadNode | SliceNode | PlainNode) {
  const input = node.inputs[0];
  const from = sizesOf(input);
  const result = sizesOf(node.output);
  return {
    node,
    params: {
      slices: result.slices,
      ...areaParams(from, result),
    },
    workgroups: [ceilDivide(result.width, 8), ceilDivide(result.height, 4), result.slices * result.batch],
    operands: [to.read('input', input), to.write(node.output)],
  } as const;
}

function lowerAdaptiveAveragePool2d(to: Lowering, node: PlainNode): void {
  to.emit({
    ...mapStep(to, node),
    kind: 'adaptive-average-pool2d',
    shader: adaptiveAveragePool2d,
    options: { type: to.type },
    fields: MAP_FIELDS,
  });
}

function lowerCopy(to: Lowering, node: CopyNode): void {
  const input = node.inputs[0];
  const { batch, channels, pixels, slices } = sizesOf(input);
  const shift = node.channel % 4;
  const touched = ceilDivide(shift + channels, 4);
  to.emit({
    node: { name: node.name, output: input },
    kind: 'copy',
    shader: copy,
    options: { type: to.type, shift },
    fields: COPY_FIELDS,
    params: { pixels, slicesIn: slices, slicesOut: touched },
    workgroups: [ceilDivide(pixels, 32), ceilDivide(touched, 4), batch],
    operands: [to.read('input', input), to.write(node.output, [node.channel, channels])],
  });
}

/** Mesa's software adapter ends a thread's loops after 65,535 turns in all; a workgroup has at most 128 threads. */
const TURNS = 32_768;
const MAX_LANES = 128;

function lowerGlobalAveragePool(to: Lowering, node: PlainNode): void {
  const input = node.inputs[0];
  const { batch, pixels, slices } = sizesOf(input);
  to.emit({
    node,
    kind: 'reduce2d',
    shader: reduce2d,
    options: { type: to.type, lanes: pixels > TURNS ? MAX_LANES : to.tiles.reduceLanes },
    fields: REDUCE2D_FIELDS,
    params: { pixels, ...activationParams() },
    workgroups: [slices, batch, 1],
    operands: [to.read('input', input), to.write(node.output)],
  });
}

function lowerResample2d(to: Lowering, node: Resample2dNode): void {
  const [stepY, stepX] = node.steps;
  const [offsetY, offsetX] = node.offsets;
  const { params, ...step } = mapStep(to, node);
  to.emit({
    ...step,
    kind: 'resample2d',
    shader: resample2d,
    options: { type: to.type, mode: node.mode },
    fields: RESAMPLE2D_FIELDS,
    params: { ...params, stepY, stepX, offsetY, offsetX },
  });
}

function lowerElementwise(to: Lowering, node: BinaryNode | ActivationNode): void {
  const [input, second]: readonly [Value, Value?] = node.inputs;
  const { batch, pixels, slices } = sizesOf(node.output);
  to.emit({
    node,
    kind: 'elementwise',
    shader: elementwise,
    options: {
      type: to.type,
      operation: node.op === 'activation' ? 'identity' : node.op,
      perChannel: second !== undefined && sizesOf(second).pixels === 1 && pixels > 1,
      activation: shaderActivation(node.activation),
    },
    fields: ELEMENTWISE_FIELDS,
    params: { slices, pixels, ...activationParams(node.activation) },
    workgroups: [ceilDivide(pixels, 32), ceilDivide(slices, 4), batch],
    operands: [to.read('input', input), ...(second ? [to.read('residual', second)] : []), to.write(node.output)],
  });
}

function lowerSoftmax(to: Lowering, node: PlainNode): void {
  const input = node.inputs[0];
  const { batch, channels, pixels } = sizesOf(node.output);
  to.emit({
    node,
    kind: 'softmax',
    shader: softmax,
    options: { type: to.type, per: pixels === 1 ? 'workgroup' : 'thread' },
    fields: SOFTMAX_FIELDS,
    params: { channels, pixels },
    workgroups: [pixels === 1 ? 1 : ceilDivide(pixels, 64), batch, 1],
    operands: [to.read('input', input), to.write(node.output)],
  });
}

function lowerPad(to: Lowering, node: PadNode | SliceNode, [padTop, , padLeft]: Padding): void {
  const { params, ...step } = mapStep(to, node);
  to.emit({
    ...step,
    kind: 'pad2d',
    shader: pad2d,
    options: { type: to.type },
    fields: PAD2D_FIELDS,
    params: { ...params, padTop, padLeft },
  });
}
