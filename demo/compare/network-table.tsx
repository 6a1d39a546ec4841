import { useState } from 'preact/hooks';
import { useFormat } from '../shared/format.ts';
import { useWords } from '../shared/strings.ts';
import { words as bothLanguages } from './compare-strings.ts';
import type { Time } from './measuring.ts';
import type { Planned } from './planned.ts';

type Column =
  | 'name'
  | 'top1'
  | 'parameters'
  | 'macs'
  | 'planned'
  | 'separate'
  | 'weights'
  | 'dispatches'
  | 'pipelines'
  | 'time';

const COLUMNS: readonly Column[] = [
  'name',
  'top1',
  'macs',
  'parameters',
  'planned',
  'separate',
  'weights',
  'dispatches',
  'pipelines',
  'time',
];

interface Props {
  plans: readonly Planned[];
  times: Readonly<Record<string, Time>>;
  /** Of the networks that the button measures. */
  chosen: ReadonlySet<string>;
  onChoose: (id: string, wanted: boolean) => void;
  disabled: boolean;
}

/** One row for each network, in the order of the column that was clicked last. */
export function NetworkTable({ plans, times, chosen, onChoose, disabled }: Props) {
  const words = useWords(bothLanguages);
  const format = useFormat();
  const [order, setOrder] = useState<{ column: Column; descending: boolean }>({ column: 'macs', descending: false });

  const timeOf = ({ candidate }: Planned) => {
    const time = times[candidate.id];
    return time?.kind === 'done' ? time.ms : undefined;
  };
  const sortingValue = (row: Planned): number | string | undefined => {
    if (order.column === 'name') return row.candidate.name;
    if (order.column === 'top1') return row.candidate.published?.top1;
    return order.column === 'time' ? timeOf(row) : row[order.column];
  };
  const rows = plans.toSorted((a, b) => {
    const [first, second] = [sortingValue(a), sortingValue(b)];
    // What has no value is last in either direction.
    if (first === undefined || second === undefined) return Number(first === undefined) - Number(second === undefined);
    const sign =
      typeof first === 'string' || typeof second === 'string'
        ? String(first).localeCompare(String(second), 'en', { numeric: true })
        : first - second;
    return order.descending ? -sign : sign;
  });
  const cell = (row: Planned, column: Column) => {
    const { candidate } = row;
    switch (column) {
      case 'top1':
        return candidate.published ? (
          <a href={candidate.published.source}>{format.percent(candidate.published.top1)}</a>
        ) : (
          <span class="quiet">{words.table.segmenter}</span>
        );
      case 'macs':
      case 'parameters':
        return <span title={format.integer(row[column])}>{format.compact(row[column])}</span>;
      case 'planned':
      case 'separate':
      case 'weights':
        return format.memory(row[column]);
      case 'time':
        return writeTime(times[candidate.id]);
      default:
        return column === 'name' ? candidate.name : format.integer(row[column]);
    }
  };
  const writeTime = (time: Time | undefined) => {
    if (!time) return '';
    return time.kind === 'done' ? format.milliseconds(time.ms) : words.measure[time.kind];
  };

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section class="scroll network-box" aria-label={words.table.label} tabIndex={0}>
      <table class="network-table">
        <thead>
          <tr>
            <th scope="col">
              <span class="hidden">{words.table.measured}</span>
            </th>
            {COLUMNS.map((column) => {
              const sorted = order.column === column;
              return (
                <th
                  key={column}
                  scope="col"
                  class={column === 'name' ? '' : 'number'}
                  aria-sort={sorted ? (order.descending ? 'descending' : 'ascending') : undefined}
                >
                  <button
                    type="button"
                    onClick={() => setOrder({ column, descending: sorted ? !order.descending : column === 'top1' })}
                  >
                    {words.table.columns[column]}
                    <span aria-hidden="true">{sorted ? (order.descending ? ' ↓' : ' ↑') : ''}</span>
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const { id, name } = row.candidate;
            return (
              <tr key={id}>
                <td>
                  <input
                    type="checkbox"
                    aria-label={words.table.measure(name)}
                    checked={chosen.has(id)}
                    disabled={disabled}
                    onChange={({ currentTarget }) => onChoose(id, currentTarget.checked)}
                  />
                </td>
                {COLUMNS.map((column) =>
                  column === 'name' ? (
                    <th key={column} scope="row">
                      {cell(row, column)}
                    </th>
                  ) : (
                    <td key={column} class="number">
                      {cell(row, column)}
                    </td>
                  ),
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
