import type { BatchNormalization, Conv2dNode, Pair, Tensor } from '../graph/graph.ts';
import type { WeightsLayout } from '../plan/plan.ts';
import type { Trained } from './recorder.ts';

export interface TrainedFields
  extends Partial<Pick<Conv2dNode, 'bias' | 'batchNormalization' | 'prologue' | 'activation'>> {
  readonly filter?: Tensor;
}

/** The tensors of a node by role. */
export function trained({ filter, bias, batchNormalization }: TrainedFields): Trained {
  const { mean, variance, scale, bias: shift, epsilon = 0 }: Partial<BatchNormalization> = batchNormalization ?? {};
  const roles = Object.entries({ filter, bias, mean, variance, scale, shift }).flatMap(([role, tensor]) =>
    tensor ? [{ role, pieces: tensor.pieces ?? [tensor] }] : [],
  );
  const constants = roles.flatMap(({ pieces }) =>
    pieces.flatMap(({ name, values }) => (values ? [[name, values]] : [])),
  );
  return {
    tensors: Object.fromEntries(roles.map(({ role, pieces }) => [role, pieces.map(({ name }) => name)])),
    ...(constants.length > 0 && { constants: Object.fromEntries(constants) }),
    firstRow: filter?.firstRow,
    epsilon,
  };
}

/** A filter for each channel. */
export function depthwiseLayout(channels: number, size: Pair): WeightsLayout {
  return { kind: 'depthwise', blockSlices: 1, groups: channels, filterShape: [channels, 1, ...size] };
}
