import { useRef } from 'preact/hooks';
import type { Layer } from '../network/layers-of.ts';
import { useFormat } from '../shared/format.ts';
import { useStrings, useWords } from '../shared/strings.ts';
import { words as bothLanguages } from './layers-strings.ts';

interface Props {
  layers: readonly Layer[];
  selected: number;
  onSelect: (layer: number) => void;
}

/** The layers of a plan, one of them selected. The list is one stop for the Tab key; arrows go from layer to layer. */
export function LayerList({ layers, selected, onSelect }: Props) {
  const strings = useStrings();
  const words = useWords(bothLanguages);
  const { columns } = strings.plan;
  const format = useFormat();
  const body = useRef<HTMLTableSectionElement>(null);
  const last = layers.length - 1;

  const move = (event: KeyboardEvent) => {
    const next = {
      ArrowDown: Math.min(last, selected + 1),
      ArrowUp: Math.max(0, selected - 1),
      Home: 0,
      End: last,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    onSelect(next);
    body.current?.querySelectorAll('button')[next]?.focus();
  };

  return (
    <div class="scroll layer-list">
      <table aria-label={strings.plan.layers}>
        <thead>
          <tr>
            <th scope="col">{words.list.layer}</th>
            <th scope="col">{columns.shape}</th>
            <th scope="col" class="number">
              {columns.macs}
            </th>
            <th scope="col" class="number">
              {columns.parameters}
            </th>
            <th scope="col" class="number">
              {columns.written}
            </th>
          </tr>
        </thead>
        <tbody ref={body} onKeyDown={move}>
          {layers.map(({ name, kind, shape, macs, parameters, bytesWritten }, index) => (
            <tr key={index} class={index === selected ? 'selected' : ''} onClick={() => onSelect(index)}>
              <th scope="row">
                <button type="button" aria-pressed={index === selected} tabIndex={index === selected ? 0 : -1}>
                  <span>{name}</span>
                  <small>{kind}</small>
                </button>
              </th>
              <td>{shape.slice(1).join(' × ')}</td>
              <td class="number">{macs > 0 && format.compact(macs)}</td>
              <td class="number">{parameters > 0 && format.compact(parameters)}</td>
              <td class="number">{format.memory(bytesWritten)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
