// Where an op has to be (CONTRIBUTING lists the places), as far as TypeScript does not miss it by itself.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'playwright/test';
import { architectureOf, opCases } from '../e2e/page/op-cases.ts';
import { type Architecture, buildGraph } from '../engine/architecture.ts';
import { ArithmeticGraphBuilder } from '../engine/graph/arithmetic-builder.ts';
import { BasicGraphBuilder } from '../engine/graph/builder.ts';
import { fuse } from '../engine/graph/fuse.ts';
import type { Node } from '../engine/graph/graph.ts';
import { GraphBuilder } from '../engine/graph/graph-builder.ts';
import { join } from '../engine/graph/join.ts';
import { ResizingGraphBuilder } from '../engine/graph/resizing-builder.ts';
import { ViewingGraphBuilder } from '../engine/graph/viewing-builder.ts';
import { WindowingGraphBuilder } from '../engine/graph/windowing-builder.ts';
import { randomNetwork } from './random-graph.ts';

const OPS: Readonly<Record<Node['op'], true>> = {
  conv2d: true,
  convTranspose2d: true,
  gemm: true,
  batchNormalization: true,
  averagePool2d: true,
  maxPool2d: true,
  globalAveragePool: true,
  adaptiveAveragePool2d: true,
  resample2d: true,
  resampleModes: true,
  add: true,
  mul: true,
  broadcast: true,
  reduce: true,
  standardize: true,
  matmul: true,
  localResponseNormalization: true,
  activation: true,
  softmax: true,
  pad: true,
  padModes: true,
  slice: true,
  concat: true,
  concatAlong: true,
  flatten: true,
  copy: true,
  view: true,
  part: true,
};

/** The builder's methods that add no node, and those for methods of its own. */
const OTHERS = ['constructor', 'input', 'output', 'tensor', 'constant', 'ignore', 'finish'];
const OWN = /^(require|remember|addNode|addActivation|addConvolution|addPool|addBroadcast|addInput|inLayout)/;
const METHODS = [
  ...[BasicGraphBuilder, ResizingGraphBuilder, ViewingGraphBuilder, ArithmeticGraphBuilder],
  ...[WindowingGraphBuilder, GraphBuilder],
]
  .flatMap(({ prototype }) => Object.getOwnPropertyNames(prototype))
  .filter((name) => !OTHERS.includes(name) && !OWN.test(name));

/** The ops of a network's nodes, before and after joining, and the methods that it calls. */
function usedBy(network: Architecture): string[] {
  const called: string[] = [];
  const noted = (g: GraphBuilder) =>
    new Proxy(g, {
      get: (own, method) => {
        called.push(String(method));
        return Reflect.get(own, method).bind(own);
      },
    });
  const graph = buildGraph({ ...network, build: (g) => network.build(noted(g)) });
  return [...called, ...graph.nodes.map(({ op }) => op), ...join(fuse(graph)).nodes.map(({ op }) => op)];
}

const places: Readonly<Record<string, readonly Architecture[]>> = {
  'a step in tests/random-graph.ts': Array.from({ length: 200 }, (_, index) => randomNetwork(100 + index)),
  'a row in e2e/page/op-cases.ts': Object.values(opCases).map(architectureOf),
};

for (const [place, networks] of Object.entries(places)) {
  test(`every op and every method of the builder has ${place}`, () => {
    const used = new Set(networks.flatMap(usedBy));
    expect([...Object.keys(OPS), ...METHODS].filter((name) => !used.has(name))).toEqual([]);
  });
}

test('every shader is in the table of docs/architecture.md, and no other', () => {
  const read = (path: string) => new URL(`../${path}`, import.meta.url);
  const shaders = readdirSync(read('shaders')).flatMap((file) => file.match(/^(.+)\.wgsl\.ts$/)?.[1] ?? []);
  const [, table = ''] =
    readFileSync(read('docs/architecture.md'), 'utf8').match(/^\| shader \|.*\n\|.*\n((?:\|.*\n)+)/m) ?? [];
  const named = table.split('\n').flatMap((row) => row.split('|')[1]?.match(/[\w-]+/g) ?? []);
  expect(named.sort()).toEqual(shaders.sort());
});
