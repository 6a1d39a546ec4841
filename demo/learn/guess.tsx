import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useWords } from '../shared/strings.ts';
import './guess.css';
import { words as bothLanguages } from './guess-strings.ts';

interface Props {
  question: string;
  options: readonly string[];
  /** One of the options. */
  answer: string;
  /** Why that is the answer; shown once something was guessed. */
  explanation: string;
  onGuess?: () => void;
  /** Shown below the explanation. */
  children?: ComponentChildren;
}

/** A question before its answer: the first guess counts. For another question it is another element, by its `key`. */
export function Guess({ question, options, answer, explanation, onGuess, children }: Props) {
  const words = useWords(bothLanguages);
  const [guess, setGuess] = useState<string>();
  const mark = (option: string) => (option === answer ? ' ✓' : option === guess ? ' ✗' : '');
  return (
    <fieldset class="guess">
      <legend>{question}</legend>
      <div class="actions">
        {options.map((option) => (
          <button
            key={option}
            type="button"
            class={guess !== undefined && option === answer ? 'right' : ''}
            aria-pressed={option === guess}
            onClick={() => {
              if (guess !== undefined) return;
              setGuess(option);
              onGuess?.();
            }}
          >
            {option}
            {guess !== undefined && mark(option)}
          </button>
        ))}
      </div>
      <p class="prose" role="status">
        {guess !== undefined && (
          <>
            <strong>{guess === answer ? words.right : words.wrong(answer)}</strong> {explanation}
          </>
        )}
      </p>
      {guess !== undefined && children && <div class="actions">{children}</div>}
    </fieldset>
  );
}
