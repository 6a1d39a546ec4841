// What the page shows without a GPU fits the plan that it draws there.
import { existsSync, readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { expect, test } from 'playwright/test';
import { mobileNetV1 } from '../architectures/index.ts';
import { mapLayout } from '../demo/layers/map-layout.ts';
import { BEFOREHAND, numbersOf, type Stored } from '../demo/layers/stored-maps.ts';
import { layersOf } from '../demo/network/layers-of.ts';
import { planFor } from '../engine/compile.ts';

const folder = new URL('../demo/public/', import.meta.url);

test('the maps computed beforehand are those of each layer, planned without a GPU', () => {
  const { options } = JSON.parse(readFileSync(new URL('models/fashion-mnist-separable/card.json', folder), 'utf8'));
  const plan = planFor(mobileNetV1(options));
  const text = inflateSync(readFileSync(new URL(BEFOREHAND.file, folder))).toString();
  const { layers } = JSON.parse(text) as Stored;
  const sizes = layersOf(plan).map((layer) => {
    const { channels, height, width } = mapLayout(plan, layer);
    return [layer.name, channels, channels * height * width];
  });
  expect(layers.map((layer) => [layer.name, layer.ranges.length, numbersOf(layer).length])).toEqual(sizes);
  expect(existsSync(new URL(`samples/${BEFOREHAND.picture}.png`, folder))).toBe(true);
});
