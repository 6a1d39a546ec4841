import { useEffect, useRef, useState } from 'preact/hooks';
import { useClassification } from '../network/classification.ts';
import { useDevice } from '../network/device.ts';
import { type Running, taskOf } from '../network/model.ts';
import { useNetworkChoice } from '../network/network-choice.ts';
import type { Task } from '../network/networks.ts';
import { createQueue } from '../network/queue.ts';
import { usePictureChoice } from '../picture/picture-choice.ts';
import { Problem } from '../shared/problem.tsx';
import { useStrings } from '../shared/strings.ts';
import { useFilesFromAnywhere } from './drop-target.ts';
import { useKeptFocus } from './kept-focus.ts';
import { useLoadedView } from './loaded-view.ts';
import { noteSubject, type Place } from './place.ts';
import { TopBar } from './top-bar.tsx';
import { VIEWS, viewOf } from './views.ts';

interface Props {
  place: Place;
  go: (address: string) => void;
}

/** The sample that shows best what the page's own network for a task does. */
const BEST: Readonly<Record<Task, string>> = {
  people: 'photos/astronaut',
  things: 'photos/cat',
  garments: 'fashion-mnist/9-ankle-boot-a',
  drawings: 'drawings/lion',
};

/** Whose pictures do for a network of which nothing but its input is known. */
const taskFor = ({ model }: Running): Task => (model.network.plan.inputs.image?.shape[1] === 1 ? 'garments' : 'things');

/** The frame of the page: what all views share, and the view that the address asks for. */
export function App({ place, go }: Props) {
  const strings = useStrings();
  const wanted = viewOf(place);
  const { view, Content, error } = useLoadedView(wanted);
  const needsGpu = wanted.withoutGpu !== undefined;
  const { state, start } = useDevice();
  const device = state.kind === 'ready' ? state.device : undefined;
  const [enqueue] = useState(createQueue);
  // What can be done without it is done while it comes.
  const toCome = state.kind === 'starting' ? state.coming : device;
  const networks = useNetworkChoice(toCome, state.kind === 'failed', enqueue, place.network);
  const offer = networks.running?.request.offer;
  // Without a GPU the first view has answers for photos only.
  const photosOnly = wanted === VIEWS[0] && state.kind === 'failed';
  const best = networks.running
    ? BEST[taskOf(networks.running) ?? taskFor(networks.running)]
    : ((photosOnly ? undefined : place.picture) ?? BEST.people);
  const pictures = usePictureChoice(best, place.picture);
  const [generation, setGeneration] = useState(0);
  const classifying = useClassification({
    running: networks.running,
    picture: pictures.mode === 'camera' ? undefined : pictures.picture,
    generation,
    enqueue,
    active: wanted === VIEWS[0],
  });

  const takeFiles = (files: File[], how: 'drop' | 'paste') => {
    const [file] = files;
    const isNetwork = files.some(({ name }) => /\.(json|safetensors|onnx|tflite)$/i.test(name));
    // Where what comes of it would not be seen, the first view shows it.
    if (isNetwork || !(needsGpu || wanted.showsPicture)) go(`#${VIEWS[0].id}`);
    if (isNetwork) void networks.takeFiles(files);
    else if (file) void pictures.takeFile(file, how === 'paste' ? strings.picture.pasted : file.name);
  };
  const dragging = useFilesFromAnywhere(takeFiles);

  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef(view);
  useEffect(() => {
    if (before.current !== undefined && before.current !== view) {
      scrollTo(0, 0);
      heading.current?.focus({ preventScroll: true });
    }
    before.current = view;
  }, [view]);

  const sample = pictures.picture?.sample;
  useEffect(() => {
    // Until something runs, the address says what is to come.
    if (networks.running) noteSubject({ network: offer?.id, picture: sample?.id });
  }, [networks.running, offer, sample]);

  useEffect(() => {
    document.documentElement.lang = strings.locale;
    document.title = `${wanted.title[strings.locale]} · ${strings.title}`;
  }, [strings, wanted]);

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

  const noDevice =
    needsGpu && state.kind === 'failed' ? (
      <Problem error={state.error} stays more={wanted.withoutGpu?.[strings.locale]}>
        {navigator.gpu && startAgainButton}
      </Problem>
    ) : undefined;
  // There the samples have answers all the same, and it stands beside them.
  const isFirst = wanted === VIEWS[0];

  const main = useRef<HTMLElement>(null);
  useKeptFocus(main);
  const next = view && VIEWS[VIEWS.indexOf(view) + 1];
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: it goes to a place on this page, but what stands behind the # is the view. */}
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        {strings.skip}
      </a>
      <TopBar current={wanted} go={go} />
      <main id="content" class={view?.id} ref={main} tabIndex={-1}>
        {view && (
          <h1 ref={heading} tabIndex={-1}>
            {view.heading[strings.locale]}
          </h1>
        )}
        {error !== undefined && <Problem error={error} />}
        {!isFirst && noDevice}
        {needsGpu && state.kind === 'lost' && (
          <Problem error={new DOMException(state.reason, 'DeviceLostError')} stays>
            {startAgainButton}
          </Problem>
        )}
        {Content && (
          <Content {...{ state, device, enqueue, networks, pictures, classifying }} noDevice={isFirst && noDevice} />
        )}
        {view && next && (
          <nav class="next" aria-label={strings.next}>
            <a href={`#${next.id}`}>
              <span class="quiet">{strings.next}</span> {next.heading[strings.locale]} <span aria-hidden="true">→</span>
            </a>
          </nav>
        )}
      </main>
      <footer>
        <p>
          {strings.footer.licence} <a href="embed.html">{strings.footer.embed}</a>
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
