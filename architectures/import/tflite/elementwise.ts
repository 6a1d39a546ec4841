import { elementsOf, type Pair, type Shape, type Value } from '../../../engine/graph/graph.ts';
import type { GraphBuilder } from '../../../engine/graph/graph-builder.ts';
import { elementwise } from '../constants.ts';
import { type Constant, isFloat } from '../elements.ts';
import { layerName, type OperatorNode, unsupported } from './node.ts';
import { Computed, type Form, isComputed, type Operand } from './operand.ts';
import { options } from './schema.ts';

export type OperatorFunction = (n: OperatorNode) => Operand | Operand[];

/** What a function of two elements is where one of them is a number: a multiple, a sum, a clamp, one after another. */
interface Step {
  readonly alpha?: number;
  readonly beta?: number;
  readonly min?: number;
  readonly max?: number;
}

type GraphOperand = Parameters<GraphBuilder['add']>[0];

interface Binary {
  compute(g: GraphBuilder, a: GraphOperand, b: GraphOperand): Value;
  evaluate(a: number, b: number): number;
  /** With a number in the place of the second operand, or of the first one. */
  withNumber?(number: number, isFirst: boolean): Step | undefined;
  /** Of two computed operands, what is one activation of one of them. */
  withGate?(n: OperatorNode): Computed | undefined;
  /** With a number for each channel. */
  withVector?(n: OperatorNode, input: number, vector: Constant): Computed | undefined;
}

/** A function of two elements, which are broadcast. */
export function binary({ compute, evaluate, withNumber, withGate, withVector }: Binary): OperatorFunction {
  return (n) => {
    const { activation } = n.options(options.fused);
    const [a, b] = [n.operand(0), n.operand(1)];
    if (!isComputed(a) && !isComputed(b)) {
      // Of integers, what is computed is cut to integers.
      const type = isFloat(a.type) ? a.type : b.type;
      return elementwise(n.name, type, [a, b], evaluate);
    }
    const shape = n.broadcast(a, b);
    const block = blockOf(n, [a, b]);
    const [constant, input] = isComputed(a) ? [b, 0] : [a, 1];
    const isPlanar = [a, b].every((operand) => !isComputed(operand) || operand.isPlanar);
    if (isComputed(constant)) {
      const known = withGate?.(n);
      if (known) return n.limited(known, activation);
    } else if (elementsOf(constant.shape) === 1) {
      const [number = 0] = constant.read();
      const step = Number.isFinite(number) ? withNumber?.(number, constant === a) : undefined;
      const known = step && stepped(n, input, step, activation, shape);
      if (known) return known;
    } else if (isVector(constant, shape) && !isPlanar && !block) {
      const known = withVector?.(n, input, constant);
      if (known) return n.limited(known, activation);
    }
    const aligned = (operand: Operand) => n.aligned(operand, shape.length, isPlanar);
    const value = compute(n.g, aligned(a), aligned(b));
    return n.limited(new Computed(n.g, shape, () => value, { ...(block && { block }) }, isPlanar), activation);
  };
}

const isVector = ({ shape }: Constant, map: Shape) =>
  map.length === 4 && shape.at(-1) === map[3] && elementsOf(shape) === map[3];

/** A product of an input and a function of it. */
export function gated(n: OperatorNode): Computed | undefined {
  for (const [index, other] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const [input, gate] = [n.computed(index), n.computed(other)];
    if (!n.isReadOnce(other)) continue;
    const { form, sigmoidOf } = gate.details;
    if (sigmoidOf === input) return input.with((value) => n.g.silu(value));
    if (form?.source === input && !form.isProduct) return formed(n, { ...form, isProduct: true });
  }
  return undefined;
}

/** A factor for each channel: it is made if no sum comes after it. */
export function scaled(n: OperatorNode, index: number, scale: Constant): Computed {
  const source = n.computed(index);
  const make = () => n.g.mul(source.map, n.aligned(scale, 4));
  return new Computed(n.g, source.shape, make, { scaled: { source, scale } });
}

/** What is added to each channel after a factor: a batch normalization. */
export function normalized(n: OperatorNode, index: number, bias: Constant): Computed | undefined {
  const { scaled } = n.computed(index).details;
  if (!scaled || !n.isReadOnce(index)) return undefined;
  const { source, scale } = scaled;
  const channels = source.shape[3] as number;
  const all = (value: number) => n.g.constant(`${value} for ${channels} channels`, Array(channels).fill(value));
  const vector = (constant: Constant) =>
    n.weights(layerName(constant.name), constant, [constant.shape.length - 1], [channels]);
  const value = n.g.batchNormalization(source.map, all(0), all(1), {
    scale: vector(scale),
    bias: vector(bias),
    epsilon: 0,
  });
  return n.result(value);
}

