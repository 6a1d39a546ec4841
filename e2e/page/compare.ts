// How a result differs from what is known, as text that helps to find the reason.
import type { NetworkOutput } from 'linnet';
import type { Known } from '../../tests/reference.ts';

/**
 * Nothing where every element is no further off than its bound. Otherwise how many are wrong, and the first and the last
 * of them between their neighbours.
 */
export function compare(actual: Float32Array, { shape, values, errors }: Known): string[] {
  if (actual.length !== values.length) return [`There are ${actual.length} elements instead of ${values.length}.`];
  const wrong = Array.from(actual.keys()).filter((index) => {
    const expected = values[index] as number;
    // Where the definition makes no number of infinities, nothing is promised.
    if (actual[index] === expected || Number.isNaN(expected)) return false;
    // Written so that NaN is wrong.
    return !(Math.abs((actual[index] as number) - expected) <= (errors[index] as number));
  });
  if (wrong.length === 0) return [];
  const at = (index: number) => {
    const around = [index - 1, index, index + 1].filter((k) => k >= 0 && k < actual.length);
    const list = (numbers: Float32Array | Float64Array) => around.map((k) => numbers[k]).join(', ');
    return `at [${position(index, shape)}] ${list(actual)} instead of ${list(values)}, within ${errors[index]}`;
  };
  const [first, last] = [wrong[0] as number, wrong.at(-1) as number];
  return [`${wrong.length} of ${actual.length} are wrong: first ${at(first)}; last ${at(last)}`];
}

/** The numbers of each result. */
export const dataOf = (results: Readonly<Record<string, NetworkOutput>>): Record<string, Float32Array> =>
  Object.fromEntries(Object.entries(results).map(([name, { data }]) => [name, data]));

/** Whether two results have the same bits. */
export function sameBits(a: Float32Array, b: Float32Array): boolean {
  const [bitsA, bitsB] = [a, b].map(({ buffer, byteOffset, length }) => new Uint32Array(buffer, byteOffset, length));
  return a.length === b.length && Boolean(bitsA?.every((bits, index) => bits === bitsB?.[index]));
}

function position(index: number, shape: readonly number[]): number[] {
  let rest = index;
  return shape
    .toReversed()
    .map((size) => {
      const along = rest % size;
      rest = Math.floor(rest / size);
      return along;
    })
    .toReversed();
}
