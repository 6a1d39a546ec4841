import { elementsOf } from '../../../engine/graph/graph.ts';
import { reshaped } from '../constants.ts';
import { type Algebra, lead, type Operand } from './algebra.ts';
import { apply, type Operator, type Operators, operand, type UnaryOp } from './common.ts';
import { isConstant, type Scope } from './node.ts';
import type { Term } from './recorder.ts';
import { unsupported } from './unsupported.ts';

const unary =
  (op: UnaryOp): Operator =>
  (s, r) =>
    apply(r, s.value(0), op);

/** Before opset 7 the axes of the second operand began at the attribute `axis` of the first one's, and not at its end. */
function operands(s: Scope): readonly [Operand, Operand] {
  const [a, b] = [operand(s, 0), operand(s, 1)];
  const axis = s.integer('axis', -1);
  const after = a.shape.length - axis - b.shape.length;
  if (axis < 0 || after <= 0) return [a, b];
  const shape = [...b.shape, ...Array(after).fill(1)];
  return [a, isConstant(b) ? reshaped(b, b.name, shape) : { ...b, shape }];
}

const elu = (r: Algebra, x: Term, alpha: number) => r.unary(x, 'elu', (g, value) => g.elu(value, { alpha }));

const binary =
  (compute: (r: Algebra, a: Operand, b: Operand) => Term): Operator =>
  (s, r) =>
    compute(r, ...operands(s));

const variadic =
  (compute: (r: Algebra, a: Operand, b: Operand) => Term): Operator =>
  (s, r) => {
    // Constants last, so that no two of them meet.
    const items = s.node.inputs.map((_, index) => operand(s, index));
    const ordered = [...items.filter((item) => !isConstant(item)), ...items.filter(isConstant)];
    const [first, ...more] = ordered;
    return first ? more.reduce((a, b) => compute(r, a, b), first) : unsupported('it has no input');
  };

/** min and max of a value and one number are a clamp. */
const extreme = (op: 'min' | 'max') => (r: Algebra, a: Operand, b: Operand) => {
  const [number] = isConstant(b) && elementsOf(b.shape) === 1 ? b.read() : [];
  if (number === undefined || isConstant(a) || b.shape.length > a.shape.length) return r.binary(op, a, b);
  return op === 'min' ? r.clamp(a, -Infinity, number) : r.clamp(a, number, Infinity);
};

/** x where `condition` is positive, and else 0: there x must be finite. */
const where = (r: Algebra, x: Term, condition: Term): Term =>
  r.binary('mul', r.clamp(apply(r, condition, 'sign'), 0, Infinity), x);

