import type { ImageSource } from 'linnet';
import { createOverlay, loadModel, type Overlay, type SegmentationModel } from 'linnet/models';
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { Enqueue } from '../queue.ts';

const CARD = 'models/drawings-300/card.json';
/** Few drawings have it. */
const MAGENTA = [0.8, 0, 0.6] as const;

export interface Drawn {
  readonly mode: 'overlay' | 'cutout';
  readonly opacity: number;
}

export type Segmentation =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | {
      readonly kind: 'ready';
      readonly model: SegmentationModel;
      /** Draws a picture and waits until the GPU has done it; gives the milliseconds. */
      readonly draw: (picture: ImageSource, how: Drawn) => Promise<number>;
    };

/** The segmenter on this device, drawing to `canvas`. */
export function useSegmentation(
  device: GPUDevice | undefined,
  canvas: HTMLCanvasElement | null,
  enqueue: Enqueue,
): Segmentation {
  const [state, setState] = useState<Segmentation>({ kind: 'loading' });
  const fail = useCallback((error: unknown) => setState({ kind: 'failed', error }), []);

  useEffect(() => {
    if (!device || !canvas) return;
    const stop = new AbortController();
    let model: SegmentationModel | undefined;
    let overlay: Overlay | undefined;
    const free = () => {
      overlay?.destroy();
      model?.destroy();
    };
    const load = async () => {
      const address = new URL(CARD, document.baseURI);
      model = await loadModel(address, { task: 'segmentation', device, signal: stop.signal });
      const loaded = model;
      overlay = await createOverlay(loaded, canvas, { colours: [MAGENTA] });
      const drawing = overlay;
      if (stop.signal.aborted) return free();
      const draw = (picture: ImageSource, how: Drawn) =>
        enqueue(async () => {
          const start = performance.now();
          if (stop.signal.aborted) return 0;
          drawing.draw(picture, how.mode === 'overlay' ? how : { mode: how.mode });
          await device.queue.onSubmittedWorkDone();
          return performance.now() - start;
        });
      setState({ kind: 'ready', model: loaded, draw });
    };
    setState({ kind: 'loading' });
    load().catch((error) => {
      if (!stop.signal.aborted) fail(error);
    });
    return () => {
      stop.abort();
      void enqueue(async () => free());
    };
  }, [device, canvas, enqueue, fail]);

  return state;
}
