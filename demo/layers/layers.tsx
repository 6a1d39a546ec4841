import { useEffect, useMemo, useState } from 'preact/hooks';
import './layers.css';
import { CANDIDATES } from '../compare/candidates.ts';
import type { ViewProps } from '../frame/view-props.ts';
import { layersOf } from '../network/layers-of.ts';
import { usePlan } from '../network/use-plan.ts';
import { useFormat } from '../shared/format.ts';
import { Problem } from '../shared/problem.tsx';
import { useLabel, useNetworkName, useStrings, useWords } from '../shared/strings.ts';
import { AnswerPanel } from './answer-panel.tsx';
import { withChange } from './changes.ts';
import { diagramId, NetworkSelect, PictureSelect } from './chooser.tsx';
import { Diagram } from './diagram.tsx';
import type { Change } from './inside.ts';
import { LayerPanel } from './layer-panel.tsx';
import { words as bothLanguages } from './layers-strings.ts';
import { MapsView } from './maps-view.tsx';
import { coverage } from './masks.ts';
import { Neighbours } from './neighbours.tsx';
import { edgesOf, groupsOf } from './network-graph.ts';
import { indexOfLargest } from './numbers.ts';
import { Switches } from './switches.tsx';
import { useArchitecture } from './use-architecture.ts';
import { useAnswers, useInside } from './use-inside.ts';

/** A network with more layers than this is shown with its stages folded, all but the first. */
const MOST_OPEN = 40;

