import { useMemo, useRef, useState } from 'preact/hooks';
import type { ViewProps } from '../frame/view-props.ts';
import { useWords } from '../shared/strings.ts';
import { useComputed } from './convolution-engine.ts';
import { FILTERS, type FilterName, isAverage, KERNELS, weightsOf } from './convolution-filters.ts';
import { extentOf, firstPixels, type Layer, type Maps, outputSize, pixelAt, windowAt } from './convolution-layer.ts';
import { ComputedBy, Field, FilterPicture, Frame, Player } from './convolution-parts.tsx';
import { colourOf, largestOf, type Rgba, type Square, shortNumber } from './convolution-picture.ts';
import { words as bothLanguages } from './convolution-strings.ts';
import { Dial } from './dial.tsx';
import { Guess } from './guess.tsx';
import { useSliding } from './sliding.ts';

const STRIDES = [1, 2, 3];
const PADDINGS = [0, 1, 2, 3];
const DILATIONS = [1, 2, 3];
const NAMES = Object.keys(FILTERS) as FilterName[];

type WindowSettings = Pick<Layer, 'kernel' | 'stride' | 'padding' | 'dilation'>;

/** The windows for which the map's size is asked, one after another. */
const ASKED: readonly [WindowSettings, ...WindowSettings[]] = [
  { kernel: 3, stride: 1, padding: 0, dilation: 1 },
  { kernel: 3, stride: 1, padding: 1, dilation: 1 },
  { kernel: 5, stride: 1, padding: 0, dilation: 1 },
  { kernel: 3, stride: 2, padding: 1, dilation: 1 },
  { kernel: 3, stride: 1, padding: 0, dilation: 2 },
  { kernel: 7, stride: 1, padding: 3, dilation: 1 },
  { kernel: 5, stride: 3, padding: 0, dilation: 1 },
];

/** A filter over one channel. */
function layerOf(name: FilterName, settings: WindowSettings): Layer {
  const weights = weightsOf(FILTERS[name](settings.kernel));
  return { ...settings, weights, groups: 1, inChannels: 1, outChannels: 1, transposed: false };
}

interface Props extends Pick<ViewProps, 'state' | 'device' | 'enqueue'> {
  /** A small part of the picture in grey, to be looked at pixel by pixel; and the whole of it. */
  part: Maps;
  whole: Maps;
  /** Where the part lies in the whole. */
  square: Square;
}

