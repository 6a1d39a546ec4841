import {
  ACTIVATION_FIELDS,
  type Activation,
  activate,
  header,
  openMain,
  type ParamFields,
  type ShaderOptions,
  storage,
} from './interface.ts';
import { wgsl } from './wgsl.ts';

export const ELEMENTWISE_FIELDS = {
  slices: 'u32',
  pixels: 'u32',
  inputOffset: 'u32',
  inputBatch: 'u32',
  residualOffset: 'u32',
  residualBatch: 'u32',
  outputOffset: 'u32',
  outputBatch: 'u32',
  ...ACTIVATION_FIELDS,
} as const satisfies ParamFields;

export interface ElementwiseOptions extends ShaderOptions {
  /** What is done with the second operand, `residual`; `identity` has none and only applies the activation. */
  operation: 'add' | 'mul' | 'identity';
  /** Whether `residual` is [batch, channels, 1, 1] (with `residualBatch` 0: [1, channels, 1, 1]). */
  perChannel?: boolean;
  activation?: Activation;
}

/**
 * activation(input + residual), activation(input * residual) or activation(input), [batch, channels, height, width].
 * A thread makes one vec4. Grid: ceil(pixels / 32), ceil(slices / 4), batch.
 */
export function elementwise({
  type,
  grid,
  operation,
  perChannel = false,
  activation = 'piecewise',
}: ElementwiseOptions): string {
  return wgsl`${header(type, ELEMENTWISE_FIELDS)}
${storage('input')}
#if ${operation !== 'identity'}
${storage('residual')}
#endif
${storage('output')}

${activate(activation)}

${openMain([32, 4], grid)}
  let pixel = id.x;
  let slice = id.y;
  let batch = id.z;
  if (pixel >= params.pixels || slice >= params.slices) {
    return;
  }
  let position = slice * params.pixels + pixel;
  let a = vec4f(input[params.inputOffset + batch * params.inputBatch + position]);
#if ${operation === 'identity'}
  let result = a;
#else
  let b = vec4f(residual[params.residualOffset + batch * params.residualBatch + ${perChannel ? 'slice' : 'position'}]);
  let result = a ${operation === 'add' ? '+' : '*'} b;
#endif
  output[params.outputOffset + batch * params.outputBatch + position] = Slice(activate(result));
}`;
}
