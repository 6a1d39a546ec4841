import { architecture, compile, type Network, type NetworkInput, type Preprocess, pictures, weightsFrom } from 'linnet';
import { sessionOf } from '../../engine/run/session.ts';
import { canvasOf, imageData, kinds, type Open, type Pixels, paint, type Size } from './pictures.ts';
import { placeOf } from './place.ts';
import { replace, restoreProperty } from './track.ts';

export interface PictureCase {
  readonly kind: keyof typeof kinds;
  readonly source: Size;
  readonly output: Size;
  readonly preprocess?: Partial<Preprocess>;
  readonly channels?: 1 | 3;
  readonly alpha?: boolean;
  /** Largest difference of a colour from 0 to 255. */
  readonly tolerance?: number;
  /** In a browser that has the slowest ways only. */
  readonly slow?: boolean;
}

export const plain: Preprocess = { fit: 'fill', mean: [0], std: [1] };

type Pictures = Network<'tensor'>;

/** A network that only brings pictures into its input. */
export async function compilePictures(
  device: GPUDevice,
  { width, height }: Size,
  preprocess: Preprocess | null,
  batch = 1,
  channels = 3,
): Promise<Pictures> {
  const network = architecture('pictures', (g) =>
    g.output('tensor', g.input('image', [batch, channels, height, width])),
  );
  return compile(network, {
    weights: weightsFrom({}),
    device,
    preprocess: preprocess && pictures(preprocess),
    poison: true,
  });
}

