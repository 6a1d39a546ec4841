// What is given as a picture: files with orientation, density and colour profile, other frames, and what is none.
import { InputError, pictureSize } from 'linnet';
import { compilePictures, differences, dispatched, plain, resize } from './images.ts';
import { jpegWith, withSwappedPrimaries } from './picture-files.ts';
import { blobOf, canvasOf, imageData, imageOf, paint, quarters, turn } from './pictures.ts';

/** Images in whose quarters `run`, `dispatch` or `pictureSize` see something else than red, green, blue and white, by name. */
export async function checkWholeImages(device: GPUDevice) {
  const size = { width: 80, height: 60 };
  const canvas = canvasOf(quarters(size));
  const [png, jpeg] = [await blobOf(canvas), await blobOf(canvas, 'image/jpeg')];
  const svg = (attributes: string) => {
    const rect = (x: number, y: number, fill: string) =>
      `<rect x="${x}" y="${y}" width="40" height="30" fill="${fill}"/>`;
    const parts = [rect(0, 0, '#f00'), rect(40, 0, '#0f0'), rect(0, 30, '#00f'), rect(40, 30, '#fff')];
    const text = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 80 60" ${attributes}>${parts.join('')}</svg>`;
    return new Blob([text], { type: 'image/svg+xml' });
  };
  const candidates = (descriptor: string, sizes?: string) => (image: HTMLImageElement, url: string) => {
    if (sizes) image.sizes = sizes;
    image.srcset = `${url} ${descriptor}`;
  };
  const wide = (image: HTMLImageElement, url: string) => {
    [image.width, image.src] = [20, url];
    document.body.append(image);
  };
  const turned = canvasOf({ ...size, ...turn(quarters(size)) });
  const images: Record<string, readonly [Blob, ((image: HTMLImageElement, url: string) => void)?]> = {
    plain: [png],
    'twice the density': [png, candidates('2x')],
    'half the density': [png, candidates('0.5x')],
    'an odd density': [png, candidates('1.37x')],
    'by its width': [png, candidates('80w', '21px')],
    'shown smaller': [png, wide],
    'density by EXIF': [await jpegWith(jpeg, { shown: { width: 40, height: 30, density: 2 } })],
    'turned by EXIF': [await jpegWith(await blobOf(turned, 'image/jpeg'), { orientation: 6 })],
    'turned by EXIF, twice the density': [
      await jpegWith(await blobOf(turned, 'image/jpeg'), { orientation: 6 }),
      candidates('2x'),
    ],
    'an SVG': [svg('width="80" height="60"')],
    'an SVG, twice the density': [svg('width="80" height="60"'), candidates('2x')],
    'an SVG without a size': [svg('')],
    'an SVG without a size, shown smaller': [svg(''), wide],
  };
  const problems: string[] = [];
  const net = await compilePictures(device, { width: 8, height: 6 }, { ...plain, fit: 'contain' });
  for (const [name, [blob, set]] of Object.entries(images)) {
    const { picture, close } = await imageOf(blob, set);
    const tensors = { run: (await net.run({ image: picture })).tensor.data, dispatch: await dispatched(net, picture) };
    for (const [way, tensor] of Object.entries(tensors)) {
      const seen = [0, 7, 40, 47].map((pixel) => [0, 1, 2].map((channel) => tensor[channel * 48 + pixel] as number));
      const colours = seen.map((colour) => colour.map(Math.round).join('')).join();
      const off = Math.max(...seen.flat().map((value) => Math.abs(value - Math.round(value))));
      if (colours !== '100,010,001,111' || off > 0.03) problems.push(`${name}, ${way}: ${seen.join(' | ')}`);
    }
    const { width, height } = pictureSize(picture);
    if (Math.abs(width / height - 4 / 3) > 0.04) problems.push(`${name} is ${width} x ${height}.`);
    if (blob.type !== 'image/svg+xml' && name.includes('density') && width * height !== 4800) {
      problems.push(`${name} is ${width} x ${height}.`);
    }
    picture.remove();
    close();
  }
  net.destroy();
  return problems;
}

