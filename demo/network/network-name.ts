import { useNetworkName } from '../shared/strings.ts';
import type { Answering } from './model.ts';

/** What a network that is there is called; a visitor's own has the name of its card. */
export function useAnsweringName(): (by: Pick<Answering, 'model' | 'request'>) => string {
  const nameOf = useNetworkName();
  return ({ model, request }) => nameOf(request.offer?.id, model.card.name);
}
