import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ViewProps } from '../frame/view-props.ts';
import { useFormat } from '../shared/format.ts';
import { useWords } from '../shared/strings.ts';
import { useComputed } from './convolution-engine.ts';
import { GROUPS, isAverage, KINDS, type Kind, layerOf } from './convolution-filters.ts';
import {
  extentOf,
  filterOf,
  firstPixels,
  type Layer,
  type Maps,
  outputSize,
  partAt,
  pixelAt,
  stamp,
} from './convolution-layer.ts';
import { ComputedBy, Field, FilterPicture, Frame, Player } from './convolution-parts.tsx';
import { beside, type Colouring, greyOf, largestOf, shortNumber } from './convolution-picture.ts';
import { words as bothLanguages } from './convolution-strings.ts';
import { Dial } from './dial.tsx';
import { Guess } from './guess.tsx';
import { useSliding } from './sliding.ts';

const COLOURS: readonly Colouring[] = ['red', 'green', 'blue', 'grey'];

interface Props extends Pick<ViewProps, 'state' | 'device' | 'enqueue'> {
  /** Red, green and blue; and the same with half the pixels each way. */
  colour: Maps;
  small: Maps;
}

/** Which inputs meet which outputs: the kinds of convolutions in one figure, one after another. */
export function FiveKinds({ colour, small, state, device, enqueue }: Props) {
  const words = useWords(bothLanguages).kinds;
  const [kind, setKind] = useState<Kind>('standard');
  const [groups, setGroups] = useState(2);
  const [isTold, setTold] = useState(false);
  const layer = useMemo(() => layerOf(kind, groups), [kind, groups]);
  const input = useMemo(() => {
    if (kind === 'transposed') return small;
    return kind === 'grouped' ? beside(colour, greyOf(colour)) : colour;
  }, [kind, colour, small]);

  return (
    <section aria-labelledby="kinds-heading">
      <h2 id="kinds-heading">{words.heading}</h2>
      <p class="prose">{words.intro}</p>
      <fieldset class="cv-kinds">
        <legend>{words.kind}</legend>
        {KINDS.map((each) => (
          <label key={each} class="option">
            <input type="radio" name="kind" checked={each === kind} onChange={() => setKind(each)} />
            {words.names[each]}
          </label>
        ))}
      </fieldset>
      <Meetings {...{ kind, layer, input, state, device, enqueue }}>
        {kind === 'grouped' && <Dial label={words.groups} values={GROUPS} value={groups} onChange={setGroups} />}
      </Meetings>
      <Guess
        question={words.question}
        options={['27', '36', '54', '72']}
        answer="36"
        explanation={words.explanation}
        onGuess={() => setTold(true)}
      />
      <Weights kind={kind} groups={groups} withSeparable={isTold} />
    </section>
  );
}

interface MeetingsProps extends Pick<ViewProps, 'state' | 'device' | 'enqueue'> {
  kind: Kind;
  layer: Layer;
  input: Maps;
  children: ComponentChildren;
}

