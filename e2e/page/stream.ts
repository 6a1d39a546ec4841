import { architecture, compile, type Network, pictures, requestDevice, weightsFrom } from 'linnet';
import { loadModel } from 'linnet/models';
import {
  type Effect,
  type FrameSource,
  type Stream,
  type StreamedFrame,
  type StreamOptions,
  stream,
} from 'linnet/stream';
import { uniform } from '../../tests/seeded.ts';
import { withoutFastWays } from './images.ts';
import { outcome } from './outcome.ts';
import { canvasOf, imageData, type Pixels, type Size, turn } from './pictures.ts';
import { type Pixel, readTexture } from './read-pixels.ts';
import { replace, restoreProperty, track } from './track.ts';

const preprocess = pictures({ fit: 'fill', mean: [0], std: [1] });
const weights = weightsFrom({});

/** What is bright is in front: the mask goes from 0 to 1 around a luma of a half. */
function brightness(device?: GPUDevice, { width, height }: Size = { width: 16, height: 12 }): Promise<Network> {
  const network = architecture('brightness', (g) => {
    const image = g.input('image', [1, 1, height, width]);
    g.output('mask', g.clamp(g.linear(image, { alpha: 8, beta: -3.5 }), { minValue: 0, maxValue: 1 }));
  });
  return compile(network, { weights, preprocess, device, tune: false });
}

/** The left half's class is the first one of a picture whose left half is the brighter one. */
function halves(device: GPUDevice): Promise<Network> {
  const network = architecture('halves', (g) => {
    const scores = g.reshape(g.averagePool2d(g.input('image', [1, 1, 4, 2]), { windowDimensions: [4, 1] }), [1, 2]);
    g.output('logits', scores);
    g.output('probabilities', g.softmax(scores));
  });
  return compile(network, { weights, preprocess, device, tune: false });
}

type Draw = (width: number, x: number, y: number, frame: number) => readonly [red: number, green: number, blue: number];

function painted({ width, height }: Size, colourAt: Draw, frame = 0): Pixels {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data.set([...colourAt(width, x, y, frame), 255], 4 * (y * width + x));
  }
  return { width, height, data };
}

/** White in its first corner, and dark elsewhere. */
const corner: Draw = (width, x, y) => (x < width / 3 && y < width / 4 ? [255, 255, 255] : [40, 40, 40]);

/** A camera that shows a picture, or another one each time. */
async function film(size: Size, draw: Draw) {
  const canvas = canvasOf(painted(size, draw));
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  const media = canvas.captureStream();
  let frame = 0;
  const timer = setInterval(() => context.putImageData(imageData(painted(size, draw, ++frame)), 0, 0), 30);
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = media;
  await video.play();
  return {
    video,
    track: media.getVideoTracks()[0] as MediaStreamTrack,
    close() {
      clearInterval(timer);
      video.srcObject = null;
      for (const each of media.getTracks()) each.stop();
    },
  };
}

/** What a `VideoFrame` may be told, beside what TypeScript's libraries know. */
interface FrameInit extends Partial<VideoFrameBufferInit> {
  readonly rotation?: number;
  readonly flip?: boolean;
}

/** How a camera may store what it shows: the stored pixels, and what the frame says of them. */
const STORED = {
  upright: (pixels: Pixels) => [pixels, {}],
  // Not every browser turns frames, or mirrors them.
  turned: (pixels) => ('rotation' in VideoFrame.prototype ? [turn(pixels), { rotation: 90 }] : [pixels, {}]),
  over: (pixels) => ('rotation' in VideoFrame.prototype ? [turn(turn(pixels)), { rotation: 180 }] : [pixels, {}]),
  mirrored: (pixels) => {
    if (!('flip' in VideoFrame.prototype)) return [pixels, {}];
    const flipped = painted(pixels, (width, x, y) => colourOf(pixels, width - 1 - x, y));
    return [flipped, { flip: true }];
  },
  /** A part of what is stored. */
  cropped: (pixels) => {
    const { width, height } = pixels;
    const whole = painted({ width: width + 24, height: height + 16 }, (_, x, y) =>
      x < 16 || x >= width + 16 || y < 8 || y >= height + 8 ? [255, 0, 0] : colourOf(pixels, x - 16, y - 8),
    );
    return [whole, { visibleRect: { x: 16, y: 8, width, height } }];
  },
  /** Pixels that are twice as wide as high. */
  anamorphic: (pixels) => {
    const { width, height } = pixels;
    const narrow = painted({ width: width / 2, height }, (_, x, y) => colourOf(pixels, 2 * x, y));
    return [narrow, { displayWidth: width, displayHeight: height }];
  },
} as const satisfies Record<string, (pixels: Pixels) => readonly [Pixels, FrameInit]>;

