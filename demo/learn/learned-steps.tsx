import { useMemo, useState } from 'preact/hooks';
import type { ViewProps } from '../frame/view-props.ts';
import { useWords } from '../shared/strings.ts';
import { Choice } from './choice.tsx';
import { filterPictureOf, groupsOf, pictureOf } from './map-picture.ts';
import weights from './mobilenet-weights.json';
import { Pictured, widthOf } from './pictured.tsx';
import { filteredOf, inputOf, mixedOf, SEPARABLE } from './trained.ts';
import { TrainedSamples } from './trained-samples.tsx';
import { useTrained } from './use-trained.ts';
import { words as bothLanguages } from './why-mobilenet-strings.ts';

const WIDTH = 420;
const SIDE = 48;
const ROWS = { input: 0, filter: 60, filtered: 120, mixed: 212 } as const;
/** A filter is drawn smaller than the maps, as it is none. */
const FILTER = 36;
const MIDDLE = WIDTH / 2;

/** Of `SEPARABLE`, with what batch normalization multiplies them by: the filter of each channel, and how much the map takes of it. */
const WEIGHTS: readonly { readonly filters: readonly (readonly number[])[]; readonly mix: readonly number[] }[] =
  weights;

/** Separable layers of a trained MobileNet: what each filter makes of its channel, and a map that is mixed from them. */
export function LearnedSteps(view: ViewProps) {
  const words = useWords(bothLanguages).learned;
  const trained = useTrained('separable', view);
  const [layer, setLayer] = useState<number>(SEPARABLE[0].layer);
  const chosen = SEPARABLE.findIndex((each) => each.layer === layer);
  const { channels } = SEPARABLE[chosen] ?? SEPARABLE[0];
  const { filters = [], mix = [] } = WEIGHTS[chosen] ?? {};
  const filterPictures = useMemo(() => filters.map(filterPictureOf), [filters]);
  const { maps } = trained;
  const pictures = useMemo(() => {
    const [input, filtered, mixed] = [inputOf, filteredOf, mixedOf].map((of) => maps?.get(of(layer)));
    if (!input || !filtered || !mixed) return undefined;
    return {
      inputs: groupsOf(input).map(pictureOf),
      filtered: groupsOf(filtered).map(pictureOf),
      mixed: pictureOf(mixed),
      side: Math.sqrt(mixed.values.length),
    };
  }, [maps, layer]);
  const apart = (WIDTH - SIDE) / (channels.length - 1);
  const x = (index: number) => SIDE / 2 + index * apart;
  const strongest = Math.max(...mix.map(Math.abs));
  const node = (key: string, middle: number, y: number, picture: string | undefined, side = SIDE) => (
    <g key={key} class={side === FILTER ? 'trained-node filter' : 'trained-node'}>
      <Pictured picture={picture} x={middle - side / 2} y={y} side={side} />
    </g>
  );
  return (
    <section aria-labelledby="learned-heading">
      <h2 id="learned-heading">{words.heading}</h2>
      <TrainedSamples {...trained} intro={() => words.intro} />
      <Choice
        class="trained-choice"
        label={words.layer}
        values={SEPARABLE.map((each) => each.layer)}
        value={layer}
        show={words.layerOf}
        onChange={setLayer}
      />
      <figure class="trained">
        <svg
          class="trained-paths"
          viewBox={`-1 -1 ${WIDTH + 2} ${ROWS.mixed + SIDE + 2}`}
          role="img"
          aria-label={words.figure(layer, channels.length)}
        >
          <path
            d={channels
              .map(
                (_, index) =>
                  `M${x(index)} ${ROWS.input + SIDE}V${ROWS.filter}M${x(index)} ${ROWS.filter + FILTER}V${ROWS.filtered}`,
              )
              .join('')}
          />
          {mix.map((amount, index) => (
            <path
              key={index}
              class={amount < 0 ? 'takes-away' : 'adds'}
              d={`M${x(index)} ${ROWS.filtered + SIDE}L${MIDDLE} ${ROWS.mixed}`}
              style={{ strokeWidth: widthOf(Math.abs(amount), strongest) }}
            />
          ))}
          {channels.map((channel, index) => [
            node(`input${channel}`, x(index), ROWS.input, pictures?.inputs[index]),
            node(`filter${channel}`, x(index), ROWS.filter, filterPictures[index], FILTER),
            node(`filtered${channel}`, x(index), ROWS.filtered, pictures?.filtered[index]),
          ])}
          {node('mixed', MIDDLE, ROWS.mixed, pictures?.mixed)}
        </svg>
        {pictures && <figcaption>{words.note(channels.length, pictures.side)}</figcaption>}
      </figure>
      <p class="prose">{words.conclusion}</p>
    </section>
  );
}
