import type { Pictures, Preprocess } from '../run/inputs.ts';
import { withDecoded } from './decode.ts';
import { prepareImageInput, requirePreprocess } from './input.ts';

/** Lets a network take pictures, prepared like this. Throws an `InputError` for what no network could be compiled with. */
export function pictures(preprocess: Preprocess): Pictures {
  requirePreprocess(preprocess);
  return {
    preprocess,
    prepare: (options) => prepareImageInput({ ...options, preprocess }),
    withDecoded: (inputs, use) => withDecoded(inputs, preprocess, use),
  };
}
