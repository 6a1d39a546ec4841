import type * as Plots from '@observablehq/plot';
import { useCallback } from 'preact/hooks';
import { PlotFigure } from '../shared/plot.tsx';
import { useWords } from '../shared/strings.ts';
import { CARDINALITIES, ERRORS } from './resnext-block.ts';
import { words as bothLanguages } from './why-resnext-strings.ts';
import './series.css';

/** Table 3's errors over the cardinality, the chosen one marked. */
export function ErrorsFigure({ cardinality }: { cardinality: number }) {
  const words = useWords(bothLanguages).result;
  const draw = useCallback(
    (plot: typeof Plots, width: number) => {
      const series = (errors: Readonly<Record<number, number>>, className: string) => {
        const points = CARDINALITIES.map((each) => ({ paths: each, error: errors[each] ?? Number.NaN }));
        const at = { x: 'paths', y: 'error' } as const;
        return [
          plot.line(points, { ...at, className: `${className} line` }),
          plot.dot(points, { ...at, r: ({ paths }: { paths: number }) => (paths === cardinality ? 8 : 4), className }),
          plot.text(
            points.filter(({ paths }) => paths === cardinality),
            {
              ...at,
              text: ({ error }: { error: number }) => `${error.toFixed(1)}%`,
              dy: -17,
              className: 'figure-label',
            },
          ),
        ];
      };
      return plot.plot({
        width,
        height: 280,
        marginLeft: 40,
        marginTop: 30,
        marginBottom: 42,
        ariaLabel: words.figure,
        x: { type: 'point', domain: CARDINALITIES, label: words.cardinalityAxis },
        y: { domain: [20.8, 24.4], grid: true, label: words.errorAxis, ticks: [21, 22, 23, 24] },
        r: { type: 'identity' },
        marks: [...series(ERRORS[50], 'ours'), ...series(ERRORS[101], 'others')],
      });
    },
    [words, cardinality],
  );
  return (
    <figure class="series errors">
      <PlotFigure draw={draw} />
      <figcaption>
        <span class="key-ours" aria-hidden="true" /> {words.layers(50)} <span class="key-others" aria-hidden="true" />{' '}
        {words.layers(101)}
      </figcaption>
    </figure>
  );
}
