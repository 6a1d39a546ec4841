// The demo's trained networks in its figures: the engine gives what PyTorch gives, and what is shown without a GPU is the engine's.
import { readFileSync, writeFileSync } from 'node:fs';
import { deflateSync, inflateSync } from 'node:zlib';
import {
  BLOCKS,
  LAYERS,
  PLACES,
  SEPARABLE,
  STORED_SAMPLES,
  type StoredTrained,
  storedFile,
  type TrainedKind,
} from '../demo/learn/trained.ts';
import { farOff, rounded, store } from './stored.ts';
import { expect, test } from './test.ts';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url));

for (const kind of ['densenet', 'resnext'] as const satisfies TrainedKind[]) {
  test(`the ${kind} answers about all samples as PyTorch does`, async ({ run }) => {
    const golden: { sha256: string; logits: Record<string, number[]> } = JSON.parse(
      read(`tests/goldens/fashion-mnist-${kind}.json`).toString(),
    );
    const card = JSON.parse(read(`demo/public/models/fashion-mnist-${kind}/card.json`).toString());
    expect(golden.sha256).toBe(card.weights.sha256);
    const files = Object.keys(golden.logits);
    expect(files.length).toBe(20);
    const samples = files.map((name) => `fashion-mnist/${name.replace('.png', '')}`);
    for (const [index, { places }] of (await run('mapsOfTrained', { kind, samples })).entries()) {
      const logits = places.find(({ name }) => name === 'logits')!.values;
      const expected = golden.logits[files[index]!]!;
      // Of logits up to 6: what float32 is apart over the layers, and how the golden is rounded.
      expect(Math.max(...expected.map((value, at) => Math.abs(value - logits[at]!))), files[index]).toBeLessThan(1e-3);
    }
  });
}

for (const kind of ['separable', 'densenet', 'resnext'] as const satisfies TrainedKind[]) {
  test(`what the ${kind} makes of samples, computed beforehand, is the engine’s`, async ({ run }) => {
    const computed = await run('mapsOfTrained', { kind, samples: STORED_SAMPLES });
    const maps = computed.map(({ places }) =>
      PLACES[kind].map((place) => places.find(({ name }) => name === place.name)!),
    );
    const path = new URL(`../demo/public/${storedFile(kind)}`, import.meta.url);
    if (process.env.BEFOREHAND_UPDATE) {
      const stored: StoredTrained = Object.fromEntries(
        STORED_SAMPLES.map((sample, index) => [sample, maps[index]!.map(store)]),
      );
      writeFileSync(path, deflateSync(JSON.stringify(stored), { level: 9 }));
    }
    const stored: StoredTrained = JSON.parse(inflateSync(readFileSync(path)).toString());
    expect(Object.keys(stored)).toEqual(STORED_SAMPLES);
    for (const [index, sample] of STORED_SAMPLES.entries()) {
      const places = stored[sample]!;
      expect(places.map(({ name }) => name)).toEqual(PLACES[kind].map(({ name }) => name));
      expect(farOff(places, maps[index]!), sample).toEqual([]);
    }
  });
}

test('how strongly layers of the densenet read each other is what its weights say', async ({ run }) => {
  const strengths: number[][][] = [];
  for (const block of BLOCKS) {
    const ofBlock: number[][] = [];
    for (let layer = 1; layer <= LAYERS; layer++) {
      const name = `features.denseblock${block}.denselayer${layer}.conv1.weight`;
      const { shape, values } = await run('weightOfTrained', { kind: 'densenet', name });
      const [rows = 0, columns = 0] = shape;
      // The block's input comes first, then what each layer before has added.
      const begins = [0, ...Array.from({ length: layer }, (_, from) => columns - 8 * (layer - 1 - from))];
      ofBlock.push(
        Array.from({ length: layer }, (_, from) => {
          const [begin, end] = [begins[from]!, begins[from + 1]!];
          let sum = 0;
          for (let row = 0; row < rows; row++) {
            for (let column = begin; column < end; column++) sum += Math.abs(values[row * columns + column]!);
          }
          return rounded(sum / (rows * (end - begin)));
        }),
      );
    }
    strengths.push(ofBlock);
  }
  const path = new URL('../demo/learn/densenet-strengths.json', import.meta.url);
  if (process.env.BEFOREHAND_UPDATE) writeFileSync(path, `${JSON.stringify(strengths)}\n`);
  expect(JSON.parse(readFileSync(path).toString())).toEqual(strengths);
});

test('the filters shown of the separable network are its weights, scaled as batch normalization scales them', async ({
  run,
}) => {
  const read = async (name: string) => (await run('weightOfTrained', { kind: 'separable', name })).values;
  const short = (value: number) => Number(value.toPrecision(3));
  const shown: { filters: number[][]; mix: number[] }[] = [];
  for (const { layer, channels, map } of SEPARABLE) {
    const [depthwise, pointwise] = [`conv_dw_${layer}`, `conv_pw_${layer}`];
    const scaleOf = async (name: string) => {
      const [gamma, variance] = [await read(`${name}_bn.weight`), await read(`${name}_bn.running_var`)];
      return gamma.map((value, channel) => value / Math.sqrt(variance[channel]! + 1e-3));
    };
    const [weights, scale] = [await read(`${depthwise}.weight`), await scaleOf(depthwise)];
    const [mixes, mixScale] = [await read(`${pointwise}.weight`), await scaleOf(pointwise)];
    shown.push({
      filters: channels.map((channel) =>
        Array.from(weights.subarray(9 * channel, 9 * channel + 9), (value) => short(value * scale[channel]!)),
      ),
      mix: channels.map((channel) => short(mixes[map * scale.length + channel]! * mixScale[map]!)),
    });
  }
  const path = new URL('../demo/learn/mobilenet-weights.json', import.meta.url);
  if (process.env.BEFOREHAND_UPDATE) writeFileSync(path, `${JSON.stringify(shown)}\n`);
  expect(JSON.parse(readFileSync(path).toString())).toEqual(shown);
});
