import type { FunctionName } from '../../shaders/functions.ts';
import { during } from '../common/errors.ts';
import { FINITE, FLAG, oneOf, optional, show, unchecked } from '../common/kinds.ts';
import type { OptionTable } from '../common/options.ts';
import {
  applied,
  combined,
  type ElementwiseOp,
  functionOf,
  isTensor,
  type Operand,
  type Operation,
} from './arithmetic.ts';
import { canBroadcast } from './broadcast.ts';
import { type HardSigmoidOptions, readOptions, requireKind, sameShape } from './builder.ts';
import { check, demand } from './check.ts';
import type { Pair, Shape, Tensor, Value } from './graph.ts';
import { ViewingGraphBuilder } from './viewing-builder.ts';

export interface GemmOptions {
  /** Added: of the result's sizes, or 1 in their place. */
  c?: Operand | undefined;
  /** The factor of the product: 1 unless given. */
  alpha?: number | undefined;
  /** The factor of `c`: 1 unless given. */
  beta?: number | undefined;
  aTranspose?: boolean | undefined;
  /** Unless given, true of a tensor and false of a value. */
  bTranspose?: boolean | undefined;
  /** `c` by another name. */
  bias?: Tensor | undefined;
}

const GEMM = {
  c: [unchecked<Operand>(), undefined],
  alpha: [FINITE, 1],
  beta: [FINITE, 1],
  aTranspose: [FLAG, false],
  bTranspose: [optional(FLAG), undefined],
  bias: [unchecked<Tensor>(), undefined],
} as const;

/** Of arithmetic: more axes than these are not told apart. */
const MAX_RANK = 5;

