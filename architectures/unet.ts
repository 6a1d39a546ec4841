/** U-Net: Convolutional Networks for Biomedical Image Segmentation, https://arxiv.org/abs/1505.04597 */

import { type Architecture, architectureWith } from '../engine/architecture.ts';
import { FLAG, HEIGHT_AND_WIDTH, oneOf, POSITIVE_INTEGER, show } from '../engine/common/kinds.ts';
import type { PaddingOption } from '../engine/graph/builder.ts';
import type { MapShape, Pair, Value, ValueShape } from '../engine/graph/graph.ts';
import { ResizingGraphBuilder } from '../engine/graph/resizing-builder.ts';
import { BASIC, CONCATENATING, RESIZING, TRANSPOSED, WINOGRAD } from '../engine/kernels/candidates.ts';
import { convolution, normalization } from './layers.ts';
import { demandOptions, readOptions } from './options.ts';

const OPS = {
  Builder: ResizingGraphBuilder,
  candidates: [BASIC, CONCATENATING, RESIZING, TRANSPOSED, WINOGRAD],
} as const;

/** What every variant takes. */
interface SharedOptions {
  /** Channels of `image`: 3 by default, of the paper's 1. */
  inChannels?: number;
  /** Channels of `mask`: 1 by default, of the paper's 2. */
  classes?: number;
  /** Channels of the first level, doubled at each further one: 32 by default, of the paper's 64. */
  features?: number;
  /** How often the map is halved; 4 by default. */
  depth?: number;
  /** Whether the expanding path gets what the contracting one had at its level. True by default; false shows what it is for. */
  skips?: boolean;
  /** What the scores become: `sigmoid` by default, of the paper's `none`. `softmax` is over the classes of each pixel. */
  output?: 'sigmoid' | 'softmax' | 'none';
  /** Height and width of `image` in pixels, see `uNet`: 256 x 256 by default, of the paper's 572 x 572. */
  inputSize?: Pair;
  /** Pictures in one run; 1 by default. */
  batch?: number;
}

/** The network as most use it: padded convolutions with batch normalization. Names are of torch.hub's `brain-segmentation`. */
export interface PaddedUNetOptions extends SharedOptions {
  variant?: 'padded';
  /** `transposed` (2x2, stride 2) by default; `nearest-neighbor` repeats pixels, and has no weights. */
  upsampling?: 'transposed' | 'nearest-neighbor';
  /** Whether convolutions are normalized, or else have a bias. True by default. */
  batchNorm?: boolean;
  /** Activation of the last, pointwise convolution; `none` by default. */
  headActivation?: 'none' | 'relu';
}

/** The network of figure 1: convolutions without padding, so that `mask` is smaller than `image`. */
export interface PaperUNetOptions extends SharedOptions {
  variant: 'paper';
}

export type UNetOptions = PaddedUNetOptions | PaperUNetOptions;

/**
 * U-Net. Input `image` [batch, inChannels, height, width], output `mask` [batch, classes, height, width].
 *
 * Height and width are multiples of 2^depth. Of the paper's variant they are such multiples plus 4 (2^depth - 1), and
 * those of `mask` are smaller by 12 * 2^depth - 8.
 *
 * Throws an `ArchitectureError` on a wrong option; for a size that does not work it says which ones near it do.
 */
export function uNet(options: UNetOptions = {}): Architecture<'mask'> {
  // Options from JSON may be null, which is for `readOptions` to refuse.
  return options?.variant === 'paper' ? paperUNet(options) : paddedUNet(options);
}

function paddedUNet(given: PaddedUNetOptions): Architecture<'mask'> {
  const options = readOptions('uNet', given, {
    variant: [oneOf('padded', 'paper'), 'padded'],
    upsampling: [oneOf('transposed', 'nearest-neighbor'), 'transposed'],
    batchNorm: [FLAG, true],
    headActivation: [oneOf('none', 'relu'), 'none'],
    ...sharedOptions({ inChannels: 3, classes: 1, features: 32, output: 'sigmoid', inputSize: [256, 256] }),
  });
  requireSize('uNet', options, 0);
  return network('unet', PADDED, options);
}

function paperUNet(given: PaperUNetOptions): Architecture<'mask'> {
  const options = readOptions("the paper's uNet", given, {
    variant: [oneOf('paper'), 'paper'],
    ...sharedOptions({ inChannels: 1, classes: 2, features: 64, output: 'none', inputSize: [572, 572] }),
  });
  requireSize("the paper's uNet", options, 4);
  return network('unet-paper', PAPER, {
    ...options,
    upsampling: 'transposed',
    batchNorm: false,
    headActivation: 'none',
  });
}

type Defaults = Required<Pick<SharedOptions, 'inChannels' | 'classes' | 'features' | 'output' | 'inputSize'>>;

function sharedOptions({ inChannels, classes, features, output, inputSize }: Defaults) {
  return {
    inChannels: [POSITIVE_INTEGER, inChannels],
    classes: [POSITIVE_INTEGER, classes],
    features: [POSITIVE_INTEGER, features],
    depth: [POSITIVE_INTEGER, 4],
    skips: [FLAG, true],
    output: [oneOf('sigmoid', 'softmax', 'none'), output],
    inputSize: [HEIGHT_AND_WIDTH, inputSize],
    batch: [POSITIVE_INTEGER, 1],
  } as const;
}

