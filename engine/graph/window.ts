import { check } from './check.ts';
import type { Pair, Window } from './graph.ts';

export interface SizedWindow extends Window {
  readonly size: Pair;
}

/** For height and width. */
export const along = <Result>(make: (axis: 0 | 1, name: string) => Result): [Result, Result] => [
  make(0, 'height'),
  make(1, 'width'),
];

/**
 * Whether a window is taken downwards first and then across, which is less work. A thread of Mesa's software adapter ends
 * its loops without a word after 65,535 turns.
 */
export const isLarge = ([height, width]: Pair) => height * width > 2 ** 15 && height > 1 && width > 1;

const extentOf = ({ size, dilations }: SizedWindow, axis: 0 | 1) => (size[axis] - 1) * dilations[axis] + 1;
const paddingOf = ({ padding: [top, bottom, left, right] }: Window, axis: 0 | 1) =>
  axis === 0 ? ([top, bottom] as const) : ([left, right] as const);

/** The height and width that are left when a window slides over `input`. */
export function windowed(input: Pair, window: SizedWindow, rounding: 'floor' | 'ceil' = 'floor'): Pair {
  return along((axis, name) => {
    const stride = window.strides[axis];
    const [before, after] = paddingOf(window, axis);
    const padded = input[axis] + before + after;
    const extent = extentOf(window, axis);
    // Rounded up, a first window may hang over the edge, but by less than a stride, as in PyTorch.
    const fits = padded >= extent || (rounding === 'ceil' && padded > extent - stride);
    check(fits, `window (${name})`, extent, `at most ${padded}, as the input with padding`);
    const steps = (padded - extent) / stride;
    if (rounding === 'floor') return Math.floor(steps) + 1;
    // As in PyTorch, a window that would begin in the padding after the picture is left out.
    const count = Math.ceil(steps) + 1;
    return (count - 1) * stride >= input[axis] + before ? count - 1 : count;
  });
}

/** The same for a pool, whose windows each have a pixel of `input` to look at. */
export function pooled(input: Pair, window: SizedWindow, rounding: 'floor' | 'ceil'): Pair {
  const counts = windowed(input, window, rounding);
  along((axis, name) => {
    const [before, after] = paddingOf(window, axis);
    const extent = extentOf(window, axis);
    const dilation = window.dilations[axis];
    const last = (counts[axis] - 1) * window.strides[axis] - before;
    // Those that begin in the map have a pixel. A dilated one that begins before it may have the whole map between two of its taps.
    let isSound = last < input[axis];
    for (let start = -before; isSound && start <= Math.min(last, -1); start += window.strides[axis]) {
      const tap = Math.ceil(-start / dilation);
      isSound = tap < window.size[axis] && start + tap * dilation < input[axis];
    }
    check(isSound, `padding (${name})`, [before, after], `such that each window of ${extent} has a pixel of the map`);
  });
  return counts;
}

/** The height and width that windows cover which lie `strides` apart, one for each pixel of `input`: `windowed` backwards. */
export function spread(input: Pair, window: SizedWindow, outputPadding: Pair): Pair {
  const { strides, dilations } = window;
  return along((axis, name) => {
    const limit = Math.max(strides[axis], dilations[axis]);
    const more = outputPadding[axis];
    check(more < limit, `output padding (${name})`, more, `below ${limit}, the larger of stride and dilation`);
    const [before, after] = paddingOf(window, axis);
    const covered = (input[axis] - 1) * strides[axis] + extentOf(window, axis) + more;
    check(before + after < covered, `padding (${name})`, before + after, `below ${covered}, to leave something`);
    return covered - before - after;
  });
}
