import type { Preprocess } from 'linnet';
import { type Colour, createOverlay, type DrawOptions, type OverlayOptions } from 'linnet/models';
import { uniform } from '../../tests/seeded.ts';
import { colourSegmenter, readMask, spread } from './colour-segmenter.ts';
import { featureLevel } from './device.ts';
import { withoutFastWays } from './images.ts';
import { outcome } from './outcome.ts';
import { imageData, kinds, type Open, type Picture, type Pixels, paint, type Size } from './pictures.ts';
import { placeOf } from './place.ts';
import { readCanvas, readTexture } from './read-pixels.ts';
import { replace, restoreProperty, track } from './track.ts';

export interface OverlayCase extends Omit<DrawOptions, 'input'> {
  readonly kind?: keyof typeof kinds;
  readonly source: Size;
  readonly input: Size;
  readonly preprocess?: Pick<Preprocess, 'fit' | 'crop'>;
  readonly channels?: 1 | 3;
  readonly colours?: readonly Colour[];
  /** Of the target; the picture's unless given. */
  readonly size?: Size;
  readonly alpha?: boolean;
  readonly fit?: OverlayOptions['fit'];
  /** A texture of this format is drawn to, instead of a canvas. */
  readonly format?: GPUTextureFormat;
  /** In a browser that has the slowest ways only. */
  readonly slow?: boolean;
}

function canvasOf({ width, height }: Size): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width, height];
  return canvas;
}

/** What is drawn against the picture and the network's own mask, blended in float64. Gives what is further off than 2/255. */
export async function checkOverlay(device: GPUDevice, given: OverlayCase) {
  const { kind = 'ImageData', source, slow } = given;
  const pixels = paint(source, { grey: kind === 'HTMLVideoElement', alpha: given.alpha === true });
  const { picture, close } = await (kinds[kind] as Open)(pixels, device);
  try {
    const check = () => checkDrawing(device, given, pixels, picture);
    return await (slow ? withoutFastWays(device, check) : check());
  } finally {
    close?.();
  }
}

async function checkDrawing(device: GPUDevice, given: OverlayCase, pixels: Pixels, picture: Picture) {
  const { source, input, preprocess = { fit: 'fill' }, channels = 3, size = source, fit, format } = given;
  const { mode, colours, opacity = mode === 'cutout' ? 1 : 0.5 } = given;
  const segmenter = await colourSegmenter(device, input, preprocess, { channels });
  const { COPY_SRC, RENDER_ATTACHMENT } = GPUTextureUsage;
  const canvas = canvasOf(size);
  const texture =
    format && device.createTexture({ size: [size.width, size.height], format, usage: COPY_SRC | RENDER_ATTACHMENT });
  const overlay = await createOverlay(segmenter, texture ?? canvas, { colours, fit });
  const submit = device.queue.submit.bind(device.queue);
  let submissions = 0;
  replace(device.queue, 'submit', (commands: GPUCommandBuffer[]) => {
    submissions++;
    submit(commands);
  });
  try {
    // Another picture before, and this one twice: nothing stays of the one before.
    const draws = [
      overlay.draw(new ImageData(5, 4)),
      overlay.draw(picture, { mode, opacity: given.opacity }),
      overlay.draw(picture, { mode, opacity: given.opacity }),
    ];
    const problems = submissions === draws.length ? [] : [`${submissions} submissions for ${draws.length} pictures`];
    const drawn = await (texture ? readTexture(device, texture) : readCanvas(device, canvas));
    await Promise.all(draws);

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
    const place = placeOf(source, size, { fit: fit ?? 'contain' });
    const shown = { width: place.width.size, height: place.height.size };
    const over = spread(planes, { source, input, preprocess, size: shown }, mask.size, 4);
    const count = shown.width * shown.height;
    const expectedAt = (x: number, y: number): number[] => {
      if (x < 0 || y < 0 || x >= shown.width || y >= shown.height) return [0, 0, 0, 0];
      const index = y * shown.width + x;
      const tint = [0, 1, 2, 3].map((lane) => opacity * (over[lane * count + index] as number));
      const strength = tint[3] as number;
      return sample(pixels, shown, index).map((value, lane) =>
        mode === 'cutout' ? value * strength : (tint[lane] as number) + value * (1 - strength),
      );
    };
    for (const [index, actual] of drawn.entries()) {
      const [x, y] = [index % size.width, Math.floor(index / size.width)];
      const expected = expectedAt(x - place.width.first, y - place.height.first);
      const off = Math.max(...expected.map((value, lane) => Math.abs(value - (actual[lane] as number))));
      if (!(off <= 2 / 255)) problems.push(`At ${x}, ${y} is ${actual} instead of ${expected}.`);
    }
    const alphas = new Set(drawn.map(([, , , value]) => value)).size;
    return { problems: problems.slice(0, 3), alphas, empty: drawn.filter(([, , , alpha]) => alpha === 0).length };
  } finally {
    restoreProperty(device.queue, 'submit');
    overlay.destroy();
    texture?.destroy();
    segmenter.network.destroy();
  }
}

