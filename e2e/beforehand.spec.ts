// What the page shows without a GPU is what the engine computes with one.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { deflateSync, inflateSync } from 'node:zlib';
import { GARMENT, GARMENT_ANSWERS } from '../demo/compare/garment-answers.ts';
import { BEFOREHAND, type Stored } from '../demo/layers/stored-maps.ts';
import { farOff, rounded, store } from './stored.ts';
import { expect, test } from './test.ts';

const file = new URL(`../demo/public/${BEFOREHAND.file}`, import.meta.url);

test('the maps and the answer computed beforehand are the engine’s', async ({ run }) => {
  const { scores, heat, maps, otherPreviews } = await run('mapsOfModel', {
    card: '/demo/models/fashion-mnist-separable/card.json',
    picture: `/demo/samples/${BEFOREHAND.picture}.png`,
  });
  expect(otherPreviews).toEqual([]);
  if (process.env.BEFOREHAND_UPDATE) {
    const computed: Stored = {
      scores: Array.from(scores, rounded),
      heat: { ...heat, values: Array.from(heat.values, rounded) },
      layers: maps.map(store),
    };
    mkdirSync(dirname(file.pathname), { recursive: true });
    writeFileSync(file, deflateSync(JSON.stringify(computed), { level: 9 }));
  }
  const stored: Stored = JSON.parse(inflateSync(readFileSync(file)).toString());
  const apart = (actual: readonly number[], expected: Float32Array) =>
    Math.max(...expected.map((value, index) => Math.abs(value - actual[index]!)));
  expect(stored.scores.length).toBe(scores.length);
  expect(apart(stored.scores, scores)).toBeLessThan(1e-4);
  expect([stored.heat.width, stored.heat.height]).toEqual([heat.width, heat.height]);
  expect(apart(stored.heat.values, heat.values)).toBeLessThan(1e-2);

  expect(stored.layers.map(({ name }) => name)).toEqual(maps.map(({ name }) => name));
  expect(farOff(stored.layers, maps)).toEqual([]);
});

test('the answers about a garment are the engine’s', async ({ run }) => {
  const answers = await run('bestOfModels', {
    cards: GARMENT_ANSWERS.map(({ network }) => `/demo/models/fashion-mnist-${network}/card.json`),
    picture: `/demo/samples/${GARMENT}.png`,
  });
  // As the page writes them.
  expect(answers.map(({ label, probability }) => [label, probability.toFixed(3)])).toEqual(
    GARMENT_ANSWERS.map(({ label, probability }) => [label, probability.toFixed(3)]),
  );
});
