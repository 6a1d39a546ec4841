import { conv2dPointwise } from '../../shaders/conv2d-pointwise.wgsl.ts';
import { ceilDivide } from '../../shaders/kernel.ts';
import type { WinogradSize } from '../../shaders/winograd.ts';
import { winogradFilter } from '../../shaders/winograd-filter.wgsl.ts';
import { winogradInput } from '../../shaders/winograd-input.wgsl.ts';
import { winogradOutput } from '../../shaders/winograd-output.wgsl.ts';
import type { Conv2dNode, MapShape } from '../graph/graph.ts';
import { sizesOf } from '../graph/sizes.ts';
import { activationParams } from './activation.ts';
import type { Candidate, Ground } from './choose.ts';
import { ANOTHER, busy, costOf, layoutFor, residualOf, textOptions, workOf } from './convolution.ts';
import type { Operand } from './recorder.ts';
import { slopeOf } from './slope.ts';
import { type Tiles, tileOf } from './tiles.ts';
import { trained } from './trained.ts';

/**
 * What the transforms take for each point of a tile and slice, or of four filters and a slice, in multiply-adds of one number: by
 * the loads and stores of their threads (of an output's, four read 2.8 points for each, and write 16 results of 36), and what
 * they compute besides. Points go through memory.
 */
const transforms = (size: WinogradSize, { load, memory }: Tiles) => ({
  input: 4 * (size * (load + 3) + 3 + memory),
  output: 4 * (1.8 * load + 5.6 + 1.44 * memory),
  filter: 16 * (1.5 * load + 6 + memory),
});

/** Its texts come on top of those of other convolutions; 2x2 outputs are for where 4x4 win little. */
const TEXTS = { 4: ANOTHER, 2: ANOTHER ** 2 } as const;

/** A layer as tiles, and in what parts it is computed: rows of tiles, and output slices. */
function divide(node: Conv2dNode, size: WinogradSize, { tiles, room, target: { capabilities } }: Ground) {
  const from = sizesOf(node.inputs[0]);
  const to = sizesOf(node.output);
  const points = (size + 2) ** 2;
  const [tileRows, tilesPerRow] = [ceilDivide(to.height, size), ceilDivide(to.width, size)];
  const rows = to.batch * tileRows;
  const tile = tileOf(tiles.product);
  const { x: pixels, slices: blockSlices } = tile;
  const { input, output, filter } = transforms(size, tiles);
  const multiply = workOf(tiles, tile, 1, { adds: 4 * pixels * blockSlices, inputs: pixels, weights: 4 * blockSlices });
  const blocks = ceilDivide(to.slices, blockSlices);
  const group = pixels * tiles.row;
  const { maxStorageBufferBindingSize, maxBufferSize } = capabilities;
  const most = Math.min(room.get(node) ?? 0, maxStorageBufferBindingSize / 16, maxBufferSize / 16);
  let best = { partRows: 0, partSlices: 0, cost: Number.POSITIVE_INFINITY };
  for (const partRows of partsOf(rows)) {
    for (const partBlocks of partsOf(blocks)) {
      const partSlices = partBlocks * blockSlices;
      const count = partRows * tilesPerRow;
      const [rowParts, sliceParts] = [ceilDivide(rows, partRows), ceilDivide(blocks, partBlocks)];
      const filterVectors = partSlices * (from.slices + 1) * 4;
      if (points * (count * (from.slices + partSlices) + filterVectors) > most) continue;
      const filters = sliceParts > 1 ? rowParts : 1;
      const threads = points * ceilDivide(count, group) * tiles.row * partBlocks;
      const cost =
        points *
          ((multiply * ceilDivide(count, group) * tiles.row * rowParts * from.slices * blocks * busy(threads, tiles)) /
            threads +
            rows * tilesPerRow * (input * from.slices + output * to.slices) +
            filter * filters * (from.slices + 1) * to.slices) +
        tiles.dispatch * (rowParts + (filters + 2 * rowParts) * sliceParts);
      if (cost < best.cost) best = { partRows, partSlices, cost };
    }
  }
  return { points, from, to, tileRows, tilesPerRow, rows, ...best };
}

/** The sizes of the largest part, for each number of parts of which none is empty. */
function partsOf(count: number): number[] {
  const parts = [count];
  for (let size = count; size > 1; parts.push(size)) size = ceilDivide(count, ceilDivide(count, size - 1));
  return parts;
}

