import { ArchitectureError, during, ModelError, type UnsupportedNode } from '../../../engine/common/errors.ts';
import { GraphBuilder } from '../../../engine/graph/graph-builder.ts';
import type { ElementType, FileValue } from '../described.ts';
import { type Constant, constantOf } from '../elements.ts';
import type { LazyTensor } from '../lazy-weights.ts';
import { ownOf } from '../own-of.ts';
import { builderReason, refuse, shorten } from '../problems.ts';
import { Algebra } from './algebra.ts';
import type { GraphProto, ModelProto, NodeProto } from './file.ts';
import { FOLDS } from './folding.ts';
import { type Item, isConstant, type OnnxNode, Scope, type TypedTerm } from './node.ts';
import { OPERATORS } from './operators.ts';
import type { Term } from './recorder.ts';
import { decodeTensor, type ExternalBytes } from './tensor.ts';
import { UnsupportedHere, unsupported } from './unsupported.ts';
import { modernize } from './versions.ts';

export interface ImportedGraph {
  readonly inputs: readonly FileValue<ElementType>[];
  readonly outputs: readonly FileValue<ElementType>[];
  readonly unsupported: readonly UnsupportedNode[];
  /** Of what the outputs need. */
  readonly tensors: ReadonlyMap<string, LazyTensor>;
  build(g: GraphBuilder): void;
}

/** What a file leaves open. */
export interface Bound {
  /** Its inputs but for constants. */
  readonly shapes: readonly FileValue<ElementType>[];
  /** Inputs that are constants. */
  readonly constants: ReadonlyMap<string, Constant>;
  readonly external: ExternalBytes;
}

/** Those that the standard's own operators may be in. */
const DOMAINS = ['', 'ai.onnx'];

/** The version of the standard's operators. */
export const opsetOf = ({ opsetImport }: ModelProto): number =>
  opsetImport.find(({ domain = '' }) => DOMAINS.includes(domain))?.version ?? 1;