/** The tensor that `dispatch` leaves on the GPU. */
export async function dispatched(net: Pictures, image: NetworkInput): Promise<Float32Array> {
  await net.dispatch({ image });
  const { buffer, bytes } = net.outputs.tensor;
  const staging = net.device.createBuffer({ size: bytes, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = net.device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, bytes);
  net.device.queue.submit([encoder.finish()]);
  await sessionOf(net.device).waitFor(staging.mapAsync(GPUMapMode.READ));
  const tensor = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return tensor;
}

/** A picture's tensor against a resize in float64; the largest difference is measured in colours from 0 to 255. */
export async function checkPicture(device: GPUDevice, given: PictureCase) {
  const { kind, source, output, channels = 3, alpha = false, tolerance = 1.5, slow = false } = given;
  const preprocess = { ...plain, ...given.preprocess };
  const pixels = paint(source, { grey: kind === 'HTMLVideoElement', alpha });
  const { picture, close } = await (kinds[kind] as Open)(pixels, device);
  const check = async () => {
    const net = await compilePictures(device, output, preprocess, 1, channels);
    try {
      const expected = resize(pixels, output, preprocess, channels);
      const tensors = [(await net.run({ image: picture })).tensor.data, await dispatched(net, picture)];
      return tensors.flatMap((tensor) => differences(tensor, expected, preprocess, tolerance));
    } finally {
      net.destroy();
    }
  };
  try {
    return await (slow ? withoutFastWays(device, check) : check());
  } finally {
    close?.();
  }
}

/** As in a browser that imports no frames, and copies neither videos and their frames nor ImageData. */
export async function withoutFastWays<Result>(device: GPUDevice, work: () => Promise<Result>): Promise<Result> {
  const { queue } = device;
  const copy = queue.copyExternalImageToTexture.bind(queue);
  if ('importExternalTexture' in device) replace(device, 'importExternalTexture', undefined);
  replace(queue, 'copyExternalImageToTexture', (...args: Parameters<typeof copy>) => {
    const kind = Object.prototype.toString.call(args[0].source).slice(8, -1);
    if (['ImageData', 'HTMLVideoElement', 'VideoFrame'].includes(kind)) {
      refusals++;
      throw new TypeError(`The source is of the kind ${kind}.`);
    }
    copy(...args);
  });
  try {
    return await work();
  } finally {
    restoreProperty(device, 'importExternalTexture');
    restoreProperty(queue, 'copyExternalImageToTexture');
  }
}

let refusals = 0;

/** How often a browser that does not copy ImageData is asked to, by two networks that take ten pictures each. */
export async function countRefusals(device: GPUDevice) {
  return withoutFastWays(device, async () => {
    refusals = 0;
    for (const _ of [1, 2]) {
      const net = await compilePictures(device, { width: 4, height: 4 }, plain);
      for (let count = 0; count < 10; count++) await net.run({ image: imageData(paint({ width: 9, height: 9 })) });
      net.destroy();
    }
    return refusals;
  });
}

export interface PillowCase {
  readonly seed: number;
  readonly source: Size;
  readonly output: Size;
  readonly preprocess: Partial<Preprocess>;
  /** Of the output, in base64. */
  readonly rgb: string;
}

/** How many colours of a picture are off by how many levels from what Pillow makes of it. */
export async function comparePillow(device: GPUDevice, { seed, source, output, preprocess, rgb }: PillowCase) {
  let state = seed;
  const data = new Uint8ClampedArray(source.width * source.height * 4);
  for (let index = 0; index < data.length; index++) {
    if (index % 4 !== 3) state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[index] = index % 4 === 3 ? 255 : state >>> 24;
  }
  const net = await compilePictures(device, output, { ...plain, mean: [0.4], ...preprocess });
  const { tensor } = await net.run({ image: imageData({ ...source, data }) });
  net.destroy();
  const expected = atob(rgb);
  const pixels = output.width * output.height;
  const counts: Record<number, number> = {};
  for (const [index, value] of tensor.data.entries()) {
    const level = (value + 0.4) * 255;
    const known = expected.charCodeAt((index % pixels) * 3 + Math.floor(index / pixels));
    // Whole numbers, or the difference shows.
    const off = Math.abs(level - known) < 0.01 ? 0 : Math.max(1, Math.round(Math.abs(level - known)));
    counts[off] = (counts[off] ?? 0) + 1;
  }
  return counts;
}

/** A frame that is shown wider than it is stored. */
export async function checkWideFrame(device: GPUDevice, { slow }: { slow: boolean }) {
  const pixels = paint({ width: 20, height: 20 });
  const { data, width, height } = pixels;
  const shown = { width: 40, height: 20 };
  const output = { width: 17, height: 16 };
  const preprocess: Preprocess = { ...plain, fit: 'contain' };
  const [displayWidth, displayHeight] = [shown.width, shown.height];
  const init = {
    format: 'RGBA',
    codedWidth: width,
    codedHeight: height,
    displayWidth,
    displayHeight,
    timestamp: 0,
  } as const;
  const picture = new VideoFrame(data, init);
  const check = async () => {
    const net = await compilePictures(device, output, preprocess);
    const { tensor } = await net.run({ image: picture });
    net.destroy();
    // The browser may stretch it first: an imported one by doubled pixels, a drawn one by its own filter.
    return differences(tensor.data, resize(pixels, output, preprocess, 3, shown), preprocess, slow ? 12 : 3);
  };
  try {
    return await (slow ? withoutFastWays(device, check) : check());
  } finally {
    picture.close();
  }
}

/** Two different pictures in a batch, of different kinds and sizes. */
export async function checkBatch(device: GPUDevice) {
  const output = { width: 9, height: 7 };
  const [first, second] = [paint({ width: 31, height: 17 }), paint({ width: 8, height: 12 }, { grey: true })];
  const net = await compilePictures(device, output, plain, 2);
  try {
    const { tensor } = await net.run({ image: [imageData(first), canvasOf(second)] });
    const expected = [...resize(first, output, plain, 3), ...resize(second, output, plain, 3)];
    return differences(tensor.data, expected, plain, 1.5);
  } finally {
    net.destroy();
  }
}

/** One network takes pictures of changing sizes, and tensors between them. */
export async function checkChangingPictures(device: GPUDevice) {
  const output = { width: 6, height: 5 };
  const net = await compilePictures(device, output, plain);
  const problems: string[] = [];
  try {
    for (const size of [20, 33, 20, 7]) {
      const pixels = paint({ width: size, height: size + 3 });
      const { tensor } = await net.run({ image: imageData(pixels) });
      problems.push(...differences(tensor.data, resize(pixels, output, plain, 3), plain, 1.5));
      const numbers = Float32Array.from({ length: 90 }, (_, index) => index + size);
      const { tensor: same } = await net.run({ image: numbers });
      if (same?.data.join() !== numbers.join()) problems.push('A tensor after a picture is not what was given.');
    }
    return problems;
  } finally {
    net.destroy();
  }
}

export function differences(
  actual: Float32Array,
  expected: readonly number[],
  { std }: Preprocess,
  tolerance: number,
): string[] {
  if (actual.length !== expected.length) return [`There are ${actual.length} elements instead of ${expected.length}.`];
  const bound = tolerance / 255 / Math.min(...std);
  const wrong = Array.from(actual.keys()).filter(
    (index) => !(Math.abs((actual[index] as number) - (expected[index] as number)) <= bound),
  );
  const [first, last] = [wrong[0] ?? 0, wrong.at(-1) ?? 0];
  if (wrong.length === 0) return [];
  return [
    `${wrong.length} of ${actual.length} are off by more than ${bound}: at ${first} ${actual[first]} instead of ${expected[first]}, at ${last} ${actual[last]} instead of ${expected[last]}`,
  ];
}

/**
 * The documented resize, as Pillow does it in two passes, of which each keeps 8 bits: a triangle or a cubic over the source,
 * as wide as destination pixels and at least as source pixels; transparency over white; then normalisation. A picture whose
 * pixels are not square is `shown` at another size.
 */
export function resize(
  picture: Pixels,
  output: Size,
  preprocess: Preprocess,
  channels: 1 | 3,
  shown: Size = picture,
): number[] {
  const { mean, std, interpolation } = preprocess;
  const [columns, rows] = (['width', 'height'] as const).map((axis) => {
    const { first, size } = placeOf(shown, output, preprocess)[axis];
    return Array.from({ length: output[axis] }, (_, index) => {
      if (index < first || index >= first + size) return undefined;
      const scale = picture[axis] / size;
      const wide = Math.max(scale, 1);
      const taps = Array.from({ length: picture[axis] }, (_, at) =>
        kernel(Math.abs(at + 0.5 - (index - first + 0.5) * scale) / wide, interpolation === 'bicubic'),
      );
      const sum = taps.reduce((total, weight) => total + weight, 0);
      return taps.flatMap((weight, at) => (weight === 0 ? [] : [{ at, weight: weight / sum }]));
    });
  }) as [Taps[], Taps[]];
  const whole = (value: number) => Math.floor(Math.min(Math.max(value, 0), 255) + 0.5);
  const { data, width, height } = picture;
  const planes = [0, 1, 2].map((channel) => {
    const colourAt = (x: number, y: number) => {
      const [colour, alpha] = [data[(y * width + x) * 4 + channel], data[(y * width + x) * 4 + 3]] as [number, number];
      return (colour * alpha) / 255 + 255 - alpha;
    };
    const lines = Array.from({ length: height }, (_, y) =>
      columns.map((taps) => taps && whole(taps.reduce((sum, { at, weight }) => sum + weight * colourAt(at, y), 0))),
    );
    return rows.flatMap((taps) =>
      columns.map(
        (column, x) =>
          taps && column && whole(taps.reduce((sum, { at, weight }) => sum + weight * (lines[at]?.[x] as number), 0)),
      ),
    );
  });
  const normalised = (value: number | undefined, channel: number) =>
    value === undefined ? 0 : (value / 255 - (mean[channel] ?? mean[0] ?? 0)) / (std[channel] ?? std[0] ?? 1);
  if (channels === 3) return planes.flatMap((plane, channel) => plane.map((value) => normalised(value, channel)));
  const [red, green, blue] = planes as [Level[], Level[], Level[]];
  const luma = (at: number) => 0.299 * (red[at] ?? 0) + 0.587 * (green[at] ?? 0) + 0.114 * (blue[at] ?? 0);
  return red.map((value, at) => normalised(value === undefined ? undefined : luma(at), 0));
}

type Level = number | undefined;
type Taps = readonly { readonly at: number; readonly weight: number }[] | undefined;

/** Pillow's filters, its cubic with a = -0.5. */
function kernel(x: number, cubic: boolean): number {
  if (!cubic) return Math.max(0, 1 - x);
  const a = -0.5;
  if (x < 1) return (a + 2) * x ** 3 - (a + 3) * x ** 2 + 1;
  return x < 2 ? a * (x ** 3 - 5 * x ** 2 + 8 * x - 4) : 0;
}
