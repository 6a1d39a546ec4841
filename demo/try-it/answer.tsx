import type { StreamedFrame } from 'linnet/stream';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Classifying, Outcome } from '../network/classification.ts';
import { Code } from '../network/code.tsx';
import type { DeviceState } from '../network/device.ts';
import { describeAdapter } from '../network/device.ts';
import { type Running, taskOf } from '../network/model.ts';
import type { NetworkChoice } from '../network/network-choice.ts';
import { useAnsweringName } from '../network/network-name.ts';
import { useFound } from '../picture/found.ts';
import type { PictureChoice } from '../picture/picture-choice.ts';
import { Seen } from '../picture/seen.tsx';
import { useFormat } from '../shared/format.ts';
import { Problem } from '../shared/problem.tsx';
import { useLabel, useStrings } from '../shared/strings.ts';
import { ANSWERS, CUTOUTS, type Cutout } from './beforehand.ts';

/** Below this a network has no favourite. */
const UNSURE = 0.4;

interface HeadlineProps {
  state: DeviceState;
  networks: NetworkChoice;
  pictures: PictureChoice;
  classifying: Classifying;
  /** Until the visitor's GPU answers: what was made of the picture beforehand. */
  ahead: Cutout | undefined;
}

/** The answer in one line. */
export function Headline({ state, networks, pictures, classifying, ahead }: HeadlineProps) {
  const words = useStrings().answer;
  const format = useFormat();
  const isLive = pictures.mode === 'camera';
  // That the device is lost is told by the page.
  const isTold = state.kind === 'lost' && classifying.outcome.kind === 'failed';
  const outcome: Outcome = isTold ? { kind: 'none' } : classifying.outcome;
  return (
    // A camera's results change too fast to be read aloud.
    <section
      class="headline"
      aria-label={ahead ? words.ahead.heading : words.heading}
      aria-live={isLive ? 'off' : 'polite'}
    >
      {state.kind === 'failed' ? (
        <Beforehand pictures={pictures} />
      ) : ahead ? (
        <p class="best quiet">{words.covers.people(format.share(ahead.covered))}</p>
      ) : (
        <Answer outcome={outcome} networks={networks} isLive={isLive} dismiss={classifying.dismiss} />
      )}
    </section>
  );
}

interface AnswerProps {
  outcome: Outcome;
  networks: NetworkChoice;
  isLive: boolean;
  dismiss: () => void;
}

function Answer({ outcome, networks, isLive, dismiss }: AnswerProps) {
  const strings = useStrings();
  const words = strings.answer;
  const format = useFormat();
  const labelOf = useLabel();
  const foundBy = useFound();
  const { running, loading, offers, fetchOffer } = networks;
  if (outcome.kind === 'failed') return <Problem error={outcome.error} onClose={dismiss} />;
  if (isLive && running?.masked) {
    const task = taskOf(running);
    return <p class="best">{task === 'people' ? words.found.people : words.mask}</p>;
  }
  if (outcome.kind === 'working') return <p class="best quiet">{words.working}</p>;
  if (outcome.kind === 'none') {
    return <p class="best quiet">{running || loading.kind === 'failed' ? words.waiting : words.starting}</p>;
  }
  const { by, classes, covered, picture } = outcome;
  if (by.model.task === 'segmentation') {
    const task = taskOf(by);
    if ((task === 'people' || task === 'drawings') && covered === undefined) {
      return <p class="best quiet">{words.working}</p>;
    }
    const { text, isWrong, provided } = foundBy(task, covered, picture);
    if (isWrong) return <Caution text={text} />;
    return (
      <>
        <p class="best">{text}</p>
        {provided && <p class="quiet small">{provided}</p>}
      </>
    );
  }
  const [best] = classes;
  if (!best) return null;
  const isGarments = taskOf(by) === 'garments';
  const others = offers?.find(({ id }) => id === 'mobilenet-v2');
  if (isGarments && picture?.kind !== 'sample' && (picture?.colourful || isLive)) {
    return (
      <Caution text={words.onlyGarments(labelOf(best.label))}>
        {others && (
          <button type="button" onClick={() => fetchOffer(others)}>
            {networks.here.has(others.id) ? words.recognise : words.download(format.download(others.bytes))}
          </button>
        )}
      </Caution>
    );
  }
  const isUnsure = best.probability < UNSURE;
  return (
    <p class={`best ${isUnsure ? 'unsure' : ''}`}>
      <span>{isUnsure ? words.perhaps(labelOf(best.label)) : labelOf(best.label)}</span>{' '}
      <small>
        {format.percent(best.probability)}
        {picture?.truth !== undefined && isGarments && ` · ${words.truth(labelOf(picture.truth))}`}
      </small>
    </p>
  );
}

