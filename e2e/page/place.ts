import type { Preprocess } from 'linnet';
import type { Size } from './pictures.ts';

interface Range {
  readonly first: number;
  readonly size: number;
}

/**
 * Where a picture lies on an input, by the documented geometry: `contain` rounds to the nearest pixel; `cover` is
 * torchvision's Resize, or for what is not square timm's ResizeKeepRatio, and torchvision's CenterCrop.
 */
export function placeOf(
  { width, height }: Size,
  input: Size,
  { fit, crop = 1 }: Pick<Preprocess, 'fit' | 'crop'>,
): { width: Range; height: Range } {
  const short = Math.floor(Math.min(input.width, input.height) / crop);
  const isSquare = input.width === input.height;
  const along = (axis: 'width' | 'height'): Range => {
    const [own, other, wanted] = axis === 'width' ? [width, height, input.width] : [height, width, input.height];
    if (fit === 'fill') return { first: 0, size: wanted };
    if (fit === 'contain') {
      const size = Math.max(1, roundedToEven(own / Math.max(width / input.width, height / input.height)));
      return { first: Math.floor((wanted - size) / 2), size };
    }
    const [across, down] = [Math.floor(input.width / crop), Math.floor(input.height / crop)];
    const kept = roundedToEven(own / Math.min(width / across, height / down));
    const size = !isSquare ? kept : own <= other ? short : Math.trunc((short * own) / other);
    return { first: 0 - roundedToEven((size - wanted) / 2), size };
  };
  return { width: along('width'), height: along('height') };
}

/** As Python rounds. */
function roundedToEven(value: number): number {
  const lower = Math.floor(value);
  if (value - lower !== 0.5) return Math.round(value);
  return lower % 2 === 0 ? lower : lower + 1;
}
