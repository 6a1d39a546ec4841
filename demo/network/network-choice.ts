import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { NeedsGpuError } from '../shared/problem.tsx';
import { useStrings } from '../shared/strings.ts';
import { useModel } from './model.ts';
import {
  DEFAULTS,
  fetchOffers,
  isHere,
  type Offer,
  type Request,
  requestAddress,
  requestFiles,
  requestOffer,
} from './networks.ts';
import type { Enqueue } from './queue.ts';

/** The network that runs without being asked for. */
const FIRST = 'people';

export type NetworkChoice = ReturnType<typeof useNetworkChoice>;

/**
 * The networks that can be chosen, the one that runs, and how far the next is on its way to this page's device; `without`: there
 * will be no device.
 */
export function useNetworkChoice(
  device: GPUDevice | Promise<GPUDevice> | undefined,
  without: boolean,
  enqueue: Enqueue,
  asked: string | undefined,
) {
  const strings = useStrings();
  const { running, loading, load, restore, fail, dismiss, cancel } = useModel(enqueue);
  /** Undefined while the cards are being read. */
  const [offers, setOffers] = useState<readonly Offer[]>();
  /** The ids of those for which nothing has to be downloaded from elsewhere. */
  const [here, setHere] = useState<ReadonlySet<string>>(new Set());
  const [uncarded, setUncarded] = useState(DEFAULTS);
  const wanted = useRef<Request>(undefined);
  const runs = useRef<Request>(undefined);
  runs.current = running?.request;
  /** It was asked for while there was no device to load it. */
  const waiting = useRef(false);

  const take = useCallback(
    (request: Request) => {
      // The one that runs may have to come back after a lost device.
      if (wanted.current !== runs.current) wanted.current?.release?.();
      wanted.current = request;
      waiting.current = device === undefined;
      if (device) void load(request, device);
      else setGiven((count) => count + 1);
    },
    [device, load],
  );
  const fetchOffer = useCallback((offer: Offer) => take(requestOffer(offer)), [take]);

  const isFirstAsked = asked === undefined || asked === FIRST;
  useEffect(() => {
    // What opens the first network's file comes while the browser looks for a GPU.
    if (isFirstAsked) void import('linnet/tflite').catch(() => {});
    void fetchOffers().then(async (found) => {
      const known = await Promise.all(found.map(isHere));
      setHere(new Set(found.filter((_, index) => known[index]).map(({ id }) => id)));
      setOffers(found);
    });
  }, []);
  useEffect(() => {
    // What was downloaded is here from now on.
    const id = running?.request.offer?.id;
    if (id !== undefined) setHere((before) => (before.has(id) ? before : new Set([...before, id])));
  }, [running]);
  const [given, setGiven] = useState(0);
  useEffect(() => {
    if (!wanted.current || !waiting.current || !(device || without)) return;
    waiting.current = false;
    if (device) void load(wanted.current, device);
    else fail(new NeedsGpuError(wanted.current.name));
  }, [device, without, given, load, fail]);
  useEffect(() => {
    if (!device || !offers || wanted.current) return;
    // A link must not download megabytes from elsewhere without being asked.
    const first = [asked, FIRST].flatMap(
      (id) => offers.find((offer) => offer.id === id && here.has(offer.id)) ?? [],
    )[0];
    if (first) fetchOffer(first);
  }, [device, offers, here, asked, fetchOffer]);

  return {
    running,
    loading,
    offers,
    here,
    /** No other network than the first one runs, comes or was asked for. */
    isFirst:
      isFirstAsked &&
      (running
        ? running.request.offer?.id === FIRST
        : loading.kind === 'idle' || (loading.kind === 'loading' && loading.offer === FIRST)),
    /** The id that the address names. */
    asked,
    /** One that the address asks for and that has to be downloaded from elsewhere before it can run. */
    linked: running?.request.offer?.id === FIRST ? offers?.find(({ id }) => id === asked && !here.has(id)) : undefined,
    uncarded,
    setUncarded,
    cancel,
    dismiss,
    fetchOffer,
    async takeFiles(files: readonly File[]) {
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
