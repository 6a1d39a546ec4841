import type { IMAGE_TO_TENSOR_FIELDS } from '../shaders/image-to-tensor.wgsl.ts';
import type { ParamValues } from '../shaders/interface.ts';
import { InputError } from './errors.ts';

/** How a picture becomes an input tensor: resized to the network's input, then (rgb / 255 - mean) / std. */
export interface Preprocess {
  /**
   * `cover` fills the input with the middle of the picture, `contain` shows the whole picture with the mean colour beside
   * it, and `fill` stretches it.
   */
  readonly fit: 'cover' | 'contain' | 'fill';
  /** For `cover`: how much of the largest middle rectangle is taken, 1 unless given; 0.875 is "resize to 256, crop 224". */
  readonly crop?: number;
  /** One number, or one for each of red, green and blue; as in `std`. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

export interface ImageSize {
  readonly width: number;
  readonly height: number;
}

type Fields = ParamValues<typeof IMAGE_TO_TENSOR_FIELDS>;

/** Which part of the picture lands on which part of the tensor. */
export type SourceRectangle = Omit<Fields, keyof Normalization | 'outputOffset'>;

/** Value = colour in 0..1 * scale + bias. */
export type Normalization = Pick<
  Fields,
  'scaleRed' | 'scaleGreen' | 'scaleBlue' | 'biasRed' | 'biasGreen' | 'biasBlue'
>;

/** The geometry of `fit` and `crop`, as fields of the image-to-tensor shader. The picture starts at its texture's corner. */
export function sourceRectangle(
  { fit, crop = 1 }: Pick<Preprocess, 'fit' | 'crop'>,
  source: ImageSize,
  output: ImageSize,
): SourceRectangle {
  requireSize('picture', source);
  requireSize('input', output);
  if (!(crop > 0 && crop <= 1)) throw new InputError(`The crop (${crop}) is not above 0 and at most 1.`);
  if (crop !== 1 && fit !== 'cover') {
    throw new InputError(`The crop (${crop}) needs the fit 'cover', but the fit is '${fit}'.`);
  }

  const sizes = {
    textureWidth: source.width,
    textureHeight: source.height,
    outputWidth: output.width,
    outputHeight: output.height,
  };
  const wholeSource = { sourceX: 0, sourceY: 0, sourceWidth: source.width, sourceHeight: source.height };
  const wholeOutput = { destX: 0, destY: 0, destWidth: output.width, destHeight: output.height };

  switch (fit) {
    case 'fill':
      return { ...sizes, ...wholeSource, ...wholeOutput };
    case 'cover': {
      const pixelsPerOutput = Math.min(source.width / output.width, source.height / output.height) * crop;
      const sourceWidth = output.width * pixelsPerOutput;
      const sourceHeight = output.height * pixelsPerOutput;
      return {
        ...sizes,
        ...wholeOutput,
        sourceX: (source.width - sourceWidth) / 2,
        sourceY: (source.height - sourceHeight) / 2,
        sourceWidth,
        sourceHeight,
      };
    }
    case 'contain': {
      const outputPerPixel = Math.min(output.width / source.width, output.height / source.height);
      // A very long picture would round to nothing.
      const destWidth = Math.max(1, Math.round(source.width * outputPerPixel));
      const destHeight = Math.max(1, Math.round(source.height * outputPerPixel));
      return {
        ...sizes,
        ...wholeSource,
        destX: Math.floor((output.width - destWidth) / 2),
        destY: Math.floor((output.height - destHeight) / 2),
        destWidth,
        destHeight,
      };
    }
    default:
      // A model card is JSON, which no compiler has checked.
      throw new InputError(`The fit '${fit satisfies never}' is none of 'cover', 'contain' and 'fill'.`);
  }
}

/** `mean` and `std` as fields of the image-to-tensor shader, for an input of one channel (luma) or three. */
export function normalization({ mean, std }: Pick<Preprocess, 'mean' | 'std'>, channels: 1 | 3): Normalization {
  for (const [name, numbers] of Object.entries({ mean, std })) {
    if (numbers.length !== 1 && numbers.length !== channels) {
      throw new InputError(`The ${name} has ${numbers.length} entries for an input of ${channels} channels.`);
    }
    const wrong = numbers.find((number) => !Number.isFinite(number) || (name === 'std' && number <= 0));
    if (wrong !== undefined) {
      throw new InputError(
        `The ${name} [${numbers.join(', ')}] has an entry (${wrong}) that is not ${name === 'std' ? 'positive' : 'finite'}.`,
      );
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

function requireSize(what: string, { width, height }: ImageSize): void {
  if (![width, height].every((size) => Number.isSafeInteger(size) && size > 0)) {
    throw new InputError(
      `The ${what}'s size, ${width} x ${height} (width x height), is not made of positive whole numbers.`,
    );
  }
}
