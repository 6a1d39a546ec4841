import { place } from '../../shaders/place.wgsl.ts';
import { digitParams, view } from '../../shaders/view.wgsl.ts';
import { sum } from '../common/numbers.ts';
import { type ConcatAlongNode, elementsOf, type ViewNode } from '../graph/graph.ts';
import { sizesOf } from '../graph/sizes.ts';
import { coalesce, splitAt, type View } from '../graph/view.ts';
import type { Recorder } from './recorder.ts';

type Sizes = ReturnType<typeof sizesOf>;

/*
 * How elements are brought into another order.
 */

export function lowerView(to: Recorder, node: ViewNode): void {
  const input = node.inputs[0];
  const byVector = vectorView(node, sizesOf(input), sizesOf(node.output));
  const { sizes, strides, offset } = byVector ?? coalesce(node);
  to.emit(view, {
    node,
    options: { digits: sizes.length, vectors: byVector !== undefined },
    params: { ...digitParams(sizes, strides), offset },
    operands: [to.read('input', input)],
    output: to.write(node.output),
  });
}

/** A dispatch for each input, which writes its part. */
export function lowerConcatAlong(to: Recorder, node: ConcatAlongNode): void {
  const { axis, inputs, output } = node;
  const after = elementsOf(output.shape.slice(axis + 1));
  let start = 0;
  for (const input of inputs) {
    const whole = to.write(output);
    const isItems = axis === 0;
    const operand = to.read('input', input);
    const size = input.shape[axis] as number;
    to.emit(place, {
      node: { name: node.name, output: input },
      options: {},
      params: {
        run: isItems ? operand.extent.pixels : size * after,
        pitch: (output.shape[axis] as number) * after,
        start: isItems ? 0 : start * after,
      },
      operands: [operand],
      output: { ...whole, offset: whole.offset + (isItems ? start * whole.stride : 0) },
      over: operand.extent,
    });
    start += size;
  }
}

/**
 * The same view of vectors, where each vector of the result is one of the input: the channels are a digit of their own, every
 * other one steps by whole items, slices and pixels, and no sum of steps is carried from one of these to the next.
 */
function vectorView(given: View, from: Sizes, to: Sizes): View | undefined {
  const split = splitAt(given, to.pixels, to.pixels * to.channels);
  if (!split) return undefined;
  const { sizes, strides, offset } = split;
  const ofChannels = strides.findIndex(
    (stride, digit) => stride === from.pixels && elementsOf(sizes.slice(digit + 1)) === to.pixels,
  );
  if (to.channels > 1 && sizes[ofChannels] !== to.channels) return undefined;
  const steps = [...strides, offset].map((elements) => {
    const planes = Math.trunc(elements / from.pixels);
    const items = Math.trunc(planes / from.channels);
    return { items, channels: planes - items * from.channels, pixels: elements - planes * from.pixels };
  });
  const staysWithin = (unit: 'channels' | 'pixels') => {
    const reached = steps.map((step, digit) => step[unit] * ((sizes[digit] ?? 2) - 1));
    const start = reached.at(-1) as number;
    const low = sum(reached.slice(0, -1).map((by) => Math.min(by, 0)));
    const high = sum(reached.slice(0, -1).map((by) => Math.max(by, 0)));
    return start + low >= 0 && start + high < from[unit];
  };
  const others = steps.filter((_, digit) => to.channels === 1 || digit !== ofChannels);
  // Of a slice that is not full, the other lanes are those of the input's last slice.
  const isWhole = to.channels === from.channels && others.every(({ channels }) => channels === 0);
  const isBySlices = others.every(({ channels }) => channels % 4 === 0) && (to.channels % 4 === 0 || isWhole);
  if (!isBySlices || !staysWithin('channels') || !staysWithin('pixels')) return undefined;
  const vectors = steps.map(
    ({ items, channels, pixels }) => items * from.vectors + (channels / 4) * from.pixels + pixels,
  );
  return coalesce({
    sizes: sizes.map((size, digit) => (to.channels > 1 && digit === ofChannels ? to.slices : size)),
    strides: strides.map((_, digit) =>
      to.channels > 1 && digit === ofChannels ? from.pixels : (vectors[digit] as number),
    ),
    offset: vectors.at(-1) as number,
  });
}
