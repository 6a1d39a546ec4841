import type { ParamValues } from '../../shaders/kernel.ts';
import type { MASK_FIELDS } from '../../shaders/mask.ts';
import type { ImageSize, Preprocess } from '../common/picture.ts';
import { placePicture, requireSize } from './preprocess.ts';

export interface MaskPlacement {
  /** How the picture became the network's input; `null`: it is the input. */
  readonly preprocess: Pick<Preprocess, 'fit' | 'crop'> | null;
  readonly picture: ImageSize;
  /** What is wanted: the whole picture at this size. */
  readonly output: ImageSize;
  /** Of the network. */
  readonly input: ImageSize;
  readonly mask: ImageSize;
}

/**
 * Where a picture's pixels lie on the mask that a network gave for it: `preprocess` backwards. `fill` stretches back, the
 * crop of `cover` goes back to the middle, of `contain` only the part with the picture counts.
 *
 * A mask shows the whole input if it is as large, or 2, 4, 8... times smaller or larger; of any other size it shows the
 * input's middle pixel by pixel, as unpadded convolutions leave it (U-Net of 2015: 388 of 572).
 */
export function placeMask({
  preprocess,
  picture,
  output,
  input,
  mask,
}: MaskPlacement): ParamValues<typeof MASK_FIELDS> {
  requireSize('output', output);
  const { destX, destY, destWidth, destHeight } = placePicture(preprocess ?? { fit: 'fill' }, picture, input);
  const stretched = (['width', 'height'] as const).every((axis) =>
    Number.isInteger(Math.log2(input[axis] / mask[axis])),
  );
  const along = (axis: 'width' | 'height', dest: number, destSize: number) => {
    const shown = stretched ? input[axis] : mask[axis];
    const toMask = mask[axis] / shown;
    const first = (input[axis] - shown) / 2;
    return {
      step: (destSize / output[axis]) * toMask,
      offset: (dest - first) * toMask,
      start: Math.max(0, (dest - first) * toMask),
      end: Math.min(mask[axis], (dest + destSize - first) * toMask),
    };
  };
  const x = along('width', destX, destWidth);
  const y = along('height', destY, destHeight);
  return {
    stepX: x.step,
    stepY: y.step,
    offsetX: x.offset,
    offsetY: y.offset,
    startX: x.start,
    startY: y.start,
    endX: x.end,
    endY: y.end,
    maskWidth: mask.width,
    maskHeight: mask.height,
  };
}
