import { type Plan, summarizePlan } from 'linnet';
import { denseNet, resNet } from 'linnet/architectures';
import { useMemo, useRef, useState } from 'preact/hooks';
import type { ViewProps } from '../frame/view-props.ts';
import { usePlan } from '../network/use-plan.ts';
import { useFormat } from '../shared/format.ts';
import { useWords } from '../shared/strings.ts';
import { Choice } from './choice.tsx';
import { Connections } from './connections.tsx';
import { Guess } from './guess.tsx';
import { LearnedBlock } from './learned-block.tsx';
import { ParametersFigure } from './parameters-figure.tsx';
import { Player } from './player.tsx';
import { DENSENETS, type Published, RESNETS } from './published.ts';
import {
  type Access,
  activationTraffic,
  bytesOf,
  channelsAfter,
  concatenationBytes,
  type DenseBlock,
  denseBlocks,
} from './why-densenet-blocks.ts';
import { words as bothLanguages } from './why-densenet-strings.ts';
import './why-densenet.css';

const DEPTHS = [121, 161, 169, 201] as const;
type Depth = (typeof DEPTHS)[number];

const RESNET = resNet({ depth: 50 });

const accuracyOf = (networks: readonly Published[], depth: number) =>
  networks.find((network) => network.depth === depth)?.top1 ?? Number.NaN;

/** The growing tensor of a dense block, from the plan, and what the network is in numbers. */
export default function WhyDenseNet(view: ViewProps) {
  const words = useWords(bothLanguages);
  const [wanted, setWanted] = useState<Depth>(121);
  const [block, setBlock] = useState(0);
  const [layer, setLayer] = useState(4);
  const made = usePlan(useMemo(() => denseNet({ depth: wanted }), [wanted]));
  // Until the next one's plan is there.
  const latest = useRef<{ plan: Plan; depth: Depth }>(undefined);
  if (made) latest.current = { plan: made, depth: wanted };
  const { plan, depth = wanted } = latest.current ?? {};
  const blocks = useMemo(() => (plan ? denseBlocks(plan) : []), [plan]);
  const chosen = blocks[block];
  if (!plan || !chosen) return null;
  const shown = Math.min(layer, chosen.layers.length);
  const choices = words.growing;
  const copied = blocks.reduce((sum, each) => sum + concatenationBytes(each), 0);
  return (
    <>
      <p class="lead">{words.lead}</p>
      <p class="quiet small">
        {words.paper}{' '}
        <a href="https://arxiv.org/abs/1608.06993">Densely Connected Convolutional Networks, arXiv 1608.06993</a>
      </p>
      <section aria-labelledby="growing-heading">
        <h2 id="growing-heading">{choices.heading}</h2>
        <p class="prose">{choices.intro}</p>
        <div class="dense-choices">
          <Choice
            label={choices.network}
            values={DEPTHS}
            value={wanted}
            show={choices.networkOf}
            onChange={setWanted}
          />
          <Choice
            label={choices.block}
            values={[...blocks.keys()]}
            value={block}
            show={(index) => choices.blockOf(index + 1, blocks[index]?.layers.length ?? 0)}
            onChange={setBlock}
          />
        </div>
        <Player
          label={choices.layer}
          last={chosen.layers.length - 1}
          step={shown - 1}
          stepsPerSecond={Math.max(1.5, chosen.layers.length / 8)}
          spoken={choices.layerOf(shown, chosen.layers.length)}
          onStep={(step) => setLayer(step + 1)}
        />
        <p class="dense-now" aria-live="polite">
          <strong>{choices.layerNamed(shown, chosen.layers.length)}</strong> {choices.reading(shown)}
        </p>
        <figure>
          <Connections
            layers={chosen.layers.length}
            layer={shown}
            channels={chosen.input.count}
            growthRate={chosen.layers[0]?.writes.count ?? 0}
            onPick={setLayer}
          />
          <figcaption>{choices.connectionsNote}</figcaption>
        </figure>
        <h3>{choices.tensor}</h3>
        <p class="prose">{choices.tensorText}</p>
        <Growing
          block={chosen}
          layer={shown}
          copies={plan.kernels.filter(({ kind }) => kind === 'copy').length}
          onPick={setLayer}
        />
      </section>
      <LearnedBlock {...view} />
      <Totals name={choices.networkOf(depth)} blocks={blocks} copied={copied} traffic={activationTraffic(plan)} />
      <Ideas growthRate={chosen.layers[0]?.writes.count ?? 0} />
      <BesideResNet name={choices.networkOf(depth)} plan={plan} copied={copied} depth={depth} />
    </>
  );
}

