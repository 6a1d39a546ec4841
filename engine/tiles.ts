import { type Capabilities, deviceClass } from './device.ts';
import type { Pair } from './graph.ts';

/** What one thread computes, and how many threads a workgroup has (at most 128, the limit of compatibility mode). */
interface Tiling<Tile> {
  readonly tile: Tile;
  readonly workgroup: Pair;
}

/** How the results of a kernel are divided among threads, for one class of devices. */
export interface Tiles {
  readonly pointwise: Tiling<{ pixels: number; slices: number }>;
  /** Pointwise convolutions that normalize their input, which each thread does anew: more output slices share it. */
  readonly normalizing: Tiling<{ pixels: number; slices: number }>;
  /** The threads of a row share the sums of one tile. */
  readonly split: Tiling<{ pixels: number; slices: number }>;
  /** Maps of at most so many pixels are split: a thread for each result would leave a GPU idle. */
  readonly splitPixels: number;
  /** By stride, or `large`: filters above 3x3. */
  readonly depthwise: { readonly [kind in 1 | 2 | 'large']: Tiling<{ x: number; y: number }> };
  /**
   * `thin`: one slice of input channels, as a network's first layer has. `grouped`: a block of several output slices reads
   * the channels of several groups. `wide`: the rest.
   */
  readonly conv2d: { readonly [kind in 'thin' | 'grouped' | 'wide']: Tiling<{ x: number; y: number; slices: number }> };
  /**
   * Outputs along a row, of at least one stride and of whole ones, by whether the filter's taps stay `apart` (it is no wider than the stride) or meet
   * in an output. With stride 1 a transposed convolution has the tile of a convolution.
   */
  readonly convTranspose2d: { readonly [kind in 'apart' | 'overlapping']: Tiling<{ x: number; slices: number }> };
  /** The threads that share the sum of a map. */
  readonly reduceLanes: number;
  /** Whether the weights of convolutions lie in textures. */
  readonly weightTextures: boolean;
}

const WORKGROUP: Pair = [8, 4];

/*
 * Chosen by what Mesa's compilers make of them for Adreno 650 and 740, Mali G610 and G52 (`npm run kernels`): the most
 * results for each load that still need no spills in the inner loop. SwiftShader has no registers to run out of, but
 * compiles unrolled code slowly: its tiles are the smallest of those that are about equally fast.
 */
const MALI: Tiles = {
  pointwise: { tile: { pixels: 4, slices: 2 }, workgroup: WORKGROUP },
  normalizing: { tile: { pixels: 2, slices: 4 }, workgroup: WORKGROUP },
  split: { tile: { pixels: 1, slices: 1 }, workgroup: [8, 8] },
  splitPixels: 4,
  depthwise: {
    1: { tile: { x: 2, y: 2 }, workgroup: WORKGROUP },
    2: { tile: { x: 2, y: 2 }, workgroup: WORKGROUP },
    large: { tile: { x: 1, y: 3 }, workgroup: WORKGROUP },
  },
  conv2d: {
    thin: { tile: { x: 1, y: 2, slices: 2 }, workgroup: WORKGROUP },
    grouped: { tile: { x: 2, y: 1, slices: 2 }, workgroup: WORKGROUP },
    wide: { tile: { x: 2, y: 1, slices: 2 }, workgroup: WORKGROUP },
  },
  convTranspose2d: {
    apart: { tile: { x: 4, slices: 2 }, workgroup: WORKGROUP },
    overlapping: { tile: { x: 4, slices: 1 }, workgroup: WORKGROUP },
  },
  reduceLanes: 32,
  weightTextures: false,
};

const ADRENO: Tiles = {
  ...MALI,
  pointwise: { tile: { pixels: 6, slices: 2 }, workgroup: WORKGROUP },
  normalizing: { tile: { pixels: 6, slices: 2 }, workgroup: WORKGROUP },
  depthwise: {
    1: { tile: { x: 4, y: 2 }, workgroup: WORKGROUP },
    2: { tile: { x: 4, y: 1 }, workgroup: WORKGROUP },
    large: { tile: { x: 4, y: 2 }, workgroup: WORKGROUP },
  },
  conv2d: {
    thin: { tile: { x: 4, y: 1, slices: 2 }, workgroup: WORKGROUP },
    grouped: { tile: { x: 4, y: 1, slices: 2 }, workgroup: WORKGROUP },
    wide: { tile: { x: 4, y: 1, slices: 2 }, workgroup: WORKGROUP },
  },
  convTranspose2d: {
    apart: { tile: { x: 8, slices: 1 }, workgroup: WORKGROUP },
    overlapping: { tile: { x: 8, slices: 1 }, workgroup: WORKGROUP },
  },
  weightTextures: true,
};

