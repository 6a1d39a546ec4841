import { FLOAT_MAX, type Pair, type Value } from '../../../engine/graph/graph.ts';
import type { GraphBuilder } from '../../../engine/graph/graph-builder.ts';
import { squared } from './elementwise.ts';
import type { OperatorFunction, OperatorFunctions } from './node.ts';
import { options } from './schema.ts';
import { isSamePadding, requirePositive, windowOf } from './window.ts';

type PoolOptions = NonNullable<Parameters<GraphBuilder['averagePool2d']>[1]>;

/** `paddedAs`: with which options a pool does the padding before it too, with this number around numbers of at least `least`. */
function pool(
  compute: (g: GraphBuilder, input: Value, window: PoolOptions) => Value,
  paddedAs: (value: number, least: number) => PoolOptions | undefined = () => undefined,
): OperatorFunction {
  return (n) => {
    const given = n.options(options.pool);
    const input = n.map();
    const windowDimensions: Pair = [given.filterHeight, given.filterWidth];
    requirePositive('window is', windowDimensions);
    const { strides, padding } = windowOf(given, input, windowDimensions);
    const isSame = isSamePadding(given.padding);
    const { padded } = input.details;
    const more = padded && !isSame && paddedAs(padded.value, padded.source.details.bounds?.[0] ?? -Infinity);
    const isWhole = windowDimensions.join() === input.shape.slice(1, 3).join() && !isSame && !more;
    const window = more ? { padding: padded.padding, ...more } : { padding };
    const value = compute(
      n.g,
      more ? padded.source.map : input.map,
      isWhole ? {} : { windowDimensions, strides, ...window },
    );
    return n.result(value, { activation: given.activation });
  };
}

/** Over windows. */
export const POOLS = {
  AVERAGE_POOL_2D: pool((g, input, window) => g.averagePool2d(input, window)),
  L2_POOL_2D: pool((g, input, window) => g.sqrt(g.averagePool2d(squared(g, input), window))),
  MAX_POOL_2D: pool(
    (g, input, window) => g.maxPool2d(input, window),
    (value, least) => (value <= -FLOAT_MAX || (value === 0 && least >= 0) ? {} : undefined),
  ),
} as const satisfies OperatorFunctions;
