import { type Plan, summarizePlan } from 'linnet';
import type { Card } from 'linnet/models';
import type { ComponentChildren } from 'preact';
import type { Timing } from '../network/classification.ts';
import { useFormat } from '../shared/format.ts';
import { useDatasetName, useStrings } from '../shared/strings.ts';

interface Props {
  plan: Plan;
  card: Card;
  timing: Timing | undefined;
  compileMs: number | undefined;
}

/** What is known of a network, and the times where it runs. */
export function Facts({ plan, card: { accuracy, licence, source }, timing, compileMs }: Props) {
  const words = useStrings().facts;
  const format = useFormat();
  const datasetName = useDatasetName();
  const { macs, parameters, activationBytes } = summarizePlan(plan);
  const [, channels = 0, height = 0, width = 0] = Object.values(plan.inputs)[0]?.shape ?? [];
  const facts: readonly (readonly [string, ComponentChildren])[] = [
    [words.input, words.inputOf(width, height, channels)],
    [words.work, words.workOf(format.compact(macs), format.compact(parameters))],
    [words.memory, format.memory(activationBytes)],
    [
      words.accuracy,
      accuracy?.top1 !== undefined && words.top1(format.percent(accuracy.top1), datasetName(accuracy.dataset)),
    ],
    [
      words.accuracy,
      accuracy?.meanIoU !== undefined && words.iou(format.points(accuracy.meanIoU), datasetName(accuracy.dataset)),
    ],
    [words.inference, timing && words.medianOf(format.milliseconds(timing.median), timing.runs)],
    [words.first, timing && format.milliseconds(timing.first)],
    [words.compile, compileMs !== undefined && format.milliseconds(compileMs)],
    [words.licence, licence],
    [words.source, source && linked(source)],
  ];
  return (
    <dl class="facts">
      {facts.map(
        ([term, fact], index) =>
          fact && (
            <div key={index}>
              <dt>{term}</dt>
              <dd>{fact}</dd>
            </div>
          ),
      )}
    </dl>
  );
}

/** Addresses in a text as links, which break behind their signs. */
function linked(text: string) {
  return text
    .split(/(https:\/\/[^\s)]+)/)
    .map((part, index) => (index % 2 === 1 ? <a href={part}>{breaking(part.replace('https://', ''))}</a> : part));
}

const breaking = (address: string) =>
  address.split(/(?<=[/_-])/).flatMap((piece, index) => (index === 0 ? [piece] : [<wbr key={index} />, piece]));
