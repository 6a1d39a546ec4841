import { Samples } from '../picture/samples.tsx';
import { useFormat } from '../shared/format.ts';
import { Problem } from '../shared/problem.tsx';
import { useStrings, useWords } from '../shared/strings.ts';
import './trained.css';
import { words as bothLanguages } from './trained-strings.ts';
import type { useTrained } from './use-trained.ts';

interface Props extends ReturnType<typeof useTrained> {
  /** What network it is, by how often it is right. */
  intro: (right: string) => string;
}

/** A trained network, and the samples that it can be shown with. */
export function TrainedSamples({ intro, accuracy, samples, sample, choose, isBeforehand, error }: Props) {
  const words = useWords(bothLanguages);
  const format = useFormat();
  const { picture } = useStrings();
  return (
    <>
      <p class="prose">{accuracy !== undefined && intro(format.percent(accuracy))}</p>
      <fieldset class="trained-samples">
        <legend>{picture.samples}</legend>
        <Samples samples={samples} chosen={sample} onChoose={choose} />
      </fieldset>
      {isBeforehand && <p class="quiet small">{words.beforehand}</p>}
      {error !== undefined && <Problem error={error} />}
    </>
  );
}