/** What a picture file of one colour is, with a colour profile that exchanges red and green, by how it is given. */
export async function readWithProfile(device: GPUDevice) {
  const [width, height] = [16, 12];
  const data = new Uint8ClampedArray(width * height * 4).map((_, index) => [200, 60, 30, 255][index % 4] as number);
  const blob = await withSwappedPrimaries(await blobOf(canvasOf({ width, height, data })));
  const { picture, close } = await imageOf(blob);
  const colours: Record<string, number[]> = {};
  const first = (tensor: Float32Array) => [0, 1, 2].map((channel) => Math.round((tensor[channel] as number) * 255));
  for (const conversion of [undefined, 'none', 'default'] as const) {
    const net = await compilePictures(device, { width: 1, height: 1 }, { ...plain, colorSpaceConversion: conversion });
    const file = new File([blob], 'picture.png', { type: blob.type });
    for (const [name, image] of Object.entries({ image: picture, blob, file })) {
      colours[`${conversion} ${name}`] = first((await net.run({ image })).tensor.data);
    }
    colours[`${conversion} dispatch`] = first(await dispatched(net, picture));
    net.destroy();
  }
  const two = await compilePictures(device, { width: 1, height: 1 }, plain, 2);
  const { tensor } = await two.run({ image: [blob, picture] });
  colours.batch = [...first(tensor.data), ...first(tensor.data.subarray(3))];
  two.destroy();
  close();
  return colours;
}

/** What networks see in textures of other formats, in levels of the first two pixels; or what is said of them. */
export async function readTextures(device: GPUDevice) {
  const net = await compilePictures(device, { width: 2, height: 1 }, plain);
  const luma = await compilePictures(device, { width: 2, height: 1 }, plain, 1, 1);
  const { TEXTURE_BINDING, COPY_DST, RENDER_ATTACHMENT } = GPUTextureUsage;
  const create = (descriptor: Partial<GPUTextureDescriptor> & { textureBindingViewDimension?: string }) =>
    device.createTexture({
      size: [2, 1],
      format: 'rgba8unorm',
      usage: TEXTURE_BINDING | COPY_DST,
      ...descriptor,
    } as GPUTextureDescriptor);
  const results: Record<string, string> = {};
  const read = async (name: string, texture: GPUTexture, by = net) => {
    results[name] = await by.run({ image: texture }).then(
      ({ tensor: { data } }) => {
        const pixels = [0, 1].map((pixel) =>
          Array.from({ length: data.length / 2 }, (_, channel) => (data[channel * 2 + pixel] as number) * 255),
        );
        return pixels.map((pixel) => pixel.map((value) => Number(value.toFixed(2))).join(' ')).join(', ');
      },
      (error: unknown) => (error instanceof InputError ? error.message : `no InputError: ${error}`),
    );
    texture.destroy();
  };
  const filled = (format: GPUTextureFormat, bytes: ArrayBufferView<ArrayBuffer>, more: object = {}) => {
    const texture = create({ format, ...more });
    device.queue.writeTexture({ texture }, bytes, { bytesPerRow: bytes.byteLength }, [2, 1]);
    return texture;
  };
  const isCore = device.features.has('core-features-and-limits');

  const bytes = Uint8Array.of(128, 1, 255, 255, 3, 64, 200, 255);
  await read('rgba8unorm', filled('rgba8unorm', bytes));
  await read('rgba8unorm-srgb', filled('rgba8unorm-srgb', bytes));
  await read('bgra8unorm', filled('bgra8unorm', bytes));
  if (isCore) await read('bgra8unorm-srgb', filled('bgra8unorm-srgb', bytes));
  await read('rgba8snorm', filled('rgba8snorm', Int8Array.of(127, -127, 0, 127, 0, 0, 127, 127)));
  await read('r8unorm', filled('r8unorm', Uint8Array.of(128, 7)));
  await read('r8unorm, luma', filled('r8unorm', Uint8Array.of(128, 7)), luma);
  await read('rg8unorm', filled('rg8unorm', Uint8Array.of(128, 7, 9, 255)));
  // Halves of 1, 0.5, 2 and -1.
  await read(
    'rgba16float',
    filled('rgba16float', Uint16Array.of(0x3800, 0x3c00, 0, 0x3c00, 0x4000, 0xbc00, 0, 0x3c00)),
  );
  await read('r16float', filled('r16float', Uint16Array.of(0x3800, 0x3c00)));
  await read('rgba32float', filled('rgba32float', Float32Array.of(0.1, 0.25, 1.5, 1, 0, 1, 0.3, 1)));
  await read('r32float', filled('r32float', Float32Array.of(0.1, 0.3)));
  await read('rg32float', filled('rg32float', Float32Array.of(0.1, 0.3, 1, 0)));
  // 512 of 1023 is half of it and a bit.
  await read('rgb10a2unorm', filled('rgb10a2unorm', Uint32Array.of(0xc0000000 + 512, 0xc0000000 + (1023 << 10))));
  // Premultiplied and half transparent, over white.
  await read('transparent', filled('rgba8unorm', Uint8Array.of(100, 0, 0, 128, 0, 0, 0, 0)));

  await read('mip levels', filled('rgba8unorm', bytes, { mipLevelCount: 2 }));
  for (const format of ['rgba8uint', 'r32sint', 'depth24plus', 'depth32float', 'stencil8'] as const) {
    const usage = /depth|stencil/.test(format) ? TEXTURE_BINDING | RENDER_ATTACHMENT : TEXTURE_BINDING;
    await read(format, create({ format, usage }));
  }
  await read('layers', create({ size: [2, 1, 3] }));
  await read('3d', create({ size: [2, 1, 3], dimension: '3d' }));
  await read('1d', create({ size: [2], dimension: '1d' }));
  await read('samples', create({ sampleCount: 4, usage: TEXTURE_BINDING | RENDER_ATTACHMENT }));
  await read('one layer of an array', filled('rgba8unorm', bytes, { textureBindingViewDimension: '2d-array' }));
  await read('no binding', create({ usage: COPY_DST }));
  net.destroy();
  luma.destroy();
  return results;
}

