import { FetchError, type ImageSize, type Preprocess, placePicture } from 'linnet';

/** A still picture, decoded. `truth` is what it shows, where that is known. */
export interface Picture {
  readonly bitmap: ImageBitmap;
  readonly name: string;
  readonly kind: 'sample' | 'file' | 'drawing';
  /** Whether it is no grey picture. */
  readonly colourful: boolean;
  readonly truth?: string;
  /** One of the page's own. */
  readonly sample?: Sample;
}

/** Folders of samples beside the page. */
export type SampleKind = 'fashion-mnist' | 'drawings' | 'photos';

export interface Sample {
  /** As the address names it, such as `photos/cat`. */
  readonly id: string;
  readonly kind: SampleKind;
  readonly file: string;
  /** What it shows, as its data set calls it. */
  readonly label: string;
  readonly url: string;
}

/** The samples, or none: there are other ways to a picture. */
export async function fetchSamples(kind: SampleKind): Promise<readonly Sample[]> {
  const folder = new URL(`samples/${kind}/`, document.baseURI);
  try {
    const listed: Pick<Sample, 'file' | 'label'>[] = await (await fetch(new URL('index.json', folder))).json();
    return listed.map(({ file, label }) => {
      const id = `${kind}/${file.replace(/\.\w+$/, '')}`;
      return { id, kind, file, label, url: new URL(file, folder).href };
    });
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

export async function fetchSample(sample: Sample, message: string): Promise<Picture> {
  const response = await fetch(sample.url).catch((cause) => {
    throw new FetchError(`The sample '${sample.file}' cannot be fetched.`, { cause });
  });
  if (!response.ok) {
    throw new FetchError(`The server answers with status ${response.status} instead of the sample '${sample.file}'.`, {
      status: response.status,
    });
  }
  const bitmap = await decode(await response.blob(), message);
  const colourful = sample.kind !== 'fashion-mnist';
  return { bitmap, name: sample.file, kind: 'sample', colourful, truth: sample.label, sample };
}

const SMALL = 16;
/** Of 255, between the strongest and the weakest of a pixel's colours: more than what a camera makes of grey. */
const COLOURFUL = 12;

/** Whether a picture has colours, by the mean of a small copy of it. */
export async function isColourful(file: Blob): Promise<boolean> {
  // To draw the large one to a canvas that is read would keep the page waiting.
  const small = await createImageBitmap(file, { resizeWidth: SMALL, resizeHeight: SMALL }).catch(() => undefined);
  const context = new OffscreenCanvas(SMALL, SMALL).getContext('2d', { willReadFrequently: true });
  if (!small || !context) return false;
  context.drawImage(small, 0, 0);
  const { data } = context.getImageData(0, 0, SMALL, SMALL);
  let sum = 0;
  for (let at = 0; at < data.length; at += 4) {
    const [red = 0, green = 0, blue = 0] = data.subarray(at, at + 3);
    sum += Math.max(red, green, blue) - Math.min(red, green, blue);
  }
  return sum / SMALL ** 2 > COLOURFUL;
}

/** The size at which the page shows a picture: a photograph has more pixels than that, which would be memory for nothing. */
export function shownSize({ width, height }: ImageSize): ImageSize {
  const factor = Math.min(1, 960 / Math.max(width, height));
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
  source: ImageBitmap,
  preprocess: Preprocess,
  input: NetworkInputSize,
): void {
  const { destX, destY, destWidth, destHeight } = placePicture(preprocess, source, input);
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
