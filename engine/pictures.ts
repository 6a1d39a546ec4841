import { withDecoded } from './decode.ts';
import {
  type ImageInput,
  type ImageInputOptions,
  type Preprocess,
  prepareImageInput,
  requirePreprocess,
} from './image.ts';
import type { NetworkInputs, RunInputs } from './inputs.ts';

/** What lets a network take pictures. `compile` is given it, so that a page that has tensors only does not download it. */
export interface Pictures {
  readonly preprocess: Preprocess;
  /** See `prepareImageInput`. */
  prepare(options: Omit<ImageInputOptions, 'preprocess'>): Promise<(target: GPUBufferBinding) => ImageInput>;
  /** See `withDecoded`. */
  withDecoded<Result>(inputs: RunInputs, use: (inputs: NetworkInputs) => Promise<Result>): Promise<Result>;
}

/** Lets a network take pictures, prepared like this. Throws an `InputError` for what no network could be compiled with. */
export function pictures(preprocess: Preprocess): Pictures {
  requirePreprocess(preprocess);
  return {
    preprocess,
    prepare: (options) => prepareImageInput({ ...options, preprocess }),
    withDecoded: (inputs, use) => withDecoded(inputs, preprocess, use),
  };
}
