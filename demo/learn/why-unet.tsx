import { planFor, summarizePlan } from 'linnet';
import { uNet } from 'linnet/architectures';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ViewProps } from '../frame/view-props.ts';
import { gridSize } from '../network/feature-maps.ts';
import { fetchSample, fetchSamples, type Picture, type Sample } from '../picture/picture.ts';
import { useFormat } from '../shared/format.ts';
import { Problem } from '../shared/problem.tsx';
import { useStrings, useWords } from '../shared/strings.ts';
import figures from './drawings-iou.json';
import { createDrawing, type Drawing, type DrawOptions, MAP_GRID, VARIANTS, type Variant } from './why-unet-drawing.ts';
import { UFigure } from './why-unet-figure.tsx';
import { boxesOf, LEVELS, skipsOf } from './why-unet-levels.ts';
import { words as bothLanguages } from './why-unet-strings.ts';
import './why-unet.css';

/** Mean intersection over union on held-out drawings, of the networks trained with so many drawings. */
const MEASURED: readonly { drawings: number; skips: number; noSkips: number }[] = figures;

/** The segmenter of this page, as its card describes it. */
const SEGMENTER = uNet({ inChannels: 3, classes: 1, features: 8, inputSize: [128, 128] });

type Canvases = Record<string, HTMLCanvasElement | null>;

/** One picture through a U-Net with its skips and without, and what its paths hold. */
export default function WhyUNet({ device, enqueue, pictures }: ViewProps) {
  const words = useWords(bothLanguages);
  const plan = useMemo(() => planFor(SEGMENTER), []);
  const [options, setOptions] = useState<DrawOptions>({ mode: 'overlay', levelsOf: 'trained' });
  const { samples, picture, choose, error: pictureError } = useDrawings(pictures.picture);
  const canvases = useRef<Canvases>({});
  const keep = (name: string) => (canvas: HTMLCanvasElement | null) => {
    canvases.current[name] = canvas;
  };
  const [drawing, setDrawing] = useState<Drawing>();
  const [error, setError] = useState<unknown>();

  useEffect(() => {
    if (!device) return;
    const controller = new AbortController();
    const made = createDrawing(device, canvasesOf(canvases.current), controller.signal);
    made.then(setDrawing, (reason) => controller.signal.aborted || setError(reason));
    return () => {
      controller.abort();
      setDrawing(undefined);
      // After what may still be drawing.
      void enqueue(() => made.then((ready) => ready.destroy())).catch(() => {});
    };
  }, [device, enqueue]);

  useEffect(() => {
    if (!device || !drawing || !picture) return;
    let stale = false;
    const work = async () => {
      if (stale) return;
      await drawing.draw(picture.bitmap, options);
      await device.queue.onSubmittedWorkDone();
    };
    enqueue(work).catch((reason) => stale || setError(reason));
    return () => {
      stale = true;
    };
  }, [device, drawing, picture, options, enqueue]);

  const ready = drawing !== undefined;
  return (
    <>
      <p class="lead">{words.lead}</p>
      <p class="quiet small">
        {words.paper}{' '}
        <a href="https://arxiv.org/abs/1505.04597">
          U-Net: Convolutional Networks for Biomedical Image Segmentation, arXiv 1505.04597
        </a>
      </p>
      <section aria-labelledby="skips-heading">
        <h2 id="skips-heading">{words.skips.heading}</h2>
        <p class="prose">{words.skips.intro}</p>
        <div class="u-choices">
          <Drawings samples={samples} picture={picture} own={pictures.picture} choose={choose} />
          <Switch
            legend={words.skips.show}
            value={options.mode}
            values={{ overlay: words.skips.overlay, cutout: words.skips.cutout }}
            onChange={(mode) => setOptions({ ...options, mode })}
          />
        </div>
        {pictureError !== undefined && <Problem error={pictureError} />}
        {error !== undefined && <Problem error={error} />}
        <div class="u-masks" aria-busy={!ready}>
          {VARIANTS.map((variant) => (
            <figure key={variant}>
              <canvas
                ref={keep(variant)}
                class={options.mode === 'cutout' ? 'checkered' : ''}
                width={300}
                height={300}
                role="img"
                aria-label={words.skips[variant]}
              />
              <figcaption>
                <strong>{words.skips[variant]}</strong> {words.skips[`${variant}Note`]}
              </figcaption>
            </figure>
          ))}
        </div>
        <p class="quiet small" role="status">
          {!ready && error === undefined && words.skips.working}
        </p>
        <p class="conclusion">{words.skips.conclusion}</p>
        <p class="prose">{words.skips.explanation}</p>
        {MEASURED.length > 0 && <Measured />}
      </section>
      <section aria-labelledby="paths-heading">
        <h2 id="paths-heading">{words.paths.heading}</h2>
        <figure>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and so the keyboard must reach it. */}
          <section class="scroll" aria-label={words.paths.figure} tabIndex={0}>
            <UFigure boxes={boxesOf(plan)} label={words.paths.figure} />
          </section>
          <figcaption>
            {words.paths.figure} {words.paths.figureNote}
          </figcaption>
        </figure>
        <dl class="u-paths">
          {(['contracting', 'expanding'] as const).map((path) => (
            <div key={path}>
              <dt>
                <span class={`u-swatch ${path}`} /> {words.paths[path]}
              </dt>
              <dd>{words.paths[`${path}Text`]}</dd>
            </div>
          ))}
        </dl>
        <h3>{words.paths.maps}</h3>
        <p class="prose">{words.paths.mapsNote(MAP_GRID.count)}</p>
        <Switch
          legend={words.paths.levelsOf}
          value={options.levelsOf}
          values={{ trained: words.paths.withSkips, zeroed: words.paths.zeroed }}
          onChange={(levelsOf) => setOptions({ ...options, levelsOf })}
        />
        <Levels keep={keep} />
      </section>
      <NoCopy plan={plan} />
    </>
  );
}

