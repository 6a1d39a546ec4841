import { DeviceLostError, InputError } from '../common/errors.ts';
import { describe, FLAG, optional, SIGNAL, unchecked } from '../common/kinds.ts';
import { readTable } from '../common/options.ts';
import type { ImageSize } from '../common/picture.ts';
import { type Lease, sharedDevice } from '../run/device.ts';
import type { Network } from '../run/network.ts';
import { type Classification, likeliest } from './classes.ts';
import { type Compositor, createCompositor, textureOf } from './compositor.ts';
import { onCanvas, type Target } from './drawing.ts';
import { type Effect, readEffect } from './effect.ts';
import { type Frame, type FrameSource, takeFrames } from './frames.ts';

export type { Classification } from './classes.ts';
export type { Colour } from './colours.ts';
export type { Background, Effect } from './effect.ts';
export type { FrameSource } from './frames.ts';

/** What `loadModel` gives; or a network that takes pictures, with the output `mask`, or with `probabilities` [1, classes]. */
export interface StreamModel {
  readonly network: Network;
  /** Of a classifier: the names of its classes, in order. */
  readonly labels?: readonly string[] | undefined;
}

export interface StreamOptions {
  /** The video is drawn as it is until a promised model is there, and while one is rebuilt after its device was lost. */
  model: StreamModel | Promise<StreamModel>;
  /** What becomes of the frames by a segmenter; `{ kind: 'none' }` unless given, and for classifiers. */
  effect?: Effect | undefined;
  /** Ends the stream. */
  signal?: AbortSignal | undefined;
  /** Hears of each frame that was drawn, when the GPU is done with it. */
  onFrame?: ((frame: StreamedFrame) => void) | undefined;
  /**
   * Whether `onFrame` gets the times of the stages, by the device's timestamps where it has them: 40 bytes are read back for each
   * frame then. `false` unless given.
   */
  timing?: boolean | undefined;
}

/** A frame that was drawn; its size in pixels. */
export interface StreamedFrame extends ImageSize {
  /** Whether the model is there; until then, and without a device, the video is drawn as it is. */
  readonly isReady: boolean;
  /** Of the last ten frames or so that were drawn. */
  readonly framesPerSecond: number;
  /** Frames that came while another one was under way, since the stream began. */
  readonly dropped: number;
  /** From the frame's submission until it was there, by the page's clock. */
  readonly milliseconds: number;
  /** Of a segmenter's effect, with `timing` and a device that has `timestamp-query`. */
  readonly stages?: StageTimes | undefined;
  /** The last that a classifier found, the likeliest five first; it looks at five frames a second at most. */
  readonly classes?: readonly Classification[] | undefined;
}

/** Milliseconds on the GPU: to have the frame in a texture; for the network, which reads that; to refine its mask; to draw. */
export type StageTimes = Readonly<Record<(typeof STAGES)[number], number>>;

/** Frames that flow from a camera to a canvas. */
export interface Stream {
  /** Resolves when the stream has ended and everything is freed: by `stop`, by the signal, with its source. Rejects with what went wrong. */
  readonly ended: Promise<void>;
  /** Without a canvas, the last frame that was drawn: premultiplied, and another one when the frames have another size. */
  readonly texture: GPUTexture | undefined;
  /** Frames have the effect when the promise resolves; until then, and if it rejects, the one before. */
  setEffect(effect: Effect): Promise<void>;
  /** A track of what is on the canvas, for a call or a recorder; it ends with the stream. */
  track(): MediaStreamTrack;
  stop(): void;
}

const OPTIONS = {
  // These are looked at by themselves.
  model: [unchecked<StreamOptions['model']>(), undefined],
  effect: [unchecked<Effect>(), undefined],
  signal: [optional(SIGNAL), undefined],
  onFrame: [unchecked<StreamOptions['onFrame']>(), undefined],
  timing: [FLAG, false],
} as const;

/** About how many frames tell their rate. */
const RATED = 10;
/** Milliseconds between two frames that a classifier looks at, at least. */
const PACE = 200;
const TOP = 5;

/**
 * Draws what a camera shows to a canvas of the camera's size, with an effect by what a segmenter finds in it, or, for a
 * classifier, as it is. The network, the refinement of its mask and the drawing are one submission for each frame, and nothing
 * is read back but a classifier's probabilities. A frame that comes while another one is under way is dropped; frames of a page
 * that is hidden are not looked at.
 *
 * `source` is a video, a camera's track, or a stream of frames, as a `MediaStreamTrackProcessor` gives it: frames are closed at
 * once, and in a worker that is the way. Without a canvas (`null`) frames are drawn to the stream's `texture`, on the model's
 * device. After a loss of its device the model is restored; one that has the app's own device, when the app does so.
 * The source, the canvas and the model stay the caller's: stop the stream before the model is destroyed.
 */
