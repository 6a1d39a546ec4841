import type { FusedActivation, Tensor } from '../graph/graph.ts';
import type { Recorder } from './recorder.ts';

/** A node with an activation, and perhaps a filter, of which it may have some rows. */
interface Activated {
  readonly name: string;
  readonly activation?: FusedActivation;
  readonly filter?: Tensor;
}

/** How many of an activation's slopes are a checkpoint's, of so many channels. */
export const slopesIn = ({ activation }: Pick<Activated, 'activation'>, channels: number) =>
  activation && 'slope' in activation && !activation.slope.values ? channels : 0;

/** What an activation reads for so many channels from a first one on: it lies as the filter of a depthwise 1x1 convolution. */
export function slopeOf(to: Recorder, { name, activation, filter }: Activated, channels: number, firstChannel = 0) {
  if (!activation || !('slope' in activation)) return [];
  const { slope } = activation;
  const filterShape = [channels, 1, 1, 1] as const;
  return [
    to.pack(
      'slope',
      `${name} (slope)`,
      { kind: 'depthwise', blockSlices: 1, groups: channels, filterShape, firstChannel },
      {
        tensors: { filter: [slope.name] },
        ...(slope.values && { constants: { [slope.name]: slope.values } }),
        firstRow: filter?.firstRow,
        epsilon: 0,
      },
    ),
  ];
}
