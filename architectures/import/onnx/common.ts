import type { MapShape } from '../../../engine/graph/graph.ts';
import type { ElementType } from '../described.ts';
import type { Algebra, Operand } from './algebra.ts';
import { type Item, isConstant, type Scope, type TypedTerm } from './node.ts';
import type { Term } from './recorder.ts';

/** What a node gives: its results in order, of the type of its first input unless it says another. */
export type Operator = (s: Scope, r: Algebra) => Term | Item | readonly (Term | Item)[];

/** Those of a kind, by ONNX's names. */
export type Operators = Readonly<Record<string, Operator>>;

/** The builder's methods of one value without options. */
export type UnaryOp =
  | 'abs'
  | 'neg'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'reciprocal'
  | 'sin'
  | 'cos'
  | 'tan'
  | 'floor'
  | 'ceil'
  | 'roundEven'
  | 'sign'
  | 'erf'
  | 'sigmoid'
  | 'tanh'
  | 'softplus'
  | 'softsign'
  | 'hardSwish'
  | 'gelu';

/** One of the builder's methods, of a term. */
export const apply = (r: Algebra, x: Term, op: UnaryOp): Term => r.unary(x, op, (g, value) => g[op](value));

/** An operand: what is not computed is constant. */
export function operand(s: Scope, index: number): Operand {
  const item = s.item(index);
  return isConstant(item) ? item : s.value(index);
}

/** A term whose numbers are of another type, and stand for themselves. */
export const typed = (term: Term, type: ElementType): TypedTerm => ({ ...term, type, quantization: undefined });

/** What a two-dimensional method gives, with as many axes as the input. */
export const unmap = (r: Algebra, result: Term, like: Term): Term => {
  const [batch, channels, height, width] = result.value.shape as MapShape;
  return r.reshape(
    result,
    like.shape.length === 3 ? [batch, channels, width] : [batch, channels, height as number, width as number],
  );
};

/** A value has two axes at least: the first of them a tensor may not have. */
export const addedAxes = ({ shape }: Term) => Math.max(0, 2 - shape.length);
