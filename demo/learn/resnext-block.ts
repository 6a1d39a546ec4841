import { type Architecture, architecture } from 'linnet';

/** The block's input and output channels, and the height and width of its map: the first stage of the network at 224 x 224. */
export const CHANNELS = 256;
export const SIZE = 56;
/** The weights of ResNet's bottleneck block, which is the one with a single path of width 64. */
const RESNET_WEIGHTS = weightsOf(1, 64);

/** Those that the paper trained (table 3 there). */
export const CARDINALITIES = [1, 2, 4, 8, 32];

/** Table 3 there: top-1 error in percent, one crop of 224 x 224, by the network's depth and its cardinality at constant cost. */
export const ERRORS: Readonly<Record<50 | 101, Readonly<Record<number, number>>>> = {
  50: { 1: 23.9, 2: 23.0, 4: 22.6, 8: 22.3, 32: 22.2 },
  101: { 1: 22.0, 2: 21.7, 4: 21.4, 8: 21.3, 32: 21.2 },
};

/** Paths of width d: C (256 d + 9 d² + 256 d) weights, as section 3.3 of arXiv 1611.05431 counts them. */
export function weightsOf(cardinality: number, width: number): number {
  return cardinality * (CHANNELS * width + 9 * width * width + width * CHANNELS);
}

/** The width at which paths in this number take about as many weights as ResNet's block (table 2 there). */
export function widthFor(cardinality: number): number {
  const widths = Array.from({ length: 64 }, (_, index) => index + 1);
  const distance = (width: number) => Math.abs(weightsOf(cardinality, width) - RESNET_WEIGHTS);
  return widths.reduce((best, width) => (distance(width) < distance(best) ? width : best));
}

/** Figure 3 (c): the paths as three convolutions, of which the middle one has groups; without batch normalization. */
export function resNeXtBlock(cardinality: number, width: number): Architecture {
  return architecture(`block ${cardinality}x${width}d`, (g) => {
    const input = g.input('image', [1, CHANNELS, SIZE, SIZE]);
    const inner = cardinality * width;
    let x = g.relu(g.conv2d(input, g.tensor('reduce.weight', [inner, CHANNELS, 1, 1])));
    const filter = g.tensor('transform.weight', [inner, width, 3, 3]);
    x = g.relu(g.conv2d(x, filter, { padding: 1, groups: cardinality }));
    x = g.conv2d(x, g.tensor('expand.weight', [CHANNELS, inner, 1, 1]));
    g.output('result', g.relu(g.add(x, input)));
  });
}
