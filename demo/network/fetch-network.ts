import { loadWeights } from 'linnet';
import { type Card, readCard } from 'linnet/models';

export interface Fetched {
  readonly card: Card;
  readonly weights: Awaited<ReturnType<typeof loadWeights>>;
}

/** The card of one of the page's own networks. */
export const cardAddress = (name: string): URL => new URL(`models/${name}/card.json`, document.baseURI);

export async function fetchCard(address: URL, signal: AbortSignal | null = null): Promise<Card> {
  const response = await fetch(address, { signal });
  return readCard(await response.json());
}

/** A card, and the weights beside it. */
export async function fetchNetwork(address: URL, signal: AbortSignal): Promise<Fetched> {
  const card = await fetchCard(address, signal);
  const { file, bytes, sha256 } = card.weights;
  return { card, weights: await loadWeights(new URL(file, address), { bytes, sha256, signal }) };
}
