import type { Padding, Pair } from '../../../engine/graph/graph.ts';
import { refuse } from '../problems.ts';
import { unsupported } from './node.ts';
import type { Computed } from './operand.ts';
import { PADDINGS } from './schema.ts';

interface WindowOptions {
  readonly padding: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight?: number;
  readonly dilationWidth?: number;
}

/** TensorFlow's SAME: as many windows as strides, and the smaller half of what they need more before the map. */
export function same(size: number, extent: number, stride: number): Pair {
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + extent - size, 0);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

export function requirePositive(what: string, sizes: Pair): void {
  if (!sizes.every((size) => size > 0)) refuse(`The ${what} ${sizes.join(' x ')}.`);
}

export function windowOf(given: WindowOptions, { shape, details }: Computed, kernel: Pair) {
  const { padding, strideHeight, strideWidth, dilationHeight = 1, dilationWidth = 1 } = given;
  const [, height = 1, width = 1] = shape;
  const [rows, columns] = details.block ?? [1, 1];
  const strides: Pair = [strideHeight, strideWidth];
  requirePositive('strides are', strides);
  if (rows * columns > 1 && strideHeight * strideWidth > 1) unsupported('its stride is within SPACE_TO_BATCH_ND');
  const isSame = isSamePadding(padding);
  const [top, bottom] = isSame ? same(height, (kernel[0] - 1) * dilationHeight + 1, strideHeight) : [0, 0];
  const [left, right] = isSame ? same(width, (kernel[1] - 1) * dilationWidth + 1, strideWidth) : [0, 0];
  return {
    strides,
    padding: [top * rows, bottom * rows, left * columns, right * columns] as Padding,
    dilations: [dilationHeight * rows, dilationWidth * columns] as Pair,
  };
}

export const isSamePadding = (padding: number): boolean =>
  (PADDINGS[padding] ?? refuse(`There is no padding ${padding}.`)) === 'SAME';
