import type { ElementType } from '../../shaders/kernel.ts';
import type { Preprocess } from '../common/picture.ts';
import type { Shape, ValueShape } from '../graph/graph.ts';
import type { Dispatch } from './dispatch.ts';
import type { Owned } from './session.ts';

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

/** A result of a network: float32, row-major, in the shape `[batch, channels, height, width]`, `[batch, features]` or another one. */
export interface NetworkOutput {
  readonly data: Float32Array;
  readonly shape: Shape;
}

/** Where a result lies on the GPU: float32, row-major. */
export interface OutputBuffer {
  readonly buffer: GPUBuffer;
  readonly shape: Shape;
  readonly bytes: number;
}

/** What lets a network take pictures. `compile` is given it, so that a page that has tensors only does not download it. */
export interface Pictures {
  readonly preprocess: Preprocess;
  /** See `preparePictures`. */
  prepare(input: PictureInput): Promise<ReadPictures>;
  /** See `withDecoded`. */
  withDecoded<Result>(inputs: RunInputs, use: (inputs: NetworkInputs) => Promise<Result>): Promise<Result>;
}

/** A network's input that takes pictures. */
export interface PictureInput {
  /** Of the network: what is made here goes with it. */
  readonly owned: Owned;
  readonly name: string;
  /** Of the tensor: `[batch, 1 or 3, height, width]`, or nothing for pictures. */
  readonly shape: ValueShape;
  readonly type: ElementType;
  /** Where the tensor lies, slice-major. */
  readonly target: GPUBufferBinding;
}

/** Uploads a picture, or one for each item of the batch, and gives the dispatches that bring them into the input's tensor. */
export type ReadPictures = (given: Picture | readonly Picture[]) => Dispatch[];
