import { type ImageSource, pictureSize } from 'linnet';
import type { Classification, Model } from 'linnet/models';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { type Picture, shownSize } from '../picture/picture.ts';
import { median } from '../shared/median.ts';
import { painted } from '../shared/painted.ts';
import type { Answering, Running } from './model.ts';
import type { Enqueue } from './queue.ts';

export interface Timing {
  /** Milliseconds of the first run after the network was compiled. */
  readonly first: number;
  readonly median: number;
  /** How many runs the median is of. */
  readonly runs: number;
}

export type Outcome =
  | { readonly kind: 'none' }
  | { readonly kind: 'working' }
  | {
      readonly kind: 'done';
      readonly by: Running;
      /** Of a segmenter there are none: its mask has been drawn. */
      readonly classes: readonly Classification[];
      /** Of a segmenter and a still picture: of its pixels, how many belong to a class and not to the background; from 0 to 1. It comes later than the mask. */
      readonly covered: number | undefined;
      readonly timing: Timing;
      /** The picture that it is about; a camera's frame is none. */
      readonly picture: Picture | undefined;
    }
  | { readonly kind: 'failed'; readonly error: unknown };

/** As many classes as the page shows. */
const TOP = 5;
/** A still picture is run until there are enough times for a median, or until it takes too long. */
const RUNS = 9;
const PATIENCE_MS = 400;

interface Options {
  running: Running | undefined;
  /** Nothing to classify while a camera is on. */
  picture: Picture | undefined;
  /** Counts devices: a network that was rebuilt runs again. */
  generation: number;
  enqueue: Enqueue;
  /** Whether somebody sees the outcome; the last one is kept for when somebody does again. */
  active: boolean;
}

/** What is done with what a segmenter finds: on a blurred or a painted background, cut out, or coloured. */
export const MASK_MODES = ['blur', 'replace', 'cutout', 'overlay'] as const;
export type MaskMode = (typeof MASK_MODES)[number];

export type Classifying = ReturnType<typeof useClassification>;

/** Classifies the picture, or draws its mask, whenever it or the network changes; `classify` does a camera's frames. */
export function useClassification({ running, picture, generation, enqueue, active }: Options) {
  const [outcome, setOutcome] = useState<Outcome>({ kind: 'none' });
  const [maskMode, setMaskMode] = useState<MaskMode>('blur');
  const times = useRef<{ of: Running | undefined; first: number; recent: number[] }>({
    of: undefined,
    first: 0,
    recent: [],
  });

  /** What was found out about the last picture, which takes reading back: once, and not in the time that is shown. */
  const covering = useRef<Coverage>(undefined);

  /** Nothing has been answered on this page so far. */
  const isNew = useRef(true);

  const classify = useCallback(
    (source: ImageSource, { isStale = () => false, picture }: { isStale?: () => boolean; picture?: Picture } = {}) =>
      enqueue(async () => {
        if (!running || isStale()) return;
        const settle = (outcome: Outcome) => {
          if (isStale()) return;
          isNew.current = false;
          setOutcome(outcome);
        };
        try {
          const start = performance.now();
          const classes = await compute(running, source, maskMode);
          const taken = performance.now() - start;
          const known = times.current;
          if (known.of !== running) times.current = { of: running, first: taken, recent: [] };
          const { first, recent } = times.current;
          recent.push(taken);
          if (recent.length > RUNS) recent.shift();
          const timing = { first, median: median(recent), runs: recent.length };
          const answer = (covered: number | undefined): Outcome => ({
            kind: 'done',
            by: running,
            classes,
            covered,
            timing,
            picture,
          });
          if (picture && (covering.current?.picture !== picture || covering.current.of !== running)) {
            // The mask is there already.
            if (running.masked && !isStale()) {
              setOutcome(answer(undefined));
              await painted();
            }
            covering.current = { of: running, picture, covered: await coverageOf(running.model, picture.bitmap) };
          }
          settle(answer(picture && covering.current?.covered));
        } catch (error) {
          settle({ kind: 'failed', error });
        }
      }),
    [running, enqueue, maskMode],
  );

  useEffect(() => {
    if (!active) return;
    if (!running || !picture) {
      setOutcome({ kind: 'none' });
      return;
    }
    let stale = false;
    const measure = async () => {
      const start = performance.now();
      for (let run = 0; run < RUNS && !stale && (run === 0 || performance.now() - start < PATIENCE_MS); run++) {
        await classify(picture.bitmap, { isStale: () => stale, picture });
      }
    };
    setOutcome((before) => (before.kind === 'done' && before.by === running ? before : { kind: 'working' }));
    void measure();
    return () => {
      stale = true;
    };
  }, [running, picture, generation, active, classify]);

  const dismiss = useCallback(() => setOutcome({ kind: 'none' }), []);
  return { outcome, classify, isNew: isNew.current, maskMode, setMaskMode, dismiss };
}

interface Coverage {
  readonly of: Running;
  readonly picture: Picture;
  readonly covered: number | undefined;
}

/** Of a segmenter: how much of a picture belongs to a class and not to the background, from 0 to 1. */
export async function coverageOf(model: Model, source: ImageSource): Promise<number | undefined> {
  if (model.task !== 'segmentation') return undefined;
  const { classes } = await model.segment(source, { size: { width: 128, height: 128 } });
  return classes.filter((index) => index > 0).length / classes.length;
}

/** The likeliest classes; a mask is on its canvas once the promise is settled, and was never read back. */
export async function compute({ model, masked }: Answering, source: ImageSource, mode: MaskMode) {
  if (model.task === 'classification') return model.classify(source, { topK: TOP });
  if (masked) {
    Object.assign(masked.canvas, shownSize(pictureSize(source)));
    await masked.overlay.draw(source, mode === 'overlay' ? { mode, opacity: 0.6 } : { mode: 'cutout' });
    await model.network.device.queue.onSubmittedWorkDone();
  }
  return [];
}
