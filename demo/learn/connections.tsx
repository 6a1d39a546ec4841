import { useWords } from '../shared/strings.ts';
import { words as bothLanguages } from './why-densenet-strings.ts';

const WIDTH = 420;
const MARGIN = 18;
const BASE = 130;
const HEIGHT = 164;
/** With more layers than this their channels do not fit beside each other. */
const LABELLED = 12;

interface Props {
  /** Layers of the block, and how many of them have run. */
  layers: number;
  layer: number;
  /** Channels of the block's input, and those that each layer adds. */
  channels: number;
  growthRate: number;
  onPick: (layer: number) => void;
}

/** A dense block as the paper's figure 1 draws it: each layer reads the input and all layers before it. */
export function Connections({ layers, layer, channels, growthRate, onPick }: Props) {
  const words = useWords(bothLanguages).growing;
  const radius = Math.min(11, (0.4 * (WIDTH - 2 * MARGIN)) / layers);
  const x = (node: number) => MARGIN + (node * (WIDTH - 2 * MARGIN)) / layers;
  const arc = (from: number, to: number) => {
    const [rx, ry] = [(x(to) - x(from)) / 2, Math.min(110, 20 + 0.22 * (x(to) - x(from)))];
    return `M${x(from)} ${BASE - radius}A${rx} ${ry} 0 0 1 ${x(to)} ${BASE - radius}`;
  };
  const arcsTo = (node: number) => Array.from({ length: node }, (_, from) => arc(from, node)).join('');
  const nodes = Array.from({ length: layers + 1 }, (_, node) => node);
  return (
    <svg
      class="dense-connections"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={words.connections(layer, (layer * (layer + 1)) / 2)}
    >
      <path class="before" d={nodes.slice(1, layer).map(arcsTo).join('')} />
      <path class="now" d={arcsTo(layer)} />
      {nodes.map((node) => (
        // biome-ignore lint/a11y/noStaticElementInteractions: the slider above does the same by keyboard.
        <g
          key={node}
          class={node === layer ? 'node written' : node < layer ? 'node read' : 'node later'}
          onClick={() => node > 0 && onPick(node)}
        >
          <circle cx={x(node)} cy={BASE} r={radius} />
          {layers <= LABELLED && (
            <text x={x(node)} y={BASE + radius + 16} text-anchor="middle">
              {node === 0 ? channels : `+${growthRate}`}
            </text>
          )}
        </g>
      ))}
    </svg>
  );
}
