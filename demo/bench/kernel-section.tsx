import type * as Plots from '@observablehq/plot';
import { useCallback, useId, useMemo } from 'preact/hooks';
import { useFormat } from '../shared/format.ts';
import { PlotFigure } from '../shared/plot.tsx';
import { useWords } from '../shared/strings.ts';
import { words as bothLanguages } from './bench-strings.ts';
import type { KernelReport, NetworkReport } from './measure.ts';

/** Kernels in the figure at most; the table has all of them. */
const SHOWN = 24;

/** A network's kernels: how long each takes, and how long it would at the GPU's best. */
export function KernelSection({ network: { name, kernels } }: { network: NetworkReport }) {
  const words = useWords(bothLanguages).kernels;
  const heading = useId();
  const longest = useMemo(() => {
    const limit = kernels.map(({ ms }) => ms.median).toSorted((a, b) => b - a)[SHOWN - 1] ?? 0;
    return kernels.filter(({ ms }) => ms.median >= limit).slice(0, SHOWN);
  }, [kernels]);
  return (
    <section aria-labelledby={heading}>
      <h2 id={heading}>{words.heading(name)}</h2>
      <figure>
        <Bars kernels={longest} label={words.heading(name)} />
        <figcaption class="bench-key">
          {words.longest(longest.length, kernels.length)}. <span class="key-took" aria-hidden="true" /> {words.took}{' '}
          <span class="key-best" aria-hidden="true" /> {words.best}
        </figcaption>
      </figure>
      <details>
        <summary>{words.all}</summary>
        <KernelTable kernels={kernels} />
      </details>
    </section>
  );
}

function Bars({ kernels, label }: { kernels: readonly KernelReport[]; label: string }) {
  const words = useWords(bothLanguages).kernels;
  const format = useFormat();
  const draw = useCallback(
    (plot: typeof Plots, width: number) => {
      const y = ({ name }: KernelReport) => name;
      const took = ({ ms }: KernelReport) => ms.median;
      const best = ({ ms, share }: KernelReport) => ms.median * Math.min(1, share);
      const text = { y, lineAnchor: 'bottom', dy: -1, className: 'bench-bar-label' } as const;
      return plot.plot({
        width,
        height: kernels.length * 34 + 8,
        margin: 0,
        marginBottom: 8,
        ariaLabel: label,
        x: { domain: [0, Math.max(...kernels.map(took))], axis: null },
        y: { domain: kernels.map(y), axis: null, padding: 0.1 },
        marks: [
          plot.barX(kernels, { x: took, y, insetTop: 19, className: 'bench-took' }),
          plot.barX(kernels, { x: best, y, insetTop: 19, className: 'bar-share' }),
          plot.text(kernels, { ...text, text: y, frameAnchor: 'left', textAnchor: 'start' }),
          plot.text(kernels, {
            ...text,
            text: ({ ms, share }: KernelReport) =>
              words.bar(format.milliseconds(ms.median), format.percent(Math.min(1, share))),
            frameAnchor: 'right',
            textAnchor: 'end',
          }),
        ],
      });
    },
    [kernels, label, words, format],
  );
  return <PlotFigure draw={draw} />;
}

function KernelTable({ kernels }: { kernels: readonly KernelReport[] }) {
  const words = useWords(bothLanguages).kernels;
  const format = useFormat();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section class="scroll" aria-label={words.label} tabIndex={0}>
      <table class="measures bench-table">
        <thead>
          <tr>
            {Object.entries(words.columns).map(([column, title]) => (
              <th key={column} scope="col" class={column === 'name' || column === 'kind' ? '' : 'number'}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {kernels.map(({ name, kind, ms, part, gflops, share, bound, bytes }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{kind}</td>
              <td class="number">{format.milliseconds(ms.median)}</td>
              <td class="number">
                {format.points(ms.least)}–{format.points(ms.most)}
              </td>
              <td class="number">{format.percent(part)}</td>
              <td class="number">{format.points(gflops)}</td>
              <td class="number">{format.percent(share)}</td>
              <td class="number">{words[bound]}</td>
              <td class="number">{format.memory(bytes)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
