import type { Preprocess } from 'linnet';
import { type Colour, createOverlay, type DrawOptions } from 'linnet/models';
import { waitFor } from '../../engine/waiting.ts';
import { uniform } from '../../tests/seeded.ts';
import { colourSegmenter, readMask, spread } from './colour-segmenter.ts';
import { featureLevel } from './device.ts';
import { outcome } from './outcome.ts';
import { kinds, type Open, type Pixels, paint, type Size } from './pictures.ts';
import { replace, restoreProperty, track } from './track.ts';

export interface OverlayCase extends Omit<DrawOptions, 'input'> {
  readonly kind?: keyof typeof kinds;
  readonly source: Size;
  readonly input: Size;
  readonly preprocess?: Pick<Preprocess, 'fit' | 'crop'>;
  readonly channels?: 1 | 3;
  readonly colours?: readonly Colour[];
  /** Of the canvas; the picture's unless given. */
  readonly size?: Size;
  readonly alpha?: boolean;
}

type Pixel = readonly [red: number, green: number, blue: number, alpha: number];

/** What a canvas shows, before the task ends: premultiplied, 0 to 1. */
async function readCanvas(device: GPUDevice, canvas: HTMLCanvasElement): Promise<Pixel[]> {
  const { width, height } = canvas;
  const { COPY_SRC, COPY_DST, RENDER_ATTACHMENT } = GPUTextureUsage;
  const usage = COPY_SRC | COPY_DST | RENDER_ATTACHMENT;
  const texture = device.createTexture({ size: [width, height], format: 'rgba8unorm', usage });
  device.queue.copyExternalImageToTexture({ source: canvas }, { texture, premultipliedAlpha: true }, [width, height]);
  const bytesPerRow = Math.ceil((width * 4) / 256) * 256;
  const { MAP_READ } = GPUBufferUsage;
  const buffer = device.createBuffer({ size: bytesPerRow * height, usage: MAP_READ | GPUBufferUsage.COPY_DST });
  const encoder = device.createCommandEncoder();
  encoder.copyTextureToBuffer({ texture }, { buffer, bytesPerRow }, [width, height]);
  device.queue.submit([encoder.finish()]);
  await waitFor(device, buffer.mapAsync(GPUMapMode.READ));
  const bytes = new Uint8Array(buffer.getMappedRange());
  const pixels = Array.from({ length: width * height }, (_, index): Pixel => {
    const at = Math.floor(index / width) * bytesPerRow + (index % width) * 4;
    const [red = 0, green = 0, blue = 0, alpha = 0] = Array.from(bytes.subarray(at, at + 4), (byte) => byte / 255);
    return [red, green, blue, alpha];
  });
  texture.destroy();
  buffer.destroy();
  return pixels;
}

function canvasOf({ width, height }: Size): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  return canvas;
}

