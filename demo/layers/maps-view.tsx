import type { Plan } from 'linnet';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { cornerOf, type Grid, gridSize } from '../network/feature-maps.ts';
import type { Layer } from '../network/layers-of.ts';
import { useFormat } from '../shared/format.ts';
import { Problem } from '../shared/problem.tsx';
import { useWords } from '../shared/strings.ts';
import { strengthOf } from './changes.ts';
import type { Change } from './inside.ts';
import { words as bothLanguages } from './layers-strings.ts';
import { channelAt, gridOf, type MapLayout, mapLayout } from './map-layout.ts';
import type { MapSource } from './map-source.ts';
import { rangeOf } from './numbers.ts';

interface Props {
  plan: Plan;
  /** Where they come from; nothing until that is ready. */
  source: MapSource | undefined;
  layers: readonly Layer[];
  selected: number;
  changes: readonly Change[];
  /** What each channel stands for, where it stands for a class. */
  labels: readonly string[] | undefined;
  /** What stands below, for the channel that is looked at. */
  children: (channel: number) => ComponentChildren;
}

/** A page of channels as it was drawn, with its numbers. */
interface Page {
  readonly layer: Layer;
  readonly start: number;
  readonly values: Float32Array;
}

/** The pixel of a map under the pointer. */
interface Pixel {
  readonly x: number;
  readonly y: number;
}

/** As many as are looked at one by one. */
const BARS = 10;
const MOST_LISTED = 8;

/** What a layer writes for the picture, channel by channel, and one channel larger. */
export function MapsView(props: Props) {
  const { plan, source, layers, selected, changes, labels, children } = props;
  const words = useWords(bothLanguages).maps;
  const format = useFormat();
  const [failure, setFailure] = useState<unknown>();
  const [page, setPage] = useState(0);
  const [picked, setPicked] = useState(0);
  const [pixel, setPixel] = useState<Pixel>();
  const [drawn, setDrawn] = useState<Page>();
  const [count, setCount] = useState(0);
  const all = useRef<HTMLCanvasElement>(null);
  const one = useRef<HTMLCanvasElement>(null);
  const layer = layers[selected] as Layer;
  const layout = mapLayout(plan, layer);
  const { width, height } = layout;
  const isNumbers = width * height === 1;
  const shown = Math.min(page, layout.pages - 1);
  const grid = gridOf(layout, shown);
  const channel = Math.min(picked, grid.count - 1);
  const number = grid.start + channel;

  useEffect(() => {
    setPage(0);
    setPicked(0);
    setPixel(undefined);
  }, [plan, selected]);

  useEffect(() => {
    if (!source) return;
    let stale = false;
    setFailure(undefined);
    const draw = async () => {
      const values = await source.draw({
        layer: selected,
        layout,
        grid,
        canvas: () => all.current,
        isStale: () => stale,
        onDrawn: () => setCount((before) => before + 1),
      });
      if (values && !stale) setDrawn({ layer, start: grid.start, values });
    };
    draw().catch((reason) => {
      if (!stale) setFailure(reason);
    });
    return () => {
      stale = true;
    };
  }, [source, selected, shown]);

  useEffect(() => {
    if (count > 0 && one.current) source?.enlarge(one.current, channel);
  }, [source, count, channel]);

  const placeUnder = (event: PointerEvent, size: { width: number; height: number }) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * size.width,
      y: ((event.clientY - box.top) / box.height) * size.height,
    };
  };
  const pickUnder = (event: PointerEvent) => {
    const { x, y } = placeUnder(event, gridSize(layout, grid));
    const under = channelAt(layout, grid, x, y);
    if (under === undefined) return;
    setPicked(under);
    const corner = cornerOf(layout, grid, under);
    setPixel(pixelAt(x - corner.x, y - corner.y));
  };
  const pixelAt = (x: number, y: number): Pixel | undefined => {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    return column >= 0 && row >= 0 && column < width && row < height ? { x: column, y: row } : undefined;
  };
  const pickByKey = (event: KeyboardEvent) => {
    const next = {
      ArrowRight: channel + 1,
      ArrowLeft: channel - 1,
      ArrowDown: channel + grid.columns,
      ArrowUp: channel - grid.columns,
      Home: 0,
      End: grid.count - 1,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    setPixel(undefined);
    if (next >= 0 && next < grid.count) setPicked(next);
  };

  // Until another layer is drawn, the numbers are those of the one before.
  const known = drawn?.layer === layer && drawn.start === grid.start ? drawn.values : undefined;
  const pixels = width * height;
  const values = known?.subarray(channel * pixels, (channel + 1) * pixels);
  const range = values && rangeOf(values);
  const isOff = strengthOf(changes, { layer: selected, kind: 'layer', strength: 1 }) === 0;
  const isFaded = (index: number) =>
    strengthOf(changes, { layer: selected, kind: 'channel', channel: grid.start + index, strength: 1 }) === 0;
  const dead = known ? deadChannels(known, pixels).filter((index) => !isFaded(index)) : [];
  return (
    <div class="maps">
      {failure !== undefined && <Problem error={failure} />}
      <p class="quiet small">
        {words.count(layout.channels, width, height)}{' '}
        {isNumbers ? words.coloursTogether : words.colours(layout.channels)}
      </p>
      <div class="maps-pair">
        <figure>
          <div
            class="maps-all"
            role="application"
            aria-label={words.label}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: it is interactive.
            tabIndex={0}
            onKeyDown={pickByKey}
            onPointerMove={pickUnder}
            onPointerDown={pickUnder}
            onPointerLeave={() => setPixel(undefined)}
          >
            <canvas ref={all} class="pixels" data-drawn={count} role="img" aria-label={words.all} />
            <span class="maps-mark" style={markOf(layout, grid, channel)} />
          </div>
          {layout.pages > 1 && (
            <nav class="maps-pages" aria-label={words.pages}>
              <button type="button" disabled={shown === 0} onClick={() => setPage(shown - 1)}>
                {words.previous}
              </button>
              <span>{words.page(shown + 1, layout.pages)}</span>
              <button type="button" disabled={shown === layout.pages - 1} onClick={() => setPage(shown + 1)}>
                {words.next}
              </button>
            </nav>
          )}
        </figure>
        <figure class="maps-one">
          <canvas
            ref={one}
            class="pixels"
            role="img"
            aria-label={words.channel(number + 1)}
            onPointerMove={(event) => {
              const { x, y } = placeUnder(event, layout);
              setPixel(pixelAt(x, y));
            }}
            onPointerLeave={() => setPixel(undefined)}
          />
          <figcaption>
            <span aria-live="polite">{words.channel(number + 1)}</span>
            {labels?.[number] !== undefined && <strong class="maps-label">{labels[number]}</strong>}
            <span class="maps-value">
              {values &&
                (pixel && !isNumbers
                  ? words.valueAt(format.points(values[pixel.y * width + pixel.x] ?? 0), pixel.x + 1, pixel.y + 1)
                  : isNumbers
                    ? format.points(values[0] ?? 0)
                    : range && words.range(format.points(range.least), format.points(range.most)))}
            </span>
          </figcaption>
        </figure>
      </div>
      {!isNumbers && (
        <div class="maps-scale" aria-hidden="true">
          <span>{words.least}</span>
          <span class="maps-colours" />
          <span>{words.most}</span>
        </div>
      )}
      {labels && known && <Largest values={known} labels={labels} />}
      {dead.length > 0 && !isNumbers && (
        <p class="prose small maps-dead">
          {isOff
            ? words.off
            : `${words.dead(
                dead.length,
                grid.count,
                dead.slice(0, MOST_LISTED).map((index) => grid.start + index + 1),
              )} ${dead.every((index) => known?.[index * pixels] === 0) ? words.deadZero : words.deadOther}`}
        </p>
      )}
      {children(number)}
    </div>
  );
}

