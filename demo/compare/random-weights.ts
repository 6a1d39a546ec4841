import { type Architecture, type Shape, tensorsOf, type Weights } from 'linnet';

/** Numbers that are made once and used again and again; a prime, so that filters do not repeat at their own size. */
const POOL = 65521;
/** Numbers of a tensor that are made at a time: between them the engine lets the page do what else it has to. */
const PIECE = 2 ** 18;

/**
 * Weights that nobody trained, in the shapes of `architecture`: the arithmetic is the same whatever the numbers. A tensor
 * is made when it is read, so that a large network is not in memory twice. Filters are centred on zero with the variance
 * of https://arxiv.org/abs/1502.01852, so that no activation overflows; the rest, variances among it, is positive.
 */
export function randomWeights(architecture: Architecture): Weights {
  const shapes = new Map(tensorsOf(architecture).map(({ name, shape }): [string, Shape] => [name, shape]));
  const pool = seededNumbers(POOL);
  const tensorOf = (name: string) => {
    const [first = 1, ...rest] = shapes.get(name) ?? [];
    const inputs = rest.reduce((product, size) => product * size, 1);
    const limit = Math.sqrt(6 / inputs);
    const values = rest.length > 0 ? pool.map((value) => value * limit) : pool.map((value) => 1 + value / 2);
    return { values, length: first * inputs };
  };
  return {
    shapes,
    async read(name) {
      const { values, length } = tensorOf(name);
      return repeated(values, 0, length);
    },
    async *flow() {
      for (const name of shapes.keys()) {
        const { values, length } = tensorOf(name);
        for (let start = 0; start < length; start += PIECE) {
          yield { name, start, values: repeated(values, start, Math.min(PIECE, length - start)) };
        }
      }
    },
  };
}

/** Of the values over and over again, as many as `length` from the one at `start` on. */
function repeated(values: Float32Array<ArrayBuffer>, start: number, length: number): Float32Array {
  const all = new Float32Array(length);
  let [at, from] = [0, start % values.length];
  while (at < length) {
    const part = values.subarray(from, from + length - at);
    all.set(part, at);
    at += part.length;
    from = 0;
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
