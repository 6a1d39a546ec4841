import { Samples } from '../picture/samples.tsx';
import { Problem } from '../shared/problem.tsx';
import { useStrings, useWords } from '../shared/strings.ts';
import './trained.css';
import { words as bothLanguages } from './trained-strings.ts';
import type { useTrained } from './use-trained.ts';

/** The samples that a trained network can be shown with. */
export function TrainedSamples({ samples, sample, choose, isBeforehand, error }: ReturnType<typeof useTrained>) {
  const words = useWords(bothLanguages);
  const { picture } = useStrings();
  return (
    <>
      <fieldset class="trained-samples">
        <legend>{picture.samples}</legend>
        <Samples samples={samples} chosen={sample} onChoose={choose} />
      </fieldset>
      {isBeforehand && <p class="quiet small">{words.beforehand}</p>}
      {error !== undefined && <Problem error={error} />}
    </>
  );
}
