import type { Outcome } from '../network/classification.ts';
import { useFormat } from '../shared/format.ts';
import { Problem } from '../shared/problem.tsx';
import { useStrings } from '../shared/strings.ts';

/** Below this a network has no favourite. */
const UNSURE = 0.4;

interface Props {
  outcome: Outcome;
  adapter: string;
  /** A camera's results change too fast to be read aloud. */
  live: boolean;
}

/** The five likeliest classes, or that a mask was drawn, and the times. */
export function Result({ outcome, adapter, live }: Props) {
  const words = useStrings().result;
  const format = useFormat();
  const isMask = outcome.kind === 'done' && outcome.by.model.task === 'segmentation';
  return (
    <section class="result" aria-labelledby="result-heading">
      <h2 id="result-heading">{words.heading}</h2>
      <div aria-live={live ? 'off' : 'polite'}>
        {outcome.kind === 'none' && <p class="quiet">{words.waiting}</p>}
        {outcome.kind === 'working' && <p class="quiet">{words.working}</p>}
        {outcome.kind === 'failed' && <Problem error={outcome.error} />}
        {outcome.kind === 'done' && (
          <>
            <p class="quiet">{(isMask ? words.maskBy : words.by)(outcome.by.model.card.name)}</p>
            <ol class="classes">
              {outcome.classes.map(({ class: index, label, probability }) => (
                <li key={index}>
                  <span class="label">{label}</span>
                  <span class="probability">{format.percent(probability)}</span>
                  <span class="track" aria-hidden="true">
                    <span class="bar" style={{ width: `${probability * 100}%` }} />
                  </span>
                </li>
              ))}
            </ol>
            {!isMask && outcome.truth !== undefined && <p class="quiet">{words.truth(outcome.truth)}</p>}
            {!isMask && (outcome.classes[0]?.probability ?? 0) < UNSURE && <p class="quiet">{words.unsure}</p>}
          </>
        )}
      </div>
      {outcome.kind === 'done' && (
        <>
          <dl class="times">
            <div>
              <dt>{words.inference}</dt>
              <dd>
                <strong>{format.milliseconds(outcome.timing.median)}</strong>{' '}
                <small>{words.medianOf(outcome.timing.runs)}</small>
              </dd>
            </div>
            <div>
              <dt>{words.first}</dt>
              <dd>{format.milliseconds(outcome.timing.first)}</dd>
            </div>
            <div>
              <dt>{words.compile}</dt>
              <dd>{format.milliseconds(outcome.by.compileMs)}</dd>
            </div>
          </dl>
          <p class="quiet small">{(isMask ? words.maskNote : words.note)(adapter)}</p>
        </>
      )}
    </section>
  );
}
