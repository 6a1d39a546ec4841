import type { Plan, Preprocess } from 'linnet';
import type { Model } from 'linnet/models';
import { useEffect, useRef } from 'preact/hooks';
import type { Layer } from '../network/layers-of.ts';
import { MASK_COLOUR } from '../network/model.ts';
import { drawSeen } from '../picture/picture.ts';
import { useFormat } from '../shared/format.ts';
import { useWords } from '../shared/strings.ts';
import { keyOf } from './changes.ts';
import type { Change, Heat } from './inside.ts';
import { words as bothLanguages, type Words } from './layers-strings.ts';
import { agreement, coverage, foundIn } from './masks.ts';
import { indexOfLargest, rangeOf } from './numbers.ts';
import { skipName } from './switches.tsx';
import type { Answers } from './use-inside.ts';

/** What is known of the network that answers. */
export interface Answering {
  readonly task: Model['task'];
  readonly plan: Plan;
  readonly preprocess: Preprocess | null | undefined;
}

interface Props {
  by: Answering;
  /** The names of its classes. */
  labels: readonly string[];
  answers: Omit<Answers, 'of'>;
  layers: readonly Layer[];
  changes: readonly Change[];
  onChange: (change: Change) => void;
  onReset: () => void;
  /** The class that the heat map is of; nothing for the likeliest one. */
  explained: number | undefined;
  onExplain: (index: number) => void;
  heatShown: boolean;
  onHeat: (shown: boolean) => void;
}

const TOP = 5;
/** The longer side of the picture, in pixels. */
const SIDE = 320;
/** Orange, of places that add to a score. */
const HEAT_COLOUR = [255, 160, 0] as const;

/** What the network answers with what is faded, against what it answers untouched, and why. */
export function AnswerPanel(props: Props) {
  const { by, labels, answers, layers, changes, onChange, onReset, heatShown, onHeat } = props;
  const all = useWords(bothLanguages);
  const words = all.answer;
  const format = useFormat();
  const { now, untouched } = answers;
  const isMask = by.task === 'segmentation';
  const order = Array.from(now.scores.keys()).toSorted((a, b) => (now.scores[b] ?? 0) - (now.scores[a] ?? 0));
  const likeliest = order.slice(0, TOP);
  const before = indexOfLargest(untouched.scores);
  // What became of the first answer is seen wherever that is now.
  if (!likeliest.includes(before)) likeliest.splice(-1, 1, before);
  const explained = props.explained ?? order[0] ?? 0;
  const heat = isMask ? undefined : now.heat;
  return (
    <section class="answer" aria-labelledby="answer-heading">
      <figure class="answer-picture">
        <AnswerPicture
          by={by}
          answers={answers}
          heat={heatShown ? heat : undefined}
          explained={explained}
          label={
            isMask
              ? words.maskPicture
              : heat && heatShown
                ? words.heatPicture(labels[explained] ?? '', words.places[strongest(heat, explained)] ?? '')
                : words.picture
          }
        />
        {heat && (
          <label class="answer-heat">
            <input
              type="checkbox"
              checked={heatShown}
              onChange={({ currentTarget }) => onHeat(currentTarget.checked)}
            />
            {words.why}
          </label>
        )}
      </figure>
      <div class="answer-text">
        <h3 id="answer-heading">{words.heading}</h3>
        {isMask ? (
          <p aria-live="polite">
            {words.covers(format.percent(coverage(now.scores, labels.length)))}{' '}
            {changes.length > 0 && words.agrees(format.percent(agreement(now.scores, untouched.scores, labels.length)))}
          </p>
        ) : (
          <ol class="answer-classes">
            {likeliest.map((index) => {
              const [is, was] = [now.scores[index] ?? 0, untouched.scores[index] ?? 0];
              const changed = Math.abs(is - was) >= 0.0005;
              return (
                <li key={index}>
                  <button
                    type="button"
                    aria-pressed={heatShown && heat ? index === explained : false}
                    disabled={!heat}
                    onClick={() => props.onExplain(index)}
                  >
                    <span class="answer-label">{labels[index]}</span>
                    <span class="answer-share">
                      {changed && <small>{words.was(format.percent(was))}</small>} {format.percent(is)}
                    </span>
                    <span class="answer-track" aria-hidden="true">
                      <span class="answer-bar" style={{ width: `${is * 100}%` }} />
                      {changed && <i style={{ left: `${was * 100}%` }} />}
                    </span>
                  </button>
                </li>
              );
            })}
          </ol>
        )}
      </div>
      <div class="answer-more">
        {heat && heatShown && <p class="quiet small answer-note">{words.heatNote(labels[explained] ?? '')}</p>}
        {changes.length > 0 && (
          <div class="answer-changes">
            <ul aria-label={words.faded}>
              {changes.map((change) => (
                <li key={keyOf(change)}>
                  <button type="button" onClick={() => onChange({ ...change, strength: 1 })}>
                    {words.change(nameOf(change, layers, all), format.integer(change.strength * 100))}
                    <span aria-hidden="true">×</span>
                    <span class="hidden">{words.restore}</span>
                  </button>
                </li>
              ))}
            </ul>
            {changes.length > 1 && (
              <button type="button" onClick={onReset}>
                {words.reset}
              </button>
            )}
          </div>
        )}
      </div>
    </section>
  );
}

