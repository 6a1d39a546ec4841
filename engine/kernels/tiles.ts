import type { Tile as Outputs, WeightsStorage } from '../../shaders/convolution.ts';
import { type Capabilities, type DeviceClass, deviceClass } from '../common/capabilities.ts';
import type { Pair } from '../graph/graph.ts';

/** What one thread computes, outputs along x and y of so many slices, and where the weights lie that it reads. */
export interface Tile extends Outputs {
  readonly name: TileName;
  readonly weights: WeightsStorage;
}

/** `<x>x<y>x<slices>`, with a `t` behind it where the weights lie in a texture. */
export type TileName = `${number}x${number}x${number}${'' | 't'}`;

/**
 * How the results of a kernel are divided among threads on one class of devices, as lists: of the tiles that do well, the best
 * for a layer's sizes is taken. Outputs of a slice share the weights that the thread loads, slices share the inputs; each
 * output of a slice is a sum in registers.
 */
export interface Tiles {
  /** What a load of four numbers takes, from a buffer and from a texture, in multiply-adds of four. */
  readonly load: number;
  readonly texel: number;
  /** What a load or store takes, likewise, of a vector that no cache holds. */
  readonly memory: number;
  /** The threads that a device needs to be busy: fewer take as long. 0 where some thousand are enough, as on phones. */
  readonly fill: number;
  /** The threads of a convolution's workgroup along x, of four rows. */
  readonly row: number;
  /** The widest filter whose rows are written out, of one slice of input channels and of more. */
  readonly written: Pair;
  /** 1x1: along x are pixels of the map as one row. */
  readonly pointwise: readonly TileName[];
  /** Pointwise convolutions that scale their input, or normalize it, which each thread does anew: more output slices share it. */
  readonly scale: readonly TileName[];
  readonly normalization: readonly TileName[];
  /** Pointwise convolutions whose weights another kernel makes, and which therefore lie in a buffer. */
  readonly product: TileName;
  /** What a dispatch takes beside its work, in multiply-adds of one number. */
  readonly dispatch: number;
  /** Where threads share sums: those of a workgroup along x in a pointwise convolution, and those that share a tile's. */
  readonly splitWorkgroup: Pair;
  /** Depthwise, by stride. Neighbours share inputs as far as their windows overlap (with stride 2 less), and all share the filter. */
  readonly stride1: readonly TileName[];
  readonly stride2: readonly TileName[];
  /** Depthwise filters above 3x3. */
  readonly large: readonly TileName[];
  /** One slice of input channels, as a network's first layer has. */
  readonly thin: readonly TileName[];
  /** A block of several output slices reads the channels of several groups. */
  readonly grouped: readonly TileName[];
  /** All other convolutions. */
  readonly wide: readonly TileName[];
  /** Likewise, where several threads share the sums of a tile, since one for each would be too few. */
  readonly split: readonly TileName[];
  /** Filters that are too wide to be written out. */
  readonly looped: readonly TileName[];
  /**
   * Transposed convolutions whose filter is no wider than the stride, so that its taps stay apart, and others. Outputs along a
   * row, of at least one stride and of whole ones. With stride 1 they have the tiles of `grouped`.
   */
  readonly apart: readonly TileName[];
  readonly meeting: readonly TileName[];
  /** Whether a shader is compiled anew for textures whose sizes are powers of two, so that there are none of these. */
  readonly textureKinds: boolean;
  /** Stores in loops; see `storeSums`. */
  readonly storeLoops: boolean;
  /** Leaves loops late; see `turns`. */
  readonly lateLoops: boolean;
  /** So many loads of inputs are written out, of a whole depthwise filter and of a row of a `thin` one; more are a loop. */
  readonly filterLoads: number;
  readonly thinLoads: number;
  /** What a loop costs over the same work written out. */
  readonly loop: number;
  /** Whether halves are multiplied, and a few products added, as halves; see `Conv2dOptions`. */
  readonly partial: boolean;
  /** The threads that share the sum of a map. */
  readonly reduceLanes: number;
}

