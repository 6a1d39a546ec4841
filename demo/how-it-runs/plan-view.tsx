import { type Plan, summarizePlan } from 'linnet';
import { useMemo } from 'preact/hooks';
import { useFormat } from '../shared/format.ts';
import { useStrings } from '../shared/strings.ts';
import { Arenas } from './arenas.tsx';
import { LayerTable } from './layer-table.tsx';

interface Props {
  plan: Plan;
  name: string;
  /** Whether the plan is for this page's device. */
  compiled: boolean;
}

/** What a network is going to do: in numbers, kernel by kernel, and over time in memory. */
export function PlanView({ plan, name, compiled }: Props) {
  const words = useStrings().plan;
  const format = useFormat();
  const cost = useMemo(() => summarizePlan(plan), [plan]);
  const numbers = [
    { value: format.integer(cost.dispatches), unit: words.dispatches, note: words.dispatchesNote },
    { value: format.integer(cost.pipelines), unit: words.pipelines, note: words.pipelinesNote },
    {
      value: format.memory(cost.activationBytes),
      unit: words.activations,
      note: words.against(format.memory(cost.separateBytes)),
    },
    { value: format.memory(cost.weightBytes), unit: words.weights, note: words.weightsNote },
    { value: format.compact(cost.macs), unit: words.macs, note: words.macsNote },
    { value: format.compact(cost.parameters), unit: words.parameters },
  ];
  return (
    <section id="plan" aria-labelledby="plan-heading">
      <h2 id="plan-heading">{words.heading}</h2>
      <p class="prose">
        {words.intro(name)} {!compiled && words.withoutGpu}
      </p>
      <ul class="numbers">
        {numbers.map(({ value, unit, note }) => (
          <li key={unit}>
            <strong>{value}</strong> <span>{unit}</span>
            {note && <small>{note}</small>}
          </li>
        ))}
      </ul>
      <h3>{words.layers}</h3>
      <p class="prose">{words.layersNote}</p>
      <LayerTable plan={plan} />
      <h3>{words.arenas}</h3>
      <p class="prose">{words.arenasNote}</p>
      <Arenas plan={plan} />
    </section>
  );
}
