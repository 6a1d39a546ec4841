import type { ComponentChildren } from 'preact';
import type { NetworkChoice } from '../network/network-choice.ts';
import type { Offer, Task } from '../network/networks.ts';
import { useFormat } from '../shared/format.ts';
import { wantsNoMotion } from '../shared/motion.ts';
import { useNetworkName, useStrings } from '../shared/strings.ts';
import { OwnNetwork } from './own-network.tsx';

/** What networks can do, each with the one that runs at a click, and others beside it. */
export function Tasks({ choice }: { choice: NetworkChoice }) {
  const words = useStrings().network;
  const nameOf = useNetworkName();
  const { offers, linked } = choice;
  const of = (task: Task) => offers?.filter((offer) => offer.task === task) ?? [];
  const [things, ...otherThings] = of('things');
  return (
    <section class="tasks" aria-labelledby="tasks-heading">
      <h2 id="tasks-heading">{words.heading}</h2>
      {offers?.length === 0 && <p>{words.missing}</p>}
      {linked && (
        <p class="linked">
          {words.linked(nameOf(linked.id, linked.card.name))} <Use choice={choice} offer={linked} />
        </p>
      )}
      <div class="cards">
        <Card title={words.people} text={words.peopleText}>
          {of('people').map((offer) => (
            <Use key={offer.id} choice={choice} offer={offer} />
          ))}
        </Card>
        <Card title={words.things} text={words.thingsText}>
          {things && <Use choice={choice} offer={things} />}
          {otherThings.length > 0 && (
            <details>
              <summary>{words.otherThings}</summary>
              {otherThings.map((offer) => (
                <Use key={offer.id} choice={choice} offer={offer} named />
              ))}
            </details>
          )}
        </Card>
        <Card title={words.drawings} text={words.drawingsText}>
          {of('drawings').map((offer) => (
            <Use key={offer.id} choice={choice} offer={offer} />
          ))}
        </Card>
        <Card title={words.garments} text={words.garmentsText}>
          {of('garments').map((offer) => (
            <Use key={offer.id} choice={choice} offer={offer} named />
          ))}
        </Card>
      </div>
      <details class="own-file">
        <summary>{words.own}</summary>
        <OwnNetwork choice={choice} />
      </details>
    </section>
  );
}

function Card({ title, text, children }: { title: string; text: string; children: ComponentChildren }) {
  return (
    <section class="card">
      <h3>{title}</h3>
      <p>{text}</p>
      {children}
    </section>
  );
}

interface UseProps {
  choice: NetworkChoice;
  offer: Offer;
  /** Whether others stand beside it, from which its name tells it. */
  named?: boolean;
}

/** The button that lets a network run, with what that costs; pressed while it does. */
export function Use({ choice: { running, loading, here, fetchOffer }, offer, named = false }: UseProps) {
  const words = useStrings().network;
  const nameOf = useNetworkName();
  const format = useFormat();
  const { id, card, bytes } = offer;
  const isHere = here.has(id);
  const runs = running?.request.offer?.id === id;
  const name = nameOf(id, card.name);
  const size = format.download(bytes);
  const action = runs
    ? words.runs
    : isHere
      ? words.use
      : id === 'mobilenet-v2'
        ? words.recognise(size)
        : words.fetch(size);
  const facts = [
    // Of a download the button says it.
    isHere && (offer.group === 'published' ? words.kept(size) : size),
    card.licence,
    offer.group === 'published' && !isHere && new URL(card.weights.file, offer.url).host,
    card.accuracy?.top1 !== undefined && words.right(format.percent(card.accuracy.top1)),
    card.accuracy?.meanIoU !== undefined && words.iou(format.points(card.accuracy.meanIoU)),
  ];
  return (
    <div class="use">
      <button
        type="button"
        class={runs || isHere || loading.kind === 'loading' ? '' : 'primary'}
        aria-pressed={runs}
        disabled={loading.kind === 'loading' && loading.offer === id}
        onClick={() => {
          if (!runs) fetchOffer(offer);
          // Where its answer comes.
          scrollTo({ top: 0, behavior: wantsNoMotion() ? 'auto' : 'smooth' });
        }}
      >
        {named ? `${name}: ${action}` : action}
      </button>
      <small>{facts.filter(Boolean).join(' · ')}</small>
    </div>
  );
}
