import { useEffect, useRef } from 'preact/hooks';
import { paint } from './colours.ts';
import { rangeOf } from './numbers.ts';
import type { Preview } from './previews.ts';

/** What a layer computed, as small as a node of the diagram. */
export function NodePicture({ preview, left }: { preview: Preview; left: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const picture = context.createImageData(preview.width, preview.height);
    paint(picture, { x: 0, y: 0 }, preview, preview.values, rangeOf(preview.values));
    context.putImageData(picture, 0, 0);
  }, [preview]);
  return (
    <canvas ref={canvas} class="node-picture pixels" width={preview.width} height={preview.height} style={{ left }} />
  );
}