/** The ops that compute each element, or products. */
export class ArithmeticGraphBuilder<Outputs extends string = string> extends ViewingGraphBuilder<Outputs> {
  /**
   * a + b, where each operand has the result's sizes, or 1 in their place, or fewer axes, of which the last ones are meant
   * (numpy's broadcasting). One may be a tensor.
   */
  override add(a: Operand, b: Operand, ...more: never[]): Value {
    return this.#combine('add', a, b, more);
  }
  /** a - b, of operands as `add` has. */
  sub(a: Operand, b: Operand, ...more: never[]): Value {
    return this.#combine('sub', a, b, more);
  }
  /** a * b, of operands as `add` has. */
  override mul(a: Operand, b: Operand, ...more: never[]): Value {
    return this.#combine('mul', a, b, more);
  }
  /** a / b, of operands as `add` has. */
  div(a: Operand, b: Operand, ...more: never[]): Value {
    return this.#combine('div', a, b, more);
  }
  /** The smaller one of a and b, of operands as `add` has. */
  min(a: Operand, b: Operand, ...more: never[]): Value {
    return this.#combine('min', a, b, more);
  }
  /** The larger one of a and b, of operands as `add` has. */
  max(a: Operand, b: Operand, ...more: never[]): Value {
    return this.#combine('max', a, b, more);
  }
  /** a to the power of b, of operands as `add` has. Of a negative number there are powers of integers only. */
  pow(a: Operand, b: Operand, ...more: never[]): Value {
    return this.#combine('pow', a, b, more);
  }
  /** x where that is positive, and elsewhere x * slope (arXiv 1502.01852). The slope has x's sizes, or 1 in their place. */
  prelu(input: Value, slope: Operand, ...more: never[]): Value {
    return this.#combine('prelu', input, slope, more);
  }
  /**
   * alpha * a · b + beta * c. The matrices are `[m, k]` and `[k, n]`, or `[k, m]` and `[n, k]` where they are to be transposed.
   * Other than in WebNN, `bTranspose` is true of a tensor unless given: a dense layer's filter.
   */
  override gemm(a: Value, b: Operand, options: GemmOptions = {}): Value {
    const { bias, alpha, beta, aTranspose, ...given } = during(`adding gemm of '${a?.name}'`, () => {
      this.requireValue(a);
      const read = readOptions(options, GEMM);
      check(!read.bias || !read.c, "option 'bias'", read.bias, "left out where 'c' is given");
      return read;
    });
    const { c = bias, bTranspose = isTensor(b) } = given;
    const left = aTranspose ? this.transpose(a) : a;
    const isLayer = bTranspose && isTensor(b);
    const isBias = bias || !c || (isTensor(c) && sameShape(c.shape, b.shape.slice(0, 1)));
    if (isLayer && alpha === 1 && beta === 1 && isBias) return super.gemm(left, b, { bias: c as Tensor | undefined });
    const product = isLayer ? super.gemm(left, b) : this.matmul(left, bTranspose ? this.transpose(b as Value) : b);
    if (!c || beta === 0) return this.#times(alpha, product);
    // A tensor is no input of an activation.
    const sum = isTensor(c)
      ? this.#times(beta, this.add(this.#times(alpha / beta, product), c))
      : this.add(this.#times(alpha, product), this.#times(beta, c));
    check(
      sameShape(sum.shape, product.shape),
      'shape of c',
      c.shape,
      `one that can be broadcast to ${show(product.shape)}`,
    );
    return sum;
  }
  /** The product of two matrices, `[m, k]` and `[k, n]`. */
  matmul(a: Value, b: Operand, ...more: never[]): Value {
    const tensor = isTensor(b) ? b : undefined;
    const make = () => {
      if (tensor) this.requireTensor(tensor, 'operand');
      const fits = a.shape.length === 2 && b.shape.length === 2 && a.shape[1] === b.shape[0];
      demand(fits, `The shapes ${show(a.shape)} and ${show(b.shape)} are not [m, k] and [k, n].`);
      const [k, n] = b.shape as Pair;
      const shape = [a.shape[0], n] as const;
      return tensor
        ? ({ op: 'gemm', filter: { ...tensor, shape: [n, k] }, isTransposed: true, shape } as const)
        : { shape };
    };
    const inputs = tensor ? ([a] as const) : ([a, b as Value] as const);
    return this.addNode<'matmul' | 'gemm'>('matmul', inputs, make, more, tensor, 'matmul');
  }

  abs(input: Value, ...more: never[]): Value {
    return this.#apply('abs', input, more);
  }
  neg(input: Value, ...more: never[]): Value {
    return this.#apply('neg', input, more);
  }
  exp(input: Value, ...more: never[]): Value {
    return this.#apply('exp', input, more);
  }
  /** The natural logarithm. */
  log(input: Value, ...more: never[]): Value {
    return this.#apply('log', input, more);
  }
  sqrt(input: Value, ...more: never[]): Value {
    return this.#apply('sqrt', input, more);
  }
  reciprocal(input: Value, ...more: never[]): Value {
    return this.#apply('reciprocal', input, more);
  }
  sin(input: Value, ...more: never[]): Value {
    return this.#apply('sin', input, more);
  }
  cos(input: Value, ...more: never[]): Value {
    return this.#apply('cos', input, more);
  }
  tan(input: Value, ...more: never[]): Value {
    return this.#apply('tan', input, more);
  }
  floor(input: Value, ...more: never[]): Value {
    return this.#apply('floor', input, more);
  }
  ceil(input: Value, ...more: never[]): Value {
    return this.#apply('ceil', input, more);
  }
  /** The nearest integer; of two that are as near the even one. */
  roundEven(input: Value, ...more: never[]): Value {
    return this.#apply('roundEven', input, more);
  }
  /** -1, 0 or 1. */
  sign(input: Value, ...more: never[]): Value {
    return this.#apply('sign', input, more);
  }
  /** The error function, to about 1e-6. */
  erf(input: Value, ...more: never[]): Value {
    return this.#apply('erf', input, more);
  }
  /** As the numbers of a type, of which half precision has fewer: they are rounded to those. */
  cast(input: Value, type: 'float32' | 'float16', ...more: never[]): Value {
    requireKind('type', type, oneOf('float32', 'float16'));
    return type === 'float32' ? this.identity(input) : this.#apply('float16', input, more);
  }
  /** The value itself. */
  identity(input: Value): Value {
    this.requireValue(input);
    return input;
  }
  tanh(input: Value, ...more: never[]): Value {
    return this.#apply('tanh', input, more);
  }
  /** log(1 + exp(x)) */
  softplus(input: Value, ...more: never[]): Value {
    return this.#apply('softplus', input, more);
  }
  /** x / (1 + |x|) */
  softsign(input: Value, ...more: never[]): Value {
    return this.#apply('softsign', input, more);
  }
  /** x * (1 + erf(x / sqrt(2))) / 2 (arXiv 1606.08415) */
  gelu(input: Value, ...more: never[]): Value {
    return this.#apply('gelu', input, more);
  }
  /** x * sigmoid(x), also called swish (arXiv 1710.05941) */
  silu(input: Value, ...more: never[]): Value {
    return this.#apply('silu', input, more);
  }
  /** x where it is positive, elsewhere alpha * (exp(x) - 1); alpha is 1 unless given (arXiv 1511.07289). */
  elu(input: Value, options: { alpha?: number | undefined } = {}): Value {
    return this.#parametric('elu', input, options, { alpha: [FINITE, 1] });
  }
  /** x where it is positive, elsewhere alpha * x; alpha is 0.01 unless given. */
  leakyRelu(input: Value, options: { alpha?: number | undefined } = {}): Value {
    return this.#parametric('leakyRelu', input, options, { alpha: [FINITE, 0.01] });
  }
  /** alpha * x + beta; alpha is 1 unless given, beta 0. */
  linear(input: Value, options: { alpha?: number | undefined; beta?: number | undefined } = {}): Value {
    return this.#parametric('linear', input, options, { alpha: [FINITE, 1], beta: [FINITE, 0] });
  }
  /** min(max(alpha * x + beta, 0), 1). */
  override hardSigmoid(input: Value, options: HardSigmoidOptions = {}): Value {
    return this.#parametric('hardSigmoid', input, options, { alpha: [FINITE, 0.2], beta: [FINITE, 0.5] });
  }

  #times(factor: number, value: Value): Value {
    return factor === 1 ? value : this.linear(value, { alpha: factor });
  }

