import { ACTIVATION_FIELDS, type Activation, activate } from './activation.ts';
import { FOR_EACH_SLICE, type Kernel, SLICES } from './kernel.ts';
import { andSlice, slopeBinding } from './slope.ts';
import { wgsl } from './wgsl.ts';

/** Of `a` and `b`. */
const OPERATIONS = {
  identity: 'a',
  add: 'a + b',
  sub: 'a - b',
  mul: 'a * b',
  div: 'a / b',
  min: 'min(a, b)',
  max: 'max(a, b)',
  pow: 'power(a, b)',
  prelu: 'select(a * b, a, a > vec4f())',
} as const;

export type Operation = keyof typeof OPERATIONS;

export interface BroadcastOptions {
  /** `identity` has no second operand, and only applies the activation. */
  operation: Operation;
  /** Whether the first operand has one channel for all, and the second. */
  single: readonly [boolean, boolean];
  /** Whether an operand has one pixel for all along some axes of the map, and its own along others. */
  mixed: boolean;
  activation?: Activation;
}

/**
 * activation(operation(first, second)), where each operand has the result's sizes, or 1 in their place. A thread makes one
 * vec4. Lanes beyond the last channel become 0, as not all functions of them are finite.
 */
export const broadcast = {
  kind: 'broadcast',
  /** `mapHeight` and `mapWidth` are sizes of the map as axes z, y and x; the steps lead to an operand's next slice or pixel, or are 0. */
  fields: {
    outputChannels: 'u32',
    outputSlices: 'u32',
    outputPixels: 'u32',
    mapHeight: 'u32',
    mapWidth: 'u32',
    firstOffset: 'u32',
    firstBatch: 'u32',
    firstSliceStep: 'u32',
    firstZ: 'u32',
    firstY: 'u32',
    firstX: 'u32',
    secondOffset: 'u32',
    secondBatch: 'u32',
    secondSliceStep: 'u32',
    secondZ: 'u32',
    secondY: 'u32',
    secondX: 'u32',
    outputOffset: 'u32',
    outputBatch: 'u32',
    ...ACTIVATION_FIELDS,
  },
  bindings: ({ operation, activation = 'piecewise' }) => ({
    first: SLICES,
    second: operation !== 'identity' && SLICES,
    output: SLICES,
    ...slopeBinding(activation),
  }),
  ...FOR_EACH_SLICE,
  text({ operation, single, mixed, activation = 'piecewise' }, main) {
    const load = (name: 'first' | 'second', isSingle: boolean) => {
      const steps = mixed ? `z * params.${name}Z + y * params.${name}Y + x` : 'pixel';
      const place = `params.${name}Offset + id.z * params.${name}Batch + slice * params.${name}SliceStep + ${steps} * params.${name}X`;
      return `vec4f(${isSingle ? `f32(${name}[${place}].x)` : `${name}[${place}]`})`;
    };
    return wgsl`${activate(activation)}

#if ${operation === 'pow'}
// WGSL knows no power of a negative number: where there is none, adapters have any number, and for a root too.
fn power(a: vec4f, b: vec4f) -> vec4f {
  let magnitude = select(pow(abs(a), b), vec4f(1.0), b == vec4f());
  let odd = select(magnitude, -magnitude, abs(b) % 2.0 == vec4f(1.0));
  let none = (a - a) / (a - a);
  return select(select(none, odd, b == floor(b)), magnitude, a >= vec4f());
}
#endif

${main}
  let pixel = id.x;
  let slice = id.y;
  if (pixel >= params.outputPixels || slice >= params.outputSlices) {
    return;
  }
#if ${mixed}
  let x = pixel % params.mapWidth;
  let row = pixel / params.mapWidth;
  let y = row % params.mapHeight;
  let z = row / params.mapHeight;
#endif
  let a = ${load('first', single[0])};
#if ${operation !== 'identity'}
  let b = ${load('second', single[1])};
#endif
  let result = activate(${OPERATIONS[operation]}${andSlice(activation, 'slice')});
  let isChannel = vec4u(slice * 4u) + vec4u(0u, 1u, 2u, 3u) < vec4u(params.outputChannels);
  output[params.outputOffset + id.z * params.outputBatch + slice * params.outputPixels + pixel] = Slice(select(vec4f(), result, isChannel));
}`;
  },
} as const satisfies Kernel<BroadcastOptions>;
