import { repeat, wgsl } from './wgsl.ts';

/*
 * Sums of many numbers. Each addition rounds, by up to 2^-24 of the sum so far, and mostly in one direction where the numbers
 * are alike: one after another, 2^18 numbers would be off by 2.5e-3. Here 32 numbers make a block, 32 blocks a sum, 32 of
 * these the next one, and so on: each number takes part in at most 32 additions on each of six levels, whatever their count
 * (below 2^30), and the sum is off by less than 1e-5.
 */

/** Numbers in a block. */
export const BLOCK = 32;
const LEVELS = 5;

/** Declares the sums of blocks, none so far. */
export const openSums = wgsl`${repeat(LEVELS, (level) => `var sum${level} = vec4f();`)}
  var blocks = 0u;`;

/** Adds the sum of at most 32 numbers. Where a level is full, its sum goes to the next one. */
export const addBlock = (block: string) => `sum0 += ${block};
  blocks++;
  ${repeat(
    LEVELS - 1,
    (level) => `if (blocks % ${BLOCK ** (level + 1)}u == 0u) {
    sum${level + 1} += sum${level};
    sum${level} = vec4f();`,
  )}
  ${'}'.repeat(LEVELS - 1)}`;

/** All in all. */
export const total = repeat(LEVELS, (level) => `sum${level}`, ' + ');

/** Brings what `lanes` threads (a power of two) have in a workgroup's array together in its first element, half of it at a time. */
export const joinLanes = (lanes: number, array: string, join: (a: string, b: string) => string) =>
  repeat(Math.log2(lanes), (step) => {
    const half = lanes >> (step + 1);
    return `workgroupBarrier();
  if (lane < ${half}u) {
    ${array}[lane] = ${join(`${array}[lane]`, `${array}[lane + ${half}u]`)};
  }`;
  });
