import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';

/** The canvas on which a segmenter's overlay draws. */
export function MaskCanvas({ canvas, label }: { canvas: HTMLCanvasElement; label: string }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', label);
  }, [canvas, label]);
  // Before the page is painted, as what was shown there until now is gone then.
  useLayoutEffect(() => {
    place.current?.replaceChildren(canvas);
  }, [canvas]);
  return <div ref={place} class="mask" />;
}
