import { useId, useRef } from 'preact/hooks';
import { CANDIDATES } from '../compare/candidates.ts';
import type { Offer } from '../network/networks.ts';
import type { PictureChoice } from '../picture/picture-choice.ts';
import { useStrings, useWords } from '../shared/strings.ts';
import { words as bothLanguages } from './layers-strings.ts';

interface NetworkProps {
  offers: readonly Offer[] | undefined;
  /** The id of an offer or of an architecture without weights; nothing for a network of the visitor's own. */
  chosen: string | undefined;
  /** The name of the network that runs, where it is no offer. */
  own: string | undefined;
  onChoose: (id: string) => void;
}

/** The networks of the page, and architectures of which only the diagram is shown. */
export function NetworkSelect({ offers, chosen, own, onChoose }: NetworkProps) {
  const strings = useStrings().network;
  const words = useWords(bothLanguages).choose;
  const nameOf = ({ id, card }: Offer) =>
    id === 'separable' || id === 'full' || id === 'drawings' || id === 'people' ? strings[id] : card.name;
  const listed = (group: Offer['group']) =>
    offers
      ?.filter((offer) => offer.group === group)
      .map((offer) => (
        <option key={offer.id} value={offer.id}>
          {nameOf(offer)}
        </option>
      ));
  return (
    <label class="layers-network">
      <span>{words.network}</span>
      <select value={chosen ?? ''} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        {chosen === undefined && <option value="">{own ?? ''}</option>}
        <optgroup label={strings.here}>{listed('here')}</optgroup>
        <optgroup label={strings.published}>{listed('published')}</optgroup>
        <optgroup label={words.diagramOnly}>
          {CANDIDATES.map(({ id, name }) => (
            <option key={id} value={diagramId(id)}>
              {name}
            </option>
          ))}
        </optgroup>
      </select>
    </label>
  );
}

/** An offer and an architecture may have one name. */
export const diagramId = (id: string) => `diagram ${id}`;

/** The samples, one stop for the Tab key, and a file of the visitor's own. */
export function PictureSelect({ pictures }: { pictures: PictureChoice }) {
  const strings = useStrings().picture;
  const words = useWords(bothLanguages).choose;
  const heading = useId();
  const list = useRef<HTMLUListElement>(null);
  const { samples, picture, kind, takeSample, takeFile } = pictures;
  const chosen = samples.findIndex(({ file }) => file === picture?.name);
  const move = (event: KeyboardEvent) => {
    const at = Math.max(0, chosen);
    const last = samples.length - 1;
    const next = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: last }[
      event.key
    ];
    const sample = next === undefined ? undefined : samples[Math.min(last, Math.max(0, next))];
    if (!sample) return;
    event.preventDefault();
    void takeSample(sample);
    list.current?.querySelectorAll('button')[samples.indexOf(sample)]?.focus();
  };
  return (
    <div class="layers-picture">
      <span id={heading}>{words.picture}</span>
      <div>
        <ul ref={list} class="layers-samples" aria-labelledby={heading} onKeyDown={move}>
          {samples.map((sample, index) => (
            <li key={sample.file}>
              <button
                type="button"
                class="sample"
                aria-pressed={index === chosen}
                tabIndex={index === Math.max(0, chosen) ? 0 : -1}
                onClick={() => takeSample(sample)}
              >
                <img
                  class={kind === 'fashion-mnist' ? 'pixels' : ''}
                  src={sample.url}
                  width={28}
                  height={28}
                  alt={strings.sample(
                    sample.label,
                    samples.slice(0, index + 1).filter(({ label }) => label === sample.label).length,
                  )}
                />
              </button>
            </li>
          ))}
        </ul>
        <label class="button">
          <input
            type="file"
            accept="image/*"
            class="hidden"
            onChange={({ currentTarget }) => {
              const file = currentTarget.files?.[0];
              if (file) void takeFile(file);
              // The same file may be chosen again.
              currentTarget.value = '';
            }}
          />
          {strings.file}
        </label>
      </div>
    </div>
  );
}
