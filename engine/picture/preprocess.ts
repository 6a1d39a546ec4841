import type { imageToTensor } from '../../shaders/image-to-tensor.wgsl.ts';
import type { ParamValues } from '../../shaders/kernel.ts';
import { InputError } from '../common/errors.ts';
import { FINITE, FRACTION, listOf, oneOf, POSITIVE_INTEGER, POSITIVE_NUMBER } from '../common/kinds.ts';
import { type OptionTable, readTable } from '../common/options.ts';
import type { ImageSize, Preprocess } from '../common/picture.ts';

// A bundler leaves calls out, where nobody takes what they give, only by their mark.

/** How a picture lies on an input, or on a canvas. */
export const FIT = /* @__PURE__ */ oneOf('cover', 'contain', 'fill');

/** What each part of a `Preprocess` may be; those without a default must be given. */
export const PREPROCESS = {
  fit: [FIT, undefined],
  crop: [FRACTION, 1],
  interpolation: [/* @__PURE__ */ oneOf('bilinear', 'bicubic'), 'bilinear'],
  colorSpaceConversion: [/* @__PURE__ */ oneOf('none', 'default'), 'none'],
  mean: [/* @__PURE__ */ listOf(FINITE, 'a list of 1 or 3 numbers', [1, 3]), undefined],
  std: [/* @__PURE__ */ listOf(POSITIVE_NUMBER, 'a list of 1 or 3 positive numbers', [1, 3]), undefined],
} as const satisfies OptionTable;

/** Throws an `InputError` for what no network could be compiled with. */
export function requirePreprocess(preprocess: Preprocess): void {
  const { fit, crop } = readTable(preprocess, PREPROCESS);
  if (crop !== 1 && fit !== 'cover') {
    throw new InputError(`The option 'fit' is '${fit}'; it should be 'cover' for a crop of ${crop}.`);
  }
}

type Fields = ParamValues<typeof imageToTensor.fields>;

/** Where the whole picture lands on the tensor, in the tensor's pixels; what lies beyond the tensor is not seen. */
export type PicturePlace = Pick<Fields, 'destX' | 'destY' | 'destWidth' | 'destHeight'>;

/** Value = colour in 0..1 * scale + bias. */
export type Normalization = Pick<
  Fields,
  'scaleRed' | 'scaleGreen' | 'scaleBlue' | 'biasRed' | 'biasGreen' | 'biasBlue'
>;

/**
 * The geometry of `fit` and `crop`, in whole pixels. `cover` is what torchvision's Resize and CenterCrop do, with the sizes
 * of timm's `transforms_imagenet_eval`: the picture is resized to the output's size divided by `crop`, rounded down.
 */
export function placePicture(
  { fit, crop = 1 }: Pick<Preprocess, 'fit' | 'crop'>,
  source: ImageSize,
  output: ImageSize,
): PicturePlace {
  requireSize('picture', source);
  requireSize('input', output);
  const { width, height } = resizedSize(fit, source, {
    width: Math.floor(output.width / crop),
    height: Math.floor(output.height / crop),
  });
  const round = fit === 'cover' ? rounded : Math.floor;
  return {
    destX: round((output.width - width) / 2),
    destY: round((output.height - height) / 2),
    destWidth: width,
    destHeight: height,
  };
}

function resizedSize(fit: Preprocess['fit'], { width, height }: ImageSize, target: ImageSize): ImageSize {
  if (fit === 'fill') return target;
  const choose = fit === 'cover' ? Math.min : Math.max;
  const factor = choose(width / target.width, height / target.height);
  const resized =
    fit === 'cover' && target.width === target.height
      ? // Torchvision resizes the shorter edge to a size, and rounds the longer one down.
        (size: number) => Math.floor((target.width * size) / Math.min(width, height))
      : // A very long picture would round to nothing.
        (size: number) => Math.max(1, rounded(size / factor));
  return { width: resized(width), height: resized(height) };
}

/** To the nearest whole number, of two to the even one, as Python does. */
const rounded = (value: number) => (Math.abs(value % 1) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value)) + 0;

/** `mean` and `std` as fields of the image-to-tensor shader, for an input of one channel (luma) or three. */
export function normalization({ mean, std }: Pick<Preprocess, 'mean' | 'std'>, channels: 1 | 3): Normalization {
  for (const [name, { length }] of Object.entries({ mean, std })) {
    if (length !== 1 && length !== channels) {
      throw new InputError(`The ${name} has ${length} numbers for an input of ${channels} channels.`);
    }
  }
  const scale = (channel: number) => 1 / (std[channel] ?? std[0]!);
  const bias = (channel: number) => -(mean[channel] ?? mean[0]!) * scale(channel);
  return {
    scaleRed: scale(0),
    scaleGreen: scale(1),
    scaleBlue: scale(2),
    biasRed: bias(0),
    biasGreen: bias(1),
    biasBlue: bias(2),
  };
}

export function requireSize(what: string, { width, height }: ImageSize): void {
  if (![width, height].every(POSITIVE_INTEGER.accepts)) {
    throw new InputError(`The ${what}'s size is ${width} x ${height}; it should be two positive integers.`);
  }
}
