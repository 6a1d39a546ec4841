import type { Shape } from './graph.ts';
import type { Picture } from './picture.ts';

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
  readonly shape: Shape;
}
