import type { ComponentChildren } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { useWords } from '../shared/strings.ts';
import { words as bothLanguages } from './guess-strings.ts';
import './guess.css';

interface Props {
  question: string;
  answers: readonly string[];
  /** The index of the right one. */
  right: number;
  /** What is so, whatever was guessed. */
  explanation: string;
  /** What is seen after the guess. It is there before, hidden, so that it may be prepared. */
  children: ComponentChildren;
}

/** Asks before it tells: what follows is seen once the visitor has guessed, or asks to be shown. */
export function Guess({ question, answers, right, explanation, children }: Props) {
  const words = useWords(bothLanguages);
  const id = useId();
  const [guess, setGuess] = useState<number | 'none'>();
  const verdict = useRef<HTMLParagraphElement>(null);
  const answered = guess !== undefined;
  const markOf = (index: number) => (answered && index === right ? 'right' : index === guess ? 'wrong' : '');
  return (
    <>
      <div class="guess">
        <p class="guess-question" id={id}>
          <span class="quiet small">{words.before}</span> {question}
        </p>
        {/* biome-ignore lint/a11y/useSemanticElements: a fieldset's legend would not stand beside its words. */}
        <div class="guess-answers" role="group" aria-labelledby={id}>
          {answers.map((answer, index) => (
            <button
              key={answer}
              type="button"
              class={markOf(index)}
              aria-pressed={index === guess}
              disabled={answered && index !== guess && index !== right}
              onClick={() => answered || setGuess(index)}
            >
              {answer}
            </button>
          ))}
        </div>
        <p ref={verdict} class="guess-verdict" role="status" tabIndex={-1}>
          {answered && (
            <>
              {guess !== 'none' && <strong>{guess === right ? words.right : words.wrong}</strong>} {explanation}
            </>
          )}
        </p>
        {!answered && (
          <button
            type="button"
            class="guess-show"
            onClick={() => {
              setGuess('none');
              // The button goes, and the keyboard's place with it.
              verdict.current?.focus();
            }}
          >
            {words.show}
          </button>
        )}
      </div>
      <div hidden={!answered}>{children}</div>
    </>
  );
}
