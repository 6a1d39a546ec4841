import { useId } from 'preact/hooks';
import { useLabel, useStrings } from '../shared/strings.ts';
import type { Sample } from './picture.ts';

interface Props {
  samples: readonly Sample[];
  /** The one that is shown. */
  chosen: Sample | undefined;
  onChoose: (sample: Sample) => void;
}

/** The samples to choose from, which are one stop for the Tab key. They stand in a fieldset that names them. */
export function Samples({ samples, chosen, onChoose }: Props) {
  const words = useStrings().picture;
  const labelOf = useLabel();
  const name = useId();
  return (
    <div class={`samples ${samples[0]?.kind}`}>
      {samples.map((sample, index) => (
        <label key={sample.id} class="sample">
          <input
            type="radio"
            name={name}
            class="hidden"
            checked={chosen?.id === sample.id}
            onChange={() => onChoose(sample)}
          />
          <SampleImage sample={sample} alt={words.sample(labelOf(sample.label), numberOf(samples, index))} />
        </label>
      ))}
    </div>
  );
}

/** A sample, small. */
export function SampleImage({ sample: { kind, url }, alt }: { sample: Sample; alt: string }) {
  return <img class={kind === 'fashion-mnist' ? 'pixels' : ''} src={url} width={56} height={56} alt={alt} />;
}

/** Which of the samples with its label this is, if it is not the only one. */
function numberOf(samples: readonly Sample[], index: number): number | undefined {
  const alike = samples.filter(({ label }) => label === samples[index]?.label);
  return alike.length === 1 ? undefined : alike.indexOf(samples[index] as Sample) + 1;
}