/** Pictures in textures of other formats, drawn over: the largest difference, in levels of 255, from one of plain bytes. */
export async function overlayOfFormats(device: GPUDevice) {
  const size = { width: 2, height: 1 };
  const segmenter = await colourSegmenter(device, { width: 2, height: 2 }, { fit: 'fill' }, { channels: 1 });
  const canvas = canvasOf(size);
  const overlay = await createOverlay(segmenter, canvas);
  const draw = async (format: GPUTextureFormat, data: ArrayBufferView<ArrayBuffer>) => {
    const usage = GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST;
    const texture = device.createTexture({ size: [2, 1], format, usage });
    device.queue.writeTexture({ texture }, data, { bytesPerRow: data.byteLength }, [2, 1]);
    void overlay.draw(texture, { opacity: 0.3 });
    const drawn = (await readCanvas(device, canvas)).flat();
    texture.destroy();
    return drawn;
  };
  const colours = [128, 1, 255, 255, 3, 64, 200, 255];
  const grey = await draw('rgba8unorm', Uint8Array.of(128, 128, 128, 255, 7, 7, 7, 255));
  const plain = await draw('rgba8unorm', Uint8Array.from(colours));
  const swapped = colours.map((_, index) => colours[[2, 1, 0, 3, 6, 5, 4, 7][index] as number] as number);
  const off = (a: number[], b: number[]) =>
    Math.round(255 * Math.max(...a.map((value, index) => Math.abs(value - (b[index] as number)))));
  const results: Record<string, number> = {
    'rgba8unorm-srgb': off(plain, await draw('rgba8unorm-srgb', Uint8Array.from(colours))),
    bgra8unorm: off(plain, await draw('bgra8unorm', Uint8Array.from(swapped))),
    rgba32float: off(
      plain,
      await draw(
        'rgba32float',
        Float32Array.from(colours, (value) => value / 255),
      ),
    ),
    r8unorm: off(grey, await draw('r8unorm', Uint8Array.of(128, 7))),
    r32float: off(grey, await draw('r32float', Float32Array.of(128 / 255, 7 / 255))),
  };
  overlay.destroy();
  segmenter.network.destroy();
  return results;
}

/** The sizes of a canvas that is made as large as its pictures. */
export async function overlayAtPictureSize(device: GPUDevice) {
  const segmenter = await colourSegmenter(device, { width: 4, height: 4 }, { fit: 'cover' }, { channels: 1 });
  const canvas = canvasOf({ width: 3, height: 3 });
  const overlay = await createOverlay(segmenter, canvas, { size: 'picture' });
  const sizes: Record<string, string> = {};
  for (const kind of ['ImageData', 'HTMLImageElement of twice the density', 'VideoFrame', 'GPUTexture'] as const) {
    const { picture, close } = await (kinds[kind] as Open)(paint({ width: 20 + kind.length, height: 15 }), device);
    await overlay.draw(picture);
    const drawn = await outcome(Promise.resolve(overlay.draw(picture)));
    sizes[kind] = `${canvas.width - kind.length} x ${canvas.height}, ${drawn}`;
    close?.();
  }
  overlay.destroy();
  segmenter.network.destroy();
  return sizes;
}

