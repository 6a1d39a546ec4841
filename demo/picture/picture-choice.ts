import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useStrings } from '../shared/strings.ts';
import {
  decode,
  fetchSample,
  fetchSamples,
  isColourful,
  type Picture,
  type Sample,
  type SampleKind,
} from './picture.ts';

/** Where pictures come from at the moment. */
export type Mode = 'still' | 'camera' | 'drawing';

const kindOf = (id: string) => id.split('/')[0] as SampleKind;

export type PictureChoice = ReturnType<typeof usePictureChoice>;

/**
 * The picture that was chosen, by whichever way. A sample gives way to `best`, the id of the one that shows best what the
 * network does, unless the visitor chose it, or came by a link to it, from the same folder.
 */
export function usePictureChoice(best: string, linked: string | undefined) {
  const strings = useStrings();
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const [picture, setPicture] = useState<Picture>();
  const [error, setError] = useState<unknown>();
  const [mode, setMode] = useState<Mode>('still');
  const asked = useRef(0);
  /** The id of the sample that was chosen by the visitor. */
  const chosen = useRef(linked);

  const take = useCallback(async (work: () => Promise<Picture>) => {
    const ticket = ++asked.current;
    setError(undefined);
    try {
      const taken = await work();
      // The last one asked for, not the last one to arrive.
      if (ticket !== asked.current) return;
      setPicture(taken);
      setMode('still');
    } catch (reason) {
      setError(reason);
    }
  }, []);
  const load = (sample: Sample) => take(() => fetchSample(sample, strings.picture.undecodable(sample.file)));

  // Another language is no reason to begin again.
  useEffect(() => {
    let stale = false;
    const kind = kindOf(best);
    void fetchSamples(kind).then((found) => {
      if (stale) return;
      setSamples(found);
      const id = chosen.current !== undefined && kindOf(chosen.current) === kind ? chosen.current : best;
      const sample = found.find((candidate) => candidate.id === id) ?? found[0];
      if (sample && mode === 'still' && picture?.kind !== 'file' && sample.id !== picture?.sample?.id)
        void load(sample);
    });
    return () => {
      stale = true;
    };
  }, [best]);

  return {
    samples,
    picture,
    error,
    mode,
    takeSample(sample: Sample) {
      chosen.current = sample.id;
      return load(sample);
    },
    takeFile(file: File, name = file.name) {
      return take(async () => {
        const bitmap = await decode(file, strings.picture.undecodable(file.name));
        return { bitmap, name, kind: 'file', colourful: await isColourful(file) };
      });
    },
    takeDrawing: (bitmap: ImageBitmap) =>
      setPicture({ bitmap, name: strings.picture.drawn, kind: 'drawing', colourful: false }),
    clearDrawing: () => setPicture(undefined),
    changeMode(next: Mode) {
      setError(undefined);
      if (next === 'drawing') setPicture(undefined);
      setMode(next);
    },
    dismiss: () => setError(undefined),
    failCamera(reason: unknown) {
      setMode('still');
      setError(reason);
    },
  };
}
