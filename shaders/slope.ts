import { SLICES } from './kernel.ts';

/*
 * Some activations read a number for each channel, `slope`: for each slice a vector of them, and one that nobody reads.
 */

const readsSlope = (activation: string) => activation.includes('slope');

/** What a kernel binds for its activation. */
export const slopeBinding = (activation: string) => ({ slope: readsSlope(activation) && SLICES });

/** The last argument of `activate`, or of what calls it: the slice, for an activation that reads its slopes. */
export const andSlice = (activation: string, slice: string) => (readsSlope(activation) ? `, ${slice}` : '');
