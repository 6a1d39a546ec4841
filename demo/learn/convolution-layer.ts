/** Some maps of one size, one after another, each row by row. */
export interface Maps {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array;
}

/** A convolution as WebNN's `conv2d` has it, or `convTranspose2d`; the same sizes along both axes, and no bias. */
export interface Layer {
  readonly kernel: number;
  readonly stride: number;
  /** Pixels of zeros at each side; of a transposed one those that are cut off. */
  readonly padding: number;
  readonly dilation: number;
  readonly groups: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly transposed: boolean;
  /** `[outChannels, inChannels / groups, kernel, kernel]`; of a transposed one `[inChannels, outChannels / groups, ...]`. */
  readonly weights: readonly number[];
}

type Window = Pick<Layer, 'kernel' | 'stride' | 'padding' | 'dilation' | 'transposed'>;

/** Pixels from the window's first to its last. */
export const extentOf = ({ kernel, dilation }: Pick<Layer, 'kernel' | 'dilation'>): number =>
  dilation * (kernel - 1) + 1;

/** The height or width of the map that comes of `size`; below 1 where the window does not fit. */
export function outputSize(size: number, layer: Window): number {
  const { stride, padding, transposed } = layer;
  return transposed
    ? (size - 1) * stride + extentOf(layer) - 2 * padding
    : Math.floor((size + 2 * padding - extentOf(layer)) / stride) + 1;
}

/** The filter that takes one input channel to one output channel; none where the two are of different groups. */
export function filterOf(layer: Layer, out: number, input: number): readonly number[] | undefined {
  const { kernel, groups, inChannels, outChannels, transposed, weights } = layer;
  const [inGroup, outGroup] = [inChannels / groups, outChannels / groups];
  if (Math.floor(out / outGroup) !== Math.floor(input / inGroup)) return undefined;
  const place = transposed ? input * outGroup + (out % outGroup) : out * inGroup + (input % inGroup);
  return weights.slice(place * kernel ** 2, (place + 1) * kernel ** 2);
}

/** What lies at a pixel; zero beside the map, which is what padding is. */
export function pixelAt({ height, width, values }: Maps, channel: number, y: number, x: number): number {
  if (y < 0 || x < 0 || y >= height || x >= width) return 0;
  return values[(channel * height + y) * width + x] as number;
}

/** The input's pixels that meet the filter where output pixel (y, x) is computed, row by row; not of a transposed layer. */
export function windowAt({ kernel, stride, padding, dilation }: Window, y: number, x: number) {
  return Array.from({ length: kernel ** 2 }, (_, tap) => ({
    y: y * stride - padding + Math.floor(tap / kernel) * dilation,
    x: x * stride - padding + (tap % kernel) * dilation,
  }));
}

/** What one input channel adds to an output pixel: the sum of the products of pixels and weights. */
export function partAt(layer: Layer, maps: Maps, out: number, input: number, y: number, x: number): number {
  const filter = filterOf(layer, out, input) ?? [];
  const window = windowAt(layer, y, x);
  return filter.reduce((sum, weight, tap) => {
    const pixel = window[tap] as (typeof window)[number];
    return sum + weight * pixelAt(maps, input, pixel.y, pixel.x);
  }, 0);
}

/** The maps that the layer makes of others, by its definition. */
export const convolve = (layer: Layer, maps: Maps): Maps =>
  layer.transposed ? stamp(layer, maps, maps.height * maps.width) : slide(layer, maps);

const emptyMaps = (layer: Layer, maps: Maps): Maps => {
  const [height, width] = [outputSize(maps.height, layer), outputSize(maps.width, layer)];
  const channels = layer.outChannels;
  return { channels, height, width, values: new Float32Array(channels * height * width) };
};

/** A window slides over the input; at each place all that lies in it becomes one number. */
function slide(layer: Layer, maps: Maps): Maps {
  const { kernel, stride, padding, dilation, groups, inChannels, outChannels, weights } = layer;
  const inGroup = inChannels / groups;
  const result = emptyMaps(layer, maps);
  let at = 0;
  for (let out = 0; out < outChannels; out++) {
    const first = Math.floor(out / (outChannels / groups)) * inGroup;
    for (let y = 0; y < result.height; y++) {
      for (let x = 0; x < result.width; x++) {
        let sum = 0;
        let weight = out * inGroup * kernel ** 2;
        for (let input = first; input < first + inGroup; input++) {
          for (let row = 0; row < kernel; row++) {
            for (let column = 0; column < kernel; column++) {
              const [fromY, fromX] = [y * stride - padding + row * dilation, x * stride - padding + column * dilation];
              sum += (weights[weight++] as number) * pixelAt(maps, input, fromY, fromX);
            }
          }
        }
        result.values[at++] = sum;
      }
    }
  }
  return result;
}

/**
 * A transposed convolution goes the other way: each input pixel stamps the filter, times its value, onto the output, and where
 * stamps overlap they add up. This is the output after the first `count` pixels; before the last one, what no stamp has
 * reached is NaN.
 */
export function stamp(layer: Layer, maps: Maps, count: number): Maps {
  const { kernel, stride, padding, dilation, groups, inChannels, outChannels } = layer;
  const result = emptyMaps(layer, maps);
  const { height, width, values } = result;
  if (count < maps.height * maps.width) values.fill(Number.NaN);
  for (let input = 0; input < inChannels; input++) {
    const first = Math.floor(input / (inChannels / groups)) * (outChannels / groups);
    for (let out = first; out < first + outChannels / groups; out++) {
      const filter = filterOf(layer, out, input) as readonly number[];
      for (let pixel = 0; pixel < count; pixel++) {
        const [fromY, fromX] = [Math.floor(pixel / maps.width), pixel % maps.width];
        const value = pixelAt(maps, input, fromY, fromX);
        for (const [tap, weight] of filter.entries()) {
          const y = fromY * stride - padding + Math.floor(tap / kernel) * dilation;
          const x = fromX * stride - padding + (tap % kernel) * dilation;
          if (y < 0 || x < 0 || y >= height || x >= width) continue;
          const at = (out * height + y) * width + x;
          values[at] = (values[at] || 0) + weight * value;
        }
      }
    }
  }
  return result;
}

/** Of a layer's maps the first `count` pixels in reading order, and NaN where it has not come to yet. */
export function firstPixels(maps: Maps, count: number): Maps {
  const size = maps.height * maps.width;
  return { ...maps, values: maps.values.map((value, at) => (at % size < count ? value : Number.NaN)) };
}
