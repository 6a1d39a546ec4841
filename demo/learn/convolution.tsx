import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ViewProps } from '../frame/view-props.ts';
import { fetchSample, fetchSamples, type Picture } from '../picture/picture.ts';
import { useStrings, useWords } from '../shared/strings.ts';
import { FiveKinds } from './convolution-kinds.tsx';
import { greyOf, readPicture, type Square } from './convolution-picture.ts';
import { words as bothLanguages } from './convolution-strings.ts';
import { OneWindow } from './convolution-window.tsx';
import './convolution.css';

/** Pixels each way of what is looked at pixel by pixel, and of the whole picture. */
const PART = 24;
const WHOLE = 256;
const EVERYTHING: Square = { left: 0, top: 0, side: 1 };
/** The astronaut's face, and the astronaut with flag and suit. */
const FACE: Square = { left: 0.26, top: 0.02, side: 0.38 };
const COLOURFUL: Square = { left: 0.1, top: 0, side: 0.72 };

/** What a convolution is: a window over one channel, number by number, then five kinds over several. */
export default function Convolution({ state, device, enqueue, pictures }: ViewProps) {
  const words = useWords(bothLanguages);
  const { picture, isMissing } = useExample(pictures.picture);
  const read = useMemo(() => {
    if (!picture) return undefined;
    const { bitmap, kind } = picture;
    const [face, colourful] = kind === 'sample' ? [FACE, COLOURFUL] : [EVERYTHING, EVERYTHING];
    return {
      square: face,
      part: greyOf(readPicture(bitmap, face, PART)),
      whole: greyOf(readPicture(bitmap, EVERYTHING, WHOLE)),
      colour: readPicture(bitmap, colourful, PART),
      small: readPicture(bitmap, colourful, PART / 2),
    };
  }, [picture]);
  return (
    <>
      <p class="lead">{words.lead}</p>
      <p role="status">{!picture && isMissing && words.missing}</p>
      {read && (
        <>
          <OneWindow {...{ state, device, enqueue }} part={read.part} whole={read.whole} square={read.square} />
          <FiveKinds {...{ state, device, enqueue }} colour={read.colour} small={read.small} />
        </>
      )}
    </>
  );
}

/** The photograph of the page; a picture of the visitor's own goes before it. */
function useExample(own: Picture | undefined): { picture: Picture | undefined; isMissing: boolean } {
  const strings = useStrings();
  const [sample, setSample] = useState<Picture>();
  const [isMissing, setMissing] = useState(false);
  // Once: another language is no reason to begin again.
  useEffect(() => {
    const fetchAstronaut = async () => {
      const photos = await fetchSamples('photos');
      const astronaut = photos.find(({ file }) => file === 'astronaut.jpg');
      if (astronaut) setSample(await fetchSample(astronaut, strings.picture.undecodable(astronaut.file)));
      else setMissing(true);
    };
    fetchAstronaut().catch(() => setMissing(true));
  }, []);
  return { picture: own?.kind === 'file' ? own : sample, isMissing };
}
