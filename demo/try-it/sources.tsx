import { OpenPhoto } from '../picture/open-photo.tsx';
import type { Mode, PictureChoice } from '../picture/picture-choice.ts';
import { Samples } from '../picture/samples.tsx';
import { useEscape } from '../shared/escape.ts';
import { useStrings } from '../shared/strings.ts';

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
  const toggle = (wanted: Mode) => changeMode(mode === wanted ? 'still' : wanted);
  useEscape(mode !== 'still', () => changeMode('still'));
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
          <Samples
            samples={samples}
            chosen={mode === 'still' ? picture?.sample : undefined}
            onChoose={(sample) => void takeSample(sample)}
          />
        </fieldset>
      )}
      <p class="quiet small">
        {!without && words.hint} {kind && words.sampleNotes[kind]}
      </p>
    </section>
  );
}
