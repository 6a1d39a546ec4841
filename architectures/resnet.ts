/**
 * Deep Residual Learning for Image Recognition, https://arxiv.org/abs/1512.03385
 * Wide Residual Networks, https://arxiv.org/abs/1605.07146
 */

import { type Architecture, basicArchitecture } from '../engine/architecture.ts';
import { oneOf, POSITIVE_INTEGER } from '../engine/common/kinds.ts';
import type { BasicGraphBuilder } from '../engine/graph/builder.ts';
import type { Value } from '../engine/graph/graph.ts';
import { WINOGRAD } from '../engine/kernels/candidates.ts';
import { type ConvolutionOptions, dense, normalizedConvolution } from './layers.ts';
import { type ClassifierOptions, classifierOptions, demandOptions, readOptions } from './options.ts';

type Depth = 18 | 34 | 50 | 101 | 152;

/** Table 1, the blocks of conv2_x to conv5_x. */
export const BLOCKS: Readonly<Record<Depth, readonly number[]>> = {
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
  50: [3, 4, 6, 3],
  101: [3, 4, 23, 3],
  152: [3, 8, 36, 3],
};

/** Networks of fewer layers have basic blocks, others bottlenecks. */
const LEAST_BOTTLENECK_DEPTH = 50;

export interface ResNetOptions extends ClassifierOptions {
  /** 50 by default. */
  depth?: Depth;
  /** Width of the first bottlenecks' 3x3 convolutions, 64 by default; 128 makes the wide ResNets. Depth 50 or more. */
  widthPerGroup?: number;
}

/**
 * ResNet. Input `image` [batch, inChannels, height, width], output `logits` [batch, classes].
 * Tensors have the names of torchvision's state dict. Throws an `ArchitectureError` on a wrong option.
 */
export function resNet(options: ResNetOptions = {}): Architecture<'logits'> {
  const { depth, widthPerGroup, ...shared } = readOptions('resNet', options, {
    depth: [oneOf(18, 34, 50, 101, 152), 50],
    widthPerGroup: [POSITIVE_INTEGER, 64],
    ...classifierOptions,
  });
  const isBasic = depth < LEAST_BOTTLENECK_DEPTH;
  demandOptions(
    'resNet',
    !isBasic || widthPerGroup === 64,
    `The option 'widthPerGroup' is ${widthPerGroup}; it should be 64 where 'depth' is below ${LEAST_BOTTLENECK_DEPTH}.`,
  );
  const blocks = BLOCKS[depth];
  return residualNetwork(`resnet-${depth}`, { blocks, isBasic, filters: 64, groups: 1, widthPerGroup, ...shared });
}

interface ResidualNetwork extends Required<ClassifierOptions> {
  /** Of each stage. */
  blocks: readonly number[];
  /** Whether these have no bottleneck. */
  isBasic?: boolean;
  /** Of the first convolution and the first stage; each stage has twice as many as the one before. */
  filters: number;
  groups: number;
  widthPerGroup: number;
}

/** What ResNet and ResNeXt have in common: all but the groups of the bottlenecks' 3x3 convolutions. */
export function residualNetwork(name: string, options: ResidualNetwork): Architecture<'logits'> {
  const {
    blocks,
    isBasic,
    filters: outChannels,
    groups,
    widthPerGroup,
    classes,
    inChannels,
    inputSize,
    batch,
  } = options;
  return basicArchitecture(name, [WINOGRAD], (g) => {
    const image = g.input('image', [batch, inChannels, ...inputSize]);
    let x = g.relu(convolution(g, image, 'conv1', 'bn1', { outChannels, kernel: 7, stride: 2 }));
    x = g.maxPool2d(x, { windowDimensions: 3, strides: 2, padding: 1 });
    for (const [index, count] of blocks.entries()) {
      const filters = outChannels * 2 ** index;
      const width = widthPerGroup * groups * 2 ** index;
      for (let block = 0; block < count; block++) {
        const scope = `layer${index + 1}.${block}`;
        const stride = index > 0 && block === 0 ? 2 : 1;
        x = isBasic
          ? basicBlock(g, x, scope, { filters, stride })
          : bottleneck(g, x, scope, { filters, width, groups, stride });
      }
    }
    g.output('logits', dense(g, g.flatten(g.averagePool2d(x)), 'fc', classes));
  });
}

interface Block {
  filters: number;
  /** Of the first of the block's convolutions that has a window; where the shape changes, of the shortcut too. */
  stride: number;
}

/** Figure 5, left: two 3x3 convolutions. */
function basicBlock(g: BasicGraphBuilder, input: Value, scope: string, { filters: outChannels, stride }: Block): Value {
  const first = { outChannels, kernel: 3, stride };
  const identity = shortcut(g, input, scope, { outChannels, stride });
  let x = g.relu(convolution(g, input, `${scope}.conv1`, `${scope}.bn1`, first));
  x = convolution(g, x, `${scope}.conv2`, `${scope}.bn2`, { outChannels, kernel: 3 });
  return g.relu(g.add(x, identity));
}

/**
 * Figure 5, right: a pointwise reduction to `width` channels, a 3x3 convolution, a pointwise expansion. The stride is in
 * the 3x3 convolution, as ResNeXt's paper and torchvision have it; the first ResNets had it in the reduction.
 */
function bottleneck(
  g: BasicGraphBuilder,
  input: Value,
  scope: string,
  { filters, width, groups, stride }: Block & { width: number; groups: number },
): Value {
  const outChannels = 4 * filters;
  const identity = shortcut(g, input, scope, { outChannels, stride });
  const spatial = { outChannels: width, kernel: 3, stride, groups };
  let x = g.relu(convolution(g, input, `${scope}.conv1`, `${scope}.bn1`, { outChannels: width, kernel: 1 }));
  x = g.relu(convolution(g, x, `${scope}.conv2`, `${scope}.bn2`, spatial));
  x = convolution(g, x, `${scope}.conv3`, `${scope}.bn3`, { outChannels, kernel: 1 });
  return g.relu(g.add(x, identity));
}

/**
 * The input, or where the block changes its shape, a projection. It comes before the branch, whose last convolution adds
 * it: the input need not live through the branch.
 */
function shortcut(
  g: BasicGraphBuilder,
  input: Value,
  scope: string,
  { outChannels, stride }: { outChannels: number; stride: number },
): Value {
  if (stride === 1 && input.shape[1] === outChannels) return input;
  const options = { outChannels, kernel: 1, stride };
  return convolution(g, input, `${scope}.downsample.0`, `${scope}.downsample.1`, options);
}

function convolution(
  g: BasicGraphBuilder,
  input: Value,
  conv: string,
  norm: string,
  options: Omit<ConvolutionOptions, 'padding'>,
): Value {
  return normalizedConvolution(g, input, conv, norm, { epsilon: 1e-5, ...options });
}
