import { conv2dDepthwiseMultiplied } from '../../shaders/conv2d-depthwise-multiplied.wgsl.ts';
import type { Conv2dNode } from '../graph/graph.ts';
import type { Candidate } from './choose.ts';
import { depthwise, depthwiseStep, everyDepthwise, filterOf } from './convolution.ts';

const multiplierOf = ({ filter, groups }: Conv2dNode) => filter.shape[0] / groups;

const MULTIPLIED = everyDepthwise((tile, written, loops) => {
  const { name, estimate } = depthwise(tile, written, loops);
  return {
    name: name.replace('depthwise', 'multiplied'),
    estimate: (node, on) => estimate({ ...node, groups: node.filter.shape[0] }, on),
    lower(to, node) {
      const { options, ...step } = depthwiseStep(to, node, filterOf(node), node, tile, written);
      to.emit(conv2dDepthwiseMultiplied, { ...step, options: { ...options, multiplier: multiplierOf(node) } });
    },
  };
});

/** For depthwise convolutions with several filters for each channel: by what computes those with one. */
export const multipliedConv2d = (node: Conv2dNode): readonly Candidate<Conv2dNode>[] =>
  node.groups > 1 && node.filter.shape[1] === 1 && multiplierOf(node) > 1 ? MULTIPLIED : [];
