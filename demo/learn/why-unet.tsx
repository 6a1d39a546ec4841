import { type Plan, summarizePlan } from 'linnet';
import { uNet } from 'linnet/architectures';
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import type { ViewProps } from '../frame/view-props.ts';
import { MASK_COLOUR } from '../network/model.ts';
import { usePlan } from '../network/use-plan.ts';
import { fetchSample, fetchSamples, type Picture, type Sample } from '../picture/picture.ts';
import { Samples } from '../picture/samples.tsx';
import { PictureCanvas } from '../picture/seen.tsx';
import { useFormat } from '../shared/format.ts';
import { Problem } from '../shared/problem.tsx';
import { useStrings, useWords } from '../shared/strings.ts';
import figures from './drawings-iou.json';
import { Guess } from './guess.tsx';
import { skipsOf } from './why-unet-levels.ts';
import {
  type Beforehand,
  cutAt,
  drawMask,
  fetchBeforehand,
  intersectionOverUnion,
  type Mask,
  type Mode,
  SIZE,
  type Strengths,
} from './why-unet-masks.ts';
import { loadUNets, type UNets } from './why-unet-networks.ts';
import { words as bothLanguages } from './why-unet-strings.ts';
import { TheU } from './why-unet-u.tsx';
import './why-unet.css';

/** Mean intersection over union on held-out drawings, of the networks trained with so many drawings. */
const MEASURED: readonly { drawings: number; skips: number; noSkips: number }[] = figures;

/** The segmenter of this page, as its card describes it. */
const SEGMENTER = uNet({ inChannels: 3, classes: 1, features: 8, inputSize: [SIZE, SIZE] });

const CUT: Strengths = [0, 0, 0, 0];

/** One picture through a U-Net whose skips can be weakened, and through one that never had any. */
export default function WhyUNet({ state, device, enqueue, pictures }: ViewProps) {
  const words = useWords(bothLanguages);
  const { skips } = words;
  const plan = usePlan(SEGMENTER);
  const [mode, setMode] = useState<Mode>('overlay');
  const [strengths, setStrengths] = useState(CUT);
  const { samples, picture, choose, error: pictureError } = useDrawings(pictures.picture);
  const canvases = useRef(new Map<string, HTMLCanvasElement>());
  const { nets, error } = useUNets(device, enqueue);
  const { beforehand, pending } = useBeforehand(picture);
  const { masks, faded, failure } = useMasks(nets, picture, strengths, canvases.current, enqueue);

  const truth = beforehand?.truth;
  const trained = masks?.trained ?? beforehand?.cut.at(-1);
  const never = masks?.never ?? beforehand?.never;
  const result = faded ?? beforehand?.cut[cutAt(strengths)];
  const hasNoGpu = state.kind === 'failed';
  // Of such a picture nobody has computed anything.
  const isUnknown = hasNoGpu && !beforehand;
  const problem = error ?? failure ?? pictureError;
  const shown = { picture, mode, truth };
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
        <h2 id="skips-heading">{skips.heading}</h2>
        <p class="prose">{skips.intro}</p>
        <div class="u-choices">
          <Drawings samples={samples} picture={picture} own={pictures.picture} choose={choose} />
          <Switch
            legend={skips.show}
            value={mode}
            values={{ overlay: skips.overlay, cutout: skips.cutout }}
            onChange={setMode}
          />
        </div>
        {problem !== undefined && <Problem error={problem} />}
        <div class="u-masks">
          <figure>
            {picture && <PictureCanvas bitmap={picture.bitmap} label={skips.original} />}
            <figcaption>
              <strong>{skips.original}</strong>
            </figcaption>
          </figure>
          {truth && <Masked {...shown} mask={truth} label={skips.truth} truth={undefined} />}
          {!isUnknown && <Masked {...shown} mask={trained} label={skips.trained} />}
        </div>
        {!isUnknown && (
          <p class="prose quiet small">
            {truth && skips.truthNote} {skips.iou}
          </p>
        )}
        <p class={isUnknown ? '' : 'quiet small'} role="status">
          {hasNoGpu && beforehand && skips.beforehand}
          {isUnknown && picture && !pending && skips.noMask}
          {!hasNoGpu && !nets && error === undefined && skips.working}
        </p>
        {!isUnknown && (
          <Guess
            question={skips.question}
            options={skips.options}
            answer={skips.answer}
            explanation={skips.explanation}
            reveals={
              <>
                <TheU
                  strengths={strengths}
                  onChange={setStrengths}
                  step={hasNoGpu ? 1 : 0.05}
                  maps={nets ? canvases.current : beforehand?.maps}
                  picture={picture && <PictureCanvas bitmap={picture.bitmap} label={skips.original} />}
                  result={<Masked {...shown} mask={result} label={words.u.result} />}
                />
                <p class="conclusion">{skips.conclusion}</p>
                <div class="u-never">
                  <Masked {...shown} mask={never} label={skips.never} note={skips.neverNote} />
                  <p class="prose">{skips.explanationNever}</p>
                </div>
              </>
            }
          />
        )}
        <Measured />
      </section>
      <section aria-labelledby="paths-heading">
        <h2 id="paths-heading">{words.paths.heading}</h2>
        <dl class="u-paths">
          {(['contracting', 'expanding'] as const).map((path) => (
            <div key={path}>
              <dt>{words.paths[path]}</dt>
              <dd>{words.paths[`${path}Text`]}</dd>
            </div>
          ))}
        </dl>
        <p class="prose quiet small">{words.paths.paperNote}</p>
      </section>
      {plan && <NoCopy plan={plan} />}
    </>
  );
}

