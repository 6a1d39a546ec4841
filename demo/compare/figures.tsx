import type * as Plots from '@observablehq/plot';
import { useCallback, useMemo, useState } from 'preact/hooks';
import { useFormat } from '../shared/format.ts';
import { PlotFigure } from '../shared/plot.tsx';
import { useWords } from '../shared/strings.ts';
import { words as bothLanguages } from './compare-strings.ts';
import type { Time } from './measuring.ts';
import type { Planned } from './planned.ts';

interface AccuracyProps {
  plans: readonly Planned[];
  times: Readonly<Record<string, Time>>;
}

type Cost = 'macs' | 'time';

/** Accuracy against work or, as they come, against the times that were measured: up is better, left is cheaper. */
export function AccuracyFigure({ plans, times }: AccuracyProps) {
  const words = useWords(bothLanguages).figures;
  const format = useFormat();
  const [wanted, setWanted] = useState<Cost>();
  const hasTimes = Object.values(times).some(({ kind }) => kind === 'done');
  const cost = hasTimes ? (wanted ?? 'time') : 'macs';
  const points = useMemo(
    () =>
      plans.flatMap(({ macs, candidate: { id, name, family, label, published } }) => {
        const time = times[id];
        const x = cost === 'macs' ? macs : time?.kind === 'done' ? time.ms : undefined;
        return published && x !== undefined ? [{ x, name, family, label, top1: published.top1 * 100 }] : [];
      }),
    [plans, times, cost],
  );
  const draw = useCallback(
    (plot: typeof Plots, width: number) => {
      const narrow = width < 480;
      const dot = (family: string, className: string) =>
        plot.dot(
          points.filter((point) => point.family === family),
          { x: 'x', y: 'top1', r: 5, className },
        );
      const text = (side: string, options: Plots.TextOptions) =>
        plot.text(
          points.filter(({ label }) => label === side),
          { x: 'x', y: 'top1', text: 'name', className: 'figure-label', ...options },
        );
      const measured = points.map(({ x }) => x);
      const scale =
        cost === 'macs'
          ? {
              domain: [3e7, 3e10],
              label: words.macsAxis,
              ticks: [1e8, 1e9, 1e10],
              tickFormat: (macs: number) => format.compact(macs),
            }
          : {
              domain: [Math.min(...measured) / 2, Math.max(...measured) * 3],
              label: words.timeAxis,
              ticks: narrow ? 3 : 6,
              tickFormat: (ms: number) => format.points(ms),
            };
      return plot.plot({
        width,
        height: narrow ? 380 : 420,
        marginLeft: 44,
        marginRight: narrow ? 16 : 30,
        marginTop: 30,
        marginBottom: 44,
        ariaLabel: words.accuracy,
        x: { type: 'log', grid: true, ...scale },
        y: { domain: [54, 80], grid: true, label: words.accuracyAxis, ticks: [55, 60, 65, 70, 75, 80] },
        marks: [
          dot('full', 'dot-full'),
          dot('separable', 'dot-separable'),
          text('left', { textAnchor: 'end', dx: -9 }),
          text('right', { textAnchor: 'start', dx: 9 }),
          text('above', { lineAnchor: 'bottom', dy: -9 }),
          text('below', { lineAnchor: 'top', dy: 9 }),
        ],
      });
    },
    [points, cost, words, format],
  );
  return (
    <figure>
      <h3>{words.accuracy}</h3>
      {hasTimes && (
        <fieldset class="against">
          <legend>{words.against}</legend>
          {(['macs', 'time'] as const).map((each) => (
            <label key={each} class="option">
              <input type="radio" name="against" checked={each === cost} onChange={() => setWanted(each)} />
              {words[each]}
            </label>
          ))}
        </fieldset>
      )}
      <PlotFigure draw={draw} />
      <figcaption>
        <Key of="separable" text={words.separable} />
        <Key of="full" text={words.full} />
      </figcaption>
    </figure>
  );
}

/** What a colour of a figure means, in one piece. */
const Key = ({ of, text }: { of: string; text: string }) => (
  <span>
    <span class={`key-${of}`} aria-hidden="true" /> {text}
  </span>
);

/** What activations take: with memory of their own, and planned. */
export function MemoryFigure({ plans }: { plans: readonly Planned[] }) {
  const words = useWords(bothLanguages).figures;
  const format = useFormat();
  const rows = useMemo(() => plans.toSorted((a, b) => a.separate - b.separate), [plans]);
  const draw = useCallback(
    (plot: typeof Plots, width: number) => {
      const name = ({ candidate }: Planned) => candidate.name;
      const share = ({ planned, separate }: Planned) => words.ofMemory(format.memory(planned), format.memory(separate));
      const text = { y: name, lineAnchor: 'bottom', dy: -2, className: 'figure-label' } as const;
      return plot.plot({
        width,
        height: rows.length * 38 + 8,
        margin: 0,
        marginBottom: 8,
        ariaLabel: words.memory,
        x: { domain: [0, Math.max(...rows.map(({ separate }) => separate))], axis: null },
        y: { domain: rows.map(name), axis: null, padding: 0.1 },
        marks: [
          plot.barX(rows, { x: 'separate', y: name, insetTop: 19, className: 'bar-own' }),
          plot.barX(rows, { x: 'planned', y: name, insetTop: 19, className: 'bar-share' }),
          plot.text(rows, { ...text, text: name, frameAnchor: 'left', textAnchor: 'start' }),
          plot.text(rows, { ...text, text: share, frameAnchor: 'right', textAnchor: 'end' }),
        ],
      });
    },
    [rows, words, format],
  );
  return (
    <figure>
      <h3>{words.memory}</h3>
      <PlotFigure draw={draw} />
      <figcaption>
        <Key of="planned" text={words.planned} />
        <Key of="own" text={words.own} />
      </figcaption>
    </figure>
  );
}
