import type { Effect, Stream, StreamedFrame } from 'linnet/stream';
import { useEffect, useRef } from 'preact/hooks';
import type { MaskMode } from '../network/classification.ts';
import { MASK_COLOUR, type Running } from '../network/model.ts';
import type { Enqueue } from '../network/queue.ts';

/** Milliseconds between two looks at how fast it is. */
const PACE = 500;

interface Props {
  video: HTMLVideoElement;
  running: Running;
  maskMode: MaskMode;
  label: string;
  enqueue: Enqueue;
  /** Hears now and then of a frame, and of the first one. */
  onFrame: (frame: StreamedFrame) => void;
  onError: (error: unknown) => void;
}

/** What the camera shows, with what a segmenter finds in it: drawn by the engine, frame by frame. */
export function Streamed({ video, running, maskMode, label, enqueue, onFrame, onError }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const live = useRef<Stream>(undefined);
  const handlers = useRef({ onFrame, onError, maskMode });
  handlers.current = { onFrame, onError, maskMode };

  useEffect(() => {
    const target = canvas.current;
    let gone = false;
    let told = 0;
    const start = async () => {
      const { stream } = await import('linnet/stream');
      if (gone || !target) return;
      live.current = stream(video, target, {
        model: running.model,
        effect: effectOf(handlers.current.maskMode, running),
        onFrame(frame) {
          if (gone || performance.now() - told < PACE) return;
          told = performance.now();
          handlers.current.onFrame(frame);
        },
      });
      await live.current.ended;
    };
    // In the queue until it has ended: nothing that it uses is freed before.
    enqueue(start).catch((error) => gone || handlers.current.onError(error));
    return () => {
      gone = true;
      live.current?.stop();
      live.current = undefined;
    };
  }, [video, running, enqueue]);
  useEffect(() => {
    // What ended it is told there.
    live.current?.setEffect(effectOf(maskMode, running)).catch(() => {});
  }, [maskMode, running]);

  return <canvas ref={canvas} class="mask" role="img" aria-label={label} />;
}

/** What is transparent shows the page's own background. */
function effectOf(mode: MaskMode, { model }: Running): Effect {
  if (mode === 'blur') return { kind: 'blur' };
  if (mode !== 'overlay') return { kind: 'cutout' };
  return { kind: 'colours', opacity: 0.6, ...(model.labels.length === 1 && { colours: [MASK_COLOUR] }) };
}
