import type * as Plots from '@observablehq/plot';
import { useEffect, useRef } from 'preact/hooks';
import { pause } from './pause.ts';

interface Props {
  /** Makes the figure for a width in pixels; a new function makes a new figure. */
  draw: (plot: typeof Plots, width: number) => SVGSVGElement | HTMLElement;
  /** The narrowest figure that is still readable; in a narrower page it scrolls inside its box. */
  minWidth?: number;
}

/** A figure of Observable Plot as wide as its place. The library comes when the first figure is wanted. */
export function PlotFigure({ draw, minWidth = 0 }: Props) {
  const place = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    let width = 0;
    let gone = false;
    const observer = new ResizeObserver(async ([entry]) => {
      const available = Math.max(minWidth, Math.floor(entry?.contentRect.width ?? 0));
      if (available === width || available === 0) return;
      width = available;
      const plot = await import('@observablehq/plot');
      // There may be others, which wait for it, too.
      await pause();
      if (gone || available !== width) return;
      const figure = draw(plot, available);
      // Plot names groups and rectangles, which have no role that may be named.
      for (const mark of figure.querySelectorAll('[aria-label]:not([role])')) mark.removeAttribute('aria-label');
      element.replaceChildren(figure);
    });
    observer.observe(element);
    return () => {
      gone = true;
      observer.disconnect();
    };
  }, [draw, minWidth]);

  return <div ref={place} class="plot" />;
}
