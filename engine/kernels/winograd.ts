import { conv2dPointwise } from '../../shaders/conv2d-pointwise.wgsl.ts';
import { ceilDivide } from '../../shaders/kernel.ts';
import type { WinogradSize } from '../../shaders/winograd.ts';
import { winogradFilter } from '../../shaders/winograd-filter.wgsl.ts';
import { winogradInput } from '../../shaders/winograd-input.wgsl.ts';
import { winogradOutput } from '../../shaders/winograd-output.wgsl.ts';
import { type Conv2dNode, elementsOf, type MapShape } from '../graph/graph.ts';
import { sizesOf } from '../graph/sizes.ts';
import { activationParams, shaderActivation } from './activation.ts';
import type { Candidate } from './choose.ts';
import { costOf, layoutFor, residualOf, trained } from './convolution.ts';
import type { Operand, Recorder } from './recorder.ts';

/** Bytes that the transformed tiles of a layer may take beside its input and output. */
function budgetOf({ inputs, output }: Conv2dNode): number {
  return Math.max(2 ** 20, (bytesOf(inputs[0].shape) + bytesOf(output.shape)) / 4);
}

const bytesOf = (shape: readonly number[]) => sizesOf({ shape: shape as MapShape }).vectors * (shape[0] as number) * 16;

/** In how many parts a layer is computed: of its tiles, or of its output channels. */
function partsOf(node: Conv2dNode, size: WinogradSize) {
  const points = (size + 2) ** 2;
  const from = sizesOf(node.inputs[0]);
  const to = sizesOf(node.output);
  const [tileRows, tilesPerRow] = [ceilDivide(to.height, size), ceilDivide(to.width, size)];
  const rows = to.batch * tileRows;
  const rowBytes = points * tilesPerRow * (from.slices + to.slices) * 16;
  const filterBytes = points * (from.slices + 1) * 4 * to.slices * 16;
  const budget = budgetOf(node);
  const partRows = ceilDivide(rows, ceilDivide(rows * rowBytes, budget));
  const partSlices = ceilDivide(to.slices, ceilDivide(filterBytes, 2 * budget));
  return { points, from, to, tileRows, tilesPerRow, rows, partRows, partSlices };
}

const winograd = (size: WinogradSize): Candidate<Conv2dNode> => ({
  name: `winograd-${size}x${size}`,
  estimate(node, { target }) {
    const { filter, strides, dilations, groups, prologue } = node;
    if (elementsOf([...strides, ...dilations, groups]) !== 1 || filter.shape.slice(2).join() !== '3,3') {
      return 'no 3x3 filter with stride 1';
    }
    if (prologue) return 'a prologue';
    if (target.elementType === 'float16') return 'float16';
    const { points, from, to, rows, tilesPerRow } = partsOf(node, size);
    const tiles = rows * tilesPerRow;
    const F = (globalThis as any).WF ?? 1;
    return (
      (points * tiles * from.slices * 4 * to.slices * 4 +
        points * 16 * (tiles * (from.slices + to.slices) * 8 + from.slices * to.slices * 16)) *
      F
    );
  },
  lower(to, node) {
    const { points, from, to: extent, tileRows, tilesPerRow, rows, partRows, partSlices } = partsOf(node, size);
    const { padding, activation, residual, name } = node;
    const tile = to.tiles.pointwise;
    const layout = layoutFor(node, 1);
    const { macs, parameters } = costOf(node);
    const tilesOf = (value: number, slices: number, count: number) => [points, slices * 4, count, tilesPerRow] as const;
    const [inputs, products] = [from.slices, partSlices].map((slices) => {
      const shape = tilesOf(0, slices, partRows);
      return to.allocate(name, shape, bytesOf(shape));
    }) as [number, number];
    const filterShape = (slices: number) =>
      [points, ceilDivide(slices, tile.slices) * tile.slices * 4, from.slices + 1, 4] as const;
    const filters = to.allocate(name, filterShape(partSlices), bytesOf(filterShape(partSlices)));
    const weights = to.pack('weights', name, layout, trained(node));
    const operand = <Name extends string>(as: Name, value: number, shape: MapShape): Operand<Name> => ({
      name: as,
      binding: { name: as, value },
      offset: 0,
      stride: sizesOf({ shape }).vectors,
      extent: sizesOf({ shape }),
    });
    const perFilter = ceilDivide(extent.slices, partSlices);
    const emitFilter = (firstSlice: number, slices: number) => {
      const shape = filterShape(slices);
      to.emit(winogradFilter, {
        node: { name, output: { shape } },
        options: { size, blockSlices: tile.slices },
        params: { firstSlice, lastSlice: extent.slices - 1 },
        operands: [weights],
        output: operand('output', filters, shape),
        cost: { macs: 0, parameters: firstSlice ? 0 : parameters },
      });
    };
    for (let firstRow = 0; firstRow < rows; firstRow += partRows) {
      const count = Math.min(partRows, rows - firstRow);
      const inputShape = tilesOf(0, from.slices, count);
      to.emit(winogradInput, {
        node: { name, output: { shape: inputShape } },
        options: { size },
        params: { firstRow, tileRows, paddingTop: padding[0], paddingLeft: padding[2] },
        operands: [to.read('input', node.inputs[0])],
        output: operand('output', inputs, inputShape),
      });
      for (let firstSlice = 0; firstSlice < extent.slices; firstSlice += partSlices) {
        const slices = Math.min(partSlices, extent.slices - firstSlice);
        if (firstRow === 0 || perFilter > 1) emitFilter(firstSlice, slices);
        const shape = tilesOf(0, slices, count);
        to.emit(conv2dPointwise, {
          node: { name, output: { shape } },
          options: { tile, weights: 'buffer', activation: shaderActivation(), residual: false, prologue: 'none' },
          params: { itemBlocks: ceilDivide(slices, tile.slices), ...activationParams() },
          operands: [
            operand('input', inputs, inputShape),
            { name: 'weights', binding: { name: 'weights', value: filters } },
          ],
          output: operand('output', products, shape),
          cost: { macs: (macs * count * slices) / rows / extent.slices, parameters: 0 },
        });
        const channels = [firstSlice * 4, Math.min(slices * 4, extent.channels - firstSlice * 4)] as const;
        const part = perFilter > 1 ? channels : undefined;
        const product = operand('input', products, shape);
        to.emit(winogradOutput, {
          node,
          options: { size, activation: shaderActivation(activation), residual: residual !== undefined },
          params: { firstRow, tileRows, ...activationParams(activation) },
          operands: [product, ...residualOf(to, residual, part)],
          output: to.write(node.output, part),
          over: product.extent,
        });
      }
    }
  },
});

export const WINOGRAD: readonly Candidate<Conv2dNode>[] = [winograd(4), winograd(2)];
