import { refuse } from '../problems.ts';
import type { OperatorFunctions } from './node.ts';
import { Computed, toValueAxis } from './operand.ts';
import { options } from './schema.ts';

/** Where the file's last axis is in a map's value. */
const lastAxis = ({ shape: { length: rank } }: Computed) => toValueAxis(Math.max(0, rank - 1), Math.max(1, rank));

/** By norms and sums. */
export const NORMALIZATIONS = {
  L2_NORMALIZATION(n) {
    const { g } = n;
    const input = n.computed();
    const make = () => {
      const norm = g.reduceL2(input.map, { axes: [lastAxis(input)], keepDimensions: true });
      return g.div(input.map, g.clamp(norm, { minValue: 1e-6 }));
    };
    return new Computed(g, input.shape, make);
  },
  LOCAL_RESPONSE_NORMALIZATION(n) {
    const { radius, bias, alpha, beta } = n.options(options.localResponseNormalization);
    if (radius < 0) refuse(`The radius is ${radius}.`);
    const size = 2 * radius + 1;
    return n.result(n.g.localResponseNormalization(n.map().map, { size, alpha: alpha * size, beta, bias }));
  },
  LOG_SOFTMAX(n) {
    const { g } = n;
    const input = n.computed();
    const make = () =>
      g.sub(input.map, g.reduceLogSumExp(input.map, { axes: [lastAxis(input)], keepDimensions: true }));
    return new Computed(g, input.shape, make);
  },
  SOFTMAX(n) {
    const { beta } = n.options(options.softmax);
    const input = n.computed();
    const scaled = beta === 1 ? input.map : n.g.linear(input.map, { alpha: beta });
    return new Computed(n.g, input.shape, () => n.g.softmax(scaled, lastAxis(input)));
  },
} as const satisfies OperatorFunctions;
