import type { Pair } from '../graph/graph.ts';
import type { WeightsLayout } from '../plan/plan.ts';

/** A way in which the weights of a kernel lie in memory: blocks of output slices, in vec4s over four output channels. */
export interface Layout {
  /** The vectors of a block, and those of a filter column: one for each input lane, or for all. */
  readonly blockVectors: number;
  readonly columnVectors: number;
  /** The vector of a block with which its biases begin, and that of the filters. */
  readonly biasVector: number;
  readonly filterVector: number;
  /** How many filters (height x width) the output channels of a group are apart in the tensor, and the input channels. */
  readonly strides: Pair;
  /** Whether rows may be packed before all are there: no block needs those of another one. */
  readonly mayFlow: boolean;
  /** Whether the biases of a block may be written after its filters. */
  readonly biasMayFollow: boolean;
}

const LAYOUTS: { readonly [Kind in WeightsLayout['kind']]: (layout: WeightsLayout) => Layout } = {
  /**
   * `[output block][bias, then input slice and ky][kx][slice in block][4 inputs] -> vec4 over 4 outputs`, so that the
   * reading pointer only ever steps forward (`convolution.ts` among the shaders).
   */
  conv2d(layout) {
    const { filterShape, groups, blockSlices } = layout;
    const [, groupInputs, height, width] = filterShape;
    const filterVector = width * blockSlices * 4;
    return {
      blockVectors: (1 + bandOf(layout).slices * height) * filterVector,
      columnVectors: blockSlices * 4,
      biasVector: 0,
      filterVector,
      strides: [groupInputs, 1],
      mayFlow: groups === 1,
      biasMayFollow: true,
    };
  },
  /** The same, from a tensor that is `[channels, outChannels / groups, ky, kx]`. */
  convTranspose2d(layout) {
    const strides = [1, layout.filterShape[0] / layout.groups] as const;
    return { ...LAYOUTS.conv2d(layout), strides, mayFlow: false, biasMayFollow: false };
  },
  /** `[slice][ky and kx, then bias]`. */
  depthwise({ filterShape: [, , height, width] }) {
    const biasVector = height * width;
    return {
      blockVectors: biasVector + 1,
      columnVectors: 1,
      biasVector,
      filterVector: 0,
      strides: [1, 1],
      mayFlow: true,
      biasMayFollow: false,
    };
  },
};

export const layoutOf = (layout: WeightsLayout): Layout => LAYOUTS[layout.kind](layout);

/** How many vec4s a kernel's packed weights take. */
export const packedVectors = (layout: WeightsLayout) => blocksOf(layout) * layoutOf(layout).blockVectors;

/** The `maxTextureDimension2D` of compatibility mode. */
const MAX_TEXTURE_SIZE = 4096;

/** The part of a texture that the weights take. */
export function textureOf(layout: WeightsLayout): { readonly width: number; readonly height: number } {
  const { blockVectors } = layoutOf(layout);
  const { rowVectors: width = blockVectors } = layout;
  return { width, height: Math.ceil((blocksOf(layout) * blockVectors) / width) };
}

/** Whether there are textures of this size, and of one more. */
export function mayBeTexture(layout: WeightsLayout): boolean {
  const { width, height } = textureOf(layout);
  return Math.max(width, height) < MAX_TEXTURE_SIZE;
}

/** Blocks of output slices. */
export const blocksOf = ({ filterShape: [outChannels], blockSlices }: WeightsLayout) =>
  Math.ceil(Math.ceil(outChannels / 4) / blockSlices);

/**
 * The input slices that a block of output slices reads: all of them, or those of its channels' groups. `slices` is the
 * widest block's number, which every block reads; `start` is the same arithmetic as in `conv2d.wgsl.ts`.
 */
export function bandOf({ filterShape, groups, blockSlices, pixels = 1 }: WeightsLayout): {
  slices: number;
  start: (block: number) => number;
} {
  const [outChannels, groupInputs] = filterShape;
  const slicesIn = Math.ceil((groupInputs * groups) / pixels / 4) * pixels;
  if (groups === 1) return { slices: slicesIn, start: () => 0 };
  const blockChannels = blockSlices * 4;
  const groupOf = (channel: number) => Math.floor(channel / (outChannels / groups));
  const first = (block: number) => Math.floor((groupOf(block * blockChannels) * groupInputs) / 4);
  let slices = 0;
  // After so many channels, blocks begin as the first one did.
  const end = Math.min(outChannels, (4 * blockChannels * outChannels) / groups);
  for (let block = 0; block * blockChannels < end; block++) {
    const lastGroup = groupOf(Math.min(outChannels, (block + 1) * blockChannels) - 1);
    slices = Math.max(slices, Math.ceil(((lastGroup + 1) * groupInputs) / 4) - first(block));
  }
  return { slices, start: (block) => Math.min(first(block), slicesIn - slices) };
}
