import type { Edge, Row } from './network-graph.ts';

/** A layer (or folded ones) in the middle of its row, or where what several wrote is read as one, above the first reader's. */
export interface Vertex {
  readonly kind: 'row' | 'joint';
  readonly row: number;
  readonly lane: number;
  /** In rows from the top. */
  readonly y: number;
}

export interface Line {
  readonly from: Vertex;
  readonly to: Vertex;
  /** `add` and `scale` are what a kernel does with the operand at the end of the line. */
  readonly joins: 'flow' | 'add' | 'scale';
  /** The edges that are drawn as this line, of which a joint has several. */
  readonly edges: readonly Edge[];
  /** Of a line that passes by layers: its place left of the lanes, counted from them. */
  readonly track?: number;
}

export interface Layout {
  readonly vertices: readonly Vertex[];
  readonly lines: readonly Line[];
  readonly lanes: number;
  readonly tracks: number;
}

/** While the layout is made. */
interface Node {
  readonly kind: Vertex['kind'];
  readonly row: number;
  readonly y: number;
  /** What it reads, the one that it continues first. */
  readonly inputs: { node: Node; operand: string; edges: Edge[] }[];
  /** Of the chain of nodes that each continue one before. */
  reach: number;
  next?: Node;
  lane: number;
}

/**
 * Places the rows of a network in lanes, in the order in which they are computed: a layer continues the lane of its main input,
 * unless another reader of that goes on longer; branches have lanes beside it while they last, and what passes by layers (skips)
 * has tracks of its own. What is read of a value that several have written comes from a joint; one that reads more of the same value
 * than another before it continues that one, which makes a dense block a lane with a loop for each layer.
 */
export function layoutOf(rows: readonly Row[], edges: readonly Edge[]): Layout {
  const nodes = nodesOf(rows, edges);
  chain(nodes);
  const lanes = giveLanes(nodes);
  const vertices = new Map<Node, Vertex>(
    nodes.map((node) => [node, { kind: node.kind, row: node.row, lane: node.lane, y: node.y }]),
  );
  const lines = nodes.flatMap((node) =>
    node.inputs.map(({ node: from, operand, edges }) => ({ from, to: node, operand, edges })),
  );
  const passing = giveTracks(lines);
  return {
    vertices: [...vertices.values()],
    lines: lines.map((line) => {
      const track = passing.get(line);
      return {
        from: vertices.get(line.from) as Vertex,
        to: vertices.get(line.to) as Vertex,
        joins: line.operand === 'residual' ? 'add' : line.operand === 'scale' ? 'scale' : 'flow',
        edges: line.edges,
        ...(track !== undefined && { track }),
      };
    }),
    lanes,
    tracks: Math.max(0, ...[...passing.values()].map((track) => track + 1)),
  };
}

const operandOf = ({ to, operand, value }: Edge) => `${to} ${operand} ${value}`;

function nodesOf(rows: readonly Row[], edges: readonly Edge[]): Node[] {
  const nodes: Node[] = [];
  const make = (kind: Vertex['kind'], row: number, y: number): Node => {
    const node: Node = { kind, row, y, inputs: [], reach: 0, lane: 0 };
    nodes.push(node);
    return node;
  };
  const ofLayer: Node[] = [];
  /** By what is read, in the order in which that is first read. */
  const joints = new Map<string, { node: Node; value: number; first: number; end: number }>();
  for (const [index, row] of rows.entries()) {
    if (row.kind === 'title') continue;
    const into = edges.filter(({ from, to }) => to >= row.first && to <= row.last && from < row.first);
    const inputs: Node['inputs'] = [];
    const read = (node: Node, named: string, drawn: readonly Edge[]) => {
      // What is done with it is inside of a fold.
      const operand = row.kind === 'folded' ? 'input' : named;
      const known = inputs.find((input) => input.node === node && input.operand === operand);
      if (known) known.edges.push(...drawn);
      else inputs.push({ node, operand, edges: [...drawn] });
    };
    const operands = new Set(into.map(operandOf));
    for (const wanted of operands) {
      const parts = into.filter((edge) => operandOf(edge) === wanted).toSorted((a, b) => a.first - b.first);
      const { operand, value, first } = parts[0] as Edge;
      const writers = [...new Set(parts.map(({ from }) => ofLayer[from] as Node))];
      if (writers.length === 1) {
        read(writers[0] as Node, operand, parts);
        continue;
      }
      const end = Math.max(...parts.map((part) => part.first + part.count));
      const key = `${value} ${first} ${end}`;
      let joint = joints.get(key)?.node;
      if (!joint) {
        joint = make('joint', index, index);
        const before = [...joints.values()].findLast(
          (other) => other.value === value && other.first === first && other.end < end,
        );
        if (before)
          joint.inputs.push({
            node: before.node,
            operand: 'input',
            edges: parts.filter((part) => part.first < before.end),
          });
        for (const part of parts) {
          if (before && part.first < before.end) continue;
          const writer = ofLayer[part.from] as Node;
          const known = joint.inputs.find(({ node }) => node === writer);
          if (known) known.edges.push(part);
          else joint.inputs.push({ node: writer, operand: 'input', edges: [part] });
        }
        joints.set(key, { node: joint, value, first, end });
      }
      read(joint, operand, parts);
    }
    const node = make('row', index, index + 0.5);
    // What the op itself reads comes first, before what fusion added to it.
    node.inputs.push(
      ...inputs.filter(({ operand }) => operand === 'input'),
      ...inputs.filter(({ operand }) => operand !== 'input'),
    );
    for (let layer = row.first; layer <= row.last; layer++) ofLayer[layer] = node;
  }
  return nodes;
}

