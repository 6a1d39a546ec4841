// Elements in another order, by themselves and between other operations. As in op-cases.ts.
import type { GraphBuilder, Shape, Value } from 'linnet';
import type { OpCase } from './op-cases.ts';

const pointwise =
  (outChannels: number, name = 'conv') =>
  (g: GraphBuilder, input: Value): Value =>
    g.conv2d(input, g.tensor(`${name}.weight`, [outChannels, input.shape[1], 1, 1]));

const toLast = [0, 2, 3, 1];
const toFirst = [0, 3, 1, 2];

type Resampling = Parameters<GraphBuilder['resample2d']>[1];

/** Of 9 x 13 pixels. */
const resampled = (options: Resampling, exact = true): OpCase => ({
  ...of([2, 6, 9, 13], (g, image) => g.resample2d(image, options)),
  ...(!exact && { exact: false }),
});

/** ONNX's `half_pixel` and `asymmetric`, to so many pixels. */
const halfPixel = ([height, width]: readonly [number, number]) => ({
  sizes: [height, width] as const,
  coordinates: { steps: [9 / height, 13 / width], offsets: [(9 / height - 1) / 2, (13 / width - 1) / 2] } as const,
});
const asymmetric = ([height, width]: readonly [number, number]) => ({
  sizes: [height, width] as const,
  coordinates: { steps: [9 / height, 13 / width], offsets: [0, 0] } as const,
});
const roundings = ['floor', 'ceil', 'round-prefer-floor', 'round-prefer-ceil'] as const;
const sizes = [
  [27, 39],
  [18, 26],
  [7, 5],
  [3, 31],
  [45, 104],
] as const;

/** Each shape with what is done with it. */
const of = (input: Shape, add: OpCase['add']): OpCase => ({ input, add });

const transposed = (input: Shape, permutation?: readonly number[]) =>
  of(input, (g, image) => g.transpose(image, { permutation }));

/** ShuffleNet's (arXiv 1707.01083), as PyTorch writes it. */
const shuffled = (groups: number) => (g: GraphBuilder, input: Value) => {
  const [batch, channels, height, width] = input.shape as unknown as [number, number, number, number];
  const apart = g.reshape(input, [batch, groups, channels / groups, height, width]);
  return g.reshape(g.transpose(apart, { permutation: [0, 2, 1, 3, 4] }), input.shape);
};

export const samplingCases: Readonly<Record<string, OpCase>> = {
  ...Object.fromEntries(
    roundings.flatMap((rounding) =>
      sizes.flatMap((to) => [
        [`nearest ${to.join(' x ')}, half pixels, ${rounding}`, resampled({ ...halfPixel(to), rounding })],
        [`nearest ${to.join(' x ')}, ${rounding}`, resampled({ ...asymmetric(to), rounding })],
      ]),
    ),
  ),
  'nearest by scales, rounded up': resampled({ scales: [1.5, 0.7], rounding: 'ceil' }),
  'nearest with the first and last pixels, rounded': resampled({
    ...{ sizes: [14, 4], rounding: 'round-prefer-floor' },
    coordinates: { steps: [8 / 13, 12 / 3], offsets: [0, 0] },
  }),
  'nearest of a part, from beyond the edges': resampled({
    sizes: [14, 10],
    coordinates: { steps: [1, 2], offsets: [-2.5, -3.25] },
  }),
  'nearest with steps of many digits': resampled({
    ...{ sizes: [20, 30], rounding: 'round-prefer-ceil' },
    coordinates: { steps: [0.4321987, 0.43201234], offsets: [0.123, -0.321] },
  }),
  'linear by steps and offsets': resampled({ mode: 'linear', ...halfPixel([14, 31]) }, false),
  'linear from beyond the edges': resampled(
    { mode: 'linear', sizes: [14, 10], coordinates: { steps: [1.25, 2], offsets: [-2.5, -3.25] } },
    false,
  ),
  'cubic three times as large': resampled({ mode: 'cubic', scales: 3 }, false),
  'cubic to other sizes': resampled({ mode: 'cubic', sizes: [5, 31] }, false),
  'cubic by scales': resampled({ mode: 'cubic', scales: [0.7, 1.3] }, false),
  'cubic of corner pixels': resampled({ mode: 'cubic', sizes: [20, 7], coordinates: 'align-corners' }, false),
  'cubic by steps and offsets': resampled({ mode: 'cubic', ...asymmetric([20, 7]), cubicCoefficient: -0.5 }, false),
  'cubic without what lies outside': resampled({ mode: 'cubic', sizes: [20, 7], excludeOutside: true }, false),
  'cubic from beyond the edges': resampled(
    { mode: 'cubic', sizes: [14, 10], coordinates: { steps: [1.25, 2], offsets: [-2.5, -3.25] } },
    false,
  ),
  'nearest of rows and channels': of([2, 6, 5, 7], (g, image) => g.resample2d(image, { axes: [1, 2], sizes: [9, 7] })),
  'linear of channels last': {
    ...of([2, 6, 5, 7], (g, image) => {
      const last = g.transpose(image, { permutation: toLast });
      const larger = g.resample2d(last, { mode: 'linear', axes: [1, 2], scales: 2 });
      return g.transpose(larger, { permutation: toFirst });
    }),
    exact: false,
  },
};

