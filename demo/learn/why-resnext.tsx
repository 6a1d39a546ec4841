import type { Plan } from 'linnet';
import { useState } from 'preact/hooks';
import type { ViewProps } from '../frame/view-props.ts';
import { usePlans } from '../network/use-plan.ts';
import { useFormat } from '../shared/format.ts';
import { useWords } from '../shared/strings.ts';
import { Dial } from './dial.tsx';
import { ErrorsFigure } from './errors-figure.tsx';
import { Guess } from './guess.tsx';
import { LearnedPaths } from './learned-paths.tsx';
import { CARDINALITIES, CHANNELS, ERRORS, resNeXtBlock, widthFor } from './resnext-block.ts';
import { ThreeForms } from './three-forms.tsx';
import { words as bothLanguages } from './why-resnext-strings.ts';
import './why-resnext.css';

/** ResNet's block is the first one, of a single path. */
const BLOCKS = CARDINALITIES.map((cardinality) => resNeXtBlock(cardinality, widthFor(cardinality)));

const costOf = ({ parameters, macs }: Plan) => ({ parameters, macs });

/** Cardinality at constant cost: the paths of a block, drawn and counted. */
export default function WhyResNeXt(view: ViewProps) {
  const words = useWords(bothLanguages);
  const format = useFormat();
  const [cardinality, setCardinality] = useState(32);
  const width = widthFor(cardinality);
  const costs = usePlans(BLOCKS, costOf);
  const [cost, resNet] = [costs?.[CARDINALITIES.indexOf(cardinality)], costs?.[0]];
  const { block, same, result } = words;
  const percent = (error = Number.NaN) => format.percent(error / 100);
  const rows: readonly (readonly [name: string, here: string, resNet: string])[] =
    cost && resNet
      ? [
          [block.inner, format.integer(cardinality * width), format.integer(widthFor(1))],
          [block.weights, format.integer(cost.parameters), format.integer(resNet.parameters)],
          [block.macs, format.compact(cost.macs), format.compact(resNet.macs)],
        ]
      : [];
  return (
    <>
      <p class="lead">{words.lead}</p>
      <p class="quiet small">
        {words.paper}{' '}
        <a href="https://arxiv.org/abs/1611.05431">
          Aggregated Residual Transformations for Deep Neural Networks, arXiv 1611.05431
        </a>
      </p>
      <section aria-labelledby="block-heading">
        <h2 id="block-heading">{block.heading}</h2>
        <p class="prose">{block.intro}</p>
        <Guess
          question={block.question}
          options={block.options}
          answer={block.answer}
          explanation={block.explanation}
          reveals={
            <>
              <div class="cardinality">
                <Dial
                  label={block.cardinality}
                  values={CARDINALITIES}
                  value={cardinality}
                  spoken={(value) => block.paths(value, widthFor(value))}
                  onChange={setCardinality}
                />
              </div>
              <p aria-live="polite">
                <strong>{block.paths(cardinality, width)}</strong>{' '}
                {result.errors(percent(ERRORS[50][cardinality]), percent(ERRORS[101][cardinality]))}
              </p>
              <div class="resnext">
                <figure>
                  <Paths cardinality={cardinality} width={width} />
                  <figcaption>{block.figure(cardinality, width)}</figcaption>
                </figure>
                <figure>
                  <Connections cardinality={cardinality} width={width} />
                  <figcaption>{block.matrix(cardinality)}</figcaption>
                </figure>
              </div>
              <table class="measures">
                <thead>
                  <tr>
                    <th scope="col">{block.measure}</th>
                    <th scope="col" class="number">
                      {block.here}
                    </th>
                    <th scope="col" class="number">
                      {block.resNet}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map(([name, here, resNet]) => (
                    <tr key={name}>
                      <th scope="row">{name}</th>
                      <td class="number">{here}</td>
                      <td class="number">{resNet}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
              <p class="quiet small">{block.counted}</p>
              <h3>{result.heading}</h3>
              <p class="prose">{result.text}</p>
              <ErrorsFigure cardinality={cardinality} />
            </>
          }
        />
      </section>
      <LearnedPaths {...view} />
      <section aria-labelledby="same-heading">
        <h2 id="same-heading">{same.heading}</h2>
        <p class="prose">{same.text}</p>
        <ThreeForms cardinality={cardinality} width={width} />
        <p class="prose">{same.gpu}</p>
      </section>
    </>
  );
}

interface Paths {
  cardinality: number;
  width: number;
}

/** 256 channels, the paths in the middle, 256 channels: a unit of width for each. */
function Paths({ cardinality, width }: Paths) {
  // Gaps are no channels; with 64 paths they must be thin.
  const gap = Math.min(6, 120 / cardinality);
  const total = cardinality * width + (cardinality - 1) * gap;
  const left = (CHANNELS - total) / 2;
  const paths = Array.from({ length: cardinality }, (_, index) => left + index * (width + gap));
  return (
    <svg viewBox={`0 0 ${CHANNELS} 150`} aria-hidden="true">
      <rect class="map" x={0} y={0} width={CHANNELS} height={16} />
      <rect class="map" x={0} y={134} width={CHANNELS} height={16} />
      {/* One opacity for all: opacities low enough to add up over 64 paths lose their colour to rounding. */}
      <g opacity={0.3}>
        {paths.map((x) => (
          <path
            key={x}
            class="way"
            d={`M0 16 L${x} 60 H${x + width} L${CHANNELS} 16 Z M0 134 L${x} 90 H${x + width} L${CHANNELS} 134 Z`}
          />
        ))}
      </g>
      {paths.map((x) => (
        <rect key={x} class="path" x={x} y={60} width={width} height={30} />
      ))}
    </svg>
  );
}

/** The filter of the 3 x 3 convolution as a matrix of channels by channels: what is zero is empty. */
function Connections({ cardinality, width }: Paths) {
  const side = cardinality * width;
  return (
    <svg viewBox="0 0 150 150" aria-hidden="true">
      <rect class="nothing" x={0.5} y={0.5} width={149} height={149} />
      {Array.from({ length: cardinality }, (_, index) => {
        const at = (index * width * 150) / side;
        const size = (width * 150) / side;
        return <rect key={index} class="path" x={at} y={at} width={size} height={size} />;
      })}
    </svg>
  );
}
