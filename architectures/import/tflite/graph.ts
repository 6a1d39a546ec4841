import { during, type UnsupportedNode } from '../../../engine/common/errors.ts';
import type { Value } from '../../../engine/graph/graph.ts';
import type { GraphBuilder } from '../../../engine/graph/graph-builder.ts';
import type { FileValue } from '../described.ts';
import type { LazyTensor } from '../lazy-weights.ts';
import { ownOf } from '../own-of.ts';
import { builderReason, refuse, shorten } from '../problems.ts';
import { WITHIN_BATCHES } from './batches.ts';
import { constantOf, type FileOperator, type FileTensor, requireSizes, type TfliteFile } from './file.ts';
import { type OperatorFunction, OperatorNode, Refusal, unsupported as refuseNode, Target } from './node.ts';
import { Computed, isComputed, type Operand, toValueOrder } from './operand.ts';
import { CUSTOM_OPERATORS, OPERATORS, REASONS } from './operators.ts';

/** The ports of a file's network, sizes in the file's order. */
export interface Ports {
  readonly inputs: readonly FileValue[];
  readonly outputNames: readonly string[];
}

export interface Imported {
  /** What the weights must hold. */
  readonly tensors: ReadonlyMap<string, LazyTensor>;
  readonly inputs: readonly FileValue[];
  /** With the file's sizes where there are nodes that are not supported. */
  readonly outputs: readonly FileValue[];
  readonly unsupported: readonly UnsupportedNode[];
}

/** What an operator would have made that is not supported. */
const UNKNOWN = Symbol('unknown');

type Known = Operand | typeof UNKNOWN;

/** Adds the nodes of a file's network, as far as Linnet can compute them. */
export function importTflite(g: GraphBuilder, file: TfliteFile, { inputs, outputNames }: Ports): Imported {
  const target = new Target(g);
  const unsupported: UnsupportedNode[] = [];
  const operators = neededOperators(file);
  const known = new Map<number, Known>();
  const reads = readsOf(operators, file.outputs);
  const given = new Set<Value>();
  const ports = inputs.map(({ name, shape, type }, at): FileValue => {
    const index = file.inputs[at] as number;
    const isPlanar = isReadAsPlanes(index, file, operators);
    const told = isPlanar ? shape : toValueOrder(shape, 1);
    const value = g.input(name, told);
    given.add(value);
    known.set(index, new Computed(g, shape, () => value, {}, isPlanar));
    return { name, shape: told, type };
  });
  for (const operator of operators) {
    const name = file.tensors[operator.outputs[0] ?? -1]?.name ?? '';
    const results = during(`importing ${operator.operator.slice(0, 80)} ${shorten(name)}`, () => {
      try {
        return compute(operator, target, file, known, reads);
      } catch (error) {
        const reason = error instanceof Refusal ? error.reason : builderReason(error);
        unsupported.push({ name, operator: operator.operator, reason });
        return undefined;
      }
    });
    for (const [at, index] of operator.outputs.entries()) known.set(index, results?.[at] ?? UNKNOWN);
  }
  const outputs = outputNames.map((name, at): FileValue => {
    const index = file.outputs[at] as number;
    const { shape: stated, type } = file.tensors[index] as FileTensor;
    if (unsupported.length > 0) return { name, shape: toValueOrder(stated, 1), type };
    const operand = operandOf(index, file, known);
    if (operand === UNKNOWN || !isComputed(operand)) return refuse(`The output ${shorten(name)} is a constant.`);
    const { value } = operand;
    const shape = operand.shape.length === 4 ? value.shape : operand.shape;
    g.output(name, given.has(value) ? g.identity(value) : value, shape);
    return { name, shape, type };
  });
  return { tensors: target.tensors, inputs: ports, outputs, unsupported };
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
      return permutation?.data !== undefined && constantOf(permutation).read().join() === '0,2,3,1';
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
  const implementation =
    ownOf<OperatorFunction>(isCustom ? CUSTOM_OPERATORS : OPERATORS, name) ??
    refuseNode(ownOf(REASONS, name) ?? `Linnet has no such ${isCustom ? 'custom operator' : 'operator'}`);
  const found = inputs.map((index) => (index === -1 ? undefined : operandOf(index, file, known)));
  const operands = found.filter((operand): operand is Operand | undefined => operand !== UNKNOWN);
  if (operands.length < found.length) return undefined;
  const isWithin = operands.some((operand) => isComputed(operand) && operand.details.block);
  if (isWithin && !WITHIN_BATCHES.has(name)) refuseNode('it lies between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND');
  const results = [implementation(new OperatorNode(target, operator, file.tensors, operands, reads))].flat();
  if (results.length !== outputs.length) refuse(`It has ${outputs.length} outputs instead of ${results.length}.`);
  for (const { shape } of results) requireSizes(file.tensors[outputs[0] as number]?.name ?? '', shape);
  return results;
}

function operandOf(index: number, { tensors }: TfliteFile, known: Map<number, Known>): Known {
  const found = known.get(index);
  if (found) return found;
  const tensor = tensors[index] as FileTensor;
  const { name, data, refusal } = tensor;
  if (refusal) refuseNode(`its tensor ${shorten(name)} ${refusal}`);
  if (!data) return refuse(`Nothing computes the tensor ${shorten(name)} before it is read.`);
  const constant = constantOf(tensor);
  known.set(index, constant);
  return constant;
}
