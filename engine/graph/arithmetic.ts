import { FUNCTIONS, type FunctionName, UNBOUNDED } from '../../shaders/functions.ts';
import { show } from '../common/kinds.ts';
import { broadcastShape, stepsOf } from './broadcast.ts';
import { finite, inOrder, type NewNode, sameShape } from './builder.ts';
import { check } from './check.ts';
import {
  type BatchNormalization,
  type BroadcastNode,
  type ChannelTensor,
  elementsOf,
  type FusedActivation,
  type Tensor,
  type Value,
  type ValueShape,
} from './graph.ts';

/*
 * What arithmetic with constants is besides: a function of one number, or a batch normalization, which other kernels do along.
 */

/** What an op reads: a value, or a tensor of the checkpoint or of the graph. */
export type Operand = Value | Tensor;

export const isTensor = (operand: Operand): operand is Tensor =>
  typeof operand?.name === 'string' && !('id' in operand);

/** The methods that take two operands. */
export type Operation = Exclude<BroadcastNode['operation'], 'identity'>;

/** A function of `functions.ts` as an activation. */
export const functionOf = (name: FunctionName, alpha = 0, beta = 0) => ({
  kind: 'function' as const,
  name,
  wgsl: FUNCTIONS[name],
  minValue: alpha,
  maxValue: beta,
});

/** PReLU. */
const withSlope = (tensor: Tensor): FusedActivation => ({
  ...functionOf('prelu'),
  slope: { ...tensor, shape: [elementsOf(tensor.shape)] },
});

const clampOf = (minValue: number, maxValue: number): FusedActivation => ({
  kind: 'clamp',
  minValue: finite(minValue),
  maxValue: finite(maxValue),
});

/** What an operation of one or two operands becomes. */
export type ElementwiseOp = 'activation' | 'add' | 'mul' | 'batchNormalization' | 'broadcast';

/** A function of a value. What lies in a slice beyond its last channel stays finite. */
export function applied({ shape }: Value, activation: FusedActivation): NewNode<ElementwiseOp> {
  const isUnbounded = activation.kind === 'function' && UNBOUNDED.includes(activation.name);
  if (!isUnbounded || shape[1] % 4 === 0) return { op: 'activation', activation, shape };
  return { op: 'broadcast', operation: 'identity', activation, shapes: [shape], shape };
}

/** An operation as the cheapest node that computes it. */
export function combined(operation: Operation, a: Operand, b: Operand): NewNode<ElementwiseOp> {
  const shape = broadcastShape(a.shape, b.shape);
  check(operation !== 'prelu' || sameShape(shape, a.shape), 'shape of the slope', b.shape, `as ${show(a.shape)}, or 1`);
  const isFirst = isTensor(a);
  const shapes = [a.shape, b.shape] as unknown as readonly ValueShape[];
  // Refuses what no kernel can step through.
  stepsOf(shape, shapes);
  const [value, tensor] = isFirst ? [b as Value, a] : [a, b];
  if (!isTensor(tensor)) {
    const inputs = operation === 'add' || operation === 'mul' ? inOrder(value, tensor) : undefined;
    return inputs ? { op: operation as 'add' | 'mul', inputs, shape } : { op: 'broadcast', operation, shapes, shape };
  }
  if (sameShape(shape, value.shape)) {
    const [number] = tensor.values ?? [];
    const isNumber = elementsOf(tensor.shape) === 1 && number !== undefined;
    const activation = isNumber ? withNumber(operation, number, isFirst) : undefined;
    if (activation) return applied(value, activation);
    const isVector = elementsOf(tensor.shape) === tensor.shape[1] && tensor.shape[1] === shape[1];
    if (isVector && operation === 'prelu' && !isFirst) return applied(value, withSlope(tensor));
    const batchNormalization = isVector ? withVector(operation, tensor, isFirst) : undefined;
    if (batchNormalization) return { op: 'batchNormalization', batchNormalization, shape };
  }
  // Items are packed one after another, as channels are, of which each has slices of its own.
  const fits = tensor.shape[0] === 1 || (tensor.shape[1] as number) % 4 === 0;
  check(fits, `shape of '${tensor.name}'`, tensor.shape, 'one of one item, or of a multiple of four channels');
  return { op: 'broadcast', operation, tensor: tensor as Tensor<ValueShape>, isTensorFirst: isFirst, shapes, shape };
}

/** An operation with a number in the place of its second operand, or of its first one, as a function of the other. */
function withNumber(operation: Operation, number: number, isFirst: boolean): FusedActivation | undefined {
  if (operation === 'add') return functionOf('linear', 1, number);
  if (operation === 'mul') return functionOf('linear', number);
  if (operation === 'max') return clampOf(number, Infinity);
  if (operation === 'min') return clampOf(-Infinity, number);
  if (operation === 'sub') return isFirst ? functionOf('linear', -1, number) : functionOf('linear', 1, -number);
  if (operation === 'div' && isFirst) return number === 1 ? functionOf('reciprocal') : undefined;
  if (operation === 'div') return Number.isFinite(1 / number) ? functionOf('linear', 1 / number) : undefined;
  if (isFirst) return undefined;
  return operation === 'pow' ? toThePower(number) : functionOf('leakyRelu', number);
}

const SPECIAL_POWERS: Readonly<Record<number, FusedActivation>> = {
  [-1]: functionOf('reciprocal'),
  0: functionOf('linear', 0, 1),
  0.5: functionOf('sqrt'),
  1: functionOf('linear', 1),
  2: functionOf('square'),
  3: functionOf('cube'),
};

function toThePower(exponent: number): FusedActivation {
  const isOdd = Math.abs(exponent % 2) === 1;
  const name = exponent % 2 === 0 ? 'evenPower' : isOdd ? 'oddPower' : 'power';
  return SPECIAL_POWERS[exponent] ?? functionOf(name, exponent);
}

/**
 * An operation with a number for each channel in the place of its second operand, or of its first one, as what becomes a
 * part of a convolution's weights.
 */
function withVector(operation: Operation, tensor: Tensor, isFirst: boolean): BatchNormalization | undefined {
  const channels = elementsOf(tensor.shape);
  if (operation === 'add') return affine(channels, { bias: tensor });
  if (operation === 'mul') return affine(channels, { scale: tensor });
  if (operation === 'sub' && !isFirst) return affine(channels, { mean: tensor });
  const inverses = tensor.values?.map((value) => 1 / value);
  if (operation !== 'div' || isFirst || !inverses?.every(Number.isFinite)) return undefined;
  return affine(channels, { scale: { ...tensor, name: `1 / ${tensor.name}`, values: inverses } });
}

/** (x - mean) * scale + bias, for each channel. */
export function affine(
  channels: number,
  given: { readonly [Role in 'mean' | 'scale' | 'bias']?: Tensor | undefined },
): BatchNormalization {
  const vector = (tensor: Tensor | undefined, value: number): ChannelTensor => {
    const shape = [channels] as const;
    return tensor
      ? { ...tensor, shape }
      : { name: `${value} (${channels})`, shape, values: Array(channels).fill(value) };
  };
  return {
    mean: vector(given.mean, 0),
    variance: vector(undefined, 1),
    scale: vector(given.scale, 1),
    bias: vector(given.bias, 0),
    epsilon: 0,
  };
}