export function stream(
  source: FrameSource,
  canvas: HTMLCanvasElement | OffscreenCanvas | null,
  options: StreamOptions,
): Stream {
  const { model, effect: given, signal, onFrame, timing } = readTable(options, OPTIONS);
  let effect = readEffect(given);
  const ending = new AbortController();
  const over = new Promise<void>((resolve) => ending.signal.addEventListener('abort', () => resolve()));
  let fail!: (error: unknown) => void;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const output = outputTo(canvas);
  const tracks: MediaStreamTrack[] = [];

  let network: Network | undefined;
  let labels: readonly string[] | undefined;
  let compositor: Compositor | undefined;
  /** How often another one was asked for. */
  let asked = 0;
  /** Of the device that draws while there is no model. */
  let lease: Lease | undefined;
  let isBusy = false;
  let dropped = 0;
  let looked = -PACE;
  let classes: readonly Classification[] | undefined;
  let drawn = 0;
  let last = 0;
  /** Milliseconds from a frame to the next one. */
  let interval = 0;

  const stop = () => ending.abort();
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { signal: ending.signal });
  const ended = run();

  return {
    ended,
    get texture() {
      return output.texture();
    },
    async setEffect(next) {
      const before = effect;
      effect = readEffect(next);
      try {
        if (network) await show(network.device);
      } catch (error) {
        effect = before;
        if (network) await show(network.device);
        throw error;
      }
    },
    track() {
      const [made] = canvas && 'captureStream' in canvas ? canvas.captureStream().getVideoTracks() : [];
      if (!made) throw new InputError('Only a <canvas> has a track.');
      tracks.push(made);
      return made;
    },
    stop,
  };

  async function run(): Promise<void> {
    try {
      await Promise.race([over, failed, takeFrames(source, take, ending.signal), keepReady()]);
    } finally {
      stop();
      compositor?.destroy();
      lease?.release();
      for (const track of tracks) track.stop();
      output.release();
    }
  }

  async function keepReady(): Promise<void> {
    // Promises of libraries are no `Promise`s.
    if ('then' in Object(model)) passThrough().catch(fail);
    const found = await model;
    if (!found?.network) throw new InputError(`The model is ${describe(found)}; it should be what 'loadModel' gives.`);
    labels = found.labels;
    for (;;) {
      network = found.network;
      const { device } = network;
      await show(device).catch(unlessLost);
      lease?.release();
      lease = undefined;
      await Promise.race([device.lost, over]);
      if (ending.signal.aborted) return;
      network = undefined;
      compositor?.destroy();
      compositor = undefined;
      passThrough().catch(fail);
      await bringBack(found.network, device);
    }
  }

  async function passThrough(): Promise<void> {
    const next = await sharedDevice();
    if (network || ending.signal.aborted) return next.release();
    lease = next;
    await show(next.device).catch(unlessLost);
  }

  /** Draws by the network, where there is one, as soon as that can be. */
  async function show(device: GPUDevice): Promise<void> {
    const turn = ++asked;
    const next = await createCompositor(device, output.format, network, effect, timing);
    if (ending.signal.aborted || turn !== asked) return next.destroy();
    compositor?.destroy();
    compositor = next;
    // A video that stands still has no next frame.
    if ('paused' in source) take(source);
  }

  function take(frame: Frame): void {
    const used = compositor;
    // A video has a frame from the state HAVE_CURRENT_DATA on, which is 2.
    if (!used || globalThis.document?.hidden || (frame as HTMLVideoElement).readyState < 2) return;
    if (isBusy) {
      dropped++;
      return;
    }
    isBusy = true;
    const start = performance.now();
    const infers = used.isClassifier && start - looked >= PACE;
    if (infers) looked = start;
    used
      .draw(frame, output.viewFor, infers)
      .then(([{ width, height }, data]) => {
        const now = performance.now();
        if (drawn) interval += (now - last - interval) / Math.min(drawn, RATED);
        drawn++;
        last = now;
        if (data && infers) {
          const scores = new Float32Array(data);
          classes = likeliest(scores, labels ?? Array.from(scores, (_, index) => `class ${index}`), TOP);
        }
        if (ending.signal.aborted) return;
        onFrame?.({
          width,
          height,
          isReady: used.network !== undefined,
          framesPerSecond: interval && 1000 / interval,
          dropped,
          milliseconds: now - start,
          stages: data && !infers ? stagesOf(new BigUint64Array(data)) : undefined,
          classes,
        });
      })
      .catch((error) => {
        // What is destroyed meanwhile is refused.
        if (used === compositor && !(error instanceof DeviceLostError)) fail(error);
      })
      .finally(() => {
        isBusy = false;
      });
  }

  async function bringBack(lost: Network, device: GPUDevice): Promise<void> {
    // The app was sooner.
    if (lost.device !== device) return;
    try {
      // A network that was destroyed says so.
      lost.encode(device.createCommandEncoder(), {});
    } catch (error) {
      unlessLost(error);
    }
    await lost.restore().catch(unlessLost);
    // The app's own device is the app's to replace.
    while (lost.device === device && !ending.signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function unlessLost(error: unknown): void {
  if (!(error instanceof DeviceLostError)) throw error;
}

const STAGES = ['picture', 'network', 'mask', 'drawing'] as const;

function stagesOf(stamps: BigUint64Array): StageTimes {
  const times = STAGES.map((name, index) => [name, Number(stamps[index + 1]! - stamps[index]!) / 1e6]);
  return Object.fromEntries(times) as StageTimes;
}

/** Where frames are drawn to, on one device after another: a canvas, or without one a texture. */
function outputTo(canvas: HTMLCanvasElement | OffscreenCanvas | null) {
  let target: Target | undefined;
  let texture: GPUTexture | undefined;
  let on: GPUDevice | undefined;
  return {
    // Without WebGPU the device is missed first.
    format: canvas ? globalThis.navigator.gpu?.getPreferredCanvasFormat() : 'rgba8unorm',
    texture: () => texture,
    viewFor: (device: GPUDevice, size: ImageSize) => {
      if (canvas) {
        if (!target || on !== device) target = onCanvas(canvas, device);
        target.resize?.(size);
      } else {
        if (on !== device) texture?.destroy();
        const { RENDER_ATTACHMENT, COPY_SRC } = GPUTextureUsage;
        texture = textureOf(device, size, RENDER_ATTACHMENT | COPY_SRC, on === device ? texture : undefined);
      }
      on = device;
      return target ? target.viewOf() : (texture as GPUTexture).createView();
    },
    release() {
      texture?.destroy();
      target?.release?.();
    },
  };
}
