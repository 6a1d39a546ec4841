import { useState } from 'preact/hooks';
import { useFormat } from '../shared/format.ts';
import { useWords } from '../shared/strings.ts';
import { Player } from './player.tsx';
import { CHANNELS } from './resnext-block.ts';
import { words as bothLanguages } from './why-resnext-strings.ts';

const WIDTH = 400;
const BOX = 26;
const APART = 44;
/** Where paths lie in groups beside each other, a hair is between them. */
const GROUPED = 28;
/** More are not drawn. */
const MOST = 8;
const ROWS = { input: 0, first: 46, middle: 104, last: 162, output: 222 } as const;
const HEIGHT = 24;
/** Steps from one form to the next one. */
const BETWEEN = 60;
const FORMS = ['a', 'b', 'c'] as const;

/** Figure 3 of arXiv 1611.05431: the paths, their last convolutions joined, and all of them as one that has groups. */
export function ThreeForms({ cardinality, width }: { cardinality: number; width: number }) {
  const words = useWords(bothLanguages).same;
  const format = useFormat();
  const [step, setStep] = useState(0);
  const form = FORMS[Math.floor(step / BETWEEN)] ?? 'c';
  const joined = Math.min(1, step / BETWEEN);
  const grouped = Math.max(0, step / BETWEEN - 1);
  const drawn = Math.min(cardinality, MOST);
  const inner = cardinality * width;
  const place = (path: number, from: number, to: number, share: number) =>
    WIDTH / 2 + (path - (drawn - 1) / 2) * (from + (to - from) * share);
  const paths = Array.from({ length: drawn }, (_, path) => ({
    first: place(path, APART, BOX, grouped),
    middle: place(path, APART, GROUPED, grouped),
    last: place(path, APART, BOX, joined),
  }));
  const box = (row: keyof typeof ROWS, x: number, key: number) => (
    <rect key={key} class={row} x={x - BOX / 2} y={ROWS[row]} width={BOX + 0.5} height={HEIGHT} />
  );
  const convolutions = { a: 3 * cardinality, b: 2 * cardinality + 1, c: 3 }[form];
  return (
    <>
      <div class="actions">
        {FORMS.map((each, index) => (
          <button key={each} type="button" aria-pressed={each === form} onClick={() => setStep(index * BETWEEN)}>
            {words.forms[each]}
          </button>
        ))}
      </div>
      <Player
        label={words.player}
        last={2 * BETWEEN}
        step={step}
        stepsPerSecond={40}
        spoken={words.forms[form]}
        onStep={setStep}
      />
      <div class="forms">
        <svg viewBox={`0 0 ${WIDTH} ${ROWS.output + HEIGHT}`} aria-hidden="true">
          <rect class="map" x={20} y={ROWS.input} width={WIDTH - 40} height={16} />
          <rect class="map" x={20} y={ROWS.output + 8} width={WIDTH - 40} height={16} />
          <path
            class="flow"
            d={paths
              .map(
                ({ first, middle, last }) =>
                  `M${first} 16V${ROWS.first}M${first} ${ROWS.first + HEIGHT}L${middle} ${ROWS.middle}` +
                  `M${middle} ${ROWS.middle + HEIGHT}L${last} ${ROWS.last}M${last} ${ROWS.last + HEIGHT}V${ROWS.output + 8}`,
              )
              .join('')}
          />
          {paths.map(({ first }, path) => box('first', first, path))}
          {paths.map(({ middle }, path) => box('middle', middle, path))}
          {paths.map(({ last }, path) => box('last', last, path))}
        </svg>
        <div>
          <ol class="form-rows">
            <li>
              {form === 'c' ? words.one('1 × 1', CHANNELS, inner) : words.many(cardinality, '1 × 1', CHANNELS, width)}
            </li>
            <li>{form === 'c' ? words.grouped(inner, cardinality) : words.many(cardinality, '3 × 3', width, width)}</li>
            <li>{form === 'a' ? words.added(cardinality, width, CHANNELS) : words.one('1 × 1', inner, CHANNELS)}</li>
          </ol>
          <p class="form-count" aria-live="polite">
            <strong>{format.integer(convolutions)}</strong> {words.convolutions}
          </p>
          {cardinality > MOST && <p class="quiet small">{words.drawn(MOST, cardinality)}</p>}
        </div>
      </div>
    </>
  );
}
