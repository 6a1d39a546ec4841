import type { ElementType } from '../../shaders/kernel.ts';
import type { MapShape, ValueShape } from '../graph/graph.ts';
import type { Dispatch } from './dispatch.ts';

export interface ImageSize {
  readonly width: number;
  readonly height: number;
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

export type Picture = GPUTexture | ImageSource;

/**
 * What a network's input may be: a float32 tensor (NCHW, row-major, already normalised) on the CPU or in a buffer of the
 * network's device, or a picture, which is resized, cropped and normalised on the GPU. For a network with a batch, a
 * list of pictures, one for each item.
 */
export type NetworkInput = Float32Array | GPUBuffer | Picture | readonly Picture[];

export type NetworkInputs = Readonly<Record<string, NetworkInput>>;

/** Where the result is awaited, pictures may also be files. */
export type RunInput = NetworkInput | Blob | readonly (Picture | Blob)[];

export type RunInputs = Readonly<Record<string, RunInput>>;

/** A result of a network: float32, row-major, in the shape `[batch, channels, height, width]` or `[batch, features]`. */
export interface NetworkOutput {
  readonly data: Float32Array;
  readonly shape: ValueShape;
}

/** How a picture becomes an input tensor: resized to the network's input, then (rgb / 255 - mean) / std. */
export interface Preprocess {
  /**
   * `cover` fills the input with the middle of the picture, `contain` shows the whole picture with the mean colour beside
   * it, and `fill` stretches it.
   */
  readonly fit: 'cover' | 'contain' | 'fill';
  /** For `cover`: the input as a part of what the picture is resized to, 1 unless given; 0.875 is "resize to 256, crop 224". */
  readonly crop?: number | undefined;
  /** As Pillow computes them, antialiased; `bilinear` unless given. */
  readonly interpolation?: 'bilinear' | 'bicubic' | undefined;
  /**
   * Whether `run`, `classify` and `segment` take an <img> or a file as it is stored, or with the colour profile that is in
   * it: `none` unless given, as networks are trained on pictures whose profiles were ignored (Pillow and TensorFlow do so).
   */
  readonly colorSpaceConversion?: 'none' | 'default' | undefined;
  /** One number, or one for each of red, green and blue; as in `std`. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/** What lets a network take pictures. `compile` is given it, so that a page that has tensors only does not download it. */
export interface Pictures {
  readonly preprocess: Preprocess;
  /** See `prepareImageInput`. */
  prepare(options: Omit<ImageInputOptions, 'preprocess'>): Promise<(target: GPUBufferBinding) => ImageInput>;
  /** See `withDecoded`. */
  withDecoded<Result>(inputs: RunInputs, use: (inputs: NetworkInputs) => Promise<Result>): Promise<Result>;
}

export interface ImageInputOptions {
  readonly device: GPUDevice;
  readonly name: string;
  /** Of the tensor: `[batch, 1 or 3, height, width]`. */
  readonly shape: MapShape;
  readonly type: ElementType;
  readonly preprocess: Preprocess;
  pipelineOf(label: string, shader: string): Promise<GPUComputePipeline>;
}

/** Brings pictures into a network's input tensor. */
export interface ImageInput {
  /** Uploads a picture, or one for each item of the batch, and gives the dispatches that bring them into the tensor. */
  dispatches(given: Picture | readonly Picture[]): Dispatch[];
  destroy(): void;
}
