/**
 * ImageNet Classification with Deep Convolutional Neural Networks (https://doi.org/10.1145/3065386), in the form of
 * One Weird Trick for Parallelizing Convolutional Neural Networks, https://arxiv.org/abs/1404.5997: one tower instead of
 * two, and no local response normalization.
 */

import { type Architecture, architectureWith } from '../engine/architecture.ts';
import { heightAndWidthFrom } from '../engine/common/kinds.ts';
import { ResizingGraphBuilder } from '../engine/graph/resizing-builder.ts';
import { BASIC, RESIZING, WINOGRAD } from '../engine/kernels/candidates.ts';
import { convolution, dense } from './layers.ts';
import { type ClassifierOptions, classifierOptions, readOptions } from './options.ts';

const OPS = { Builder: ResizingGraphBuilder, candidates: [BASIC, RESIZING, WINOGRAD] } as const;

/** Number in the checkpoint, filters, kernel size, stride, padding, and whether a pooling follows. */
const ROWS: readonly (readonly [n: number, filters: number, k: number, s: number, p: number, pool: boolean])[] = [
  [0, 64, 11, 4, 2, true],
  [3, 192, 5, 1, 2, true],
  [6, 384, 3, 1, 1, false],
  [8, 256, 3, 1, 1, false],
  [10, 256, 3, 1, 1, true],
];

export interface AlexNetOptions extends ClassifierOptions {}

/**
 * AlexNet. Input `image` [batch, inChannels, height, width], at least 63 x 63; output `logits` [batch, classes].
 * Sizes other than 224 x 224 are averaged into the 6 x 6 that the dense layers take, as torchvision does.
 * Tensors have the names of torchvision's state dict. Throws an `ArchitectureError` on a wrong option.
 */
export function alexNet(options: AlexNetOptions = {}): Architecture<'logits'> {
  const { classes, inChannels, inputSize, batch } = readOptions('alexNet', options, {
    ...classifierOptions,
    inputSize: [heightAndWidthFrom(63), [224, 224]],
  });
  return architectureWith('alexnet', OPS, (g: ResizingGraphBuilder<'logits'>) => {
    let x = g.input('image', [batch, inChannels, ...inputSize]);
    for (const [index, outChannels, kernel, stride, p, pool] of ROWS) {
      const options = { outChannels, kernel, stride, padding: [p, p, p, p], bias: true } as const;
      x = g.relu(convolution(g, x, `features.${index}`, options));
      if (pool) x = g.maxPool2d(x, { windowDimensions: 3, strides: 2 });
    }
    x = g.flatten(g.adaptiveAveragePool2d(x, [6, 6]));
    x = g.relu(dense(g, x, 'classifier.1', 4096));
    x = g.relu(dense(g, x, 'classifier.4', 4096));
    g.output('logits', dense(g, x, 'classifier.6', classes));
  });
}