/** Inputs above, outputs on the right, and a filter at each crossing where the two meet. */
function Meetings({ kind, layer, input, state, device, enqueue, children }: MeetingsProps) {
  const allWords = useWords(bothLanguages);
  const words = allWords.kinds;
  const format = useFormat();
  const computed = useComputed(device, enqueue, layer, input);
  const [picked, setPicked] = useState(0);
  const out = Math.min(picked, layer.outChannels - 1);
  const { maps } = computed;
  const { stride, padding, transposed, kernel, inChannels, outChannels } = layer;
  // A transposed convolution goes from pixel to pixel of its input, the others of their output.
  const places = transposed ? input : maps;
  const length = places.height * places.width;
  const figure = useRef<HTMLDivElement>(null);
  const sliding = useSliding(length, figure);
  const { at, done } = sliding;
  const [row, column] = [Math.floor(at / places.width), at % places.width];
  const shown = useMemo(() => {
    if (done >= length) return maps;
    return transposed ? stamp(layer, input, done) : firstPixels(maps, done);
  }, [layer, input, maps, transposed, done, length]);

  // Each kind plays from its beginning, before anything of it is seen.
  const before = useRef(kind);
  useLayoutEffect(() => {
    if (before.current !== kind) sliding.begin();
    before.current = kind;
  }, [kind]);

  const extent = extentOf(layer);
  const window = { y: row * stride - padding, x: column * stride - padding, height: extent };
  const pixel = { y: row, x: column, height: 1 };
  const [onInput, onOutput] = transposed ? [pixel, window] : [window, pixel];
  const point = (y: number, x: number, pressed: boolean) => {
    if (sliding.playing && !pressed) return;
    const within = (place: number, size: number) => Math.max(0, Math.min(size - 1, place));
    sliding.visit(within(y, places.height) * places.width + within(x, places.width));
  };
  const pointOutput = (y: number, x: number, pressed: boolean) =>
    transposed ? point(Math.floor(y / stride), Math.floor(x / stride), pressed) : point(y, x, pressed);

  const inputs = Array.from({ length: inChannels }, (_, index) => index);
  const outputs = Array.from({ length: outChannels }, (_, index) => index);
  const filters = outputs.map((to) => inputs.map((from) => filterOf(layer, to, from)));
  const meets = (to: number, from: number) => filters[to]?.[from] !== undefined;
  const parts = inputs
    .filter((from) => meets(out, from))
    .map((from) => ({
      name: words.channels[from] as string,
      value: transposed ? pixelAt(input, from, row, column) : partAt(layer, input, out, from, row, column),
    }));
  const sum = transposed ? undefined : pixelAt(maps, out, row, column);
  const outputName = (to: number) => words.output(to + 1, words.outputs[kind][to] as string);
  const number = (value: number) => shortNumber(value, 0);
  const meetings = filters.flat().filter((filter) => filter !== undefined).length;
  const here = transposed ? words.stampHere(row + 1, column + 1) : words.here(row + 1, column + 1);

  return (
    <div class="cv-meetings">
      <div>
        <div class="cv-crossbar" ref={figure} style={{ '--inputs': inChannels }}>
          {inputs.map((from) => (
            <figure key={from} class="cv-input">
              <Field
                maps={input}
                channel={from}
                colouring={COLOURS[from] as Colouring}
                largest={255}
                label={words.input(words.channels[from] as string)}
                onPoint={point}
              >
                {meets(out, from) && <Frame {...onInput} />}
              </Field>
              <figcaption>{words.channels[from]}</figcaption>
            </figure>
          ))}
          <span class="cv-corner" aria-hidden="true" />
          {outputs.map((to) => {
            const weights = (filters[to] ?? []).flatMap((filter) => filter ?? []);
            const colouring = isAverage(weights) ? 'grey' : 'signed';
            const strongest = Math.max(...weights.map(Math.abs));
            return [
              ...inputs.map((from) => (
                <Crossing
                  key={`${to} ${from}`}
                  filter={filters[to]?.[from]}
                  strongest={strongest}
                  isPicked={to === out}
                  passesDown={outputs.some((below) => below > to && meets(below, from))}
                  passesRight={inputs.some((left) => left < from && meets(to, left))}
                />
              )),
              <button
                key={to}
                type="button"
                class="cv-output"
                aria-pressed={to === out}
                aria-label={outputName(to)}
                onClick={() => setPicked(to)}
              >
                <Field
                  {...{ maps: shown, colouring }}
                  channel={to}
                  largest={largestOf(maps, to, colouring)}
                  label={outputName(to)}
                  onPoint={pointOutput}
                >
                  {(transposed || to === out) && <Frame {...onOutput} />}
                </Field>
                <span>{words.outputs[kind][to]}</span>
              </button>,
            ];
          })}
        </div>
        <p class="quiet small">{words.figure}</p>
        <Player
          sliding={sliding}
          length={length}
          width={places.width}
          spoken={`${allWords.player.at(row + 1, column + 1)}${sum === undefined ? '' : `: ${number(sum)}`}`}
        />
      </div>
      <div class="cv-told">
        <p>{words.texts[kind]}</p>
        {children}
        <p class="cv-count">
          <strong>{words.filters(meetings, kernel, format.integer(layer.weights.length))}</strong>{' '}
          <small>{words.grows(input.width, outputSize(input.width, layer))}</small>
        </p>
        <p class="cv-parts">
          <span>{here}</span>
          {parts.map(({ name, value }, index) => (
            <span key={name}>
              {index > 0 && !transposed && '+ '}
              {name} <b>{number(value)}</b>
            </span>
          ))}
          <span>{sum === undefined ? words.stamped(extent) : <strong>= {number(sum)}</strong>}</span>
        </p>
        <p class="quiet small">{words.pick}</p>
        <ComputedBy computed={computed} state={state} />
      </div>
    </div>
  );
}

