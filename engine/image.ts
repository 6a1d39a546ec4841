import { IMAGE_TO_TENSOR_FIELDS, imageToTensor } from '../shaders/image-to-tensor.wgsl.ts';
import { BINDINGS, type ElementType, type ParamValues } from '../shaders/interface.ts';
import { InputError } from './errors.ts';
import type { Shape } from './graph.ts';
import { packFields } from './params.ts';

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

export function requireSize(what: string, { width, height }: ImageSize): void {
  if (![width, height].every((size) => Number.isSafeInteger(size) && size > 0)) {
    throw new InputError(
      `The ${what}'s size, ${width} x ${height} (width x height), is not made of positive whole numbers.`,
    );
  }
}

/** The image sources of the web platform that a network takes as they are. */
export type ImageSource =
  | HTMLImageElement
  | HTMLCanvasElement
  | HTMLVideoElement
  | ImageBitmap
  | ImageData
  | OffscreenCanvas
  | VideoFrame;

const IMAGE_SOURCES: ReadonlySet<string> = new Set([
  'HTMLImageElement',
  'HTMLCanvasElement',
  'HTMLVideoElement',
  'ImageBitmap',
  'ImageData',
  'OffscreenCanvas',
  'VideoFrame',
]);

/** The name of an object's kind; unlike `instanceof` it also knows the objects of another frame. */
const kindOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

export const isImageSource = (value: unknown): value is ImageSource => IMAGE_SOURCES.has(kindOf(value));

export const isPicture = (value: unknown): value is GPUTexture | ImageSource =>
  isImageSource(value) || kindOf(value) === 'GPUTexture';

/** Brings pictures into a network's input tensor. */
export interface ImageInput {
  /** Uploads the pictures, one for each item of the batch, and gives the dispatches that bring them into the tensor. */
  dispatches(pictures: readonly (GPUTexture | ImageSource)[]): Dispatch[];
  destroy(): void;
}

/** Recorded as it is. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  readonly bindGroup: GPUBindGroup;
  readonly workgroups: readonly [number, number, number];
}

export interface ImageInputOptions {
  readonly device: GPUDevice;
  readonly name: string;
  /** Of the tensor: `[batch, 1 or 3, height, width]`. */
  readonly shape: Shape;
  readonly target: GPUBufferBinding;
  readonly preprocess: Preprocess;
  /** Of the two shaders that `imageShaders` gives. */
  readonly pipelines: readonly [fromTexture: GPUComputePipeline, fromVideo?: GPUComputePipeline | undefined];
}

/** What brings a picture into an input of this shape: from a texture, and from a video's frame where the browser imports those. */
export function imageShaders(device: GPUDevice, name: string, shape: Shape, type: ElementType): string[] {
  const channels = channelsOf(name, shape);
  const texture = imageToTensor({ type, source: 'texture', channels });
  if (!('importExternalTexture' in device)) return [texture];
  return [texture, imageToTensor({ type, source: 'external', channels })];
}

function channelsOf(name: string, [, channels]: Shape): 1 | 3 {
  if (channels === 1 || channels === 3) return channels;
  throw new InputError(
    `A picture gives 1 or 3 channels; the input '${name}' has ${channels}: compile without preprocess.`,
  );
}

/**
 * A picture on the CPU is copied to a texture; a video's frame is imported where the browser can, without a copy.
 * Resizing, cropping and normalising are one dispatch.
 */
export function createImageInput(options: ImageInputOptions): ImageInput {
  const { device, name, shape, target, preprocess } = options;
  const [fromTexture, fromVideo] = options.pipelines;
  const [batch, , height, width] = shape as readonly [number, number, number, number];
  const colours = normalization(preprocess, channelsOf(name, shape));
  // A wrong fit or crop is told now, and not with the first picture.
  sourceRectangle(preprocess, { width, height }, { width, height });
  const fields = Object.entries(IMAGE_TO_TENSOR_FIELDS);
  const params = Array.from({ length: batch }, (_, item) =>
    device.createBuffer({
      label: `${name} ${item} params`,
      size: Math.ceil((fields.length * 4) / 16) * 16,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    }),
  );
  const textures = params.map((_, item) => createPictureTexture(device, `${name} ${item} picture`));

  return {
    dispatches(pictures) {
      if (pictures.length !== batch) {
        throw new InputError(`There are ${pictures.length} pictures for a batch of ${batch}.`);
      }
      return pictures.map((picture, item) => dispatchOf(picture, item));
    },
    destroy() {
      for (const object of [...params, ...textures]) object.destroy();
    },
  };

  function dispatchOf(picture: GPUTexture | ImageSource, item: number): Dispatch {
    const size = pictureSize(picture);
    const external = fromVideo && isVideo(picture);
    const input = external
      ? device.importExternalTexture({ source: picture })
      : (textures[item] as PictureTexture).upload(picture);
    const shown = 'width' in input ? input : size;
    const pipeline = external ? fromVideo : fromTexture;
    const geometry = sourceRectangle(preprocess, shown, { width, height });
    const block = packFields(IMAGE_TO_TENSOR_FIELDS, { ...geometry, ...colours, outputOffset: item * width * height });
    device.queue.writeBuffer(params[item] as GPUBuffer, 0, block);
    const bindGroup = device.createBindGroup({
      label: `${name} ${item}`,
      layout: pipeline.getBindGroupLayout(0),
      entries: [
        { binding: BINDINGS.params, resource: { buffer: params[item] as GPUBuffer } },
        { binding: BINDINGS.input, resource: 'createView' in input ? input.createView() : input },
        { binding: BINDINGS.output, resource: target },
      ],
    });
    return { pipeline, bindGroup, workgroups: [Math.ceil(width / 8), Math.ceil(height / 4), 1] };
  }
}

