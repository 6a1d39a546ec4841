import { useEffect, useMemo, useState } from 'preact/hooks';
import { Camera } from '../camera.tsx';
import { formats } from '../format.ts';
import { decode, type Sample } from '../picture.ts';
import { Problem } from '../problem.tsx';
import { Original } from '../seen.tsx';
import { useStrings, useWords } from '../strings.ts';
import type { ViewProps } from '../views.ts';
import './segment.css';
import { words as bothLanguages } from './segment-strings.ts';
import { type Drawn, useSegmentation } from './segmentation.ts';

const folder = new URL('samples/drawings/', document.baseURI);

interface Chosen {
  readonly bitmap: ImageBitmap;
  readonly name: string;
}

/** Cuts drawings out of their backgrounds: a segmenter at work. */
export default function Segment({ state, device, enqueue }: ViewProps) {
  const words = useWords(bothLanguages);
  const strings = useStrings();
  const format = useMemo(() => formats(strings), [strings]);
  const [canvas, setCanvas] = useState<HTMLCanvasElement | null>(null);
  const segmentation = useSegmentation(device, canvas, enqueue);
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const [chosen, setChosen] = useState<Chosen>();
  const [live, setLive] = useState(false);
  const [how, setHow] = useState<Drawn>({ mode: 'overlay', opacity: 0.6 });
  const [taken, setTaken] = useState<number>();
  const [error, setError] = useState<unknown>();

  const choose = async (name: string, blob: Promise<Blob>) => {
    setError(undefined);
    setLive(false);
    try {
      setChosen({ bitmap: await decode(await blob, strings.picture.undecodable(name)), name });
    } catch (reason) {
      setError(reason);
    }
  };
  const chooseSample = ({ file, label }: Sample) =>
    choose(
      label,
      fetch(new URL(file, folder)).then((response) => response.blob()),
    );

  useEffect(() => {
    const read = async () => {
      const found: readonly Sample[] = await (await fetch(new URL('index.json', folder))).json();
      setSamples(found);
      if (found[0]) await chooseSample(found[0]);
    };
    read().catch(setError);
  }, []);

  const ready = segmentation.kind === 'ready' ? segmentation : undefined;
  useEffect(() => {
    if (!ready || !chosen || !canvas || live) return;
    resize(canvas, chosen.bitmap);
    ready.draw(chosen.bitmap, how).then(setTaken, setError);
  }, [ready, chosen, canvas, live, how]);

  const onFrame = async (video: HTMLVideoElement, isOff: () => boolean) => {
    if (!ready || !canvas || isOff()) return;
    resize(canvas, { width: video.videoWidth, height: video.videoHeight });
    setTaken(await ready.draw(video, how));
  };

  const plan = ready?.model.network.plan;
  return (
    <>
      <p class="lead">{words.lead}</p>
      {error !== undefined && <Problem error={error} />}
      {segmentation.kind === 'failed' && <Problem error={segmentation.error} />}
      <div class="segment" inert={state.kind === 'lost'}>
        <section aria-labelledby="segment-picture">
          <h2 id="segment-picture">{words.picture}</h2>
          <p class="quiet small" id="segment-samples">
            {words.samples}
          </p>
          <ul class="drawings" aria-labelledby="segment-samples">
            {samples.map((sample) => (
              <li key={sample.file}>
                <button
                  type="button"
                  class="sample"
                  aria-pressed={!live && chosen?.name === sample.label}
                  onClick={() => chooseSample(sample)}
                >
                  <img
                    src={new URL(sample.file, folder).href}
                    width={72}
                    height={72}
                    alt={sample.label}
                    loading="lazy"
                  />
                </button>
              </li>
            ))}
          </ul>
          <div class="actions">
            <label class="button">
              <input
                type="file"
                accept="image/*"
                class="hidden"
                onChange={({ currentTarget }) => {
                  const file = currentTarget.files?.[0];
                  if (file) void choose(file.name, Promise.resolve(file));
                  currentTarget.value = '';
                }}
              />
              {words.file}
            </label>
            <button type="button" aria-pressed={live} onClick={() => setLive(!live)}>
              {live ? words.stopCamera : words.camera}
            </button>
          </div>
          <fieldset class="modes">
            <legend>{words.show}</legend>
            {(['overlay', 'cutout'] as const).map((mode) => (
              <label key={mode}>
                <input
                  type="radio"
                  name="segment-mode"
                  checked={how.mode === mode}
                  onChange={() => setHow({ ...how, mode })}
                />{' '}
                {words[mode]}
              </label>
            ))}
          </fieldset>
          <label class="opacity">
            {words.opacity}
            <input
              type="range"
              min={0}
              max={1}
              step={0.05}
              value={how.opacity}
              disabled={how.mode === 'cutout'}
              onInput={({ currentTarget }) => setHow({ ...how, opacity: currentTarget.valueAsNumber })}
            />
          </label>
        </section>
        <div class="pair segmented">
          {live ? (
            <Camera
              onFrame={onFrame}
              onError={(reason) => {
                setLive(false);
                setError(reason);
              }}
            />
          ) : (
            chosen && <Original bitmap={chosen.bitmap} label={chosen.name} />
          )}
          <figure>
            <canvas ref={setCanvas} class={how.mode} role="img" aria-label={words.result[how.mode]} />
            <figcaption>
              {words.result[how.mode]}
              {!ready && `: ${device ? words.loading : words.waiting}`}
            </figcaption>
          </figure>
          {taken !== undefined && ready && <p class="quiet small time">{words.frame(format.milliseconds(taken))}</p>}
        </div>
      </div>
      {plan && ready && (
        <section aria-labelledby="segment-about">
          <h2 id="segment-about">{words.about}</h2>
          <p class="prose">
            {words.aboutText(format.integer(plan.parameters), format.file(ready.model.card.weights.bytes ?? 0), 300)}
          </p>
          <p class="prose">
            {words.whyText} <a href="#why-unet">{words.why}</a>.
          </p>
        </section>
      )}
    </>
  );
}

/** The canvas has the picture's proportions, and no more pixels than the page shows. */
function resize(canvas: HTMLCanvasElement, { width, height }: { width: number; height: number }): void {
  const factor = Math.min(1, 640 / Math.max(width, height));
  const [w, h] = [Math.max(1, Math.round(width * factor)), Math.max(1, Math.round(height * factor))];
  if (canvas.width !== w) canvas.width = w;
  if (canvas.height !== h) canvas.height = h;
}
