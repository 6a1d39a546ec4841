import { type Architecture, architecture, compile, pictures } from 'linnet';
import { architectureOf } from 'linnet/models';
import { mostVaried } from '../layers/previews.ts';
import type { StoredMaps } from '../layers/stored-maps.ts';
import type { Fetched } from '../network/fetch-network.ts';

/** Networks of our own, trained on garments, whose maps the pages show in their figures. */
export type TrainedKind = 'separable' | 'densenet' | 'resnext';

/** What a network has at one of its places: square maps, one after another. */
export interface SquareMaps {
  readonly channels: number;
  readonly values: Float32Array;
}

/** Some of the maps. */
export function mapsOf({ channels, values }: SquareMaps, first: number, count: number): SquareMaps {
  const pixels = values.length / channels;
  return { channels: count, values: values.subarray(first * pixels, (first + count) * pixels) };
}

function mapsAt(maps: SquareMaps, channels: readonly number[]): SquareMaps {
  const values = channels.flatMap((channel) => [...mapsOf(maps, channel, 1).values]);
  return { channels: channels.length, values: Float32Array.from(values) };
}

/** Of three of MobileNet's separable layers a map that it mixes, and five of the channels that it mixes it from; counted from 0. */
export const SEPARABLE = [
  { layer: 1, channels: [0, 2, 4, 6, 7], map: 3 },
  { layer: 3, channels: [8, 19, 28, 29, 31], map: 25 },
  { layer: 5, channels: [12, 16, 32, 48, 51], map: 17 },
] as const;
export const BLOCKS = [1, 2, 3] as const;
/** Of each dense block. */
export const LAYERS = 5;
/** Of the ResNeXt's blocks. */
export const PATHS = 8;

/** Names of places, which are the names of outputs that `withPlaces` adds. */
export const inputOf = (block: number): string => `input${block}`;
export const layerOf = (block: number, layer: number): string => `layer${block}-${layer}`;
export const pathsOf = (block: number): string => `paths${block}`;
export const sumOf = (block: number): string => `sum${block}`;
export const filteredOf = (layer: number): string => `filtered${layer}`;
export const mixedOf = (layer: number): string => `mixed${layer}`;

/** A value of a node: what it reads, what it gives, or what the activation after it gives. */
interface Place {
  readonly name: string;
  readonly node: string;
  readonly value: 'input' | 'output' | 'activated';
  /** Only the map that varies most is wanted. */
  readonly single?: true;
  /** Only these maps are wanted. */
  readonly channels?: readonly number[];
}

export const PLACES: Readonly<Record<TrainedKind, readonly Place[]>> = {
  separable: SEPARABLE.flatMap(({ layer, channels, map }): Place[] => [
    { name: inputOf(layer), node: `conv_dw_${layer}`, value: 'input', channels },
    { name: filteredOf(layer), node: `conv_dw_${layer}`, value: 'activated', channels },
    { name: mixedOf(layer), node: `conv_pw_${layer}`, value: 'activated', channels: [map] },
  ]),
  densenet: BLOCKS.flatMap((block): Place[] => [
    { name: inputOf(block), node: `features.denseblock${block}.denselayer1.norm1`, value: 'input' },
    ...Array.from(
      { length: LAYERS },
      (_, index): Place => ({
        name: layerOf(block, index + 1),
        node: `features.denseblock${block}.denselayer${index + 1}.conv2`,
        value: 'output',
      }),
    ),
  ]),
  // The second block of each stage, which adds its input as it is.
  resnext: BLOCKS.flatMap((block): Place[] => [
    { name: inputOf(block), node: `layer${block}.1.conv1`, value: 'input', single: true },
    { name: pathsOf(block), node: `layer${block}.1.conv2`, value: 'activated' },
    { name: sumOf(block), node: `layer${block}.1.conv3`, value: 'activated', single: true },
  ]),
};

/** A network with what it has at some places as further outputs. */
export function withPlaces({ name, build }: Architecture, places: readonly Place[]): Architecture {
  return architecture(name, (g) => {
    build(g);
    const { nodes } = g.finish();
    for (const { name: place, node: wanted, value } of places) {
      const at = nodes.findIndex((node) => node.name === wanted);
      const node = value === 'activated' ? nodes.slice(at).find(({ op }) => op === 'activation') : nodes[at];
      const found = value === 'input' ? node?.inputs[0] : node?.output;
      if (found) g.output(place, found);
    }
  });
}

export interface Trained {
  /** By the names of places; and `logits`, of one pixel each. */
  maps(picture: ImageBitmap): Promise<ReadonlyMap<string, SquareMaps>>;
  destroy(): void;
}

export async function loadTrained(
  kind: TrainedKind,
  { card, weights }: Fetched,
  device: GPUDevice,
  signal: AbortSignal,
): Promise<Trained> {
  const network = await compile(withPlaces(architectureOf(card), PLACES[kind]), {
    weights,
    device,
    preprocess: card.preprocess && pictures(card.preprocess),
    signal,
    tune: false,
  });
  return {
    async maps(image) {
      const outputs = await network.run({ image });
      return new Map(
        Object.entries(outputs).map(
          ([
            name,
            {
              data,
              shape: [, channels = 1],
            },
          ]) => {
            const place = PLACES[kind].find((each) => each.name === name);
            const wanted = place?.single ? [mostVaried(data, channels)] : place?.channels;
            const all = { channels, values: data };
            return [name, wanted ? mapsAt(all, wanted) : all];
          },
        ),
      );
    },
    destroy: () => network.destroy(),
  };
}

/** What a network makes of some samples, by their ids, for who has no GPU. `e2e/trained.spec.ts` writes it, and compares it with the engine. */
export type StoredTrained = Readonly<Record<string, readonly StoredMaps[]>>;

export const storedFile = (kind: TrainedKind): string => `samples/beforehand/fashion-mnist/${kind}.deflate`;
export const STORED_SAMPLES = ['9-ankle-boot-a', '1-trouser-a', '2-pullover-a', '8-bag-a'].map(
  (name) => `fashion-mnist/${name}`,
);