interface GrowingProps {
  block: DenseBlock;
  /** How many layers have run, the shown one included. */
  layer: number;
  /** Copy kernels in the plan. */
  copies: number;
  onPick: (layer: number) => void;
}

/** A row for each layer of the block, with the channels that it reads and writes. */
function Growing({ block, layer, copies, onPick }: GrowingProps) {
  const words = useWords(bothLanguages).growing;
  const format = useFormat();
  const { input, layers, channels, height, width, bytes } = block;
  const current = layers[layer - 1];
  if (!current) return null;
  const { reads, writes } = current;
  // People count from 1.
  const range = ({ first, count }: Access) => [first + 1, first + count] as const;
  return (
    <>
      <figure class="dense-figure">
        <svg
          role="img"
          viewBox={`0 0 ${channels} ${layers.length}`}
          preserveAspectRatio="none"
          style={{ height: `${Math.min(20, Math.max(7, 280 / layers.length)) * layers.length}px` }}
          aria-label={words.figure(layer, reads.count, ...range(writes), channels)}
        >
          {layers.map((each, index) => (
            // biome-ignore lint/a11y/noStaticElementInteractions: the slider above does the same by keyboard.
            <g
              key={index}
              class={index === layer - 1 ? 'dense-row current' : index < layer ? 'dense-row' : 'dense-row later'}
              transform={`translate(0 ${index})`}
              onClick={() => onPick(index + 1)}
            >
              <rect class="rest" width={channels} height={0.84} />
              <rect class="read" x={each.reads.first} width={each.reads.count} height={0.84} />
              <rect class="written" x={each.writes.first} width={each.writes.count} height={0.84} />
            </g>
          ))}
        </svg>
        <figcaption>{words.scale(channels, height, width)}</figcaption>
      </figure>
      <ul class="dense-legend">
        <li>
          <span class="swatch read" />
          <span>
            <code>{reads.kernel}</code> {words.reads(...range(reads))}
          </span>
        </li>
        <li>
          <span class="swatch written" />
          <span>
            <code>{writes.kernel}</code> {words.writes(...range(writes))}
          </span>
        </li>
        <li>
          <span class="swatch rest" />
          <span>{words.later}</span>
        </li>
      </ul>
      <p class="quiet small">
        <code>{input.kernel}</code> {words.begins(input.count)}.
      </p>
      <ul class="numbers" aria-live="polite">
        <li>
          <strong>{format.memory(bytesOf(block, channelsAfter(block, layer)))}</strong> {words.filled}{' '}
          <small>{words.ofTensor(format.memory(bytes))}</small>
        </li>
        <li>
          <strong>{format.memory(concatenationBytes(block, layer))}</strong> {words.copied}{' '}
          <small>{words.copiedNote}</small>
        </li>
        <li>
          <strong>{format.memory(0)}</strong> {words.here} <small>{words.hereNote(copies)}</small>
        </li>
      </ul>
    </>
  );
}

interface TotalsProps {
  name: string;
  blocks: readonly DenseBlock[];
  /** Bytes that concatenation would have moved, and those that the plan's kernels read and write. */
  copied: number;
  traffic: number;
}

