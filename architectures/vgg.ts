/** Very Deep Convolutional Networks for Large-Scale Image Recognition, https://arxiv.org/abs/1409.1556 */

import { type Architecture, architectureWith } from '../engine/architecture.ts';
import { FLAG, heightAndWidthFrom, oneOf } from '../engine/common/kinds.ts';
import { ResizingGraphBuilder } from '../engine/graph/resizing-builder.ts';
import { BASIC, RESIZING, WINOGRAD } from '../engine/kernels/candidates.ts';
import { convolution, dense, normalization } from './layers.ts';
import { type ClassifierOptions, classifierOptions, readOptions } from './options.ts';

const OPS = { Builder: ResizingGraphBuilder, candidates: [BASIC, RESIZING, WINOGRAD] } as const;

type Depth = 11 | 13 | 16 | 19;

/** Table 1, columns A, B, D and E: the filters of 3x3 convolutions, and how many come before a pooling. */
const ROWS: readonly (readonly [filters: number, convolutions: Readonly<Record<Depth, number>>])[] = [
  [64, { 11: 1, 13: 2, 16: 2, 19: 2 }],
  [128, { 11: 1, 13: 2, 16: 2, 19: 2 }],
  [256, { 11: 2, 13: 2, 16: 3, 19: 4 }],
  [512, { 11: 2, 13: 2, 16: 3, 19: 4 }],
  [512, { 11: 2, 13: 2, 16: 3, 19: 4 }],
];

export interface VGGOptions extends ClassifierOptions {
  /** Layers with weights; 16 by default. */
  depth?: Depth;
  /** Whether each convolution is followed by a batch normalization, which is younger than the paper. False by default. */
  batchNorm?: boolean;
}

/**
 * VGG. Input `image` [batch, inChannels, height, width], at least 32 x 32; output `logits` [batch, classes].
 * Sizes other than 224 x 224 are averaged into the 7 x 7 that the dense layers take, as torchvision does.
 * Tensors have the names of torchvision's state dict. Throws an `ArchitectureError` on a wrong option.
 */
export function vgg(options: VGGOptions = {}): Architecture<'logits'> {
  const { depth, batchNorm, classes, inChannels, inputSize, batch } = readOptions('vgg', options, {
    depth: [oneOf(11, 13, 16, 19), 16],
    batchNorm: [FLAG, false],
    ...classifierOptions,
    inputSize: [heightAndWidthFrom(32), [224, 224]],
  });
  return architectureWith(`vgg-${depth}${batchNorm ? '-bn' : ''}`, OPS, (g: ResizingGraphBuilder<'logits'>) => {
    let x = g.input('image', [batch, inChannels, ...inputSize]);
    // The checkpoint numbers the layers, those without tensors too.
    let index = 0;
    for (const [outChannels, convolutions] of ROWS) {
      for (let count = 0; count < convolutions[depth]; count++) {
        const options = { outChannels, kernel: 3, bias: true };
        x = convolution(g, x, `features.${index++}`, options);
        if (batchNorm) x = normalization(g, x, `features.${index++}`, 1e-5);
        x = g.relu(x);
        index++;
      }
      x = g.maxPool2d(x, { windowDimensions: 2, strides: 2 });
      index++;
    }
    x = g.flatten(g.adaptiveAveragePool2d(x, [7, 7]));
    x = g.relu(dense(g, x, 'classifier.0', 4096));
    x = g.relu(dense(g, x, 'classifier.3', 4096));
    g.output('logits', dense(g, x, 'classifier.6', classes));
  });
}
