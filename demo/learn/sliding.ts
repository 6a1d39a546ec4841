import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { wantsNoMotion } from '../shared/motion.ts';
import { useClock } from './clock.ts';

/** Slowly enough at first to be followed, and all of it in a time that one waits. */
export const PACE = { stepsPerSecond: 6.25, seconds: 14 } as const;
/** Where a window stands that does not move, in parts of the way: not in a corner, where little is seen. */
const STILL = 0.4;

const firstState = (length: number) =>
  wantsNoMotion() ? { at: Math.floor(length * STILL), done: length } : { at: 0, done: 0 };

export type Sliding = ReturnType<typeof useSliding>;

/**
 * Where a window is that slides over `length` places, and how many it has been at: played, stepped through, or put somewhere.
 * It plays by itself when `figure` is seen first, and stands still while it is not seen. Who wants no motion sees the end.
 */
export function useSliding(length: number, figure: RefObject<Element | null>) {
  const [{ at, done }, setState] = useState(() => firstState(length));
  const [playing, setPlaying] = useState(false);
  const [seen, setSeen] = useState(false);
  const begun = useRef(false);

  const begin = () => {
    const state = firstState(length);
    setState(state);
    setPlaying(state.done < length);
  };

  useEffect(() => {
    const element = figure.current;
    if (!element) return;
    const observer = new IntersectionObserver(
      ([entry]) => {
        const isSeen = entry?.isIntersecting ?? false;
        setSeen(isSeen);
        if (!isSeen || begun.current) return;
        begun.current = true;
        begin();
      },
      { threshold: 0.35 },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [figure, length]);

  // A map of another size has other places, all of them known unless it is still being played.
  useEffect(() => {
    setState((before) => ({
      at: Math.min(before.at, length - 1),
      done: playing || before.done === 0 ? Math.min(before.done, length) : length,
    }));
  }, [length]);

  useClock({
    ...PACE,
    playing: playing && seen,
    step: done,
    last: length,
    onStep(places) {
      setState({ at: Math.max(0, places - 1), done: places });
      if (places >= length) setPlaying(false);
    },
  });

  const stopAt = (next: number, known: number) => {
    const place = Math.max(0, Math.min(length - 1, next));
    setPlaying(false);
    setState({ at: place, done: Math.max(known, place + 1) });
  };
  return {
    at,
    /** How many places have been computed. */
    done,
    playing,
    play() {
      if (done >= length) setState({ at: 0, done: 0 });
      setPlaying(true);
    },
    pause: () => setPlaying(false),
    /** To a place, with all behind it still to come. */
    scrub: (next: number) => stopAt(next, 0),
    /** To a place, to look at it; what is known stays. */
    visit: (next: number) => stopAt(next, done),
    /** As when it is seen first. */
    begin,
  };
}
