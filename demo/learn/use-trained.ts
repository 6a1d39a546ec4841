import type { Card } from 'linnet/models';
import { useEffect, useState } from 'preact/hooks';
import type { ViewProps } from '../frame/view-props.ts';
import { fetchDeflated } from '../layers/beforehand.ts';
import { numbersOf } from '../layers/stored-maps.ts';
import { cardAddress, fetchCard, fetchWeights } from '../network/fetch-network.ts';
import { fetchSample, fetchSamples, type Sample } from '../picture/picture.ts';
import { useStrings } from '../shared/strings.ts';
import {
  loadTrained,
  type SquareMaps,
  STORED_SAMPLES,
  type StoredTrained,
  storedFile,
  type Trained,
  type TrainedKind,
} from './trained.ts';

type Maps = ReadonlyMap<string, SquareMaps>;

/** One of the trained networks, and what it makes of a sample: computed where a GPU is there, and beforehand where none is yet. */
export function useTrained(kind: TrainedKind, { state, device, enqueue }: ViewProps) {
  const { picture: words } = useStrings();
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const [sample, setSample] = useState<Sample>();
  const [card, setCard] = useState<Card>();
  const [stored, setStored] = useState<StoredTrained>();
  const [network, setNetwork] = useState<Trained>();
  const [computed, setComputed] = useState<{ of: Sample; maps: Maps }>();
  const [error, setError] = useState<unknown>();
  const hasNoGpu = state.kind === 'failed';
  const address = cardAddress(`fashion-mnist-${kind}`);

  useEffect(() => {
    let gone = false;
    const load = async () => {
      const found = await fetchSamples('fashion-mnist');
      if (gone) return;
      // One of each class.
      const firsts = found.filter(({ id }) => id.endsWith('-a'));
      setSamples(firsts);
      setSample(firsts.find(({ id }) => id === STORED_SAMPLES[0]));
    };
    load().catch((reason) => gone || setError(reason));
    return () => {
      gone = true;
    };
  }, []);

  useEffect(() => {
    let gone = false;
    fetchCard(address).then(
      (found) => gone || setCard(found),
      (reason) => gone || setError(reason),
    );
    fetchDeflated<StoredTrained>(storedFile(kind)).then(
      (beforehand) => gone || setStored(beforehand),
      (reason) => gone || setError(reason),
    );
    return () => {
      gone = true;
    };
  }, [kind]);

  useEffect(() => {
    if (!device || !card) return;
    const controller = new AbortController();
    const { signal } = controller;
    const load = async () =>
      loadTrained(kind, { card, weights: await fetchWeights(card, address, signal) }, device, signal);
    const made = load();
    made.then(setNetwork, (reason) => signal.aborted || setError(reason));
    return () => {
      controller.abort();
      setNetwork(undefined);
      // After what may still be running.
      void enqueue(() => made.then((ready) => ready.destroy())).catch(() => {});
    };
  }, [kind, card, device, enqueue]);

  useEffect(() => {
    if (!network || !sample) return;
    let stale = false;
    const run = async () => {
      if (stale) return;
      const { bitmap } = await fetchSample(sample, words.undecodable(sample.file));
      const maps = await network.maps(bitmap);
      if (!stale) setComputed({ of: sample, maps });
    };
    enqueue(run).catch((reason) => stale || setError(reason));
    return () => {
      stale = true;
    };
  }, [network, sample, enqueue]);

  const isComputed = sample !== undefined && computed?.of === sample;
  // What was computed beforehand is there at once; and another sample's maps stay until there is something to replace them.
  const maps = isComputed ? computed.maps : ((sample && storedMaps(stored, sample)) ?? computed?.maps);
  return {
    samples: hasNoGpu ? samples.filter(({ id }) => STORED_SAMPLES.includes(id)) : samples,
    sample,
    choose: setSample,
    maps,
    accuracy: card?.accuracy?.top1,
    isBeforehand: hasNoGpu,
    error,
  };
}

function storedMaps(stored: StoredTrained | undefined, { id }: Sample): Maps | undefined {
  const places = stored?.[id];
  return (
    places && new Map(places.map((one) => [one.name, { channels: one.ranges.length, values: numbersOf(one) }] as const))
  );
}