const colourOf = (
  { width, data }: Omit<Pixels, 'data'> & { readonly data: ArrayLike<number> },
  x: number,
  y: number,
) => {
  const start = 4 * (y * width + x);
  return [data[start], data[start + 1], data[start + 2]] as unknown as ReturnType<Draw>;
};

/** Frames, which have to be closed, as a processor gives them; of the size `next` from that frame on. */
function framesOf(size: Size, draw: Draw, stored: keyof typeof STORED = 'upright', sizeNow = () => size) {
  const made: VideoFrame[] = [];
  let left = 0;
  let timer: ReturnType<typeof setInterval>;
  let queue: ReadableStreamDefaultController<VideoFrame>;
  const readable = new ReadableStream<VideoFrame>({
    start(controller) {
      queue = controller;
      timer = setInterval(() => {
        // As a camera does: what waits where nobody reads would be nobody's to close.
        if (!controller.desiredSize) return;
        const count = made.length;
        const [{ data, width, height }, said] = STORED[stored](painted(sizeNow(), draw, count));
        const coded = { format: 'RGBA', codedWidth: width, codedHeight: height } as const;
        const frame = new VideoFrame(data, { ...coded, timestamp: count * 30_000, ...said });
        made.push(frame);
        controller.enqueue(frame);
      }, 30);
    },
    cancel: () => close(),
  });
  const close = () => {
    clearInterval(timer);
    const open = made.filter(({ format }) => format);
    left = open.length;
    for (const frame of open) frame.close();
  };
  /** What waits is still read. */
  const end = () => {
    clearInterval(timer);
    queue.close();
  };
  /** `left`: how many frames were not closed when the stream ended. */
  return { readable, close, end, left: () => left };
}

function deferred<Value>() {
  let resolve!: (value: Value) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<Value>((...settle) => {
    [resolve, reject] = settle;
  });
  return { promise, resolve, reject };
}

/** Streams until so many frames were drawn by the model, and what `then` looks at after that. */
async function streamed<Result>(
  source: FrameSource,
  options: Omit<StreamOptions, 'onFrame'>,
  count: number,
  then: (live: Stream, frame: StreamedFrame) => Promise<Result> | Result,
  canvas: HTMLCanvasElement | OffscreenCanvas | null = null,
): Promise<Result> {
  let seen = 0;
  const { promise, resolve, reject } = deferred<StreamedFrame>();
  const onFrame = (frame: StreamedFrame) => {
    if (frame.isReady && ++seen === count) resolve(frame);
  };
  const live = stream(source, canvas, { ...options, onFrame });
  live.ended.then(() => reject(new Error('The stream has ended.')), reject);
  try {
    return await then(live, await promise);
  } finally {
    live.stop();
    await live.ended;
  }
}

const at = ({ width }: Size, pixels: readonly Pixel[], x: number, y: number) =>
  (pixels[y * width + x] as Pixel).map((part) => Math.round(part * 255));

/** The colours near the four corners. */
const cornersOf = (size: Size, pixels: readonly Pixel[]) =>
  [
    [4, 4],
    [size.width - 5, 4],
    [4, size.height - 5],
    [size.width - 5, size.height - 5],
  ].map(([x, y]) => at(size, pixels, x as number, y as number));

function readShown(image: CanvasImageSource, { width, height }: Size): Pixel[] {
  const context = new OffscreenCanvas(width, height).getContext('2d') as OffscreenCanvasRenderingContext2D;
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  return Array.from({ length: width * height }, (_, index) => {
    const [red, green, blue, alpha] = Array.from(data.subarray(4 * index, 4 * index + 4), (part) => part / 255);
    return [red, green, blue, alpha] as unknown as Pixel;
  });
}

/** The corners of a video of this track. */
async function shownBy(track: MediaStreamTrack) {
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = new MediaStream([track]);
  await video.play();
  await new Promise((resolve) => video.requestVideoFrameCallback(resolve));
  const corners = cornersOf(size, readShown(video, size));
  video.srcObject = null;
  return corners;
}

