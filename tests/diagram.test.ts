// The diagram of a network that the demo draws: who reads what, what is folded, and where everything stands.
import { expect, test } from 'playwright/test';
import {
  alexNet,
  denseNet,
  googLeNet,
  mobileNetV1,
  mobileNetV2,
  mobileNetV3,
  resNet,
  uNet,
} from '../architectures/index.ts';
import { type Layout, type Line, layoutOf, type Vertex } from '../demo/layers/diagram-layout.ts';
import { edgesOf, groupsOf, type Row, rowsOf, skipsInto } from '../demo/layers/network-graph.ts';
import { layersOf } from '../demo/network/layers-of.ts';
import { architecture } from '../engine/all-ops.ts';
import type { Architecture } from '../engine/architecture.ts';
import { planFor } from '../engine/compile.ts';

function graphOf(network: Architecture) {
  const plan = planFor(network);
  const layers = layersOf(plan);
  const edges = edgesOf(plan, layers);
  const groups = groupsOf(layers);
  const index = (name: string) => layers.findIndex((layer) => layer.name === name);
  const draw = (open: readonly string[] = groups.map(({ label }) => label)) => {
    const rows = rowsOf(layers, groups, new Set(open));
    return { rows, layout: layoutOf(rows, edges) };
  };
  return { plan, layers, edges, groups, index, draw };
}

type Graph = ReturnType<typeof graphOf>;

const vertexOf = (
  { layers }: Graph,
  { rows, layout }: { rows: readonly Row[]; layout: Layout },
  name: string,
): Vertex => {
  const row = rows.findIndex(({ kind, first }) => kind === 'layer' && layers[first]?.name === name);
  return layout.vertices.find((vertex) => vertex.kind === 'row' && vertex.row === row)!;
};
const into = ({ layout }: { layout: Layout }, vertex: Vertex): Line[] => layout.lines.filter(({ to }) => to === vertex);

const NETWORKS = {
  alexNet: alexNet(),
  denseNet: denseNet(),
  googLeNet: googLeNet(),
  mobileNetV1: mobileNetV1(),
  mobileNetV2: mobileNetV2(),
  mobileNetV3: mobileNetV3(),
  resNet: resNet(),
  uNet: uNet(),
};

test('every layer but the first reads an earlier one, and all but results are read', () => {
  for (const [name, network] of Object.entries(NETWORKS)) {
    const { plan, layers, edges } = graphOf(network);
    const results = new Set(Object.values(plan.outputs).map(({ value }) => value));
    for (const [index, { output }] of layers.entries()) {
      if (index > 0) expect(edges.filter(({ to }) => to === index).length, `${name} ${index}`).toBeGreaterThan(0);
      if (!results.has(output.value))
        expect(
          edges.some(({ from }) => from === index),
          `${name} ${index}`,
        ).toBe(true);
    }
    expect(edges.every(({ from, to }) => from < to)).toBe(true);
  }
});

test('skips are what is added, multiplied, or one part of several', () => {
  const residual = graphOf(mobileNetV2());
  expect(skipsInto(residual.edges, residual.index('features.3.conv.2'))).toMatchObject([
    { operand: 'residual', from: residual.index('features.2.conv.2'), first: 0, count: 24 },
  ]);
  expect(skipsInto(residual.edges, residual.index('features.4.conv.2'))).toEqual([]);

  const excited = graphOf(mobileNetV3());
  expect(skipsInto(excited.edges, excited.index('features.4.block.3.0'))).toMatchObject([
    { operand: 'scale', from: excited.index('features.4.block.2.fc2') },
  ]);

  // Channels of the expanding path first, then the skip's, as the paper's reference implementation has them.
  const u = graphOf(uNet({ features: 8 }));
  expect(skipsInto(u.edges, u.index('decoder4.dec4conv1'))).toMatchObject([
    { from: u.index('encoder4.enc4conv2'), first: 64, count: 64 },
    { from: u.index('upconv4'), first: 0, count: 64 },
  ]);

  // The sixth layer of a dense block reads the block's input and what the five before it have made (arXiv 1608.06993, figure 1).
  const dense = graphOf(denseNet());
  const parts = skipsInto(dense.edges, dense.index('features.denseblock1.denselayer6.conv1'));
  expect(parts.map(({ count }) => count).toSorted((a, b) => a - b)).toEqual([32, 32, 32, 32, 32, 64]);
});

test('a part of a concatenation that is read alone has its own writer only', () => {
  const graph = graphOf(
    architecture('parts', (g) => {
      const image = g.input('image', [1, 4, 8, 8]);
      const conv = (value: typeof image, name: string) =>
        g.conv2d(value, g.tensor(`${name}.weight`, [8, value.shape[1], 3, 3]), { padding: 1 });
      const [a, b] = [conv(image, 'a'), conv(image, 'b')];
      const both = g.concat([a, b], 1);
      g.output('first', conv(a, 'alone'));
      g.output('second', conv(both, 'both'));
    }),
  );
  const sources = (name: string) =>
    graph.edges.filter(({ to }) => to === graph.index(name)).map(({ from }) => graph.layers[from]?.name);
  expect(sources('alone')).toEqual(['a']);
  expect(sources('both')).toEqual(['a', 'b']);
});

