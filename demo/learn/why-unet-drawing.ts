import { compile, loadWeights, type Network, pictures } from 'linnet';
import { architectureOf, type Card, createOverlay, createSegmenter, type Overlay, readCard } from 'linnet/models';
import { createFeatureMaps, type Grid } from '../network/feature-maps.ts';
import { MASK_COLOUR } from '../network/model.ts';
import { shownSize } from '../picture/picture.ts';
import { LEVELS, withLevels } from './why-unet-levels.ts';
import { withoutSkips } from './why-unet-weights.ts';

/** As trained; the same weights, what the skips bring multiplied by zero; and trained without them. */
export const VARIANTS = ['trained', 'zeroed', 'never'] as const;
export type Variant = (typeof VARIANTS)[number];

/** The first maps of a level, in two rows. */
export const MAP_GRID: Grid = { start: 0, count: 8, columns: 4, gap: 0 };

const OPACITY = 0.65;

interface Canvases {
  readonly masks: Readonly<Record<Variant, HTMLCanvasElement>>;
  /** By the names of levels. */
  readonly maps: ReadonlyMap<string, HTMLCanvasElement>;
}

export interface DrawOptions {
  readonly mode: 'overlay' | 'cutout';
  /** Whose maps are drawn. */
  readonly levelsOf: 'trained' | 'zeroed';
}

export interface Drawing {
  /** Runs the three networks on a picture and draws their masks over it, and the maps of one; all on the GPU. */
  draw(picture: ImageBitmap, options: DrawOptions): Promise<void>;
  destroy(): void;
}

/** Loads the networks, and makes what draws them. What a failure leaves half-made is freed. */
export async function createDrawing(
  device: GPUDevice,
  { masks, maps }: Canvases,
  signal: AbortSignal,
): Promise<Drawing> {
  const made: { destroy(): void }[] = [];
  const destroy = () => {
    for (const one of made.toReversed()) one.destroy();
  };
  const prepare = async (variant: Variant, card: Card, weights: Awaited<ReturnType<typeof loadWeights>>) => {
    const preprocess = card.preprocess && pictures(card.preprocess);
    const network = await compile(withLevels(architectureOf(card)), {
      weights,
      device,
      preprocess,
      signal,
      tune: false,
    });
    made.push(network);
    const overlay = await createOverlay(await createSegmenter(network), masks[variant], {
      colours: [MASK_COLOUR],
    });
    made.push(overlay);
    return { network, overlay };
  };
  try {
    const featureMaps = await createFeatureMaps(device, 'grey');
    made.push(featureMaps);
    const [skips, noSkips] = await Promise.all([
      fetchCard('drawings-300', signal),
      fetchCard('drawings-300-no-skips', signal),
    ]);
    const zeroed = { ...skips.card, options: { ...skips.card.options, skips: false } };
    const networks: Record<Variant, { network: Network; overlay: Overlay }> = {
      trained: await prepare('trained', skips.card, skips.weights),
      zeroed: await prepare('zeroed', zeroed, await withoutSkips(skips.weights)),
      never: await prepare('never', noSkips.card, noSkips.weights),
    };
    signal.throwIfAborted();
    return {
      async draw(picture, { mode, levelsOf }) {
        const drawn = VARIANTS.map((variant) => {
          Object.assign(masks[variant], shownSize(picture));
          return networks[variant].overlay.draw(picture, mode === 'overlay' ? { mode, opacity: OPACITY } : { mode });
        });
        const { outputs } = networks[levelsOf].network;
        for (const { contracting, expanding } of LEVELS) {
          for (const name of new Set([contracting, expanding])) {
            const [canvas, output] = [maps.get(name), outputs[name]];
            if (!canvas || !output) continue;
            const [, channels = 0, height = 0, width = 0] = output.shape;
            const layout = { elementType: 'float32', lanes: 1, first: 0, channels, height, width } as const;
            featureMaps.draw(canvas, { buffer: output.buffer }, layout, MAP_GRID);
          }
        }
        await Promise.all(drawn);
      },
      destroy,
    };
  } catch (error) {
    destroy();
    throw error;
  }
}

async function fetchCard(name: string, signal: AbortSignal) {
  const address = new URL(`models/${name}/card.json`, document.baseURI);
  const response = await fetch(address, { signal });
  const card = readCard(await response.json());
  const { file, bytes, sha256 } = card.weights;
  return { card, weights: await loadWeights(new URL(file, address), { bytes, sha256, signal }) };
}