/** Runs through the nodes once: what is constant is computed, and the rest taken down as calls of a builder. */
export function importGraph(model: ModelProto, { shapes, constants, external }: Bound): ImportedGraph {
  const { graph } = model;
  const version = opsetOf(model);
  const items = new Map<string, Item | 'unknown'>();
  const unsupportedNodes: UnsupportedNode[] = [];
  const algebra = new Algebra();
  const uses = countUses(graph);
  if (graph.sparseInitializer.length > 0) refuse('The file has sparse tensors, which Linnet does not know.');
  for (const tensor of graph.initializer) items.set(tensor.name ?? '', decodeTensor(tensor, external));
  for (const [name, constant] of constants) items.set(name, constant);
  for (const { name, shape, type } of shapes) {
    const term = during(`importing input ${shorten(name)}`, () => fitting(() => algebra.input(name, shape)));
    items.set(name, { ...term, type, isShared: true });
  }

  for (const [index, proto] of graph.node.entries()) {
    const name = proto.name || proto.output[0] || `node ${index}`;
    const { opType = '', domain } = proto;
    const problem = during(`importing ${opType.slice(0, 80)} ${shorten(name)}`, () => importNode(proto, name));
    if (problem === undefined) continue;
    for (const output of proto.output) items.set(output, 'unknown');
    if (problem) unsupportedNodes.push({ name, operator: domain ? `${domain}.${opType}` : opType, reason: problem });
  }

  const outputs = graph.output.map(({ name = '' }) => {
    const item = items.get(name);
    const term = item && item !== 'unknown' && !isConstant(item) ? item : undefined;
    if (!term && unsupportedNodes.length === 0) {
      refuse(`The output ${shorten(name)} ${item ? 'depends on no input' : 'is made by no node'}.`);
    }
    return { name, term };
  });
  const complete = outputs.flatMap(({ name, term }) => (term ? [{ name, term, result: resultOf(term) }] : []));
  const build = (g: GraphBuilder) =>
    algebra.replay(
      g,
      complete.map(({ name, result }) => ({ name, term: result })),
    );
  const isWhole = unsupportedNodes.length === 0;
  const built = isWhole ? fitting(() => graphOf(build)) : undefined;
  const isNeeded = new Set([...(built?.tensors ?? []), ...(built?.inputs ?? [])].map(({ name }) => name));
  return {
    inputs: isWhole ? shapes.filter(({ name }) => isNeeded.has(name)) : shapes,
    outputs: complete.map(({ name, term: { shape, type } }) => ({ name, shape, type })),
    unsupported: unsupportedNodes,
    tensors: new Map([...algebra.tensors].filter(([name]) => isNeeded.has(name))),
    build,
  };

  /** Why a node cannot be computed: an empty text if that is as its inputs cannot. */
  function importNode(proto: NodeProto, name: string): string | undefined {
    try {
      for (const node of modernized(proto, name)) run(node);
      return undefined;
    } catch (error) {
      return error instanceof UnsupportedHere ? (error.reason ?? '') : builderReason(error);
    }
  }

  function modernized(proto: NodeProto, name: string): readonly OnnxNode[] {
    const { domain = '', opType = '', input, output, attribute } = proto;
    if (!DOMAINS.includes(domain)) unsupported(`Linnet has no operators of '${domain.slice(0, 80)}'`);
    const attributes = new Map(attribute.map((own) => [own.name ?? '', own]));
    const modern = modernize({ name, op: opType, inputs: input, outputs: output, attributes }, version);
    for (const { name: own, type, values } of modern.constants) {
      items.set(own, constantOf(own, type, [values.length], values));
    }
    return modern.nodes;
  }

  function run(node: OnnxNode): void {
    const scope = new Scope(node, items, uses);
    const fold = ownOf(FOLDS, node.op);
    const operator = ownOf(OPERATORS, node.op);
    if (!fold && !operator) unsupported('Linnet has no such operator');
    const given = node.inputs.flatMap((name) => (name ? [items.get(name)] : []));
    const isKnown = given.every((item) => item && item !== 'unknown' && isConstant(item));
    // Missing inputs are told first.
    if (!operator && !isKnown) scope.items();
    const compute = isKnown && fold ? fold : (operator ?? unsupported('Linnet computes it of constants only'));
    const made = compute(scope, algebra);
    const results = (Array.isArray(made) ? made : [made]) as readonly (Term | Item)[];
    const like = given.find(
      (item): item is TypedTerm => Boolean(item) && item !== 'unknown' && !isConstant(item as Item),
    );
    for (const [index, output] of node.outputs.entries()) {
      const result = results[index];
      if (!result && scope.gives(index)) unsupported(`its output ${shorten(output)} is asked for`);
      if (!result || !output) continue;
      items.set(output, isConstant(result) ? { ...result, name: result.name || output } : bind(result, output, like));
    }
  }

  /** A result under its name in the file, of the type of what it is made of unless it has one. */
  function bind(term: Term | TypedTerm, name: string, like: TypedTerm | undefined): TypedTerm {
    const { type, quantization } =
      'type' in term ? term : { type: like?.type ?? 'float32', quantization: like?.quantization };
    return { ...term, type, quantization, isShared: term.isShared || (uses.get(name) ?? 0) > 1 };
  }

  /** What is given out for a value: what the file's integers are. */
  function resultOf(term: TypedTerm): Term {
    const { scale, zero } = term.quantization ?? {};
    if (scale !== undefined && zero !== undefined) {
      const steps = algebra.unary(algebra.linear(term, 1 / scale, 0), 'roundEven', (g, x) => g.roundEven(x));
      return algebra.linear(steps, 1, zero);
    }
    return term;
  }
}

function graphOf(build: (g: GraphBuilder) => void) {
  const g = new GraphBuilder('model');
  build(g);
  return g.finish();
}

/** What the builder refuses here is the file's mistake. */
function fitting<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof ArchitectureError) throw new ModelError(cause.message, { cause });
    throw cause;
  }
}

/** How often nodes and outputs read what has a name. */
function countUses({ node, output }: GraphProto): Map<string, number> {
  const uses = new Map<string, number>();
  const names = [...node.flatMap(({ input }) => input), ...output.map(({ name = '' }) => name)];
  for (const name of names) uses.set(name, (uses.get(name) ?? 0) + 1);
  return uses;
}