/** What two convolutions take from a map's height and width is `lost`; each of `depth` poolings needs an even rest. */
function requireSize(
  network: string,
  { inputSize, depth }: Pick<Required<SharedOptions>, 'inputSize' | 'depth'>,
  lost: number,
): void {
  const multiple = 2 ** depth;
  const surplus = lost * (multiple - 1);
  // With m * multiple + surplus the bottleneck leaves m - lost, and the expanding path (m - lost) * multiple - surplus.
  const least = multiple * Math.floor(1 + lost + surplus / multiple) + surplus;
  const rounded = (round: (size: number) => number) =>
    inputSize.map((size) => Math.max(round((size - surplus) / multiple) * multiple + surplus, least));
  const [below, above] = [rounded(Math.floor), rounded(Math.ceil)].map(show) as [string, string];
  const rule = surplus > 0 ? `multiples of ${multiple} plus ${surplus}, at least ${least}` : `multiples of ${multiple}`;
  demandOptions(
    network,
    show(inputSize) === below && below === above,
    `The option 'inputSize' is ${show(inputSize)}; at depth ${depth} height and width should be ${rule}: ` +
      `${below === above ? below : `${below} or ${above}`}, say.`,
  );
}

/** What the variants do in their own way. */
interface Variant {
  readonly padding: PaddingOption;
  /** Scopes of two convolutions. */
  encoder(level: number): string;
  bottleneck(depth: number): string;
  decoder(level: number): string;
  /** Tensors of a scope's first and second convolution. */
  convolution(scope: string, index: number): string;
  upsampling(level: number): string;
  readonly head: string;
  join(g: ResizingGraphBuilder, skip: Value, upsampled: Value): Value;
}

const PADDED: Variant = {
  padding: 1,
  encoder: (level) => `encoder${level}.enc${level}`,
  bottleneck: () => 'bottleneck.bottleneck',
  decoder: (level) => `decoder${level}.dec${level}`,
  convolution: (scope, index) => `${scope}conv${index}`,
  upsampling: (level) => `upconv${level}`,
  head: 'conv',
  join: (g, skip, upsampled) => g.concat([upsampled, skip]),
};

const PAPER: Variant = {
  padding: [0, 0, 0, 0],
  encoder: (level) => `down${level}`,
  bottleneck: (depth) => `down${depth + 1}`,
  decoder: (level) => `conv${level}`,
  // A ReLU lies between them.
  convolution: (scope, index) => `${scope}.${2 * (index - 1)}`,
  upsampling: (level) => `up${level}`,
  head: 'head',
  join: (g, skip, upsampled) => g.concat([cropped(g, skip, upsampled.shape), upsampled]),
};

function network(
  name: string,
  variant: Variant,
  options: Required<SharedOptions> & Required<Omit<PaddedUNetOptions, 'variant'>>,
): Architecture<'mask'> {
  const { inChannels, classes, features, depth, skips, upsampling, batchNorm, headActivation, output } = options;
  const channels = (level: number) => features * 2 ** (level - 1);
  return architectureWith(name, OPS, (g: ResizingGraphBuilder<'mask'>) => {
    const convolutions = (input: Value, scope: string, outChannels: number) => {
      let x = input;
      for (const index of [1, 2]) {
        const conv = variant.convolution(scope, index);
        x = convolution(g, x, conv, { outChannels, kernel: 3, padding: variant.padding, bias: !batchNorm });
        if (batchNorm) x = normalization(g, x, `${scope}norm${index}`, 1e-5);
        x = g.relu(x);
      }
      return x;
    };
    const contracting: Value[] = [];
    let x = g.input('image', [options.batch, inChannels, ...options.inputSize]);
    for (let level = 1; level <= depth; level++) {
      x = convolutions(x, variant.encoder(level), channels(level));
      contracting.push(x);
      x = g.maxPool2d(x, { windowDimensions: 2, strides: 2 });
    }
    x = convolutions(x, variant.bottleneck(depth), channels(depth + 1));
    for (let level = depth; level >= 1; level--) {
      x = upsampling === 'transposed' ? upConvolution(g, x, variant.upsampling(level)) : g.resample2d(x, { scales: 2 });
      if (skips) x = variant.join(g, contracting[level - 1] as Value, x);
      x = convolutions(x, variant.decoder(level), channels(level));
    }
    x = convolution(g, x, variant.head, { outChannels: classes, kernel: 1, bias: true });
    if (headActivation === 'relu') x = g.relu(x);
    g.output('mask', output === 'none' ? x : g[output](x));
  });
}

/** Twice the height and width, half the channels. */
function upConvolution(g: ResizingGraphBuilder, input: Value, name: string): Value {
  const channels = input.shape[1];
  const filter = g.tensor(`${name}.weight`, [channels, channels / 2, 2, 2]);
  return g.convTranspose2d(input, filter, { bias: g.tensor(`${name}.bias`, [channels / 2]), strides: 2 });
}

/** The middle of the map. */
function cropped(g: ResizingGraphBuilder, input: Value, shape: ValueShape): Value {
  const [batch, channels, fullHeight, fullWidth] = input.shape as MapShape;
  const [, , height, width] = shape as MapShape;
  const [top, left] = [(fullHeight - height) / 2, (fullWidth - width) / 2];
  return g.slice(input, [0, 0, top, left], [batch, channels, height, width]);
}
