import { sameShape } from '../../../engine/graph/builder.ts';
import { elementsOf, type MapShape, type Shape, type Value } from '../../../engine/graph/graph.ts';
import type { GraphBuilder } from '../../../engine/graph/graph-builder.ts';
import { broadcastShape, elementwise, expanded, reshaped, transposed } from '../constants.ts';
import type { Constant } from '../elements.ts';
import { isConstant } from './node.ts';
import { Recorder, type Term, type TermOptions } from './recorder.ts';
import { showShape, unsupported } from './unsupported.ts';

export type Operand = Term | Constant;

/** `[batch, channels, height, width]`. */
interface MapTerm extends Term {
  readonly shape: MapShape;
}

export type BinaryOp = 'add' | 'sub' | 'mul' | 'div' | 'min' | 'max' | 'pow' | 'prelu';

/** y = (x - mean) / sqrt(variance + epsilon) * scale + bias for each channel, with 0, 1, 1 and 0 where they are left out. */
interface Normalization {
  readonly mean?: Constant | undefined;
  readonly variance?: Constant | undefined;
  readonly scale?: Constant | undefined;
  readonly bias?: Constant | undefined;
  readonly epsilon?: number;
}

/** Of an axis that is looked at pixel by pixel, or channel by channel: few bytes of a file can ask for any size. */
export const MOST_SIZE = 2 ** 20;

/** With so many axes, the first of size 1. */
export const lead = (shape: Shape, rank: number): Shape => [
  ...Array(Math.max(0, rank - shape.length)).fill(1),
  ...shape,
];

const isClose = (a: number, b: number) => Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(b));

/** The number of a constant that has one for all elements. */
function scalarOf(constant: Constant): number | undefined {
  return elementsOf(constant.shape) === 1 && constant.work < 2 ** 14 ? (constant.read()[0] as number) : undefined;
}

/**
 * Takes calls down as `Recorder`, in the shapes of the file, and in fewer or better ones where files spell out in several nodes
 * what the builder has a method for:
 * - what is multiplied and added for each channel is a batch normalization, or one number for all an activation (`linear`);
 * - `x * sigmoid(x)`, `x * clip(x + 3, 0, 6) / 6` and `x * (1 + erf(x / sqrt(2))) / 2` are one activation each, and so is
 *   `clip(x + 3, 0, 6) / 6`;
 * - what transposes its input and then looks at each element is done before it is transposed, so that two transpositions meet,
 *   and are none;
 * - a reshaped value is the same value, until a method wants another shape.
 */
export class Algebra extends Recorder {
  /** The same elements in the same order. */
  reshape(x: Term, shape: Shape): Term {
    if (elementsOf(shape) !== elementsOf(x.shape)) {
      unsupported(`${showShape(x.shape)} has other elements than ${showShape(shape)}`);
    }
    return { ...x, shape };
  }

  /** As `[batch, channels, height, width]`: a sequence has one row, further axes are part of the width. */
  map(x: Term): MapTerm {
    const [batch = 1, channels = 1, ...area] = lead(x.shape, 2);
    const [height, width] = area.length === 2 ? area : [1, elementsOf(area)];
    const shape = [batch, channels, height as number, width as number] as const;
    return { ...this.shaped(x, shape), shape };
  }

  transpose(x: Term, permutation: readonly number[]): Term {
    const shape = permutation.map((axis) => x.shape[axis] as number);
    if (isTurned(x)) {
      const earlier = x.options.permutation;
      return this.transpose(
        beforeTurn(x),
        permutation.map((axis) => earlier[axis] as number),
      );
    }
    const moved = permutation.filter((axis) => x.shape[axis] !== 1);
    if (moved.every((axis, index) => index === 0 || axis > (moved[index - 1] as number))) return { ...x, shape };
    const shuffled = this.#shuffled(x, permutation);
    if (shuffled) return { ...shuffled, shape };
    return this.record('transpose', [this.shaped(x, x.shape)], (g, input) => g.transpose(input, { permutation }), {
      permutation,
    });
  }

