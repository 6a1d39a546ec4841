import { capabilitiesOf, planFor } from 'linnet';
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { AdapterLine } from './adapter-line.tsx';
import { Camera } from './camera.tsx';
import { useClassification } from './classification.ts';
import { describeAdapter, useDevice } from './device.ts';
import { Drawing } from './drawing.tsx';
import { useFilesFromAnywhere } from './drop-target.ts';
import { Experiment } from './experiment.tsx';
import { useModel } from './model.ts';
import { NetworkChooser } from './network-chooser.tsx';
import { DEFAULTS, fetchOffers, type Offer, type Request, requestAddress, requestFiles } from './networks.ts';
import { decode, fetchSample, fetchSamples, type Picture, type Sample } from './picture.ts';
import { type Mode, PictureChooser } from './picture-chooser.tsx';
import { PlanView } from './plan-view.tsx';
import { Problem } from './problem.tsx';
import { createQueue } from './queue.ts';
import { Result } from './result.tsx';
import { Original, Seen } from './seen.tsx';
import { useStrings } from './strings.ts';

/** The network that runs without being asked for. */
const FIRST = 'separable';

export function App() {
  const strings = useStrings();
  const { state, start } = useDevice();
  const device = state.kind === 'ready' ? state.device : undefined;
  const [enqueue] = useState(createQueue);
  const { running, loading, load, restore, fail, dismiss, cancel } = useModel(enqueue);
  const [offers, setOffers] = useState<readonly Offer[]>();
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const [selected, setSelected] = useState(FIRST);
  const [uncarded, setUncarded] = useState(DEFAULTS);
  const [picture, setPicture] = useState<Picture>();
  const [pictureError, setPictureError] = useState<unknown>();
  const [mode, setMode] = useState<Mode>('still');
  const [live, setLive] = useState<{ video: HTMLVideoElement; frame: number }>();
  const [generation, setGeneration] = useState(0);
  const wanted = useRef<Request>(undefined);

  const { outcome, classify } = useClassification({
    running,
    picture: mode === 'camera' ? undefined : picture,
    generation,
    enqueue,
  });

  const take = useCallback(
    (request: Request) => {
      wanted.current = request;
      if (device) void load(request, device);
    },
    [device, load],
  );
  const fetchNetwork = useCallback((offer: Offer) => take({ name: offer.card.name, source: offer.url }), [take]);

  const asked = useRef(0);
  const takePicture = useCallback(async (work: () => Promise<Picture>) => {
    const ticket = ++asked.current;
    setPictureError(undefined);
    try {
      const taken = await work();
      // The last one asked for, not the last one to arrive.
      if (ticket !== asked.current) return;
      setPicture(taken);
      setMode('still');
    } catch (error) {
      setPictureError(error);
    }
  }, []);
  const takeSample = useCallback(
    (sample: Sample) => takePicture(() => fetchSample(sample, strings.picture.undecodable(sample.file))),
    [takePicture, strings],
  );

  const takeNetworkFiles = useCallback(
    async (files: File[]) => {
      setSelected('own');
      try {
        take(await requestFiles(files, uncarded, strings.own));
      } catch (error) {
        fail(error);
      }
    },
    [take, fail, uncarded, strings],
  );
  const takeAddress = useCallback(
    (address: string) => {
      try {
        take(requestAddress(address, uncarded, strings.own));
      } catch (error) {
        fail(error);
      }
    },
    [take, fail, uncarded, strings],
  );
  const takeFiles = useCallback(
    (files: File[], how: 'drop' | 'paste' | 'choice' = 'choice') => {
      const [file] = files;
      if (!file) return;
      if (files.some(({ name }) => /\.(json|safetensors)$/.test(name))) {
        void takeNetworkFiles(files);
        return;
      }
      const name = how === 'paste' ? strings.picture.pasted : file.name;
      void takePicture(async () => ({
        bitmap: await decode(file, strings.picture.undecodable(file.name)),
        name,
        kind: 'file',
      }));
    },
    [takeNetworkFiles, takePicture, strings],
  );
  const dragging = useFilesFromAnywhere(takeFiles);

  useEffect(() => {
    document.documentElement.lang = strings.locale;
  }, [strings]);

  useEffect(() => {
    void fetchOffers().then(setOffers);
    void fetchSamples().then((found) => {
      setSamples(found);
      if (found[0]) void takeSample(found[0]);
    });
  }, [takeSample]);

  useEffect(() => {
    const first = offers?.find(({ id }) => id === FIRST);
    if (device && first && !wanted.current) fetchNetwork(first);
  }, [device, offers, fetchNetwork]);

  const startAgain = async () => {
    const next = await start();
    if (!next) return;
    if (running) await restore(next);
    else if (wanted.current) await load(wanted.current, next);
    setGeneration((count) => count + 1);
  };
  const select = (id: string) => {
    setSelected(id);
    const offer = offers?.find((candidate) => candidate.id === id);
    if (offer?.group === 'here') fetchNetwork(offer);
  };

  const onFrame = useCallback(
    async (video: HTMLVideoElement) => {
      // Before the network is asked, so that what it sees is on the page and not what came after.
      setLive((before) => ({ video, frame: (before?.frame ?? 0) + 1 }));
      await classify(video);
    },
    [classify],
  );
  const changeMode = (next: Mode) => {
    setPictureError(undefined);
    setLive(undefined);
    setMode(next);
  };

  const offer = offers?.find(({ id }) => id === selected);
  const shown = useMemo(() => {
    if (running && (!offer || running.request.source === offer.url)) {
      return { plan: running.model.network.plan, name: running.model.card.name };
    }
    if (!offer) return undefined;
    return { plan: planFor(offer.architecture, device && capabilitiesOf(device)), name: offer.card.name };
  }, [running, offer, device]);

  const inputShape = running?.model.network.plan.inputs.image?.shape;
  const input = useMemo(() => {
    const [, channels = 0, height = 0, width = 0] = inputShape ?? [];
    return { channels, height, width };
  }, [inputShape]);
  const drawable = input.channels === 1;
  useEffect(() => {
    if (running && !drawable) setMode((before) => (before === 'drawing' ? 'still' : before));
  }, [running, drawable]);

  const preprocess = running?.model.card.preprocess;
  const source =
    mode === 'camera'
      ? live && { image: live.video, size: { width: live.video.videoWidth, height: live.video.videoHeight } }
      : picture && { image: picture.bitmap, size: picture.bitmap };
  const lost = state.kind === 'lost';
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
        {state.kind === 'failed' && (
          <Problem error={state.error}>
            {navigator.gpu && (
              <button type="button" class="primary" onClick={startAgain}>
                {strings.startAgain}
              </button>
            )}
          </Problem>
        )}
        {lost && (
          <Problem error={new DOMException(state.reason, 'DeviceLostError')}>
            <button type="button" class="primary" onClick={startAgain}>
              {strings.startAgain}
            </button>
          </Problem>
        )}
        {state.kind !== 'failed' && (
          <div class="bench" inert={lost}>
            <NetworkChooser
              offers={offers}
              selected={selected}
              runningSource={running?.request.source}
              runningName={running?.model.card.name}
              loading={lost && loading.kind === 'failed' ? { kind: 'idle' } : loading}
              uncarded={uncarded}
              onSelect={select}
              onFetch={fetchNetwork}
              onCancel={cancel}
              onDismiss={dismiss}
              onUncarded={setUncarded}
              onAddress={takeAddress}
              onNetworkFiles={takeNetworkFiles}
            />
            <div>
              <PictureChooser
                samples={samples}
                picture={picture}
                mode={mode}
                drawable={drawable}
                onSample={takeSample}
                onFiles={takeFiles}
                onMode={changeMode}
              />
              {pictureError !== undefined && <Problem error={pictureError} />}
              <div class="pair">
                {mode === 'camera' && (
                  <Camera
                    onFrame={onFrame}
                    onError={(error) => {
                      changeMode('still');
                      setPictureError(error);
                    }}
                  />
                )}
                {mode === 'camera' && !live && <p class="quiet">{strings.picture.cameraStarting}</p>}
                {mode === 'drawing' && (
                  <Drawing
                    onDrawn={(bitmap) => setPicture({ bitmap, name: strings.picture.drawn, kind: 'drawing' })}
                    onCleared={() => setPicture(undefined)}
                  />
                )}
                {mode === 'still' && picture && (
                  <Original bitmap={picture.bitmap} label={picture.truth ?? picture.name} />
                )}
                {source && preprocess && (
                  <Seen
                    source={source.image}
                    size={source.size}
                    preprocess={preprocess}
                    input={input}
                    frame={live?.frame ?? 0}
                  />
                )}
              </div>
              {running && !preprocess && <p class="quiet">{strings.picture.tensorsOnly}</p>}
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
