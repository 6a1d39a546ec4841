import { useEffect, useRef } from 'preact/hooks';
import { useStrings } from '../shared/strings.ts';

interface Props {
  /** Whether the visitor wants to see themselves, and not what is before them. */
  facing: boolean;
  /** Called with each frame; the next one comes after its promise. Nobody wants its result once the camera is off. */
  onFrame: (video: HTMLVideoElement, isOff: () => boolean) => Promise<void>;
  onError: (error: unknown) => void;
}

/** The camera while it is on; it is off again as soon as this leaves the page. */
export function Camera({ facing, onFrame, onError }: Props) {
  const words = useStrings().picture;
  const video = useRef<HTMLVideoElement>(null);
  const handlers = useRef({ onFrame, onError });
  handlers.current = { onFrame, onError };

  useEffect(() => {
    const element = video.current;
    if (!element) return;
    let stream: MediaStream | undefined;
    let stopped = false;
    const stop = () => {
      stopped = true;
      for (const track of stream?.getTracks() ?? []) track.stop();
    };

    const watch = async () => {
      if (!navigator.mediaDevices) throw new DOMException('The browser offers no camera here.', 'NotFoundError');
      stream = await navigator.mediaDevices.getUserMedia({
        audio: false,
        video: { facingMode: facing ? 'user' : 'environment', width: { ideal: 640 }, height: { ideal: 480 } },
      });
      if (stopped) return stop();
      // A camera that is unplugged, or that the browser takes back.
      for (const track of stream.getTracks()) {
        track.addEventListener('ended', () => {
          if (!stopped) onceFailed(new DOMException('The camera has stopped.', 'NotReadableError'));
        });
      }
      element.srcObject = stream;
      await element.play();
      while (!stopped) {
        await nextFrame(element);
        if (!stopped) await handlers.current.onFrame(element, () => stopped);
      }
    };
    const onceFailed = (error: unknown) => {
      if (stopped) return;
      stop();
      handlers.current.onError(error);
    };

    watch().catch(onceFailed);
    addEventListener('pagehide', stop);
    return () => {
      removeEventListener('pagehide', stop);
      stop();
      element.srcObject = null;
    };
  }, [facing]);

  return <video ref={video} playsInline muted aria-label={words.cameraView} />;
}

/** Not before the video has a new frame, and not while the page is hidden. */
function nextFrame(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => {
    // Firefox before 132 has no callback for a video's frames.
    if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(() => resolve());
    else requestAnimationFrame(() => resolve());
  });
}
