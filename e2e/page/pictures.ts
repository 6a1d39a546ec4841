import type { ImageSource } from 'linnet';

export type Picture = GPUTexture | ImageSource;

/** Rows of red, green, blue, alpha, 0 to 255, not premultiplied. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray<ArrayBuffer>;
}

/** Smooth and different in each direction and colour; grey where a video would mix the colours of neighbours. */
export function paint({ width, height }: Size, { grey = false, alpha = false } = {}): Pixels {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const wave = (phase: number) => 128 + 60 * Math.sin(x / 5 + phase) + 60 * Math.cos(y / 3 - 2 * phase);
      const colours = [0, 1, 2].map((channel) => wave(grey ? 0 : channel));
      data.set([...colours, alpha ? (x * 37 + y * 11) % 256 : 255], (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

/** Colours that a network without padding, fit `fill`, sees in the quarters: red, green, blue, white. */
export function quarters({ width, height }: Size): Pixels {
  const data = new Uint8ClampedArray(width * height * 4);
  const colours = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const quarter = Number(x >= width / 2) + 2 * Number(y >= height / 2);
      data.set([...colours.slice(quarter * 3, quarter * 3 + 3), 255], (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

/** What a camera stores that is held on its side: shown right when it is turned clockwise. */
export function turn({ width, height, data }: Pixels): Pixels {
  const stored = new Uint8ClampedArray(data.length);
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < height; x++) {
      const from = (x * width + (width - 1 - y)) * 4;
      stored.set(data.subarray(from, from + 4), (y * height + x) * 4);
    }
  }
  return { width: height, height: width, data: stored };
}

export type Size = { width: number; height: number };
export type Open = (pixels: Pixels, device: GPUDevice) => Promise<{ picture: Picture; close?: () => void }>;

export const imageData = ({ data, width, height }: Pixels) => new ImageData(data, width, height);

export function canvasOf(pixels: Pixels): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [pixels.width, pixels.height];
  canvas.getContext('2d')?.putImageData(imageData(pixels), 0, 0);
  return canvas;
}

export const blobOf = async (canvas: HTMLCanvasElement, type = 'image/png'): Promise<Blob> =>
  new Promise((resolve) => canvas.toBlob((blob) => resolve(blob as Blob), type, 1));

export async function imageOf(source: Blob | string, set: (image: HTMLImageElement, url: string) => void = setSource) {
  const picture = new Image();
  const url = typeof source === 'string' ? source : URL.createObjectURL(source);
  set(picture, url);
  await picture.decode();
  return { picture, close: () => URL.revokeObjectURL(url) };
}

const setSource = (image: HTMLImageElement, url: string) => {
  image.src = url;
};

/** Every kind of picture that a network takes. */
export const kinds = {
  ImageData: async (pixels) => ({ picture: imageData(pixels) }),
  ImageBitmap: async (pixels) => {
    const picture = await createImageBitmap(imageData(pixels));
    return { picture, close: () => picture.close() };
  },
  HTMLImageElement: async (pixels) => imageOf(await blobOf(canvasOf(pixels))),
  'HTMLImageElement of twice the density': async (pixels) =>
    imageOf(await blobOf(canvasOf(pixels)), (image, url) => {
      image.srcset = `${url} 2x`;
    }),
  Blob: async (pixels) => ({ picture: (await blobOf(canvasOf(pixels))) as unknown as Picture }),
  HTMLCanvasElement: async (pixels) => ({ picture: canvasOf(pixels) }),
  OffscreenCanvas: async (pixels) => {
    const picture = new OffscreenCanvas(pixels.width, pixels.height);
    picture.getContext('2d')?.putImageData(imageData(pixels), 0, 0);
    return { picture };
  },
  VideoFrame: async ({ data, width, height }) => {
    const picture = new VideoFrame(data, { format: 'RGBA', codedWidth: width, codedHeight: height, timestamp: 0 });
    return { picture, close: () => picture.close() };
  },
  'VideoFrame of a part': async ({ data, width, height }) => {
    const coded = { codedWidth: width + 6, codedHeight: height + 4 };
    const whole = new Uint8ClampedArray(coded.codedWidth * coded.codedHeight * 4).fill(255);
    for (let y = 0; y < height; y++) {
      whole.set(data.subarray(y * width * 4, (y + 1) * width * 4), ((y + 2) * coded.codedWidth + 4) * 4);
    }
    const visibleRect = { x: 4, y: 2, width, height };
    const picture = new VideoFrame(whole, { format: 'RGBA', ...coded, visibleRect, timestamp: 0 });
    return { picture, close: () => picture.close() };
  },
  'VideoFrame turned': async (pixels) => {
    // Not every browser turns frames.
    const turns = 'rotation' in VideoFrame.prototype;
    const { data, width, height } = turns ? turn(pixels) : pixels;
    const init = {
      format: 'RGBA',
      codedWidth: width,
      codedHeight: height,
      timestamp: 0,
      rotation: turns ? 90 : 0,
    } as const;
    const picture = new VideoFrame(data, init);
    return { picture, close: () => picture.close() };
  },
  HTMLVideoElement: async (pixels) => {
    const canvas = canvasOf(pixels);
    const picture = document.createElement('video');
    const stream = canvas.captureStream();
    picture.muted = true;
    picture.srcObject = stream;
    const shown = new Promise((resolve) => picture.requestVideoFrameCallback(resolve));
    await picture.play();
    // A stream has a frame only once its canvas is drawn to again.
    canvas.getContext('2d')?.putImageData(imageData(pixels), 0, 0);
    await shown;
    return {
      picture,
      close: () => {
        picture.pause();
        picture.srcObject = null;
        for (const track of stream.getTracks()) track.stop();
      },
    };
  },
  GPUTexture: async ({ data, width, height }, device) => {
    const picture = device.createTexture({
      size: [width, height],
      format: 'rgba8unorm',
      usage: GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST,
    });
    device.queue.writeTexture({ texture: picture }, data, { bytesPerRow: width * 4 }, [width, height]);
    return { picture, close: () => picture.destroy() };
  },
} as const satisfies Record<string, Open>;