/** One channel, one filter: the window slides, and what it makes is looked at number by number. */
export function OneWindow({ part, whole, square, state, device, enqueue }: Props) {
  const words = useWords(bothLanguages);
  const [name, setName] = useState<FilterName>('upright');
  const [settings, setSettings] = useState(ASKED[0]);
  const { kernel, stride, padding, dilation } = settings;
  // What was asked stays when it is answered, until another one is asked for.
  const [question, setQuestion] = useState({ settings: ASKED[0], answered: false, number: 1 });
  const change = (some: Partial<WindowSettings>) => {
    const changed = { ...settings, ...some };
    setSettings(changed);
    if (!question.answered) setQuestion({ ...question, settings: changed });
  };
  const pick = (picked: FilterName) => {
    setName(picked);
    if (picked === 'learned') change({ kernel: 3 });
  };
  const ask = () => {
    const next = ASKED[(ASKED.indexOf(question.settings) + 1) % ASKED.length] ?? ASKED[0];
    if (name === 'learned') setName('upright');
    setSettings(next);
    setQuestion({ settings: next, answered: false, number: question.number + 1 });
  };
  const layer = useMemo(() => layerOf(name, settings), [name, settings]);
  const computed = useComputed(device, enqueue, layer, part);
  const size = outputSize(part.height, layer);
  const figure = useRef<HTMLDivElement>(null);
  const sliding = useSliding(size * size, figure);
  const { at, done } = sliding;
  const [row, column] = [Math.floor(at / size), at % size];

  const maps = computed.maps;
  const shown = useMemo(() => (done < size * size ? firstPixels(maps, done) : maps), [maps, done, size]);
  const colouring = isAverage(layer.weights) ? 'grey' : 'signed';
  const largest = largestOf(maps, 0, colouring);
  const window = windowAt(layer, row, column);
  const value = pixelAt(maps, 0, row, column);
  const extent = extentOf(layer);

  const point = (y: number, x: number, pressed: boolean) => {
    if (sliding.playing && !pressed) return;
    const within = (place: number) => Math.max(0, Math.min(size - 1, place));
    sliding.visit(within(y) * size + within(x));
  };
  /** To the place whose window has its middle nearest. */
  const pointBack = (y: number, x: number, pressed: boolean) => {
    const back = (pixel: number) => Math.round((pixel + padding - (extent - 1) / 2) / stride);
    point(back(y), back(x), pressed);
  };
  return (
    <>
      <section class="cv-first" aria-labelledby="window-heading">
        <h2 id="window-heading">{words.window.heading}</h2>
        <p class="prose">{words.window.intro}</p>
        <fieldset class="cv-filters">
          <legend>{words.window.filter}</legend>
          {NAMES.map((each) => {
            const weights = weightsOf(FILTERS[each](each === 'learned' ? 3 : kernel));
            return (
              <label key={each} class="option">
                <input type="radio" name="filter" checked={each === name} onChange={() => pick(each)} />
                <FilterPicture weights={weights} strongest={Math.max(...weights.map(Math.abs))} />
                {words.window.filters[each]}
              </label>
            );
          })}
        </fieldset>
        <div class="cv-window" ref={figure}>
          <figure>
            <Field
              maps={part}
              channel={0}
              colouring="grey"
              largest={255}
              padding={padding}
              label={words.window.pictureLabel(part.width)}
              onPoint={pointBack}
            >
              {dilation > 1 &&
                window.map((pixel) => (
                  <rect key={`${pixel.y} ${pixel.x}`} class="cv-tap" {...pixel} width={1} height={1} />
                ))}
              <Frame y={row * stride - padding} x={column * stride - padding} height={extent} />
            </Field>
            <figcaption>
              {words.window.picture} {part.width} × {part.height}
            </figcaption>
          </figure>
          <Product {...{ part, window, name, kernel, value, row, column }} />
          <figure>
            <Field {...{ maps: shown, colouring, largest }} channel={0} label={words.window.mapLabel} onPoint={point}>
              <Frame y={row} x={column} height={1} />
            </Field>
            <figcaption>
              {words.window.map}
              {question.answered && ` ${size} × ${size}`}
              {colouring === 'signed' && ` · ${words.window.scale(numberText(largest))}`}
            </figcaption>
          </figure>
          <Player
            sliding={sliding}
            length={size * size}
            width={size}
            spoken={`${words.player.at(row + 1, column + 1)}: ${numberText(value)}`}
          />
        </div>
        <ComputedBy computed={computed} state={state} />

        <SizeQuestion
          key={`${question.number} ${JSON.stringify(question.settings)}`}
          size={part.width}
          settings={question.settings}
          onGuess={() => setQuestion({ ...question, answered: true })}
          ask={ask}
        />

        <h3>{words.window.dials}</h3>
        <p class="prose">{words.window.dialsNote}</p>
        <div class="cv-dials">
          <Dial
            label={words.window.kernel}
            values={name === 'learned' ? [3] : KERNELS}
            value={kernel}
            show={(k) => `${k} × ${k}`}
            onChange={(value) => change({ kernel: value })}
          />
          <Dial
            label={words.window.stride}
            values={STRIDES}
            value={stride}
            onChange={(value) => change({ stride: value })}
          />
          <Dial
            label={words.window.padding}
            values={PADDINGS}
            value={padding}
            onChange={(value) => change({ padding: value })}
          />
          <Dial
            label={words.window.dilation}
            values={DILATIONS}
            value={dilation}
            onChange={(value) => change({ dilation: value })}
          />
        </div>
        <p class="quiet small">{name === 'learned' && words.window.learnedSize}</p>
        <p class="cv-formula" aria-live="polite">
          {words.window.formula}{' '}
          <strong>
            {words.window.formulaOf(part.width, padding, extent, stride)} = {question.answered ? size : '?'}
          </strong>{' '}
          <small>{words.window.formulaNote}</small>
        </p>
      </section>
      <Whole {...{ layer, whole, square, state, device, enqueue }} />
    </>
  );
}

interface SizeQuestionProps {
  /** Of the picture. */
  size: number;
  settings: WindowSettings;
  onGuess: () => void;
  ask: () => void;
}

/** How large the map will be. */
function SizeQuestion({ size, settings, onGuess, ask }: SizeQuestionProps) {
  const words = useWords(bothLanguages).window;
  const { kernel, stride, padding, dilation } = settings;
  const extent = extentOf(settings);
  const right = outputSize(size, { ...settings, transposed: false });
  const square = (side: number) => `${side} × ${side}`;
  return (
    <Guess
      question={words.question(size, kernel, stride, padding, dilation)}
      options={possibleSizes(size, right, extent).map(square)}
      answer={square(right)}
      explanation={words.explanation(size, size + 2 * padding, extent, stride, right)}
      onGuess={onGuess}
    >
      <button type="button" onClick={ask}>
        {words.another}
      </button>
    </Guess>
  );
}

