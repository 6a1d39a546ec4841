import type * as Plots from '@observablehq/plot';
import { useCallback } from 'preact/hooks';
import { PlotFigure } from '../shared/plot.tsx';
import { useWords } from '../shared/strings.ts';
import { DENSENETS, type Published, RESNETS } from './published.ts';
import { words as bothLanguages } from './why-densenet-strings.ts';
import './series.css';

/** Accuracy against parameters: up is better, left is smaller. */
export function ParametersFigure({ depth }: { depth: number }) {
  const words = useWords(bothLanguages).resNet;
  const draw = useCallback(
    (plot: typeof Plots, width: number) => {
      const at = { x: ({ parameters }: Published) => parameters / 1e6, y: ({ top1 }: Published) => 100 * top1 };
      const name = ({ depth }: Published) => String(depth);
      const family = (networks: readonly Published[], className: string) => [
        plot.line(networks, { ...at, className: `${className} line` }),
        plot.dot(networks, { ...at, r: (one: Published) => (one.depth === depth ? 8 : 5), className }),
        plot.text(networks, { ...at, text: name, dy: -15, className: 'figure-label' }),
      ];
      return plot.plot({
        width,
        height: Math.min(380, 240 + 0.2 * width),
        marginLeft: 40,
        marginTop: 30,
        marginBottom: 42,
        ariaLabel: words.figure,
        x: { domain: [0, 65], grid: true, label: words.parametersAxis, ticks: [0, 10, 20, 30, 40, 50, 60] },
        y: { domain: [69, 79.5], grid: true, label: words.accuracyAxis, ticks: [70, 72, 74, 76, 78] },
        r: { type: 'identity' },
        marks: [...family(RESNETS, 'others'), ...family(DENSENETS, 'ours')],
      });
    },
    [words, depth],
  );
  return (
    <figure class="series dense-plot">
      <PlotFigure draw={draw} />
      <figcaption>
        <span class="key-ours" aria-hidden="true" /> DenseNet <span class="key-others" aria-hidden="true" /> ResNet
      </figcaption>
    </figure>
  );
}
