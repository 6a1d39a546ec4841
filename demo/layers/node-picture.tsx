import { useEffect, useRef } from 'preact/hooks';
import { colourAt } from '../network/feature-maps.wgsl.ts';
import type { Preview } from './inside.ts';
import { rangeOf } from './numbers.ts';

/** What a layer computed, as small as a node of the diagram. */
export function NodePicture({ preview, left }: { preview: Preview; left: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const { width, height, values } = preview;
    const { least, most } = rangeOf(values);
    const image = context.createImageData(width, height);
    for (const [index, value] of values.entries()) {
      image.data.set([...colourAt('viridis', most > least ? (value - least) / (most - least) : 0), 255], index * 4);
    }
    context.putImageData(image, 0, 0);
  }, [preview]);
  return (
    <canvas ref={canvas} class="node-picture pixels" width={preview.width} height={preview.height} style={{ left }} />
  );
}
