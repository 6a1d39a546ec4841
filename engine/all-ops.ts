import { type Architecture, architectureWith } from './architecture.ts';
import { GraphBuilder } from './graph/graph-builder.ts';
import {
  lowerBroadcast,
  lowerLocalResponseNormalization,
  lowerMatmul,
  lowerReduce,
  lowerStandardize,
} from './kernels/arithmetic.ts';
import { BASIC, type Candidates, CONCATENATING, RESIZING, TRANSPOSED, WINOGRAD } from './kernels/candidates.ts';
import { only } from './kernels/choose.ts';
import { multipliedConv2d } from './kernels/multiplied.ts';
import { lowerPadModes, lowerResampleModes } from './kernels/sampling.ts';
import { lowerConcatAlong, lowerView } from './kernels/views.ts';

/** Those that no built-in network has. */
const OTHERS: Candidates = {
  conv2d: multipliedConv2d,
  broadcast: only(lowerBroadcast),
  reduce: only(lowerReduce),
  standardize: only(lowerStandardize),
  matmul: only(lowerMatmul),
  localResponseNormalization: only(lowerLocalResponseNormalization),
  view: only(lowerView),
  concatAlong: only(lowerConcatAlong),
  padModes: only(lowerPadModes),
  resampleModes: only(lowerResampleModes),
};

export const ALL_OPS = {
  Builder: GraphBuilder,
  candidates: [BASIC, CONCATENATING, OTHERS, RESIZING, TRANSPOSED, WINOGRAD],
} as const;

/** A network from a function that adds its nodes to `graph`. `architecture<'mask'>` lets TypeScript know its outputs. */
export function architecture<Outputs extends string = string>(
  name: string,
  build: (graph: GraphBuilder<Outputs>) => void,
): Architecture<Outputs> {
  return architectureWith(name, ALL_OPS, build);
}
