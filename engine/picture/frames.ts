import { InputError } from '../common/errors.ts';
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

/** Gives each frame to `take`, which uses it at once and never throws, until there is none any more or until the signal. */
export async function takeFrames(
  source: FrameSource,
  take: (frame: Frame) => void,
  signal: AbortSignal,
): Promise<void> {
  const kind = tagOf(source);
  if (kind === 'HTMLVideoElement') return takeFromVideo(source as HTMLVideoElement, take, signal);
  if (kind === 'ReadableStream') return takeFromStream(source as ReadableStream<VideoFrame>, take, signal);
  const { MediaStreamTrackProcessor: Processor } = globalThis as { MediaStreamTrackProcessor?: ProcessorType };
  const track = source as MediaStreamTrack;
  if (Processor && track?.kind === 'video') return takeFromStream(new Processor({ track }).readable, take, signal);
  throw new InputError(`Frames cannot be taken from ${describe(source)} here: give a video or a stream of frames.`);
}

function takeFromVideo(video: HTMLVideoElement, take: (frame: Frame) => void, signal: AbortSignal): Promise<void> {
  const use = () => take(video);
  let request: number;
  const next = () => {
    request = video.requestVideoFrameCallback(next);
    use();
  };
  next();
  // Chromium may call back for the first frame before the video says that it has one.
  video.addEventListener('loadeddata', use, { signal });
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(video.cancelVideoFrameCallback(request))),
  );
}

/** What cannot be used is closed at once: a camera has few frames, and waits for them. */
async function takeFromStream(
  stream: ReadableStream<VideoFrame>,
  take: (frame: Frame) => void,
  signal: AbortSignal,
): Promise<void> {
  const reader = stream.getReader();
  signal.addEventListener('abort', () => void reader.cancel().catch(() => {}));
  for (;;) {
    const { value: frame, done } = await reader.read();
    if (done) return;
    if (!signal.aborted) take(frame);
    frame.close();
  }
}
