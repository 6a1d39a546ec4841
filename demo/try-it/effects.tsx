import { type Classifying, MASK_MODES } from '../network/classification.ts';
import { useStrings } from '../shared/strings.ts';

/** What is done with what a segmenter finds. */
export function Effects({ classifying: { maskMode, setMaskMode } }: { classifying: Classifying }) {
  const words = useStrings().mask;
  return (
    <fieldset class="segments">
      <legend class="hidden">{words.caption}</legend>
      {MASK_MODES.map((mode) => (
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
    </fieldset>
  );
}
