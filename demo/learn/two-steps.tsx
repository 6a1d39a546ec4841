import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { fetchSample, fetchSamples } from '../picture/picture.ts';
import { useFormat } from '../shared/format.ts';
import { useWords } from '../shared/strings.ts';
import { Player } from './player.tsx';
import { depthwise, FILTERS, MIXES, type Plane, planesOf, pointwise, SIDE } from './separable.ts';
import { words as bothLanguages } from './why-mobilenet-strings.ts';

const PICTURE = 'photos/cat';
const PIXELS = SIDE ** 2;
/** Of a pixel: what the depthwise step costs once, and each map of the result after it; and each as a standard convolution. */
const DEPTHWISE = 9 * FILTERS.length;
const POINTWISE = FILTERS.length;
const STANDARD = 9 * FILTERS.length;
/** How values become grey: where 0 is black, and where it is in the middle. */
const POSITIVE = { scale: 255, zero: 0 } as const;
const SIGNED = { scale: 85, zero: 128 } as const;

/** A depthwise and a pointwise convolution played on a picture, pixel after pixel. */
export function TwoSteps() {
  const words = useWords(bothLanguages).steps;
  const format = useFormat();
  const planes = usePlanes();
  const filtered = useMemo(() => planes && depthwise(planes, FILTERS), [planes]);
  const mixed = useMemo(() => filtered && pointwise(filtered, MIXES), [filtered]);
  const [step, setStep] = useState(Math.round(0.4 * PIXELS));
  const isFirst = step < PIXELS;
  const [first, second] = [Math.min(step, PIXELS), Math.max(0, step - PIXELS)];
  const place = isFirst ? first : second;
  const done = first * DEPTHWISE + second * POINTWISE * MIXES.length;
  const standard = PIXELS * STANDARD * MIXES.length;
  const window = step < 2 * PIXELS ? place : undefined;
  return (
    <section aria-labelledby="steps-heading">
      <h2 id="steps-heading">{words.heading}</h2>
      <p class="prose">{words.intro}</p>
      <Player
        label={words.player}
        last={2 * PIXELS}
        step={step}
        stepsPerSecond={200}
        spoken={isFirst ? words.depthwise : words.pointwise}
        onStep={setStep}
      />
      <div class="steps">
        <figure>
          <figcaption>{words.picture}</figcaption>
          {words.channels.map((name, channel) => (
            <PlaneCanvas
              key={name}
              plane={planes?.[channel]}
              channel={channel}
              {...POSITIVE}
              label={name}
              {...(isFirst && { window, reach: 1 })}
            />
          ))}
        </figure>
        <figure class={isFirst ? 'current' : ''}>
          <figcaption>{words.depthwise}</figcaption>
          {FILTERS.map((_, channel) => (
            <PlaneCanvas
              key={channel}
              plane={filtered?.[channel]}
              count={first}
              {...SIGNED}
              label={words.filtered(channel + 1)}
              window={window}
              reach={0}
            />
          ))}
        </figure>
        <figure class={isFirst ? '' : 'current'}>
          <figcaption>{words.pointwise}</figcaption>
          {MIXES.map((_, map) => (
            <PlaneCanvas
              key={map}
              plane={mixed?.[map]}
              count={second}
              {...SIGNED}
              label={words.mixed(map + 1)}
              {...(!isFirst && { window, reach: 0 })}
            />
          ))}
        </figure>
      </div>
      <ul class="numbers">
        <li>
          <strong>{format.integer(done)}</strong> {words.done}
        </li>
        <li>
          <strong>{format.integer(PIXELS * (DEPTHWISE + POINTWISE * MIXES.length))}</strong> {words.all}
        </li>
        <li>
          <strong>{format.integer(standard)}</strong> {words.standard}
        </li>
      </ul>
      <p class="prose">{words.shared}</p>
    </section>
  );
}

function usePlanes(): readonly Plane[] | undefined {
  const [planes, setPlanes] = useState<readonly Plane[]>();
  useEffect(() => {
    let gone = false;
    const load = async () => {
      const sample = (await fetchSamples('photos')).find(({ id }) => id === PICTURE);
      if (!sample) return;
      const { bitmap } = await fetchSample(sample, '');
      if (!gone) setPlanes(planesOf(bitmap));
    };
    // Without the picture the words say it all.
    load().catch(() => {});
    return () => {
      gone = true;
    };
  }, []);
  return planes;
}

interface PlaneProps {
  plane: Plane | undefined;
  /** How many of its pixels are there; all unless given. */
  count?: number;
  /** Red, green or blue; grey unless given. */
  channel?: number;
  scale: number;
  zero: number;
  label: string;
  /** The pixel that is computed, and how far the filter reaches around it. */
  window?: number | undefined;
  reach?: number;
}

function PlaneCanvas({ plane, count = PIXELS, channel, scale, zero, label, window, reach = 0 }: PlaneProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context || !plane) return;
    const pixels = new ImageData(SIDE, SIDE);
    for (let pixel = 0; pixel < count; pixel++) {
      const value = zero + scale * (plane[pixel] ?? 0);
      const colour =
        channel === undefined ? [value, value, value] : [0, 1, 2].map((each) => (each === channel ? value : 0));
      pixels.data.set([...colour, 255], 4 * pixel);
    }
    context.putImageData(pixels, 0, 0);
  }, [plane, count, channel, scale, zero]);
  const percent = (pixels: number) => `${(100 * pixels) / SIDE}%`;
  return (
    <div class="plane">
      <canvas ref={canvas} class="pixels" width={SIDE} height={SIDE} role="img" aria-label={label} />
      {window !== undefined && (
        <span
          class="window"
          style={{
            left: percent((window % SIDE) - reach),
            top: percent(Math.floor(window / SIDE) - reach),
            width: percent(1 + 2 * reach),
            height: percent(1 + 2 * reach),
          }}
        />
      )}
    </div>
  );
}
