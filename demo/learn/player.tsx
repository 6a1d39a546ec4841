import { useEffect, useRef, useState } from 'preact/hooks';
import { useWords } from '../shared/strings.ts';
import { words as bothLanguages } from './player-strings.ts';
import './player.css';

interface Props {
  /** What is played. */
  label: string;
  /** The last step; the first one is 0. */
  last: number;
  step: number;
  stepsPerSecond: number;
  /** What a screen reader says of a step. */
  spoken: string;
  onStep: (step: number) => void;
}

/** A button that plays steps one after another, and a slider to go to one. */
export function Player({ label, last, step, stepsPerSecond, spoken, onStep }: Props) {
  const words = useWords(bothLanguages);
  const [playing, setPlaying] = useState(false);
  const at = useRef(step);
  at.current = step;

  useEffect(() => {
    if (!playing) return;
    const from = at.current >= last ? 0 : at.current;
    let begin: number | undefined;
    let frame = requestAnimationFrame(function play(now) {
      begin ??= now;
      const next = Math.min(last, from + Math.floor(((now - begin) / 1000) * stepsPerSecond));
      if (next !== at.current) onStep(next);
      if (next === last) setPlaying(false);
      else frame = requestAnimationFrame(play);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing, last, stepsPerSecond]);

  return (
    <div class="player">
      <button type="button" onClick={() => setPlaying(!playing)}>
        {playing ? words.pause : words.play}
      </button>
      <input
        type="range"
        aria-label={label}
        min={0}
        max={last}
        value={step}
        aria-valuetext={spoken}
        onInput={({ currentTarget }) => {
          setPlaying(false);
          onStep(currentTarget.valueAsNumber);
        }}
      />
    </div>
  );
}
