import { useState } from 'preact/hooks';
import { useWords } from '../shared/strings.ts';
import { useClock } from './clock.ts';
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
  useClock({
    playing,
    step,
    last,
    stepsPerSecond,
    onStep(next) {
      onStep(next);
      if (next === last) setPlaying(false);
    },
  });
  const toggle = () => {
    if (!playing && step >= last) onStep(0);
    setPlaying(!playing);
  };

  return (
    <div class="player">
      <button type="button" onClick={toggle}>
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
