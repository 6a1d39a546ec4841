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
  return { card, weights: await fetchWeights(card, address, signal) };
}

/** The weights of the card at an address. */
export function fetchWeights({ weights }: Card, address: URL, signal: AbortSignal): Promise<Fetched['weights']> {
  const { file, bytes, sha256 } = weights;
  return loadWeights(new URL(file, address), { bytes, sha256, signal });
}