/** Lets each node be continued by the one that has it as its main input and goes on longest. */
function chain(nodes: readonly Node[]): void {
  for (const node of nodes.toReversed()) {
    node.reach++;
    const main = node.inputs[0]?.node;
    if (!main || main.reach > node.reach) continue;
    main.reach = node.reach;
    main.next = node;
  }
}

/** A branch that begins or ends farther away than so many rows would keep a lane for nothing. */
const NEAR = 6;

const isNear = (from: Node, to: Node) => to.y - from.y <= NEAR;

/** Gives each chain the first lane that is free from where it branches off to where it is read; the longest one the first. */
function giveLanes(nodes: readonly Node[]): number {
  const continued = new Set(nodes.map(({ next }) => next));
  const chains = nodes
    .filter((node) => !continued.has(node))
    .map((head) => {
      const members = [head];
      for (let { next } = head; next; { next } = next) members.push(next);
      const tail = members.at(-1) as Node;
      const source = head.inputs[0]?.node;
      const readers = nodes.filter((node) => isNear(tail, node) && node.inputs.some((input) => input.node === tail));
      return {
        members,
        start: source && isNear(source, head) ? source.y : head.y - 0.5,
        end: Math.max(tail.y + 0.5, ...readers.map(({ y }) => y)),
      };
    });
  const byLength = chains.toSorted((a, b) => b.members.length - a.members.length);
  const [longest, ...others] = byLength;
  const taken: { start: number; end: number }[][] = [];
  for (const chain of [...(longest ? [longest] : []), ...others.toSorted((a, b) => a.start - b.start)]) {
    let lane = taken.findIndex((known) => known.every(({ start, end }) => end <= chain.start || start >= chain.end));
    if (lane < 0) lane = taken.push([]) - 1;
    taken[lane]?.push(chain);
    for (const node of chain.members) node.lane = lane;
  }
  return taken.length;
}

/**
 * What neither continues a chain nor begins or ends one nearby passes by others, in the free track nearest to the lanes. Lines of
 * one source may share theirs.
 */
function giveTracks<Drawn extends { readonly from: Node; readonly to: Node }>(
  lines: readonly Drawn[],
): Map<Drawn, number> {
  const isDirect = ({ from, to }: Drawn) =>
    from.next === to ||
    (isNear(from, to) && to.lane !== from.lane && (to.inputs[0]?.node === from || from.next === undefined));
  const tracks: Drawn[][] = [];
  const given = new Map<Drawn, number>();
  const passing = lines.filter((line) => !isDirect(line));
  for (const line of passing.toSorted((a, b) => a.to.y - a.from.y - (b.to.y - b.from.y))) {
    const isFree = (others: readonly Drawn[]) =>
      others.every(({ from, to }) => from === line.from || to.y <= line.from.y || from.y >= line.to.y);
    let track = tracks.findIndex(isFree);
    if (track < 0) track = tracks.push([]) - 1;
    tracks[track]?.push(line);
    given.set(line, track);
  }
  return given;
}
