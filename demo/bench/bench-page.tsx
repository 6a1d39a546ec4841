import { useEffect, useState } from 'preact/hooks';
import { CANDIDATES } from '../compare/candidates.ts';
import { Languages } from '../frame/languages.tsx';
import { AdapterLine } from '../network/adapter-line.tsx';
import { useDevice } from '../network/device.ts';
import { Problem } from '../shared/problem.tsx';
import { StartCancel } from '../shared/start-cancel.tsx';
import { useStrings, useWords } from '../shared/strings.ts';
import './bench.css';
import { words as bothLanguages } from './bench-strings.ts';
import { KernelSection } from './kernel-section.tsx';
import type { Report } from './measure.ts';
import { type Progress, useBench } from './measuring.ts';
import { Summary } from './summary.tsx';

/** Ticked at first: small, and of either kind of convolution. */
const MODEST = new Set(['mobilenet-v3-small', 'mobilenet-v2', 'resnet-18']);

/** Measures networks kernel by kernel, on any visitor's machine. */
export function BenchPage({ go }: { go: (address: string) => void }) {
  const strings = useStrings();
  const words = useWords(bothLanguages);
  const { state, start: startDevice } = useDevice();
  const device = state.kind === 'ready' ? state.device : undefined;
  const { report, progress, busy, error, start, cancel } = useBench(device);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(MODEST);

  useEffect(() => {
    document.documentElement.lang = strings.locale;
    document.title = `${words.title} · ${strings.title}`;
  }, [strings, words]);

  const choose = (id: string, wanted: boolean) =>
    setChosen((before) => new Set([...before].filter((other) => other !== id).concat(wanted ? [id] : [])));
  const startAgain = (
    <button type="button" class="primary" onClick={startDevice}>
      {strings.startAgain}
    </button>
  );

  return (
    <>
      <header>
        <a class="brand" href={`./?lang=${strings.locale}`}>
          {strings.title}
        </a>
        <nav aria-label={strings.views}>
          <ul>
            <li>
              <a href={`./?lang=${strings.locale}#compare`}>{words.back}</a>
            </li>
          </ul>
        </nav>
        <Languages go={go} />
      </header>
      <main>
        <h1>{words.heading}</h1>
        <p class="lead">{words.lead}</p>
        <AdapterLine state={state} />
        {state.kind === 'failed' && (
          <Problem error={state.error} stays more={words.without}>
            {navigator.gpu && startAgain}
          </Problem>
        )}
        {state.kind === 'lost' && (
          <Problem error={new DOMException(state.reason, 'DeviceLostError')} stays>
            {startAgain}
          </Problem>
        )}
        <section aria-labelledby="choose-heading">
          <h2 id="choose-heading">{words.choose.heading}</h2>
          <p class="prose">{words.choose.note}</p>
          <fieldset class="bench-networks" disabled={busy || state.kind === 'failed'}>
            <legend class="hidden">{words.choose.heading}</legend>
            {CANDIDATES.map(({ id, name }) => (
              <label key={id} class="option">
                <input
                  type="checkbox"
                  checked={chosen.has(id)}
                  onChange={({ currentTarget }) => choose(id, currentTarget.checked)}
                />
                {name}
              </label>
            ))}
          </fieldset>
          {state.kind === 'failed' ? (
            <p class="prose quiet">
              {words.choose.without} <a href={`./?lang=${strings.locale}#compare`}>{words.choose.known}</a>
            </p>
          ) : (
            <StartCancel
              label={words.choose.start}
              disabled={!device || chosen.size === 0}
              busy={busy}
              onStart={() => start(CANDIDATES.filter(({ id }) => chosen.has(id)))}
              onCancel={cancel}
            />
          )}
          <ProgressLine progress={progress} />
          {error !== undefined && state.kind !== 'lost' && <Problem error={error} />}
        </section>
        {report && (
          <>
            <Summary report={report} />
            {report.networks.map((network) => (
              <KernelSection key={network.name} network={network} />
            ))}
            {report.networks.length > 0 && !busy && <Save report={report} />}
          </>
        )}
      </main>
      <footer>
        <p>{strings.footer.licence}</p>
      </footer>
    </>
  );
}

function ProgressLine({ progress }: { progress: Progress | undefined }) {
  const words = useWords(bothLanguages).stage;
  const written = progress && words[progress.stage];
  return (
    <div class="bench-progress">
      <p role="status">{typeof written === 'function' ? written(progress?.name ?? '') : written}</p>
      {progress && progress.stage !== 'done' && progress.stage !== 'cancelled' && (
        <progress value={progress.done} max={progress.steps} aria-hidden="true" />
      )}
    </div>
  );
}

function Save({ report }: { report: Report }) {
  const words = useWords(bothLanguages).choose;
  return (
    <section aria-label={words.save}>
      <p class="actions">
        <button type="button" onClick={() => save(report)}>
          {words.save}
        </button>
      </p>
      <p class="prose quiet small">{words.saveNote}</p>
    </section>
  );
}

function save(report: Report): void {
  const { vendor, architecture } = report.adapter;
  const name = ['linnet', vendor, architecture, report.date.slice(0, 16).replace(':', '')].filter(Boolean).join('-');
  const url = URL.createObjectURL(new Blob([JSON.stringify(report, null, 1)], { type: 'application/json' }));
  Object.assign(document.createElement('a'), { href: url, download: `${name}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
