/** The numbers that fill networks and inputs in tests: an integer hash, so that nothing has to be stored. See goldens/README.md. */

/** FNV-1a of the UTF-8 bytes, 32 bits. */
function hash(text: string): number {
  return new TextEncoder().encode(text).reduce((h, byte) => Math.imul(h ^ byte, 0x01000193), 0x811c9dc5);
}

/** `count` numbers in [-1, 1), the same ones for the same name. */
export function uniform(name: string, count: number): Float64Array {
  return fill(new Float64Array(count), name);
}

/** The values of a checkpoint's tensor `name`, row-major; `key` tells fillings apart. */
export function seededTensor(key: string, name: string, shape: readonly number[]): Float32Array {
  const inputs = shape.slice(1).reduce((product, size) => product * size, 1);
  const numbers = new Float32Array((shape[0] ?? 1) * inputs);
  const spread = Math.sqrt(3 / inputs);
  if (shape.length === 4) return fill(numbers, key + name, { spread, gain: Math.SQRT2 });
  if (shape.length === 2) return fill(numbers, key + name, { spread });
  if (name.endsWith('running_var')) return fill(numbers, key + name, { spread: 0.5, offset: 1 });
  return fill(numbers, key + name, name.endsWith('weight') ? { spread: 0.2, offset: 1 } : { spread: 0.1 });
}

/** One pass over the numbers, of which VGG-16 has 138 million: u * spread * gain + offset for u in [-1, 1). */
function fill<Numbers extends Float32Array | Float64Array>(
  numbers: Numbers,
  name: string,
  { spread = 1, gain = 1, offset = 0 }: { spread?: number; gain?: number; offset?: number } = {},
): Numbers {
  const start = hash(name);
  for (let index = 0; index < numbers.length; index++) {
    let x = start + Math.imul(index, 0x9e3779b9);
    x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
    x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
    numbers[index] = (((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1) * spread * gain + offset;
  }
  return numbers;
}
