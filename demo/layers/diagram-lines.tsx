import type { Layout, Line, Vertex } from './diagram-layout.ts';

/** In the units of the drawing, of which a root em has 16. */
export const ROW = 52;
const LANE = 46;
const TRACK = 13;
const NODE = 36;
const JOINT = 5;
const MARGIN = 10;
/** Between tracks and lanes is room for what a skip does where it ends. */
const GAP = 12;

export const em = (units: number) => `${units / 16}rem`;

export function diagramWidth({ lanes, tracks }: Layout): number {
  return MARGIN + tracksWidth(tracks) + lanes * LANE;
}

const tracksWidth = (tracks: number) => (tracks > 0 ? tracks * TRACK + GAP : 0);

/** Where the picture of a node begins, from the left. */
export const nodeLeft = (layout: Layout, vertex: Vertex): string => em(xOf(layout, vertex) - NODE / 2);

const xOf = ({ tracks }: Layout, { lane }: Vertex) => MARGIN + tracksWidth(tracks) + lane * LANE + LANE / 2 - 5;
const yOf = ({ y }: Vertex) => y * ROW;
const radiusOf = ({ kind }: Vertex) => (kind === 'joint' ? JOINT : NODE / 2);

interface Drawn {
  readonly path: string;
  /** Where the sign of what is done with it stands. */
  readonly sign?: { readonly x: number; readonly y: number };
}

function drawLine(layout: Layout, { from, to, joins, track }: Line): Drawn {
  const [x0, x1] = [xOf(layout, from), xOf(layout, to)];
  const [top, bottom] = [yOf(from) + radiusOf(from), yOf(to) - radiusOf(to)];
  if (track !== undefined) {
    const x = MARGIN + (layout.tracks - track) * TRACK - TRACK / 2;
    // Where one ends another one may begin.
    const [y0, y1] = [yOf(from) + (from.kind === 'row' ? 9 : 0), yOf(to) - (to.kind === 'row' ? 9 : 0)];
    const path = `M${x0 - radiusOf(from)},${y0} H${x + 8} Q${x},${y0} ${x},${y0 + 8} V${y1 - 8} Q${x},${y1} ${x + 8},${y1} H${x1 - radiusOf(to)}`;
    return { path, sign: { x: x1 - radiusOf(to) - 9, y: y1 } };
  }
  if (x0 === x1) return { path: `M${x0},${top} V${bottom}` };
  if (joins !== 'flow') {
    const y = yOf(to);
    const side = x0 > x1 ? 1 : -1;
    const end = x1 + side * (NODE / 2);
    return {
      path: `M${x0},${top} V${y - 10} Q${x0},${y} ${x0 - side * 10},${y} H${end}`,
      sign: { x: end + side * 10, y },
    };
  }
  // A branch is in its own lane as early as it can be, and leaves that late. Between rows there is nothing in the way.
  const side = x1 > x0 ? 1 : -1;
  if (from.kind === 'joint') {
    const y = yOf(from);
    const corner = Math.min(10, bottom - y);
    return { path: `M${x0},${y} H${x1 - side * corner} Q${x1},${y} ${x1},${y + corner} V${bottom}` };
  }
  if (to.kind === 'joint') {
    const y = yOf(to);
    const corner = Math.min(10, y - top);
    return { path: `M${x0},${top} V${y - corner} Q${x0},${y} ${x0 + side * corner},${y} H${x1}` };
  }
  const bend = Math.min(ROW * 0.7, bottom - top);
  const curve = (y: number) => `C${x0},${y + bend / 2} ${x1},${y + bend / 2} ${x1},${y + bend}`;
  return {
    path:
      to.lane > from.lane
        ? `M${x0},${top} ${curve(top)} V${bottom}`
        : `M${x0},${top} V${bottom - bend} ${curve(bottom - bend)}`,
  };
}

interface Props {
  layout: Layout;
  rows: number;
  /** Classes of a line and of a node: what is faded, what belongs to the selected layer. */
  lineClass: (line: Line) => string;
  nodeClass: (vertex: Vertex) => string;
  /** What stands in a node where there is no picture. */
  nodeText: (vertex: Vertex) => string;
  isFolded: (vertex: Vertex) => boolean;
}

/** The lines between layers, and the frames that these stand in. The table beside it says the same in words. */
export function DiagramLines({ layout, rows, lineClass, nodeClass, nodeText, isFolded }: Props) {
  const width = diagramWidth(layout);
  const height = rows * ROW;
  const lines = layout.lines.map((line) => ({ line, ...drawLine(layout, line) }));
  return (
    <svg
      class="diagram-lines"
      viewBox={`0 0 ${width} ${height}`}
      style={{ width: em(width), height: em(height) }}
      aria-hidden="true"
    >
      {lines.map(({ line, path }, index) => (
        <path key={index} class={`line ${line.joins} ${lineClass(line)}`} d={path} />
      ))}
      {layout.vertices.map((vertex, index) => {
        if (vertex.kind === 'joint') return null;
        const [x, y] = [xOf(layout, vertex), yOf(vertex)];
        const frame = (shift: number) => (
          <rect x={x - NODE / 2 + shift} y={y - NODE / 2 - shift} width={NODE} height={NODE} rx={5} />
        );
        return (
          <g key={index} class={`node ${nodeClass(vertex)}`}>
            {isFolded(vertex) && [6, 3].map(frame)}
            {frame(0)}
            <text x={x} y={y}>
              {nodeText(vertex)}
            </text>
          </g>
        );
      })}
      {layout.vertices.map(
        (vertex, index) =>
          vertex.kind === 'joint' && (
            <circle key={index} class="joint" cx={xOf(layout, vertex)} cy={yOf(vertex)} r={JOINT} />
          ),
      )}
      {lines.map(
        ({ line, sign }, index) =>
          sign &&
          line.joins !== 'flow' && (
            <g key={index} class={`sign ${line.joins} ${lineClass(line)}`}>
              <circle cx={sign.x} cy={sign.y} r={7} />
              <path
                d={
                  line.joins === 'add'
                    ? `M${sign.x - 4},${sign.y} h8 M${sign.x},${sign.y - 4} v8`
                    : `M${sign.x - 3},${sign.y - 3} l6,6 m0,-6 l-6,6`
                }
              />
            </g>
          ),
      )}
    </svg>
  );
}