function Totals({ name, blocks, copied, traffic }: TotalsProps) {
  const words = useWords(bothLanguages).totals;
  const format = useFormat();
  const sum = (of: (block: DenseBlock) => number) => blocks.reduce((total, block) => total + of(block), 0);
  return (
    <section aria-labelledby="totals-heading">
      <h2 id="totals-heading">{words.heading}</h2>
      <p class="prose">{words.intro(name, format.memory(copied), format.memory(traffic))}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and so the keyboard must reach it. */}
      <section class="scroll" aria-label={words.label} tabIndex={0}>
        <table class="measures dense-totals">
          <thead>
            <tr>
              <th scope="col">{words.block}</th>
              {[words.map, words.layers, words.channels, words.tensor, words.copied, words.here].map((head) => (
                <th key={head} scope="col" class="number">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {blocks.map((block, index) => (
              <tr key={index}>
                <th scope="row">{index + 1}</th>
                <td class="number">
                  {block.height} × {block.width}
                </td>
                <td class="number">{block.layers.length}</td>
                <td class="number">
                  {block.input.count} → {block.channels}
                </td>
                <td class="number">{format.memory(block.bytes)}</td>
                <td class="number">{format.memory(concatenationBytes(block))}</td>
                <td class="number">{format.memory(0)}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">{words.all}</th>
              <td />
              <td class="number">{sum(({ layers }) => layers.length)}</td>
              <td />
              <td class="number">{format.memory(sum(({ bytes }) => bytes))}</td>
              <td class="number">{format.memory(copied)}</td>
              <td class="number">{format.memory(0)}</td>
            </tr>
          </tfoot>
        </table>
      </section>
      <p class="prose quiet small dense-note">
        {words.note} <a href="https://arxiv.org/abs/1707.06990">{words.report}</a>
      </p>
    </section>
  );
}

function Ideas({ growthRate }: { growthRate: number }) {
  const words = useWords(bothLanguages).ideas;
  const ideas = [
    [words.reuse, words.reuseText],
    [words.growth, words.growthText(growthRate)],
    [words.bottleneck, words.bottleneckText(growthRate)],
    [words.transition, words.transitionText],
  ];
  return (
    <section aria-labelledby="ideas-heading">
      <h2 id="ideas-heading">{words.heading}</h2>
      <dl class="dense-ideas">
        {ideas.map(([idea, text]) => (
          <div key={idea}>
            <dt>{idea}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <p class="prose">{words.prologue}</p>
    </section>
  );
}

interface BesideResNetProps {
  name: string;
  plan: Plan;
  copied: number;
  depth: Depth;
}

function BesideResNet({ name, plan, copied, depth }: BesideResNetProps) {
  const words = useWords(bothLanguages).resNet;
  const format = useFormat();
  const other = usePlan(RESNET);
  const summaries = useMemo(() => other && ([summarizePlan(plan), summarizePlan(other)] as const), [plan, other]);
  if (!other || !summaries) return null;
  const [dense, residual] = summaries;
  const traffic = activationTraffic(plan);
  const [accuracy, ofResNet] = [accuracyOf(DENSENETS, depth), accuracyOf(RESNETS, 50)];
  const rows = [
    [words.parameters, format.compact(dense.parameters), format.compact(residual.parameters)],
    [words.macs, format.compact(dense.macs), format.compact(residual.macs)],
    [words.accuracy, format.accuracy(accuracy), format.accuracy(ofResNet)],
    [words.dispatches, format.integer(dense.dispatches), format.integer(residual.dispatches)],
    [words.memory, format.memory(dense.activationBytes), format.memory(residual.activationBytes)],
    [words.traffic, format.memory(traffic), format.memory(activationTraffic(other))],
  ];
  const gap = accuracy - ofResNet;
  return (
    <section aria-labelledby="beside-heading">
      <h2 id="beside-heading">{words.heading}</h2>
      <Guess
        question={words.question}
        options={words.options}
        answer={words.answer}
        explanation={words.explanation}
        reveals={
          <>
            <ParametersFigure depth={depth} />
            <h3>{words.table(name)}</h3>
            <div class="scroll dense-beside">
              <table class="measures">
                <thead>
                  <tr>
                    <th scope="col">{words.measure}</th>
                    <th scope="col" class="number">
                      {name}
                    </th>
                    <th scope="col" class="number">
                      ResNet-50
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map(([measure, ofDense, ofResidual]) => (
                    <tr key={measure}>
                      <th scope="row">{measure}</th>
                      <td class="number">{ofDense}</td>
                      <td class="number">{ofResidual}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
            <p class="prose conclusion">
              {words.conclusion(
                name,
                format.percent(dense.parameters / residual.parameters),
                format.percent(dense.macs / residual.macs),
                format.points(Math.abs(gap) * 100),
                gap > 0 ? 'above' : 'below',
              )}
            </p>
            <p class="prose">{words.caveat(format.memory(traffic), format.memory(traffic + copied))}</p>
            <p class="prose quiet small">
              {words.source}{' '}
              <a href="https://docs.pytorch.org/vision/stable/models.html#table-of-all-available-classification-weights">
                {words.sourceLink}
              </a>
            </p>
          </>
        }
      />
    </section>
  );
}
