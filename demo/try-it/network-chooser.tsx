import { planFor, summarizePlan } from 'linnet';
import { useMemo } from 'preact/hooks';
import type { NetworkChoice } from '../network/network-choice.ts';
import type { Offer } from '../network/networks.ts';
import { useFormat } from '../shared/format.ts';
import { Problem } from '../shared/problem.tsx';
import { useStrings } from '../shared/strings.ts';
import { OwnNetwork } from './own-network.tsx';

interface Props {
  choice: NetworkChoice;
  /** Whether the device is lost, which explains a failed load well enough. */
  lost: boolean;
}

export function NetworkChooser({ choice, lost }: Props) {
  const { offers, selected, running, loading, select, fetchOffer } = choice;
  const words = useStrings().network;
  const format = useFormat();
  const offer = offers?.find(({ id }) => id === selected);
  const sizeOf = ({ card, bytes }: Offer) =>
    card.weights.bytes === undefined ? words.about(format.file(bytes)) : format.file(bytes);
  const option = (id: string, name: string, detail: string) => (
    <label key={id} class="option">
      <input type="radio" name="network" value={id} checked={selected === id} onChange={() => select(id)} />
      <span>
        {name}
        <small>{detail}</small>
      </span>
    </label>
  );
  const listed = (group: Offer['group']) =>
    offers
      ?.filter((candidate) => candidate.group === group)
      .map((candidate) => {
        const { id, card } = candidate;
        const { top1, meanIoU } = card.accuracy ?? {};
        const facts = [
          sizeOf(candidate),
          top1 !== undefined && format.accuracy(top1),
          meanIoU !== undefined && words.iou(format.points(meanIoU)),
        ];
        const name =
          id === 'separable' || id === 'full' || id === 'drawings' || id === 'people' ? words[id] : card.name;
        return option(id, name, facts.filter(Boolean).join(' · '));
      });

  return (
    <section class="networks" aria-labelledby="network-heading">
      <h2 id="network-heading">{words.heading}</h2>
      {offers?.length === 0 && <p>{words.missing}</p>}
      <fieldset>
        <legend>{words.here}</legend>
        <p class="quiet small">{words.hereNote}</p>
        {listed('here')}
      </fieldset>
      <fieldset>
        <legend>{words.published}</legend>
        <p class="quiet small">{words.publishedNote}</p>
        {listed('published')}
      </fieldset>
      <fieldset>
        <legend>{words.own}</legend>
        {option('own', words.ownOption, '')}
      </fieldset>
      {offer && <Facts offer={offer} size={sizeOf(offer)} running={running} />}
      {offer?.group === 'published' && running?.request.source !== offer.url && loading.kind !== 'loading' && (
        <p class="actions">
          <button type="button" class="primary" onClick={() => fetchOffer(offer)}>
            {words.fetch(sizeOf(offer))}
          </button>
        </p>
      )}
      <Progress choice={choice} lost={lost} />
      {selected === 'own' && <OwnNetwork choice={choice} />}
    </section>
  );
}

interface FactsProps {
  offer: Offer;
  size: string;
  running: NetworkChoice['running'];
}

/** What is known of a network before anything is fetched; or when it runs, where only its file knows. */
function Facts({ offer: { card, architecture, url }, size, running }: FactsProps) {
  const words = useStrings().network;
  const format = useFormat();
  const known = running?.request.source === url ? running.model.network.plan : undefined;
  const plan = useMemo(() => (architecture ? planFor(architecture) : known), [architecture, known]);
  const cost = plan && summarizePlan(plan);
  const { accuracy, licence, source } = card;
  const [, channels = 0, height = 0, width = 0] = plan?.inputs.image?.shape ?? [];
  return (
    <dl class="facts">
      {accuracy?.top1 !== undefined && (
        <div>
          <dt>{words.accuracy}</dt>
          <dd>{words.top1(format.accuracy(accuracy.top1), accuracy.dataset)}</dd>
        </div>
      )}
      {accuracy?.meanIoU !== undefined && (
        <div>
          <dt>{words.accuracy}</dt>
          <dd>{words.iouOf(format.points(accuracy.meanIoU), accuracy.dataset)}</dd>
        </div>
      )}
      {cost && (
        <>
          <div>
            <dt>{words.work}</dt>
            <dd>{words.workOf(format.compact(cost.macs), format.compact(cost.parameters))}</dd>
          </div>
          <div>
            <dt>{words.input}</dt>
            <dd>{words.inputOf(width, height, channels)}</dd>
          </div>
          <div>
            <dt>{words.memory}</dt>
            <dd>{format.memory(cost.activationBytes)}</dd>
          </div>
        </>
      )}
      <div>
        <dt>{words.size}</dt>
        <dd>{size}</dd>
      </div>
      {licence && (
        <div>
          <dt>{words.licence}</dt>
          <dd>{licence}</dd>
        </div>
      )}
      {source && (
        <div>
          <dt>{words.source}</dt>
          <dd>{linked(source)}</dd>
        </div>
      )}
    </dl>
  );
}

/** How far a load is, how it failed, or which network runs. */
function Progress({ choice: { loading, running, cancel, dismiss }, lost }: Props) {
  const strings = useStrings();
  const words = strings.network;
  const format = useFormat();
  if (loading.kind === 'loading') {
    const { name, loaded, total, compiling } = loading;
    const detail = compiling
      ? words.compiling
      : loaded === undefined
        ? ''
        : total === undefined
          ? words.downloadedSome(format.file(loaded))
          : words.downloaded(format.file(loaded), format.file(total));
    return (
      <div class="progress">
        <label>
          <span>{words.loading(name)}</span>
          <progress {...(total !== undefined && !compiling && { max: total, value: loaded })} />
        </label>
        <span class="quiet small">{detail}</span>
        <button type="button" onClick={cancel}>
          {strings.cancel}
        </button>
      </div>
    );
  }
  if (loading.kind === 'failed' && !lost) {
    return (
      <Problem error={loading.error}>
        <button type="button" onClick={dismiss}>
          {strings.problem.dismiss}
        </button>
      </Problem>
    );
  }
  return (
    <p class="quiet small" role="status">
      {loading.kind === 'aborted' ? strings.problem.aborted : running && words.ready(running.model.card.name)}
    </p>
  );
}

/** Addresses in a text as links. */
function linked(text: string) {
  return text
    .split(/(https:\/\/[^\s)]+)/)
    .map((part, index) => (index % 2 === 1 ? <a href={part}>{part.replace('https://', '')}</a> : part));
}
