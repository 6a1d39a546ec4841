import type { Architecture, Plan } from 'linnet';
import { useMemo } from 'preact/hooks';
import type { Offer } from '../network/networks.ts';
import { usePlans } from '../network/use-plan.ts';
import { useFormat } from '../shared/format.ts';
import { useDatasetName, useWords } from '../shared/strings.ts';
import { words as bothLanguages } from './why-mobilenet-strings.ts';

/** Table 4 of arXiv 1704.04861: MobileNet on ImageNet, with standard convolutions and with separable ones. */
const PAPER = {
  parameters: { standard: 29.3e6, separable: 4.2e6 },
  macs: { standard: 4866e6, separable: 569e6 },
  accuracy: { standard: 0.717, separable: 0.706 },
} as const;

/** The paper's comparison, and the same with this page's own networks. */
export function Experiment({ offers }: { offers: readonly Offer[] }) {
  const words = useWords(bothLanguages).experiment;
  const format = useFormat();
  const separable = offers.find(({ id }) => id === 'separable');
  const standard = offers.find(({ id }) => id === 'full');
  const pair = usePair(separable, standard);
  return (
    <section aria-labelledby="experiment-heading">
      <h2 id="experiment-heading">{words.heading}</h2>
      <p class="prose">{words.intro}</p>
      <div class="experiment">
        <div>
          <h3>{words.paper}</h3>
          <Shares
            rows={[
              { measure: words.parameters, ...PAPER.parameters, write: format.compact },
              { measure: words.macs, ...PAPER.macs, write: format.compact },
              { measure: words.accuracy, ...PAPER.accuracy, write: format.percent },
            ]}
          />
        </div>
        {pair && <Ours {...pair} />}
        {!(separable && standard) && <p>{words.missing}</p>}
      </div>
      {pair && <Conclusion {...pair} />}
    </section>
  );
}

interface Measured extends Cost {
  readonly bytes: number;
  readonly top1: number;
  readonly dataset: string;
}

interface Pair {
  readonly small: Measured;
  readonly large: Measured;
}

type Cost = Pick<Plan, 'parameters' | 'macs'>;
const costOf = ({ parameters, macs }: Plan): Cost => ({ parameters, macs });

/** What is known of the two networks, once they are planned. */
function usePair(separable: Offer | undefined, standard: Offer | undefined): Pair | undefined {
  const offers = useMemo(() => separable && standard && [separable, standard], [separable, standard]);
  // Both have their architectures' names in their cards.
  const architectures = useMemo(() => offers?.map(({ architecture }) => architecture as Architecture), [offers]);
  const costs = usePlans(architectures, costOf);
  const measured =
    costs &&
    offers?.map(
      ({ bytes, card: { accuracy } }, index): Measured => ({
        ...(costs[index] as Cost),
        bytes,
        top1: accuracy?.top1 ?? Number.NaN,
        dataset: accuracy?.dataset ?? '',
      }),
    );
  const [small, large] = measured ?? [];
  return small && large && { small, large };
}

function Ours({ small, large }: Pair) {
  const words = useWords(bothLanguages).experiment;
  const format = useFormat();
  const row = (measure: string, of: (measured: Measured) => number, write: (value: number) => string) => ({
    measure,
    standard: of(large),
    separable: of(small),
    write,
  });
  return (
    <div>
      <h3>{words.ours}</h3>
      <Shares
        rows={[
          row(words.parameters, ({ parameters }) => parameters, format.compact),
          row(words.macs, ({ macs }) => macs, format.compact),
          row(words.accuracy, ({ top1 }) => top1, format.accuracy),
          row(words.file, ({ bytes }) => bytes, format.file),
        ]}
      />
    </div>
  );
}

interface SharesProps {
  rows: readonly { measure: string; standard: number; separable: number; write: (value: number) => string }[];
}

function Shares({ rows }: SharesProps) {
  const words = useWords(bothLanguages).experiment;
  const format = useFormat();
  return (
    <table class="measures shares">
      <thead>
        <tr>
          <th scope="col">{words.measure}</th>
          <th scope="col" class="number">
            {words.standard}
          </th>
          <th scope="col" class="number">
            {words.separable}
          </th>
          <th scope="col" class="number">
            {words.share}
          </th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ measure, standard, separable, write }) => (
          <tr key={measure}>
            <th scope="row">{measure}</th>
            <td class="number">{write(standard)}</td>
            <td class="number">{write(separable)}</td>
            <td class="number share" style={{ '--share': separable / standard }}>
              {format.percent(separable / standard)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Of a stored number; the header and what is beside the trained numbers take a little more. */
const bitsOf = ({ bytes, parameters }: Measured) => 8 * Math.max(1, Math.floor(bytes / parameters));

function Conclusion({ small, large }: Pair) {
  const words = useWords(bothLanguages).experiment;
  const datasetName = useDatasetName();
  const format = useFormat();
  const gap = small.top1 - large.top1;
  return (
    <>
      {Number.isFinite(gap) && (
        <p class="prose conclusion">
          {words.conclusion(
            format.percent(small.parameters / large.parameters),
            format.percent(small.macs / large.macs),
            format.points(Math.abs(gap) * 100),
            gap > 0 ? 'above' : 'below',
          )}
        </p>
      )}
      <p class="prose quiet small">
        {words.training} {words.accuracyNote(datasetName(small.dataset))}{' '}
        {bitsOf(small) > bitsOf(large) && words.bitsNote(bitsOf(small), bitsOf(large))}
      </p>
    </>
  );
}
