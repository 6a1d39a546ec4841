import { NATURAL, oneOf, optional, POSITIVE_NUMBER } from '../common/kinds.ts';
import {
  BasicGraphBuilder,
  CONV2D,
  type Conv2dOptions,
  mapShape,
  type PairOption,
  POSITIVE_PAIR,
  pairOf,
  readOptions,
  requireKind,
  toPair,
} from './builder.ts';
import { check } from './check.ts';
import type { MapShape, Tensor, Value } from './graph.ts';
import { along, isLarge } from './window.ts';

export interface ConvTranspose2dOptions extends Conv2dOptions {
  /** Rows and columns added to the result at the bottom and right, fewer than the strides or the dilations. */
  outputPadding?: PairOption | undefined;
}

export interface Resample2dOptions {
  /** `nearest-neighbor` unless given: the pixel at the coordinate rounded down, as PyTorch's `nearest`. */
  mode?: 'nearest-neighbor' | 'linear' | undefined;
  /** Height and width of the result. */
  sizes?: PairOption | undefined;
  /**
   * Factors for height and width, where `sizes` are not given; 1 unless given. As in PyTorch, the result's size is rounded down, and a step in the input is 1 / scale,
   * except where that size is the input's own, which is copied, or with `nearest-neighbor` twice the input's.
   */
  scales?: PairOption | undefined;
  /**
   * Of `linear`: what lies on what. `half-pixel` (unless given): the edges of the pictures, as in WebNN and with PyTorch's
   * `align_corners=False`; `align-corners`: the centres of their corner pixels.
   */
  coordinates?: 'half-pixel' | 'align-corners' | undefined;
}

export const CONV_TRANSPOSE2D = { ...CONV2D, outputPadding: [pairOf(NATURAL), 0] } as const;
export const RESAMPLE2D = {
  mode: [oneOf('nearest-neighbor', 'linear'), 'nearest-neighbor'],
  sizes: [optional(POSITIVE_PAIR), undefined],
  scales: [pairOf(POSITIVE_NUMBER), 1],
  coordinates: [optional(oneOf('half-pixel', 'align-corners')), undefined],
} as const;

/** The ops that lead to maps of other sizes, too. */
export class ResizingGraphBuilder<Outputs extends string = string> extends BasicGraphBuilder<Outputs> {
  /** Transposed convolution (WebNN's filter layout `iohw`): `filter` is `[channels, outChannels / groups, height, width]`. */
  convTranspose2d(input: Value, filter: Tensor, options: ConvTranspose2dOptions = {}): Value {
    return this.addConvolution('convTranspose2d', input, filter, options, CONV_TRANSPOSE2D);
  }

  /**
   * Average over windows that divide the map into `sizes` = [height, width] parts: row i of the result is the mean of rows
   * floor(i * rows / height) to ceil((i + 1) * rows / height) - 1, and columns likewise. PyTorch's layer of this name.
   */
  adaptiveAveragePool2d(input: Value, sizes: PairOption, ...more: never[]): Value {
    this.requireValue(input);
    requireKind('size', sizes, POSITIVE_PAIR);
    const [rows, columns] = toPair(sizes);
    const [batch, channels, height, width] = mapShape(input);
    if (rows === 1 && columns === 1) return this.averagePool2d(input);
    if (rows === height && columns === width) return input;
    if (height % rows === 0 && width % columns === 0) {
      const windowDimensions = [height / rows, width / columns] as const;
      return this.averagePool2d(input, { windowDimensions, strides: windowDimensions });
    }
    if (rows !== height && columns !== width && isLarge([height / rows, width / columns])) {
      return this.adaptiveAveragePool2d(this.adaptiveAveragePool2d(input, [rows, width]), sizes);
    }
    const make = () => ({ shape: [batch, channels, rows, columns] }) as const;
    return this.addNode('adaptiveAveragePool2d', [input], make, more);
  }

  /** Another height and width: each pixel of the result is the nearest one of the input, or a mean of the four around it. */
  resample2d(input: Value, options: Resample2dOptions = {}): Value {
    return this.addNode('resample2d', [input], () => {
      const { mode, sizes, scales, coordinates } = readOptions(options, RESAMPLE2D);
      const [batch, channels, ...from] = mapShape(input);
      const isLinear = mode === 'linear';
      check(isLinear || !coordinates, "option 'coordinates'", coordinates, "left out where 'mode' is not 'linear'");
      const isAligned = coordinates === 'align-corners';
      const factors = toPair(scales);
      const to = sizes ? toPair(sizes) : along((axis) => Math.floor(from[axis] * factors[axis]));
      const steps = along((axis) => {
        const [before, after] = [from[axis], to[axis]];
        if (isAligned) return after > 1 ? (before - 1) / (after - 1) : 0;
        // Where the size stays or doubles PyTorch (`nearest_idx` and others in ATen's UpSample.h) looks at no scale.
        const isPlain = after === before || (after === 2 * before && !isLinear);
        return sizes || isPlain ? before / after : 1 / factors[axis];
      });
      const offsets = along((axis) => (isLinear && !isAligned ? (steps[axis] - 1) / 2 : 0));
      return { mode, steps, offsets, shape: [batch, channels, ...to] };
    });
  }

  /** A part of the map, `sizes` from `starts` on: all items and channels. `GraphBuilder` has, and checks, any. */
  slice(input: Value, [, , top, left]: MapShape, sizes: MapShape): Value {
    return this.addNode('slice', [input], () => ({ starts: [top, left], shape: [...sizes] }));
  }
}
