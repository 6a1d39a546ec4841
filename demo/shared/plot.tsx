import type * as Plots from '@observablehq/plot';
import { useEffect, useRef } from 'preact/hooks';

interface Props {
  /** Makes the figure for a width in pixels; a new function makes a new figure. */
  draw: (plot: typeof Plots, width: number) => SVGSVGElement | HTMLElement;
  /** The narrowest figure that is still readable; in a narrower page it scrolls inside its box. */
  minWidth?: number;
}

/** Plot labels the groups of its marks, which have no role: a screen reader would not say so, and must not. */
function unlabelled(figure: SVGSVGElement | HTMLElement): SVGSVGElement | HTMLElement {
  for (const group of figure.querySelectorAll('[aria-label]')) group.removeAttribute('aria-label');
  figure.setAttribute('role', 'img');
  return figure;
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
      if (!gone && available === width) element.replaceChildren(unlabelled(draw(plot, available)));
    });
    observer.observe(element);
    return () => {
      gone = true;
      observer.disconnect();
    };
  }, [draw, minWidth]);

  return <div ref={place} class="plot" />;
}
