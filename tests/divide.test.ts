// Which maps are made half by half, and where the halves lie.
import { expect, test } from 'playwright/test';
import { architecture } from '../engine/all-ops.ts';
import { buildGraph } from '../engine/architecture.ts';
import { divide, vectorsAlive } from '../engine/graph/divide.ts';
import { fuse } from '../engine/graph/fuse.ts';
import { operandsOf, type Value } from '../engine/graph/graph.ts';
import type { GraphBuilder } from '../engine/graph/graph-builder.ts';
import { join } from '../engine/graph/join.ts';

/** Of an image of three channels, as large as the maps in halves must be. */
type Make = (g: GraphBuilder, image: Value) => Value;

const SIZE = 64;

const conv =
  (name: string, channels: number, options: { stride?: number; depthwise?: boolean; kernel?: number } = {}) =>
  (g: GraphBuilder, input: Value): Value => {
    const { stride = 1, depthwise = false, kernel = depthwise ? 3 : 1 } = options;
    const groups = depthwise ? channels : 1;
    const filter = g.tensor(`${name}.weight`, [channels, input.shape[1] / groups, kernel, kernel]);
    const bias = g.tensor(`${name}.bias`, [channels]);
    return g.conv2d(input, filter, { bias, groups, strides: stride, padding: kernel >> 1 });
  };

const joinedOf = (make: Make) =>
  join(fuse(buildGraph(architecture('test', (g) => g.output('y', make(g, g.input('image', [1, 3, SIZE, SIZE])))))));

/** A line for each node: which rows of its filter, and channels of what, it reads and writes. */
function divided(make: Make): string[] {
  const { nodes, ranges } = divide(joinedOf(make));
  const show = (value: Value) => {
    const { whole, channel } = ranges.get(value.id) ?? { whole: value, channel: 0 };
    return `${whole.name}[${channel}..${channel + value.shape[1]}]`;
  };
  return nodes.map((node) => {
    const { firstRow, shape } = (node.op === 'conv2d' && node.filter) || { shape: [0] };
    const rows = firstRow === undefined ? '' : ` rows ${firstRow}..${firstRow + shape[0]}`;
    return `${show(node.output)} <- ${node.op}${rows}(${operandsOf(node).map(show)})`;
  });
}

const expand = conv('expand', 48);
const spread = conv('spread', 48, { depthwise: true, stride: 2 });

test('a convolution and the depthwise one after it are computed for half of the channels each, in whole blocks', () => {
  expect(divided((g, image) => conv('project', 8)(g, spread(g, expand(g, image))))).toEqual([
    'expand[0..32] <- conv2d rows 0..32(image[0..3])',
    'spread[0..32] <- conv2d rows 0..32(expand[0..32])',
    'expand[0..16] <- conv2d rows 32..48(image[0..3])',
    'spread[32..48] <- conv2d rows 32..48(expand[0..16])',
    'project[0..8] <- conv2d(spread[0..48])',
  ]);
});

test('a pool is divided too, and what is a part of a concatenation', () => {
  const lines = divided((g, image) => {
    const pooled = g.maxPool2d(expand(g, image), { windowDimensions: 3, strides: 2, padding: 1 });
    return g.concat([conv('beside', 4, { stride: 2 })(g, image), pooled]);
  });
  expect(lines).toEqual([
    'expand[0..32] <- conv2d rows 0..32(image[0..3])',
    'concat.3[4..36] <- maxPool2d(expand[0..32])',
    'expand[0..16] <- conv2d rows 32..48(image[0..3])',
    'concat.3[36..52] <- maxPool2d(expand[0..16])',
    'concat.3[0..4] <- conv2d(image[0..3])',
  ]);
});

test('the fullest moment has less in it, but kernels may take as much as before', () => {
  const joined = joinedOf((g, image) => spread(g, expand(g, image)));
  const { most, ...graph } = divide(joined);
  // The image and 12 slices, or 8 and then 4 of them; or these and a quarter of as much.
  expect(vectorsAlive(joined)).toEqual([13, 15].map((slices) => slices * SIZE ** 2));
  expect(most).toBe(15 * SIZE ** 2);
  expect(vectorsAlive(graph)).toEqual([9, 11, 5, 5].map((slices) => slices * SIZE ** 2));
});

for (const [name, make] of Object.entries<Make>({
  'what else is read': (g, image) => {
    const map = expand(g, image);
    return g.concat([g.averagePool2d(map, { windowDimensions: 2, strides: 2 }), spread(g, map)]);
  },
  'what is a part of another map': (g, image) => {
    const map = expand(g, image);
    g.output('filtered', conv('filtered', 48, { depthwise: true })(g, map));
    const pair = g.concat([map, conv('beside', 4)(g, image)]);
    return g.averagePool2d(pair, { windowDimensions: 2, strides: 2 });
  },
  'what is added to': (g, image) => {
    const map = conv('map', 96)(g, image);
    return conv('spread', 96, { depthwise: true, stride: 2 })(g, g.add(conv('a', 96)(g, image), map));
  },
  'what reads several channels': (g, image) => conv('wide', 48, { kernel: 3, stride: 2 })(g, expand(g, image)),
  'what reads pairs of channels': (g, image) =>
    conv('pairs', 48, { depthwise: true, stride: 2 })(g, conv('expand', 96)(g, image)),
  'what a grouped convolution makes': (g, image) =>
    spread(g, g.conv2d(image, g.tensor('grouped.weight', [48, 1, 3, 3]), { groups: 3, padding: 1 })),
  'what takes all channels of a pixel': (g, image) => g.softmax(expand(g, image)),
  'a block of channels': (g, image) =>
    conv('spread', 16, { depthwise: true, stride: 2 })(g, conv('expand', 16)(g, image)),
  'what saves too little': (g, image) =>
    conv('spread', 28, { depthwise: true, stride: 2 })(g, conv('expand', 28)(g, image)),
  'what is not in the fullest moment': (g, image) => spread(g, expand(g, conv('b', 64)(g, conv('a', 64)(g, image)))),
})) {
  test(`not divided: ${name}`, () => {
    expect(divided(make).filter((line) => line.includes('rows'))).toEqual([]);
  });
}
