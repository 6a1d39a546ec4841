import { BATCHES } from './batches.ts';
import { CASTS } from './casts.ts';
import { CONVOLUTIONS, Convolution2DTransposeBias } from './convolutions.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { FOLDING } from './folding.ts';
import type { OperatorFunction, OperatorFunctions } from './node.ts';
import { NORMALIZATIONS } from './normalizations.ts';
import { POOLS } from './pools.ts';
import { PRODUCTS } from './products.ts';
import { REDUCTIONS } from './reductions.ts';
import { RESIZING } from './resizing.ts';
import { VIEWS } from './views.ts';

/** By the names of TFLite's operators. */
export const OPERATORS = {
  ...BATCHES,
  ...CASTS,
  ...CONVOLUTIONS,
  ...ELEMENTWISE,
  ...FOLDING,
  ...NORMALIZATIONS,
  ...POOLS,
  ...PRODUCTS,
  ...REDUCTIONS,
  ...RESIZING,
  ...VIEWS,
} as const satisfies OperatorFunctions;

export const CUSTOM_OPERATORS: Readonly<Record<string, OperatorFunction>> = { Convolution2DTransposeBias };

/** Why some operators are left out. */
export const REASONS: Readonly<Record<string, string>> = {
  MaxPoolingWithArgmax2D: 'it hands on where each maximum was',
  MaxUnpooling2D: 'it needs to know where each maximum was',
  TFLite_Detection_PostProcess: 'it finds boxes among those of a detector, which the page has to do',
};
