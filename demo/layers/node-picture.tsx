import { useEffect, useRef } from 'preact/hooks';
import { colourAt } from '../network/feature-maps.wgsl.ts';
import type { Preview } from './inside.ts';
import { rangeOf } from './numbers.ts';

/** Enough to tell apart at this size, and made once: there are dozens of nodes, drawn whenever the answer changes. */
const COLOURS = Array.from({ length: 64 }, (_, index) => [...colourAt('viridis', index / 63), 255]);

/** What a layer computed, as small as a node of the diagram. */
export function NodePicture({ preview, left }: { preview: Preview; left: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext('2d');
    if (!context) return;
    const { width, height, values } = preview;
    const { least, most } = rangeOf(values);
    const image = context.createImageData(width, height);
    const scale = most > least ? (COLOURS.length - 1) / (most - least) : 0;
    for (let index = 0; index < width * height; index++) {
      image.data.set(COLOURS[Math.round(((values[index] ?? least) - least) * scale)] ?? [], index * 4);
    }
    context.putImageData(image, 0, 0);
  }, [preview]);
  return (
    <canvas ref={canvas} class="node-picture pixels" width={preview.width} height={preview.height} style={{ left }} />
  );
}
