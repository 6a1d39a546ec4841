import { storage } from './interface.ts';
import { repeat, wgsl } from './wgsl.ts';

/*
 * How the weights of every convolution but the depthwise one lie in memory, and how its kernels read them.
 *
 * The weights are an array of steps. The block of output slices `b` owns `1 + input slices * kernel height` of them:
 * first one that begins with the bias (a vec4 per output slice of the block, then padding), then for each input slice and
 * filter row one that holds `[kx][output slice][input lane] -> vec4 over the four outputs`. A thread reads its block from
 * front to end. As a step is a struct, an index is checked against the array's bounds once per step and not once per vec4.
 * Blocks are always whole: output slices beyond the last have zero weights.
 */

/** Declares the weights: each step has a matrix per filter column and output slice of the block. */
export function weights(slices: number, kernelWidth: number): string {
  return wgsl`struct Step {
${repeat(slices * kernelWidth, (index) => `  m${index}: mat4x4<Element>,`)}
}
${storage('weights', 'Step')}`;
}

/** The bias of output slice `slice` of the block that begins at step `block`. */
export function bias(block: string, slice: number): string {
  return `vec4f(weights[${block}].m${slice >> 2}[${slice & 3}])`;
}

/** `sum += input * matrix`, for `inputs[i]` and `sums[i]`; each column of the matrix is loaded once and used for all of them. */
export function multiplyAdd(matrix: string, inputs: readonly string[], sums: readonly string[]): string {
  return repeat(
    4,
    (lane) => wgsl`{
let column = vec4f(${matrix}[${lane}]);
${inputs.map((input, index) => `${sums[index]} += ${input}[${lane}] * column;`).join('\n')}
}`,
  );
}

/** `body` under those conditions that are not known to hold. */
export function when(conditions: readonly (string | false)[], body: string): string {
  const unknown = conditions.filter((condition) => condition !== false);
  return unknown.length === 0 ? `{\n${body}\n}` : `if (${unknown.join(' && ')}) {\n${body}\n}`;
}
