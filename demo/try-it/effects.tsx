import type { Classifying, MaskMode } from '../network/classification.ts';
import { useStrings } from '../shared/strings.ts';

interface Props {
  classifying: Classifying;
  modes: readonly MaskMode[];
}

/** What is done with what a segmenter finds. */
export function Effects({ classifying: { maskMode, setMaskMode }, modes }: Props) {
  const words = useStrings().mask;
  return (
    <fieldset class="effects">
      <legend class="quiet small">{words.caption}</legend>
      <div class="segments">
        {modes.map((mode) => (
          <label key={mode}>
            <input
              type="radio"
              name="mask"
              class="hidden"
              checked={mode === maskMode}
              onChange={() => setMaskMode(mode)}
            />
            {words.modes[mode]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