/** Of operands that lie between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND, as in `Computed`. */
function blockOf(n: OperatorNode, operands: readonly Operand[]): Pair | undefined {
  const [block, ...others] = operands.flatMap((operand) => (isComputed(operand) ? [operand.details.block] : []));
  const isSame = others.every((other) => other?.join() === block?.join());
  const isPerChannel = (operand: Operand) => isComputed(operand) || elementsOf(operand.shape.slice(-3, -1)) === 1;
  if (!isSame || (block && !operands.every(isPerChannel))) {
    unsupported(`${n.name} mixes what lies between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND with other tensors`);
  }
  return block;
}

/** What an input is of one before it, if nothing else reads it; or of itself. */
function formOf(n: OperatorNode, index: number): Form {
  const input = n.computed(index);
  const form = n.isReadOnce(index) ? input.details.form : undefined;
  return form ?? { source: input, isProduct: false, alpha: 1, beta: 0, min: -Infinity, max: Infinity };
}

/** A function of one number, together with those before it: what networks spell out is one activation here. */
function stepped(n: OperatorNode, index: number, step: Step, activation: number, shape = n.computed(index).shape) {
  const [least, most] = n.limits(activation) ?? [];
  if (least === undefined || most === undefined) return undefined;
  const { alpha = 1, beta = 0, min = -Infinity, max = Infinity } = step;
  const scaled = alpha === 0 ? undefined : scaledBy(formOf(n, index), alpha, beta);
  const form = scaled && clampedTo(clampedTo(scaled, min, max), least, most);
  return form && formed(n, form, shape);
}

function scaledBy(form: Form, alpha: number, beta: number): Form | undefined {
  if (form.isProduct && beta !== 0) return undefined;
  const [min = 0, max = 0] = [form.min, form.max].map((bound) => bound * alpha + beta).sort((a, b) => a - b);
  return { ...form, alpha: form.alpha * alpha, beta: form.beta * alpha + beta, min, max };
}

function clampedTo(form: Form | undefined, min: number, max: number): Form | undefined {
  if (!form || (min <= form.min && max >= form.max)) return form;
  if (form.isProduct) return undefined;
  const clamp = (bound: number) => Math.min(Math.max(bound, min), max);
  return { ...form, min: clamp(form.min), max: clamp(form.max) };
}

function formed(n: OperatorNode, form: Form, shape = form.source.shape): Computed {
  const { source, isProduct, min, max } = form;
  const whole = shape.length === source.shape.length ? source : source.reshape(shape);
  const { block } = source.details;
  const bounds = !isProduct && { bounds: [min, max] as const };
  return whole.with((value) => activated(n.g, value, form), { form, ...bounds, ...(block && { block }) });
}

const isNear = (a: number, b: number) => Math.abs(a - b) < 1e-6;

function activated(g: GraphBuilder, x: Value, form: Form): Value {
  const { isProduct, alpha, beta, min, max } = form;
  if (isProduct) {
    const isHardSwish = isNear(alpha, 1 / 6) && isNear(beta, 1 / 2) && isNear(min, 0) && isNear(max, 1);
    return isHardSwish ? g.hardSwish(x) : g.mul(x, activated(g, x, { ...form, isProduct: false }));
  }
  const isLinear = alpha !== 1 || beta !== 0;
  const range = max - min;
  if (isLinear && range > 0 && Number.isFinite(range)) {
    const gate = g.hardSigmoid(x, { alpha: alpha / range, beta: (beta - min) / range });
    return isNear(min, 0) && isNear(max, 1) ? gate : g.linear(gate, { alpha: range, beta: min });
  }
  const scaled = isLinear ? g.linear(x, { alpha, beta }) : x;
  if (min === -Infinity && max === Infinity) return scaled;
  return min === 0 && max === Infinity ? g.relu(scaled) : g.clamp(scaled, { minValue: min, maxValue: max });
}

/** The same function of each element. */
export const unary =
  (compute: (g: GraphBuilder, value: Value, n: OperatorNode) => Value): OperatorFunction =>
  (n) =>
    n.computed().with((value) => compute(n.g, value, n));

type Method<Args extends unknown[]> = {
  [Name in keyof GraphBuilder]: GraphBuilder[Name] extends (...args: Args) => Value ? Name : never;
}[keyof GraphBuilder];

export const named = (name: Method<[Value]>): OperatorFunction => unary((g, value) => g[name](value));

export const LOGISTIC: OperatorFunction = (n) => {
  const input = n.computed();
  const { block } = input.details;
  return input.with((value) => n.g.sigmoid(value), { sigmoidOf: input, ...(block && { block }) });
};

export const clamp =
  (min: number, max: number): OperatorFunction =>
  (n) =>
    stepped(n, 0, { min, max }, 0) ?? unary((g, value) => g.clamp(value, { minValue: min, maxValue: max }))(n);