  #combine(operation: Operation, a: Operand, b: Operand, more: readonly unknown[]): Value {
    return this.addBroadcast(operation, a, b, [a, b], operation, more);
  }

  /** Adds an operation of operands that are among `own`, or are a tensor of those with other axes. */
  protected addBroadcast(
    operation: Operation,
    a: Operand,
    b: Operand,
    own: readonly Operand[],
    called: string,
    more: readonly unknown[] = [],
  ): Value {
    const sizes = (operand: Operand): Shape => (Array.isArray(operand?.shape) ? operand.shape : []);
    const fits = canBroadcast(sizes(a), sizes(b));
    const rank = Math.max(sizes(a).length, sizes(b).length);
    // Items of a tensor are packed one after another, as channels are, of which each item of a value has slices of its own.
    const isUneven = (operand: Operand) =>
      isTensor(operand) &&
      operand.shape.length === rank &&
      operand.shape[0] !== 1 &&
      (operand.shape[1] as number) % 4 !== 0;
    if (fits && rank < MAX_RANK && isTensor(a) !== isTensor(b) && [a, b].some(isUneven)) {
      const [first, second] = [this.#ofRank(rank + 1, a), this.#ofRank(rank + 1, b)];
      const result = this.addBroadcast(operation, first, second, own, called, more);
      return this.reshape(result, result.shape.slice(1));
    }
    const isLifted = fits && sizes(a).length !== sizes(b).length;
    const [first, second] = isLifted ? [this.#ofRank(rank, a), this.#ofRank(rank, b)] : [a, b];
    const make = () => {
      for (const operand of own) if (isTensor(operand)) this.requireTensor(operand, 'operand');
      return combined(operation, first, second);
    };
    const values = [first, second].filter((operand): operand is Value => !isTensor(operand));
    // Of two tensors the first one is refused.
    const inputs = values.length > 0 ? values : [first as Value];
    return this.addNode<ElementwiseOp>('broadcast', inputs, make, more, undefined, called);
  }

  /** With axes of size 1 before its own. */
  #ofRank(rank: number, operand: Operand): Operand {
    if (!(operand?.shape?.length < rank)) return operand;
    const shape = [...Array(rank - operand.shape.length).fill(1), ...operand.shape];
    return isTensor(operand) ? { ...operand, shape } : this.reshape(operand, shape);
  }

  #apply(name: FunctionName, input: Value, more: readonly unknown[]): Value {
    const make = () => applied(input, functionOf(name));
    return this.addNode<ElementwiseOp>('activation', [input], make, more, undefined, name);
  }

  #parametric(name: FunctionName, input: Value, options: unknown, table: OptionTable): Value {
    const make = () => {
      const { alpha, beta } = readOptions(options, table) as { alpha: number; beta?: number };
      const isGate = name === 'hardSigmoid' && Math.fround(alpha) === Math.fround(1 / 6) && beta === 0.5;
      return applied(input, isGate ? { kind: name } : functionOf(name, alpha, beta));
    };
    return this.addNode<ElementwiseOp>('activation', [input], make, [], undefined, name);
  }
}