/** Not in TypeScript's libraries. */
type GeneratorType = new (init: {
  kind: 'video';
}) => MediaStreamTrack & { readonly writable: WritableStream<VideoFrame> };

const size = { width: 96, height: 72 };
const BLUE: Effect = { kind: 'replace', background: [0, 0, 1] };

/** A frame whose first corner is bright, by the way that frames take: its four corners, where all but that are blue. */
export async function streamCorner(
  device: GPUDevice,
  { way }: { way: keyof typeof STORED | 'video' | 'track' | 'slow' | 'canvas' | 'shown' | 'untouched' },
) {
  const network = await brightness(device);
  const camera = await film(size, corner);
  const source =
    way in STORED
      ? framesOf(size, corner, way as keyof typeof STORED).readable
      : way === 'track'
        ? camera.track
        : camera.video;
  const isShown = way === 'canvas' || way === 'shown';
  const canvas = isShown ? document.createElement('canvas') : null;
  try {
    const work = () =>
      streamed(
        source,
        { model: { network }, effect: way === 'untouched' ? undefined : BLUE },
        6,
        async (live) => {
          if (!canvas) return cornersOf(size, await readTexture(device, live.texture as GPUTexture));
          if (way === 'canvas') {
            await new Promise(requestAnimationFrame);
            return cornersOf(size, readShown(canvas, size));
          }
          return shownBy(live.track());
        },
        canvas,
      );
    return await (way === 'slow' ? withoutFastWays(device, work) : work());
  } finally {
    camera.close();
    network.destroy();
  }
}

/** Frames that change their size on the way: the corners of the last ones, and the canvas's size with each of the frames. */
export async function streamResized(device: GPUDevice) {
  const network = await brightness(device);
  const sizes = new Set<string>();
  const turned = { width: 60, height: 100 };
  // Not before one was drawn: a busy machine may drop many at first.
  const camera = framesOf(size, corner, 'upright', () => (sizes.size > 0 ? turned : size));
  const canvas = document.createElement('canvas');
  const { promise, resolve, reject } = deferred<void>();
  let last = 0;
  const live = stream(camera.readable, canvas, {
    model: { network },
    effect: BLUE,
    onFrame({ width, height, isReady }) {
      sizes.add(`${width} x ${height} on ${canvas.width} x ${canvas.height}`);
      last += Number(isReady && width === turned.width);
      if (last === 6) resolve();
    },
  });
  live.ended.catch(reject);
  await promise;
  await new Promise(requestAnimationFrame);
  const corners = cornersOf(turned, readShown(canvas, turned));
  live.stop();
  await live.ended;
  network.destroy();
  return { corners, sizes: [...sizes] };
}

/** Two streams by one network: the corners that each of them draws. */
export async function streamTwice(device: GPUDevice) {
  const network = await brightness(device);
  const last: Draw = (width, x, y) => corner(width, width - 1 - x, 71 - y, 0);
  const look = (draw: Draw) =>
    streamed(framesOf(size, draw).readable, { model: { network }, effect: BLUE }, 12, async (live) =>
      cornersOf(size, await readTexture(device, live.texture as GPUTexture)),
    );
  const [first, second] = await Promise.all([look(corner), look(last)]);
  network.destroy();
  return { first, second };
}

/** What a canvas shows of a background that is half transparent; and of a video that has no frame when its stream begins. */
export async function streamCanvas(device: GPUDevice) {
  const network = await brightness(device);
  const effect: Effect = { kind: 'replace', background: [0, 1, 0, 0.5] };
  const camera = await film(size, corner);
  const canvas = document.createElement('canvas');
  const video = document.createElement('video');
  video.muted = true;
  setTimeout(() => {
    video.srcObject = camera.video.srcObject;
    void video.play();
  }, 200);
  try {
    return await streamed(
      video,
      { model: { network }, effect },
      8,
      async () => {
        // On a busy machine the browser shows a frame some turns after it was drawn.
        for (let turns = 0; ; turns++) {
          await new Promise(requestAnimationFrame);
          const corners = cornersOf(size, readShown(canvas, size));
          if (turns === 60 || corners[0]?.every((part) => part > 250)) return corners;
        }
      },
      canvas,
    );
  } finally {
    video.srcObject = null;
    camera.close();
    network.destroy();
  }
}

