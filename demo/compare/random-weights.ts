import { type Architecture, type Shape, tensorsOf, type Weights } from 'linnet';

/** Numbers that are made once and used again and again; a prime, so that filters do not repeat at their own size. */
const POOL = 65521;

/**
 * Weights that nobody trained, in the shapes of `architecture`: the arithmetic is the same whatever the numbers. A tensor
 * is made when it is read, so that a large network is not in memory twice. Filters are centred on zero with the variance
 * of https://arxiv.org/abs/1502.01852, so that no activation overflows; the rest, variances among it, is positive.
 */
export function randomWeights(architecture: Architecture): Weights {
  const shapes = new Map(tensorsOf(architecture).map(({ name, shape }): [string, Shape] => [name, shape]));
  const pool = seededNumbers(POOL);
  return {
    shapes,
    async read(name) {
      const [first = 1, ...rest] = shapes.get(name) ?? [];
      const inputs = rest.reduce((product, size) => product * size, 1);
      const limit = Math.sqrt(6 / inputs);
      const values = rest.length > 0 ? pool.map((value) => value * limit) : pool.map((value) => 1 + value / 2);
      return repeated(values, first * inputs);
    },
  };
}

function repeated(values: Float32Array<ArrayBuffer>, length: number): Float32Array {
  const all = new Float32Array(length);
  for (let start = 0; start < length; start += values.length) {
    all.set(values.subarray(0, Math.min(values.length, length - start)), start);
  }
  return all;
}

/** From -1 to 1, the same in every run: https://en.wikipedia.org/wiki/Xorshift with shifts 13, 17 and 5. */
export function seededNumbers(length: number): Float32Array<ArrayBuffer> {
  let state = 1;
  return Float32Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  });
}