function Caution({ text, children }: { text: string; children?: ComponentChildren }) {
  return (
    <div class="caution">
      <p>{text}</p>
      {children}
    </div>
  );
}

/** Without a GPU: what was computed elsewhere. */
function Beforehand({ pictures: { picture } }: { pictures: PictureChoice }) {
  const words = useStrings().answer;
  const format = useFormat();
  const id = picture?.sample?.id ?? '';
  const best = ANSWERS[id];
  const cutout = CUTOUTS[id];
  return (
    <>
      {best && (
        <p class="best">
          <span lang="en">{best.label}</span> <small>{format.percent(best.probability)}</small>
        </p>
      )}
      {cutout && <p class="best">{words.covers.people(format.share(cutout.covered))}</p>}
      {!best && !cutout && <p class="best quiet">{words.noGpu}</p>}
      <p class="quiet small">{words.beforehand}</p>
    </>
  );
}

interface DetailsProps {
  device: GPUDevice | undefined;
  running: Running | undefined;
  pictures: PictureChoice;
  classifying: Classifying;
  /** One of the camera's frames, with how fast they come. */
  streamed: StreamedFrame | undefined;
}

/** What else the network takes the picture for, what it sees of it, and how long that takes. */
export function Details({ device, running, pictures, classifying: { outcome }, streamed }: DetailsProps) {
  const { picture, mode } = pictures;
  const strings = useStrings();
  const words = strings.answer;
  const format = useFormat();
  const labelOf = useLabel();
  const adapter = useMemo(() => device && describeAdapter(device), [device]);
  const nameOf = useAnsweringName();
  const about = adapter ? ` · ${adapter.name || strings.adapter.unnamed}` : '';
  if (streamed && running) {
    const { framesPerSecond, milliseconds } = streamed;
    return (
      <p class="details quiet small">
        {words.by(nameOf(running))} {words.streamed(format.rate(framesPerSecond), format.milliseconds(milliseconds))}
        {about}
      </p>
    );
  }
  if (outcome.kind !== 'done') return null;
  const { by, classes, timing } = outcome;
  const { preprocess } = by.model.card;
  const [, channels = 0, height = 0, width = 0] = by.model.network.plan.inputs.image?.shape ?? [];
  return (
    <section class="details" aria-label={words.more}>
      {classes.length > 0 && (
        <div class="others">
          <ol class="classes">
            {classes.map(({ class: index, label, probability }) => (
              <li key={index}>
                <span class="label">{labelOf(label)}</span>
                <span class="probability">{format.percent(probability)}</span>
                <span class="track" aria-hidden="true">
                  <span class="bar" style={{ width: `${probability * 100}%` }} />
                </span>
              </li>
            ))}
          </ol>
          {mode === 'still' && picture && preprocess && (
            <Seen source={picture.bitmap} preprocess={preprocess} input={{ channels, height, width }} />
          )}
        </div>
      )}
      {!preprocess && <p class="quiet">{strings.picture.tensorsOnly}</p>}
      <p class="quiet small">
        {words.by(nameOf(by))} <Time milliseconds={timing.median} />
        {about}
      </p>
      {adapter?.software && (
        <p class="quiet small" role="note">
          {strings.adapter.software}
        </p>
      )}
      <Code card={by.model.card} url={by.request.offer?.url} />
    </section>
  );
}

/** A time that changes with each frame of a camera, but not so fast that nobody can read it. */
function Time({ milliseconds }: { milliseconds: number }) {
  const words = useStrings().answer;
  const format = useFormat();
  const [shown, setShown] = useState(milliseconds);
  const isOld = Math.abs(shown - milliseconds) > 0.1 * shown;
  useEffect(() => {
    if (!isOld) return;
    const timer = setTimeout(() => setShown(milliseconds), 300);
    return () => clearTimeout(timer);
  }, [isOld, milliseconds]);
  return <>{words.each(format.milliseconds(shown))}</>;
}
