import { during, ModelError, type UnsupportedNode } from '../../engine/common/errors.ts';
import type { Shape } from '../../engine/graph/graph.ts';
import type { GraphBuilder } from '../../engine/graph/graph-builder.ts';
import type { LazyTensor } from './lazy-weights.ts';
import { type FileOperator, type FileTensor, refuse, requireSizes, type TfliteFile, valuesOf } from './tflite-file.ts';
import { OperatorNode, Refusal, Target, unsupported } from './tflite-node.ts';
import { Computed, isComputed, type Operand, toValueOrder } from './tflite-operand.ts';
import { CUSTOM_OPERATORS, OPERATORS, REASONS, WITHIN_BATCHES } from './tflite-operators.ts';

/** A network's input or output as its caller has it. */
export interface Port {
  readonly name: string;
  /** A map's is `[batch, channels, height, width]`. */
  readonly shape: Shape;
}

/** The ports of a file's network, sizes in the file's order. */
export interface Ports {
  readonly inputs: readonly Port[];
  readonly outputNames: readonly string[];
}

export interface Imported {
  /** What the weights must hold. */
  readonly tensors: ReadonlyMap<string, LazyTensor>;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** What an operator would have made that is not supported. */
const UNKNOWN = Symbol('unknown');

type Known = Operand | typeof UNKNOWN;

/** Adds the nodes of a file's network. Throws a `ModelError` that lists all of them that Linnet cannot compute. */
export function importTflite(g: GraphBuilder, file: TfliteFile, { inputs, outputNames }: Ports): Imported {
  const target = new Target(g);
  const refused: UnsupportedNode[] = [];
  const operators = neededOperators(file);
  const known = new Map<number, Known>();
  const reads = readsOf(operators, file.outputs);
  const ports = inputs.map(({ name, shape }, at): Port => {
    const index = file.inputs[at] as number;
    const isPlanar = isReadAsPlanes(index, file, operators);
    const told = isPlanar ? shape : toValueOrder(shape, 1);
    const value = g.input(name, told);
    known.set(index, new Computed(g, shape, () => value, {}, isPlanar));
    return { name, shape: told };
  });
  for (const operator of operators) {
    const name = file.tensors[operator.outputs[0] ?? -1]?.name ?? '';
    const results = during(`importing ${operator.operator} '${name}'`, () => {
      try {
        return compute(operator, target, file, known, reads);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        refused.push({ name, operator: operator.operator, reason: error.reason });
        return undefined;
      }
    });
    for (const [at, index] of operator.outputs.entries()) known.set(index, results?.[at] ?? UNKNOWN);
  }
  if (refused.length > 0) throw refusal(refused);
  const outputs = outputNames.map((name, at): Port => {
    const operand = operandOf(file.outputs[at] as number, file, known);
    if (operand === UNKNOWN || !isComputed(operand)) return refuse(`The output '${name}' is a constant.`);
    const { value, shape } = operand;
    const isInput = inputs.some((input) => input.name === value.name);
    g.output(name, isInput ? g.identity(value) : value);
    return { name, shape: shape.length === 4 ? value.shape : shape };
  });
  return { tensors: target.tensors, inputs: ports, outputs };
}

/** The operators that the outputs depend on, in the file's order, which is that of execution. */
function neededOperators({ operators, outputs }: TfliteFile): FileOperator[] {
  const needed = new Set(outputs);
  const found: FileOperator[] = [];
  for (const operator of [...operators].reverse()) {
    if (!operator.outputs.some((index) => needed.has(index))) continue;
    for (const index of operator.inputs) needed.add(index);
    found.push(operator);
  }
  return found.reverse();
}

/** Whether all that reads an input makes a map of `[batch, channels, height, width]`: then these are its axes. */
function isReadAsPlanes(index: number, { tensors }: TfliteFile, operators: readonly FileOperator[]): boolean {
  const readers = operators.filter(({ inputs }) => inputs.includes(index));
  const permutationOf = ({ inputs }: FileOperator): FileTensor | undefined => tensors[inputs[1] ?? -1];
  return (
    readers.length > 0 &&
    readers.every((reader) => {
      const permutation = reader.operator === 'TRANSPOSE' ? permutationOf(reader) : undefined;
      return permutation?.data !== undefined && valuesOf(permutation).join() === '0,2,3,1';
    })
  );
}

/** How often each tensor is read. */
function readsOf(operators: readonly FileOperator[], outputs: readonly number[]): Map<number, number> {
  const reads = new Map<number, number>();
  for (const index of [...operators.flatMap(({ inputs }) => inputs), ...outputs]) {
    reads.set(index, (reads.get(index) ?? 0) + 1);
  }
  return reads;
}

function compute(
  operator: FileOperator,
  target: Target,
  file: TfliteFile,
  known: Map<number, Known>,
  reads: ReadonlyMap<number, number>,
) {
  const { operator: name, isCustom, inputs, outputs } = operator;
  const builtins: Readonly<Record<string, (typeof OPERATORS)['ADD']>> = OPERATORS;
  const implementation =
    (isCustom ? CUSTOM_OPERATORS[name] : builtins[name]) ??
    unsupported(REASONS[name] ?? `there is no such ${isCustom ? 'custom operator' : 'operator'} in Linnet`);
  const found = inputs.map((index) => (index === -1 ? undefined : operandOf(index, file, known)));
  const operands = found.filter((operand): operand is Operand | undefined => operand !== UNKNOWN);
  if (operands.length < found.length) return undefined;
  const isWithin = operands.some((operand) => isComputed(operand) && operand.details.block);
  if (isWithin && !WITHIN_BATCHES.has(name)) unsupported('it lies between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND');
  const results = [implementation(new OperatorNode(target, operator, file.tensors, operands, reads))].flat();
  if (results.length !== outputs.length) refuse(`It has ${outputs.length} outputs instead of ${results.length}.`);
  for (const { shape } of results) requireSizes(file.tensors[outputs[0] as number]?.name ?? '', shape);
  return results;
}

function operandOf(index: number, { tensors }: TfliteFile, known: Map<number, Known>): Known {
  const found = known.get(index);
  if (found) return found;
  const tensor = tensors[index] as FileTensor;
  const { name, shape, data, refusal } = tensor;
  if (refusal) unsupported(`its tensor '${name}' ${refusal}`);
  if (!data) return refuse(`Nothing computes the tensor '${name}' before it is read.`);
  const constant: Operand = { name, shape, read: () => valuesOf(tensor) };
  known.set(index, constant);
  return constant;
}

/** How many nodes a message names; the error has all. */
const LISTED = 8;

function refusal(nodes: readonly UnsupportedNode[]): ModelError {
  const list = nodes.slice(0, LISTED).map(({ name, operator, reason }) => `\n - ${operator} '${name}': ${reason}`);
  const more = nodes.length > LISTED ? `\n - and ${nodes.length - LISTED} more` : '';
  const count = nodes.length === 1 ? '1 node' : `${nodes.length} nodes`;
  return new ModelError(`Linnet cannot compute ${count} of this network:${list.join('')}${more}`, {
    unsupported: nodes,
  });
}