/** A texture for one picture after another. */
export interface PictureTexture {
  /** The picture as a texture, which is good until the next call; a texture is given back as it is. */
  upload(picture: GPUTexture | ImageSource): GPUTexture;
  destroy(): void;
}

export function createPictureTexture(device: GPUDevice, label: string): PictureTexture {
  let texture: GPUTexture | undefined;

  return {
    upload: (picture) => upload(picture, pictureSize(picture)),
    destroy: () => texture?.destroy(),
  };

  function upload(picture: GPUTexture | ImageSource, size: ImageSize): GPUTexture {
    if (isTexture(picture)) {
      if (picture.usage & GPUTextureUsage.TEXTURE_BINDING) return picture;
      throw new InputError('The texture lacks the usage TEXTURE_BINDING.');
    }
    const limit = device.limits.maxTextureDimension2D;
    if (Math.max(size.width, size.height) > limit) return upload(...shrink(picture, size, limit));
    if (texture?.width !== size.width || texture.height !== size.height) {
      texture?.destroy();
      texture = device.createTexture({
        label,
        size,
        format: 'rgba8unorm',
        usage: GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST | GPUTextureUsage.RENDER_ATTACHMENT,
      });
    }
    device.queue.copyExternalImageToTexture({ source: picture }, { texture, premultipliedAlpha: true }, size);
    return texture;
  }
}

const isTexture = (picture: GPUTexture | ImageSource): picture is GPUTexture => kindOf(picture) === 'GPUTexture';

export const isVideo = (picture: GPUTexture | ImageSource): picture is HTMLVideoElement | VideoFrame =>
  ['HTMLVideoElement', 'VideoFrame'].includes(kindOf(picture));

/** In pixels, as the browser shows it. A picture that is not loaded has none, which is an `InputError`. */
export function pictureSize(picture: GPUTexture | ImageSource): ImageSize {
  const { width, height } = sizeOf(picture);
  if (width > 0 && height > 0) return { width, height };
  throw new InputError(`The picture has no pixels (${width} x ${height}): is it loaded?`);
}

function sizeOf(picture: GPUTexture | ImageSource): ImageSize {
  if ('naturalWidth' in picture) return { width: picture.naturalWidth, height: picture.naturalHeight };
  if ('videoWidth' in picture) return { width: picture.videoWidth, height: picture.videoHeight };
  if ('displayWidth' in picture) return { width: picture.displayWidth, height: picture.displayHeight };
  return { width: picture.width, height: picture.height };
}

/** A picture larger than a texture may be (4096 in compatibility mode), drawn smaller. */
function shrink(picture: ImageSource, { width, height }: ImageSize, limit: number): [OffscreenCanvas, ImageSize] {
  const factor = limit / Math.max(width, height);
  const size = { width: Math.max(1, Math.floor(width * factor)), height: Math.max(1, Math.floor(height * factor)) };
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext('2d');
  if (!context)
    throw new InputError(`The picture (${width} x ${height}) is larger than ${limit} and cannot be drawn smaller.`);
  context.imageSmoothingQuality = 'high';
  if (kindOf(picture) === 'ImageData') {
    const whole = new OffscreenCanvas(width, height);
    whole.getContext('2d')?.putImageData(picture as ImageData, 0, 0);
    context.drawImage(whole, 0, 0, size.width, size.height);
  } else {
    context.drawImage(picture as Exclude<ImageSource, ImageData>, 0, 0, size.width, size.height);
  }
  return [canvas, size];
}
