import { pad2dModes } from '../../shaders/pad2d-modes.wgsl.ts';
import type { PadModesNode } from '../graph/graph.ts';
import { stepFor } from './maps.ts';
import type { Recorder } from './recorder.ts';

/*
 * How maps are sampled and padded in ways that few networks need.
 */

export function lowerPadModes(to: Recorder, node: PadModesNode): void {
  const [padTop, , padLeft] = node.padding;
  const { mode, value } = node;
  to.emit(pad2dModes, { ...stepFor(to, node), options: { mode }, params: { padTop, padLeft, value } });
}
