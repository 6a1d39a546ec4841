import type { FusedActivation, Tensor } from '../graph/graph.ts';
import type { Recorder } from './recorder.ts';
import { depthwiseLayout, trained } from './trained.ts';

/** A node with an activation, and perhaps a filter, of which it may have some rows. */
interface Activated {
  readonly name: string;
  readonly activation?: FusedActivation;
  readonly filter?: Tensor;
}

/** What an activation reads for so many channels from a first one on: it lies as the filter of a depthwise 1x1 convolution. */
export function slopeOf(to: Recorder, { name, activation, filter }: Activated, channels: number, firstChannel = 0) {
  if (!activation?.slope) return [];
  return [
    to.pack(
      'slope',
      name,
      { ...depthwiseLayout(channels, [1, 1]), firstChannel },
      { ...trained({ filter: activation.slope }), firstRow: filter?.firstRow },
    ),
  ];
}
