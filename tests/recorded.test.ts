// Networks as JSON: the calls that build them.
import { expect, test } from 'playwright/test';
import { record, replay } from '../architectures/import/recorded.ts';
import * as architectures from '../architectures/index.ts';
import { architecture } from '../engine/all-ops.ts';
import { type Architecture, buildGraph } from '../engine/architecture.ts';
import { LinnetError } from '../engine/common/errors.ts';
import { planFor } from '../engine/index.ts';
import { randomNetwork } from './random-graph.ts';
import { uniform } from './seeded.ts';

const throughJson = (network: Architecture) => replay(JSON.parse(JSON.stringify(record(network))));

/** Candidates of ops that a built-in network does not name cannot compute it either. */
function withoutReasons(network: Architecture) {
  const { kernels, ...plan } = planFor(network);
  return { ...plan, kernels: kernels.map(({ choice, ...kernel }) => ({ ...kernel, choice: choice?.name })) };
}

for (const [name, make] of Object.entries(architectures)) {
  test(`${name} has the same plan after it was JSON`, () => {
    const network = make();
    expect(withoutReasons(throughJson(network))).toEqual(withoutReasons(network));
  });
}

test('so have 100 random networks, and graphs with constants and infinite bounds', () => {
  const clamped = architecture('clamped', (g) => {
    const image = g.input('image', [1, 3, 8, 8]);
    const [mean, variance] = [g.constant('mean', [0, 1, 2]), g.constant('variance', [1, 4, 9])];
    const x = g.clamp(g.batchNormalization(image, mean, variance), { minValue: -Infinity, maxValue: 6 });
    g.output('result', x);
  });
  const random = Array.from({ length: 100 }, (_, index) => randomNetwork(700 + index));
  for (const network of [clamped, ...random]) {
    expect(buildGraph(throughJson(network)), network.name).toEqual(buildGraph(network));
  }
});

test('2,000 seeded mutations of a recorded network end in a typed error or in a network', () => {
  const text = JSON.stringify(record(architectures.mobileNetV3({ variant: 'small', inputSize: [32, 32], classes: 3 })));
  const words = [
    'null',
    '[]',
    '{}',
    '-1',
    '0',
    '1e999',
    '"',
    ',',
    ':',
    'true',
    '{"ref":3}',
    '[[',
    '"relu"',
    '{"number":"x"}',
  ];
  const ends = { network: 0, error: 0, notJson: 0 };
  for (let round = 0; round < 2000; round++) {
    const [place, length, kind] = uniform(`recorded ${round}`, 3).map((u) => (u + 1) / 2) as unknown as [
      number,
      number,
      number,
    ];
    const at = Math.floor(place * text.length);
    const changed =
      text.slice(0, at) + words[Math.floor(kind * words.length)] + text.slice(at + Math.floor(length * 5));
    let json: unknown;
    try {
      json = JSON.parse(changed);
    } catch {
      ends.notJson++;
      continue;
    }
    try {
      buildGraph(replay(json));
      ends.network++;
    } catch (error) {
      expect(error, `mutation ${round}: ${changed.slice(at - 20, at + 40)}`).toBeInstanceOf(LinnetError);
      ends.error++;
    }
  }
  expect(ends.network).toBeGreaterThan(10);
  expect(ends.error).toBeGreaterThan(100);
});

test('what is no recorded network is a typed error', () => {
  const message = (json: unknown) => {
    try {
      buildGraph(replay(json));
    } catch (error) {
      expect(error).toBeInstanceOf(LinnetError);
      return (error as Error).message;
    }
    return 'no error';
  };
  expect(message(null)).toMatch(/^The recorded network is null/);
  expect(message({ schema: 2, name: 'x', calls: [] })).toMatch(/^The schema is 2/);
  expect(message({ schema: 1, name: '', calls: [] })).toMatch(/^The name is ""/);
  expect(message({ schema: 1, name: 'x', calls: {} })).toMatch(/^The field 'calls' is {}/);
  const calls = (...list: unknown[]) => message({ schema: 1, name: 'x', calls: list });
  expect(calls(['finish'])).toMatch(/^The method is "finish"/);
  expect(calls(['constructor'])).toMatch(/^The method is "constructor"/);
  expect(calls(['relu', { ref: 0 }])).toMatch(/^The ref is 0; it should be below 0/);
  expect(calls('relu')).toMatch(/^The method is undefined/);
  expect(calls(['input', 'image', [1, 3, 8, 8]], ['relu', 5])).toContain('While making call 1');
});