const DESKTOP: Tiles = {
  ...MALI,
  split: { tile: { pixels: 1, slices: 1 }, workgroup: [16, 4] },
  depthwise: {
    1: { tile: { x: 4, y: 1 }, workgroup: WORKGROUP },
    2: { tile: { x: 2, y: 2 }, workgroup: WORKGROUP },
    large: { tile: { x: 4, y: 1 }, workgroup: WORKGROUP },
  },
  conv2d: {
    thin: { tile: { x: 2, y: 1, slices: 4 }, workgroup: WORKGROUP },
    grouped: { tile: { x: 4, y: 1, slices: 2 }, workgroup: WORKGROUP },
    wide: { tile: { x: 4, y: 1, slices: 2 }, workgroup: WORKGROUP },
  },
  convTranspose2d: {
    apart: { tile: { x: 4, slices: 2 }, workgroup: WORKGROUP },
    overlapping: { tile: { x: 8, slices: 1 }, workgroup: WORKGROUP },
  },
};

const SOFTWARE: Tiles = {
  pointwise: { tile: { pixels: 8, slices: 1 }, workgroup: WORKGROUP },
  normalizing: { tile: { pixels: 8, slices: 4 }, workgroup: WORKGROUP },
  split: { tile: { pixels: 1, slices: 1 }, workgroup: [4, 8] },
  splitPixels: 4,
  depthwise: {
    1: { tile: { x: 4, y: 1 }, workgroup: WORKGROUP },
    2: { tile: { x: 2, y: 1 }, workgroup: WORKGROUP },
    large: { tile: { x: 4, y: 1 }, workgroup: WORKGROUP },
  },
  conv2d: {
    thin: { tile: { x: 2, y: 2, slices: 1 }, workgroup: WORKGROUP },
    grouped: { tile: { x: 8, y: 1, slices: 1 }, workgroup: WORKGROUP },
    wide: { tile: { x: 8, y: 2, slices: 1 }, workgroup: WORKGROUP },
  },
  convTranspose2d: {
    apart: { tile: { x: 16, slices: 1 }, workgroup: WORKGROUP },
    overlapping: { tile: { x: 8, slices: 1 }, workgroup: WORKGROUP },
  },
  reduceLanes: 1,
  weightTextures: false,
};

/*
 * For GPUs of which nothing is known: where one of the sets above spills in the inner loop on any of those phones, the tile
 * that spills about least on the worst of them (the table is in docs/architecture.md). What it shares with Mali spills nowhere,
 * but for grouped convolutions on Adreno 650.
 */
const UNKNOWN: Tiles = {
  ...MALI,
  depthwise: {
    1: { tile: { x: 2, y: 2 }, workgroup: WORKGROUP },
    2: { tile: { x: 2, y: 1 }, workgroup: WORKGROUP },
    large: { tile: { x: 2, y: 1 }, workgroup: WORKGROUP },
  },
  conv2d: {
    thin: { tile: { x: 2, y: 2, slices: 1 }, workgroup: WORKGROUP },
    grouped: MALI.conv2d.grouped,
    wide: { tile: { x: 4, y: 1, slices: 1 }, workgroup: WORKGROUP },
  },
  convTranspose2d: {
    apart: { tile: { x: 4, slices: 1 }, workgroup: WORKGROUP },
    overlapping: { tile: { x: 4, slices: 1 }, workgroup: WORKGROUP },
  },
};

export function tilesFor(capabilities: Capabilities): Tiles {
  switch (deviceClass(capabilities)) {
    case 'adreno':
      return ADRENO;
    case 'desktop':
      return DESKTOP;
    case 'software':
      return SOFTWARE;
    case 'unknown':
      return UNKNOWN;
    default:
      return MALI;
  }
}
