import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { gridSize } from '../network/feature-maps.ts';
import { useFormat } from '../shared/format.ts';
import { useWords } from '../shared/strings.ts';
import { LEVELS } from './why-unet-levels.ts';
import { SIZE, SKIPS, type Strengths } from './why-unet-masks.ts';
import { MAP_GRID } from './why-unet-networks.ts';
import { words as bothLanguages } from './why-unet-strings.ts';

/** Channels of the first level. */
const FEATURES = 8;
/** The places of the network in the order in which they are computed. */
const PLACES = [
  ...LEVELS.map(({ contracting }) => contracting),
  ...LEVELS.toReversed()
    .slice(1)
    .map(({ expanding }) => expanding),
];

interface Props {
  strengths: Strengths;
  onChange: (strengths: Strengths) => void;
  step: number;
  /** The canvases that a network draws its maps to, by the names of levels; or maps that were drawn beforehand. */
  maps: Map<string, HTMLCanvasElement> | string | undefined;
  picture: ComponentChildren;
  result: ComponentChildren;
}

/** The U, as in figure 1 of the paper: each place shows what it holds, and each skip is a slider from one path to the other. */
export function TheU({ strengths, onChange, step, maps, picture, result }: Props) {
  const words = useWords(bothLanguages).u;
  const format = useFormat();
  const [level, setLevel] = useState(1);
  const set = (skip: number, strength: number) => {
    setLevel(skip);
    onChange(strengths.map((each, index) => (index === skip - 1 ? strength : each)) as unknown as Strengths);
  };
  const [channels, size] = [FEATURES << (level - 1), SIZE >> (level - 1)];
  return (
    <section aria-label={words.label}>
      <div class="actions">
        <button type="button" onClick={() => onChange([0, 0, 0, 0])}>
          {words.none}
        </button>
        <button type="button" onClick={() => onChange([1, 1, 1, 1])}>
          {words.all}
        </button>
      </div>
      <ol class="u">
        <li class="u-ends">
          {picture}
          {result}
        </li>
        {SKIPS.map((skip, index) => {
          const { contracting, expanding } = LEVELS[index] as (typeof LEVELS)[number];
          const strength = strengths[index] ?? 0;
          const percent = format.share(strength);
          return (
            <li key={skip} class={skip === level ? 'u-level current' : 'u-level'}>
              <Maps name={contracting} index={index} maps={maps} />
              <label class="u-skip" style={{ '--strength': strength }}>
                <span>
                  {words.skip(skip)} <strong>{percent}</strong>
                </span>
                <input
                  type="range"
                  min={0}
                  max={1}
                  step={step}
                  value={strength}
                  aria-valuetext={percent}
                  onFocus={() => setLevel(skip)}
                  onInput={({ currentTarget }) => set(skip, currentTarget.valueAsNumber)}
                />
              </label>
              <Maps name={expanding} index={index} maps={maps} />
            </li>
          );
        })}
        <li class="u-bottom">
          <Maps name="bottleneck" index={SKIPS.length} maps={maps} />
        </li>
      </ol>
      <p class="prose">{words.now(level, format.share(strengths[level - 1] ?? 0), channels, size)}</p>
      <p class="prose quiet small">{words.note(MAP_GRID.count)}</p>
    </section>
  );
}

interface MapsProps extends Pick<Props, 'maps'> {
  name: string;
  /** Of its level, 0 at the top. */
  index: number;
}

/** The first maps of a place, and its size below them. */
function Maps({ name, index, maps }: MapsProps) {
  const words = useWords(bothLanguages).u;
  const size = SIZE >> index;
  const label = words.mapsLabel(name);
  const tile = PLACES.indexOf(name) / (PLACES.length - 1);
  return (
    <figure>
      <div class="u-maps">
        {maps instanceof Map ? (
          <canvas
            ref={(canvas) => {
              if (canvas) maps.set(name, canvas);
              else maps.delete(name);
            }}
            class="pixels"
            {...gridSize({ width: size, height: size }, MAP_GRID)}
            role="img"
            aria-label={label}
          />
        ) : (
          <div
            class="u-tile"
            style={maps && { backgroundImage: `url(${maps})`, backgroundPositionY: `${100 * tile}%` }}
            role="img"
            aria-label={label}
          />
        )}
      </div>
      <figcaption>{words.ofChannels(FEATURES << index, size)}</figcaption>
    </figure>
  );
}
