import type { StreamedFrame } from 'linnet/stream';
import { useEffect, useState } from 'preact/hooks';
import './try-it.css';
import type { ViewProps } from '../frame/view-props.ts';
import { MASK_MODES } from '../network/classification.ts';
import { taskOf } from '../network/model.ts';
import { Problem } from '../shared/problem.tsx';
import { useStrings } from '../shared/strings.ts';
import { Details, Headline } from './answer.tsx';
import { CUTOUT_MODES, CUTOUTS } from './beforehand.ts';
import { Effects } from './effects.tsx';
import { Progress } from './progress.tsx';
import { Screen } from './screen.tsx';
import { Sources } from './sources.tsx';
import { Tasks, Use } from './tasks.tsx';

/** One large picture, and what a network says of it. */
export default function TryIt({ state, device, enqueue, networks, pictures, classifying, noDevice }: ViewProps) {
  const strings = useStrings();
  const { running, loading, offers } = networks;
  const { mode, changeMode } = pictures;
  const lost = state.kind === 'lost';
  const without = state.kind === 'failed';
  /** The network that starts by itself is on its way to the GPU, and has not answered yet. */
  const isComing = (state.kind === 'starting' || state.kind === 'ready') && networks.isFirst && classifying.isNew;
  const cutout = (without || isComing) && mode === 'still' ? CUTOUTS[pictures.picture?.sample?.id ?? ''] : undefined;
  const ahead = isComing ? cutout : undefined;
  // One click from the first view.
  const things = offers?.find(({ task }) => task === 'things');

  const drawable = running?.model.network.plan.inputs.image?.shape[1] === 1;
  useEffect(() => {
    if (running && !drawable && mode === 'drawing') changeMode('still');
  }, [running, drawable, mode]);

  // The network is rebuilt once nothing draws by it.
  useEffect(() => {
    if (lost && mode === 'camera') changeMode('still');
  }, [lost, mode]);

  const [streamed, setStreamed] = useState<StreamedFrame>();
  // A camera that nobody sees is off, and stays off until it is asked for again.
  useEffect(() => () => changeMode('still'), []);

  return (
    <>
      <p class="lead">{strings.lead}</p>
      <div class="front" inert={lost}>
        <div class="side">
          <Headline {...{ state, networks, pictures, classifying, ahead }} />
          <div class="beside">
            {(running?.masked || cutout) && (
              <Effects classifying={classifying} modes={without ? CUTOUT_MODES : MASK_MODES} />
            )}
            <Sources choice={pictures} drawable={drawable} without={without} />
            {pictures.error !== undefined && <Problem error={pictures.error} onClose={pictures.dismiss} />}
            <Progress choice={networks} />
            {loading.kind === 'failed' && !lost && <Problem error={loading.error} onClose={networks.dismiss} />}
            {things && running && taskOf(running) === 'people' && <Use choice={networks} offer={things} />}
            <Details {...{ device, running, pictures, classifying, streamed }} />
            {noDevice}
          </div>
        </div>
        <Screen
          choice={pictures}
          running={running}
          cutout={cutout}
          isComing={isComing}
          classifying={classifying}
          enqueue={enqueue}
          onStreamed={setStreamed}
        />
      </div>
      {!without && <Tasks choice={networks} />}
    </>
  );
}
