// What both figures of the view are made of.
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type DeviceState, describeAdapter } from '../network/device.ts';
import { useFormat } from '../shared/format.ts';
import { useWords } from '../shared/strings.ts';
import type { Computed } from './convolution-engine.ts';
import type { Maps } from './convolution-layer.ts';
import { type Colouring, paintMap } from './convolution-picture.ts';
import { words as bothLanguages } from './convolution-strings.ts';
import type { Sliding } from './sliding.ts';

/** From this width on a map is a photograph, and its pixels are not to be told apart. */
const SMOOTH = 80;

interface FieldProps {
  maps: Maps;
  channel: number;
  colouring: Colouring;
  /** The magnitude that is drawn the strongest. */
  largest: number;
  /** Pixels around the map, drawn as nothing. */
  padding?: number;
  label: string;
  /** What is drawn over it, in units of the map's pixels. */
  children?: ComponentChildren;
  /** Hears of the pixel that is pointed at, and whether by a press. */
  onPoint?: (y: number, x: number, pressed: boolean) => void;
}

/** One channel of some maps, pixel by pixel. */
export function Field({ maps, channel, colouring, largest, padding = 0, label, children, onPoint }: FieldProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current) paintMap(canvas.current, maps, channel, colouring, largest);
  }, [maps, channel, colouring, largest]);
  const [height, width] = [maps.height + 2 * padding, maps.width + 2 * padding];
  const share = (part: number, of: number) => `${(100 * part) / of}%`;
  const point = (event: PointerEvent, pressed: boolean) => {
    const box = (event.currentTarget as Element).getBoundingClientRect();
    const along = (at: number, from: number, size: number, count: number) =>
      Math.floor(((at - from) / size) * count) - padding;
    onPoint?.(
      along(event.clientY, box.top, box.height, height),
      along(event.clientX, box.left, box.width, width),
      pressed,
    );
  };
  return (
    <div
      class="cv-field"
      style={{ aspectRatio: `${width} / ${height}` }}
      onPointerDown={(event) => point(event, true)}
      onPointerMove={(event) => point(event, false)}
    >
      <canvas
        ref={canvas}
        class={maps.width < SMOOTH ? 'pixels' : ''}
        role="img"
        aria-label={label}
        style={{
          top: share(padding, height),
          left: share(padding, width),
          width: share(maps.width, width),
          height: share(maps.height, height),
        }}
      />
      <svg viewBox={`${-padding} ${-padding} ${width} ${height}`} aria-hidden="true">
        {children}
      </svg>
    </div>
  );
}

/** A frame on a field: light and dark, so that it is seen on any picture. */
export function Frame({ y, x, height, width = height }: { y: number; x: number; height: number; width?: number }) {
  const box = { x, y, width, height };
  return (
    <>
      <rect class="cv-halo" {...box} />
      <rect class="cv-frame" {...box} />
    </>
  );
}

/** The weights of a filter as a small picture. */
export function FilterPicture({ weights, strongest }: { weights: readonly number[]; strongest: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const side = Math.sqrt(weights.length);
  useEffect(() => {
    const maps = { channels: 1, height: side, width: side, values: Float32Array.from(weights) };
    if (canvas.current) paintMap(canvas.current, maps, 0, 'signed', strongest);
  }, [weights, side, strongest]);
  return (
    <span class="cv-filter" aria-hidden="true" style={{ '--side': side }}>
      <canvas ref={canvas} class="pixels" />
    </span>
  );
}

interface PlayerProps {
  sliding: Sliding;
  length: number;
  /** Places in a row. */
  width: number;
  /** What is at the place, as a screen reader says it. */
  spoken: string;
}

/** Play, pause, steps, and a slider over all places. */
export function Player({ sliding, length, width, spoken }: PlayerProps) {
  const words = useWords(bothLanguages).player;
  const { at, playing } = sliding;
  const byKey = (event: KeyboardEvent) => {
    const places = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -width, ArrowDown: width }[event.key];
    if (places === undefined) return;
    event.preventDefault();
    sliding.visit(at + places);
  };
  return (
    <div class="cv-player">
      <button type="button" class="primary" onClick={playing ? sliding.pause : sliding.play}>
        {playing ? words.pause : words.play}
      </button>
      <button type="button" onClick={() => sliding.visit(at - 1)}>
        {words.back}
      </button>
      <button type="button" onClick={() => sliding.visit(at + 1)}>
        {words.step}
      </button>
      <input
        type="range"
        min={0}
        max={length - 1}
        value={at}
        aria-label={words.place}
        aria-valuetext={spoken}
        onInput={({ currentTarget }) => sliding.scrub(currentTarget.valueAsNumber)}
        onKeyDown={byKey}
      />
    </div>
  );
}

/** Who has computed a map, and how long it took. */
export function ComputedBy({ computed: { maps, milliseconds }, state }: { computed: Computed; state: DeviceState }) {
  const words = useWords(bothLanguages).computed;
  const format = useFormat();
  const text = () => {
    if (milliseconds !== undefined && 'device' in state) {
      const { name, software } = describeAdapter(state.device);
      const adapter = software ? words.software(name) : name || words.unnamed;
      return words.byEngine(maps.values.length, format.milliseconds(milliseconds), adapter);
    }
    const why = state.kind === 'starting' || state.kind === 'ready' ? words.starting : words.noGpu;
    return `${words.byPage} ${why}`;
  };
  return <p class="quiet small cv-computed">{text()}</p>;
}
