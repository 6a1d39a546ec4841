import { adaptiveAveragePool2d } from '../../shaders/adaptive-average-pool2d.wgsl.ts';
import { copy } from '../../shaders/copy.wgsl.ts';
import { elementwise } from '../../shaders/elementwise.wgsl.ts';
import { pad2d } from '../../shaders/pad2d.wgsl.ts';
import { pool2d } from '../../shaders/pool2d.wgsl.ts';
import { reduce2d } from '../../shaders/reduce2d.wgsl.ts';
import { resample2d } from '../../shaders/resample2d.wgsl.ts';
import { softmax } from '../../shaders/softmax.wgsl.ts';
import type {
  ActivationNode,
  BinaryNode,
  ConcatAlongNode,
  ConcatNode,
  CopyNode,
  Node,
  Padding,
  PadNode,
  PlainNode,
  Pool2dNode,
  Resample2dNode,
  SliceNode,
} from '../graph/graph.ts';
import { sizesOf } from '../graph/sizes.ts';
import { activationParams, shaderActivation } from './activation.ts';
import type { Candidate } from './choose.ts';
import { costOf } from './convolution.ts';

import type { Recorder } from './recorder.ts';
import { slopeOf } from './slope.ts';

/*
 * How a node is computed that has no weights.
 */

/** A dispatch that makes a value from another one, where nothing more is to be said. */
export const stepFor = (to: Recorder, node: Exclude<Node, ConcatNode | ConcatAlongNode>) => ({
  node,
  options: {},
  params: {},
  operands: [to.read('input', node.inputs[0])],
  output: to.write(node.output),
});

export function lowerPool2d(to: Recorder, node: Pool2dNode): void {
  const [padTop, padBottom, padLeft, padRight] = node.padding;
  to.emit(pool2d, {
    ...stepFor(to, node),
    options: {
      reduction: node.op === 'maxPool2d' ? 'max' : 'average',
      window: node.windowDimensions,
      strides: node.strides,
      dilations: node.dilations,
      countIncludePad: node.countIncludePad,
    },
    params: { padTop, padLeft, padBottom, padRight, lowest: -Number.MAX_VALUE },
  });
}

export function lowerAdaptiveAveragePool2d(to: Recorder, node: PlainNode): void {
  to.emit(adaptiveAveragePool2d, stepFor(to, node));
}

export function lowerResample2d(to: Recorder, node: Resample2dNode): void {
  const [stepY, stepX] = node.steps;
  const [offsetY, offsetX] = node.offsets;
  to.emit(resample2d, {
    ...stepFor(to, node),
    options: { mode: node.mode },
    params: { stepY, stepX, offsetY, offsetX },
  });
}

export const lowerPad = (to: Recorder, node: PadNode) => emitPad(to, node, node.padding);

/** What is cut off at the top and left is padding below zero; the rest is beyond the output's size. */
export const lowerSlice = (to: Recorder, node: SliceNode) =>
  emitPad(to, node, [-node.starts[0], 0, -node.starts[1], 0]);

function emitPad(to: Recorder, node: PadNode | SliceNode, [padTop, , padLeft]: Padding): void {
  to.emit(pad2d, { ...stepFor(to, node), params: { padTop, padLeft } });
}

/** Mesa's software adapter ends a thread's loops after 65,535 turns in all; a workgroup has at most 128 threads. */
const TURNS = 32_768;
const MAX_LANES = 128;

export function lowerGlobalAveragePool(to: Recorder, node: PlainNode): void {
  const { pixels } = sizesOf(node.inputs[0]);
  to.emit(reduce2d, {
    ...stepFor(to, node),
    options: { lanes: pixels > TURNS ? MAX_LANES : to.tiles.reduceLanes },
    params: activationParams(),
  });
}

export function lowerElementwise(to: Recorder, node: BinaryNode | ActivationNode): void {
  const [input, second] = node.inputs;
  const { pixels, channels } = sizesOf(node.output);
  to.emit(elementwise, {
    node,
    options: {
      operation: node.op === 'activation' ? 'identity' : node.op,
      perChannel: second !== undefined && sizesOf(second).pixels === 1 && pixels > 1,
      activation: shaderActivation(node.activation),
    },
    params: activationParams(node.activation),
    operands: [
      to.read('input', input),
      ...(second ? [to.read('residual', second)] : []),
      ...slopeOf(to, node, channels),
    ],
    output: to.write(node.output),
    cost: costOf(node),
  });
}

export function lowerCopy(to: Recorder, node: CopyNode): void {
  const input = node.inputs[0];
  const { channels } = sizesOf(input);
  to.emit(copy, {
    node: { name: node.name, output: input },
    options: { shift: node.channel % 4 },
    params: {},
    operands: [to.read('input', input)],
    output: to.write(node.output, [node.channel, channels]),
  });
}

/** What handles the channels of a pixel. */
const softmaxPer = (per: 'workgroup' | 'thread', estimate: Candidate<PlainNode>['estimate']): Candidate<PlainNode> => ({
  name: `softmax-${per}`,
  estimate,
  lower(to, node) {
    to.emit(softmax, { ...stepFor(to, node), options: { per } });
  },
});

export const SOFTMAX = [
  softmaxPer('workgroup', ({ output }) => (sizesOf(output).pixels === 1 ? 0 : 'several pixels')),
  softmaxPer('thread', () => 1),
];
