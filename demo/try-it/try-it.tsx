import { capabilitiesOf, planFor } from 'linnet';
import { useEffect, useMemo } from 'preact/hooks';
import './try-it.css';
import type { ViewProps } from '../frame/view-props.ts';
import { AdapterLine } from '../network/adapter-line.tsx';
import { describeAdapter } from '../network/device.ts';
import { Problem } from '../shared/problem.tsx';
import { useStrings } from '../shared/strings.ts';
import { NetworkChooser } from './network-chooser.tsx';
import { Pair } from './pair.tsx';
import { PictureChooser } from './picture-chooser.tsx';
import { PlanView } from './plan-view.tsx';
import { Result } from './result.tsx';

/** A network, a picture, what the one says of the other, and the plan behind it. */
export default function TryIt({ state, device, networks, pictures, classifying }: ViewProps) {
  const strings = useStrings();
  const lost = state.kind === 'lost';
  const { running, offers, selected } = networks;
  const { mode, changeMode } = pictures;
  const { outcome } = classifying;

  const drawable = running?.model.network.plan.inputs.image?.shape[1] === 1;
  useEffect(() => {
    if (running && !drawable && mode === 'drawing') changeMode('still');
  }, [running, drawable, mode]);

  // A camera that nobody sees is off, and stays off until it is asked for again.
  useEffect(() => () => changeMode('still'), []);

  const offer = offers?.find(({ id }) => id === selected);
  const shown = useMemo(() => {
    if (running && (!offer || running.request.source === offer.url)) {
      return { plan: running.model.network.plan, name: running.model.card.name };
    }
    if (!offer?.architecture) return undefined;
    return { plan: planFor(offer.architecture, device && capabilitiesOf(device)), name: offer.card.name };
  }, [running, offer, device]);
  // The same elements from frame to frame of a camera: its table and figures are left alone.
  const plan = useMemo(() => shown && <PlanView {...shown} compiled={device !== undefined} />, [shown, device]);

  return (
    <>
      <p class="lead">{strings.lead}</p>
      <AdapterLine state={state} />
      {state.kind !== 'failed' && (
        <div class="bench" inert={lost}>
          <NetworkChooser choice={networks} lost={lost} />
          <div>
            <PictureChooser choice={pictures} drawable={drawable} />
            {pictures.error !== undefined && <Problem error={pictures.error} />}
            <Pair choice={pictures} running={running} classifying={classifying} />
          </div>
          <Result
            outcome={lost && outcome.kind === 'failed' ? { kind: 'none' } : outcome}
            adapter={device ? describeAdapter(device).name || strings.adapter.unnamed : strings.adapter.none}
            live={mode === 'camera'}
          />
        </div>
      )}
      {plan}
    </>
  );
}