/** A network from inside: how its layers hang together, what each makes of the picture, and what becomes of the answer without it. */
export default function Layers({ state, device, enqueue, networks, pictures }: ViewProps) {
  const strings = useStrings();
  const nameOf = useNetworkName();
  const words = useWords(bothLanguages);
  const format = useFormat();
  const labelOf = useLabel();
  const { running, loading, offers, here, fetchOffer } = networks;
  /** Shown without its weights; otherwise it is the network that runs. */
  const [diagramOf, setDiagramOf] = useState<string>();
  useEffect(() => setDiagramOf(undefined), [running]);

  const runs = running !== undefined && diagramOf === undefined;
  const runningId = running?.request.offer?.id;
  const isWithoutGpu = state.kind === 'failed';
  const chosen = diagramOf ?? (running ? runningId : isWithoutGpu ? offers?.[0]?.id : undefined);
  const offer = offers?.find(({ id }) => id === chosen);
  const candidate = CANDIDATES.find(({ id }) => diagramId(id) === chosen);
  const { architecture: offered, error: openError } = useArchitecture(runs ? undefined : offer);
  const architecture = candidate?.architecture ?? offered;
  const drawnPlan = usePlan(architecture, device);
  const plan = runs ? running.model.network.plan : drawnPlan;
  const layers = useMemo(() => (plan ? layersOf(plan) : []), [plan]);
  const edges = useMemo(() => (plan ? edgesOf(plan, layers) : []), [plan, layers]);
  const groups = useMemo(() => groupsOf(layers), [layers]);

  const [selected, setSelected] = useState(0);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [changes, setChanges] = useState<readonly Change[]>([]);
  const [explained, setExplained] = useState<number>();
  const [heatShown, setHeatShown] = useState(true);
  useEffect(() => {
    // The first layer that computes, not the one that brings the picture in.
    setSelected(layers.findIndex(({ macs }) => macs > 0));
    setOpen(new Set((layers.length > MOST_OPEN ? groups.slice(0, 1) : groups).map(({ label }) => label)));
    setChanges([]);
    setExplained(undefined);
  }, [layers, groups]);

  const picture = pictures.picture?.bitmap;
  useEffect(() => setExplained(undefined), [picture]);
  const { inside, error: insideError } = useInside(runs ? running : undefined, device, layers);
  const { answers, error: answerError } = useAnswers(inside, enqueue, picture, changes);
  const change = (next: Change) => setChanges((before) => withChange(before, next));
  const toggle = (label: string) =>
    setOpen((before) => new Set(before.has(label) ? [...before].filter((each) => each !== label) : [...before, label]));

  const choose = (id: string) => {
    const wanted = offers?.find((each) => each.id === id);
    if (id !== '' && (!wanted || !device || !here.has(id))) return setDiagramOf(id);
    setDiagramOf(undefined);
    if (wanted && id !== runningId) fetchOffer(wanted);
  };

  const shown = Math.max(0, Math.min(selected, layers.length - 1));
  const layer = layers[shown];
  const isRead = edges.some(({ from }) => from === shown);
  const name = runs
    ? nameOf(running.request.offer?.id, running.model.card.name)
    : (candidate?.name ?? (offer && nameOf(offer.id, offer.card.name)));
  const results = plan && Object.values(plan.outputs).map(({ value }) => value);
  const firstResult = layers.findIndex(({ output }) => results?.includes(output.value));
  const [, channels, ...area] = layer?.shape ?? [];
  const labels = running?.model.labels.map(labelOf) ?? [];
  const isLabelled = runs && shown >= firstResult && channels === labels.length && area.every((size) => size === 1);
  const summary = (scores: Float32Array) => {
    if (running?.model.task !== 'classification') {
      return words.answer.covers(format.percent(coverage(scores, labels.length)));
    }
    const likeliest = indexOfLargest(scores);
    return `${labels[likeliest]} ${format.percent(scores[likeliest] ?? 0)}`;
  };
  /** Why there are no maps. */
  const absence = () => {
    if (!runs) return isWithoutGpu ? words.mapsWithoutGpu : words.mapsWithoutWeights;
    if (!picture) return strings.picture.none;
    return state.kind === 'lost' ? words.mapsLost : words.computing;
  };
  const failure = openError ?? insideError ?? answerError ?? pictures.error;

  return (
    <>
      <p class="lead">{words.lead}</p>
      <div class="layers-choose">
        <NetworkSelect choice={networks} chosen={chosen} onChoose={choose} />
        {runs && <PictureSelect pictures={pictures} />}
      </div>
      {loading.kind === 'failed' && <Problem error={loading.error} onClose={networks.dismiss} />}
      {failure !== undefined && state.kind !== 'lost' && <Problem error={failure} />}
      {loading.kind === 'loading' && (
        <p class="quiet" role="status">
          {strings.network.loading(nameOf(loading.offer, loading.name))}
        </p>
      )}
      {plan && layer ? (
        <section class="layers-view" aria-labelledby="layers-heading">
          <h2 id="layers-heading">{name}</h2>
          <p class="prose">{words.intro}</p>
          {!runs && (
            <p class="layers-without">
              {isWithoutGpu ? words.withoutGpu : words.withoutWeights}{' '}
              {device && offer && loading.kind !== 'loading' && (
                <button type="button" class="primary" onClick={() => fetchOffer(offer)}>
                  {strings.network.fetch(format.download(offer.bytes))}
                </button>
              )}
            </p>
          )}
          <div class="layers-grid">
            <Diagram
              plan={plan}
              layers={layers}
              edges={edges}
              groups={groups}
              open={open}
              onToggle={toggle}
              selected={shown}
              onSelect={setSelected}
              previews={runs ? answers?.now.previews : undefined}
              changes={changes}
            />
            <div class="layers-side">
              {runs && answers && (
                <AnswerPanel
                  model={running.model}
                  labels={labels}
                  answers={answers}
                  layers={layers}
                  changes={changes}
                  onChange={change}
                  onReset={() => setChanges([])}
                  explained={explained}
                  onExplain={setExplained}
                  heatShown={heatShown}
                  onHeat={setHeatShown}
                />
              )}
              <section class="layer" aria-labelledby="layer-heading">
                <h3 id="layer-heading">
                  {layer.name} <small>{layer.kind}</small>
                </h3>
                <Neighbours layers={layers} edges={edges} selected={shown} onSelect={setSelected} />
                {runs && inside && device && picture ? (
                  <MapsView
                    device={device}
                    enqueue={enqueue}
                    network={running.model.network}
                    inside={inside}
                    layers={layers}
                    selected={shown}
                    picture={picture}
                    changes={changes}
                    labels={isLabelled ? labels : undefined}
                  >
                    {(channel) =>
                      isRead && (
                        <Switches
                          layers={layers}
                          edges={edges}
                          selected={shown}
                          channel={channel}
                          changes={changes}
                          onChange={change}
                          answer={answers && summary(answers.now.scores)}
                        />
                      )
                    }
                  </MapsView>
                ) : (
                  <p class="quiet">{absence()}</p>
                )}
                <LayerPanel plan={plan} layer={layer} />
              </section>
            </div>
          </div>
        </section>
      ) : (
        loading.kind !== 'loading' && (
          <p class="quiet">
            {architecture
              ? strings.plan.planning
              : state.kind === 'starting'
                ? words.starting
                : offer
                  ? words.opening
                  : words.nothing}
          </p>
        )
      )}
    </>
  );
}
