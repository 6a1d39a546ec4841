import { useEffect, useRef } from 'preact/hooks';
import { useStrings } from '../shared/strings.ts';

const SIZE = 280;
const PEN = 18;

interface Props {
  /** Called after each stroke. */
  onDrawn: (bitmap: ImageBitmap) => void;
  onCleared: () => void;
}

/** A black square to draw on in white, as the pictures of Fashion-MNIST are. */
export function Drawing({ onDrawn, onCleared }: Props) {
  const words = useStrings().picture;
  const canvas = useRef<HTMLCanvasElement>(null);
  const context = () => canvas.current?.getContext('2d') ?? undefined;

  const clear = () => {
    const pen = context();
    if (!pen) return;
    pen.fillStyle = 'black';
    pen.fillRect(0, 0, SIZE, SIZE);
    pen.strokeStyle = 'white';
    pen.lineWidth = PEN;
    pen.lineCap = 'round';
    pen.lineJoin = 'round';
  };
  useEffect(clear, []);

  const place = (event: PointerEvent): [number, number] => {
    const { left, top, width, height } = (event.currentTarget as HTMLCanvasElement).getBoundingClientRect();
    return [((event.clientX - left) / width) * SIZE, ((event.clientY - top) / height) * SIZE];
  };
  const begin = (event: PointerEvent) => {
    const pen = context();
    if (!pen || event.button !== 0) return;
    (event.currentTarget as HTMLCanvasElement).setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...place(event));
    go(event);
  };
  const go = (event: PointerEvent) => {
    const pen = context();
    if (!pen || event.buttons !== 1) return;
    pen.lineTo(...place(event));
    pen.stroke();
  };
  const end = async () => {
    if (canvas.current) onDrawn(await createImageBitmap(canvas.current));
  };

  return (
    <div class="drawing">
      <canvas
        ref={canvas}
        width={SIZE}
        height={SIZE}
        role="img"
        aria-label={words.drawing}
        onPointerDown={begin}
        onPointerMove={go}
        onPointerUp={end}
      />
      <div>
        <p>{words.drawingNote}</p>
        <button
          type="button"
          onClick={() => {
            clear();
            onCleared();
          }}
        >
          {words.clear}
        </button>
      </div>
    </div>
  );
}
