import { useState } from 'preact/hooks';
import './how-it-runs.css';
import type { ViewProps } from '../frame/view-props.ts';
import { AdapterLine } from '../network/adapter-line.tsx';
import { Code } from '../network/code.tsx';
import { usePlan } from '../network/use-plan.ts';
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

  const id = chosen ?? running?.request.offer?.id ?? (state.kind === 'failed' ? networks.asked : undefined);
  // What has no architecture is known once its file is here.
  const plannable = offers?.filter(({ id, architecture }) => architecture || id === running?.request.offer?.id) ?? [];
  // Without a GPU nothing ever runs.
  const offer =
    plannable.find((candidate) => candidate.id === id) ?? (state.kind === 'failed' ? plannable[0] : undefined);
  const isRunning = running !== undefined && running.request.offer?.id === offer?.id;
  const planned = usePlan(isRunning ? undefined : offer?.architecture, device);
  const plan = isRunning ? running.model.network.plan : planned;
  const card = isRunning ? running.model.card : offer?.card;

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
      {plan && card && (
        <>
          <Facts plan={plan} card={card} timing={timing} compileMs={isRunning ? running.compileMs : undefined} />
          <Code card={card} url={offer?.url} />
          <PlanView plan={plan} name={nameOf(offer?.id, card.name)} compiled={device !== undefined} />
        </>
      )}
      {!plan && <p class="quiet">{offer?.architecture ? words.planning : words.nothing}</p>}
    </>
  );
}
