import { type ImageToTensorOptions, imageToTensor } from '../../shaders/image-to-tensor.wgsl.ts';
import { foldGrid, gridOf, inOrder, type ParamValues, textOf } from '../../shaders/kernel.ts';
import { during, InputError } from '../common/errors.ts';
import { describe, FINITE, FRACTION, listOf, oneOf, POSITIVE_INTEGER, POSITIVE_NUMBER } from '../common/kinds.ts';
import { type OptionTable, readTable } from '../common/options.ts';
import type { MapShape } from '../graph/graph.ts';
import { sizesOf } from '../graph/sizes.ts';
import { packFields } from '../plan/uniforms.ts';
import { bindGroupOf } from '../run/binding.ts';
import type { Dispatch } from '../run/dispatch.ts';
import type { ImageInput, ImageInputOptions, ImageSize, Picture, Preprocess } from '../run/inputs.ts';
import { createPictureReader, isPicture, type PictureReader, sourcesOf } from './source.ts';

/** How a picture lies on an input, or on a canvas. */
export const FIT = oneOf('cover', 'contain', 'fill');

/** What each part of a `Preprocess` may be; those without a default must be given. */
export const PREPROCESS = {
  fit: [FIT, undefined],
  crop: [FRACTION, 1],
  interpolation: [oneOf('bilinear', 'bicubic'), 'bilinear'],
  colorSpaceConversion: [oneOf('none', 'default'), 'none'],
  mean: [listOf(FINITE, 'a list of 1 or 3 numbers', [1, 3]), undefined],
  std: [listOf(POSITIVE_NUMBER, 'a list of 1 or 3 positive numbers', [1, 3]), undefined],
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

function channelsOf(name: string, [, channels]: MapShape): 1 | 3 {
  if (channels === 1 || channels === 3) return channels;
  throw new InputError(`A picture has 1 or 3 channels, the input '${name}' ${channels}: compile without preprocess.`);
}

/**
 * Compiles what brings a picture into an input: from a texture, and from a video's frame where the browser imports those.
 * Resizing, cropping and normalising are one dispatch for each picture. Gives what makes the input, once it is known where
 * the tensor lies.
 */
export async function prepareImageInput(options: ImageInputOptions): Promise<(target: GPUBufferBinding) => ImageInput> {
  const { device, name, shape, type, preprocess, pipelineOf } = options;
  const channels = channelsOf(name, shape);
  const { interpolation = 'bilinear' } = preprocess;
  const shaders = sourcesOf(device).map((source) => ({ source, channels, interpolation }));
  const compiled = await Promise.all(
    shaders.map(async (shader): Promise<PictureShader> => {
      const { workgroups, folded } = foldGrid(gridOf(imageToTensor, shader, sizesOf({ shape })));
      const text = textOf(imageToTensor, type, shader, folded);
      return { shader, workgroups, pipeline: await pipelineOf(`${name} from a picture`, text) };
    }),
  );
  return (target) => createImageInput(options, target, compiled);
}

interface PictureShader extends Pick<Dispatch, 'pipeline' | 'workgroups'> {
  readonly shader: ImageToTensorOptions;
}

function createImageInput(
  { device, name, shape, preprocess }: ImageInputOptions,
  target: GPUBufferBinding,
  compiled: readonly PictureShader[],
): ImageInput {
  const [batch, , height, width] = shape;
  const colours = normalization(preprocess, channelsOf(name, shape));
  const fields = Object.entries(imageToTensor.fields);
  const params = Array.from({ length: batch }, (_, item) =>
    device.createBuffer({
      label: `${name} ${item} params`,
      size: Math.ceil((fields.length * 4) / 16) * 16,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    }),
  );
  const readers = params.map((_, item) => createPictureReader(device, `${name} ${item} picture`));

  return {
    dispatches(given) {
      const isList = Array.isArray(given);
      const pictures: readonly Picture[] = isList ? given : [given];
      const wrong = pictures.findIndex((picture) => !isPicture(picture));
      if (wrong >= 0) {
        const found = `${describe(given)}${isList ? ` with ${describe(pictures[wrong])} at ${wrong}` : ''}`;
        throw new InputError(`The input is ${found}; it should be a Float32Array, GPUBuffer, GPUTexture or picture.`);
      }
      if (pictures.length !== batch) {
        throw new InputError(`There are ${pictures.length} pictures for a batch of ${batch}.`);
      }
      return pictures.map((picture, item) =>
        batch === 1 ? dispatchOf(picture, item) : during(`reading picture ${item}`, () => dispatchOf(picture, item)),
      );
    },
    destroy() {
      for (const object of [...params, ...readers]) object.destroy();
    },
  };

  function dispatchOf(picture: Picture, item: number): Dispatch {
    const { texture, resource, fields, ...size } = (readers[item] as PictureReader).read(picture);
    const { shader, pipeline, workgroups } = compiled[texture ? 0 : 1] as PictureShader;
    const place = placePicture(preprocess, size, { width, height });
    const outputs = { outputWidth: width, outputHeight: height, outputOffset: item * width * height };
    const block = packFields(imageToTensor.fields, { ...place, ...outputs, ...fields, ...colours });
    device.queue.writeBuffer(params[item] as GPUBuffer, 0, block);
    const bindGroup = bindGroupOf(device, `${name} ${item}`, pipeline, [
      { buffer: params[item] as GPUBuffer },
      ...inOrder(imageToTensor, shader, { input: resource, output: target }),
    ]);
    return { pipeline, bindGroup, workgroups };
  }
}