/** The classes with the largest numbers, by name. */
function Largest({ values, labels }: { values: Float32Array; labels: readonly string[] }) {
  const format = useFormat();
  const words = useWords(bothLanguages).maps;
  const sorted = Array.from(values, (value, index) => ({ value, index })).toSorted((a, b) => b.value - a.value);
  const shown = sorted.slice(0, BARS);
  const { least, most } = rangeOf(values);
  const from = Math.min(0, least);
  return (
    <table class="maps-largest" aria-label={words.largest}>
      <tbody>
        {shown.map(({ value, index }) => (
          <tr key={index}>
            <th scope="row" class="maps-largest-cell">
              {labels[index]}
            </th>
            <td class="number maps-largest-cell">{format.points(value)}</td>
            <td class="maps-largest-bar" aria-hidden="true">
              <div style={{ width: `${most > from ? ((value - from) / (most - from)) * 100 : 0}%` }} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The channels that have one value everywhere. */
function deadChannels(values: Float32Array, pixels: number): number[] {
  return Array.from({ length: values.length / pixels }, (_, index) => index).filter((index) => {
    const first = values[index * pixels];
    return values.subarray(index * pixels, (index + 1) * pixels).every((value) => value === first);
  });
}

/** Where the picked map is in the picture, in percent. */
function markOf(layout: MapLayout, grid: Grid, channel: number) {
  const size = gridSize(layout, grid);
  const { x, y } = cornerOf(layout, grid, channel);
  const percent = (part: number, whole: number) => `${(part / whole) * 100}%`;
  return {
    left: percent(x, size.width),
    top: percent(y, size.height),
    width: percent(layout.width, size.width),
    height: percent(layout.height, size.height),
  };
}