/** What is drawn of a still video that says only after its first frames that it has one; and how many were drawn before. */
export async function streamEarly(device: GPUDevice) {
  const network = await brightness(device);
  const camera = await film(size, corner);
  const { video } = camera;
  Object.defineProperty(video, 'readyState', { configurable: true, get: () => HTMLMediaElement.HAVE_METADATA });
  const { promise, resolve, reject } = deferred<void>();
  let early = 0;
  const onFrame = () => ('readyState' in Object.getOwnPropertyDescriptors(video) ? early++ : resolve());
  const live = stream(video, null, { model: { network }, effect: BLUE, onFrame });
  live.ended.then(() => reject(new Error('The stream has ended.')), reject);
  try {
    await new Promise((go) => setTimeout(go));
    await live.setEffect(BLUE);
    for (let frames = 0; frames < 3; frames++) await new Promise((go) => video.requestVideoFrameCallback(go));
    video.pause();
    Reflect.deleteProperty(video, 'readyState');
    video.dispatchEvent(new Event('loadeddata'));
    await promise;
    return { early, corners: cornersOf(size, await readTexture(device, live.texture as GPUTexture)) };
  } finally {
    live.stop();
    await live.ended.catch(() => {});
    camera.close();
    network.destroy();
  }
}

const MATRICES = { bt709: [0.2126, 0.0722], smpte170m: [0.299, 0.114] } as const;

/** One colour as a camera may store it, by the matrix and range of luma: what is drawn. */
export async function streamColours(
  device: GPUDevice,
  { matrix, fullRange, colour }: { matrix: keyof typeof MATRICES; fullRange: boolean; colour: readonly number[] },
) {
  const network = await brightness(device);
  const [kr, kb] = MATRICES[matrix];
  const [red = 0, green = 0, blue = 0] = colour.map((part) => part / 255);
  const luma = kr * red + (1 - kr - kb) * green + kb * blue;
  const chroma = [(blue - luma) / (2 - 2 * kb), (red - luma) / (2 - 2 * kr)];
  const bytes = fullRange
    ? [255 * luma, ...chroma.map((part) => 128 + 255 * part)]
    : [16 + 219 * luma, ...chroma.map((part) => 128 + 224 * part)];
  const { width, height } = size;
  const data = new Uint8Array((width * height * 3) / 2);
  bytes.forEach((byte, plane) => {
    data.fill(Math.round(byte), plane && width * height * (1 + (plane - 1) / 4));
  });
  const made: VideoFrame[] = [];
  let timer: ReturnType<typeof setInterval>;
  const readable = new ReadableStream<VideoFrame>({
    start(controller) {
      timer = setInterval(() => {
        const coded = { format: 'I420', codedWidth: width, codedHeight: height, timestamp: 0 } as const;
        const colorSpace = { matrix, fullRange, primaries: 'bt709', transfer: 'bt709' } as const;
        made.push(new VideoFrame(data, { ...coded, colorSpace }));
        controller.enqueue(made.at(-1) as VideoFrame);
      }, 30);
    },
    cancel() {
      clearInterval(timer);
      for (const frame of made) frame.close();
    },
  });
  const drawn = await streamed(readable, { model: { network } }, 4, async (live) =>
    at(size, await readTexture(device, live.texture as GPUTexture), 48, 36),
  );
  network.destroy();
  return drawn;
}

