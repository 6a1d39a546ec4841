import { FetchError, type Plan } from 'linnet';
import type { Layer } from '../network/layers-of.ts';
import { fetchSample, fetchSamples } from '../picture/picture.ts';
import type { Answer, Heat } from './inside.ts';
import { previewOf } from './previews.ts';
import { BEFOREHAND, numbersOf, type Stored } from './stored-maps.ts';

export interface Beforehand {
  /** By the names of layers, channel after channel. */
  readonly maps: ReadonlyMap<string, Float32Array>;
  readonly scores: Float32Array;
  readonly heat: Heat;
  readonly picture: ImageBitmap;
}

export async function fetchBeforehand(undecodable: (file: string) => string): Promise<Beforehand> {
  const [{ scores, heat, layers }, picture] = await Promise.all([
    fetchDeflated<Stored>(BEFOREHAND.file),
    fetchPicture(undecodable),
  ]);
  return {
    maps: new Map(layers.map((layer) => [layer.name, numbersOf(layer)])),
    scores: Float32Array.from(scores),
    heat: { ...heat, values: Float32Array.from(heat.values) },
    picture,
  };
}

/** The JSON in a compressed file beside the page. */
export async function fetchDeflated<Content>(file: string): Promise<Content> {
  const response = await fetch(new URL(file, document.baseURI)).catch((cause) => {
    throw new FetchError(`The file '${file}' cannot be fetched.`, { cause });
  });
  if (!response.ok || !response.body) {
    throw new FetchError(`The server answers with status ${response.status} instead of '${file}'.`, {
      status: response.status,
    });
  }
  return new Response(response.body.pipeThrough(new DecompressionStream('deflate'))).json();
}

async function fetchPicture(undecodable: (file: string) => string): Promise<ImageBitmap> {
  const sample = (await fetchSamples(BEFOREHAND.kind)).find(({ id }) => id === BEFOREHAND.picture);
  if (!sample) throw new FetchError(`There is no sample '${BEFOREHAND.picture}'.`);
  return (await fetchSample(sample, undecodable(sample.file))).bitmap;
}

/** As the engine answers, with a preview for each layer; nothing where the file has not all of them. */
export function answerOf({ maps, scores, heat }: Beforehand, plan: Plan, layers: readonly Layer[]): Answer | undefined {
  const previews = layers.flatMap((layer) => {
    const values = maps.get(layer.name);
    return values ? [previewOf(plan, layer, values)] : [];
  });
  return previews.length === layers.length ? { scores, previews, heat } : undefined;
}
