/**
 * A value as text and back, for what goes between a test and its page: what JSON holds, typed arrays of numbers, and
 * numbers that JSON has no word for.
 */
export function toText(value: unknown): string {
  // As a list: JSON has no text for `undefined` alone.
  return JSON.stringify([value], (_name, entry: unknown) => {
    if (ArrayBuffer.isView(entry)) return { [ARRAY]: entry.constructor.name, numbers: [...(entry as Float32Array)] };
    const isPlain = typeof entry !== 'number' || (Number.isFinite(entry) && !Object.is(entry, -0));
    return isPlain ? entry : { [NUMBER]: Object.is(entry, -0) ? '-0' : String(entry) };
  });
}

export function fromText(text: string): unknown {
  const [value] = JSON.parse(text, (_name, entry) => {
    if (typeof entry?.[NUMBER] === 'string') return Number(entry[NUMBER]);
    const TypedArray = ARRAYS.find(({ name }) => name === entry?.[ARRAY]);
    return TypedArray ? TypedArray.from(entry.numbers) : entry;
  });
  return value;
}

const NUMBER = '$number';
const ARRAY = '$array';
const ARRAYS = [Float32Array, Float64Array, Int32Array, Uint8Array, Uint8ClampedArray, Uint16Array, Uint32Array];
