import type { Capabilities } from '../common/capabilities.ts';
import type { Node } from '../graph/graph.ts';
import { type PlanOptions, type Target, targetOf } from '../plan/target.ts';
import { type Candidate, only } from './choose.ts';
import { CONV_TRANSPOSE2D, CONV2D, GEMM, lowerBatchNormalization } from './convolution.ts';
import {
  lowerAdaptiveAveragePool2d,
  lowerCopy,
  lowerElementwise,
  lowerGlobalAveragePool,
  lowerPad,
  lowerPool2d,
  lowerResample2d,
  lowerSlice,
  SOFTMAX,
} from './maps.ts';
import { WINOGRAD_CONV2D } from './winograd.ts';

/** What fusing and joining leave. */
type JoinedOp = Exclude<Node['op'], 'flatten' | 'concat' | 'part'>;

/** What computes an op, or some of its nodes. */
type CandidatesOf<Op extends Node> = readonly Candidate<Op>[] | ((node: Op) => readonly Candidate<Op>[]);
export type Candidates = { readonly [Op in JoinedOp]?: CandidatesOf<Node & { readonly op: Op }> };

/** What a network is planned for, and by what. */
export interface KernelTarget extends Target {
  readonly candidates: readonly Candidates[];
}

export const kernelTargetOf = (
  { candidates }: Pick<KernelTarget, 'candidates'>,
  capabilities: Capabilities,
  options: PlanOptions,
): KernelTarget => ({ ...targetOf(capabilities, options), candidates });

/** Those that a network names for an op. */
export function candidatesFor(node: Node, { candidates }: KernelTarget): readonly Candidate[] {
  const found = candidates.flatMap((table) => {
    const given = (table[node.op as keyof Candidates] ?? []) as CandidatesOf<Node>;
    return typeof given === 'function' ? given(node) : given;
  });
  if (found.length === 0) throw new TypeError(`The network does not name what computes ${node.op}.`);
  return found;
}

/*
 * A network names those tables that it needs, so that a page with it downloads no others.
 */

export const BASIC: Candidates = {
  conv2d: CONV2D,
  gemm: GEMM,
  batchNormalization: only(lowerBatchNormalization),
  averagePool2d: only(lowerPool2d),
  maxPool2d: only(lowerPool2d),
  globalAveragePool: only(lowerGlobalAveragePool),
  add: only(lowerElementwise),
  mul: only(lowerElementwise),
  activation: only(lowerElementwise),
  softmax: SOFTMAX,
};

/** For what a concatenation's inputs do not write in their places. */
export const CONCATENATING: Candidates = { copy: only(lowerCopy) };

/** For 3x3 convolutions over many channels. */
export const WINOGRAD: Candidates = { conv2d: WINOGRAD_CONV2D };

export const TRANSPOSED: Candidates = { convTranspose2d: CONV_TRANSPOSE2D };

export const RESIZING: Candidates = {
  adaptiveAveragePool2d: only(lowerAdaptiveAveragePool2d),
  resample2d: only(lowerResample2d),
  pad: only(lowerPad),
  slice: only(lowerSlice),
};
