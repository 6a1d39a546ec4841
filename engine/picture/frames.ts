import { InputError, UnsupportedError } from '../common/errors.ts';
import { describe, tagOf } from '../common/kinds.ts';

/** What a camera shows at a moment. */
export type Frame = HTMLVideoElement | VideoFrame;

/**
 * Where frames come from: a video; a camera's track, where there is a `MediaStreamTrackProcessor` that reads it; or what such a
 * processor gives, which can be sent to a worker.
 */
export type FrameSource = HTMLVideoElement | MediaStreamTrack | ReadableStream<VideoFrame>;

/** Not in TypeScript's libraries: a page has it in Chromium, a worker in Safari. */
type ProcessorType = new (init: { track: MediaStreamTrack }) => { readonly readable: ReadableStream<VideoFrame> };

/** Gives each frame to `take`, which uses it at once, until there is none any more or until the signal. */
export async function takeFrames(
  source: FrameSource,
  take: (frame: Frame) => void,
  signal: AbortSignal,
): Promise<void> {
  const kind = tagOf(source);
  if (kind === 'HTMLVideoElement') return takeFromVideo(source as HTMLVideoElement, take, signal);
  if (kind === 'ReadableStream') return takeFromStream(source as ReadableStream<VideoFrame>, take, signal);
  const track = source as MediaStreamTrack;
  if (track?.kind !== 'video') {
    throw new InputError(`The source is ${describe(source)}; it should be a video, a track or a stream of frames.`);
  }
  const { MediaStreamTrackProcessor: Processor } = globalThis as { MediaStreamTrackProcessor?: ProcessorType };
  if (Processor) return takeFromStream(new Processor({ track }).readable, take, signal);
  throw new UnsupportedError('This browser has no MediaStreamTrackProcessor here: give the video.');
}

function takeFromVideo(video: HTMLVideoElement, take: (frame: Frame) => void, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const next = () => {
      request = video.requestVideoFrameCallback(() => {
        next();
        take(video);
      });
    };
    let request: number;
    next();
    signal.addEventListener('abort', () => {
      video.cancelVideoFrameCallback(request);
      resolve();
    });
  });
}

/** What cannot be used is closed at once: a camera has few frames, and waits for them. */
async function takeFromStream(
  stream: ReadableStream<VideoFrame>,
  take: (frame: Frame) => void,
  signal: AbortSignal,
): Promise<void> {
  const reader = stream.getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  signal.addEventListener('abort', cancel, { once: true });
  try {
    for (;;) {
      const { value: frame, done } = await reader.read();
      if (done) return;
      try {
        if (!signal.aborted) take(frame);
      } finally {
        frame.close();
      }
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
}
