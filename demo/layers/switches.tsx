import type { Layer } from '../network/layers-of.ts';
import { useWords } from '../shared/strings.ts';
import { strengthOf } from './changes.ts';
import { Fader } from './fader.tsx';
import type { Change } from './inside.ts';
import { words as bothLanguages, type Words } from './layers-strings.ts';
import { type Edge, skipsInto } from './network-graph.ts';

interface Props {
  layers: readonly Layer[];
  edges: readonly Edge[];
  selected: number;
  /** The one that is looked at. */
  channel: number;
  changes: readonly Change[];
  onChange: (change: Change) => void;
  /** In few words: what is switched may stand far from where the answer does. */
  answer: string | undefined;
}

/** More than these are folded away: a dense layer reads all before it. */
const FEW = 4;

/** Fades a layer, one of its channels, and what comes to it beside its main input. */
export function Switches({ layers, edges, selected, channel, changes, onChange, answer }: Props) {
  const all = useWords(bothLanguages);
  const words = all.switches;
  const skips = skipsInto(edges, selected);
  const one = { layer: selected, kind: 'channel', channel } as const;
  const whole = { layer: selected, kind: 'layer' } as const;
  const adds = skips.some(({ operand }) => operand === 'residual');
  const faders = skips.map((edge) => {
    const change = { layer: selected, kind: 'skip', edge } as const;
    return (
      <Fader
        key={`${edge.from} ${edge.operand} ${edge.first}`}
        label={skipName(edge, layers, all)}
        strength={strengthOf(changes, { ...change, strength: 1 })}
        onStrength={(strength) => onChange({ ...change, strength })}
      />
    );
  });
  return (
    <section class="switches" aria-labelledby="switches-heading">
      <h3 id="switches-heading">{words.heading}</h3>
      <Fader
        label={all.maps.channel(channel + 1)}
        strength={strengthOf(changes, { ...one, strength: 1 })}
        onStrength={(strength) => onChange({ ...one, strength })}
      />
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

/** What a skip brings, and whence. */
export function skipName({ from, operand }: Edge, layers: readonly Layer[], { switches }: Words): string {
  const name = layers[from]?.name ?? '';
  if (operand === 'residual') return switches.residual(name);
  return operand === 'scale' ? switches.scale(name) : switches.part(name);
}
