import type { Preprocess } from 'linnet';
import { useEffect, useRef } from 'preact/hooks';
import { useStrings } from '../shared/strings.ts';
import { drawSeen, type NetworkInputSize, shownSize } from './picture.ts';

interface Props {
  source: ImageBitmap;
  preprocess: Preprocess;
  input: NetworkInputSize;
}

/** The picture as the network gets it, pixel by pixel. */
export function Seen({ source, preprocess, input: { channels, width, height } }: Props) {
  const words = useStrings().picture;
  const canvas = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    // What is made grey is read; the page would wait for another picture to come out of the GPU's memory.
    const context = canvas.current?.getContext('2d', { willReadFrequently: channels === 1 });
    if (context) drawSeen(context, source, preprocess, { channels, width, height });
  }, [source, preprocess, channels, width, height]);

  return (
    <figure>
      <canvas ref={canvas} class="pixels" width={width} height={height} role="img" aria-label={words.seen} />
      <figcaption>
        {words.seen}, {words.seenAt(width, height)}
      </figcaption>
    </figure>
  );
}

/** A decoded picture at its own proportions. */
export function PictureCanvas({ bitmap, label }: { bitmap: ImageBitmap; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height } = shownSize(bitmap);

  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    context.imageSmoothingQuality = 'high';
    context.clearRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0, width, height);
  }, [bitmap, width, height]);

  return (
    <canvas
      ref={canvas}
      class={bitmap.width < 100 ? 'pixels' : ''}
      width={width}
      height={height}
      role="img"
      aria-label={label}
    />
  );
}

/** The same with its size below it. */
export function Original({ bitmap, label }: { bitmap: ImageBitmap; label: string }) {
  const words = useStrings().picture;
  return (
    <figure>
      <PictureCanvas bitmap={bitmap} label={label} />
      <figcaption>
        {words.original}, {words.seenAt(bitmap.width, bitmap.height)}
      </figcaption>
    </figure>
  );
}
