import { sameShape } from '../../../engine/graph/builder.ts';
import { elementsOf, type Value } from '../../../engine/graph/graph.ts';
import type { GraphBuilder } from '../../../engine/graph/graph-builder.ts';
import { expanded } from '../constants.ts';
import { type Constant, constantOf } from '../elements.ts';
import { type Algebra, isTurned, MOST_SIZE } from './algebra.ts';
import { addedAxes, apply, type Operators } from './common.ts';
import type { Scope } from './node.ts';
import type { Term } from './recorder.ts';
import { reduce } from './reductions.ts';
import { unsupported } from './unsupported.ts';

/** Over the axes from one on, with the mean and the inverse deviation where they are asked for. */
function layerNormalization(s: Scope, r: Algebra): Term[] {
  const x = s.value(0);
  const { length: rank } = x.shape;
  const first = s.axis(s.integer('axis', -1), rank);
  const axes = [...x.shape.keys()].slice(first);
  const epsilon = s.float('epsilon', 1e-5);
  const sizes = x.shape.slice(first);
  const side = (index: number) => {
    const constant = s.constant(index);
    return sameShape(constant.shape, sizes) ? constant : expanded(constant, `${constant.name} (${sizes})`, sizes);
  };
  const [scale, bias] = [side(1), s.has(2) ? side(2) : undefined];
  const normalize = (input: Term, own: readonly number[]) => r.layerNormalization(input, own, epsilon, scale, bias);
  // Before a transposition they may be in another order than the scales.
  const inOrder = (own: readonly number[]) =>
    own.every((axis, index) => index === 0 || axis > (own[index - 1] as number));
  const isKept = !isTurned(x) || inOrder(axes.map((axis) => x.options.permutation[axis] as number));
  const result = isKept ? r.across(x, (input, axisOf) => normalize(input, axes.map(axisOf))) : normalize(x, axes);
  if (!s.gives(1) && !s.gives(2)) return [result];
  const mean = reduce(r, x, 'reduceMean', axes);
  const difference = r.sub(x, mean);
  const variance = reduce(r, r.mul(difference, difference), 'reduceMean', axes);
  return [result, mean, apply(r, apply(r, r.linear(variance, 1, epsilon), 'sqrt'), 'reciprocal')];
}

/** ONNX's function body of this operator. */
function meanVarianceNormalization(s: Scope, r: Algebra): Term {
  const x = s.value(0);
  const axes = s.axes(s.integers('axes') ?? [0, 2, 3], x.shape.length);
  const difference = r.sub(x, reduce(r, x, 'reduceMean', axes));
  const variance = reduce(r, r.mul(difference, difference), 'reduceMean', axes);
  return r.div(difference, r.linear(apply(r, variance, 'sqrt'), 1, 1e-9));
}

function groupNormalization(s: Scope, r: Algebra): Term {
  const x = s.value(0);
  const [batch = 1, channels = 1, ...area] = x.shape;
  const groups = s.integer('num_groups');
  if (!(channels % groups === 0 && channels <= MOST_SIZE)) {
    unsupported(`it has ${groups} groups for ${channels} channels`);
  }
  const grouped = r.reshape(x, [batch, groups, (channels / groups) * elementsOf(area)]);
  const normalized = r.reshape(r.layerNormalization(grouped, [2], s.float('epsilon', 1e-5)), x.shape);
  // Before opset 21 there was one for each group.
  const each = (constant: Constant) => {
    const numbers = s.numbersOf(constant);
    const by = channels / numbers.length;
    if (by !== 1 && numbers.length !== groups) {
      unsupported(`it has ${numbers.length} scales or biases for ${channels} channels`);
    }
    const values = Array.from({ length: channels }, (_, channel) => numbers[Math.floor(channel / by)] as number);
    return constantOf(`${constant.name} (${channels})`, 'float32', [channels], values);
  };
  return r.normalize(normalized, { scale: each(s.constant(1)), bias: each(s.constant(2)) });
}

/** By means, deviations, norms and sums. */
export const NORMALIZATIONS = {
  BatchNormalization(s, r) {
    if (s.integer('training_mode', 0)) unsupported('it is in training mode');
    if (!s.integer('spatial', 1)) unsupported('it normalizes each pixel by itself');
    if (s.gives(1)) unsupported('the statistics of training are asked for');
    const [scale, bias, mean, variance] = [s.constant(1), s.constant(2), s.constant(3), s.constant(4)];
    return r.normalize(s.value(0), { scale, bias, mean, variance, epsilon: s.float('epsilon', 1e-5) });
  },
  GroupNormalization: groupNormalization,
  InstanceNormalization(s, r) {
    const x = s.value(0);
    const epsilon = s.float('epsilon', 1e-5);
    const channels = x.shape[1] ?? 1;
    // PyTorch writes ones and zeros where a network has neither.
    const [scale, bias] = [1, 2].map((index) => {
      const numbers = s.numbers(index);
      const isNone = numbers.length === channels && numbers.every((number) => number === 2 - index);
      return isNone ? undefined : r.tensor(s.constant(index), [channels]);
    });
    const make = (g: GraphBuilder, value: Value) =>
      g.instanceNormalization(value, { scale: scale?.(g), bias: bias?.(g), epsilon });
    return r.record('instanceNormalization', [r.map(x)], make, { shape: x.shape });
  },
  LRN(s, r) {
    const options = {
      size: s.integer('size'),
      alpha: s.float('alpha', 1e-4),
      beta: s.float('beta', 0.75),
      bias: s.float('bias', 1),
    };
    const x = s.value(0);
    return r.record('lrn', [r.map(x)], (g, value) => g.localResponseNormalization(value, options), { shape: x.shape });
  },
  LayerNormalization: layerNormalization,
  LogSoftmax(s, r) {
    const x = s.value(0);
    const axes = [s.axis(s.integer('axis', -1), x.shape.length)];
    return r.sub(x, reduce(r, x, 'reduceLogSumExp', axes));
  },
  LpNormalization(s, r) {
    const x = s.value(0);
    const p = s.integer('p', 2);
    const axes = [s.axis(s.integer('axis', -1), x.shape.length)];
    if (p !== 1 && p !== 2) unsupported(`its p is ${p}`);
    const norm = reduce(r, x, p === 1 ? 'reduceL1' : 'reduceL2', axes);
    // Zeros stay zeros.
    return r.div(x, r.clamp(norm, 1e-30, Infinity));
  },
  MeanVarianceNormalization: meanVarianceNormalization,
  Softmax(s, r) {
    const x = s.value(0);
    const axis = s.axis(s.integer('axis', -1), x.shape.length);
    return r.across(x, (input, axisOf) => {
      const own = axisOf(axis) + addedAxes(input);
      return r.record('softmax', [r.shaped(input, input.shape)], (g, value) => g.softmax(value, own), {
        shape: input.shape,
      });
    });
  },
} as const satisfies Operators;
