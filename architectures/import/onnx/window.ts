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

/** The size of a pool's window. */
export function kernelOf(s: Scope): readonly number[] {
  const size = s.integers('kernel_shape') ?? unsupported("its attribute 'kernel_shape' is missing");
  requireArea(size.length);
  return size;
}

/** How windows slide over a map, and what is around it: `stated`, or, where `isSame`, made by `around` of what sizes need. */
export function slidingOf(s: Scope) {
  const auto = s.text('auto_pad', 'NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER');
  return {
    strides: pairOf(s.integers('strides'), 1),
    dilations: pairOf(s.integers('dilations'), 1),
    isSame: auto.startsWith('SAME'),
    stated: (): Padding => (auto === 'VALID' ? [0, 0, 0, 0] : paddingOf(s.integers('pads'))),
    /** Half of it on each side; an odd one has more at the end, or at the beginning. */
    around(totalOf: (axis: 0 | 1) => number): Padding {
      const sides = ([0, 1] as const).map((axis) => {
        const total = Math.max(0, totalOf(axis));
        const less = Math.floor(total / 2);
        return auto === 'SAME_UPPER' ? [less, total - less] : [total - less, less];
      });
      return sides.flat() as unknown as Padding;
    },
  };
}

/** How a window of `size` slides over a map. */
export function windowOf(s: Scope, area: Pair, size: Pair) {
  const { strides, dilations, isSame, stated, around } = slidingOf(s);
  const total = (axis: 0 | 1) => {
    const extent = (size[axis] - 1) * dilations[axis] + 1;
    return (Math.ceil(area[axis] / strides[axis]) - 1) * strides[axis] + extent - area[axis];
  };
  return { strides, dilations, padding: isSame ? around(total) : stated() };
}

/** ONNX has the beginnings of all axes before the ends. */
function paddingOf(pads: readonly number[] | undefined): Padding {
  const [first = 0, second = 0, third = 0, fourth = 0] = pads ?? [];
  const padding: Padding = pads?.length === 2 ? [0, 0, first, second] : [first, third, second, fourth];
  return padding.every((side) => side >= 0) ? padding : unsupported(`it has the negative padding [${pads}]`);
}
