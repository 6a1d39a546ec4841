import { capabilitiesOf, planFor } from 'linnet';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { AdapterLine } from './adapter-line.tsx';
import { useClassification } from './classification.ts';
import { describeAdapter, useDevice } from './device.ts';
import { useFilesFromAnywhere } from './drop-target.ts';
import { Experiment } from './experiment.tsx';
import { useNetworkChoice } from './network-choice.ts';
import { NetworkChooser } from './network-chooser.tsx';
import { Pair } from './pair.tsx';
import { usePictureChoice } from './picture-choice.ts';
import { PictureChooser } from './picture-chooser.tsx';
import { PlanView } from './plan-view.tsx';
import { Problem } from './problem.tsx';
import { createQueue } from './queue.ts';
import { Result } from './result.tsx';
import { useStrings } from './strings.ts';

export function App() {
  const strings = useStrings();
  const { state, start } = useDevice();
  const device = state.kind === 'ready' ? state.device : undefined;
  const lost = state.kind === 'lost';
  const [enqueue] = useState(createQueue);
  const networks = useNetworkChoice(device, enqueue);
  const pictures = usePictureChoice();
  const [generation, setGeneration] = useState(0);
  const { running, offers, selected } = networks;
  const { mode, picture, changeMode } = pictures;

  const { outcome, classify } = useClassification({
    running,
    picture: mode === 'camera' ? undefined : picture,
    generation,
    enqueue,
  });

  const takeFiles = (files: File[], how: 'drop' | 'paste') => {
    const [file] = files;
    if (files.some(({ name }) => /\.(json|safetensors)$/.test(name))) void networks.takeFiles(files);
    else if (file) void pictures.takeFile(file, how === 'paste' ? strings.picture.pasted : file.name);
  };
  const dragging = useFilesFromAnywhere(takeFiles);

  useEffect(() => {
    document.documentElement.lang = strings.locale;
  }, [strings]);

  const startAgain = async () => {
    const next = await start();
    if (!next) return;
    await networks.moveTo(next);
    setGeneration((count) => count + 1);
  };
  const startAgainButton = (
    <button type="button" class="primary" onClick={startAgain}>
      {strings.startAgain}
    </button>
  );

  const drawable = running?.model.network.plan.inputs.image?.shape[1] === 1;
  useEffect(() => {
    if (running && !drawable && mode === 'drawing') changeMode('still');
  }, [running, drawable, mode]);

  const offer = offers?.find(({ id }) => id === selected);
  const shown = useMemo(() => {
    if (running && (!offer || running.request.source === offer.url)) {
      return { plan: running.model.network.plan, name: running.model.card.name };
    }
    if (!offer) return undefined;
    return { plan: planFor(offer.architecture, device && capabilitiesOf(device)), name: offer.card.name };
  }, [running, offer, device]);
  // The same elements from frame to frame of a camera: their tables and figures are left alone.
  const experiment = useMemo(() => offers && <Experiment offers={offers} />, [offers]);
  const plan = useMemo(() => shown && <PlanView {...shown} compiled={device !== undefined} />, [shown, device]);

  return (
    <>
      <a class="skip" href="#content">
        {strings.skip}
      </a>
      <header>
        <h1>{strings.title}</h1>
        <p class="lead">{strings.lead}</p>
        <AdapterLine state={state} />
      </header>
      <main id="content" tabIndex={-1}>
        {state.kind === 'failed' && <Problem error={state.error}>{navigator.gpu && startAgainButton}</Problem>}
        {lost && <Problem error={new DOMException(state.reason, 'DeviceLostError')}>{startAgainButton}</Problem>}
        {state.kind !== 'failed' && (
          <div class="bench" inert={lost}>
            <NetworkChooser choice={networks} lost={lost} />
            <div>
              <PictureChooser choice={pictures} drawable={drawable} />
              {pictures.error !== undefined && <Problem error={pictures.error} />}
              <Pair choice={pictures} running={running} classify={classify} />
            </div>
            <Result
              outcome={lost && outcome.kind === 'failed' ? { kind: 'none' } : outcome}
              adapter={device ? describeAdapter(device).name || strings.adapter.unnamed : strings.adapter.none}
              live={mode === 'camera'}
            />
          </div>
        )}
        {experiment}
        {plan}
      </main>
      <footer>
        <p>
          {strings.footer.licence} <a href="embed.html">{strings.footer.embed}</a>.
        </p>
      </footer>
      {dragging && (
        <div class="drop-overlay" aria-hidden="true">
          {strings.picture.dropHere}
        </div>
      )}
    </>
  );
}
