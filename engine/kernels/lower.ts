import { repack } from '../../shaders/repack.wgsl.ts';
import { during, InputError } from '../common/errors.ts';
import type { DividedGraph } from '../graph/divide.ts';
import { elementsOf, type Node, operandsOf, type Value } from '../graph/graph.ts';
import { sizesOf } from '../graph/sizes.ts';
import { place } from '../plan/place.ts';
import type { Lowered, Plan, PlannedInput, PlannedOutput } from '../plan/plan.ts';
import { candidatesFor, type KernelTarget } from './candidates.ts';
import { choose, type Ground } from './choose.ts';
import { planar, Recorder } from './recorder.ts';

/** What computes a fused graph without concatenations. */
export const planGraph = (graph: DividedGraph, target: KernelTarget): Plan =>
  place(graph.name, lower(graph, target), target);

/** Chooses a kernel for each node. */
function lower(graph: DividedGraph, target: KernelTarget): Lowered {
  const to = new Recorder(target, graph);
  const stray = [...target.choices.keys()].find((name) => !graph.nodes.some((node) => node.name === name));
  if (stray !== undefined) throw new InputError(`There is no kernel '${stray}' to choose.`);
  const inputs = Object.fromEntries(graph.inputs.map((input) => [input.name, lowerInput(to, input)]));
  for (const node of graph.nodes) {
    during(`choosing a kernel for ${node.op} '${node.name}'`, () => lowerNode(to, node, target));
  }
  to.choice = undefined;
  const outputs = Object.fromEntries(
    graph.outputs.map(({ name, value, shape = value.shape }) => [name, { ...lowerOutput(to, name, value), shape }]),
  );
  return { kernels: to.kernels, values: to.values, weights: to.weights, inputs, outputs };
}

export const chooseFor = (on: Ground, node: Node, target: KernelTarget) =>
  choose(candidatesFor(node, target), node, on);

export function lowerNode(to: Recorder, node: Node, target: KernelTarget): void {
  const { candidate, choice } = chooseFor(to, node, target);
  to.choice = choice;
  const first = to.kernels.length;
  candidate.lower(to, node);
  const bound = new Set(
    to.kernels.slice(first).flatMap(({ bindings }) => bindings.map((binding) => 'value' in binding && binding.value)),
  );
  // A candidate that did not know of a prologue or a residual would compute something else without a word.
  if (operandsOf(node).some((value) => !bound.has(to.indexOf(value)))) {
    throw new TypeError(`The candidate '${candidate.name}' does not read all that it should.`);
  }
}

/** A tensor, float32 NCHW, into the layout of the kernels. A picture's dispatch takes this one's place. */
function lowerInput(to: Recorder, input: Value): PlannedInput {
  const bytes = elementsOf(input.shape) * 4;
  const tensor = to.allocate(`${input.name} (NCHW)`, input.shape, bytes);
  const kernel = to.emit(repack, {
    node: { name: input.name, output: input },
    options: { to: 'slices' },
    params: {},
    operands: [planar('input', { name: 'input', value: tensor }, input)],
    output: to.write(input),
  });
  return { shape: input.shape, value: to.indexOf(input), tensor, kernel, bytes };
}

/** A result whose layout in memory is NCHW already is given out as it is; others are repacked. */
function lowerOutput(to: Recorder, name: string, value: Value): PlannedOutput {
  const { batch, channels, pixels } = sizesOf(value);
  const bytes = batch * channels * pixels * 4;
  const isPlanar = to.target.elementType === 'float32' && pixels === 1 && (batch === 1 || channels % 4 === 0);
  if (isPlanar && !to.isPart(value)) return { shape: value.shape, value: to.indexOf(value), bytes };
  const target = to.allocate(`${name} (NCHW)`, value.shape, bytes);
  to.emit(repack, {
    node: { name, output: value },
    options: { to: 'planar' },
    params: {},
    operands: [to.read('input', value)],
    output: planar('output', { name: 'output', value: target }, value),
  });
  return { shape: value.shape, value: target, bytes };
}