function canvasesOf(canvases: Readonly<Canvases>) {
  const present = Object.entries(canvases).flatMap(([name, canvas]) => (canvas ? [[name, canvas] as const] : []));
  return {
    masks: Object.fromEntries(present) as Record<Variant, HTMLCanvasElement>,
    maps: new Map(present),
  };
}

/** The sample drawings; a picture of the visitor's own that is already chosen on the page, or comes, goes before them. */
function useDrawings(own: Picture | undefined) {
  const strings = useStrings();
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const [picture, setPicture] = useState<Picture>();
  const [error, setError] = useState<unknown>();
  const asked = useRef(0);
  const choose = async (sample: Sample) => {
    const ticket = ++asked.current;
    try {
      const taken = await fetchSample(sample, strings.picture.undecodable(sample.file));
      if (ticket === asked.current) setPicture(taken);
    } catch (reason) {
      setError(reason);
    }
  };
  // Once: another language is no reason to begin again.
  useEffect(() => {
    void fetchSamples('drawings').then((found) => {
      setSamples(found);
      if (found[0] && asked.current === 0) void choose(found[0]);
    });
  }, []);
  useEffect(() => {
    if (own?.kind !== 'file') return;
    asked.current++;
    setPicture(own);
  }, [own]);
  return {
    samples,
    picture,
    error,
    choose: (wanted: Sample | Picture) => ('bitmap' in wanted ? setPicture(wanted) : void choose(wanted)),
  };
}

interface DrawingsProps {
  samples: readonly Sample[];
  picture: Picture | undefined;
  own: Picture | undefined;
  choose: (wanted: Sample | Picture) => void;
}

function Drawings({ samples, picture, own, choose }: DrawingsProps) {
  const words = useWords(bothLanguages).skips;
  return (
    <div>
      <h3 id="drawings-heading">{words.samples}</h3>
      <ul class="samples u-samples" aria-labelledby="drawings-heading">
        {samples.map((sample) => (
          <li key={sample.file}>
            <button
              type="button"
              class="sample"
              aria-pressed={picture?.name === sample.file}
              onClick={() => choose(sample)}
            >
              <img src={sample.url} width={300} height={300} alt={sample.label} />
            </button>
          </li>
        ))}
      </ul>
      {own?.kind === 'file' && (
        <button type="button" aria-pressed={picture === own} onClick={() => choose(own)}>
          {words.yours}
        </button>
      )}
      <p class="quiet small">{words.hint}</p>
    </div>
  );
}

interface SwitchProps<Value extends string> {
  legend: string;
  value: Value;
  values: Readonly<Record<Value, string>>;
  onChange: (value: Value) => void;
}

