import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Classifying } from '../network/classification.ts';
import type { Running } from '../network/model.ts';
import type { PictureChoice } from '../picture/picture-choice.ts';
import { Original, Seen } from '../picture/seen.tsx';
import { useStrings } from '../shared/strings.ts';
import { Camera } from './camera.tsx';
import { Drawing } from './drawing.tsx';
import { Mask } from './mask.tsx';

interface Props {
  choice: PictureChoice;
  running: Running | undefined;
  classifying: Classifying;
}

/** The picture, camera or drawing, and beside it what the network sees of it, or a segmenter's mask. */
export function Pair({ choice, running, classifying }: Props) {
  const words = useStrings().picture;
  const { picture, mode } = choice;
  /** Counts the camera's frames: the element stays, what it shows does not. */
  const [live, setLive] = useState<{ video: HTMLVideoElement; frame: number }>();
  useEffect(() => {
    if (mode !== 'camera') setLive(undefined);
  }, [mode]);

  const inputShape = running?.model.network.plan.inputs.image?.shape;
  const input = useMemo(() => {
    const [, channels = 0, height = 0, width = 0] = inputShape ?? [];
    return { channels, height, width };
  }, [inputShape]);
  const preprocess = running?.model.card.preprocess;
  const source =
    mode === 'camera'
      ? live && { image: live.video, size: { width: live.video.videoWidth, height: live.video.videoHeight } }
      : picture && { image: picture.bitmap, size: picture.bitmap };
  const onFrame = async (video: HTMLVideoElement, isStale: () => boolean) => {
    // Before the network is asked, so that what it sees is on the page and not what came after.
    setLive((before) => ({ video, frame: (before?.frame ?? 0) + 1 }));
    await classifying.classify(video, { isStale });
  };

  return (
    <>
      <div class="pair">
        {mode === 'camera' && <Camera onFrame={onFrame} onError={choice.failCamera} />}
        {mode === 'camera' && !live && <p class="quiet">{words.cameraStarting}</p>}
        {mode === 'drawing' && <Drawing onDrawn={choice.takeDrawing} onCleared={choice.clearDrawing} />}
        {mode === 'still' && picture && <Original bitmap={picture.bitmap} label={picture.truth ?? picture.name} />}
        {source && running?.masked && <Mask canvas={running.masked.canvas} classifying={classifying} />}
        {source && preprocess && !running?.masked && (
          <Seen
            source={source.image}
            size={source.size}
            preprocess={preprocess}
            input={input}
            frame={live?.frame ?? 0}
          />
        )}
      </div>
      {running && !preprocess && <p class="quiet">{words.tensorsOnly}</p>}
    </>
  );
}
