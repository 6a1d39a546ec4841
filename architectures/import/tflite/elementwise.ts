import { elementsOf, type Pair, type Shape, type Value } from '../../../engine/graph/graph.ts';
import type { GraphBuilder } from '../../../engine/graph/graph-builder.ts';
import { elementwise } from '../constants.ts';
import { type Constant, isFloat } from '../elements.ts';
import { refuse } from '../problems.ts';
import { layerName, type OperatorFunction, type OperatorFunctions, type OperatorNode, unsupported } from './node.ts';
import { Computed, type Form, isComputed, type Operand } from './operand.ts';
import { options } from './schema.ts';

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
function binary({ compute, evaluate, withNumber, withGate, withVector }: Binary): OperatorFunction {
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
    } else if (isVector(constant, n.computed(input).shape) && !isPlanar && !block) {
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
function gated(n: OperatorNode): Computed | undefined {
  for (const index of [0, 1]) {
    const other = 1 - index;
    const [input, gate] = [n.computed(index), n.computed(other)];
    if (!n.isReadOnce(other)) continue;
    const { form, sigmoidOf } = gate.details;
    if (sigmoidOf === input) return input.with((value) => n.g.silu(value));
    if (form?.source === input && !form.isProduct) return formed(n, { ...form, isProduct: true });
  }
  return undefined;
}

/** A factor for each channel: it is made if no sum comes after it. */
function scaled(n: OperatorNode, index: number, scale: Constant): Computed {
  const source = n.computed(index);
  const make = () => n.g.mul(source.map, n.aligned(scale, 4));
  return new Computed(n.g, source.shape, make, { scaled: { source, scale } });
}

/** What is added to each channel after a factor: a batch normalization. */
function normalized(n: OperatorNode, index: number, bias: Constant): Computed | undefined {
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
    unsupported(`${n.name} mixes SPACE_TO_BATCH_ND with other tensors`);
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
  const limits = n.limits(activation);
  if (!limits) return undefined;
  const { alpha = 1, beta = 0, min = -Infinity, max = Infinity } = step;
  const scaled = alpha === 0 ? undefined : scaledBy(formOf(n, index), alpha, beta);
  const form = scaled && clampedTo(clampedTo(scaled, min, max), ...limits);
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
  // Of a wide range, the hard sigmoid's numbers between 0 and 1 would be too coarse.
  if (isLinear && range > 0 && range < 2 ** 10) {
    const gate = g.hardSigmoid(x, { alpha: alpha / range, beta: (beta - min) / range });
    return isNear(min, 0) && isNear(max, 1) ? gate : g.linear(gate, { alpha: range, beta: min });
  }
  const scaled = isLinear ? g.linear(x, { alpha, beta }) : x;
  if (min === -Infinity && max === Infinity) return scaled;
  return min === 0 && max === Infinity ? g.relu(scaled) : g.clamp(scaled, { minValue: min, maxValue: max });
}

/** The same function of each element. */
const unary =
  (compute: (g: GraphBuilder, value: Value, n: OperatorNode) => Value): OperatorFunction =>
  (n) =>
    n.computed().with((value) => compute(n.g, value, n));

type Method<Args extends unknown[]> = {
  [Name in keyof GraphBuilder]: GraphBuilder[Name] extends (...args: Args) => Value ? Name : never;
}[keyof GraphBuilder];

const named = (name: Method<[Value]>): OperatorFunction => unary((g, value) => g[name](value));

const clamp =
  (min: number, max: number): OperatorFunction =>
  (n) =>
    stepped(n, 0, { min, max }, 0) ?? unary((g, value) => g.clamp(value, { minValue: min, maxValue: max }))(n);

export const squared = (g: GraphBuilder, value: Value) => g.mul(value, value);

/** Functions of each element. */
export const ELEMENTWISE = {
  ABS: named('abs'),
  ADD: binary({
    compute: (g, a, b) => g.add(a, b),
    evaluate: (a, b) => a + b,
    withNumber: (beta) => ({ beta }),
    withVector: normalized,
  }),
  ADD_N(n) {
    const [first, ...others] = n.operands.map((_, index) => n.computed(index));
    const sum = others.reduce((value, { map }) => n.g.add(value, map), (first ?? n.computed()).map);
    return n.result(sum, { shape: n.computed().shape });
  },
  CEIL: named('ceil'),
  COS: named('cos'),
  DIV: binary({
    compute: (g, a, b) => g.div(a, b),
    evaluate: (a, b) => a / b,
    withNumber: (number, isFirst) => (isFirst || number === 0 ? undefined : { alpha: 1 / number }),
  }),
  ELU: unary((g, value) => g.elu(value)),
  EXP: named('exp'),
  FLOOR: named('floor'),
  FLOOR_DIV: binary({ compute: (g, a, b) => g.floor(g.div(a, b)), evaluate: (a, b) => Math.floor(a / b) }),
  /** The tanh approximation, with tanh(x) = 2 * sigmoid(2x) - 1; or by the error function. */
  GELU: unary((g, x, n) => {
    if (!n.options(options.gelu).approximate) return g.gelu(x);
    const slope = 2 * Math.sqrt(2 / Math.PI);
    const inner = g.mul(x, g.linear(g.mul(x, x), { alpha: 0.044715 * slope, beta: slope }));
    return g.mul(x, g.sigmoid(inner));
  }),
  HARD_SWISH: named('hardSwish'),
  LEAKY_RELU: unary((g, value, n) => g.leakyRelu(value, n.options(options.leakyRelu))),
  LOG: named('log'),
  LOGISTIC(n) {
    const input = n.computed();
    const { block } = input.details;
    return input.with((value) => n.g.sigmoid(value), { sigmoidOf: input, ...(block && { block }) });
  },
  MAXIMUM: binary({ compute: (g, a, b) => g.max(a, b), evaluate: Math.max, withNumber: (min) => ({ min }) }),
  MINIMUM: binary({ compute: (g, a, b) => g.min(a, b), evaluate: Math.min, withNumber: (max) => ({ max }) }),
  MUL: binary({
    compute: (g, a, b) => g.mul(a, b),
    evaluate: (a, b) => a * b,
    withNumber: (alpha) => ({ alpha }),
    withGate: gated,
    withVector: scaled,
  }),
  NEG: named('neg'),
  POW(n) {
    const exponent = n.operand(1);
    const { length: rank } = exponent.shape;
    const isSquare = !isComputed(exponent) && elementsOf(exponent.shape) === 1 && exponent.read()[0] === 2;
    if (isSquare && isComputed(n.operand(0)) && rank <= n.operand(0).shape.length) return unary(squared)(n);
    return binary({ compute: (g, a, b) => g.pow(a, b), evaluate: (a, b) => a ** b })(n);
  },
  PRELU(n) {
    const [input, slope] = [n.computed(), n.operand(1)];
    const { shape } = input;
    if (n.broadcast(input, slope).join() !== shape.join()) refuse('The slopes are of more elements than the input.');
    return n.result(n.g.prelu(input.map, n.aligned(slope, shape.length)), { shape });
  },
  RELU: clamp(0, Infinity),
  RELU_0_TO_1: clamp(0, 1),
  RELU_N1_TO_1: clamp(-1, 1),
  RELU6: clamp(0, 6),
  ROUND: named('roundEven'),
  RSQRT: unary((g, value) => g.reciprocal(g.sqrt(value))),
  SIGN: named('sign'),
  SIN: named('sin'),
  SQRT: named('sqrt'),
  SQUARE: unary(squared),
  SQUARED_DIFFERENCE: binary({
    compute: (g, a, b) => squared(g, g.sub(a, b)),
    evaluate: (a, b) => (a - b) ** 2,
  }),
  SUB: binary({
    compute: (g, a, b) => g.sub(a, b),
    evaluate: (a, b) => a - b,
    withNumber: (number, isFirst) => (isFirst ? { alpha: -1, beta: number } : { beta: -number }),
  }),
  TANH: named('tanh'),
} as const satisfies OperatorFunctions;
