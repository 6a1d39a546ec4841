import type { ComponentChildren } from 'preact';
import { useRef, useState } from 'preact/hooks';
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
  /** What is seen after the guess, or once the visitor asks for it. It is there before, hidden, so that it may be prepared. */
  reveals?: ComponentChildren;
}

/** A question before its answer: the first guess counts. For another question it is another element, by its `key`. */
export function Guess({ question, options, answer, explanation, onGuess, children, reveals }: Props) {
  const words = useWords(bothLanguages);
  const [guess, setGuess] = useState<string>();
  const [isShown, setShown] = useState(false);
  const verdict = useRef<HTMLParagraphElement>(null);
  const mark = (option: string) => (option === answer ? ' ✓' : option === guess ? ' ✗' : '');
  const asked = (
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
      <p ref={verdict} class="prose" role="status" tabIndex={-1}>
        {guess === undefined && isShown && explanation}
        {guess !== undefined && (
          <>
            <strong>{guess === answer ? words.right : words.wrong(answer)}</strong> {explanation}
          </>
        )}
      </p>
      {guess !== undefined && children && <div class="actions">{children}</div>}
      {reveals && guess === undefined && !isShown && (
        <button
          type="button"
          class="show"
          onClick={() => {
            setShown(true);
            // The button goes, and the keyboard's place with it.
            verdict.current?.focus();
          }}
        >
          {words.show}
        </button>
      )}
    </fieldset>
  );
  if (!reveals) return asked;
  return (
    <>
      {asked}
      <div hidden={guess === undefined && !isShown}>{reveals}</div>
    </>
  );
}
