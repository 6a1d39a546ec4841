import { useEffect, useState } from 'preact/hooks';
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

const ALL_COLUMNS: readonly Column[] = [
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

const columnsOf = ({ measurable }: Pick<Props, 'measurable'>) =>
  ALL_COLUMNS.filter((column) => measurable || column !== 'time');

interface Props {
  plans: readonly Planned[];
  times: Readonly<Record<string, Time>>;
  /** Of the networks that the button measures. */
  chosen: ReadonlySet<string>;
  onChoose: (id: string, wanted: boolean) => void;
  disabled: boolean;
  /** Whether there is, or will be, something to measure with: otherwise there are neither times nor what asks for them. */
  measurable: boolean;
}

interface Order {
  readonly column: Column;
  readonly descending: boolean;
}

/** Below it a table of ten columns would be seen through a keyhole. */
const NARROW = '(max-width: 43.99rem)';

/** All networks in the order of the column that was chosen last: a table, or cards where that would not fit. */
export function Networks(props: Props) {
  const narrow = useMedia(NARROW);
  const [order, setOrder] = useState<Order>({ column: 'macs', descending: false });
  const List = narrow ? NetworkCards : NetworkTable;
  return <List {...props} order={order} onOrder={(column) => setOrder(nextOrder(order, column))} />;
}

interface ListProps extends Props {
  order: Order;
  onOrder: (column: Column) => void;
}

/** The best accuracy comes first, and of all else the least; once more turns it. */
const nextOrder = (order: Order, column: Column): Order => ({
  column,
  descending: order.column === column ? !order.descending : column === 'top1',
});

function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const update = () => setMatches(media.matches);
    media.addEventListener('change', update);
    return () => media.removeEventListener('change', update);
  }, [query]);
  return matches;
}

/** The networks in their order, and what stands in a column of one. */
function useRows({ plans, times, order }: ListProps) {
  const words = useWords(bothLanguages);
  const format = useFormat();
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

  return { rows, cell };
}

interface TickProps extends Pick<Props, 'chosen' | 'onChoose' | 'disabled'> {
  row: Planned;
}

function Tick({ row, chosen, onChoose, disabled }: TickProps) {
  const words = useWords(bothLanguages).table;
  const { id, name } = row.candidate;
  return (
    <input
      type="checkbox"
      aria-label={words.measure(name)}
      checked={chosen.has(id)}
      disabled={disabled}
      onChange={({ currentTarget }) => onChoose(id, currentTarget.checked)}
    />
  );
}

/** One row for each network. */
function NetworkTable(props: ListProps) {
  const words = useWords(bothLanguages);
  const { order, onOrder } = props;
  const { rows, cell } = useRows(props);
  const columns = columnsOf(props);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
    <section class="scroll network-box" aria-label={words.table.label} tabIndex={0}>
      <table class="network-table">
        <thead>
          <tr>
            {props.measurable && (
              <th scope="col">
                <span class="hidden">{words.table.measured}</span>
              </th>
            )}
            {columns.map((column) => {
              const sorted = order.column === column;
              return (
                <th
                  key={column}
                  scope="col"
                  class={column === 'name' ? '' : 'number'}
                  aria-sort={sorted ? (order.descending ? 'descending' : 'ascending') : undefined}
                >
                  <button type="button" onClick={() => onOrder(column)}>
                    {words.table.columns[column]}
                    <span aria-hidden="true">{sorted ? (order.descending ? ' ↓' : ' ↑') : ''}</span>
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.candidate.id}>
              {props.measurable && (
                <td>
                  <Tick {...props} row={row} />
                </td>
              )}
              {columns.map((column) =>
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
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** One card for each network, the time first. */
function NetworkCards(props: ListProps) {
  const words = useWords(bothLanguages);
  const { order, onOrder } = props;
  const { rows, cell } = useRows(props);
  const columns = columnsOf(props);
  const others = columns.filter((column) => column !== 'name' && column !== 'time');
  return (
    <section class="network-cards" aria-label={words.table.label}>
      <label>
        {words.table.sort}
        <select value={order.column} onChange={({ currentTarget }) => onOrder(currentTarget.value as Column)}>
          {columns.map((column) => (
            <option key={column} value={column}>
              {words.table.columns[column]}
            </option>
          ))}
        </select>
      </label>
      <ul>
        {rows.map((row) => (
          <li key={row.candidate.id}>
            <p class="network-name">
              {props.measurable && <Tick {...props} row={row} />} {cell(row, 'name')}
            </p>
            {props.measurable && <p class="network-time">{cell(row, 'time') || '–'}</p>}
            <dl>
              {others.map((column) => (
                <div key={column}>
                  <dt>{words.table.columns[column]}</dt>
                  <dd>{cell(row, column)}</dd>
                </div>
              ))}
            </dl>
          </li>
        ))}
      </ul>
    </section>
  );
}
