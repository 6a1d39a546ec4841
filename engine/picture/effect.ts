import type { PictureEffectOptions } from '../../shaders/picture-effect.wgsl.ts';
import { either, type Kind, listOf, NATURAL, OBJECT, oneOf, optional } from '../common/kinds.ts';
import { readTable, requireKind } from '../common/options.ts';
import type { ImageSource } from '../run/inputs.ts';
import { COLOUR, COLOURS, type Colour, defaultColours, premultiplied, SHARE } from './colours.ts';
import { isPicture } from './source.ts';

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
  /** The classes' colours over the picture, as in `createOverlay`. */
  | {
      readonly kind: 'colours';
      readonly colours?: readonly Colour[] | undefined;
      /** From 0 to 1: 0.5 unless given. */
      readonly opacity?: number | undefined;
    };

const PICTURE: Kind<Background> = {
  expected: 'a picture',
  accepts: (value): value is Background => isPicture(value),
};
export const isColour = COLOUR.accepts;

const CLASSES = optional(listOf(NATURAL, 'a list of numbers of classes'));
const TABLES = {
  none: {},
  blur: { radius: [SHARE, 0.05], classes: [CLASSES, undefined] },
  replace: { background: [either(COLOUR, PICTURE), undefined], classes: [CLASSES, undefined] },
  cutout: { classes: [CLASSES, undefined] },
  colours: { colours: [optional(COLOURS), undefined], opacity: [SHARE, 0.5] },
} as const;
const KIND = oneOf('none', 'blur', 'replace', 'cutout', 'colours');

/** An effect with its defaults. */
export interface ReadEffect {
  readonly drawing: PictureEffectOptions['effect'];
  /** For `drawing: 'background'`: the radius of the blur, or what is there instead. */
  readonly background: number | Colour | Background;
  readonly opacity: number;
  /** The classes' colours, premultiplied: what is in front has an alpha. */
  paletteFor(classes: number): Float32Array<ArrayBuffer>;
}

/** Those of all kinds. */
interface Options extends InFront {
  readonly radius?: number;
  readonly background?: Colour | Background;
  readonly colours?: readonly Colour[] | undefined;
  readonly opacity?: number;
}

/** Throws an `InputError` for what is no effect. */
export function readEffect(effect: Effect = { kind: 'none' }): ReadEffect {
  const { kind, ...given } = OBJECT.accepts(effect) ? effect : { kind: effect };
  requireKind('effect.kind', kind, KIND);
  const options: Options = readTable(given, TABLES[kind]);
  const { radius, background = radius ?? [0, 0, 0, 0], classes, colours, opacity = 1 } = options;
  return {
    drawing: kind === 'none' || kind === 'colours' ? kind : 'background',
    background,
    opacity,
    paletteFor(count) {
      const found = colours ?? defaultColours(count);
      return premultiplied(
        classes ? found.map((_, index) => [0, 0, 0, Number(classes.includes(index))]) : found,
        count,
      );
    },
  };
}
