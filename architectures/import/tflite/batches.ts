import type { Pair, Value } from '../../../engine/graph/graph.ts';
import { refuse } from '../problems.ts';
import { type OperatorFunctions, type OperatorNode, unsupported } from './node.ts';
import { Computed } from './operand.ts';

/** A result whose pixels are where they were before SPACE_TO_BATCH_ND. */
export function blockResult(n: OperatorNode, value: Value, block: Pair | undefined, activation: number): Computed {
  if (!block) return n.result(value, { activation });
  const [batch, channels, height = 1, width = 1] = value.shape;
  const [rows, columns] = block;
  const shape = [batch * rows * columns, height / rows, width / columns, channels];
  return n.result(value, { activation, shape, block });
}

function blockSizes(n: OperatorNode): { block: Pair; sides: readonly [vertical: Pair, horizontal: Pair] } {
  const [rows, columns, ...more] = n.integers(1, 'block');
  const [top, bottom, left, right, ...others] = n.integers(2, 'paddings');
  const numbers = [rows, columns, top, bottom, left, right];
  const isSound = numbers.every((size, index) => size !== undefined && size >= (index < 2 ? 1 : 0));
  if (!isSound || more.length + others.length > 0) unsupported('its block is not one of height and width');
  const [height, width, ...sides] = numbers as [number, number, number, number, number, number];
  return {
    block: [height, width],
    sides: [
      [sides[0], sides[1]],
      [sides[2], sides[3]],
    ],
  };
}

/** What may lie between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND: convolutions, and functions of each element. */
// biome-ignore format: a list.
export const WITHIN_BATCHES: ReadonlySet<string> = new Set([
  'CONV_2D', 'DEPTHWISE_CONV_2D', 'BATCH_TO_SPACE_ND', 'QUANTIZE', 'DEQUANTIZE', 'ADD', 'SUB', 'MUL', 'DIV', 'MAXIMUM',
  'MINIMUM', 'RELU', 'RELU6', 'RELU_N1_TO_1', 'LEAKY_RELU', 'ELU', 'HARD_SWISH', 'LOGISTIC', 'TANH',
]);

/** Blocks of pixels as items of a batch. */
export const BATCHES = {
  BATCH_TO_SPACE_ND(n) {
    const { block, sides } = blockSizes(n);
    const [[top, bottom], [left, right]] = sides;
    const input = n.map();
    if (input.details.block?.join() !== block.join()) unsupported('it takes apart what no SPACE_TO_BATCH_ND has made');
    const [batch, channels, height = 1, width = 1] = input.map.shape;
    const whole = new Computed(n.g, [batch, height, width, channels], () => input.map);
    return n.slice(whole, [0, top, left, 0], [batch, height - top - bottom, width - left - right, channels]);
  },
  SPACE_TO_BATCH_ND(n) {
    const { block, sides } = blockSizes(n);
    const [[top, bottom], [left, right]] = sides;
    const input = n.map();
    const padded = sides.flat().some((size) => size > 0) ? n.g.pad(input.map, [top, bottom, left, right]) : input.map;
    const [, , height = 1, width = 1] = padded.shape;
    if (height % block[0] !== 0 || width % block[1] !== 0)
      refuse(`A block of ${block.join(' x ')} does not divide the map.`);
    return blockResult(n, padded, block, 0);
  },
} as const satisfies OperatorFunctions;
