import { useState } from 'preact/hooks';
import { useFormat } from '../shared/format.ts';
import { useWords } from '../shared/strings.ts';
import { type Cost, convolutionCosts, possibleGroups } from './convolution-cost.ts';
import { Dial } from './dial.tsx';
import { Guess } from './guess.tsx';
import { words as bothLanguages } from './why-mobilenet-strings.ts';

const KERNELS = [1, 3, 5, 7];
const CHANNELS = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512];
const SIZES = [7, 14, 28, 56, 112, 224];

/** The side of the square that stands for a standard convolution. */
const SIDE = 150;
const GAP = 4;
/** With a 1 x 1 kernel and one output channel both parts of the separable convolution are as large as the standard one. */
const WIDTH = 2 * SIDE + GAP;

/** What a layer costs as a standard, a depthwise separable and a grouped convolution. */
export function Arithmetic() {
  const words = useWords(bothLanguages).arithmetic;
  const format = useFormat();
  const [kernel, setKernel] = useState(3);
  const [inChannels, setInChannels] = useState(512);
  const [outChannels, setOutChannels] = useState(512);
  const [size, setSize] = useState(14);
  const [wantedGroups, setGroups] = useState(32);
  const divisors = possibleGroups(inChannels, outChannels);
  const groups = divisors.findLast((divisor) => divisor <= wantedGroups) ?? 1;
  const costs = convolutionCosts({ kernel, inChannels, outChannels, size, groups });
  const share = (cost: Cost) => format.percent(cost.weights / costs.standard.weights);
  const rows = [
    ['standard', words.standard, costs.standard],
    ['depthwise', words.depthwise, costs.depthwise],
    ['pointwise', words.pointwise, costs.pointwise],
    ['separable', words.separable, costs.separable],
    ['grouped', words.grouped(groups), costs.grouped],
  ] as const;

  return (
    <section aria-labelledby="arithmetic-heading">
      <h2 id="arithmetic-heading">{words.heading}</h2>
      <p class="prose">{words.intro}</p>
      <Guess
        question={words.question}
        options={words.options}
        answer={words.answer}
        explanation={words.explanation}
        reveals={
          <>
            <div class="dials">
              <Dial
                label={words.kernel}
                values={KERNELS}
                value={kernel}
                show={(k) => `${k} × ${k}`}
                onChange={setKernel}
              />
              <Dial label={words.inChannels} values={CHANNELS} value={inChannels} onChange={setInChannels} />
              <Dial label={words.outChannels} values={CHANNELS} value={outChannels} onChange={setOutChannels} />
              <Dial label={words.size} values={SIZES} value={size} show={(s) => `${s} × ${s}`} onChange={setSize} />
              <Dial label={words.groups} values={divisors} value={groups} onChange={setGroups} />
            </div>
            <div class="blocks">
              <Blocks
                name={words.standard}
                number={format.integer(costs.standard.weights)}
                of={costs.standard.weights}
                parts={[costs.standard.weights]}
              />
              <Blocks
                name={words.separable}
                number={format.integer(costs.separable.weights)}
                of={costs.standard.weights}
                parts={[costs.depthwise.weights, costs.pointwise.weights]}
              />
              <Blocks
                name={words.grouped(groups)}
                number={format.integer(costs.grouped.weights)}
                of={costs.standard.weights}
                parts={[costs.grouped.weights]}
              />
            </div>
            <p class="quiet small">{words.scale}</p>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and so the keyboard must reach it. */}
            <section class="scroll costs" aria-label={words.costs} tabIndex={0}>
              <table class="measures">
                <thead>
                  <tr>
                    <th scope="col">{words.kind}</th>
                    <th scope="col" class="number">
                      {words.weights}
                    </th>
                    <th scope="col" class="number">
                      {words.macs}
                    </th>
                    <th scope="col" class="number">
                      {words.share}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map(([id, name, cost]) => (
                    <tr key={id} class={id === 'depthwise' || id === 'pointwise' ? 'part' : ''}>
                      <th scope="row">{name}</th>
                      <td class="number">{format.integer(cost.weights)}</td>
                      <td class="number" title={format.integer(cost.macs)}>
                        {format.compact(cost.macs)}
                      </td>
                      <td class="number">{share(cost)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
            <p class="prose" aria-live="polite">
              {words.ratio(outChannels, kernel, share(costs.separable))}
            </p>
            <p class="prose">{words.groupedText}</p>
          </>
        }
      />
    </section>
  );
}

/** Squares whose areas are to each other as the weights that they stand for. */
function Blocks({ name, number, of, parts }: { name: string; number: string; of: number; parts: readonly number[] }) {
  const sides = parts.map((part) => SIDE * Math.sqrt(part / of));
  let x = 0;
  return (
    <figure>
      <svg viewBox={`0 0 ${WIDTH} ${SIDE}`} aria-hidden="true">
        {sides.map((side, index) => {
          const at = x;
          x += side + GAP;
          return <rect key={index} x={at} y={SIDE - side} width={side} height={side} class={index ? 'second' : ''} />;
        })}
      </svg>
      <figcaption>
        <strong>{number}</strong> {name}
      </figcaption>
    </figure>
  );
}