/** The members that list tiles. */
export type TileKind = keyof { [Kind in keyof Tiles as Tiles[Kind] extends readonly TileName[] ? Kind : never]: 0 };

/*
 * Chosen by what Mesa's compilers make of them for Adreno 650 and 740, Mali G610 and G52 (`npm run kernels`): the most
 * results for each load that still need no spills in the inner loop. SwiftShader and lavapipe have no registers to run out
 * of, but load a vector by so many instructions that the fewest loads for each multiply-add are fastest, and compile
 * unrolled code slowly: their tiles are the smallest of those that are about equally fast.
 */
const MALI: Tiles = {
  load: 1,
  texel: 1,
  memory: 16,
  fill: 0,
  row: 8,
  written: [3, 3],
  pointwise: ['4x1x2', '4x1x1'],
  scale: ['2x1x4'],
  normalization: ['2x1x4'],
  product: '4x1x2',
  dispatch: 3e6,
  splitWorkgroup: [8, 8],
  stride1: ['2x3x1'],
  stride2: ['2x2x1'],
  large: ['2x2x1'],
  thin: ['2x1x2'],
  grouped: ['2x1x2'],
  wide: ['2x1x2'],
  split: [],
  looped: ['2x1x3'],
  apart: ['4x1x2'],
  meeting: ['4x1x1'],
  textureKinds: false,
  storeLoops: false,
  lateLoops: false,
  filterLoads: 77,
  thinLoads: 36,
  loop: 2,
  partial: true,
  reduceLanes: 32,
};

/** Adreno 6xx, whose waves have 64 threads: those of a smaller workgroup would leave a part of each idle. */
const ADRENO: Tiles = {
  ...MALI,
  load: 4,
  row: 16,
  product: '6x1x2',
  pointwise: ['4x1x4t', '4x1x2t', '4x1x2', '4x1x1'],
  scale: ['3x1x4t', '4x1x2'],
  normalization: ['3x1x4t', '4x1x2'],
  stride1: ['4x2x1t', '4x2x1'],
  stride2: ['4x1x1t', '4x1x1'],
  large: ['4x2x1t', '4x2x1'],
  thin: ['4x1x2t', '4x1x1'],
  grouped: ['4x1x2t', '4x1x1'],
  wide: ['4x1x2t', '4x1x1'],
  looped: ['3x1x4t', '4x1x2'],
  apart: ['8x1x1t', '8x1x1'],
  meeting: ['8x1x1t', '8x1x1'],
};

/** From 7xx on a vector of a buffer is one load, with less around it than a texel's, and there are half as many registers again. */
const ADRENO_7: Tiles = {
  ...ADRENO,
  load: 1,
  written: [11, 5],
  pointwise: ['6x1x2', '4x1x2', '4x1x1'],
  scale: ['6x1x2', '4x1x2', '4x1x1'],
  normalization: ['6x1x2', '4x1x2'],
  large: ['4x2x1'],
  thin: ['4x1x2'],
  grouped: ['4x1x2'],
  wide: ['4x1x2'],
  looped: ['4x1x3', '4x1x2'],
  apart: ['8x1x1'],
  meeting: ['8x1x1'],
};

const DESKTOP: Tiles = {
  ...MALI,
  fill: 16384,
  dispatch: 1e7,
  pointwise: ['4x1x2', '2x1x1'],
  partial: false,
  written: [11, 5],
  scale: ['4x1x2', '4x1x1'],
  splitWorkgroup: [4, 16],
  stride1: ['4x1x1'],
  stride2: ['2x2x1'],
  large: ['4x1x1'],
  thin: ['2x1x4', '2x1x1'],
  grouped: ['4x1x2', '2x1x1'],
  wide: ['4x1x2', '2x1x1'],
  split: ['2x1x2'],
  looped: ['4x1x2'],
  apart: ['4x1x2'],
  meeting: ['8x1x1'],
};