/** The right size among some that are wrong in ways that are easily taken. */
function possibleSizes(from: number, right: number, extent: number): number[] {
  const tempting = [
    right,
    from,
    from - extent + 1,
    from - extent,
    Math.ceil(from / 2),
    right + 1,
    right - 2,
    right + 3,
  ];
  return [...new Set(tempting)].slice(0, 4).sort((a, b) => a - b);
}

/** Of a pixel or a sum. */
const numberText = (value: number) => shortNumber(value, 1);

interface ProductProps {
  part: Maps;
  window: readonly { y: number; x: number }[];
  name: FilterName;
  kernel: number;
  value: number;
  row: number;
  column: number;
}

/** What lies in the window, times the filter, is one number. */
function Product({ part, window, name, kernel, value, row, column }: ProductProps) {
  const words = useWords(bothLanguages).window;
  const { numerators, divisor } = FILTERS[name](kernel);
  const strongest = Math.max(...numerators.map(Math.abs));
  const isBeside = ({ y, x }: { y: number; x: number }) => y < 0 || x < 0 || y >= part.height || x >= part.width;
  return (
    <div class="cv-product">
      <p class="cv-note" role="status">
        <strong>{words.filters[name]}.</strong> {words.notes[name]}
      </p>
      <figure>
        <Cells
          kernel={kernel}
          cells={window.map((pixel) => {
            const level = pixelAt(part, 0, pixel.y, pixel.x);
            return { text: numberText(level), colour: colourOf(level, 'grey', 255), isBeside: isBeside(pixel) };
          })}
        />
        <figcaption>{words.patch}</figcaption>
      </figure>
      <span class="cv-sign" aria-hidden="true">
        ×
      </span>
      <figure>
        <Cells
          kernel={kernel}
          cells={numerators.map((numerator) => ({
            text: divisor === 1 ? shortNumber(numerator, 2) : `${numerator}/${divisor}`,
            colour: colourOf(numerator, 'signed', strongest),
          }))}
        />
        <figcaption>{words.weights}</figcaption>
      </figure>
      <p class="cv-sum">
        <span aria-hidden="true">=</span> <strong>{numberText(value)}</strong>{' '}
        <small>
          {words.sum(numerators.length, row + 1, column + 1)}. {window.some(isBeside) && words.padded}
        </small>
      </p>
    </div>
  );
}

interface Cell {
  text: string;
  colour: Rgba;
  isBeside?: boolean;
}

function Cells({ kernel, cells }: { kernel: number; cells: readonly Cell[] }) {
  return (
    <div class="cv-cells" style={{ '--kernel': kernel }}>
      {cells.map(({ text, colour, isBeside }, index) => (
        <span
          key={index}
          class={isBeside ? 'beside' : inkOn(colour)}
          style={
            isBeside ? {} : { backgroundColor: `rgb(${colour[0]} ${colour[1]} ${colour[2]} / ${colour[3] / 255})` }
          }
        >
          {text}
        </span>
      ))}
    </div>
  );
}

/** What can be read on a colour: the page's own ink where the page shines through. */
function inkOn([red, green, blue, alpha]: Rgba): string {
  if (alpha < 228) return '';
  return 0.299 * red + 0.587 * green + 0.114 * blue > 118 ? 'light' : 'dark';
}

interface WholeProps extends Pick<ViewProps, 'state' | 'device' | 'enqueue'> {
  layer: Layer;
  whole: Maps;
  square: Square;
}

/** The same layer over the whole picture. */
function Whole({ layer, whole, square, state, device, enqueue }: WholeProps) {
  const words = useWords(bothLanguages).whole;
  const computed = useComputed(device, enqueue, layer, whole);
  const colouring = isAverage(layer.weights) ? 'grey' : 'signed';
  const { maps } = computed;
  const size = whole.width;
  const map = words.map(maps.height, maps.width, layer.weights.length);
  return (
    <section aria-labelledby="whole-heading">
      <h2 id="whole-heading">{words.heading}</h2>
      <p class="prose">{words.intro}</p>
      <div class="cv-whole">
        <figure>
          <Field maps={whole} channel={0} colouring="grey" largest={255} label={words.picture(size)}>
            {square.side < 1 && (
              <Frame {...{ y: square.top * size, x: square.left * size, height: square.side * size }} />
            )}
          </Field>
          <figcaption>
            {words.picture(size)}
            {square.side < 1 && `. ${words.framed}`}
          </figcaption>
        </figure>
        <figure>
          <Field {...{ maps, colouring }} channel={0} largest={largestOf(maps, 0, colouring)} label={map} />
          <figcaption>{map}</figcaption>
        </figure>
      </div>
      <ComputedBy computed={computed} state={state} />
    </section>
  );
}
