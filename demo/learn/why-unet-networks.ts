import { compile, type Network, type Preprocess, pictures } from 'linnet';
import { architectureOf } from 'linnet/models';
import { createFeatureMaps, type Grid } from '../network/feature-maps.ts';
import { cardAddress, type Fetched, fetchNetwork } from '../network/fetch-network.ts';
import { LEVELS, strengthName, withLevels, withStrengths } from './why-unet-levels.ts';
import { type Mask, SKIPS, type Strengths } from './why-unet-masks.ts';

/** The first maps of a level, in two rows. */
export const MAP_GRID: Grid = { start: 0, count: 8, columns: 4, gap: 0 };

const ALL: Strengths = [1, 1, 1, 1];

export interface UNets {
  /** What the network makes of a picture as it was trained, and what one makes that was trained without skips. */
  predict(picture: ImageBitmap): Promise<{ readonly trained: Mask; readonly never: Mask }>;
  /** The mask with weaker skips. What each level holds then is drawn to the canvases, which go by the names of levels. */
  fade(picture: ImageBitmap, strengths: Strengths, canvases: ReadonlyMap<string, HTMLCanvasElement>): Promise<Mask>;
  destroy(): void;
}

/** Loads the networks. What a failure leaves half-made is freed. */
export async function loadUNets(device: GPUDevice, signal: AbortSignal): Promise<UNets> {
  const made: { destroy(): void }[] = [];
  const destroy = () => {
    for (const one of made.toReversed()) one.destroy();
  };
  try {
    const [maps, [skips, noSkips]] = await Promise.all([
      createFeatureMaps(device, 'grey').then((maps) => {
        made.push(maps);
        return maps;
      }),
      Promise.all([
        fetchNetwork(cardAddress('drawings-300'), signal),
        fetchNetwork(cardAddress('drawings-300-no-skips'), signal),
      ]),
    ]);
    const load = async ({ card, weights }: Fetched, architecture = architectureOf(card)) => {
      const preprocess = card.preprocess && pictures(alikeInAll(card.preprocess));
      const network = await compile(architecture, { weights, device, preprocess, signal, tune: false });
      made.push(network);
      return network;
    };
    const fading = await load(skips, withLevels(withStrengths(architectureOf(skips.card))));
    const never = await load(noSkips);
    signal.throwIfAborted();

    const runFading = (image: ImageBitmap, strengths: Strengths) => {
      const factors = SKIPS.map(
        (level, index) => [strengthName(level), Float32Array.of(strengths[index] ?? 1)] as const,
      );
      return maskOf(fading, { image, ...Object.fromEntries(factors) });
    };
    return {
      predict: async (image) => ({ trained: await runFading(image, ALL), never: await maskOf(never, { image }) }),
      async fade(image, strengths, canvases) {
        const mask = await runFading(image, strengths);
        for (const name of new Set(LEVELS.flatMap(({ contracting, expanding }) => [contracting, expanding]))) {
          const [canvas, output] = [canvases.get(name), fading.outputs[name]];
          if (!canvas || !output) continue;
          const [, channels = 0, height = 0, width = 0] = output.shape;
          const layout = { elementType: 'float32', lanes: 1, first: 0, channels, height, width } as const;
          maps.draw(canvas, { buffer: output.buffer }, layout, MAP_GRID);
        }
        return mask;
      },
      destroy,
    };
  } catch (error) {
    destroy();
    throw error;
  }
}

/** For inputs of one channel as of three: here all channels have one mean and one deviation. */
const alikeInAll = (preprocess: Preprocess): Preprocess => ({
  ...preprocess,
  mean: preprocess.mean.slice(0, 1),
  std: preprocess.std.slice(0, 1),
});

async function maskOf(network: Network, inputs: Parameters<Network['run']>[0]): Promise<Mask> {
  const { mask } = await network.run(inputs);
  return (mask as NonNullable<typeof mask>).data;
}
