import { useEffect, useRef } from 'preact/hooks';
import type { Classifying } from '../network/classification.ts';
import { useStrings } from '../shared/strings.ts';

interface Props {
  /** Where the network's overlay draws. */
  canvas: HTMLCanvasElement;
  classifying: Classifying;
}

/** The picture with a segmenter's mask, as the GPU drew it, and how that is shown. */
export function Mask({ canvas, classifying: { maskMode, setMaskMode } }: Props) {
  const words = useStrings().mask;
  const place = useRef<HTMLDivElement>(null);

  useEffect(() => {
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', words[maskMode]);
    canvas.className = maskMode;
  }, [canvas, words, maskMode]);
  useEffect(() => {
    place.current?.replaceChildren(canvas);
  }, [canvas]);

  return (
    <figure class="mask">
      <div ref={place} />
      <figcaption>{words.caption}</figcaption>
      <fieldset>
        <legend class="hidden">{words.caption}</legend>
        {(['overlay', 'cutout'] as const).map((mode) => (
          <label key={mode} class="option">
            <input type="radio" name="mask" checked={mode === maskMode} onChange={() => setMaskMode(mode)} />
            {words[mode]}
          </label>
        ))}
      </fieldset>
    </figure>
  );
}