/** What frames of a camera of 640 x 480 cost the device, after the first ones. */
export async function streamCounts(device: GPUDevice, { effect }: { effect: Effect }) {
  const network = await brightness(device);
  const media = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = media;
  await video.play();
  const { queue } = device;
  const counts = { frames: 0, submits: 0, copies: 0, writes: 0, reads: 0, made: 0 };
  const wrap = (object: object, name: string, count: (...args: unknown[]) => void) => {
    const method = (object as Record<string, (...args: unknown[]) => unknown>)[name] as (...args: unknown[]) => unknown;
    replace(object, name, function (this: unknown, ...args: unknown[]) {
      count(...args);
      return method.apply(object === queue ? queue : object === device ? device : this, args);
    });
    return () =>
      object === queue || object === device ? restoreProperty(object, name) : replace(object, name, method);
  };
  const sizes: number[][] = [];
  let restore: (() => unknown)[] = [];
  const live = stream(video, document.createElement('canvas'), {
    model: { network },
    effect,
    onFrame({ width, height, dropped }) {
      sizes.push([width, height, dropped]);
    },
  });
  const reach = async (frames: number) => {
    while (sizes.length < frames) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await reach(4);
  restore = [
    wrap(queue, 'submit', (commands) => {
      counts.submits += Number((commands as unknown[]).length > 0);
    }),
    wrap(queue, 'copyExternalImageToTexture', () => counts.copies++),
    wrap(queue, 'writeBuffer', () => counts.writes++),
    wrap(queue, 'writeTexture', () => counts.writes++),
    wrap(GPUBuffer.prototype, 'mapAsync', () => counts.reads++),
    wrap(device, 'createBuffer', () => counts.made++),
    wrap(device, 'createTexture', () => counts.made++),
  ];
  const first = sizes.length;
  await reach(first + 8);
  live.stop();
  counts.frames = sizes.length - first;
  for (const undo of restore) undo();
  await live.ended;
  for (const each of media.getTracks()) each.stop();
  network.destroy();
  return { ...counts, imports: 'importExternalTexture' in device, size: sizes.at(-1)?.slice(0, 2) };
}

/** Of a picture with a bright disc: how much of the cut-out is wrong beside the disc's edge, and how much it changes across it. */
export async function streamEdge(device: GPUDevice) {
  const large = { width: 320, height: 240 };
  const distance = (x: number, y: number) => Math.hypot(x + 0.5 - 150, y + 0.5 - 110) - 70;
  const network = await brightness(device, { width: 64, height: 48 });
  const camera = await film(large, (_, x, y) => (distance(x, y) < 0 ? [230, 230, 230] : [30, 30, 30]));
  try {
    return await streamed(camera.video, { model: { network }, effect: { kind: 'cutout' } }, 16, async (live) => {
      const pixels = await readTexture(device, live.texture as GPUTexture);
      const alphas = pixels.map(([, , , alpha]) => alpha);
      const isFar = (index: number) => {
        const off = distance(index % large.width, Math.floor(index / large.width));
        return Math.abs(off) > 3 && Math.abs((alphas[index] as number) - Number(off < 0)) > 0.1;
      };
      const ring = (from: number, to: number) => {
        const found = alphas.filter((_, index) => {
          const off = distance(index % large.width, Math.floor(index / large.width));
          return off > from && off < to;
        });
        return found.reduce((sum, alpha) => sum + alpha, 0) / found.length;
      };
      const inside = alphas.reduce((sum, alpha) => sum + alpha, 0) / alphas.length;
      return {
        wrong: alphas.filter((_, index) => isFar(index)).length / alphas.length,
        step: ring(-1.5, -0.5) - ring(0.5, 1.5),
        inside: inside / ((Math.PI * 70 ** 2) / alphas.length),
      };
    });
  } finally {
    camera.close();
    network.destroy();
  }
}

/** Of a noisy scene in which nothing moves: how much the mask changes from frame to frame, as the network has it and as it is drawn. */
export async function streamNoise(device: GPUDevice) {
  const network = await brightness(device, { width: 32, height: 24 });
  const noisy: Draw = (width, x, y, frame) => {
    const [noise = 0] = uniform(`${frame % 7} ${Math.floor(x / 6)} ${Math.floor(y / 6)}`, 1);
    const grey = 128 + 60 * Math.sin((6 * x) / width) + 12 * noise;
    return [grey, grey, grey];
  };
  const camera = framesOf(size, noisy);
  const raw: number[][] = [];
  for (let frame = 0; frame < 7; frame++) {
    const { mask } = await network.run({ image: imageData(painted(size, noisy, frame)) });
    raw.push([...(mask?.data ?? [])]);
  }
  const drawn: number[][] = [];
  const live = stream(camera.readable, null, {
    model: { network },
    effect: { kind: 'cutout' },
    async onFrame() {
      const pixels = await readTexture(device, live.texture as GPUTexture);
      drawn.push(pixels.map(([, , , alpha]) => alpha));
    },
  });
  while (drawn.length < 20) await new Promise((resolve) => setTimeout(resolve, 20));
  live.stop();
  await live.ended;
  network.destroy();
  const change = (masks: readonly number[][]) => {
    const changes = masks.slice(1).map((mask, index) => {
      const before = masks[index] as number[];
      return mask.reduce((sum, value, at) => sum + Math.abs(value - (before[at] as number)), 0) / mask.length;
    });
    return changes.reduce((sum, each) => sum + each, 0) / changes.length;
  };
  return { raw: change(raw), drawn: change(drawn.slice(8, 20)) };
}

/** The colours of a flat bright left half and a flat dark right half, with each effect, and of the dark one beside the edge. */
export async function streamEffects(device: GPUDevice) {
  const network = await brightness(device);
  const camera = await film(size, (width, x) => (x < width / 2 ? [220, 210, 200] : [60, 50, 40]));
  const checks = await film(size, (width, x, y) =>
    x < width / 2 ? [240, 240, 240] : (x + y) % 2 ? [20, 20, 20] : [80, 80, 80],
  );
  const background = imageData(painted({ width: 40, height: 30 }, corner));
  const look = (effect: Effect, { video } = camera) =>
    streamed(video, { model: { network }, effect }, 12, async (live) => {
      const pixels = await readTexture(device, live.texture as GPUTexture);
      return {
        left: at(size, pixels, 24, 36),
        right: at(size, pixels, 76, 36),
        beside: at(size, pixels, 54, 36),
        corner: at(size, pixels, 91, 67),
        top: at(size, pixels, 76, 4),
      };
    });
  try {
    return {
      none: await look({ kind: 'none' }),
      cutout: await look({ kind: 'cutout' }),
      behind: await look({ kind: 'cutout', classes: [] }),
      colour: await look({ kind: 'replace', background: [0, 1, 0, 0.5] }),
      picture: await look({ kind: 'replace', background }),
      colours: await look({ kind: 'colours', colours: [[1, 0, 0]], opacity: 0.5 }),
      blur: await look({ kind: 'blur', radius: 0.3 }),
      checks: await look({ kind: 'none' }, checks),
      'checks, blurred': await look({ kind: 'blur', radius: 0.1 }, checks),
    };
  } finally {
    camera.close();
    checks.close();
    network.destroy();
  }
}

/** How a stream begins, goes on and ends. */
export async function streamLife(device: GPUDevice) {
  const network = await brightness(device);
  const tracker = track(device);
  const camera = framesOf(size, corner);
  const frames: StreamedFrame[] = [];
  const ending = new AbortController();
  const model = deferred<{ network: Network }>();
  const live = stream(camera.readable, document.createElement('canvas'), {
    model: model.promise,
    effect: { kind: 'blur' },
    signal: ending.signal,
    onFrame: (frame) => frames.push(frame),
  });
  const reach = async (done: () => boolean) => {
    while (!done()) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await reach(() => frames.length > 2);
  const before = frames.map(({ isReady }) => isReady);
  model.resolve({ network });
  await reach(() => frames.some(({ isReady }) => isReady));
  await live.setEffect({ kind: 'cutout' });
  const refused = await outcome(live.setEffect({ kind: 'replace', background: new Image() }));
  const misspelt = await outcome(live.setEffect({ kind: 'blur', radios: 1 } as Effect));
  const count = frames.length;
  await reach(() => frames.length > count + 2);
  replace(document, 'hidden', true);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const hidden = frames.length;
  await new Promise((resolve) => setTimeout(resolve, 300));
  const whileHidden = frames.length - hidden;
  restoreProperty(document, 'hidden');
  await reach(() => frames.length > hidden + 2);
  const shared = live.track();
  ending.abort();
  await live.ended;
  const afterwards = frames.length;
  await new Promise((resolve) => setTimeout(resolve, 200));
  const alive = tracker.alive();
  tracker.stop();
  const { framesPerSecond, milliseconds, width, height } = frames.at(-1) as StreamedFrame;
  network.destroy();
  return {
    before,
    refused,
    misspelt,
    whileHidden,
    afterwards: frames.length - afterwards,
    alive,
    left: camera.left(),
    track: shared.readyState,
    framesPerSecond,
    milliseconds,
    size: [width, height],
  };
}

/** After a lost device: of the model's own, and of the app. */
export async function streamLost() {
  const run = async (network: Network, replaceDevice?: () => Promise<void>) => {
    const camera = await film(size, corner);
    const ready: boolean[] = [];
    const live = stream(camera.video, document.createElement('canvas'), {
      model: { network },
      effect: BLUE,
      onFrame: ({ isReady }) => ready.push(isReady),
    });
    const reach = async (wanted: boolean) => {
      const from = ready.length;
      while (!ready.slice(from).includes(wanted)) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    await reach(true);
    const { device } = network;
    device.destroy();
    await device.lost;
    if (replaceDevice) {
      await reach(false);
      await replaceDevice();
    }
    // A frame that was under way is told after the loss.
    while (network.device === device) await new Promise((resolve) => setTimeout(resolve, 20));
    await reach(true);
    live.stop();
    await live.ended;
    camera.close();
    network.destroy();
    return network.device !== device;
  };
  const own = await run(await brightness());
  const given = await brightness(await requestDevice());
  const app = await run(given, async () => given.restore(await requestDevice()));
  return { own, app };
}

/** What a classifier finds, how often it looks, and what is read back. */
export async function streamClasses(device: GPUDevice) {
  const network = await halves(device);
  const camera = await film(size, (width, x) => (x < width / 2 ? [250, 250, 250] : [5, 5, 5]));
  const { mapAsync } = GPUBuffer.prototype;
  let reads = 0;
  replace(GPUBuffer.prototype, 'mapAsync', function (this: GPUBuffer, ...args: Parameters<typeof mapAsync>) {
    reads++;
    return mapAsync.apply(this, args);
  });
  const start = performance.now();
  try {
    return await streamed(camera.video, { model: { network, labels: ['left', 'right'] } }, 30, async (live, frame) => {
      const refused = await outcome(live.setEffect({ kind: 'blur' }));
      const pixels = await readTexture(device, live.texture as GPUTexture);
      const found = frame.classes?.map(({ label, probability }) => [label, probability]);
      return { found, reads, elapsed: performance.now() - start, refused, colour: at(size, pixels, 10, 10) };
    });
  } finally {
    replace(GPUBuffer.prototype, 'mapAsync', mapAsync);
    camera.close();
    network.destroy();
  }
}

/** The times of the stages, on a device that has timestamps. */
export async function streamTimes() {
  const device = await requestDevice();
  const network = await brightness(device);
  const camera = await film(size, corner);
  try {
    return await streamed(camera.video, { model: { network }, effect: BLUE, timing: true }, 5, (_, frame) => ({
      has: device.features.has('timestamp-query'),
      stages: frame.stages && { ...frame.stages },
      milliseconds: frame.milliseconds,
    }));
  } finally {
    camera.close();
    network.destroy();
    device.destroy();
  }
}

/** What cannot be streamed. */
export async function streamErrors(device: GPUDevice) {
  const network = await brightness(device);
  const tensors = await compile(
    architecture('flat', (g) => {
      g.output('mask', g.reshape(g.input('image', [1, 1, 4, 4]), [1, 16]));
    }),
    { weights, device, preprocess, tune: false },
  );
  const camera = await film(size, corner);
  const attempt = (
    options: Partial<StreamOptions>,
    source: unknown = camera.video,
    canvas: HTMLCanvasElement | null = null,
  ) =>
    outcome(
      (async () => {
        const live = stream(source as FrameSource, canvas, { model: { network }, ...options });
        setTimeout(live.stop, 5000);
        await live.ended;
      })(),
    );
  const used = document.createElement('canvas');
  used.getContext('2d');
  const messages = {
    'an unknown option': await attempt({ effects: BLUE } as object),
    'another effect': await attempt({ effect: { kind: 'sepia' } as unknown as Effect }),
    'a background that is none': await attempt({ effect: { kind: 'replace', background: 'blue' as never } }),
    'two colours': await attempt({
      effect: {
        kind: 'colours',
        colours: [
          [0, 0, 0],
          [1, 1, 1],
        ],
      },
    }),
    'no source': await attempt({}, 'camera'),
    'no model': await attempt({ model: {} as never }),
    'a model that fails': await attempt({ model: Promise.reject(new RangeError('no such model')) }),
    'no mask': await attempt({ model: { network: tensors }, effect: BLUE }),
    'a canvas in use': await attempt({}, camera.video, used),
    'a signal that has ended': await attempt({ signal: AbortSignal.abort() }),
    'a closed frame': await attempt(
      {},
      new ReadableStream({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 30));
          const frame = new VideoFrame(canvasOf(painted(size, corner)), { timestamp: 0 });
          frame.close();
          controller.enqueue(frame);
        },
      }),
    ),
  };
  network.destroy();
  const destroyed = await attempt({ effect: BLUE });
  tensors.destroy();
  camera.close();
  return { ...messages, destroyed };
}

