/** The numbers that fill networks and inputs in tests: an integer hash, so that nothing has to be stored. See goldens/README.md. */

/** FNV-1a of the UTF-8 bytes, 32 bits. */
function hash(text: string): number {
  return new TextEncoder().encode(text).reduce((h, byte) => Math.imul(h ^ byte, 0x01000193), 0x811c9dc5);
}

/** `count` numbers in [-1, 1), the same ones for the same name. */
export function uniform(name: string, count: number): Float64Array {
  const start = hash(name);
  const numbers = new Float64Array(count);
  for (let index = 0; index < count; index++) {
    let x = start + Math.imul(index, 0x9e3779b9);
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
    numbers[index] = ((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1;
  }
  return numbers;
}

/** The values of a checkpoint's tensor `name`, row-major; `key` tells fillings apart. */
export function seededTensor(key: string, name: string, shape: readonly number[]): Float32Array {
  const inputs = shape.slice(1).reduce((product, size) => product * size, 1);
  const u = uniform(key + name, (shape[0] ?? 1) * inputs);
  const spread = Math.sqrt(3 / inputs);
  if (shape.length === 4) return new Float32Array(u.map((value) => value * spread * Math.SQRT2));
  if (shape.length === 2) return new Float32Array(u.map((value) => value * spread));
  if (name.endsWith('running_var')) return new Float32Array(u.map((value) => 1 + 0.5 * value));
  return new Float32Array(u.map((value) => (name.endsWith('weight') ? 1 + 0.2 * value : 0.1 * value)));
}
