import { type Capabilities, type DeviceClass, deviceClass } from '../common/capabilities.ts';
import type { Pair } from '../graph/graph.ts';

/** How the results of a kernel are divided among threads, for one class of devices: what one thread computes. */
export interface Tiles {
  /** Pixels share the weights that the thread loads, slices the inputs; each pixel of a slice is a sum in registers. */
  readonly pointwise: { pixels: number; slices: number };
  /** Pointwise convolutions that normalize their input, which each thread does anew: more output slices share it. */
  readonly normalization: { pixels: number; slices: number };
  /** The threads of a row share the sums of one tile, which is a single slice of one pixel. */
  readonly splitWorkgroup: Pair;
  /**
   * By stride, or `large`: filters above 3x3. Neighbours share inputs as far as their windows overlap (with stride 2 less), and
   * all share the filter.
   */
  readonly depthwise: { readonly [kind in 1 | 2 | 'large']: { x: number; y: number } };
  /**
   * `thin`: one slice of input channels, as a network's first layer has. `grouped`: a block of several output slices reads
   * the channels of several groups. `wide`: the rest. Outputs of a row share inputs and weights, of a column weights, slices inputs.
   */
  readonly conv2d: { readonly [kind in 'thin' | 'grouped' | 'wide']: { x: number; y: number; slices: number } };
  /**
   * Outputs along a row, of at least one stride and of whole ones, by whether the filter's taps stay `apart` (it is no wider than the stride) or meet
   * in an output. With stride 1 a transposed convolution has the tile of a convolution.
   */
  readonly convTranspose2d: { readonly [kind in 'apart' | 'wide']: { x: number; slices: number } };
  /** The threads that share the sum of a map. */
  readonly reduceLanes: number;
  /** Whether the weights of convolutions lie in textures. */
  readonly weightTextures: boolean;
}

/*
 * Chosen by what Mesa's compilers make of them for Adreno 650 and 740, Mali G610 and G52 (`npm run kernels`): the most
 * results for each load that still need no spills in the inner loop. SwiftShader has no registers to run out of, but
 * compiles unrolled code slowly: its tiles are the smallest of those that are about equally fast.
 */
const MALI: Tiles = {
  pointwise: { pixels: 4, slices: 2 },
  normalization: { pixels: 2, slices: 4 },
  splitWorkgroup: [8, 8],
  depthwise: {
    1: { x: 2, y: 2 },
    2: { x: 2, y: 2 },
    large: { x: 1, y: 3 },
  },
  conv2d: {
    thin: { x: 1, y: 2, slices: 2 },
    grouped: { x: 2, y: 1, slices: 2 },
    wide: { x: 2, y: 1, slices: 2 },
  },
  convTranspose2d: {
    apart: { x: 4, slices: 2 },
    wide: { x: 4, slices: 1 },
  },
  reduceLanes: 32,
  weightTextures: false,
};

const ADRENO: Tiles = {
  ...MALI,
  pointwise: { pixels: 6, slices: 2 },
  normalization: { pixels: 6, slices: 2 },
  depthwise: {
    1: { x: 4, y: 2 },
    2: { x: 4, y: 1 },
    large: { x: 4, y: 2 },
  },
  conv2d: {
    thin: { x: 4, y: 1, slices: 2 },
    grouped: { x: 4, y: 1, slices: 2 },
    wide: { x: 4, y: 1, slices: 2 },
  },
  convTranspose2d: {
    apart: { x: 8, slices: 1 },
    wide: { x: 8, slices: 1 },
  },
  weightTextures: true,
};

const DESKTOP: Tiles = {
  ...MALI,
  splitWorkgroup: [16, 4],
  depthwise: {
    1: { x: 4, y: 1 },
    2: { x: 2, y: 2 },
    large: { x: 4, y: 1 },
  },
  conv2d: {
    thin: { x: 2, y: 1, slices: 4 },
    grouped: { x: 4, y: 1, slices: 2 },
    wide: { x: 4, y: 1, slices: 2 },
  },
  convTranspose2d: {
    apart: { x: 4, slices: 2 },
    wide: { x: 8, slices: 1 },
  },
};

const SOFTWARE: Tiles = {
  ...MALI,
  pointwise: { pixels: 8, slices: 1 },
  normalization: { pixels: 8, slices: 4 },
  splitWorkgroup: [4, 8],
  depthwise: {
    1: { x: 4, y: 1 },
    2: { x: 2, y: 1 },
    large: { x: 4, y: 1 },
  },
  conv2d: {
    thin: { x: 2, y: 2, slices: 1 },
    grouped: { x: 8, y: 1, slices: 1 },
    wide: { x: 8, y: 2, slices: 1 },
  },
  convTranspose2d: {
    apart: { x: 16, slices: 1 },
    wide: { x: 8, slices: 1 },
  },
  reduceLanes: 1,
};

/*
 * For GPUs of which nothing is known: where one of the sets above spills in the inner loop on any of those phones, the tile
 * that spills about least on the worst of them (the table is in docs/architecture.md). What it shares with Mali spills nowhere,
 * but for grouped convolutions on Adreno 650.
 */
const UNKNOWN: Tiles = {
  ...MALI,
  depthwise: {
    1: { x: 2, y: 2 },
    2: { x: 2, y: 1 },
    large: { x: 2, y: 1 },
  },
  conv2d: {
    thin: { x: 2, y: 2, slices: 1 },
    grouped: MALI.conv2d.grouped,
    wide: { x: 4, y: 1, slices: 1 },
  },
  convTranspose2d: {
    apart: { x: 4, slices: 1 },
    wide: { x: 4, slices: 1 },
  },
};

const TILES: Readonly<Record<DeviceClass, Tiles>> = {
  adreno: ADRENO,
  mali: MALI,
  desktop: DESKTOP,
  software: SOFTWARE,
  unknown: UNKNOWN,
};

export const tilesFor = (capabilities: Capabilities): Tiles => TILES[deviceClass(capabilities)];