test('stages are groups by what their names have in common', () => {
  const labels = (network: Architecture) => graphOf(network).groups.map(({ label }) => label);
  expect(labels(resNet())).toEqual(['layer1', 'layer2', 'layer3', 'layer4']);
  expect(labels(denseNet())).toEqual([1, 2, 3, 4].map((block) => `features.denseblock${block}`));
  expect(labels(googLeNet())).toEqual(
    ['3a', '3b', '4a', '4b', '4c', '4d', '4e', '5a', '5b'].map((name) => `inception${name}`),
  );
  expect(labels(mobileNetV1())).toEqual([]);
  // Without the halves of one map, which are several layers of one name.
  expect(labels(mobileNetV2())).toEqual(Array.from({ length: 16 }, (_, index) => `features.${index + 2}`));
});

test('folded, a network of more than a hundred layers takes a dozen rows', () => {
  const graph = graphOf(denseNet());
  expect(graph.layers.length).toBeGreaterThan(120);
  const { rows, layout } = graph.draw([]);
  expect(rows.map(({ group }) => group?.label).filter(Boolean)).toEqual(graph.groups.map(({ label }) => label));
  expect(rows.length).toBeLessThan(20);
  expect(rows.reduce((count, { first, last }) => count + last - first + 1, 0)).toBe(graph.layers.length);
  expect(layout.lines.every(({ joins }) => joins === 'flow')).toBe(true);

  const opened = graph.draw(['features.denseblock2']);
  const title = opened.rows.findIndex(({ kind }) => kind === 'title');
  expect(opened.rows[title]).toMatchObject({ group: { label: 'features.denseblock2' } });
  expect(opened.layout.vertices.some(({ kind, row }) => kind === 'row' && row === title)).toBe(false);
});

test('a chain has one lane and no tracks', () => {
  const { layout } = graphOf(vggLike()).draw();
  expect([layout.lanes, layout.tracks]).toEqual([1, 0]);
});

/** Four convolutions one after another. */
function vggLike(): Architecture {
  return architecture('chain', (g) => {
    let value = g.input('image', [1, 3, 16, 16]);
    for (let index = 0; index < 4; index++) {
      const filter = g.tensor(`conv${index}.weight`, [8, value.shape[1], 3, 3]);
      value = g.conv2d(value, filter, { padding: 1 });
    }
    g.output('out', value);
  });
}

test('an inception module has four lanes, and what its branches write meets in a joint', () => {
  const graph = graphOf(googLeNet());
  const drawn = graph.draw();
  const lane = (name: string) => vertexOf(graph, drawn, name).lane;
  const branches = ['branch1.conv', 'branch2.1.conv', 'branch3.1.conv', 'branch4.1.conv'].map((name) =>
    lane(`inception4b.${name}`),
  );
  expect(new Set(branches).size).toBe(4);
  expect(drawn.layout.lanes).toBe(4);
  const next = vertexOf(graph, drawn, 'inception4c.branch1.conv');
  const [line] = into(drawn, next);
  expect(line?.from.kind).toBe('joint');
  expect(
    into(drawn, line!.from)
      .map(({ from }) => from.lane)
      .toSorted(),
  ).toEqual([0, 1, 2, 3]);
});

test('a dense block is a lane of joints with a loop for each layer', () => {
  const graph = graphOf(denseNet());
  const drawn = graph.draw();
  const readers = [3, 4, 5, 6].map((layer) => vertexOf(graph, drawn, `features.denseblock1.denselayer${layer}.conv1`));
  const joints = readers.map((reader) => into(drawn, reader)[0]!.from);
  expect(joints.map(({ kind, lane }) => [kind, lane])).toEqual(Array.from({ length: 4 }, () => ['joint', 0]));
  for (const [index, joint] of joints.slice(1).entries()) {
    const sources = into(drawn, joint).map(({ from }) => from);
    expect(sources[0]).toBe(joints[index]);
    expect(sources).toHaveLength(2);
  }
  expect(readers.every(({ lane }) => lane === 1)).toBe(true);
});

test('skips pass by in tracks, those of a U-Net nested', () => {
  const graph = graphOf(uNet({ features: 8 }));
  const drawn = graph.draw();
  const skips = drawn.layout.lines.filter(({ track }) => track !== undefined);
  expect(skips.map(({ track }) => track).toSorted()).toEqual([0, 1, 2, 3]);
  for (const outer of skips) {
    for (const inner of skips) {
      if (inner.track! < outer.track!) expect(inner.from.y > outer.from.y && inner.to.y < outer.to.y).toBe(true);
    }
  }
  // Of a residual network one track is enough, as a block's skip ends where the next begins.
  const residual = graphOf(resNet({ depth: 18 })).draw();
  expect(residual.layout.tracks).toBe(1);
  const added = residual.layout.lines.filter(({ joins }) => joins === 'add');
  expect(added).toHaveLength(8);
});

test('no two rows share a place, no lane two chains at a time, no track two skips', () => {
  for (const [name, network] of Object.entries(NETWORKS)) {
    const { layout } = graphOf(network).draw();
    const places = layout.vertices.map(({ y, lane }) => `${y} ${lane}`);
    expect(new Set(places).size, name).toBe(places.length);
    const skips = layout.lines.filter(({ track }) => track !== undefined);
    for (const one of skips) {
      for (const other of skips) {
        if (one.track !== other.track || one.from === other.from) continue;
        expect(one.to.y <= other.from.y || other.to.y <= one.from.y, name).toBe(true);
      }
    }
    // A line within a lane passes no vertex that stands there.
    for (const { from, to, track } of layout.lines) {
      if (track !== undefined) continue;
      const lane = Math.max(from.lane, to.lane);
      const passed = layout.vertices.filter((vertex) => vertex.lane === lane && vertex.y > from.y && vertex.y < to.y);
      expect(passed, `${name}: ${from.y} to ${to.y}`).toEqual([]);
    }
  }
});
