import type { Layer } from '../network/layers-of.ts';
import { useWords } from '../shared/strings.ts';
import { words as bothLanguages } from './layers-strings.ts';
import type { Edge } from './network-graph.ts';

interface Props {
  layers: readonly Layer[];
  edges: readonly Edge[];
  selected: number;
  onSelect: (layer: number) => void;
}

/** A dense layer has dozens. */
const MOST_NEIGHBOURS = 5;

/** What a layer reads and who reads it, to walk on. */
export function Neighbours({ layers, edges, selected, onSelect }: Props) {
  const words = useWords(bothLanguages).neighbours;
  const from = [...new Set(edges.filter(({ to }) => to === selected).map((edge) => edge.from))];
  const to = [...new Set(edges.filter((edge) => edge.from === selected).map((edge) => edge.to))];
  const listed = (label: string, indices: readonly number[]) =>
    indices.length > 0 && (
      <p>
        <span class="quiet">{label}</span>{' '}
        {indices.slice(0, MOST_NEIGHBOURS).map((index) => (
          <button key={index} type="button" onClick={() => onSelect(index)}>
            {layers[index]?.name}
          </button>
        ))}{' '}
        {indices.length > MOST_NEIGHBOURS && words.more(indices.length - MOST_NEIGHBOURS)}
      </p>
    );
  return (
    <div class="neighbours">
      {listed(words.reads, from)}
      {listed(words.readBy, to)}
    </div>
  );
}
