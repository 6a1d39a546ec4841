import { listOf, NATURAL, oneOf, optional, unchecked } from '../common/kinds.ts';
import { type OptionValues, readTable } from '../common/options.ts';
import type { ImageSource } from '../run/inputs.ts';
import { COLOURS, type Colour, defaultColours, premultiplied, SHARE } from './colours.ts';

/** A picture that stands still. */
export type Background = Exclude<ImageSource, HTMLVideoElement | VideoFrame> | GPUTexture;

/** What is in front: the classes of these numbers; unless given, all, but of several the first one, which is the background. */
interface InFront {
  readonly classes?: readonly number[] | undefined;
}

/** What becomes of a camera's pictures, by what a segmenter finds in them. */
export type Effect =
  /** The pictures as they are. */
  | { readonly kind: 'none' }
  /** The background out of focus. `radius`: how far it is mixed, as a part of the picture's height; 0.05 unless given. */
  | ({ readonly kind: 'blur'; readonly radius?: number | undefined } & InFront)
  /** Another background: a colour, or a picture, of which the middle fills the frame. */
  | ({ readonly kind: 'replace'; readonly background: Colour | Background } & InFront)
  /** No background: it is transparent. */
  | ({ readonly kind: 'cutout' } & InFront)
  /** The classes' colours over the picture, as in `createOverlay`; `opacity` is 0.5 unless given. */
  | {
      readonly kind: 'colours';
      readonly colours?: readonly Colour[] | undefined;
      readonly opacity?: number | undefined;
    };

const EFFECT = {
  kind: [oneOf('none', 'blur', 'replace', 'cutout', 'colours'), undefined],
  radius: [SHARE, 0.05],
  // What reads pictures looks at it.
  background: [unchecked<Colour | Background>(), [0, 0, 0, 0]],
  classes: [optional(listOf(NATURAL, 'a list of natural numbers')), undefined],
  colours: [optional(COLOURS), undefined],
  opacity: [SHARE, 0.5],
} as const;

/** With the defaults of all kinds. */
export type ReadEffect = OptionValues<typeof EFFECT>;

/** Throws an `InputError` for what is no effect. */
export const readEffect = (effect: Effect = { kind: 'none' }): ReadEffect => readTable(effect, EFFECT);

/** The classes' colours, premultiplied; what is in front has an alpha. */
export function paletteOf({ classes, colours }: ReadEffect, channels: number): ArrayBuffer {
  const palette = colours ?? defaultColours(channels);
  const inFront = classes ? palette.map((_, index): Colour => [0, 0, 0, Number(classes.includes(index))]) : palette;
  return premultiplied(inFront, channels);
}
