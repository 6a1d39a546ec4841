import { useWords } from '../shared/strings.ts';
import { Pictured, widthOf } from './pictured.tsx';
import { words as bothLanguages } from './why-densenet-strings.ts';

const WIDTH = 420;
const MARGIN = 18;
const BASE = 130;
/** Below the nodes, for the numbers. */
const BELOW = 23;
/** Half the side of a node that has a picture in it. */
const PICTURED = 24;
/** With more layers than this their channels do not fit beside each other. */
const LABELLED = 12;

interface Props {
  /** Layers of the block, and how many of them have run. */
  layers: number;
  layer: number;
  /** Channels of the block's input, and those that each layer adds. */
  channels: number;
  growthRate: number;
  /** What the nodes hold, as addresses of pictures. */
  pictures?: readonly (string | undefined)[];
  /** How strongly the last layer that has run reads each node before it: lines are as wide. */
  strengths?: readonly number[];
  /** What a screen reader says of the figure, where it is not how many connections there are. */
  label?: string;
  onPick: (layer: number) => void;
}

/** A dense block as the paper's figure 1 draws it: each layer reads the input and all layers before it. */
export function Connections({ layers, layer, channels, growthRate, pictures, strengths, label, onPick }: Props) {
  const words = useWords(bothLanguages).growing;
  const radius = pictures ? PICTURED : Math.min(11, (0.4 * (WIDTH - 2 * MARGIN)) / layers);
  const margin = Math.max(MARGIN, radius + 2);
  const x = (node: number) => margin + (node * (WIDTH - 2 * margin)) / layers;
  const arc = (from: number, to: number) => {
    const [rx, ry] = [(x(to) - x(from)) / 2, Math.min(110, 20 + 0.22 * (x(to) - x(from)))];
    return `M${x(from)} ${BASE - radius}A${rx} ${ry} 0 0 1 ${x(to)} ${BASE - radius}`;
  };
  const arcsTo = (node: number) => Array.from({ length: node }, (_, from) => arc(from, node)).join('');
  const nodes = Array.from({ length: layers + 1 }, (_, node) => node);
  return (
    <svg
      class="dense-connections"
      viewBox={`0 0 ${WIDTH} ${BASE + radius + BELOW}`}
      role="img"
      aria-label={label ?? words.connections(layer, (layer * (layer + 1)) / 2)}
    >
      <path class="before" d={nodes.slice(1, layer).map(arcsTo).join('')} />
      {strengths ? (
        strengths.map((strength, from) => (
          <path
            key={from}
            class="now"
            d={arc(from, layer)}
            style={{ strokeWidth: widthOf(strength, Math.max(...strengths)) }}
          />
        ))
      ) : (
        <path class="now" d={arcsTo(layer)} />
      )}
      {nodes.map((node) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: the slider above does the same by keyboard.
        <g
          key={node}
          class={node === layer ? 'node written' : node < layer ? 'node read' : 'node later'}
          onClick={() => node > 0 && onPick(node)}
        >
          {pictures ? (
            <Pictured picture={pictures[node]} x={x(node) - radius} y={BASE - radius} side={2 * radius} />
          ) : (
            <circle cx={x(node)} cy={BASE} r={radius} />
          )}
          {layers <= LABELLED && growthRate > 0 && (
            <text x={x(node)} y={BASE + radius + 16} text-anchor="middle">
              {node === 0 ? channels : `+${growthRate}`}
            </text>
          )}
        </g>
      ))}
    </svg>
  );
}