function nameOf(change: Change, layers: readonly Layer[], words: Words): string {
  const name = layers[change.layer]?.name ?? '';
  if (change.kind === 'layer') return name;
  return `${name}, ${change.kind === 'channel' ? words.answer.channel(change.channel + 1) : skipName(change.edge, layers, words)}`;
}

interface PictureProps {
  by: Answering;
  answers: Omit<Answers, 'of'>;
  heat: Heat | undefined;
  explained: number;
  label: string;
}

/** The part of the picture that the network sees, with the mask or the heat map on it. */
function AnswerPicture({ by: { task, plan, preprocess }, answers, heat, explained, label }: PictureProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [, channels = 3, height = 1, width = 1] = plan.inputs.image?.shape ?? [];
  const scale = SIDE / Math.max(width, height);
  const size = { width: Math.round(width * scale), height: Math.round(height * scale), channels };
  const { now, picture } = answers;

  useEffect(() => {
    const context = canvas.current?.getContext('2d', { willReadFrequently: channels === 1 });
    if (!context || !preprocess) return;
    drawSeen(context, picture, preprocess, size);
    if (task === 'segmentation') {
      const [, classes = 1, rows = 1, columns = 1] = plan.outputs.mask?.shape ?? [];
      const isFound = foundIn(now.scores, classes);
      drawOver(
        context,
        size,
        { width: columns, height: rows },
        MASK_COLOUR.map((level) => level * 255),
        (at) => (isFound(at) ? 0.6 : 0),
      );
    } else if (heat) {
      const places = heat.width * heat.height;
      const values = heat.values.subarray(explained * places, (explained + 1) * places);
      const most = Math.max(0, rangeOf(values).most);
      drawOver(context, size, heat, HEAT_COLOUR, (at) => (most > 0 ? 0.75 * Math.max(0, (values[at] ?? 0) / most) : 0));
    }
  }, [task, plan, preprocess, now, picture, heat, explained]);

  return <canvas ref={canvas} width={size.width} height={size.height} role="img" aria-label={label} />;
}

/** Lays a colour over the picture, as opaque as a small map says. */
function drawOver(
  context: CanvasRenderingContext2D,
  size: { width: number; height: number },
  map: { width: number; height: number },
  colour: readonly number[],
  opacity: (at: number) => number,
) {
  const small = new OffscreenCanvas(map.width, map.height);
  const smallContext = small.getContext('2d');
  if (!smallContext) return;
  const image = smallContext.createImageData(map.width, map.height);
  for (let at = 0; at < map.width * map.height; at++) image.data.set([...colour, 255 * opacity(at)], at * 4);
  smallContext.putImageData(image, 0, 0);
  context.imageSmoothingQuality = 'high';
  context.drawImage(small, 0, 0, size.width, size.height);
}

/** Which ninth of the picture has most of the heat, counted in rows from the top left. */
function strongest({ values, width, height }: Heat, index: number): number {
  const places = width * height;
  let [x, y, sum] = [0, 0, 0];
  for (let place = 0; place < places; place++) {
    const value = Math.max(0, values[index * places + place] ?? 0);
    x += value * (((place % width) + 0.5) / width);
    y += value * ((Math.floor(place / width) + 0.5) / height);
    sum += value;
  }
  if (sum === 0) return 4;
  const third = (share: number) => Math.min(2, Math.floor(share * 3));
  return third(y / sum) * 3 + third(x / sum);
}