/** What is drawn against the picture and the network's own mask, blended in float64. Gives what is further off than 2/255. */
export async function checkOverlay(device: GPUDevice, given: OverlayCase) {
  const { kind = 'ImageData', source, input, preprocess = { fit: 'fill' }, channels = 3, alpha = false } = given;
  const { size = source, mode = 'overlay', opacity = mode === 'cutout' ? 1 : 0.5 } = given;
  const pixels = paint(source, { grey: kind === 'HTMLVideoElement', alpha });
  const { picture, close } = await (kinds[kind] as Open)(pixels, device);
  const segmenter = await colourSegmenter(device, input, preprocess, { channels });
  const { mode: drawMode, opacity: drawOpacity, colours } = given;
  const canvas = canvasOf(size);
  const overlay = await createOverlay(segmenter, canvas, { colours });
  try {
    // Another picture before, and this one twice: nothing stays of the one before.
    overlay.draw(new ImageData(5, 4));
    overlay.draw(picture, { mode: drawMode, opacity: drawOpacity });
    overlay.draw(picture, { mode: drawMode, opacity: drawOpacity });
    const drawn = await readCanvas(device, canvas);

    const mask = await readMask(segmenter, picture);
    const [all, plane] = [mask.values, mask.size.width * mask.size.height];
    const palette =
      colours ??
      (channels === 1
        ? [[0.835, 0.369, 0]]
        : [
            [0, 0, 0, 0],
            [0.835, 0.369, 0],
            [0.337, 0.706, 0.914],
          ]);
    const coloured = Array.from({ length: plane }, (_, at) => {
      const sum = [0, 0, 0, 0];
      for (const [channel, colour] of palette.entries()) {
        const strength = (all[channel * plane + at] as number) * (colour[3] ?? 1);
        for (const lane of [0, 1, 2]) sum[lane] = (sum[lane] as number) + strength * (colour[lane] as number);
        sum[3] = (sum[3] as number) + strength;
      }
      return sum.map((value) => value / Math.max(1, sum[3] as number));
    });
    const planes = [0, 1, 2, 3].flatMap((lane) => coloured.map((colour) => colour[lane] as number));
    const over = spread(planes, { source, input, preprocess, size }, mask.size, 4);
    const count = size.width * size.height;
    const problems = drawn.flatMap((actual, index) => {
      const [red, green, blue, strength] = [0, 1, 2, 3].map(
        (lane) => opacity * (over[lane * count + index] as number),
      ) as [number, number, number, number];
      const under = sample(pixels, size, index);
      const tint = [red, green, blue, strength];
      const expected = under.map((value, lane) =>
        mode === 'cutout' ? value * strength : (tint[lane] as number) + value * (1 - strength),
      );
      const off = Math.max(...expected.map((value, lane) => Math.abs(value - (actual[lane] as number))));
      return off <= 2 / 255 ? [] : [`At ${index} is ${actual} instead of ${expected}.`];
    });
    return { problems: problems.slice(0, 3), alphas: new Set(drawn.map(([, , , value]) => value)).size };
  } finally {
    overlay.destroy();
    segmenter.network.destroy();
    close?.();
  }
}

/** The picture's colour, premultiplied, at the centre of a pixel of another size: bilinear, kept within the picture. */
function sample({ width, height, data }: Pixels, size: Size, index: number): number[] {
  const along = (at: number, from: number, to: number) => {
    const kept = Math.min(Math.max(((at + 0.5) * to) / from - 0.5, 0), to - 1);
    const first = Math.floor(kept);
    return { first, second: Math.min(first + 1, to - 1), part: kept - first };
  };
  const x = along(index % size.width, size.width, width);
  const y = along(Math.floor(index / size.width), size.height, height);
  return [0, 1, 2, 3].map((lane) => {
    const value = (row: number, column: number) => {
      const start = (row * width + column) * 4;
      const alpha = (data[start + 3] as number) / 255;
      return lane === 3 ? alpha : ((data[start + lane] as number) / 255) * alpha;
    };
    const line = (row: number) => value(row, x.first) * (1 - x.part) + value(row, x.second) * x.part;
    return line(y.first) * (1 - y.part) + line(y.second) * y.part;
  });
}

