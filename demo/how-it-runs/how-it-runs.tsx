import { capabilitiesOf, planFor } from 'linnet';
import { useMemo, useState } from 'preact/hooks';
import './how-it-runs.css';
import type { ViewProps } from '../frame/view-props.ts';
import { AdapterLine } from '../network/adapter-line.tsx';
import { Code } from '../network/code.tsx';
import { useNetworkName, useStrings } from '../shared/strings.ts';
import { Facts } from './facts.tsx';
import { PlanView } from './plan-view.tsx';

/** What a network is, what it costs, and the plan by which it runs. */
export default function HowItRuns({ state, device, networks, classifying }: ViewProps) {
  const strings = useStrings();
  const words = strings.plan;
  const nameOf = useNetworkName();
  const { running, offers } = networks;
  const [chosen, setChosen] = useState<string>();

  const id = chosen ?? running?.request.offer?.id;
  // What has no architecture is known once its file is here.
  const plannable = offers?.filter(({ id, architecture }) => architecture || id === running?.request.offer?.id) ?? [];
  // Without a GPU nothing ever runs.
  const offer =
    plannable.find((candidate) => candidate.id === id) ?? (state.kind === 'failed' ? plannable[0] : undefined);
  const isRunning = running !== undefined && running.request.offer?.id === offer?.id;
  const shown = useMemo(() => {
    if (isRunning) return { plan: running.model.network.plan, card: running.model.card };
    if (!offer?.architecture) return undefined;
    return { plan: planFor(offer.architecture, device && capabilitiesOf(device)), card: offer.card };
  }, [isRunning, running, offer, device]);

  const { outcome } = classifying;
  const timing = isRunning && outcome.kind === 'done' && outcome.by === running ? outcome.timing : undefined;
  return (
    <>
      <p class="lead">{words.lead}</p>
      <AdapterLine state={state} />
      <div class="of-network">
        <label for="of-network">{words.network}</label>
        <select
          id="of-network"
          value={offer?.id ?? ''}
          onChange={({ currentTarget }) => setChosen(currentTarget.value)}
        >
          {running && !running.request.offer && <option value="">{running.model.card.name}</option>}
          {plannable.map(({ id, card }) => (
            <option key={id} value={id}>
              {nameOf(id, card.name)}
            </option>
          ))}
        </select>
      </div>
      {shown && (
        <>
          <Facts {...shown} timing={timing} compileMs={isRunning ? running.compileMs : undefined} />
          <Code card={shown.card} url={offer?.url} />
          <PlanView plan={shown.plan} name={nameOf(offer?.id, shown.card.name)} compiled={device !== undefined} />
        </>
      )}
      {!shown && <p class="quiet">{words.nothing}</p>}
    </>
  );
}
