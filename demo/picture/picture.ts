import { type ImageSize, type Preprocess, placePicture } from 'linnet';

/** A still picture, decoded. `truth` is its label, where the data set tells it. */
export interface Picture {
  readonly bitmap: ImageBitmap;
  readonly name: string;
  readonly kind: 'sample' | 'file' | 'drawing';
  readonly truth?: string;
}

/** Folders of samples beside the page. */
export type SampleKind = 'fashion-mnist' | 'drawings' | 'people';

export interface Sample {
  readonly file: string;
  readonly label: string;
  readonly url: string;
}

/** The samples, or none: there are other ways to a picture. */
export async function fetchSamples(kind: SampleKind): Promise<readonly Sample[]> {
  const folder = new URL(`samples/${kind}/`, document.baseURI);
  try {
    const listed: Omit<Sample, 'url'>[] = await (await fetch(new URL('index.json', folder))).json();
    return listed.map((sample) => ({ ...sample, url: new URL(sample.file, folder).href }));
  } catch {
    return [];
  }
}

/** A file that a person gave is not a picture that the browser knows. */
export class PictureError extends Error {
  override readonly name = 'PictureError';
}

export async function decode(blob: Blob, message: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(blob);
  } catch (cause) {
    throw new PictureError(message, { cause });
  }
}

export async function fetchSample({ file, label, url }: Sample, message: string): Promise<Picture> {
  const response = await fetch(url);
  if (!response.ok) throw new PictureError(message);
  return { bitmap: await decode(await response.blob(), message), name: file, kind: 'sample', truth: label };
}

/** The size at which the page shows a picture: a photograph has more pixels than that, which would be memory for nothing. */
export function shownSize({ width, height }: ImageSize): ImageSize {
  const factor = Math.min(1, 640 / Math.max(width, height));
  const shrink = (size: number) => Math.max(1, Math.round(size * factor));
  return { width: shrink(width), height: shrink(height) };
}

export interface NetworkInputSize extends ImageSize {
  readonly channels: number;
}

/**
 * Draws what the network gets: the part of the picture that its card takes, at its size, grey where it has one channel.
 * The engine does this on the GPU; here the geometry is the same and the browser's own smoothing comes close.
 */
export function drawSeen(
  context: CanvasRenderingContext2D,
  source: CanvasImageSource,
  size: ImageSize,
  preprocess: Preprocess,
  input: NetworkInputSize,
): void {
  const { destX, destY, destWidth, destHeight } = placePicture(preprocess, size, input);
  context.imageSmoothingQuality = 'high';
  context.fillStyle = colourOf(preprocess);
  context.fillRect(0, 0, input.width, input.height);
  context.drawImage(source, destX, destY, destWidth, destHeight);
  if (input.channels !== 1) return;
  const pixels = context.getImageData(0, 0, input.width, input.height);
  for (let at = 0; at < pixels.data.length; at += 4) {
    const [red = 0, green = 0, blue = 0] = pixels.data.subarray(at, at + 3);
    pixels.data.fill(0.299 * red + 0.587 * green + 0.114 * blue, at, at + 3);
  }
  context.putImageData(pixels, 0, 0);
}

/** Beside a letterboxed picture lies the mean, which is zero once it is normalised. */
function colourOf({ mean }: Preprocess): string {
  const [red = 0, green = red, blue = red] = mean.map((value) => Math.round(value * 255));
  return `rgb(${red} ${green} ${blue})`;
}