/** A network of tensors draws over a picture of another size; what is wrong is told; and nothing is left on the device. */
export async function overlayErrors(device: GPUDevice) {
  const input = { width: 8, height: 6 };
  const picture = new ImageData(20, 10);
  const tracker = track(device);
  const segmenter = await colourSegmenter(device, input, { fit: 'cover' }, { channels: 1 });
  const used = canvasOf(input);
  used.getContext('2d');
  const canvas = canvasOf(input);
  const create = (colours?: Colour[]) => outcome(createOverlay(segmenter, canvas, { colours }));
  const overlay = await createOverlay(segmenter, canvas);
  const draw = (options: DrawOptions) => outcome(Promise.resolve().then(() => overlay.draw(picture, options)));
  const messages = {
    'a canvas in use': await outcome(createOverlay(segmenter, used)),
    'two colours': await create([
      [0, 0, 0],
      [1, 1, 1],
    ]),
    'a byte': await create([[255, 0, 0]]),
    'too short': await create([[0, 1] as unknown as Colour]),
    mode: await draw({ mode: 'both' as 'overlay' }),
    opacity: await draw({ opacity: 2 }),
    input: await draw({ input: new Float32Array(3) }),
    'an image that is not loaded': await outcome(Promise.resolve().then(() => overlay.draw(new Image()))),
    'a video that is not loaded': await outcome(
      Promise.resolve().then(() => overlay.draw(document.createElement('video'))),
    ),
  };
  const before = tracker.made();
  const lasting = ['createShaderModule', 'createComputePipeline', 'createRenderPipeline', 'createSampler'] as const;
  let calls = 0;
  for (const method of lasting) {
    const create = device[method].bind(device) as (descriptor: object) => object;
    replace(device, method, (descriptor: object) => {
      calls++;
      return create(descriptor);
    });
  }
  const frame = new VideoFrame(canvasOf({ width: 20, height: 10 }), { timestamp: 0 });
  for (let count = 0; count < 3; count++) {
    overlay.draw(picture);
    overlay.draw(frame);
  }
  frame.close();
  for (const method of lasting) restoreProperty(device, method);
  const made = tracker.made() - before + calls;
  // An empty canvas is a validation error in Firefox.
  device.pushErrorScope('validation');
  canvas.width = 0;
  const empty = await draw({});
  canvas.width = 8;
  await device.popErrorScope();
  overlay.destroy();
  overlay.destroy();
  const destroyed = await draw({});
  const other = await createOverlay(segmenter, canvas);
  segmenter.network.destroy();
  const withoutNetwork = await outcome(Promise.resolve().then(() => other.draw(picture)));
  other.destroy();
  const alive = tracker.alive();
  tracker.stop();
  return { messages, made, empty, destroyed, withoutNetwork, alive };
}

/** A network that takes only tensors, with the picture that its tensor was made of. */
export async function overlayOfTensor(device: GPUDevice) {
  const input = { width: 8, height: 6 };
  const segmenter = await colourSegmenter(device, input, null, { channels: 1 });
  const canvas = canvasOf(input);
  const overlay = await createOverlay(segmenter, canvas, { colours: [[0, 0, 1]] });
  const tensor = Float32Array.from(uniform('tensor', 48), (value) => (value + 1) / 2);
  const white = new ImageData(new Uint8ClampedArray(4 * 5 * 3).fill(255), 5, 3);
  overlay.draw(white, { input: tensor, opacity: 1 });
  const drawn = await readCanvas(device, canvas);
  overlay.destroy();
  segmenter.network.destroy();
  const off = drawn.map(([red, green, blue, alpha], index) => {
    const light = 1 - (tensor[index] as number);
    return Math.max(Math.abs(red - light), Math.abs(green - light), Math.abs(blue - 1), Math.abs(alpha - 1));
  });
  return Math.max(...off) * 255;
}

/** After a restored network, on the same device or on another one. */
export async function overlayOnNextDevice() {
  const request = async () => {
    const adapter = await navigator.gpu.requestAdapter(featureLevel === 'core' ? {} : { featureLevel });
    return (await adapter?.requestDevice()) as GPUDevice;
  };
  const [first, second] = [await request(), await request()];
  const input = { width: 5, height: 4 };
  const picture = new ImageData(new Uint8ClampedArray(80).fill(200), 5, 4);
  const segmenter = await colourSegmenter(first, input, { fit: 'fill' });
  const canvas = canvasOf(input);
  const overlay = await createOverlay(segmenter, canvas);
  const drawing = async (device: GPUDevice, by = overlay) => {
    by.draw(picture);
    return (await readCanvas(device, canvas)).join();
  };
  const before = await drawing(first);
  await segmenter.network.restore(first);
  const same = before === (await drawing(first));
  first.destroy();
  await first.lost;
  const lost = await outcome(drawing(first));
  await segmenter.network.restore(second);
  const moved = await outcome(drawing(second));
  overlay.destroy();
  const next = await createOverlay(segmenter, canvas);
  const again = before === (await drawing(second, next));
  next.destroy();
  segmenter.network.destroy();
  second.destroy();
  return { same, lost, moved, again };
}
