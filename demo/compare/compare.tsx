import { useState } from 'preact/hooks';
import './compare.css';
import type { ViewProps } from '../frame/view-props.ts';
import { AdapterLine } from '../network/adapter-line.tsx';
import { Problem } from '../shared/problem.tsx';
import { StartCancel } from '../shared/start-cancel.tsx';
import { useStrings, useWords } from '../shared/strings.ts';
import { AnswersBeforehand } from './answers-beforehand.tsx';
import { CANDIDATES } from './candidates.ts';
import { words as bothLanguages } from './compare-strings.ts';
import { csvOf } from './csv.ts';
import { AccuracyFigure, MemoryFigure } from './figures.tsx';
import { useMeasuring } from './measuring.ts';
import { Networks } from './network-table.tsx';
import { OnePicture } from './one-picture.tsx';
import { usePlanned } from './planned.ts';

/** Weights above this are made and uploaded only if a person ticks the network: a phone may have no room for them. */
const MODEST_WEIGHTS = 128 * 2 ** 20;

/** All architectures side by side: what they need, what they reach, and how long they take here. */
export default function Compare(props: ViewProps) {
  const { state, device, enqueue } = props;
  const strings = useStrings();
  const words = useWords(bothLanguages);
  const plans = usePlanned();
  const measurable = state.kind !== 'failed';
  const { times, progress, busy, error, start, cancel } = useMeasuring(device, enqueue);
  /** What a person decided; the size of the weights decides about the others. */
  const [choices, setChoices] = useState<Readonly<Record<string, boolean>>>({});
  const chosen = new Set(
    plans?.flatMap(({ candidate: { id }, weights }) => ((choices[id] ?? weights <= MODEST_WEIGHTS) ? [id] : [])),
  );
  return (
    <>
      <p class="lead">{words.lead}</p>
      <section aria-labelledby="networks-heading">
        <h2 id="networks-heading">{words.table.heading}</h2>
        <p class="prose">{words.table.intro}</p>
        {plans ? (
          <>
            <div class="figures">
              <AccuracyFigure plans={plans} times={times} />
              <MemoryFigure plans={plans} />
            </div>
            <p class="prose quiet small">
              {words.table.terms} {words.table.sources}
            </p>
            <Networks
              plans={plans}
              times={times}
              chosen={chosen}
              onChoose={(id, wanted) => setChoices((before) => ({ ...before, [id]: wanted }))}
              disabled={busy}
              measurable={measurable}
            />
            {measurable && (
              <>
                <StartCancel
                  label={words.measure.start}
                  disabled={!device || chosen.size === 0}
                  busy={busy}
                  onStart={() => start(CANDIDATES.filter(({ id }) => chosen.has(id)))}
                  onCancel={cancel}
                />
                <p class="quiet" role="status">
                  {progress && words.measure.progress(progress.number, progress.of)}
                </p>
              </>
            )}
            <CopyButton text={() => csvOf(plans, times)} />
            {error !== undefined && <Problem error={error} />}
            {measurable ? (
              <p class="prose quiet small">
                {words.measure.note} <a href={`bench.html?lang=${strings.locale}`}>{words.measure.more}</a>
              </p>
            ) : (
              <p class="prose">{words.measure.withoutGpu}</p>
            )}
            <AdapterLine state={state} />
          </>
        ) : (
          <p class="quiet">{words.table.planning}</p>
        )}
      </section>
      {measurable ? <OnePicture {...props} /> : <AnswersBeforehand />}
    </>
  );
}

/** Puts a text into the clipboard, and says so. */
function CopyButton({ text }: { text: () => string }) {
  const words = useWords(bothLanguages).table;
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text());
    setCopied(true);
    setTimeout(() => setCopied(false), 2000);
  };
  return (
    <p>
      <button type="button" onClick={copy}>
        {copied ? words.copied : words.copy}
      </button>
    </p>
  );
}