type Growing = new (bytes: number, options: { maxByteLength: number }) => ArrayBuffer;

/** Inputs that another frame made, and tensors in memory that grows or is shared. */
export async function readForeignInputs(device: GPUDevice) {
  const output = { width: 3, height: 2 };
  const net = await compilePictures(device, output, plain);
  const frame = document.createElement('iframe');
  document.body.append(frame);
  const other = frame.contentWindow as Window & typeof globalThis;
  const numbers = Array.from({ length: 18 }, (_, index) => index / 4);
  const pixels = paint(output);
  const growing = () => new (ArrayBuffer as Growing)(72, { maxByteLength: 144 });
  const shared = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true }).buffer;
  const part = new Float32Array(numbers.length + 4);
  const tensors = {
    'of another frame': other.Float32Array.from(numbers),
    'that can grow': new Float32Array(growing()),
    'that follows its buffer': new Float32Array(growing(), 0, 18),
    shared: new Float32Array(shared, 16, 18),
    'a part': part.subarray(3, 21),
  };
  const results: Record<string, string> = {};
  const same = (a: Float32Array, b: readonly number[]) => (a.join() === b.join() ? 'right' : a.join());
  for (const [name, tensor] of Object.entries(tensors)) {
    tensor.set(numbers);
    results[name] = await net.run({ image: tensor }).then(({ tensor: { data } }) => same(data, numbers), String);
  }
  const detached = Float32Array.from(numbers);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  results.detached = await net.run({ image: detached }).then(() => 'no error', String);
  const canvas = other.document.createElement('canvas');
  Object.assign(canvas, output);
  canvas.getContext('2d')?.putImageData(imageData(pixels), 0, 0);
  const image = new other.Image();
  image.src = canvas.toDataURL();
  await image.decode();
  const expected = resize(pixels, output, plain, 3);
  for (const [name, picture] of Object.entries({ canvas, image, file: await blobOf(canvas) })) {
    const { tensor } = await net.run({ image: picture });
    results[name] = differences(tensor.data, expected, plain, 0.5).join() || 'right';
  }
  frame.remove();
  net.destroy();
  return results;
}