/**
 * In a worker: what is shown by the page's canvas, or by a track to which the worker writes as docs/streams.md has it, where the
 * page has a `MediaStreamTrackGenerator`.
 */
export async function streamInWorker(_: GPUDevice, { to }: { to: 'canvas' | 'track' }) {
  const code = `
    import { architecture, compile, pictures, weightsFrom } from '${location.origin}/dist/index.js';
    import { stream } from '${location.origin}/dist/stream.js';
    addEventListener('message', async ({ data: { readable, canvas = new OffscreenCanvas(1, 1), writable } }) => {
      try {
        const network = await compile(
          architecture('brightness', (g) => {
            const image = g.input('image', [1, 1, 12, 16]);
            g.output('mask', g.clamp(g.linear(image, { alpha: 8, beta: -3.5 }), { minValue: 0, maxValue: 1 }));
          }),
          { weights: weightsFrom({}), preprocess: pictures({ fit: 'fill', mean: [0], std: [1] }), tune: false },
        );
        let seen = 0;
        const writer = writable?.getWriter();
        const live = stream(readable, canvas, {
          model: { network },
          effect: { kind: 'replace', background: [0, 0, 1] },
          onFrame() {
            const frame = writer && new VideoFrame(canvas, { timestamp: 1000 * performance.now() });
            writer?.write(frame).finally(() => frame.close());
            if (++seen === 6) postMessage('drawn');
          },
        });
        await live.ended;
        await writer?.close();
        network.destroy();
        postMessage('ended');
      } catch (error) {
        postMessage(String(error));
      }
    });`;
  const worker = new Worker(URL.createObjectURL(new Blob([code], { type: 'text/javascript' })), { type: 'module' });
  const next = () =>
    new Promise<string>((resolve) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = ({ message }) => resolve(message);
    });
  const canvas = document.createElement('canvas');
  document.body.append(canvas);
  // What a worker gets of a frame is another one.
  const { readable, close, end } = framesOf(size, corner);
  const { MediaStreamTrackGenerator: Generator } = globalThis as { MediaStreamTrackGenerator?: GeneratorType };
  const generator = to === 'track' && Generator ? new Generator({ kind: 'video' }) : undefined;
  const target = generator ? { writable: generator.writable } : { canvas: canvas.transferControlToOffscreen() };
  worker.postMessage({ readable, ...target }, [readable, ...Object.values(target)] as Transferable[]);
  const drawn = await next();
  await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  const corners = generator ? await shownBy(generator) : cornersOf(size, readShown(canvas, size));
  // A frame under way to a worker that reads no more would be nobody's to close.
  const over = next();
  end();
  const ended = await over;
  close();
  generator?.stop();
  worker.terminate();
  canvas.remove();
  return { drawn, corners, ended, has: Generator !== undefined };
}

/** The cut-out of a picture by MediaPipe's segmenter, at the picture's size or larger, and the network's own mask brought there. */
export async function streamPerson(
  device: GPUDevice,
  { file, picture, scale }: { file: string; picture: string; scale: number },
) {
  const card = { task: 'segmentation', preprocess: preprocess.preprocess } as const;
  const model = await loadModel(file, { task: 'segmentation', card, device });
  const bitmap = await createImageBitmap(await (await fetch(picture)).blob());
  const [width, height] = [bitmap.width * scale, bitmap.height * scale];
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
  context.drawImage(bitmap, 0, 0, width, height);
  const pixels = context.getImageData(0, 0, width, height);
  const camera = framesOf({ width, height }, (_, x, y) => colourOf(pixels, x, y));
  try {
    const { probabilities } = await model.segment(pixels, { output: 'probabilities' });
    const options = { model, effect: { kind: 'cutout' } as const };
    return await streamed(camera.readable, options, 12, async (live) => {
      const drawn = await readTexture(device, live.texture as GPUTexture);
      return { width, height, alphas: Float32Array.from(drawn, ([, , , alpha]) => alpha), own: probabilities };
    });
  } finally {
    model.destroy();
  }
}
