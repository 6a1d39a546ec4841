import type { ElementType } from '../described.ts';
import { constantOf, isFloat } from '../elements.ts';
import type { Algebra } from './algebra.ts';
import { apply, type Operators, typed } from './common.ts';
import { castConstant, castTo, quantizedType, rangeOf } from './folding.ts';
import { isConstant, type Scope, type TypedTerm } from './node.ts';
import { unsupported } from './unsupported.ts';

/** What the numbers of a quantized value can stand for. */
function quantize(s: Scope, r: Algebra): TypedTerm {
  const x = s.value(0);
  const [scale, zero] = [s.number(1), s.number(2, 0)];
  const type = quantizedType(s);
  const [low, high] = rangeOf(type);
  return { ...r.clamp(x, (low - zero) * scale, (high - zero) * scale), type, quantization: { scale, zero } };
}

function dequantize(s: Scope, r: Algebra): TypedTerm {
  const x = s.term(0);
  const { scale: before = 1, zero: shift = 0 } = x.quantization ?? {};
  const scales = s.numbers(1);
  const zeros = s.has(2) ? s.numbers(2) : [0];
  const [scale, ...more] = scales as [number];
  if (more.length > 0 || zeros.length > 1) {
    const axis = s.axis(s.integer('axis', 1), x.shape.length);
    if (x.quantization || axis !== 1 || scales.length !== x.shape[1]) unsupported('it has several scales for a value');
    const constant = (name: string, values: number[]) =>
      constantOf(`${s.output} (${name})`, 'float32', [values.length], values);
    const bias = scales.map((own, index) => -own * ((zeros[index] ?? zeros[0]) as number));
    return typed(r.normalize(x, { scale: constant('scale', scales), bias: constant('bias', bias) }), 'float32');
  }
  return typed(r.linear(x, scale / before, (shift - (zeros[0] as number)) * scale), 'float32');
}

function cast(s: Scope, r: Algebra, to: ElementType): TypedTerm {
  const x = s.term(0);
  if (x.quantization) unsupported('its input is quantized');
  if (to === 'bool') unsupported('a cast to bool');
  if (isFloat(x.type) === isFloat(to) || isFloat(to)) return typed(x, to);
  if (to !== 'int32' && to !== 'int64') unsupported(`a cast from ${x.type} to ${to}`);
  const whole = apply(r, apply(r, x, 'abs'), 'floor');
  return typed(r.binary('mul', whole, apply(r, x, 'sign')), to);
}

/** The same numbers, as another type has them. */
export const CASTS = {
  Cast: (s, r) => cast(s, r, castTo(s)),
  CastLike: (s, r) => (isConstant(s.item(0)) ? castConstant(s, s.item(1).type) : cast(s, r, s.item(1).type)),
  DequantizeLinear: dequantize,
  QuantizeLinear: quantize,
} as const satisfies Operators;
