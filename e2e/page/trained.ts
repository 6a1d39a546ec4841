import { loadTrained, type SquareMaps, type TrainedKind } from '../../demo/learn/trained.ts';
import { fetchNetwork } from '../../demo/network/fetch-network.ts';

const addressOf = (kind: TrainedKind) => new URL(`/demo/models/fashion-mnist-${kind}/card.json`, location.href);

/** What one of the demo's trained networks has at its places, for some samples. */
export async function mapsOfTrained(
  device: GPUDevice,
  { kind, samples }: { kind: TrainedKind; samples: readonly string[] },
) {
  const { signal } = new AbortController();
  const trained = await loadTrained(kind, await fetchNetwork(addressOf(kind), signal), device, signal);
  const all: { sample: string; places: ({ name: string } & SquareMaps)[] }[] = [];
  for (const sample of samples) {
    const picture = await createImageBitmap(await (await fetch(`/demo/samples/${sample}.png`)).blob());
    const maps = await trained.maps(picture);
    all.push({ sample, places: [...maps].map(([name, { channels, values }]) => ({ name, channels, values })) });
  }
  trained.destroy();
  return all;
}

export async function weightOfTrained(_: GPUDevice, { kind, name }: { kind: TrainedKind; name: string }) {
  const { weights } = await fetchNetwork(addressOf(kind), new AbortController().signal);
  return { shape: [...(weights.shapes.get(name) ?? [])], values: await weights.read(name) };
}