/** What a picture that the GPU refuses ends in, and whether the next one is drawn as before. */
export async function overlayRefused(device: GPUDevice) {
  const segmenter = await colourSegmenter(device, { width: 4, height: 4 }, { fit: 'fill' }, { channels: 1 });
  const canvas = canvasOf({ width: 4, height: 4 });
  const overlay = await createOverlay(segmenter, canvas);
  const picture = imageData(paint({ width: 4, height: 4 }));
  const draw = async () => {
    const drawn = overlay.draw(picture);
    const pixels = await readCanvas(device, canvas);
    await drawn;
    return pixels.join();
  };
  const before = await draw();
  const { TEXTURE_BINDING, RENDER_ATTACHMENT, COPY_DST } = GPUTextureUsage;
  const texture = device.createTexture({ size: [4, 4], format: 'rgba8unorm', usage: TEXTURE_BINDING | COPY_DST });
  texture.destroy();
  const destroyed = await outcome(overlay.draw(texture));
  const after = (await draw()) === before;
  overlay.destroy();
  const target = device.createTexture({ size: [4, 4], format: 'rgba8unorm', usage: RENDER_ATTACHMENT });
  const into = await createOverlay(segmenter, target);
  const first = await outcome(into.draw(picture));
  target.destroy();
  const gone = await outcome(into.draw(picture));
  into.destroy();
  segmenter.network.destroy();
  return { destroyed, after, first, gone };
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
  const create = (options: object, target: unknown = canvas) =>
    outcome(createOverlay(segmenter, target as HTMLCanvasElement, options));
  const overlay = await createOverlay(segmenter, canvas);
  const drawing = (image: Picture, options: object = {}) =>
    outcome(Promise.resolve().then(() => overlay.draw(image, options)));
  const draw = (options: object) => drawing(picture, options);
  const textures: GPUTexture[] = [];
  const into = (descriptor: Partial<GPUTextureDescriptor>, options: object = {}) => {
    const usage = GPUTextureUsage.RENDER_ATTACHMENT;
    const texture = device.createTexture({ size: [4, 4], format: 'rgba8unorm', usage, ...descriptor });
    textures.push(texture);
    return create(options, texture);
  };
  const messages = {
    'a canvas in use': await create({}, used),
    'an element': await create({}, document.createElement('p')),
    'two colours': await create({
      colours: [
        [0, 0, 0],
        [1, 1, 1],
      ],
    }),
    'a byte': await create({ colours: [[255, 0, 0]] }),
    'too short': await create({ colours: [[0, 1]] }),
    'a name': await create({ colours: ['red'] }),
    'another fit': await create({ fit: 'crop' }),
    'another size': await create({ size: 'canvas' }),
    'an unknown option': await create({ color: [[0, 0, 0]] }),
    'a texture without the usage': await into({ usage: GPUTextureUsage.TEXTURE_BINDING }),
    'a texture of whole numbers': await into({ format: 'rgba8uint' }),
    'a texture with samples': await into({ sampleCount: 4 }),
    'a texture to be sized': await into({}, { size: 'picture' }),
    mode: await draw({ mode: 'both' }),
    opacity: await draw({ opacity: 2 }),
    'an unknown option of draw': await draw({ alpha: 1 }),
    input: await draw({ input: new Float32Array(3) }),
    'an input that is none': await draw({ input: 'picture' }),
    'an image that is not loaded': await drawing(new Image()),
    'a video that is not loaded': await drawing(document.createElement('video')),
    'a file': await drawing(new Blob([]) as unknown as Picture),
  };
  for (const texture of textures) texture.destroy();
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
    void overlay.draw(picture);
    void overlay.draw(frame);
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
  const overlay = await createOverlay(segmenter, canvas, { colours: [[0, 0, 1]], fit: 'fill' });
  const tensor = Float32Array.from(uniform('tensor', 48), (value) => (value + 1) / 2);
  const white = new ImageData(new Uint8ClampedArray(4 * 5 * 3).fill(255), 5, 3);
  void overlay.draw(white, { input: tensor, opacity: 1 });
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
    void by.draw(picture);
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
