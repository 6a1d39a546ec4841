import { CASTS } from './casts.ts';
import type { Operators } from './common.ts';
import { CONVOLUTIONS } from './convolutions.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { NORMALIZATIONS } from './normalizations.ts';
import { POOLS } from './pools.ts';
import { PRODUCTS } from './products.ts';
import { REDUCTIONS } from './reductions.ts';
import { RESIZING } from './resizing.ts';
import { VIEWS } from './views.ts';

/** The operators that Linnet computes, named as ONNX names them, in their newest version (`versions.ts`). */
export const OPERATORS = {
  ...CASTS,
  ...CONVOLUTIONS,
  ...ELEMENTWISE,
  ...NORMALIZATIONS,
  ...POOLS,
  ...PRODUCTS,
  ...REDUCTIONS,
  ...RESIZING,
  ...VIEWS,
} as const satisfies Operators;
