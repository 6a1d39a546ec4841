import { UnsupportedError } from '../common/errors.ts';

/** Not in TypeScript's libraries: a page has it in Chromium. */
type GeneratorType = new (init: {
  kind: 'video';
}) => MediaStreamTrack & { readonly writable: WritableStream<VideoFrame> };

/** Makes tracks of what is on a canvas. */
export function createTracks(canvas: HTMLCanvasElement | OffscreenCanvas | null) {
  const tracks: MediaStreamTrack[] = [];
  const writers: WritableStreamDefaultWriter<VideoFrame>[] = [];
  return {
    add(): MediaStreamTrack {
      const track = canvas && 'captureStream' in canvas ? canvas.captureStream().getVideoTracks()[0] : generate();
      tracks.push(track as MediaStreamTrack);
      return track as MediaStreamTrack;
    },
    /** Gives what has been drawn to tracks that do not look themselves, but none that are behind. */
    write(timestamp: number): void {
      for (const writer of writers) {
        if (!canvas || !((writer.desiredSize ?? 0) > 0)) continue;
        const frame = new VideoFrame(canvas, { timestamp });
        // A track that was stopped takes none.
        writer.write(frame).catch(() => frame.close());
      }
    },
    stop(): void {
      for (const track of tracks) track.stop();
      for (const writer of writers) writer.close().catch(() => {});
    },
  };

  function generate(): MediaStreamTrack {
    const { MediaStreamTrackGenerator: Generator } = globalThis as { MediaStreamTrackGenerator?: GeneratorType };
    if (!canvas || !Generator) {
      throw new UnsupportedError(
        'There is no track of this stream here: it takes a <canvas>, or one on the page whose frames a worker draws.',
      );
    }
    const track = new Generator({ kind: 'video' });
    writers.push(track.writable.getWriter());
    return track;
  }
}