interface CrossingProps {
  filter: readonly number[] | undefined;
  strongest: number;
  isPicked: boolean;
  /** Whether the input's wire goes on to outputs below, and the output's comes from inputs on the left. */
  passesDown: boolean;
  passesRight: boolean;
}

function Crossing({ filter, strongest, isPicked, passesDown, passesRight }: CrossingProps) {
  const wires = [
    (filter || passesDown) && 'up',
    passesDown && 'down',
    passesRight && 'left',
    (filter || passesRight) && 'right',
  ].filter(Boolean);
  return (
    <span class={`cv-crossing ${wires.join(' ')} ${isPicked ? 'picked' : ''}`} aria-hidden="true">
      {filter && (
        <span class="cv-meeting" style={{ '--side': Math.sqrt(filter.length) }}>
          <FilterPicture weights={filter} strongest={strongest} />
        </span>
      )}
    </span>
  );
}

interface WeightsProps {
  kind: Kind;
  groups: number;
  /** With the two of MobileNet together, which are asked for above. */
  withSeparable: boolean;
}

/** The layers of the figure, counted. */
function Weights({ kind, groups, withSeparable }: WeightsProps) {
  const words = useWords(bothLanguages).kinds;
  const format = useFormat();
  const rows = KINDS.map((each) => ({ each, layer: layerOf(each, groups) }));
  const countOf = (wanted: Kind) => rows.find(({ each }) => each === wanted)?.layer.weights.length ?? 0;
  const [depthwise, pointwise] = [countOf('depthwise'), countOf('pointwise')];
  const factors = ({ kernel, inChannels, outChannels, groups: parts }: Layer) =>
    `${kernel} × ${kernel} × ${inChannels / parts} × ${outChannels}`;
  return (
    <div class="scroll cv-weights">
      <table class="measures">
        <caption class="hidden">{words.table}</caption>
        <thead>
          <tr>
            <th scope="col">{words.columns.kind}</th>
            <th scope="col">{words.columns.channels}</th>
            <th scope="col" class="number" colSpan={2}>
              {words.columns.weights}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ each, layer }) => (
            <tr key={each} class={each === kind ? 'current' : ''}>
              <th scope="row">{words.names[each]}</th>
              <td>
                {layer.inChannels} → {layer.outChannels}
              </td>
              <td class="number">{factors(layer)} =</td>
              <td class="number">{format.integer(layer.weights.length)}</td>
            </tr>
          ))}
          {withSeparable && (
            <tr>
              <th scope="row">{words.separable}</th>
              <td>3 → 3</td>
              <td class="number">
                {depthwise} + {pointwise} =
              </td>
              <td class="number">{depthwise + pointwise}</td>
            </tr>
          )}
        </tbody>
      </table>
    </div>
  );
}
