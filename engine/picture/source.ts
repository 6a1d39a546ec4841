import type { PictureSource } from '../../shaders/picture.ts';
import { InputError, LinnetError } from '../common/errors.ts';
import { describe, show, tagOf } from '../common/kinds.ts';
import type { ImageSize } from '../common/picture.ts';
import type { ImageSource, Picture } from '../run/inputs.ts';

const PICTURES: readonly string[] = [
  'HTMLImageElement',
  'HTMLCanvasElement',
  'HTMLVideoElement',
  'ImageBitmap',
  'ImageData',
  'OffscreenCanvas',
  'VideoFrame',
  'GPUTexture',
];

export const isPicture = (value: unknown): value is Picture => PICTURES.includes(tagOf(value));

/** In pixels, as the browser shows it. Throws an `InputError` for a picture that is not there, or not there yet. */
export const pictureSize: (picture: Picture) => ImageSize = measure;

/** `mayCopy`: whether a copy of these pixels is the whole picture. */
function measure(picture: Picture): ImageSize & { mayCopy: boolean } {
  if (!isPicture(picture)) throw new InputError(`A picture is expected instead of ${describe(picture)}.`);
  const fail = (problem: string) => new InputError(`The ${tagOf(picture)} ${problem}.`);
  if ('complete' in picture && !picture.complete) throw fail('is still loading: wait for `await image.decode()`');
  if ('readyState' in picture && picture.readyState < 2 && !picture.seeking) throw fail(NO_FRAME);
  // Chromium 156 crashes when it is asked to copy one.
  if ('data' in picture && !picture.data.length) throw fail('is detached');
  const size = sizeOf(picture);
  if (!(size.width > 0 && size.height > 0)) {
    throw fail(`has no pixels (${size.width} x ${size.height}): it is empty, closed or not loaded`);
  }
  const pixels = 'naturalWidth' in picture ? pixelsOf(picture) : size;
  const mayCopy = pixels !== undefined && haveSameShape(pixels, size);
  return { ...(mayCopy ? pixels : size), mayCopy };
}

const NO_FRAME = "has no frame yet: wait for its event 'loadeddata', or 'seeked' after a seek";

export function sizeOf(picture: Picture): ImageSize {
  if ('naturalWidth' in picture) return { width: picture.naturalWidth, height: picture.naturalHeight };
  if ('videoWidth' in picture) return { width: picture.videoWidth, height: picture.videoHeight };
  if ('displayWidth' in picture) return { width: picture.displayWidth, height: picture.displayHeight };
  return { width: picture.width, height: picture.height };
}

/**
 * The size of an <img> in pixels: its own is in CSS pixels, of which one with `srcset`, or with a resolution in its EXIF
 * data, has more or fewer. Only a frame made of it tells, where there are such; an SVG without a size has none.
 */
function pixelsOf(image: HTMLImageElement): ImageSize | undefined {
  try {
    const frame = new VideoFrame(image, { timestamp: 0 });
    const size = sizeOf(frame);
    frame.close();
    return size;
  } catch {
    return undefined;
  }
}

/** Whether two sizes are those of one picture, also turned by a quarter, as far as whole numbers tell. */
export function haveSameShape(a: ImageSize, b: ImageSize): boolean {
  const isClose = (width: number, height: number) =>
    Math.abs(a.width * height - a.height * width) <= Math.max(a.width, a.height);
  return isClose(b.width, b.height) || isClose(b.height, b.width);
}

/** What a picture's shader reads: a texture, and a video's frame where the browser imports those. */
export const sourcesOf = (device: GPUDevice): readonly PictureSource[] =>
  'importExternalTexture' in device ? ['texture', 'external'] : ['texture'];

/** A picture as a shader reads it: premultiplied. */
export interface ReadPicture extends ImageSize {
  /** `undefined` for a video's frame, which is imported. */
  readonly texture: GPUTexture | undefined;
  readonly resource: GPUTextureView | GPUExternalTexture;
  /** What the fields of `shaders/picture.ts` are, and `levels` of image-to-tensor. */
  readonly fields: { readonly srgb: number; readonly grey: number; readonly levels: number };
}

const EIGHT_BITS = { srgb: 0, grey: 0, levels: 255 };

/** Brings one picture after another to the GPU. */
export interface PictureReader {
  /** Good until the next call, and until the task ends. Throws an `InputError` for a picture that cannot be read. */
  read(picture: Picture): ReadPicture;
  destroy(): void;
}

/**
 * A video's frame is imported where the browser can, without a copy; other pictures are copied to a texture. What a browser
 * neither imports nor copies (Firefox 153: ImageData, videos and their frames), or what is larger than a texture may be
 * (4096 in compatibility mode), is drawn to a canvas first.
 */