export const viewCases: Readonly<Record<string, OpCase>> = {
  'transpose to channels last': transposed([2, 6, 5, 7], toLast),
  'transpose to channels first': transposed([2, 6, 5, 7], toFirst),
  'transpose rows and columns': transposed([2, 6, 5, 7], [0, 1, 3, 2]),
  'transpose items and channels': transposed([3, 6, 5, 7], [1, 0, 2, 3]),
  'transpose backwards': transposed([3, 6, 5, 7]),
  'transpose vectors': transposed([3, 6]),
  'transpose rank 3': of([2, 6, 5, 7], (g, image) =>
    g.transpose(g.reshape(image, [2, 6, 35]), { permutation: [0, 2, 1] }),
  ),
  'transpose rank 5': of([2, 8, 6, 7], (g, image) =>
    g.transpose(g.reshape(image, [2, 8, 2, 3, 7]), { permutation: [3, 0, 4, 1, 2] }),
  ),
  'transpose of a large map': transposed([1, 5, 131, 127], toLast),
  'reshape channels to rows': of([2, 6, 5, 7], (g, image) => g.reshape(image, [2, 3, 10, 7])),
  'reshape items to channels': of([2, 6, 5, 7], (g, image) => g.reshape(image, [1, 12, 5, 7])),
  'reshape pixels to channels': of([2, 6, 5, 7], (g, image) => g.relu(g.reshape(image, [14, 15, 1, 2]))),
  'slice with strides': of([2, 6, 9, 13], (g, image) =>
    g.slice(image, [0, 0, 1, 2], [2, 6, 7, 11], { strides: [1, 1, 2, 3] }),
  ),
  'slice of every other channel': of([2, 9, 5, 7], (g, image) =>
    g.slice(image, [1, 1, 0, 0], [1, 8, 5, 6], { strides: [1, 2, 1, 1] }),
  ),
  'slice of channels from 4': of([2, 10, 5, 7], (g, image) => {
    const value = pointwise(10)(g, image);
    return pointwise(3, 'next')(g, g.slice(value, [0, 4, 0, 0], [2, 6, 5, 7]));
  }),
  'slice of channels that share a slice': of([2, 10, 5, 7], (g, image) => {
    const value = pointwise(10)(g, image);
    return pointwise(3, 'next')(g, g.slice(value, [0, 4, 0, 0], [2, 5, 5, 7]));
  }),
  'slice of the first channel': of([2, 10, 5, 7], (g, image) => g.slice(image, [0, 0, 0, 0], [2, 1, 5, 7])),
  'slice of items': of([5, 6, 5, 7], (g, image) =>
    g.slice(image, [1, 0, 0, 0], [4, 6, 5, 7], { strides: [2, 1, 1, 1] }),
  ),
  'slice of rows and whole slices of channels': of([2, 13, 9, 5], (g, image) =>
    g.slice(image, [0, 4, 2, 0], [2, 8, 7, 5], { strides: [1, 1, 3, 1] }),
  ),
  'slice of vectors': of([3, 11], (g, image) => g.slice(image, [1, 3], [2, 7], { strides: [1, 2] })),
  'split into slices, and put together': of([2, 12, 5, 7], (g, image) => {
    const [a, b, c] = g.split(pointwise(12)(g, image), 3, { axis: 1 }) as [Value, Value, Value];
    return g.concat([c, pointwise(8, 'both')(g, g.concat([a, b])), g.relu(b)]);
  }),
  'split within slices, and put together': of([2, 12, 5, 7], (g, image) => {
    const [a, b] = g.split(pointwise(12)(g, image), [7, 5], { axis: 1 }) as [Value, Value];
    const next = pointwise(5, 'next')(g, b);
    return g.concat([a, b, next, pointwise(5, 'last')(g, g.add(next, b))]);
  }),
  'split, one part beside its source': of([2, 8, 5, 7], (g, image) => {
    const value = pointwise(8)(g, image);
    const [a] = g.split(value, 2, { axis: 1 }) as [Value, Value];
    return g.concat([value, a]);
  }),
  'split of a concatenation, put beside it': of([2, 8, 5, 7], (g, image) => {
    const [a, b] = [pointwise(4, 'a')(g, image), pointwise(8, 'b')(g, image)];
    const both = g.concat([a, b]);
    const [, part] = g.split(both, [8, 4], { axis: 1 }) as [Value, Value];
    g.output('other', pointwise(3, 'other')(g, both));
    return g.concat([a, b, part]);
  }),
  'split along rows': of([2, 6, 9, 5], (g, image) => {
    const [a, b] = g.split(image, [4, 5], { axis: 2 }) as [Value, Value];
    g.output('first', a);
    return b;
  }),
  'expand pixels': of([2, 6], (g, image) => g.expand(g.reshape(image, [2, 6, 1, 1]), [2, 6, 3, 5])),
  'expand channels and items': of([1, 1, 5, 7], (g, image) => g.expand(image, [3, 6, 5, 7])),
  'expand with more axes': of([2, 3], (g, image) => g.expand(image, [4, 5, 2, 3])),
  'tile channels and rows': of([2, 3, 5, 7], (g, image) => g.tile(image, [1, 2, 3, 1])),
  'tile items and columns': of([2, 8, 5, 7], (g, image) => g.tile(image, [2, 1, 1, 2])),
  reverse: of([2, 6, 5, 7], (g, image) => g.reverse(image)),
  'reverse rows and columns': of([2, 6, 5, 7], (g, image) => g.reverse(image, { axes: [2, 3] })),
  'reverse channels': of([2, 6, 5, 7], (g, image) => g.reverse(image, { axes: [1] })),
  'reverse of a transpose': of([2, 6, 5, 7], (g, image) =>
    g.reverse(g.transpose(image, { permutation: toLast }), { axes: [0, 1, 2] }),
  ),
  'depth to space': of([2, 12, 5, 7], (g, image) => g.depthToSpace(image, 2)),
  'depth to space, whole slices': of([2, 16, 5, 7], (g, image) => g.depthToSpace(image, 2)),
  'depth to space, blocks of 3': of([1, 45, 3, 2], (g, image) => g.depthToSpace(image, 3)),
  'depth to space, channel by channel': of([2, 12, 5, 7], (g, image) => g.depthToSpace(image, 2, { mode: 'CRD' })),
  'space to depth': of([2, 3, 6, 10], (g, image) => g.spaceToDepth(image, 2)),
  'space to depth, whole slices': of([2, 8, 9, 6], (g, image) => g.spaceToDepth(image, 3)),
  'pad with a number': of([2, 6, 5, 7], (g, image) => g.pad(image, [0, 0, 1, 3], [0, 0, 2, 4], { value: -3 })),
  'pad with the edge': of([2, 6, 5, 7], (g, image) => g.pad(image, [0, 0, 7, 3], [0, 0, 2, 9], { mode: 'edge' })),
  'pad with a mirrored map': of([2, 6, 5, 7], (g, image) =>
    pointwise(5)(g, g.pad(image, [0, 0, 4, 3], [0, 0, 2, 6], { mode: 'reflection' })),
  ),
  'pad with zeros before a convolution': of([2, 6, 5, 7], (g, image) =>
    g.conv2d(g.pad(image, [0, 0, 1, 0], [0, 0, 0, 2]), g.tensor('wide.weight', [5, 6, 3, 3])),
  ),
  'pad channels': of([2, 6, 5, 7], (g, image) => g.pad(image, [0, 1, 0, 2], [0, 4, 3, 0])),
  'pad items and columns with a mirrored map': of([3, 6, 5, 7], (g, image) =>
    g.pad(image, [2, 0, 0, 2], [1, 0, 0, 1], { mode: 'reflection' }),
  ),
  'pad vectors': of([3, 6], (g, image) => g.pad(image, [0, 2], [1, 3], { mode: 'edge' })),
  'pad rank 5': of([2, 6, 6, 7], (g, image) =>
    g.pad(g.reshape(image, [2, 6, 2, 3, 7]), [0, 0, 1, 0, 2], [0, 0, 1, 2, 0], { mode: 'edge' }),
  ),
  'pad nothing': of([2, 6, 5, 7], (g, image) => g.relu(g.pad(image, [0, 0, 0, 0], [0, 0, 0, 0], { mode: 'edge' }))),
  'concatenation of items': of([2, 6, 5, 7], (g, image) => g.concat([image, g.relu(pointwise(6)(g, image)), image], 0)),
  'concatenation of rows': of([2, 6, 5, 7], (g, image) => {
    const [a, b] = g.split(image, [2, 3], { axis: 2 }) as [Value, Value];
    return g.concat([b, image, pointwise(6)(g, a)], 2);
  }),
  'concatenation of columns': of([2, 6, 5, 7], (g, image) => {
    const [a, b] = g.split(image, [2, 5], { axis: 3 }) as [Value, Value];
    return g.relu(g.concat([b, pointwise(6)(g, a), image], 3));
  }),
  'concatenation of columns, a part beside others': of([2, 8, 5, 7], (g, image) => {
    const [a, b] = g.split(pointwise(8)(g, image), 2, { axis: 1 }) as [Value, Value];
    return g.concat([a, g.slice(g.concat([b, a], 3), [0, 0, 0, 3], [2, 4, 5, 7]), b]);
  }),
  'concatenation of vectors': of([2, 6], (g, image) =>
    g.concat([g.concat([image, g.relu(image)]), g.tile(image, [1, 2])], 0),
  ),
  'concatenation, rank 3': of([2, 6, 5, 7], (g, image) => {
    const flat = g.reshape(image, [2, 6, 35]);
    return g.concat([flat, g.relu(flat), g.reshape(pointwise(6)(g, image), [2, 6, 35])], 2);
  }),
  'concatenation of the channels of rank 5': of([2, 4, 6, 7], (g, image) => {
    const apart = g.reshape(pointwise(4)(g, image), [2, 4, 2, 3, 7]);
    return g.concat([apart, g.relu(apart)], 1);
  }),
  'concatenation of planes of rank 5': of([2, 5, 6, 7], (g, image) => {
    const apart = g.reshape(image, [2, 5, 2, 3, 7]);
    return g.concat([g.slice(apart, [0, 0, 1, 0, 0], [2, 5, 1, 3, 7]), apart], 2);
  }),
  'detections of two maps': of([2, 6, 4, 6], (g, image) => {
    const flat = (value: Value) =>
      g.reshape(g.transpose(value, { permutation: toLast }), [
        2,
        (value.shape[2] as number) * (value.shape[3] as number),
        6,
      ]);
    const small = g.maxPool2d(image, { windowDimensions: 2, strides: 2 });
    return g.concat([flat(image), flat(pointwise(6)(g, small))]);
  }),
  'channel shuffle': of([2, 12, 5, 7], (g, image) => shuffled(3)(g, image)),
  'channel shuffle, split': of([2, 12, 5, 7], (g, image) => {
    const [a, b] = g.split(shuffled(2)(g, pointwise(12)(g, image)), 2, { axis: 1 }) as [Value, Value];
    return g.concat([a, pointwise(6, 'next')(g, b)]);
  }),
  'windows of pixels': of([2, 6, 6, 8], (g, image) => {
    const apart = g.reshape(g.transpose(image, { permutation: toLast }), [2, 3, 2, 2, 4, 6]);
    return g.reshape(g.transpose(apart, { permutation: [0, 1, 3, 2, 4, 5] }), [12, 8, 6]);
  }),
  'channels last between convolutions': of([2, 6, 5, 7], (g, image) => {
    const last = g.relu(g.transpose(pointwise(9)(g, image), { permutation: toLast }));
    return pointwise(5, 'next')(g, g.transpose(last, { permutation: toFirst }));
  }),
  'dense layer of a map, channels last': of([2, 6, 3, 5], (g, image) => {
    const flat = g.reshape(g.transpose(pointwise(7)(g, image), { permutation: toLast }), [2, 105]);
    return g.gemm(flat, g.tensor('fc.weight', [9, 105]), { bias: g.tensor('fc.bias', [9]) });
  }),
  'dense layer of a reshaped map': of([2, 6, 3, 5], (g, image) =>
    g.gemm(g.reshape(g.relu(image), [2, 90]), g.tensor('fc.weight', [9, 90])),
  ),
  'a flattened map, activated': of([2, 6, 3, 5], (g, image) => g.relu(g.flatten(pointwise(6)(g, image)))),
  'a convolution of another height and width': of([2, 6, 4, 9], (g, image) => {
    const other = g.reshape(g.relu(pointwise(6)(g, image)), [2, 6, 12, 3]);
    return g.conv2d(g.relu(other), g.tensor('wide.weight', [5, 6, 3, 3]), { padding: 1 });
  }),
  'padding of another height and width': of([2, 6, 4, 6], (g, image) => {
    const other = g.reshape(g.pad(image, 1), [2, 6, 4, 12]);
    return g.conv2d(other, g.tensor('wide.weight', [5, 6, 3, 3]), { padding: 1 });
  }),
  'a view of more digits than a kernel has': of([2, 12, 4, 6], (g, image) => {
    const apart = g.reshape(image, [2, 2, 2, 3, 2, 2, 2, 3]);
    const once = g.transpose(apart, { permutation: [4, 1, 6, 3, 0, 5, 2, 7] });
    return g.transpose(g.reshape(once, [4, 2, 2, 3, 2, 6]), { permutation: [5, 3, 1, 0, 4, 2] });
  }),
};
