import { derived } from '../constants.ts';
import { constantOf } from '../elements.ts';
import type { OperatorFunctions } from './node.ts';

/** Constants of what is known when a file is opened. */
export const FOLDING = {
  FILL(n) {
    const shape = n.integers(0, 'shape');
    const value = n.number(1, 'value');
    return derived(n.name, n.constant(1, 'value').type, shape, [], (result) => result.fill(value));
  },
  RANGE(n) {
    const [start, limit, step] = [n.number(0, 'start'), n.number(1, 'limit'), n.number(2, 'delta')];
    const count = Math.ceil((limit - start) / step);
    return derived(n.name, n.constant(0, 'start').type, [count], [], (result) => {
      for (const index of result.keys()) result[index] = start + index * step;
    });
  },
  SHAPE(n) {
    const { shape } = n.operand(0);
    return constantOf(n.name, 'int64', [shape.length], shape);
  },
} as const satisfies OperatorFunctions;