/** What is said of inputs that are no picture, or not yet. */
export async function pictureErrors(device: GPUDevice) {
  const output = { width: 4, height: 4 };
  const net = await compilePictures(device, output, plain);
  const two = await compilePictures(device, output, plain, 2);
  const tensorsOnly = await compilePictures(device, output, null);
  const messages: Record<string, string> = {};
  const note = async (what: string, work: () => Promise<unknown>) => {
    const error = await work().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    messages[what] = error instanceof InputError ? error.message : `no InputError: ${error}`;
  };
  const give = (what: string, image: unknown) => note(what, () => net.run({ image: image as ImageData }));
  const picture = imageData(paint(output));

  await give('an image without an address', new Image());
  const loading = new Image();
  loading.src = await blobUrl(canvasOf(paint({ width: 50, height: 50 })));
  await give('an image that is loading', loading);
  await loading.decode();
  const broken = new Image();
  broken.src = URL.createObjectURL(new Blob(['no picture']));
  await broken.decode().catch(() => {});
  await give('an image that is broken', broken);
  const foreign = await imageOf(location.href.replace('127.0.0.1', 'localhost').replace(/[^/]*$/, PHOTO));
  await give('an image of another origin', foreign.picture);
  const tainted = canvasOf(paint(output));
  tainted.getContext('2d')?.drawImage(foreign.picture, 0, 0);
  await give('a canvas with it', tainted);
  await give('a picture after that', picture);

  await give('a video without an address', document.createElement('video'));
  const { video, close } = await metadataOnly();
  await give('a video without a frame', video);
  close();
  const frame = new VideoFrame(canvasOf(paint(output)), { timestamp: 0 });
  frame.close();
  await give('a closed frame', frame);
  const bitmap = await createImageBitmap(picture);
  bitmap.close();
  await give('a closed bitmap', bitmap);
  const detached = imageData(paint(output));
  structuredClone(detached.data.buffer, { transfer: [detached.data.buffer] });
  await give('a detached ImageData', detached);
  const empty = canvasOf(paint(output));
  empty.height = 0;
  await give('an empty canvas', empty);
  await give('a file that is no picture', new Blob(['no picture'], { type: 'text/plain' }));

  await give('two pictures', [picture, picture]);
  await give('no picture', []);
  await note('a picture for tensors', () => tensorsOnly.run({ image: picture }));
  await give('an element', document.createElement('div'));
  await give('a list of numbers', [1, 2]);
  await give('a text', 'cat.jpg');
  await give('doubles', new Float64Array(48));
  await note('a list with something else', () => two.run({ image: [picture, document.createElement('p')] as never }));
  await note('a list with an image that is broken', () => two.run({ image: [picture, broken] }));
  await note('no inputs', () => net.run(undefined as never));
  await note('a file to dispatch', async () => net.dispatch({ image: new Blob([]) as never }));
  await note('four channels', () => compilePictures(device, output, plain, 1, 4));
  await note('a broken crop', () => compilePictures(device, output, { ...plain, fit: 'cover', crop: 2 }));
  const { tensor } = await net.run({ image: picture });
  if (tensor.data.length !== 48 || !tensor.data.every(Number.isFinite)) {
    messages.after = 'The network does not work afterwards.';
  }
  for (const made of [net, two, tensorsOnly]) made.destroy();
  return messages;
}

const PHOTO = 'demo/samples/drawings/beagle.png';

const blobUrl = async (canvas: HTMLCanvasElement) => URL.createObjectURL(await blobOf(canvas));

/** A video of which only the beginning has come: its size is known, no frame is there. */
async function metadataOnly() {
  const canvas = canvasOf(paint({ width: 64, height: 48 }));
  const stream = canvas.captureStream();
  const recorder = new MediaRecorder(stream, { mimeType: 'video/webm;codecs=vp8' });
  const recorded = new Promise<Blob>((resolve) => {
    recorder.addEventListener('dataavailable', ({ data }) => data.size > 0 && resolve(data));
  });
  recorder.start();
  const drawing = setInterval(() => canvas.getContext('2d')?.fillRect(0, 0, 5, 5), 30);
  await new Promise((resolve) => setTimeout(resolve, 400));
  recorder.stop();
  const bytes = new Uint8Array(await (await recorded).arrayBuffer());
  clearInterval(drawing);
  for (const track of stream.getTracks()) track.stop();
  // What begins the first cluster of frames; in the list of the file's parts its length, 4 bytes, stands before it.
  const cluster = [0x1f, 0x43, 0xb6, 0x75];
  const start = bytes.findIndex(
    (_, at) => bytes[at - 1] !== 0x84 && cluster.every((byte, index) => bytes[at + index] === byte),
  );
  const media = new MediaSource();
  const video = document.createElement('video');
  video.muted = true;
  video.src = URL.createObjectURL(media);
  await new Promise((resolve) => media.addEventListener('sourceopen', resolve, { once: true }));
  const known = new Promise((resolve) => video.addEventListener('loadedmetadata', resolve, { once: true }));
  media.addSourceBuffer('video/webm;codecs=vp8').appendBuffer(bytes.slice(0, start));
  await known;
  return { video, close: () => video.removeAttribute('src') };
}
