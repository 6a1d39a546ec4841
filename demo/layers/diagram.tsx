import type { Plan } from 'linnet';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { Layer } from '../network/layers-of.ts';
import { useFormat } from '../shared/format.ts';
import { useStrings, useWords } from '../shared/strings.ts';
import { strengthOf } from './changes.ts';
import { type Line, layoutOf, type Vertex } from './diagram-layout.ts';
import { DiagramLines, diagramWidth, em, nodeLeft, ROW } from './diagram-lines.tsx';
import type { Change } from './inside.ts';
import { words as bothLanguages } from './layers-strings.ts';
import { type Edge, type Group, type Row, rowsOf } from './network-graph.ts';
import { NodePicture } from './node-picture.tsx';
import type { Preview } from './previews.ts';

interface Props {
  plan: Plan;
  layers: readonly Layer[];
  edges: readonly Edge[];
  groups: readonly Group[];
  open: ReadonlySet<string>;
  onToggle: (label: string) => void;
  selected: number;
  onSelect: (layer: number) => void;
  /** Of each layer, where the network runs. */
  previews: readonly Preview[] | undefined;
  changes: readonly Change[];
}

/** Of a shader's file: what colours its node. */
function familyOf({ kind }: Layer): 'depthwise' | 'transposed' | 'pointwise' | 'full' | 'other' {
  if (/depthwise/.test(kind)) return 'depthwise';
  if (/transpose/.test(kind)) return 'transposed';
  if (/pointwise/.test(kind)) return 'pointwise';
  if (/conv|winograd/.test(kind)) return 'full';
  return 'other';
}

/**
 * The network as lines on which its layers stand, in the order in which they are computed, and beside each what it costs. It is one
 * stop for the Tab key: up and down follow the lines, left and right go from row to row.
 */