/** Functions of each element. */
export const ELEMENTWISE = {
  Abs: unary('abs'),
  Add: binary((r, a, b) => r.add(a, b)),
  Ceil: unary('ceil'),
  Celu(s, r) {
    const alpha = s.float('alpha', 1);
    const x = r.linear(s.value(0), 1 / alpha, 0);
    return r.linear(elu(r, x, 1), alpha, 0);
  },
  Clip(s, r) {
    const [low, high] = [s.number(1, -Infinity), s.number(2, Infinity)];
    // Where they are in the wrong order, the upper one counts.
    return r.clamp(s.value(0), Math.min(low, high), high);
  },
  Cos: unary('cos'),
  Div: binary((r, a, b) => r.div(a, b)),
  Elu: (s, r) => elu(r, s.value(0), s.float('alpha', 1)),
  Erf: unary('erf'),
  Exp: unary('exp'),
  Floor: unary('floor'),
  Gelu(s, r) {
    const x = s.value(0);
    if (s.text('approximate', 'none', 'tanh') === 'none') return apply(r, x, 'gelu');
    // x (1 + tanh(u)) / 2 = x sigmoid(2 u), for u = sqrt(2 / pi) (x + 0.044715 x^3).
    const cubed = r.binary('mul', r.binary('mul', x, x), x);
    const inner = r.add(x, r.linear(cubed, 0.044715, 0));
    return r.mul(x, apply(r, r.linear(inner, 2 * Math.sqrt(2 / Math.PI), 0), 'sigmoid'));
  },
  HardSigmoid: (s, r) => r.hardSigmoid(s.value(0), s.float('alpha', 0.2), s.float('beta', 0.5)),
  HardSwish: unary('hardSwish'),
  LeakyRelu(s, r) {
    const alpha = s.float('alpha', 0.01);
    return r.unary(s.value(0), 'leakyRelu', (g, value) => g.leakyRelu(value, { alpha }));
  },
  Log: unary('log'),
  Max: variadic(extreme('max')),
  Mean: (s, r) => r.linear(variadic((own, a, b) => own.add(a, b))(s, r) as Term, 1 / s.node.inputs.length, 0),
  Min: variadic(extreme('min')),
  Mish(s, r) {
    const x = s.value(0);
    return r.mul(x, apply(r, apply(r, x, 'softplus'), 'tanh'));
  },
  Mul: binary((r, a, b) => r.mul(a, b)),
  Neg: (s, r) => r.linear(s.value(0), -1, 0),
  PRelu(s, r) {
    const [x, slope] = operands(s);
    return r.binary('prelu', x, slope);
  },
  Pow(s, r) {
    const [base, exponent] = [operand(s, 0), operand(s, 1)];
    if (isConstant(base) || !isConstant(exponent) || elementsOf(exponent.shape) !== 1) {
      return r.binary('pow', base, exponent);
    }
    const x = r.reshape(base, lead(base.shape, exponent.shape.length));
    const squared = () => r.binary('mul', x, x);
    const known: Readonly<Record<string, () => Term>> = {
      '1': () => x,
      '2': squared,
      '3': () => r.binary('mul', squared(), x),
      '0.5': () => apply(r, x, 'sqrt'),
      '-1': () => apply(r, x, 'reciprocal'),
      '-0.5': () => apply(r, apply(r, x, 'sqrt'), 'reciprocal'),
    };
    return known[String(exponent.read()[0])]?.() ?? r.binary('pow', x, exponent);
  },
  Reciprocal: unary('reciprocal'),
  Relu: (s, r) => r.clamp(s.value(0), 0, Infinity),
  Round: unary('roundEven'),
  Selu(s, r) {
    const scaled = elu(r, s.value(0), s.float('alpha', 1.6732631921768188));
    return r.linear(scaled, s.float('gamma', 1.0507010221481323), 0);
  },
  Shrink(s, r) {
    const [bias, threshold] = [s.float('bias', 0), s.float('lambd', 0.5)];
    if (threshold < 0) unsupported(`its threshold is ${threshold}`);
    const x = s.value(0);
    const above = where(r, r.linear(r.clamp(x, threshold, Infinity), 1, -bias), r.linear(x, 1, -threshold));
    const below = where(r, r.linear(r.clamp(x, -Infinity, -threshold), 1, bias), r.linear(x, -1, -threshold));
    return r.binary('add', above, below);
  },
  Sigmoid: unary('sigmoid'),
  Sign: unary('sign'),
  Sin: unary('sin'),
  Softplus: unary('softplus'),
  Softsign: unary('softsign'),
  Sqrt: unary('sqrt'),
  Sub: binary((r, a, b) => r.sub(a, b)),
  Sum: variadic((r, a, b) => r.add(a, b)),
  Swish(s, r) {
    const x = s.value(0);
    return r.mul(x, apply(r, r.linear(x, s.float('alpha', 1), 0), 'sigmoid'));
  },
  Tan: unary('tan'),
  Tanh: unary('tanh'),
  ThresholdedRelu(s, r) {
    const x = s.value(0);
    const alpha = s.float('alpha', 1);
    return where(r, r.clamp(x, alpha, Infinity), r.linear(x, 1, -alpha));
  },
} as const satisfies Operators;
