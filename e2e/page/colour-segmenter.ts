import {
  architecture,
  compile,
  type NetworkInput,
  type NetworkOutput,
  type Preprocess,
  pictures,
  weightsFrom,
} from 'linnet';
import { createSegmenter, type Segmenter } from 'linnet/models';
import type { Size } from './pictures.ts';
import { placeOf } from './place.ts';

/** How large the mask is: as the input, half of it, or the input's middle as unpadded convolutions leave it. */
export type MaskSize = 'same' | 'half' | 'middle';

const WINDOWS = {
  half: { windowDimensions: [2, 2], strides: [2, 2] },
  middle: { windowDimensions: [3, 5] },
} as const;

/** A network whose classes' probabilities are a picture's colours. */
export async function colourSegmenter(
  device: GPUDevice,
  { width, height }: Size,
  preprocess: Pick<Preprocess, 'fit' | 'crop'> | null,
  { mask = 'same', channels = 3 }: { mask?: MaskSize; channels?: number } = {},
): Promise<Segmenter> {
  const network = architecture('colours', (g) => {
    const image = g.input('image', [1, channels, height, width]);
    g.output('mask', mask === 'same' ? image : g.averagePool2d(image, WINDOWS[mask]));
  });
  const whole = preprocess && pictures({ ...preprocess, mean: [0], std: [1] });
  const weights = weightsFrom({});
  return createSegmenter(await compile(network, { weights, device, preprocess: whole, poison: true }));
}

/** The network's own mask of a picture, read back. */
export async function readMask(
  { network }: Segmenter,
  picture: NetworkInput,
): Promise<{ values: Float32Array; size: Size }> {
  const { mask } = await network.run({ image: picture });
  const { data, shape } = mask as NetworkOutput;
  const [, , height, width] = shape as readonly [number, number, number, number];
  return { values: data, size: { width, height } };
}

interface Placement {
  readonly source: Size;
  readonly input: Size;
  readonly preprocess: Pick<Preprocess, 'fit' | 'crop'>;
  /** Of the result. */
  readonly size: Size;
}

/** A mask at a picture's place: bilinear in float64, from the documented geometry of each fit. What the mask does not know is 0. */
export function spread(
  mask: ArrayLike<number>,
  { source, input, preprocess, size }: Placement,
  own: Size,
  channels: number,
): number[] {
  const place = placeOf(source, input, preprocess);
  const along = (axis: 'width' | 'height') =>
    Array.from({ length: size[axis] }, (_, index) => {
      const { first, size: shown } = place[axis];
      const [at, end] = [first + ((index + 0.5) / size[axis]) * shown, first + shown];
      const halved = Math.floor(input[axis] / 2) === own[axis];
      const before = halved ? 0 : (input[axis] - own[axis]) / 2;
      const scale = halved ? own[axis] / input[axis] : 1;
      const toMask = (coordinate: number) => (coordinate - before) * scale;
      const [low, high] = [Math.max(0, toMask(first)), Math.min(own[axis], toMask(end))];
      const coordinate = toMask(at);
      if (coordinate < low - 1e-6 || coordinate > high + 1e-6) return undefined;
      const kept = Math.min(Math.max(coordinate, low + 0.5), high - 0.5) - 0.5;
      const left = Math.min(Math.floor(kept), own[axis] - 1);
      return { left, right: Math.min(left + 1, own[axis] - 1), part: kept - left };
    });
  const [columns, rows] = [along('width'), along('height')];
  return Array.from({ length: channels }, (_, channel) =>
    rows.flatMap((row) =>
      columns.map((column) => {
        if (!row || !column) return 0;
        const value = (y: number, x: number) => mask[(channel * own.height + y) * own.width + x] as number;
        const line = (y: number) => value(y, column.left) * (1 - column.part) + value(y, column.right) * column.part;
        return line(row.left) * (1 - row.part) + line(row.right) * row.part;
      }),
    ),
  ).flat();
}