export function createPictureReader(device: GPUDevice, label: string): PictureReader {
  let texture: GPUTexture | undefined;
  let canvas: OffscreenCanvas | undefined;
  /** Ways that this browser does not have, each with the kind of picture. */
  const missing = new Set<string>();

  return {
    read: (picture) => (isTexture(picture) ? readTexture(picture) : readSource(picture)),
    destroy: () => texture?.destroy(),
  };

  function readSource(picture: ImageSource): ReadPicture {
    const { mayCopy, ...size } = measure(picture);
    const kind = tagOf(picture);
    const factor = Math.min(1, device.limits.maxTextureDimension2D / Math.max(size.width, size.height));
    const attempt = (way: string, work: () => ReadPicture) => {
      if (missing.has(way + kind)) return undefined;
      try {
        return work();
      } catch (error) {
        if (error instanceof TypeError) missing.add(way + kind);
        else if (isForbidden(error)) throw error;
        return undefined;
      }
    };
    try {
      return (
        (isVideo(picture) &&
          attempt('frame', () => {
            const resource = device.importExternalTexture({ source: picture });
            return { ...size, texture: undefined, resource, fields: EIGHT_BITS };
          })) ||
        (mayCopy && factor === 1 && attempt('copy', () => copy(picture, size))) ||
        draw(picture, Math.max(1, Math.floor(size.width * factor)), Math.max(1, Math.floor(size.height * factor)))
      );
    } catch (cause) {
      // What is drawn after a picture of another origin would be as forbidden.
      canvas = undefined;
      if (cause instanceof LinnetError) throw cause;
      const problem = isForbidden(cause)
        ? `The ${kind} holds what comes from another origin: load it with crossorigin="anonymous", from a server that sends Access-Control-Allow-Origin.`
        : `The browser cannot read the ${kind}: ${(cause as Error).message}`;
      throw new InputError(problem, { cause });
    }
  }

  function copy(source: GPUCopyExternalImageSource, { width, height }: ImageSize): ReadPicture {
    const size = { width, height };
    if (texture?.width !== width || texture.height !== height) {
      texture?.destroy();
      texture = device.createTexture({
        label,
        size,
        format: 'rgba8unorm',
        usage: GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST | GPUTextureUsage.RENDER_ATTACHMENT,
      });
    }
    device.queue.copyExternalImageToTexture({ source }, { texture, premultipliedAlpha: true }, size);
    return { ...size, texture, resource: texture.createView(), fields: EIGHT_BITS };
  }

  function draw(picture: ImageSource, width: number, height: number): ReadPicture {
    // Nothing would be drawn, and nobody told.
    if ('readyState' in picture && picture.readyState < 2) throw new InputError(`The ${tagOf(picture)} ${NO_FRAME}.`);
    if (canvas?.width !== width || canvas.height !== height) canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
    context.imageSmoothingQuality = 'high';
    context.globalCompositeOperation = 'copy';
    if (!('data' in picture)) context.drawImage(picture, 0, 0, width, height);
    else if (picture.width === width && picture.height === height) context.putImageData(picture, 0, 0);
    else context.drawImage(canvasOf(picture), 0, 0, width, height);
    return copy(canvas, canvas);
  }
}

const isForbidden = (error: unknown) => (error as Error).name === 'SecurityError';

function canvasOf(data: ImageData): OffscreenCanvas {
  const canvas = new OffscreenCanvas(data.width, data.height);
  canvas.getContext('2d')?.putImageData(data, 0, 0);
  return canvas;
}

export const isTexture = (picture: unknown): picture is GPUTexture => tagOf(picture) === 'GPUTexture';

const isVideo = (picture: Picture): picture is HTMLVideoElement | VideoFrame =>
  'videoWidth' in picture || 'displayWidth' in picture;

/** Throws an `InputError` unless it has this usage, one sample, colours that are no whole numbers, and what is expected besides. */
export function requireTexture(
  texture: GPUTexture,
  usage: 'TEXTURE_BINDING' | 'RENDER_ATTACHMENT',
  more: Readonly<Record<string, unknown>> = {},
): void {
  if (!(texture.usage & GPUTextureUsage[usage])) throw new InputError(`The texture lacks the usage ${usage}.`);
  const wrong = (name: string, given: unknown, expected: string) =>
    new InputError(`The texture's ${name} is ${show(given)}; it should be ${expected}.`);
  for (const [name, expected] of Object.entries({ dimension: '2d', sampleCount: 1, ...more })) {
    const { [name]: given = expected } = texture as unknown as Record<string, unknown>;
    if (given !== expected) throw wrong(name, given, show(expected));
  }
  const { format } = texture;
  if (/int|depth|stencil/.test(format)) throw wrong('format', format, 'unorm, snorm or float');
}

/** A texture's first level. Of one channel it is grey; a channel that its format lacks is 0. */
function readTexture(texture: GPUTexture): ReadPicture {
  // Only in compatibility mode is a texture bound as one kind of view.
  requireTexture(texture, 'TEXTURE_BINDING', { depthOrArrayLayers: 1, textureBindingViewDimension: '2d' });
  const { width, height, format } = texture;
  const fields = {
    srgb: Number(format.endsWith('-srgb')),
    grey: Number(/^(\w+-)?r[\d-]/.test(format)),
    levels: format.includes('8unorm') ? 255 : 0,
  };
  return { width, height, texture, resource: texture.createView(), fields };
}
