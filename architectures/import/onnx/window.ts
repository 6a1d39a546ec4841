import type { Padding, Pair } from '../../../engine/graph/graph.ts';
import type { Scope } from './node.ts';
import { unsupported } from './unsupported.ts';

/** The number of a window's axes: one for sequences. More are beyond Linnet. */
export function requireArea(axes: number): void {
  if (axes < 1 || axes > 2) unsupported(`it is ${axes}-dimensional; there are kernels for one and two dimensions`);
}

/** For height and width; a sequence has the height 1. */
export const pairOf = (list: readonly number[] | undefined, byDefault: number): Pair => {
  const [first = byDefault, second] = list ?? [byDefault, byDefault];
  return list?.length === 1 ? [byDefault, first] : [first, second ?? byDefault];
};

interface WindowOptions {
  readonly strides: Pair;
  readonly dilations: Pair;
  readonly padding: Padding;
}

/** How a window of `size` slides over a map. */
export function windowOf(s: Scope, area: Pair, size: Pair): WindowOptions {
  const strides = pairOf(s.integers('strides'), 1);
  const dilations = pairOf(s.integers('dilations'), 1);
  const auto = s.text('auto_pad', 'NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER');
  if (!auto.startsWith('SAME')) {
    const padding = auto === 'VALID' ? ([0, 0, 0, 0] as const) : paddingOf(s.integers('pads'));
    return { strides, dilations, padding };
  }
  const sides = ([0, 1] as const).map((axis) => {
    const extent = (size[axis] - 1) * dilations[axis] + 1;
    const total = Math.max(0, (Math.ceil(area[axis] / strides[axis]) - 1) * strides[axis] + extent - area[axis]);
    return halves(total, auto === 'SAME_UPPER');
  });
  return { strides, dilations, padding: sides.flat() as unknown as Padding };
}

/** An odd one goes to the end, or to the beginning. */
export function halves(total: number, isUpper: boolean): Pair {
  const less = Math.floor(total / 2);
  return isUpper ? [less, total - less] : [total - less, less];
}

/** ONNX has the beginnings of all axes before the ends. */
export function paddingOf(pads: readonly number[] | undefined): Padding {
  const [first = 0, second = 0, third = 0, fourth = 0] = pads ?? [];
  const padding: Padding = pads?.length === 2 ? [0, 0, first, second] : [first, third, second, fourth];
  return padding.every((side) => side >= 0) ? padding : unsupported(`it has the negative padding [${pads}]`);
}
