import type { Plan, PlannedKernel } from 'linnet';
import type { Layer } from '../network/layers-of.ts';
import { useFormat } from '../shared/format.ts';
import { useWords } from '../shared/strings.ts';
import { words as bothLanguages } from './layers-strings.ts';
import { withoutHalf } from './network-graph.ts';
import { WgslText } from './wgsl-text.tsx';

/** What one layer costs, where its result lies, and the code that makes it. */
export function LayerPanel({ plan, layer }: { plan: Plan; layer: Layer }) {
  const words = useWords(bothLanguages).panel;
  const format = useFormat();
  const planned = plan.kernels[layer.last] as PlannedKernel;
  const { shape, macs, parameters, bytesRead, bytesWritten, output } = layer;
  const { workgroups, params, bindings, shader } = planned;
  const value = plan.values[output.value];
  const invocations = workgroups.reduce((product, count) => product * count, 1);
  const sharing = plan.kernels.filter((other) => other.shader === shader).length;
  const facts = [
    [words.shape, shape.join(' × ')],
    [words.macs, macs > 0 ? `${format.compact(macs)} (${format.percent(macs / plan.macs)})` : words.none],
    [words.parameters, parameters > 0 ? format.compact(parameters) : words.none],
    [words.read, format.memory(bytesRead)],
    [words.written, format.memory(bytesWritten)],
    [words.workgroups, `${workgroups.join(' × ')} = ${format.integer(invocations)}`],
    [words.place, value && words.placeOf(value.arena + 1, format.memory(value.offset))],
  ];
  const parts = bindings.flatMap((bound) => {
    const binding = bound.name === 'output' ? { ...bound, ...output } : bound;
    if (!('value' in binding) || !binding.channels?.[1]) return [];
    const [first, count] = binding.channels;
    const whole = plan.values[binding.value];
    const say = binding.name === 'output' ? words.writesPart : words.readsPart;
    return [say(first + 1, first + count, whole?.shape[1] ?? count)];
  });
  return (
    <>
      <dl class="facts">
        {facts.map(([name, fact]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{fact}</dd>
          </div>
        ))}
      </dl>
      <p class="prose quiet small">{words.terms}</p>
      {withoutHalf(layer.name) !== layer.name && <p class="prose">{words.half}</p>}
      {parts.map((sentence) => (
        <p key={sentence} class="prose">
          {sentence}
        </p>
      ))}
      <details class="layer-code">
        <summary>{words.code}</summary>
        <p class="prose quiet small">
          {words.codeNote(sharing)}{' '}
          {Object.values(plan.inputs).some((input) => input.kernel === layer.last) && words.fromPicture}
        </p>
        <WgslText shader={shader} label={words.code} />
        <h3>{words.params}</h3>
        <p class="prose quiet small">{words.paramsNote}</p>
        <dl class="params">
          {params.map(({ name, type, value }) => (
            <div key={name}>
              <dt>
                {name} <small>{type}</small>
              </dt>
              <dd>{Math.abs(value) > 1e9 ? value.toExponential(3) : String(value)}</dd>
            </div>
          ))}
        </dl>
      </details>
    </>
  );
}
