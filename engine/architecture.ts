import { during } from './common/errors.ts';
import { BasicGraphBuilder, requireName } from './graph/builder.ts';
import { check } from './graph/check.ts';
import type { Graph } from './graph/graph.ts';
import type { GraphBuilder } from './graph/graph-builder.ts';
import { BASIC, type Candidates } from './kernels/candidates.ts';

/** The ops that a network may have. What a network does not name, a page that has no other need not download. */
export interface Ops<Builder extends BasicGraphBuilder = BasicGraphBuilder> {
  readonly Builder: new (name: string) => Builder;
  /** What computes them; of an op that is in several all are tried. */
  readonly candidates: readonly Candidates[];
}

/** A network, not yet compiled. Made by the functions of `linnet/architectures`, or by `architecture`. */
export interface Architecture<Outputs extends string = string> {
  readonly name: string;
  build(graph: GraphBuilder<Outputs>): void;
  readonly ops: Ops;
}

/** A network of basic ops, and of those that `more` computes. */
export function basicArchitecture<Outputs extends string>(
  name: string,
  more: readonly Candidates[],
  build: (graph: BasicGraphBuilder<Outputs>) => void,
): Architecture<Outputs> {
  return architectureWith(name, { Builder: BasicGraphBuilder, candidates: [BASIC, ...more] }, build);
}

/** A network of these ops. `build` gets their builder. */
export function architectureWith<Outputs extends string, Builder extends BasicGraphBuilder<Outputs>>(
  name: string,
  ops: Ops<Builder>,
  build: (graph: Builder) => void,
): Architecture<Outputs> {
  requireName(name);
  check(typeof build === 'function', `builder of '${name}'`, build, 'a function');
  return { name, build, ops } as unknown as Architecture<Outputs>;
}

/** Runs an architecture's function; its mistakes end as an `ArchitectureError` that says where. */
export function buildGraph(network: Architecture): Graph {
  check(typeof network?.ops === 'object', 'architecture', network, "what 'architecture' gives");
  const { name, ops } = network;
  return during(`building architecture '${name}'`, () => {
    const builder = new ops.Builder(name);
    const built: unknown = network.build(builder as GraphBuilder);
    check(!(built instanceof Promise), `builder of '${name}'`, network.build, 'a function that is not async');
    return builder.finish();
  });
}
