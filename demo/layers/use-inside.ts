import { useEffect, useRef, useState } from 'preact/hooks';
import type { Layer } from '../network/layers-of.ts';
import type { Running } from '../network/model.ts';
import type { Enqueue } from '../network/queue.ts';
import { type Answer, type Change, type Inside, lookInside } from './inside.ts';

/** The network opened up, once its kernels for that are compiled; anew on another device. */
export function useInside(running: Running | undefined, device: GPUDevice | undefined, layers: readonly Layer[]) {
  const [inside, setInside] = useState<Inside>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    const network = running?.model.network;
    // After a lost device it comes to the next one later than the page.
    if (!network || !device || network.device !== device) return;
    let stale = false;
    setError(undefined);
    lookInside(network, layers).then(
      (opened) => stale || setInside(opened),
      (reason) => stale || setError(reason),
    );
    return () => {
      stale = true;
      setInside(undefined);
    };
  }, [running, device, layers]);
  return { inside, error };
}

export interface Answers {
  readonly of: Inside;
  /** With what is faded. */
  readonly now: Answer;
  readonly untouched: Answer;
  readonly picture: ImageBitmap;
}

/** What the network makes of a picture, as it is and with what is faded. The last of several changes counts. */
export function useAnswers(
  inside: Inside | undefined,
  enqueue: Enqueue,
  picture: ImageBitmap | undefined,
  changes: readonly Change[],
) {
  const [answers, setAnswers] = useState<Answers>();
  const [error, setError] = useState<unknown>();
  const untouched = useRef<{ of: Inside; picture: ImageBitmap; answer: Answer }>(undefined);
  useEffect(() => {
    if (!inside || !picture) return;
    let stale = false;
    const work = async () => {
      if (stale) return;
      const known = untouched.current;
      if (known?.of !== inside || known.picture !== picture) {
        untouched.current = { of: inside, picture, answer: await inside.answer(picture, []) };
      }
      const before = (untouched.current as NonNullable<typeof known>).answer;
      const now = changes.length === 0 ? before : await inside.answer(picture, changes);
      if (stale) return;
      setError(undefined);
      setAnswers({ of: inside, now, untouched: before, picture });
    };
    enqueue(work).catch((reason) => stale || setError(reason));
    return () => {
      stale = true;
    };
  }, [inside, enqueue, picture, changes]);
  // Of another network they are no answers any more.
  return { answers: answers?.of === inside ? answers : undefined, error };
}
