import { useEffect, useMemo, useState } from 'preact/hooks';
import './layers.css';
import { CANDIDATES } from '../compare/candidates.ts';
import type { ViewProps } from '../frame/view-props.ts';
import { layersOf } from '../network/layers-of.ts';
import { useAnsweringName } from '../network/network-name.ts';
import { usePlan } from '../network/use-plan.ts';
import { useFormat } from '../shared/format.ts';
import { Problem } from '../shared/problem.tsx';
import { useLabel, useNetworkName, useStrings, useWords } from '../shared/strings.ts';
import { AnswerPanel } from './answer-panel.tsx';
import { answerOf } from './beforehand.ts';
import { withChange } from './changes.ts';
import { diagramId, NetworkSelect, PictureSelect } from './chooser.tsx';
import { ComputedMaps } from './computed-maps.tsx';
import { Diagram } from './diagram.tsx';
import type { Change } from './inside.ts';
import { LayerPanel } from './layer-panel.tsx';
import { words as bothLanguages } from './layers-strings.ts';
import { storedMaps } from './map-source.ts';
import { MapsView } from './maps-view.tsx';
import { coverage } from './masks.ts';
import { Neighbours } from './neighbours.tsx';
import { edgesOf, groupsOf } from './network-graph.ts';
import { indexOfLargest } from './numbers.ts';
import { BEFOREHAND } from './stored-maps.ts';
import { Switches } from './switches.tsx';
import { useArchitecture } from './use-architecture.ts';
import { useBeforehand } from './use-beforehand.ts';
import { useAnswers, useInside } from './use-inside.ts';

/** A network with more layers than this is shown with its stages folded, all but the first. */
const MOST_OPEN = 40;

/** A network from inside: how its layers hang together, what each makes of the picture, and what becomes of the answer without it. */
export default function Layers({ state, device, enqueue, networks, pictures }: ViewProps) {
  const strings = useStrings();
  const nameOf = useNetworkName();
  const answeringName = useAnsweringName();
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
  const withoutGpu = offers?.find(({ id }) => id === networks.asked)?.id ?? BEFOREHAND.network;
  const chosen = diagramOf ?? (running ? runningId : isWithoutGpu ? withoutGpu : undefined);
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

  const isBeforehand = isWithoutGpu && !runs && chosen === BEFOREHAND.network;
  const { beforehand, error: beforehandError } = useBeforehand(isBeforehand);
  const stored = useMemo(() => {
    const answer = beforehand && plan && answerOf(beforehand, plan, layers);
    return answer && { source: storedMaps(beforehand, layers), answer, picture: beforehand.picture };
  }, [beforehand, plan, layers]);

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
  const name = runs ? answeringName(running) : (candidate?.name ?? (offer && nameOf(offer.id, offer.card.name)));
  const results = plan && Object.values(plan.outputs).map(({ value }) => value);
  const firstResult = layers.findIndex(({ output }) => results?.includes(output.value));
  const [, channels, ...area] = layer?.shape ?? [];
  const named = runs ? running.model.labels : stored && typeof offer?.card.labels === 'object' ? offer.card.labels : [];
  const labels = named.map(labelOf);
  const isLabelled = shown >= firstResult && channels === labels.length && area.every((size) => size === 1);
  const summary = (scores: Float32Array) => {
    if (running?.model.task !== 'classification') {
      return words.answer.covers(format.percent(coverage(scores, labels.length)));
    }
    const likeliest = indexOfLargest(scores);
    return `${labels[likeliest]} ${format.percent(scores[likeliest] ?? 0)}`;
  };
  const answered = runs
    ? answers && {
        by: {
          task: running.model.task,
          plan: running.model.network.plan,
          preprocess: running.model.network.preprocess,
        },
        answers,
      }
    : plan &&
      offer &&
      stored && {
        by: { task: offer.card.task, plan, preprocess: offer.card.preprocess },
        answers: { now: stored.answer, untouched: stored.answer, picture: stored.picture },
      };
  /** Why there are no maps. */
  const absence = () => {
    if (isBeforehand && !beforehand && beforehandError === undefined) return words.fetching;
    if (isWithoutGpu) return words.mapsWithoutGpu;
    if (!runs) return words.mapsWithoutWeights;
    if (!picture) return strings.picture.none;
    return state.kind === 'lost' ? words.mapsLost : words.computing;
  };
  const failure = openError ?? beforehandError ?? insideError ?? answerError ?? pictures.error;

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
          <p class="prose">{words.intro(answered !== undefined)}</p>
          {!runs && (
            <p class="layers-without">
              {stored ? words.beforehand : isWithoutGpu ? words.withoutGpu : words.withoutWeights}{' '}
              {isWithoutGpu && chosen !== BEFOREHAND.network && (
                <button type="button" onClick={() => setDiagramOf(BEFOREHAND.network)}>
                  {words.showBeforehand(strings.network.names[BEFOREHAND.network] ?? '')}
                </button>
              )}
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
              previews={answered?.answers.now.previews}
              changes={changes}
            />
            <div class="layers-side">
              {answered && (
                <AnswerPanel
                  {...answered}
                  labels={labels}
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
                  <ComputedMaps
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
                  </ComputedMaps>
                ) : stored ? (
                  <MapsView
                    plan={plan}
                    source={stored.source}
                    layers={layers}
                    selected={shown}
                    changes={changes}
                    labels={isLabelled ? labels : undefined}
                  >
                    {() => isRead && <p class="quiet small">{words.switches.withoutGpu}</p>}
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