const winograd = /* @__NO_SIDE_EFFECTS__ */ (size: WinogradSize): Candidate<Conv2dNode> => ({
  name: `winograd-${size}x${size}`,
  estimate(node, on) {
    const { filter, strides, dilations, groups, prologue } = node;
    if ([...strides, ...dilations, groups].some((one) => one !== 1) || filter.shape.slice(2).join() !== '3,3') {
      return 'no 3x3 filter with stride 1';
    }
    if (prologue) return 'a prologue';
    const { cost } = divide(node, size, on);
    return Number.isFinite(cost) ? cost * TEXTS[size] : 'too much memory';
  },
  lower(to, node) {
    const { points, from, to: extent, tileRows, tilesPerRow, rows, partRows, partSlices } = divide(node, size, to);
    const { padding, activation, residual, name } = node;
    const tile = tileOf(to.tiles.product);
    const { macs, parameters } = costOf(node);
    const tilesOf = (slices: number, count: number) => [points, slices * 4, count, tilesPerRow] as const;
    const filtersOf = (slices: number) =>
      [points, ceilDivide(slices, tile.slices) * tile.slices * 4, from.slices + 1, 4] as const;
    const allocate = (shape: MapShape) =>
      to.allocate(name, shape, shape[0] * sizesOf({ shape }).vectors * to.vectorBytes, true);
    const inputs = allocate(tilesOf(from.slices, partRows));
    const filters = allocate(filtersOf(partSlices));
    const products = allocate(tilesOf(partSlices, partRows));
    const weights = to.pack('weights', name, layoutFor(node, 1), trained(node));
    const filtersOnce = partSlices >= extent.slices;
    for (let firstRow = 0; firstRow < rows; firstRow += partRows) {
      const count = Math.min(partRows, rows - firstRow);
      const inputShape = tilesOf(from.slices, count);
      to.emit(winogradInput, {
        node: { name, output: { shape: inputShape } },
        options: { size },
        params: { firstRow, tileRows, paddingTop: padding[0], paddingLeft: padding[2] },
        operands: [to.read('input', node.inputs[0])],
        output: own('output', inputs, inputShape),
      });
      for (let firstSlice = 0; firstSlice < extent.slices; firstSlice += partSlices) {
        const slices = Math.min(partSlices, extent.slices - firstSlice);
        if (firstRow === 0 || !filtersOnce) {
          const shape = filtersOf(slices);
          to.emit(winogradFilter, {
            node: { name, output: { shape } },
            options: { size, blockSlices: tile.slices },
            params: { firstSlice, lastSlice: extent.slices - 1 },
            operands: [weights],
            output: own('output', filters, shape),
            cost: { macs: 0, parameters: firstRow + firstSlice === 0 ? parameters : 0 },
          });
        }
        const shape = tilesOf(slices, count);
        const product = own('input', products, shape);
        to.emit(conv2dPointwise, {
          node: { name, output: { shape } },
          options: {
            tile,
            weights: 'buffer',
            ...textOptions(to, {}),
            lanes: 1,
            residual: false,
            prologue: 'none',
          },
          params: { itemBlocks: ceilDivide(slices, tile.slices), ...activationParams() },
          operands: [
            own('input', inputs, inputShape),
            { name: 'weights', binding: { name: 'weights', value: filters } },
          ],
          output: own('output', products, shape),
          cost: { macs: firstRow + firstSlice === 0 ? macs : 0, parameters: 0 },
        });
        const channels = [firstSlice * 4, Math.min(slices * 4, extent.channels - firstSlice * 4)] as const;
        const part = filtersOnce ? undefined : channels;
        to.emit(winogradOutput, {
          node,
          options: { size, ...textOptions(to, node) },
          params: { firstRow, tileRows, ...activationParams(activation) },
          operands: [product, ...residualOf(to, residual, part), ...slopeOf(to, node, channels[1], channels[0])],
          output: to.write(node.output, part),
          over: product.extent,
        });
      }
    }
  },
});

/** Binds memory of the node's own. */
function own<Name extends string>(name: Name, value: number, shape: MapShape): Operand<Name> {
  const extent = sizesOf({ shape });
  return { name, binding: { name, value }, offset: 0, stride: extent.vectors, extent };
}

export const WINOGRAD_CONV2D: readonly Candidate<Conv2dNode>[] = [winograd(4), winograd(2)];
