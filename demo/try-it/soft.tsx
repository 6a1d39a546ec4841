import { useLayoutEffect, useRef } from 'preact/hooks';

/** Of a square picture, in pixels: from step to step, and what is shown at the end. Two pixels of the smallest are its blur. */
const STEPS = [256, 128, 64, 32, 64, 128];

/** A picture out of focus: once, where the style sheet's `blur` would be computed for each frame of the page, on a busy GPU. */
export function Soft({ bitmap }: { bitmap: ImageBitmap }) {
  const canvas = useRef<HTMLCanvasElement>(null);

  useLayoutEffect(() => {
    const shown = canvas.current;
    if (!shown) return;
    const { width, height } = bitmap;
    let source: CanvasImageSource = bitmap;
    for (const [index, step] of STEPS.entries()) {
      const target: HTMLCanvasElement = index === STEPS.length - 1 ? shown : document.createElement('canvas');
      const factor = step / Math.sqrt(width * height);
      target.width = Math.ceil(width * factor);
      target.height = Math.ceil(height * factor);
      // On the CPU.
      const context = target.getContext('2d', { willReadFrequently: true });
      if (!context) return;
      context.imageSmoothingQuality = 'high';
      context.drawImage(source, 0, 0, target.width, target.height);
      source = target;
    }
  }, [bitmap]);

  return <canvas ref={canvas} class="soft" />;
}
