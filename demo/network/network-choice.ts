import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useStrings } from '../shared/strings.ts';
import { useModel } from './model.ts';
import { DEFAULTS, fetchOffers, type Offer, type Request, requestAddress, requestFiles } from './networks.ts';
import type { Enqueue } from './queue.ts';

/** The network that runs without being asked for. */
const FIRST = 'separable';

export type NetworkChoice = ReturnType<typeof useNetworkChoice>;

/** The networks that can be chosen, which one is, and how far it is on its way to this page's device. */
export function useNetworkChoice(device: GPUDevice | undefined, enqueue: Enqueue) {
  const strings = useStrings();
  const { running, loading, load, restore, fail, dismiss, cancel } = useModel(enqueue);
  /** Undefined while the cards are being read. */
  const [offers, setOffers] = useState<readonly Offer[]>();
  /** The id of an offer, or `own`. */
  const [selected, setSelected] = useState(FIRST);
  const [uncarded, setUncarded] = useState(DEFAULTS);
  const wanted = useRef<Request>(undefined);
  /** It was asked for while there was no device to load it. */
  const waiting = useRef(false);

  const take = useCallback(
    (request: Request) => {
      wanted.current?.release?.();
      wanted.current = request;
      waiting.current = device === undefined;
      if (device) void load(request, device);
    },
    [device, load],
  );
  const fetchOffer = useCallback((offer: Offer) => take({ name: offer.card.name, source: offer.url }), [take]);

  useEffect(() => {
    void fetchOffers().then(setOffers);
  }, []);
  useEffect(() => {
    if (!device || !wanted.current || !waiting.current) return;
    waiting.current = false;
    void load(wanted.current, device);
  }, [device, load]);
  useEffect(() => {
    const first = offers?.find(({ id }) => id === FIRST);
    if (device && first && !wanted.current) fetchOffer(first);
  }, [device, offers, fetchOffer]);

  return {
    running,
    loading,
    offers,
    selected,
    uncarded,
    setUncarded,
    cancel,
    dismiss,
    fetchOffer,
    select(id: string) {
      setSelected(id);
      const offer = offers?.find((candidate) => candidate.id === id);
      if (offer?.group === 'here') fetchOffer(offer);
    },
    async takeFiles(files: readonly File[]) {
      setSelected('own');
      try {
        take(await requestFiles(files, uncarded, strings.own));
      } catch (error) {
        fail(error);
      }
    },
    takeAddress(address: string) {
      try {
        take(requestAddress(address, uncarded, strings.own));
      } catch (error) {
        fail(error);
      }
    },
    /** Brings the network to another device, after the one it was on is lost. */
    async moveTo(next: GPUDevice) {
      const waited = waiting.current;
      waiting.current = false;
      if (running) await restore(next);
      if (wanted.current && (waited || !running)) await load(wanted.current, next);
    },
  };
}
