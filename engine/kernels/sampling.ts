import { pad2dModes } from '../../shaders/pad2d-modes.wgsl.ts';
import { resample2dCubic } from '../../shaders/resample2d-cubic.wgsl.ts';
import { resample2dNearest } from '../../shaders/resample2d-nearest.wgsl.ts';
import type { PadModesNode, ResampleModesNode, Rounding } from '../graph/graph.ts';
import { sizesOf } from '../graph/sizes.ts';
import { along } from '../graph/window.ts';
import { stepFor } from './maps.ts';
import type { Recorder } from './recorder.ts';

/*
 * How maps are sampled and padded in ways that few networks need.
 */

export function lowerPadModes(to: Recorder, node: PadModesNode): void {
  const [padTop, , padLeft] = node.padding;
  const { mode, value } = node;
  to.emit(pad2dModes, { ...stepFor(to, node), options: { mode }, params: { padTop, padLeft, value } });
}

export function lowerResampleModes(to: Recorder, node: ResampleModesNode): void {
  const { steps, offsets, by } = node;
  if ('rounding' in by) {
    const { height, width } = sizesOf(node.inputs[0]);
    const [y, x] = along((axis) => roundedLine(steps[axis], offsets[axis], by.rounding, axis === 0 ? height : width));
    to.emit(resample2dNearest, {
      ...stepFor(to, node),
      params: {
        ...{ stepY: y.step, offsetY: y.offset, divisorY: y.divisor },
        ...{ stepX: x.step, offsetX: x.offset, divisorX: x.divisor },
      },
    });
    return;
  }
  const { cubicCoefficient: coefficient, excludeOutside } = by;
  const [stepY, stepX] = steps;
  const [offsetY, offsetX] = offsets;
  to.emit(resample2dCubic, {
    ...stepFor(to, node),
    options: { excludeOutside },
    params: { stepY, stepX, offsetY, offsetX, coefficient },
  });
}

/**
 * Integers for which floor((index * step + offset) / divisor) is `index * step + offset` rounded, in a map of so many rows or
 * columns. A step is a ratio of sizes, or a number that a file holds in 32 bits, so that it is the simplest one next to it.
 */
export function roundedLine(step: number, offset: number, rounding: Rounding, size: number) {
  const most = Math.min(2 ** 16, Math.floor(2 ** 29 / (size + Math.abs(offset) + 1)));
  const ratio = ratioNear(step, most / 2);
  // Offsets are often halves of steps and of pixels.
  const fractions = 2 ** Math.floor(Math.log2(most / ratio.divisor));
  const divisor = ratio.divisor * fractions;
  const start = 2 * Math.round(offset * divisor);
  const more = {
    floor: 0,
    ceil: 2 * divisor - 1,
    'round-prefer-floor': divisor - 1,
    'round-prefer-ceil': divisor,
  }[rounding];
  return { step: 2 * fractions * ratio.times, offset: start + more, divisor: 2 * divisor };
}

/** The ratio with the least divisor that is as good as equal, or the best with a divisor up to `most`: a continued fraction. */
function ratioNear(value: number, most: number): { times: number; divisor: number } {
  let [before, now] = [
    { times: 0, divisor: 1 },
    { times: 1, divisor: 0 },
  ];
  for (let rest = value; ; rest = 1 / (rest - Math.floor(rest))) {
    const whole = Math.floor(rest);
    const next = {
      times: whole * now.times + before.times,
      divisor: whole * now.divisor + before.divisor,
    };
    if (next.divisor > most) return now;
    [before, now] = [now, next];
    if (Math.abs(now.times / now.divisor - value) <= value * 2 ** -22) return now;
  }
}
