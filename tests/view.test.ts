// Views of views: what `compose` makes of two takes the same elements as one after the other.
import { expect, test } from 'playwright/test';
import { elementsOf, type Shape } from '../engine/graph/graph.ts';
import { coalesce, compose, splitAt, type View, viewOf } from '../engine/graph/view.ts';
import { uniform } from './seeded.ts';

/** The index of the input's element for each element of the result. */
function sourcesOf({ sizes, strides, offset }: View): number[] {
  let sources = [offset];
  for (const [digit, size] of sizes.entries()) {
    sources = sources.flatMap((source) =>
      Array.from({ length: size }, (_, at) => source + at * (strides[digit] as number)),
    );
  }
  return sources;
}

/** Random views, the same ones each time. */
function random(seed: string) {
  const numbers = uniform(seed, 4096);
  let next = 0;
  const roll = (from: number, to: number) =>
    from + Math.floor((((numbers[next++ % 4096] as number) + 1) / 2) * (to - from + 1));
  /** So many elements as a shape of up to four sizes. */
  const shapeOf = (elements: number): number[] => {
    const divisors = Array.from({ length: elements }, (_, index) => index + 1).filter((d) => elements % d === 0);
    const size = divisors[roll(0, divisors.length - 1)] as number;
    return size === elements || roll(1, 4) === 1 ? [elements] : [size, ...shapeOf(elements / size)];
  };
  /** A transposition, a slice with strides, or a reversal, each axis for itself; some axes repeated. */
  const viewFor = (shape: Shape): View => {
    const axes = shape.map((size, axis) => ({ size, stride: viewOf(shape).strides[axis] as number }));
    let offset = 0;
    const digits = axes.map(({ size, stride }): [number, number] => {
      const kind = roll(0, 5);
      if (kind > 3) return [size, stride];
      if (kind === 0) {
        offset += (size - 1) * stride;
        return [size, -stride];
      }
      if (kind === 1 && size === 1) return [roll(1, 3), 0];
      const start = roll(0, size - 1);
      const step = roll(1, 3);
      offset += start * stride;
      return [Math.ceil((size - start) / step), stride * step];
    });
    if (roll(0, 1)) digits.sort(() => roll(0, 1) - 0.5);
    return { sizes: digits.map(([size]) => size), strides: digits.map(([, stride]) => stride), offset };
  };
  return { roll, shapeOf, viewFor };
}

test('a view of a view takes the elements that the two take', () => {
  const { roll, shapeOf, viewFor } = random('views');
  let composed = 0;
  for (let run = 0; run < 3000; run++) {
    const inner = viewFor(shapeOf(roll(1, 48)));
    const count = elementsOf(inner.sizes);
    const outer = viewFor(roll(0, 2) ? inner.sizes : shapeOf(count));
    const both = compose(outer, inner);
    if (!both) continue;
    composed++;
    const sources = sourcesOf(inner);
    expect(sourcesOf(both)).toEqual(sourcesOf(outer).map((index) => sources[index]));
  }
  // Those of whose shape the other one takes the axes are views, and many others.
  expect(composed).toBeGreaterThan(2000);
});

test('a view whose axes are those of another one is always a view of what that reads', () => {
  const { roll, shapeOf, viewFor } = random('axes');
  for (let run = 0; run < 500; run++) {
    const inner = viewFor(shapeOf(roll(1, 48)));
    const outer = viewFor(inner.sizes);
    expect(compose(outer, inner), JSON.stringify({ outer, inner })).toBeDefined();
  }
});

test('a view with fewer digits, or with more, takes the same elements', () => {
  const { roll, shapeOf, viewFor } = random('digits');
  for (let run = 0; run < 500; run++) {
    const shape = shapeOf(roll(1, 48));
    const view = viewFor(shape);
    expect(sourcesOf(coalesce(view))).toEqual(sourcesOf(view));
    const ends = [elementsOf(view.sizes.slice(-1)), elementsOf(view.sizes.slice(-2))];
    expect(sourcesOf(splitAt(coalesce(view), ...ends) as View)).toEqual(sourcesOf(view));
  }
});
