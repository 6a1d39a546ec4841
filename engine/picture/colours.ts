import { InputError } from '../common/errors.ts';
import { FINITE, type Kind, listOf } from '../common/kinds.ts';

/** Red, green, blue and, unless it is 1, alpha; from 0 to 1. */
export type Colour = readonly [red: number, green: number, blue: number, alpha?: number];

export const SHARE: Kind<number> = {
  expected: 'a number from 0 to 1',
  accepts: (value): value is number => FINITE.accepts(value) && value >= 0 && value <= 1,
};

// A bundler leaves calls out, where nobody takes what they give, only by their mark.
export const COLOUR = /* @__PURE__ */ listOf(SHARE, '3 or 4 numbers from 0 to 1', [3, 4]) as Kind<Colour>;
export const COLOURS = /* @__PURE__ */ listOf(COLOUR, 'a list of colours, each 3 or 4 numbers from 0 to 1');

const OKABE_ITO: readonly Colour[] = [
  [0.835, 0.369, 0],
  [0.337, 0.706, 0.914],
  [0, 0.62, 0.451],
  [0.941, 0.894, 0.259],
  [0, 0.447, 0.698],
  [0.902, 0.624, 0],
  [0.8, 0.475, 0.655],
];

/** The first of several classes is the background. */
export function defaultColours(channels: number): Colour[] {
  const first = channels === 1 ? 0 : 1;
  return Array.from({ length: channels }, (_, channel) =>
    channel < first ? [0, 0, 0, 0] : (OKABE_ITO[(channel - first) % OKABE_ITO.length] as Colour),
  );
}

/** Four floats for each class. */
export function premultiplied(colours: readonly Colour[], channels: number): ArrayBuffer {
  if (colours.length !== channels) {
    throw new InputError(`There are ${colours.length} colours for ${channels} classes.`);
  }
  return Float32Array.from(
    colours.flatMap(([red, green, blue, alpha = 1]) => [red * alpha, green * alpha, blue * alpha, alpha]),
  ).buffer;
}
