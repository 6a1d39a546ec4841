import type { Card } from 'linnet/models';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useClassification } from '../network/classification.ts';
import { useDevice } from '../network/device.ts';
import { useNetworkChoice } from '../network/network-choice.ts';
import { createQueue } from '../network/queue.ts';
import type { SampleKind } from '../picture/picture.ts';
import { usePictureChoice } from '../picture/picture-choice.ts';
import { Problem } from '../shared/problem.tsx';
import { useStrings } from '../shared/strings.ts';
import { useFilesFromAnywhere } from './drop-target.ts';
import { useLoadedView } from './loaded-view.ts';
import type { Place } from './place.ts';
import { TopBar } from './top-bar.tsx';
import { VIEWS, viewOf } from './views.ts';

interface Props {
  place: Place;
  go: (address: string) => void;
}

/** Pictures of the kind that a network was trained on. */
function samplesFor(card: Card | undefined): SampleKind {
  if (card?.task !== 'segmentation') return 'fashion-mnist';
  return card.labels?.[0] === 'person' ? 'people' : 'drawings';
}

/** The frame of the page: what all views share, and the view that the address asks for. */
export function App({ place, go }: Props) {
  const strings = useStrings();
  const wanted = viewOf(place);
  const { view, Content, error } = useLoadedView(wanted);
  const { state, start } = useDevice(wanted.needsGpu || wanted.usesGpu === true);
  const device = state.kind === 'ready' ? state.device : undefined;
  const [enqueue] = useState(createQueue);
  const networks = useNetworkChoice(device, enqueue);
  const pictures = usePictureChoice(samplesFor(networks.running?.model.card));
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
    if (isNetwork || !(wanted.needsGpu || wanted.usesGpu)) go(`#${VIEWS[0].id}`);
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

  const main = useRef<HTMLElement>(null);
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
      <main id="content" ref={main} tabIndex={-1}>
        {view && (
          <h1 ref={heading} tabIndex={-1}>
            {view.heading[strings.locale]}
          </h1>
        )}
        {error !== undefined && <Problem error={error} />}
        {wanted.needsGpu && state.kind === 'failed' && (
          <Problem error={state.error}>{navigator.gpu && startAgainButton}</Problem>
        )}
        {wanted.needsGpu && state.kind === 'lost' && (
          <Problem error={new DOMException(state.reason, 'DeviceLostError')}>{startAgainButton}</Problem>
        )}
        {Content && <Content {...{ state, device, enqueue, networks, pictures, classifying }} />}
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
