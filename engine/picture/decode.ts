import { during, InputError } from '../common/errors.ts';
import { tagOf } from '../common/kinds.ts';
import type { Preprocess } from '../common/picture.ts';
import type { NetworkInput, Picture, RunInput } from '../run/inputs.ts';
import { haveSameShape, sizeOf } from './source.ts';

/**
 * Gives `use` the inputs with their files decoded, and each <img> decoded again as its file stores it, unless it is wanted
 * as the browser shows it. Without any of these, `use` is called at once: a video's frame lasts no longer.
 */
export async function withDecoded<Name extends string, Result>(
  inputs: Readonly<Record<Name, RunInput>>,
  preprocess: Preprocess | null,
  use: (inputs: Readonly<Record<Name, NetworkInput>>) => Promise<Result>,
): Promise<Result> {
  const { colorSpaceConversion = 'none' } = preprocess ?? {};
  const isFile = (value: unknown): value is Blob => ['Blob', 'File'].includes(tagOf(value));
  const isImage = (value: unknown): value is HTMLImageElement =>
    colorSpaceConversion === 'none' && tagOf(value) === 'HTMLImageElement';
  const bitmaps: Promise<ImageBitmap>[] = [];

  const decode = async <Input>(input: Input): Promise<Input | Picture> => {
    if (!isFile(input) && !isImage(input)) return input;
    const decoding = createImageBitmap(input, { colorSpaceConversion, imageOrientation: 'from-image' });
    bitmaps.push(decoding);
    const bitmap = await decoding.catch((cause) => {
      // An <img> that is not loaded, which the network reports, or an SVG without a size.
      if (isImage(input)) return input;
      throw new InputError(`The browser cannot read the ${tagOf(input)} (${input.type}).`, { cause });
    });
    // Firefox 153 cuts off an SVG without a size.
    return isImage(input) && bitmap !== input && !haveSameShape(bitmap, sizeOf(input)) ? input : bitmap;
  };

  try {
    const isReady = !Object.values(inputs ?? {})
      .flat()
      .some((input) => isFile(input) || isImage(input));
    if (isReady) return await use(inputs as Record<Name, NetworkInput>);
    const entries = Object.entries<RunInput>(inputs).map(async ([name, input]) => {
      const decoded = Array.isArray(input) ? Promise.all(input.map(decode)) : decode(input);
      return [name, await during(`reading input '${name}'`, () => decoded)];
    });
    return await use(Object.fromEntries(await Promise.all(entries)) as Record<Name, NetworkInput>);
  } finally {
    for (const bitmap of bitmaps)
      bitmap.then(
        (made) => made.close(),
        () => {},
      );
  }
}
