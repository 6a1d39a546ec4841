import type * as Plots from '@observablehq/plot';
import { type Architecture, type Plan, planFor } from 'linnet';
import { useCallback, useMemo } from 'preact/hooks';
import type { Offer } from '../network/networks.ts';
import { useFormat } from '../shared/format.ts';
import { PlotFigure } from '../shared/plot.tsx';
import { useWords } from '../shared/strings.ts';
import { words as bothLanguages } from './why-mobilenet-strings.ts';

/** Table 4 of the MobileNet paper, with this page's own networks. */
export function Experiment({ offers }: { offers: readonly Offer[] }) {
  const words = useWords(bothLanguages).experiment;
  const separable = offers.find(({ id }) => id === 'separable');
  const full = offers.find(({ id }) => id === 'full');
  return (
    <section aria-labelledby="experiment-heading">
      <h2 id="experiment-heading">{words.heading}</h2>
      <p class="prose">{words.intro}</p>
      {separable && full ? <Comparison separable={separable} full={full} /> : <p>{words.missing}</p>}
    </section>
  );
}

interface Measured {
  plan: Plan;
  bytes: number;
  top1: number | undefined;
}

function measure(offer: Offer): Measured {
  // The two networks of the experiment have their architectures' names in their cards.
  return { plan: planFor(offer.architecture as Architecture), bytes: offer.bytes, top1: offer.card.accuracy?.top1 };
}

/** Of a stored number; the header and what is beside the trained numbers take a little more. */
const bitsOf = ({ bytes, plan }: Measured) => 8 * Math.max(1, Math.floor(bytes / plan.parameters));

function Comparison({ separable, full }: { separable: Offer; full: Offer }) {
  const words = useWords(bothLanguages).experiment;
  const format = useFormat();
  const [small, large] = useMemo(() => [measure(separable), measure(full)], [separable, full]);
  const rows = useMemo(() => {
    const row = (measure: string, of: (measured: Measured) => number, write: (value: number) => string) => ({
      measure,
      separable: write(of(small)),
      full: write(of(large)),
      share: of(small) / of(large),
    });
    return [
      row(words.parameters, ({ plan }) => plan.parameters, format.integer),
      row(words.macs, ({ plan }) => plan.macs, format.integer),
      row(words.file, ({ bytes }) => bytes, format.file),
      row(words.accuracy, ({ top1 }) => top1 ?? Number.NaN, format.accuracy),
    ].filter(({ share }) => Number.isFinite(share));
  }, [small, large, words, format]);

  const draw = useCallback(
    (plot: typeof Plots, width: number) =>
      plot.plot({
        width,
        height: rows.length * 50 + 30,
        marginLeft: 4,
        marginRight: 48,
        marginTop: 4,
        ariaLabel: words.plot,
        x: {
          domain: [0, Math.max(1, ...rows.map(({ share }) => share))],
          label: null,
          tickFormat: '.0%',
          ticks: [0, 0.25, 0.5, 0.75, 1],
        },
        y: { domain: rows.map(({ measure }) => measure), axis: null, padding: 0.15 },
        marks: [
          plot.barX(rows, { x1: 0, x2: 1, y: 'measure', insetTop: 20, className: 'bar-whole' }),
          plot.barX(rows, { x: 'share', y: 'measure', insetTop: 20, className: 'bar-share' }),
          plot.text(rows, {
            x: 0,
            y: 'measure',
            text: 'measure',
            textAnchor: 'start',
            lineAnchor: 'bottom',
            dy: -6,
            className: 'bar-label',
          }),
          plot.text(rows, {
            x: 'share',
            y: 'measure',
            text: ({ share }: { share: number }) => format.percent(share),
            textAnchor: 'start',
            dx: 6,
            dy: 10,
            className: 'bar-label',
          }),
        ],
      }),
    [rows, words, format],
  );

  const byMeasure = (measure: string) => rows.find((row) => row.measure === measure)?.share;
  const [parameters, macs] = [byMeasure(words.parameters) ?? 0, byMeasure(words.macs) ?? 0];
  const gap = (small.top1 ?? Number.NaN) - (large.top1 ?? Number.NaN);
  return (
    <>
      <div class="comparison">
        <div class="scroll">
          <table class="measures">
            <thead>
              <tr>
                <th scope="col">{words.measure}</th>
                <th scope="col" class="number">
                  {words.separable}
                </th>
                <th scope="col" class="number">
                  {words.full}
                </th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.measure}>
                  <th scope="row">{row.measure}</th>
                  <td class="number">{row.separable}</td>
                  <td class="number">{row.full}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <figure>
          <figcaption>{words.plot}</figcaption>
          <PlotFigure draw={draw} />
        </figure>
      </div>
      {Number.isFinite(gap) && (
        <p class="prose conclusion">
          {words.conclusion(
            format.percent(parameters),
            format.percent(macs),
            format.points(Math.abs(gap) * 100),
            gap > 0 ? 'above' : 'below',
          )}
        </p>
      )}
      <p class="prose quiet small">
        {words.accuracyNote(separable.card.accuracy?.dataset ?? '')}{' '}
        {bitsOf(small) > bitsOf(large) && words.bitsNote(bitsOf(small), bitsOf(large))}
      </p>
    </>
  );
}
