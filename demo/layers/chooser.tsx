import { CANDIDATES } from '../compare/candidates.ts';
import type { NetworkChoice } from '../network/network-choice.ts';
import { OpenPhoto } from '../picture/open-photo.tsx';
import type { PictureChoice } from '../picture/picture-choice.ts';
import { Samples } from '../picture/samples.tsx';
import { useNetworkName, useWords } from '../shared/strings.ts';
import { words as bothLanguages } from './layers-strings.ts';

interface NetworkProps {
  choice: NetworkChoice;
  /** The id of an offer or of an architecture without weights; nothing for a network of the visitor's own. */
  chosen: string | undefined;
  /** Called with an empty id for the visitor's own. */
  onChoose: (id: string) => void;
}

/** The networks of the page, and architectures of which only the diagram is shown. */
export function NetworkSelect({ choice: { offers, here, running }, chosen, onChoose }: NetworkProps) {
  const nameOf = useNetworkName();
  const words = useWords(bothLanguages).choose;
  const isOwn = running !== undefined && running.request.offer === undefined;
  const listed = (isHere: boolean) =>
    offers
      ?.filter(({ id }) => here.has(id) === isHere)
      .map(({ id, card }) => (
        <option key={id} value={id}>
          {nameOf(id, card.name)}
        </option>
      ));
  return (
    <label class="layers-network">
      <span>{words.network}</span>
      <select value={chosen ?? ''} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        {(chosen === undefined || isOwn) && <option value="">{isOwn ? running.model.card.name : ''}</option>}
        <optgroup label={words.here}>{listed(true)}</optgroup>
        <optgroup label={words.elsewhere}>{listed(false)}</optgroup>
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

/** The samples, and a file of the visitor's own. */
export function PictureSelect({ pictures }: { pictures: PictureChoice }) {
  const words = useWords(bothLanguages).choose;
  const { samples, picture, takeSample, takeFile } = pictures;
  return (
    <fieldset class="layers-picture">
      <legend>{words.picture}</legend>
      <div>
        <Samples samples={samples} chosen={picture?.sample} onChoose={(sample) => void takeSample(sample)} />
        <OpenPhoto onFile={(file) => void takeFile(file)} />
      </div>
    </fieldset>
  );
}
