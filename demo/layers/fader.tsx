import { useFormat } from '../shared/format.ts';
import { useWords } from '../shared/strings.ts';
import { words as bothLanguages } from './layers-strings.ts';

interface Props {
  label: string;
  /** From 0, off, to 1. */
  strength: number;
  onStrength: (strength: number) => void;
}

/** How much of something is let through, and a button for none of it. */
export function Fader({ label, strength, onStrength }: Props) {
  const words = useWords(bothLanguages).fader;
  const format = useFormat();
  return (
    <div class="fader">
      <label>
        <span class="fader-label">{label}</span>
        <input
          type="range"
          min={0}
          max={100}
          step={5}
          value={Math.round(strength * 100)}
          aria-valuetext={`${format.integer(strength * 100)}%`}
          onInput={({ currentTarget }) => onStrength(currentTarget.valueAsNumber / 100)}
        />
      </label>
      <output>{format.integer(strength * 100)}%</output>
      <button
        type="button"
        aria-pressed={strength === 0}
        aria-label={words.offLabel(label)}
        onClick={() => onStrength(strength === 0 ? 1 : 0)}
      >
        {words.off}
      </button>
    </div>
  );
}
