import type { StreamedFrame } from 'linnet/stream';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Classifying } from '../network/classification.ts';
import { MaskCanvas } from '../network/mask-canvas.tsx';
import { type Running, taskOf } from '../network/model.ts';
import type { Enqueue } from '../network/queue.ts';
import { shownSize } from '../picture/picture.ts';
import type { PictureChoice } from '../picture/picture-choice.ts';
import { PictureCanvas } from '../picture/seen.tsx';
import { useLabel, useStrings } from '../shared/strings.ts';
import type { Cutout } from './beforehand.ts';
import { Camera } from './camera.tsx';
import { Drawing } from './drawing.tsx';
import { Soft } from './soft.tsx';
import { Streamed } from './streamed.tsx';

interface Props {
  choice: PictureChoice;
  running: Running | undefined;
  classifying: Classifying;
  enqueue: Enqueue;
  /** Where no GPU has answered: what was made of the picture beforehand. */
  cutout: Cutout | undefined;
  /** Whether one will. */
  isComing: boolean;
  /** Of a camera's frames. */
  onStreamed: (frame: StreamedFrame | undefined) => void;
}

/** The picture, camera or drawing as large as it can be, and on it what a segmenter finds. */
export function Screen({ choice, running, cutout, isComing, classifying, enqueue, onStreamed }: Props) {
  const words = useStrings();
  const labelOf = useLabel();
  const { picture, mode } = choice;
  const { maskMode, outcome } = classifying;
  const [video, setVideo] = useState<HTMLVideoElement>();
  /** Until then the video is seen as it is. */
  const [isStreaming, setStreaming] = useState(false);
  useEffect(() => {
    if (mode !== 'camera') setVideo(undefined);
    setStreaming(false);
    onStreamed(undefined);
  }, [mode, running]);

  const onFrame = async (element: HTMLVideoElement, isStale: () => boolean) => {
    setVideo(element);
    if (!running?.masked) await classifying.classify(element, { isStale });
  };
  const shown = picture?.truth === undefined ? picture?.name : labelOf(picture.truth);
  const size = useMemo(() => {
    if (mode === 'camera') return video && { width: video.videoWidth, height: video.videoHeight };
    return mode === 'drawing' ? { width: 1, height: 1 } : picture && shownSize(picture.bitmap);
  }, [mode, video, picture]);
  // Its canvas may still show another picture.
  const isDrawn = mode === 'still' && outcome.kind === 'done' && outcome.by === running && outcome.picture === picture;
  const masked = isDrawn ? running?.masked : undefined;
  const [there, setThere] = useState<Cutout>();
  const isMasked = masked || (cutout && cutout === there) || isStreaming;
  const isAhead = isComing && cutout !== undefined;
  // Who looks at people wants to see themselves, as in a mirror.
  const isFacing = running !== undefined && taskOf(running) === 'people';

  return (
    <div
      class={`screen ${isMasked ? maskMode : ''} ${mode} ${isFacing ? 'facing' : ''} ${isAhead ? 'ahead' : ''}`}
      style={{ '--ratio': size ? size.width / size.height : 1 }}
    >
      {mode === 'camera' && <Camera facing={isFacing} onFrame={onFrame} onError={choice.failCamera} />}
      {mode === 'camera' && !video && <p class="quiet">{words.picture.cameraStarting}</p>}
      {mode === 'drawing' && <Drawing onDrawn={choice.takeDrawing} onCleared={choice.clearDrawing} />}
      {mode === 'still' && picture && <PictureCanvas bitmap={picture.bitmap} label={shown ?? ''} />}
      {mode === 'still' && picture && <Soft bitmap={picture.bitmap} />}
      {video && running?.masked && (
        <Streamed
          video={video}
          running={running}
          maskMode={maskMode}
          label={words.mask.modes[maskMode]}
          enqueue={enqueue}
          onFrame={(frame) => {
            setStreaming(frame.isReady);
            onStreamed(frame);
          }}
          onError={choice.failCamera}
        />
      )}
      {cutout && maskMode !== 'overlay' && (
        <img class="mask" src={cutout.url} alt={words.mask.modes[maskMode]} onLoad={() => setThere(cutout)} />
      )}
      {masked && <MaskCanvas canvas={masked.canvas} label={words.mask.modes[maskMode]} />}
      {isAhead && <p class="caption small">{words.answer.ahead.caption}</p>}
    </div>
  );
}