function Switch<Value extends string>({ legend, value, values, onChange }: SwitchProps<Value>) {
  return (
    <fieldset class="u-switch">
      <legend>{legend}</legend>
      {(Object.entries(values) as [Value, string][]).map(([each, name]) => (
        <label key={each} class="option">
          <input type="radio" checked={each === value} onChange={() => onChange(each)} />
          {name}
        </label>
      ))}
    </fieldset>
  );
}

function Measured() {
  const strings = useStrings();
  const words = useWords(bothLanguages).skips;
  const iou = useMemo(
    () => new Intl.NumberFormat(strings.locale, { minimumFractionDigits: 3, maximumFractionDigits: 3 }),
    [strings],
  );
  return (
    <>
      <h3>{words.measured}</h3>
      <p class="prose">{words.measuredIntro}</p>
      <table class="measures u-measured">
        <thead>
          <tr>
            <th scope="col">{words.drawings}</th>
            <th scope="col" class="number">
              {words.withSkips}
            </th>
            <th scope="col" class="number">
              {words.withoutSkips}
            </th>
          </tr>
        </thead>
        <tbody>
          {MEASURED.map(({ drawings, skips, noSkips }) => (
            <tr key={drawings}>
              <th scope="row">{drawings}</th>
              <td class="number">{iou.format(skips)}</td>
              <td class="number">{iou.format(noSkips)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

/** The maps of both paths, level by level, contracting on the left and expanding on the right. */
function Levels({ keep }: { keep: (name: string) => (canvas: HTMLCanvasElement | null) => void }) {
  const words = useWords(bothLanguages).paths;
  const format = useFormat();
  return (
    <ol class="u-levels">
      {LEVELS.map(({ contracting, expanding }, index) => {
        const isBottom = contracting === expanding;
        const size = 128 >> index;
        const channels = 8 << index;
        return (
          <li key={contracting} class={isBottom ? 'bottom' : ''}>
            <p>
              <strong>{isBottom ? words.bottom : words.level(index + 1)}</strong>{' '}
              {words.ofChannels(channels, size, size)} · {format.memory(4 * channels * size * size)}
            </p>
            {[...new Set([contracting, expanding])].map((name) => (
              <div key={name} class="u-maps">
                <canvas
                  ref={keep(name)}
                  class="pixels"
                  {...gridSize({ width: size, height: size }, MAP_GRID)}
                  role="img"
                  aria-label={words.mapsLabel(name)}
                />
              </div>
            ))}
          </li>
        );
      })}
    </ol>
  );
}

function NoCopy({ plan }: { plan: ReturnType<typeof planFor> }) {
  const words = useWords(bothLanguages).noCopy;
  const format = useFormat();
  const skips = skipsOf(plan);
  const range = ([first, count]: readonly [number, number]) => words.channels(first, first + count - 1);
  return (
    <section aria-labelledby="no-copy-heading">
      <h2 id="no-copy-heading">{words.heading}</h2>
      <p class="prose">{words.intro(plan.kernels.filter(({ kind }) => kind === 'copy').length)}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and so the keyboard must reach it. */}
      <section class="scroll" aria-label={words.label} tabIndex={0}>
        <table class="measures u-skips">
          <thead>
            <tr>
              <th scope="col">{words.skip}</th>
              <th scope="col">{words.up}</th>
              <th scope="col">{words.reader}</th>
              <th scope="col" class="number">
                {words.bytes}
              </th>
              <th scope="col" class="number">
                {words.guests}
              </th>
            </tr>
          </thead>
          <tbody>
            {skips.map(({ skip, skipChannels, up, upChannels, reader, channels, bytes, guests }) => (
              <tr key={skip}>
                <td>
                  <code>{skip}</code> <small>{range(skipChannels)}</small>
                </td>
                <td>
                  <code>{up}</code> <small>{range(upChannels)}</small>
                </td>
                <td>
                  <code>{reader}</code> <small>{words.all(channels)}</small>
                </td>
                <td class="number">{format.memory(bytes)}</td>
                <td class="number">{guests}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p class="prose u-cost">
        {words.cost(
          format.memory(skips.reduce((sum, { bytes }) => sum + bytes, 0)),
          format.memory(summarizePlan(plan).activationBytes),
        )}
      </p>
    </section>
  );
}
