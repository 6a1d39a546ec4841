import type { Sample } from '../picture/picture.ts';
import type { Mode, PictureChoice } from '../picture/picture-choice.ts';
import { useStrings } from '../shared/strings.ts';

interface Props {
  choice: PictureChoice;
  /** Whether drawing makes sense for the network. */
  drawable: boolean;
}

/** The ways to a picture. Dropping and pasting work on the whole page, and are not here. */
export function PictureChooser({ choice, drawable }: Props) {
  const { kind, samples, picture, mode, takeSample, takeFile, changeMode } = choice;
  const words = useStrings().picture;
  const toggle = (wanted: Mode) => changeMode(mode === wanted ? 'still' : wanted);
  return (
    <section class="pictures" aria-labelledby="picture-heading">
      <h2 id="picture-heading">{words.heading}</h2>
      <h3 id="samples-heading">{words.samples}</h3>
      <ul class="samples" aria-labelledby="samples-heading">
        {samples.map((sample, index) => (
          <li key={sample.file}>
            <button
              type="button"
              class="sample"
              aria-pressed={mode === 'still' && picture?.name === sample.file}
              onClick={() => takeSample(sample)}
            >
              <img
                class={kind === 'fashion-mnist' ? 'pixels' : ''}
                src={sample.url}
                width={28}
                height={28}
                alt={words.sample(sample.label, numberOf(samples, index))}
              />
            </button>
          </li>
        ))}
      </ul>
      <p class="quiet small">{words.sampleNotes[kind]}</p>
      <div class="actions">
        <label class="button">
          <input
            type="file"
            accept="image/*"
            class="hidden"
            onChange={({ currentTarget }) => {
              const file = currentTarget.files?.[0];
              if (file) void takeFile(file);
              // The same file may be chosen again.
              currentTarget.value = '';
            }}
          />
          {words.file}
        </label>
        <button type="button" aria-pressed={mode === 'camera'} onClick={() => toggle('camera')}>
          {mode === 'camera' ? words.stopCamera : words.camera}
        </button>
        {drawable && (
          <button type="button" aria-pressed={mode === 'drawing'} onClick={() => toggle('drawing')}>
            {mode === 'drawing' ? words.stopDrawing : words.draw}
          </button>
        )}
      </div>
      <p class="quiet small">{words.hint}</p>
    </section>
  );
}

/** Which of the samples with its label this is. */
function numberOf(samples: readonly Sample[], index: number): number {
  return samples.slice(0, index + 1).filter(({ label }) => label === samples[index]?.label).length;
}
