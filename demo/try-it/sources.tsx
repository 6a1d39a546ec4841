import { OpenPhoto } from '../picture/open-photo.tsx';
import type { Sample } from '../picture/picture.ts';
import type { Mode, PictureChoice } from '../picture/picture-choice.ts';
import { useLabel, useStrings } from '../shared/strings.ts';

interface Props {
  choice: PictureChoice;
  /** Whether drawing makes sense for the network. */
  drawable: boolean;
  /** Whether there is no GPU: then only samples have results. */
  without: boolean;
}

/** The ways to a picture. Dropping and pasting work on the whole page, and are not here. */
export function Sources({ choice, drawable, without }: Props) {
  const { samples, picture, mode, takeSample, takeFile, changeMode } = choice;
  const words = useStrings().picture;
  const labelOf = useLabel();
  const toggle = (wanted: Mode) => changeMode(mode === wanted ? 'still' : wanted);
  const kind = samples[0]?.kind;
  return (
    <section class="sources" aria-label={words.heading}>
      {!without && (
        <div class="actions">
          <button
            type="button"
            class={mode === 'camera' ? '' : 'primary'}
            aria-pressed={mode === 'camera'}
            onClick={() => toggle('camera')}
          >
            {mode === 'camera' ? words.stopCamera : words.camera}
          </button>
          <OpenPhoto onFile={(file) => void takeFile(file)} />
          {drawable && (
            <button type="button" aria-pressed={mode === 'drawing'} onClick={() => toggle('drawing')}>
              {mode === 'drawing' ? words.stopDrawing : words.draw}
            </button>
          )}
        </div>
      )}
      {samples.length > 0 && (
        <fieldset>
          <legend class="hidden">{words.samples}</legend>
          <div class={`samples ${kind}`}>
            {samples.map((sample, index) => (
              <label key={sample.id} class="sample">
                <input
                  type="radio"
                  name="sample"
                  class="hidden"
                  checked={mode === 'still' && picture?.sample?.id === sample.id}
                  onChange={() => takeSample(sample)}
                />
                <img
                  class={kind === 'fashion-mnist' ? 'pixels' : ''}
                  src={sample.url}
                  width={56}
                  height={56}
                  alt={words.sample(labelOf(sample.label), numberOf(samples, index))}
                />
              </label>
            ))}
          </div>
        </fieldset>
      )}
      <p class="quiet small">
        {!without && words.hint} {kind && words.sampleNotes[kind]}
      </p>
    </section>
  );
}

/** Which of the samples with its label this is, if it is not the only one. */
function numberOf(samples: readonly Sample[], index: number): number | undefined {
  const alike = samples.filter(({ label }) => label === samples[index]?.label);
  return alike.length === 1 ? undefined : alike.indexOf(samples[index] as Sample) + 1;
}
