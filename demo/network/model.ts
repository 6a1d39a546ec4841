import { WeightsError } from 'linnet';
import { createOverlay, loadModel, type Model, type Overlay } from 'linnet/models';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Download } from './kept-weights.ts';
import type { Request, Task } from './networks.ts';
import type { Enqueue } from './queue.ts';

/** The network that runs, until another one is ready. */
export interface Running {
  readonly model: Model;
  /** Of a segmenter: what draws its masks, and where. */
  readonly masked: Masked | undefined;
  readonly request: Request;
  /** From when the weights and the device were there to the end of the compilation. */
  readonly compileMs: number;
}

/** A network that answers, and where it is from. */
export type Answering = Pick<Running, 'model' | 'masked' | 'request'>;

export interface Masked {
  readonly canvas: HTMLCanvasElement;
  readonly overlay: Overlay;
}

export type Loading =
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'loading';
      readonly name: string;
      /** The id of the offer, where it is one of the page's. */
      readonly offer?: string | undefined;
      readonly loaded?: number;
      readonly total?: number;
      readonly compiling: boolean;
    }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'aborted' };

/** What a network does: as its offer says, or as the labels of its classes tell; of a visitor's own these may tell nothing. */
export function taskOf({ model: { labels }, request }: Pick<Running, 'model' | 'request'>): Task | undefined {
  if (request.offer) return request.offer.task;
  // One that finds people besides other things answers with those, too.
  if (labels.length === 1) return ({ person: 'people', drawing: 'drawings' } as const)[labels[0] as string];
  return labels[0] === 'T-shirt/top' ? 'garments' : undefined;
}

/** A canvas of its own for each device: one whose device is lost stays as it was. */
export async function maskedOf(model: Model): Promise<Masked | undefined> {
  if (model.task !== 'segmentation') return undefined;
  const canvas = document.createElement('canvas');
  return { canvas, overlay: await createOverlay(model, canvas, { colours: coloursOf(model.labels.length) }) };
}

/** Of the mask of one class: few pictures have it. Several classes have the overlay's own colours. */
export const MASK_COLOUR = [0.8, 0, 0.6] as const;
const coloursOf = (classes: number) => (classes === 1 ? [MASK_COLOUR] : undefined);

export function free({ model, masked }: Pick<Running, 'model' | 'masked'>): void {
  masked?.overlay.destroy();
  model.destroy();
}

/** Loads networks one at a time. A failed or cancelled load leaves the network that ran before as it was. */
export function useModel(enqueue: Enqueue) {
  const [running, setRunning] = useState<Running>();
  const [loading, setLoading] = useState<Loading>({ kind: 'idle' });
  const controller = useRef<AbortController>(undefined);
  const current = useRef<Running>(undefined);

  const load = useCallback(
    async (request: Request, device: GPUDevice | Promise<GPUDevice>) => {
      controller.current?.abort();
      const own = new AbortController();
      controller.current = own;
      const loading = { kind: 'loading', name: request.name, offer: request.offer?.id } as const;
      setLoading({ ...loading, compiling: false });
      let begun = performance.now();
      const begin = () => {
        begun = performance.now();
      };
      const hasDevice = Promise.resolve(device).then(
        () => {
          begin();
          return true;
        },
        () => false,
      );
      const download: Download = {
        signal: own.signal,
        onProgress({ stage, loaded, total }) {
          // Shaders compile and weights are uploaded meanwhile, and beyond that.
          if (own.signal.aborted || stage !== 'weights') return;
          begin();
          setLoading(
            loaded === total
              ? { ...loading, compiling: true }
              : { ...loading, compiling: false, loaded, ...(total !== undefined && { total }) },
          );
        },
      };
      try {
        const source = typeof request.source === 'function' ? await request.source(download) : request.source;
        const model = await loadModel(source, {
          device,
          ...(request.card && { card: request.card }),
          // The plan is shown, and its kernels are looked at by their numbers.
          tune: false,
          ...download,
        });
        const masked = await maskedOf(model).catch((error) => {
          model.destroy();
          throw error;
        });
        const next = { model, masked, request, compileMs: performance.now() - begun };
        // Cancelled, or replaced by another request, at the last moment.
        if (own.signal.aborted) {
          free(next);
          own.signal.throwIfAborted();
        }
        const old = current.current;
        if (old) void enqueue(async () => free(old));
        if (old?.request !== request) old?.request.release?.();
        current.current = next;
        setRunning(next);
        setLoading({ kind: 'idle' });
      } catch (error) {
        // Why there is none is told by who asked for it.
        const isTold = !(await hasDevice);
        if (controller.current !== own) return;
        if (isTold) return setLoading({ kind: 'idle' });
        if (!own.signal.aborted && error instanceof WeightsError) request.refuse?.();
        setLoading(own.signal.aborted ? { kind: 'aborted' } : { kind: 'failed', error });
      }
    },
    [enqueue],
  );

  /** Rebuilds the running network on another device, from the weights that it keeps. */
  const restore = useCallback(
    async (device: GPUDevice) => {
      const old = current.current;
      if (!old) return;
      const { name, offer } = old.request;
      setLoading({ kind: 'loading', name, offer: offer?.id, compiling: true });
      try {
        await enqueue(async () => {
          await old.model.network.restore(device);
          old.masked?.overlay.destroy();
          current.current = { ...old, masked: await maskedOf(old.model) };
        });
        setRunning(current.current);
        setLoading({ kind: 'idle' });
      } catch (error) {
        setLoading({ kind: 'failed', error });
      }
    },
    [enqueue],
  );

  const fail = useCallback((error: unknown) => setLoading({ kind: 'failed', error }), []);
  const dismiss = useCallback(() => setLoading({ kind: 'idle' }), []);
  const cancel = useCallback(() => controller.current?.abort(), []);

  useEffect(() => () => controller.current?.abort(), []);

  return { running, loading, load, restore, fail, dismiss, cancel };
}