const SOFTWARE: Tiles = {
  ...MALI,
  partial: false,
  product: '8x1x2',
  dispatch: 3e5,
  load: 5,
  texel: 4,
  memory: 5,
  written: [11, 5],
  pointwise: ['8x1x2t', '8x1x1t', '4x1x2'],
  scale: ['8x1x2t', '8x1x1t', '4x1x2'],
  normalization: ['8x1x2t', '8x1x1t', '4x1x2'],
  splitWorkgroup: [8, 4],
  stride1: ['4x2x1t', '4x1x1t', '4x1x1'],
  stride2: ['4x1x1t', '4x1x1'],
  large: ['4x1x1t', '4x1x1'],
  thin: ['8x1x2t', '8x1x1t', '4x1x1'],
  grouped: ['8x1x1t', '8x1x2t', '4x1x1'],
  wide: ['8x1x2t', '8x1x1t', '4x1x1'],
  looped: ['8x1x1t', '8x1x2t', '4x1x1'],
  apart: ['16x1x1'],
  meeting: ['8x1x1'],
  textureKinds: true,
  storeLoops: true,
  lateLoops: true,
  filterLoads: 12,
  thinLoads: 12,
  loop: 1.1,
  reduceLanes: 1,
};

/** Compiles what is four times as large in the time in which lavapipe compiles the above, in less than a second each. */
const SWIFTSHADER: Tiles = {
  ...SOFTWARE,
  pointwise: ['8x1x4t', '8x1x2t', '8x1x1t', '4x1x2'],
  scale: ['8x1x4t', '8x1x2t', '8x1x1t', '4x1x2'],
  normalization: ['8x1x4t', '8x1x2t', '8x1x1t', '4x1x2'],
  grouped: ['8x1x1t', '8x1x4t', '4x1x1'],
  wide: ['4x2x4t', '8x1x4t', '8x1x2t', '8x1x1t', '4x1x1'],
  looped: ['8x1x2t', '8x1x1t', '4x1x1'],
  textureKinds: false,
  lateLoops: false,
  filterLoads: 12,
  loop: 1,
};

/*
 * For GPUs of which nothing is known: where one of the sets above spills in the inner loop on any of those phones, the tile
 * that spills about least on the worst of them (the table is in docs/architecture.md). Weights in textures take CPUs, and
 * Adreno 650, less; Mali and Adreno 740 a little more.
 */
const UNKNOWN: Tiles = {
  ...MALI,
  partial: false,
  load: 2,
  texel: 2,
  written: [11, 5],
  scale: ['4x1x2', '4x1x1'],
  stride1: ['4x1x1t', '2x2x1'],
  stride2: ['2x1x1t', '2x1x1'],
  large: ['2x1x1t', '2x1x1'],
  thin: ['4x1x1t', '2x2x1'],
  grouped: ['4x1x1t', '2x1x2'],
  wide: ['4x1x1'],
  looped: ['4x1x1'],
  apart: ['4x1x1'],
};

const TILES: Readonly<Record<DeviceClass, Tiles>> = {
  adreno: ADRENO,
  adreno7: ADRENO_7,
  mali: MALI,
  desktop: DESKTOP,
  software: SOFTWARE,
  swiftshader: SWIFTSHADER,
  unknown: UNKNOWN,
};

export const tilesFor = (capabilities: Capabilities): Tiles => TILES[deviceClass(capabilities)];

/** All tiles that some class of devices has for one of these. */
export const everyTile = (...kinds: readonly TileKind[]): Tile[] => {
  const names = Object.values(TILES).flatMap((tiles) => kinds.flatMap((kind) => tiles[kind]));
  return [...new Set(names)].map(tileOf);
};

export function tileOf(name: TileName): Tile {
  const [x, y, slices] = name.split('x').map(Number.parseFloat) as [number, number, number];
  return { name, x, y, slices, weights: name.endsWith('t') ? 'texture' : 'buffer' };
}
