import { wgsl as preprocess } from 'wgsl-preprocessor/wgsl-preprocessor.js';

/** What a template may interpolate: text, a finite number, or the boolean of an `#if`. */
export type WgslValue = string | number | boolean;

/**
 * The template tag of `wgsl-preprocessor` (`#if ${condition}`, `#elif`, `#else`, `#endif`), which would print
 * `undefined` or `NaN` into a shader without a word; here such a value is an error at the place that made it.
 */
export function wgsl(strings: TemplateStringsArray, ...values: WgslValue[]): string {
  for (const value of values) {
    if (value === undefined || value === null || (typeof value === 'number' && !Number.isFinite(value))) {
      throw new TypeError(`A WGSL template got ${value}.`);
    }
  }
  return preprocess(strings, ...values);
}

/** As many pieces. */
export const times = <Piece>(count: number, piece: (index: number) => Piece): Piece[] =>
  Array.from({ length: count }, (_, index) => piece(index));

/** `count` pieces of text, for unrolled statements. */
export const repeat = (count: number, piece: (index: number) => string, separator = '\n'): string =>
  times(count, piece).join(separator);
