import { ACTIVATION_FIELDS, type Activation, activate } from './activation.ts';
import { FOR_EACH_SLICE, type Kernel, SLICES } from './kernel.ts';
import { andSlice, slopeBinding } from './slope.ts';
import { wgsl } from './wgsl.ts';

export interface ElementwiseOptions {
  /** What is done with the second operand, `residual`; `identity` has none and only applies the activation. */
  operation: 'add' | 'mul' | 'identity';
  /** Whether `residual` is [batch, channels, 1, 1] (with `residualBatch` 0: [1, channels, 1, 1]). */
  perChannel?: boolean;
  activation?: Activation;
}

/**
 * activation(input + residual), activation(input * residual) or activation(input), [batch, channels, height, width].
 * A thread makes one vec4.
 */
export const elementwise = {
  kind: 'elementwise',
  fields: {
    outputSlices: 'u32',
    outputPixels: 'u32',
    inputOffset: 'u32',
    inputBatch: 'u32',
    residualOffset: 'u32',
    residualBatch: 'u32',
    outputOffset: 'u32',
    outputBatch: 'u32',
    ...ACTIVATION_FIELDS,
  },
  bindings: ({ operation, activation = 'piecewise' }) => ({
    input: SLICES,
    residual: operation !== 'identity' && SLICES,
    output: SLICES,
    ...slopeBinding(activation),
  }),
  ...FOR_EACH_SLICE,
  text: ({ operation, perChannel = false, activation = 'piecewise' }, main) => wgsl`${activate(activation)}

${main}
  let pixel = id.x;
  let slice = id.y;
  let batch = id.z;
  if (pixel >= params.outputPixels || slice >= params.outputSlices) {
    return;
  }
  let position = slice * params.outputPixels + pixel;
  let a = vec4f(input[params.inputOffset + batch * params.inputBatch + position]);
#if ${operation === 'identity'}
  let result = a;
#else
  let b = vec4f(residual[params.residualOffset + batch * params.residualBatch + ${perChannel ? 'slice' : 'position'}]);
  let result = a ${operation === 'add' ? '+' : '*'} b;
#endif
  output[params.outputOffset + batch * params.outputBatch + position] = Slice(activate(result${andSlice(activation, 'slice')}));
}`,
} as const satisfies Kernel<ElementwiseOptions>;
