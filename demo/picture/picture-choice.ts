import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { useStrings } from '../shared/strings.ts';
import { decode, fetchSample, fetchSamples, type Picture, type Sample, type SampleKind } from './picture.ts';

/** Where pictures come from at the moment. */
export type Mode = 'still' | 'camera' | 'drawing';

export type PictureChoice = ReturnType<typeof usePictureChoice>;

/** The picture that was chosen, by whichever way. Samples of another kind take the place of a sample. */
export function usePictureChoice(kind: SampleKind) {
  const strings = useStrings();
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const [picture, setPicture] = useState<Picture>();
  const [error, setError] = useState<unknown>();
  const [mode, setMode] = useState<Mode>('still');
  const asked = useRef(0);

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
  const takeSample = useCallback(
    (sample: Sample) => take(() => fetchSample(sample, strings.picture.undecodable(sample.file))),
    [take, strings],
  );

  // Another language is no reason to begin again.
  useEffect(() => {
    let stale = false;
    void fetchSamples(kind).then((found) => {
      if (stale) return;
      setSamples(found);
      if (found[0] && mode === 'still' && picture?.kind !== 'file') void takeSample(found[0]);
    });
    return () => {
      stale = true;
    };
  }, [kind]);

  return {
    kind,
    samples,
    picture,
    error,
    mode,
    takeSample,
    takeFile(file: File, name = file.name) {
      const bitmap = () => decode(file, strings.picture.undecodable(file.name));
      return take(async () => ({ bitmap: await bitmap(), name, kind: 'file' }));
    },
    takeDrawing: (bitmap: ImageBitmap) => setPicture({ bitmap, name: strings.picture.drawn, kind: 'drawing' }),
    clearDrawing: () => setPicture(undefined),
    changeMode(next: Mode) {
      setError(undefined);
      if (next === 'drawing') setPicture(undefined);
      setMode(next);
    },
    failCamera(reason: unknown) {
      setMode('still');
      setError(reason);
    },
  };
}
