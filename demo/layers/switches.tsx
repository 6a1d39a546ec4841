import type { Layer } from '../network/layers-of.ts';
import { useWords } from '../shared/strings.ts';
import { strengthOf } from './changes.ts';
import { Fader } from './fader.tsx';
import type { Change } from './inside.ts';
import { words as bothLanguages } from './layers-strings.ts';
import { type Edge, skipsInto } from './network-graph.ts';

interface Props {
  layers: readonly Layer[];
  edges: readonly Edge[];
  selected: number;
  changes: readonly Change[];
  onChange: (change: Change) => void;
  /** In few words: what is switched may stand far from where the answer does. */
  answer: string | undefined;
}

/** More than these are folded away: a dense layer reads all before it. */
const FEW = 4;

/** Fades a layer, and what comes to it beside its main input. */
export function Switches({ layers, edges, selected, changes, onChange, answer }: Props) {
  const words = useWords(bothLanguages).switches;
  const skips = skipsInto(edges, selected);
  const whole = { layer: selected, kind: 'layer' } as const;
  const adds = skips.some(({ operand }) => operand === 'residual');
  const faders = skips.map((edge) => {
    const change = { layer: selected, kind: 'skip', edge } as const;
    const name = layers[edge.from]?.name ?? '';
    const label =
      edge.operand === 'residual'
        ? words.residual(name)
        : edge.operand === 'scale'
          ? words.scale(name)
          : words.part(name);
    return (
      <Fader
        key={`${edge.from} ${edge.operand} ${edge.first}`}
        label={label}
        strength={strengthOf(changes, { ...change, strength: 1 })}
        onStrength={(strength) => onChange({ ...change, strength })}
      />
    );
  });
  return (
    <section class="switches" aria-labelledby="switches-heading">
      <h3 id="switches-heading">{words.heading}</h3>
      <Fader
        label={adds ? words.branch : words.layer}
        strength={strengthOf(changes, { ...whole, strength: 1 })}
        onStrength={(strength) => onChange({ ...whole, strength })}
      />
      {faders.length <= FEW ? (
        faders
      ) : (
        <details>
          <summary>{words.parts(faders.length)}</summary>
          {faders}
        </details>
      )}
      <p class="switches-answer" aria-live="polite">
        {answer !== undefined && words.now(answer)}
      </p>
    </section>
  );
}