export function Diagram({ plan, layers, edges, groups, open, onToggle, selected, onSelect, previews, changes }: Props) {
  const strings = useStrings();
  const words = useWords(bothLanguages).diagram;
  const format = useFormat();
  const body = useRef<HTMLTableSectionElement>(null);
  const rows = useMemo(() => rowsOf(layers, groups, open), [layers, groups, open]);
  const layout = useMemo(() => layoutOf(rows, edges), [rows, edges]);
  const vertexOf = useMemo(
    () => new Map(layout.vertices.flatMap((vertex) => (vertex.kind === 'row' ? [[vertex.row, vertex]] : []))),
    [layout],
  );
  const current = rows.findIndex(({ kind, first, last }) => kind !== 'title' && first <= selected && selected <= last);

  const choose = (index: number) => {
    const { kind, group, last } = rows[index] as Row;
    if (group && (kind === 'title' || index === current)) onToggle(group.label);
    else onSelect(last);
  };
  /** The row at the other end of the line that a layer continues, or that continues it. */
  const along = (row: number, end: 'from' | 'to'): number | undefined => {
    const other = end === 'from' ? 'to' : 'from';
    const follow = (vertex: Vertex): number | undefined => {
      const lines = layout.lines.filter((line) => line[other] === vertex);
      const line =
        lines.find((candidate) => candidate[end].lane === vertex.lane && candidate.track === undefined) ?? lines[0];
      if (!line) return undefined;
      return line[end].kind === 'joint' ? follow(line[end]) : line[end].row;
    };
    const vertex = vertexOf.get(row);
    return vertex && follow(vertex);
  };
  const move = (event: KeyboardEvent) => {
    const buttons = [...(body.current?.querySelectorAll<HTMLButtonElement>('.row-button') ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    if (at < 0) return;
    const last = rows.length - 1;
    const next = {
      ArrowDown: along(at, 'to') ?? Math.min(last, at + 1),
      ArrowUp: along(at, 'from') ?? Math.max(0, at - 1),
      ArrowRight: Math.min(last, at + 1),
      ArrowLeft: Math.max(0, at - 1),
      Home: 0,
      End: last,
    }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const row = rows[next] as Row;
    if (row.kind !== 'title') onSelect(row.last);
    buttons[next]?.focus();
  };
  // Walking by keyboard and the buttons of the panel may lead out of sight.
  useEffect(() => {
    const list = body.current?.closest('.layer-list');
    const row = body.current?.children[current];
    if (!list || !row) return;
    const [outer, inner] = [list.getBoundingClientRect(), row.getBoundingClientRect()];
    const header = 40;
    if (inner.top < outer.top + header) list.scrollTop += inner.top - outer.top - header;
    else if (inner.bottom > outer.bottom) list.scrollTop += inner.bottom - outer.bottom;
  }, [current, rows]);

  const isFaded = (edge: Edge) => strengthOf(changes, { layer: edge.to, kind: 'skip', edge, strength: 1 }) < 1;
  const familyIn = (row: Row): keyof typeof words.families =>
    row.kind === 'folded' ? 'folded' : familyOf(layers[row.last] as Layer);
  const layersIn = ({ row }: Vertex) => rows[row] as Row;
  const isOff = ({ first, last }: Row) =>
    changes.some(({ kind, layer }) => kind !== 'skip' && first <= layer && layer <= last);
  const near = (vertex: Vertex) => vertex.kind === 'row' && vertex.row === current;
  const lineClass = (line: Line) =>
    [near(line.from) || near(line.to) ? 'near' : '', line.edges.some(isFaded) ? 'faded' : ''].join(' ');
  const nodeClass = (vertex: Vertex) => {
    const row = layersIn(vertex);
    return [familyIn(row), vertex.row === current ? 'selected' : '', isOff(row) ? 'faded' : ''].join(' ');
  };
  const nodeText = (vertex: Vertex) => {
    const [, , height = 1, width = 1] = layers[layersIn(vertex).last]?.shape ?? [];
    return height === width ? `${height}²` : `${height}×${width}`;
  };

  const width = diagramWidth(layout);
  return (
    <div class="diagram-place">
      <div class="scroll layer-list">
        <div class="diagram" style={{ '--lines': em(width), '--row': em(ROW) }}>
          <table aria-label={strings.plan.layers} aria-describedby="diagram-keys">
            <thead>
              <tr>
                <th scope="col">{words.layer}</th>
                <th scope="col">{words.shape}</th>
                <th scope="col" class="number">
                  {words.macs}
                </th>
                <th scope="col" class="number">
                  {words.parameters}
                </th>
              </tr>
            </thead>
            <tbody ref={body} onKeyDown={move}>
              {rows.map((row, index) => {
                const parts = layers.slice(row.first, row.last + 1);
                const layer = parts.at(-1) as Layer;
                const total = (cost: 'macs' | 'parameters') => parts.reduce((sum, part) => sum + part[cost], 0);
                const vertex = vertexOf.get(index);
                const preview = previews?.[row.last];
                const isTitle = row.kind === 'title';
                const kind = row.group ? words.layers(parts.length) : layer.kind;
                // What the layers of a stage make together is the value that the last one writes a part of.
                const shape = (row.group && plan.values[layer.output.value]?.shape) ?? layer.shape;
                const group = groups.find(({ first, last }) => first <= row.first && row.last <= last && !row.group);
                return (
                  <tr
                    // A stage keeps its row, and with it the focus, when it is opened.
                    key={`${row.group ? 'stage' : 'layer'} ${row.first}`}
                    class={`${row.kind} ${index === current ? 'selected' : ''}`}
                    onClick={() => choose(index)}
                  >
                    <th scope="row">
                      {vertex && preview && <NodePicture preview={preview} left={nodeLeft(layout, vertex)} />}
                      <button
                        type="button"
                        class="row-button"
                        tabIndex={index === current ? 0 : -1}
                        {...(row.group && { 'aria-expanded': isTitle })}
                        {...(!isTitle && { 'aria-pressed': index === current })}
                        aria-label={`${row.group?.label ?? layer.name} ${kind}`}
                      >
                        <span title={row.group?.label ?? layer.name}>
                          {row.group?.label ?? shortName(layer.name, group)}
                        </span>{' '}
                        <small title={kind}>{kind}</small>
                      </button>
                      {row.kind === 'folded' && (
                        <button
                          type="button"
                          class="unfold"
                          tabIndex={-1}
                          aria-label={words.unfold(row.group?.label ?? '')}
                          onClick={(event) => {
                            event.stopPropagation();
                            onToggle(row.group?.label ?? '');
                          }}
                        >
                          ▸
                        </button>
                      )}
                    </th>
                    {isTitle ? (
                      <td colSpan={3} />
                    ) : (
                      <>
                        <td>{shape.slice(1).join(' × ')}</td>
                        <td class="number">{total('macs') > 0 && format.compact(total('macs'))}</td>
                        <td class="number">{total('parameters') > 0 && format.compact(total('parameters'))}</td>
                      </>
                    )}
                  </tr>
                );
              })}
            </tbody>
          </table>
          <DiagramLines
            layout={layout}
            rows={rows.length}
            lineClass={lineClass}
            nodeClass={nodeClass}
            nodeText={nodeText}
            isFolded={(vertex) => layersIn(vertex).kind === 'folded'}
          />
        </div>
      </div>
      <ul class="diagram-legend" aria-label={words.legend}>
        {[...new Set(rows.flatMap((row) => (row.kind === 'title' ? [] : [familyIn(row)])))].map((family) => (
          <li key={family}>
            <span class={`swatch ${family}`} /> {words.families[family]}
          </li>
        ))}
        {(['add', 'scale'] as const).map(
          (joins) =>
            layout.lines.some((line) => line.joins === joins) && (
              <li key={joins}>
                <span class="swatch-sign" aria-hidden="true">
                  {joins === 'add' ? '+' : '×'}
                </span>{' '}
                {words[joins]}
              </li>
            ),
        )}
      </ul>
      <p id="diagram-keys" class="quiet small">
        {words.keys}
      </p>
    </div>
  );
}

/** Below the title of its group a layer needs not say that again. */
const shortName = (name: string, group: Group | undefined) =>
  group && name.startsWith(`${group.label}.`) ? name.slice(group.label.length + 1) : name;
