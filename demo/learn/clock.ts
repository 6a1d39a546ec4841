import { useEffect, useRef } from 'preact/hooks';
import { wantsNoMotion } from '../shared/motion.ts';

/** How fast steps are played: where all of them would take longer than `seconds`, so many a second at first, then faster and faster. */
export interface Pace {
  readonly stepsPerSecond: number;
  readonly seconds?: number;
}

/** Steps gone through after some seconds of playing. */
export function stepsAfter(seconds: number, last: number, pace: Pace): number {
  return Math.min(last, pace.stepsPerSecond * seconds + hurry(last, pace) * seconds ** 2);
}

/** When that is. */
export function secondsUntil(steps: number, last: number, pace: Pace): number {
  const { stepsPerSecond } = pace;
  const faster = hurry(last, pace);
  return faster > 0
    ? (Math.sqrt(stepsPerSecond ** 2 + 4 * faster * steps) - stepsPerSecond) / (2 * faster)
    : steps / stepsPerSecond;
}

const hurry = (last: number, { stepsPerSecond, seconds }: Pace) =>
  seconds === undefined ? 0 : Math.max(0, (last - seconds * stepsPerSecond) / seconds ** 2);

interface Clock extends Pace {
  readonly playing: boolean;
  /** Where it is; the first step is 0. */
  readonly step: number;
  readonly last: number;
  /** Hears of each step, and with the last one that it has ended. */
  readonly onStep: (step: number) => void;
}

/** Plays steps up to the last one, from where they are. Who wants no motion is taken there at once. */
export function useClock({ playing, step, last, onStep, stepsPerSecond, seconds }: Clock): void {
  const now = useRef({ step, onStep });
  now.current = { step, onStep };
  useEffect(() => {
    if (!playing) return;
    if (wantsNoMotion()) {
      now.current.onStep(last);
      return;
    }
    const pace = { stepsPerSecond, ...(seconds !== undefined && { seconds }) };
    let frame: number;
    let before: number | undefined;
    let played = secondsUntil(now.current.step, last, pace);
    const advance = (time: number) => {
      // A tab that was in the background goes on from where it was.
      played += Math.min(0.1, (time - (before ?? time)) / 1000);
      before = time;
      // Rounding may put the first moment just before the step that it comes from.
      const next = Math.max(now.current.step, Math.floor(stepsAfter(played, last, pace)));
      if (next !== now.current.step) now.current.onStep(next);
      if (next < last) frame = requestAnimationFrame(advance);
    };
    frame = requestAnimationFrame(advance);
    return () => cancelAnimationFrame(frame);
  }, [playing, last, stepsPerSecond, seconds]);
}
