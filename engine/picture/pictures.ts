import type { Preprocess } from '../common/picture.ts';
import type { Pictures } from '../run/inputs.ts';
import { withDecoded } from './decode.ts';
import { preparePictures } from './input.ts';
import { requirePreprocess } from './preprocess.ts';

/** Lets a network take pictures, prepared like this. Throws an `InputError` for what no network could be compiled with. */
export function pictures(preprocess: Preprocess): Pictures {
  requirePreprocess(preprocess);
  return {
    preprocess,
    prepare: (input) => preparePictures(input, preprocess),
    withDecoded: (inputs, use) => withDecoded(inputs, preprocess, use),
  };
}
