import type { NetworkInput } from './executable.ts';

/**
 * Gives `use` an <img> as its file stores it. Networks are trained on pictures whose colour profiles were ignored (Pillow
 * and TensorFlow do so), while a browser applies them. Other inputs stay as they are.
 */
export async function withoutColourProfile<Result>(
  image: NetworkInput,
  use: (image: NetworkInput) => Promise<Result>,
): Promise<Result> {
  if (!globalThis.HTMLImageElement || !(image instanceof HTMLImageElement)) return use(image);
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(image, { colorSpaceConversion: 'none' });
  } catch {
    // A picture that is not loaded, which the network reports, or an SVG without a size.
    return use(image);
  }
  try {
    return await use(bitmap);
  } finally {
    bitmap.close();
  }
}
