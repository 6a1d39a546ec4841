import type { Box } from './why-unet-levels.ts';

/** Units of the figure: a pixel of height is 1. */
const CHANNEL = 0.6;
const GAP = 10;
const HEADROOM = 24;
const MARGIN = 56;

interface Placed extends Box {
  readonly x: number;
  readonly y: number;
  readonly wide: number;
  readonly skipWide: number;
}

const wideOf = (channels: number) => Math.max(1.5, channels * CHANNEL);

function layOut(boxes: readonly Box[]) {
  const heights = new Map(boxes.map(({ level, height }) => [level, height]));
  const top = (level: number) =>
    Array.from({ length: level }, (_, above) => (heights.get(above) ?? 0) + HEADROOM).reduce((a, b) => a + b, HEADROOM);
  let x = MARGIN;
  const placed = boxes.map((box): Placed => {
    const [wide, skipWide] = [wideOf(box.channels), box.skipChannels && wideOf(box.skipChannels)];
    const place = { ...box, x, y: top(box.level), wide, skipWide };
    x += wide + skipWide + GAP;
    return place;
  });
  const bottom = Math.max(...placed.map(({ y, height }) => y + height));
  return { placed, width: x - GAP + 8, height: bottom + 6 };
}

/** The U, as in figure 1 of the paper: a box for each map, as high as its rows and as wide as its channels. */
export function UFigure({ boxes, label }: { boxes: readonly Box[]; label: string }) {
  const { placed, width, height } = layOut(boxes);
  const skips = placed.flatMap((box) => {
    const from = placed.findLast(({ kind, level }) => kind === 'contracting' && level === box.level);
    return box.skipChannels > 0 && from ? [{ from, to: box }] : [];
  });
  const firsts = placed.filter((box, index) => placed.findIndex(({ level }) => level === box.level) === index);
  return (
    <svg class="u-figure" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <defs>
        <marker id="u-arrow" viewBox="0 0 6 6" refX={5} refY={3} markerWidth={6} markerHeight={6} orient="auto">
          <path d="M0 0 6 3 0 6z" />
        </marker>
      </defs>
      {skips.map(({ from, to }) => {
        const y = from.y + from.height / 2;
        const [start, end] = [from.x + from.wide + 3, to.x - 3];
        return <path key={to.kernel} class="u-skip" d={`M${start} ${y}H${end}`} marker-end="url(#u-arrow)" />;
      })}
      {placed.map((box) => (
        <g key={box.kernel}>
          <title>{`${box.kernel}: ${box.channels} × ${box.height} × ${box.width}`}</title>
          <rect class={`u-${box.kind}`} x={box.x} y={box.y} width={box.wide} height={box.height} />
          {box.skipWide > 0 && (
            <rect class="u-contracting" x={box.x + box.wide} y={box.y} width={box.skipWide} height={box.height} />
          )}
          <text x={box.x + (box.wide + box.skipWide) / 2} y={box.y - 6} text-anchor="middle">
            {box.channels + box.skipChannels}
          </text>
        </g>
      ))}
      {firsts.map(({ level, x, y, height: rows }) => (
        <text key={level} class="u-size" x={x - 8} y={y + rows / 2 + 4} text-anchor="end">
          {rows}²
        </text>
      ))}
    </svg>
  );
}
