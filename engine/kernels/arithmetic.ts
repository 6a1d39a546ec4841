import { broadcast } from '../../shaders/broadcast.wgsl.ts';
import { stepsOf } from '../graph/broadcast.ts';
import { type BroadcastNode, elementsOf, type Tensor, type Value, type ValueShape } from '../graph/graph.ts';
import { sizesOf } from '../graph/sizes.ts';
import type { WeightsLayout } from '../plan/plan.ts';
import { activationParams, shaderActivation } from './activation.ts';
import { trained } from './convolution.ts';
import type { Operand, Recorder } from './recorder.ts';

/*
 * How arithmetic is computed whose operands need not have the same sizes.
 */

export function lowerBroadcast(to: Recorder, node: BroadcastNode): void {
  const { operation, inputs, tensor, isTensorFirst, shapes, output, activation } = node;
  const [a, b] = isTensorFirst ? [tensor, inputs[0]] : [inputs[0], inputs[1] ?? tensor];
  const { height, width, steps, isPlain } = stepsOf(output.shape, shapes);
  const isSingle = (axis: 0 | 1, index: 0 | 1) => output.shape[axis] > 1 && shapes[index]?.[axis] === 1;
  const read = <Name extends 'first' | 'second'>(
    name: Name,
    index: 0 | 1,
    operand: Value | Tensor<ValueShape> | undefined,
  ) => {
    if (!operand) return { operands: [], sliceStep: 0, pixelSteps: [0, 0, 0] as const };
    const { sliceStep, ...place } = readOperand(to, name, `${node.name} (${name})`, operand);
    return {
      operands: [isSingle(0, index) ? { ...place, stride: 0 } : place],
      sliceStep: isSingle(1, index) ? 0 : sliceStep,
      pixelSteps: steps[index] as (typeof steps)[number],
    };
  };
  const first = read('first', 0, a);
  const second = read('second', 1, b);
  to.emit(broadcast, {
    node,
    options: {
      operation,
      single: [isSingle(1, 0), isSingle(1, 1)],
      mixed: !isPlain,
      activation: shaderActivation(activation),
    },
    params: {
      mapHeight: height,
      mapWidth: width,
      firstSliceStep: first.sliceStep,
      firstZ: first.pixelSteps[0],
      firstY: first.pixelSteps[1],
      firstX: first.pixelSteps[2],
      secondSliceStep: second.sliceStep,
      secondZ: second.pixelSteps[0],
      secondY: second.pixelSteps[1],
      secondX: second.pixelSteps[2],
      ...activationParams(activation),
    },
    operands: [...first.operands, ...second.operands],
    output: to.write(output),
    cost: { macs: 0, parameters: tensor && !tensor.values ? elementsOf(tensor.shape) : 0 },
  });
}

/** A value where it lies, or a tensor packed as one; and the vectors that its slices are apart. */
function readOperand<Name extends string>(
  to: Recorder,
  name: Name,
  label: string,
  operand: Value | Tensor<ValueShape>,
): Operand<Name> & { readonly sliceStep: number } {
  const { batch, channels, pixels, slices, ...sizes } = sizesOf(operand);
  if ('id' in operand) return { ...to.read(name, operand), sliceStep: pixels };
  // A filter for each channel, of the pixels, which a bias follows in each slice.
  const layout: WeightsLayout = {
    kind: 'depthwise',
    blockSlices: 1,
    groups: batch * channels,
    filterShape: [batch * channels, 1, 1, pixels],
  };
  const sliceStep = pixels + 1;
  const { binding } = to.pack(name, label, layout, trained({ filter: operand }));
  const extent = { batch, channels, pixels, slices, ...sizes };
  return { name, binding, offset: 0, stride: slices * sliceStep, extent, sliceStep };
}
