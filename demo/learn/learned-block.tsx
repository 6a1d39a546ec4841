import { useMemo, useState } from 'preact/hooks';
import type { ViewProps } from '../frame/view-props.ts';
import { useWords } from '../shared/strings.ts';
import { Choice } from './choice.tsx';
import { Connections } from './connections.tsx';
import strengths from './densenet-strengths.json';
import { Dial } from './dial.tsx';
import { groupsOf, pictureOf } from './map-picture.ts';
import { BLOCKS, inputOf, LAYERS, layerOf } from './trained.ts';
import { TrainedSamples } from './trained-samples.tsx';
import { useTrained } from './use-trained.ts';
import { words as bothLanguages } from './why-densenet-strings.ts';

/**
 * How strongly each layer of a block reads the block's input and each layer before it: the mean absolute value of the weights
 * between them, as in figure 5 of arXiv 1608.06993.
 */
const STRENGTHS: readonly (readonly (readonly number[])[])[] = strengths;

const ALL = Array.from({ length: LAYERS }, (_, index) => index + 1);

/** A block of a trained DenseNet: what each layer adds in its node, and how strongly it reads what came before. */
export function LearnedBlock(view: ViewProps) {
  const words = useWords(bothLanguages).learned;
  const trained = useTrained('densenet', view);
  const [block, setBlock] = useState<(typeof BLOCKS)[number]>(1);
  const [layer, setLayer] = useState(LAYERS);
  const { maps } = trained;
  const places = useMemo(
    () => [inputOf(block), ...ALL.map((each) => layerOf(block, each))].map((name) => maps?.get(name)),
    [maps, block],
  );
  const pictures = useMemo(() => places.map((place) => place && pictureOf(place)), [places]);
  const added = places[layer];
  const all = useMemo(() => (added ? groupsOf(added).map(pictureOf) : []), [added]);
  const side = added ? Math.sqrt(added.values.length / added.channels) : 0;
  const read = STRENGTHS[block - 1]?.[layer - 1] ?? [];
  const strongest = read.indexOf(Math.max(...read));
  return (
    <section aria-labelledby="learned-heading">
      <h2 id="learned-heading">{words.heading}</h2>
      <TrainedSamples {...trained} intro={words.intro} />
      <div class="dense-choices">
        <Choice
          label={words.block}
          values={BLOCKS}
          value={block}
          show={(each) => words.blockOf(each, LAYERS)}
          onChange={setBlock}
        />
        <Dial label={words.layer} values={ALL} value={layer} onChange={setLayer} />
      </div>
      <figure class="trained">
        <Connections
          layers={LAYERS}
          layer={layer}
          channels={places[0]?.channels ?? 0}
          growthRate={added?.channels ?? 0}
          pictures={pictures}
          strengths={read}
          label={words.figure(block, LAYERS)}
          onPick={setLayer}
        />
        <figcaption>{words.note}</figcaption>
      </figure>
      <p aria-live="polite">{read.length > 1 ? words.reads(layer, strongest) : words.readsInput(layer)}</p>
      {added && (
        <figure>
          <div class="trained-maps" role="img" aria-label={words.maps(layer, all.length, side)}>
            {all.map((picture, index) => (
              <img key={index} class="pixels" src={picture} alt="" />
            ))}
          </div>
          <figcaption>{words.maps(layer, all.length, side)}</figcaption>
        </figure>
      )}
    </section>
  );
}