function useUNets(device: GPUDevice | undefined, enqueue: ViewProps['enqueue']) {
  const [nets, setNets] = useState<UNets>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    if (!device) return;
    const controller = new AbortController();
    const made = loadUNets(device, controller.signal);
    made.then(setNets, (reason) => controller.signal.aborted || setError(reason));
    return () => {
      controller.abort();
      setNets(undefined);
      // After what may still be drawing.
      void enqueue(() => made.then((ready) => ready.destroy())).catch(() => {});
    };
  }, [device, enqueue]);
  return { nets, error };
}

/** What was computed beforehand of the picture, where it is one of the page's own. */
function useBeforehand(picture: Picture | undefined): { beforehand: Beforehand | undefined; pending: boolean } {
  const [found, setFound] = useState<{ of: Sample; beforehand: Beforehand | undefined }>();
  const sample = picture?.sample;
  useEffect(() => {
    if (sample) void fetchBeforehand(sample).then((beforehand) => setFound({ of: sample, beforehand }));
  }, [sample]);
  const isFound = sample !== undefined && found?.of === sample;
  return { beforehand: isFound ? found.beforehand : undefined, pending: sample !== undefined && !isFound };
}

/** What the networks make of the picture, once they are there. Masks of another picture are none. */
function useMasks(
  nets: UNets | undefined,
  picture: Picture | undefined,
  strengths: Strengths,
  canvases: ReadonlyMap<string, HTMLCanvasElement>,
  enqueue: ViewProps['enqueue'],
) {
  const [found, setFound] = useState<{ of: Picture; masks: Awaited<ReturnType<UNets['predict']>> }>();
  const [faded, setFaded] = useState<{ of: Picture; mask: Mask }>();
  const [failure, setFailure] = useState<unknown>();
  const work = (task: (nets: UNets, picture: Picture) => Promise<() => void>) => {
    if (!nets || !picture) return;
    let stale = false;
    const run = async () => {
      if (stale) return;
      const finish = await task(nets, picture);
      if (!stale) finish();
    };
    enqueue(run).catch((reason) => stale || setFailure(reason));
    return () => {
      stale = true;
    };
  };
  useEffect(
    () =>
      work(async (nets, of) => {
        const masks = await nets.predict(of.bitmap);
        return () => setFound({ of, masks });
      }),
    [nets, picture, enqueue],
  );
  useEffect(
    () =>
      work(async (nets, of) => {
        const mask = await nets.fade(of.bitmap, strengths, canvases);
        return () => setFaded({ of, mask });
      }),
    [nets, picture, strengths, enqueue],
  );
  return {
    masks: nets && found?.of === picture ? found?.masks : undefined,
    faded: nets && faded?.of === picture ? faded?.mask : undefined,
    failure,
  };
}

interface MaskedProps {
  picture: Picture | undefined;
  mask: Mask | undefined;
  mode: Mode;
  /** What the mask is to be compared with. */
  truth: Mask | undefined;
  label: string;
  note?: string;
}

/** A picture with a mask over it, and how well that matches the truth. */
function Masked({ picture, mask, mode, truth, label, note }: MaskedProps) {
  const words = useWords(bothLanguages).skips;
  const iou = useIou();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current && picture) drawMask(canvas.current, picture.bitmap, mask, mode, MASK_COLOUR);
  }, [picture, mask, mode]);
  return (
    <figure>
      <canvas
        ref={canvas}
        class={mode === 'cutout' ? 'checkered' : ''}
        width={300}
        height={300}
        role="img"
        aria-label={label}
      />
      <figcaption>
        <strong>{label}</strong>{' '}
        {mask && truth && <span class="u-iou">{words.match(iou.format(intersectionOverUnion(mask, truth)))}</span>}{' '}
        {note}
      </figcaption>
    </figure>
  );
}

function useIou() {
  const { locale } = useStrings();
  return useMemo(() => new Intl.NumberFormat(locale, { minimumFractionDigits: 3, maximumFractionDigits: 3 }), [locale]);
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
      <fieldset class="u-samples">
        <legend>{words.samples}</legend>
        <Samples samples={samples} chosen={samples.find(({ file }) => file === picture?.name)} onChoose={choose} />
      </fieldset>
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
  const group = useId();
  return (
    <fieldset class="u-switch">
      <legend>{legend}</legend>
      {(Object.entries(values) as [Value, string][]).map(([each, name]) => (
        <label key={each} class="option">
          <input type="radio" name={group} checked={each === value} onChange={() => onChange(each)} />
          {name}
        </label>
      ))}
    </fieldset>
  );
}

function Measured() {
  const words = useWords(bothLanguages).skips;
  const iou = useIou();
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

function NoCopy({ plan }: { plan: Plan }) {
  const words = useWords(bothLanguages).noCopy;
  const format = useFormat();
  const skips = skipsOf(plan);
  const range = ([first, count]: readonly [number, number]) => words.channels(first + 1, first + count);
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
