import { type Capabilities, deviceClass } from './device.ts';
import type { Pair } from './graph.ts';

/** How a convolution's output is divided among threads. Chosen from the device's class; sizes only, no GPU object. */
export interface Tiles {
  readonly pointwise: { readonly tile: { pixels: number; slices: number }; readonly workgroup: Pair };
  readonly split: { readonly tile: { pixels: number; slices: number }; readonly workgroup: Pair };
  readonly depthwise: (strides: Pair) => { readonly tile: { x: number; y: number }; readonly workgroup: Pair };
  readonly conv2d: (slicesIn: number) => {
    readonly tile: { x: number; y: number; slices: number };
    readonly workgroup: Pair;
  };
  /** Maps of at most so many pixels share a sum among threads, as a thread for each result would leave the GPU idle. */
  readonly splitPixels: number;
}

const PHONE: Tiles = {
  pointwise: { tile: { pixels: 4, slices: 2 }, workgroup: [8, 4] },
  split: { tile: { pixels: 1, slices: 1 }, workgroup: [8, 8] },
  depthwise: () => ({ tile: { x: 4, y: 1 }, workgroup: [8, 4] }),
  conv2d: (slicesIn) => ({
    tile: slicesIn === 1 ? { x: 2, y: 1, slices: 4 } : { x: 4, y: 1, slices: 2 },
    workgroup: [8, 4],
  }),
  splitPixels: 4,
};

const SOFTWARE: Tiles = {
  ...PHONE,
  pointwise: { tile: { pixels: 8, slices: 4 }, workgroup: [8, 4] },
};

export function tilesFor(capabilities: Capabilities): Tiles {
  return deviceClass(capabilities) === 'software' ? SOFTWARE : PHONE;
}
