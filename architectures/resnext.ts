/** Aggregated Residual Transformations for Deep Neural Networks, https://arxiv.org/abs/1611.05431 */

import type { Architecture } from '../engine/architecture.ts';
import { oneOf, POSITIVE_INTEGER } from '../engine/common/kinds.ts';
import { type ClassifierOptions, classifierOptions, LENGTHS, readOptions } from './options.ts';
import { BLOCKS, residualNetwork } from './resnet.ts';

export interface ResNeXtOptions extends ClassifierOptions {
  /** 50 by default. */
  depth?: 50 | 101;
  /** Blocks of each stage; those of the depth by default. */
  blocks?: readonly number[];
  /** Channels of the first convolution, of which the first stage makes four times as many; 64 by default. */
  filters?: number;
  /** The paper's cardinality C: the groups of the 3x3 convolutions. 32 by default. */
  groups?: number;
  /** The paper's d: channels of a group in the first blocks. 4 by default, at depth 101 8: torchvision's two networks. */
  widthPerGroup?: number;
}

/**
 * ResNeXt, in the form of the paper's figure 3 (c): ResNet's bottlenecks with grouped 3x3 convolutions.
 * Input `image` [batch, inChannels, height, width], output `logits` [batch, classes].
 * Tensors have the names of torchvision's state dict. Throws an `ArchitectureError` on a wrong option.
 */
export function resNeXt(options: ResNeXtOptions = {}): Architecture<'logits'> {
  const { depth, ...shared } = readOptions('resNeXt', options, {
    depth: [oneOf(50, 101), 50],
    blocks: [LENGTHS, BLOCKS[options?.depth ?? 50]],
    filters: [POSITIVE_INTEGER, 64],
    groups: [POSITIVE_INTEGER, 32],
    // Options from JSON may be null, which is for `readOptions` to refuse.
    widthPerGroup: [POSITIVE_INTEGER, options?.depth === 101 ? 8 : 4],
    ...classifierOptions,
  });
  return residualNetwork(`resnext-${options.blocks ?? depth}`, shared);
}