  /** Blocks of pixels that become channels, or the reverse, spelled out as a transposition. */
  #shuffled(x: Term, permutation: readonly number[]): Term | undefined {
    const [batch, second, third, fourth, fifth, sixth] = x.shape;
    const size = x.value.shape;
    if (x.shape.length !== 6 || size.length !== 4 || size[0] !== batch) return undefined;
    const order = permutation.join('');
    const toSpace = (mode: 'DCR' | 'CRD', block: number | undefined) =>
      this.record('depthToSpace', [x], (g, input) => g.depthToSpace(input, block as number, { mode }));
    const isMap = size[2] === fifth && size[3] === sixth;
    if (order === '014253' && isMap && third === fourth) return toSpace('CRD', third);
    if (order === '034152' && isMap && second === third) return toSpace('DCR', second);
    const isBlocks = size[1] === second && fourth === sixth && size[2] === (third as number) * (fourth as number);
    if (order === '035124' && isBlocks) {
      return this.record('spaceToDepth', [x], (g, input) => g.spaceToDepth(input, fourth as number));
    }
    return undefined;
  }

  /**
   * `work` on what a value is transposed from, transposed after it; `axisOf` says where an axis of the value lies there. What
   * `work` gives has as many axes.
   */
  across(x: Term, work: (x: Term, axisOf: (axis: number) => number) => Term): Term {
    if (!isTurned(x)) return work(x, (axis) => axis);
    const { permutation } = x.options;
    return this.transpose(
      work(beforeTurn(x), (axis) => permutation[axis] as number),
      permutation,
    );
  }

  /** The same for two operands, one of which is transposed, and the other one can be as well at no cost. */
  #acrossBoth(a: Operand, b: Operand, work: (a: Operand, b: Operand) => Term): Term | undefined {
    const [turned, other] = isTurned(a) ? [a, b] : [b, a];
    if (!isTurned(turned)) return undefined;
    const { permutation } = turned.options;
    const rank = permutation.length;
    if (!sameShape(broadcastShape([a.shape, b.shape]), turned.shape)) return undefined;
    const back = permutation.map((_, axis) => permutation.indexOf(axis));
    const second = isConstant(other)
      ? this.transposedConstant(this.leadConstant(other, rank), back)
      : this.transpose({ ...other, shape: lead(other.shape, rank) }, back);
    if (isTurned(second)) return undefined;
    const first = beforeTurn(turned);
    return this.transpose(turned === a ? work(first, second) : work(second, first), permutation);
  }

  #named(constant: Constant, change: string): string {
    return `${constant.name} ${change}`;
  }

  /** A matrix with rows for columns. */
  transposedConstant(constant: Constant, permutation: readonly number[]): Constant {
    return transposed(constant, this.#named(constant, `(transposed ${permutation.join('')})`), permutation);
  }

  /** With leading axes of size 1. */
  leadConstant(constant: Constant, rank: number): Constant {
    return reshaped(constant, constant.name, lead(constant.shape, rank));
  }

  combined(a: Constant, op: string, b: Constant, compute: (a: number, b: number) => number): Constant {
    return elementwise(`${a.name} ${op} ${b.name}`, 'float32', [a, b], compute);
  }

  changed(a: Constant, change: string, compute: (a: number) => number): Constant {
    return elementwise(this.#named(a, change), 'float32', [a], compute);
  }

  /** A number for each channel of a value, as `[channels]`, if a constant has that. */
  #perChannel(constant: Constant, x: Term): Constant | undefined {
    const rank = x.shape.length;
    const [, channels = 1] = lead(x.shape, 2);
    const own = lead(constant.shape, rank);
    const fits =
      rank > 1 && own.length === rank && own.every((size, axis) => size === 1 || (axis === 1 && size === channels));
    if (!fits) return undefined;
    const flat = reshaped(constant, constant.name, [elementsOf(own)]);
    return own[1] === channels ? flat : expanded(flat, this.#named(constant, `(${channels})`), [channels]);
  }

  /** What the builder's methods of one operand do to each element. */
  unary(x: Term, op: string, make: (g: GraphBuilder, x: Value) => Value, options: TermOptions = {}): Term {
    return this.across(x, (input) => this.record(op, [input], make, { ...options, shape: input.shape }));
  }

  clamp(x: Term, minValue: number, maxValue: number): Term {
    if (isTurned(x)) return this.across(x, (input) => this.clamp(input, minValue, maxValue));
    const { minValue: low = -Infinity, maxValue: high = Infinity } = x.options;
    if (x.op === 'clamp' && !x.isShared && x.inputs[0] && low <= maxValue && high >= minValue) {
      return this.clamp({ ...x.inputs[0], shape: x.shape }, Math.max(low, minValue), Math.min(high, maxValue));
    }
    const isRelu = minValue === 0 && maxValue === Infinity;
    const make = (g: GraphBuilder, input: Value) => (isRelu ? g.relu(input) : g.clamp(input, { minValue, maxValue }));
    return this.unary(x, 'clamp', make, { minValue, maxValue });
  }

  /** alpha * x + beta. */
  linear(x: Term, alpha: number, beta: number): Term {
    if (isTurned(x)) return this.across(x, (input) => this.linear(input, alpha, beta));
    const [input] = x.inputs;
    const before = x.isShared ? undefined : input && { ...input, shape: x.shape };
    const { alpha: a = 1, beta: b = 0, minValue = 0, maxValue = 0 } = x.options;
    if (before && x.op === 'linear') return this.linear(before, a * alpha, b * alpha + beta);
    if (isClose(alpha, 1) && beta === 0) return x;
    const isUnit = x.op === 'clamp' && isClose(minValue * alpha + beta, 0) && isClose(maxValue * alpha + beta, 1);
    if (before && isUnit && alpha > 0) {
      // Without the sum before it where that is a convolution's bias.
      const shifted = before.op === 'linear' ? before.inputs[0] : undefined;
      const { alpha: slope = 1, beta: shift = 0 } = shifted ? before.options : {};
      return this.hardSigmoid({ ...(shifted ?? before), shape: x.shape }, slope * alpha, shift * alpha + beta);
    }
    return this.unary(x, 'linear', (g, value) => g.linear(value, { alpha, beta }), { alpha, beta });
  }

  hardSigmoid(x: Term, alpha: number, beta: number): Term {
    return this.unary(x, 'hardSigmoid', (g, value) => g.hardSigmoid(value, { alpha, beta }), { alpha, beta });
  }

  /** A batch normalization, of any rank. */
  normalize(x: Term, normalization: Normalization): Term {
    const input = this.map(x);
    const [, channels] = input.shape;
    if (channels > MOST_SIZE) unsupported(`it normalizes ${channels} channels`);
    const { mean, variance, scale, bias, epsilon = 0 } = normalization;
    const tensor = (constant: Constant | undefined, byDefault: number) => {
      if (constant) return this.tensor(constant, [channels]);
      return (g: GraphBuilder) => g.constant(`${channels} times ${byDefault}`, Array(channels).fill(byDefault));
    };
    const [meanOf, varianceOf, scaleOf, biasOf] = [
      tensor(mean, 0),
      tensor(variance, 1),
      tensor(scale, 1),
      tensor(bias, 0),
    ];
    const again = (change: (constant: Constant) => Normalization) => (constant: Constant) => {
      const own = this.#perChannel(constant, x);
      return own && this.normalize(x, { ...normalization, ...change(own) });
    };
    return this.record(
      'batchNormalization',
      [input],
      (g, value) =>
        g.batchNormalization(value, meanOf(g), varianceOf(g), { scale: scaleOf(g), bias: biasOf(g), epsilon }),
      {
        shape: x.shape,
        times: again((factor) => ({
          scale: scale ? this.combined(scale, '*', factor, (a, b) => a * b) : factor,
          bias: bias && this.combined(bias, '*', factor, (a, b) => a * b),
        })),
        plus: again((summand) => ({ bias: bias ? this.combined(bias, '+', summand, (a, b) => a + b) : summand })),
      },
    );
  }

  /** Multiplied by a constant, or with it added. */
  #scaled(x: Term, op: 'times' | 'plus', constant: Constant): Term | undefined {
    if (!sameShape(broadcastShape([x.shape, constant.shape]), x.shape)) return undefined;
    const isAlone = !x.isShared && sameShape(x.options.shape ?? x.shape, x.shape);
    const merged = isAlone ? x.options[op]?.(constant) : undefined;
    if (merged) return { ...merged, shape: x.shape };
    const number = scalarOf(constant);
    const isConvolution = /^conv/.test(x.op) && !x.isShared;
    if (number !== undefined && Number.isFinite(number) && !isConvolution) {
      return op === 'times' ? this.linear(x, number, 0) : this.linear(x, 1, number);
    }
    const own = this.#perChannel(constant, x);
    return own && this.normalize(x, op === 'times' ? { scale: own } : { bias: own });
  }

  add(a: Operand, b: Operand): Term {
    const [term, constant] = split(a, b);
    return (
      this.#acrossBoth(a, b, (a, b) => this.add(a, b)) ??
      (constant && this.#scaled(term, 'plus', constant)) ??
      this.#operate('add', a, b)
    );
  }

  sub(a: Operand, b: Operand): Term {
    if (isConstant(a)) return this.add(this.linear(split(a, b)[0], -1, 0), a);
    if (isConstant(b)) {
      return this.add(
        a,
        this.changed(b, '(negative)', (number) => -number),
      );
    }
    return this.#acrossBoth(a, b, (a, b) => this.sub(a, b)) ?? this.#operate('sub', a, b);
  }

  mul(a: Operand, b: Operand): Term {
    const [term, constant] = split(a, b);
    const across = this.#acrossBoth(a, b, (a, b) => this.mul(a, b));
    if (across) return across;
    if (constant) return this.#scaled(term, 'times', constant) ?? this.#operate('mul', a, b);
    const [first, second] = [a as Term, b as Term];
    return this.#gated(first, second) ?? this.#gated(second, first) ?? this.#operate('mul', a, b);
  }

  div(a: Operand, b: Operand): Term {
    const across = this.#acrossBoth(a, b, (a, b) => this.div(a, b));
    if (across) return across;
    if (isConstant(b)) {
      const [term] = split(a, b);
      const inverse = this.changed(b, '(inverse)', (number) => 1 / number);
      return this.#scaled(term, 'times', inverse) ?? this.#operate('div', a, b);
    }
    const number = isConstant(a) ? scalarOf(a) : undefined;
    if (number !== undefined) {
      const divisor = this.reshape(b, lead(b.shape, a.shape.length));
      return this.linear(
        this.unary(divisor, 'reciprocal', (g, x) => g.reciprocal(x)),
        number,
        0,
      );
    }
    return (isConstant(a) ? undefined : this.#normalized(a, b)) ?? this.#operate('div', a, b);
  }

  /** A factor times `x * gate(x)`, for the gates of hard-swish, SiLU and GELU. */
  #gated(x: Term, gate: Term): Term | undefined {
    const [input] = x.inputs;
    const plain = x.op === 'linear' && x.options.beta === 0 && input ? { ...input, shape: x.shape } : undefined;
    return this.#gatedBy(x, 1, gate) ?? (plain && this.#gatedBy(plain, x.options.alpha as number, gate));
  }

  #gatedBy(x: Term, factor: number, gate: Term): Term | undefined {
    const is = (other: Term | undefined) => other?.value === x.value;
    const [input] = gate.inputs;
    const { alpha = 1, beta = 0, minValue, maxValue } = gate.options;
    const result = (op: string, make: (g: GraphBuilder, x: Value) => Value, by: number) =>
      sameShape(x.shape, gate.shape) ? this.linear(this.unary(x, op, make), by, 0) : undefined;
    if (gate.op === 'sigmoid' && is(input)) return result('silu', (g, value) => g.silu(value), factor);
    const hardSwish = (g: GraphBuilder, value: Value) => g.hardSwish(value);
    if (gate.op === 'hardSigmoid' && is(input) && isClose(alpha, 1 / 6) && isClose(beta, 0.5)) {
      return result('hardSwish', hardSwish, factor);
    }
    const inner = input?.options;
    const isShifted = input?.op === 'linear' && is(input.inputs[0]);
    if (
      gate.op === 'clamp' &&
      minValue === 0 &&
      maxValue === 6 &&
      isShifted &&
      inner?.alpha === 1 &&
      inner.beta === 3
    ) {
      return result('hardSwish', hardSwish, factor * 6);
    }
    const root = input?.inputs[0];
    const isErf = gate.op === 'linear' && isClose(alpha, beta) && input?.op === 'erf' && root?.op === 'linear';
    if (isErf && is(root.inputs[0]) && isClose(root.options.alpha as number, Math.SQRT1_2) && root.options.beta === 0) {
      return result('gelu', (g, value) => g.gelu(value), factor * alpha * 2);
    }
    return undefined;
  }

  /** (x - mean(x)) / sqrt(mean((x - mean(x))^2) + epsilon), spelled out. */
  #normalized(difference: Term, deviation: Term): Term | undefined {
    const [x, mean] = difference.inputs;
    const [shifted] = deviation.inputs;
    const variance = shifted?.op === 'linear' ? shifted.inputs[0] : shifted;
    const [square] = variance?.inputs ?? [];
    const isSquare = square?.op === 'mul' && square.inputs.every(({ value }) => value === difference.value);
    const axes = mean?.options.axes;
    const isNormalized =
      difference.op === 'sub' && deviation.op === 'sqrt' && mean?.op === 'reduceMean' && variance?.op === 'reduceMean';
    // By its shape alone, it might divide along other axes.
    const isKept = sameShape(lead(deviation.shape, deviation.value.shape.length), deviation.value.shape);
    const isSame =
      isNormalized &&
      isKept &&
      isSquare &&
      mean.inputs[0]?.value === x?.value &&
      `${axes}` === `${variance.options.axes}`;
    const { alpha = 1, beta = 0 } = shifted?.op === 'linear' ? shifted.options : {};
    if (!isSame || !x || !axes || alpha !== 1) return undefined;
    return this.layerNormalization({ ...x, shape: difference.shape }, axes, beta);
  }

  /** Over the last axes, or over the pixels of each channel. */
  layerNormalization(x: Term, axes: readonly number[], epsilon: number, scale?: Constant, bias?: Constant): Term {
    if (axes.includes(0)) {
      const whole = this.reshape(x, [1, ...x.shape]);
      const own = axes.map((axis) => axis + 1);
      return { ...this.layerNormalization(whole, own, epsilon, scale, bias), shape: x.shape };
    }
    const sizes = axes.map((axis) => x.shape[axis] as number);
    const fits = (constant: Constant) => {
      const own = lead(constant.shape, x.shape.length);
      return own.every((size, axis) => size === (axes.includes(axis) ? x.shape[axis] : 1));
    };
    const isInstance = x.shape.length > 2 && `${axes}` === `${x.shape.map((_, axis) => axis).slice(2)}`;
    if (isInstance && !scale && !bias) {
      return this.record(
        'instanceNormalization',
        [this.map(x)],
        (g, value) => g.instanceNormalization(value, { epsilon }),
        {
          shape: x.shape,
        },
      );
    }
    const [scaleOf, biasOf] = [scale && this.tensor(scale, sizes), bias && this.tensor(bias, sizes)];
    const make = (g: GraphBuilder, value: Value) =>
      g.layerNormalization(value, { axes, scale: scaleOf?.(g), bias: biasOf?.(g), epsilon });
    return this.record('layerNormalization', [this.shaped(x, x.shape)], make, {
      shape: x.shape,
      times: (factor) =>
        fits(factor) && !scale && !bias ? this.layerNormalization(x, axes, epsilon, factor) : undefined,
      plus: (summand) =>
        fits(summand) && !bias ? this.layerNormalization(x, axes, epsilon, scale, summand) : undefined,
    });
  }

  /** With numpy's broadcasting. */
  binary(op: BinaryOp, a: Operand, b: Operand): Term {
    return this.#acrossBoth(a, b, (a, b) => this.#operate(op, a, b)) ?? this.#operate(op, a, b);
  }

  #operate(op: BinaryOp, a: Operand, b: Operand): Term {
    const shape = broadcastShape([a.shape, b.shape]);
    // A tensor has no items of a batch of its own.
    const isBatch = (item: Operand) => isConstant(item) && item.shape.length === shape.length && item.shape[0] !== 1;
    const rank = Math.max(2, shape.length + Number(isBatch(a) || isBatch(b)));
    const isSame =
      !isConstant(a) && !isConstant(b) && sameShape(a.shape, b.shape) && sameShape(a.value.shape, b.value.shape);
    const inputs: Term[] = [];
    const operandOf = (item: Operand) => {
      if (isConstant(item)) {
        const tensor = this.tensor(item, lead(item.shape, rank));
        return (g: GraphBuilder) => tensor(g);
      }
      const place = inputs.push(isSame ? item : this.shaped(item, lead(item.shape, rank))) - 1;
      return (_: GraphBuilder, values: readonly Value[]) => values[place] as Value;
    };
    const [first, second] = [operandOf(a), operandOf(b)];
    return this.record(
      op,
      inputs,
      (g, ...values) => {
        const [x, y] = [first(g, values), second(g, values)];
        return op === 'prelu' ? g.prelu(x as Value, y) : g[op](x, y);
      },
      { shape },
    );
  }
}

interface Turned extends Term {
  readonly options: TermOptions & { readonly permutation: readonly number[] };
}
export const isTurned = (item: Operand): item is Turned =>
  !isConstant(item) && item.options.permutation !== undefined && sameShape(item.value.shape, item.shape);

/** Who reads the transposed value reads this one. */
export function beforeTurn({ inputs, isShared }: Turned): Term {
  const [before] = inputs as readonly [Term];
  return { ...before, isShared: before.isShared || isShared };
}

/** The value among two operands, and the constant. */
function split(a: Operand, b: Operand): [term: Term, constant: Constant | undefined] {
  if (isConstant(b)) return isConstant(a) ? unsupported('all of its inputs are constant') : [a, b];
  return isConstant(a) ? [b, a] : [a, undefined];
}
