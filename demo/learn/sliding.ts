import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** The first places are gone through at this pace, slowly enough to be followed; all of them take at most so long. */
const SECONDS_A_PLACE = 0.16;
const SECONDS = 14;
/** Where a window stands that does not move, in parts of the way: not in a corner, where little is seen. */
const STILL = 0.4;

/** Places gone through after some seconds of playing: one by one at first, then faster and faster. */
export function placesAfter(seconds: number, length: number): number {
  const pace = 1 / SECONDS_A_PLACE;
  return Math.min(length, pace * seconds + hurry(length) * seconds ** 2);
}

/** When that is. */
export function secondsUntil(places: number, length: number): number {
  const [pace, faster] = [1 / SECONDS_A_PLACE, hurry(length)];
  return faster > 0 ? (Math.sqrt(pace ** 2 + 4 * faster * places) - pace) / (2 * faster) : places / pace;
}

const hurry = (length: number) => Math.max(0, (length - SECONDS / SECONDS_A_PLACE) / SECONDS ** 2);

const firstState = (length: number) =>
  matchMedia('(prefers-reduced-motion: reduce)').matches
    ? { at: Math.floor(length * STILL), done: length }
    : { at: 0, done: 0 };

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

  const place = useRef(0);
  place.current = done;
  useEffect(() => {
    if (!playing || !seen) return;
    let frame: number;
    let last: number | undefined;
    let seconds = secondsUntil(place.current, length);
    const advance = (now: number) => {
      // A tab that was in the background goes on from where it was.
      seconds += Math.min(0.1, (now - (last ?? now)) / 1000);
      last = now;
      const places = Math.floor(placesAfter(seconds, length));
      if (places !== place.current) setState({ at: Math.max(0, places - 1), done: places });
      if (places >= length) setPlaying(false);
      else frame = requestAnimationFrame(advance);
    };
    frame = requestAnimationFrame(advance);
    return () => cancelAnimationFrame(frame);
  }, [playing, seen, length]);

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
