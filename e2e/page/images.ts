import { architecture, compile, InputError, type NetworkOutput, type Preprocess, weightsFrom } from 'linnet';
import { canvasOf, imageData, kinds, type Open, type Pixels, paint, type Size } from './pictures.ts';

export interface PictureCase {
  readonly kind: keyof typeof kinds;
  readonly source: Size;
  readonly output: Size;
  readonly preprocess?: Partial<Preprocess>;
  readonly channels?: 1 | 3;
  readonly alpha?: boolean;
  /** Largest difference of a colour from 0 to 255. */
  readonly tolerance?: number;
}

const plain: Preprocess = { fit: 'fill', mean: [0], std: [1] };

/** A network that only brings pictures into its input. */
function compilePictures(
  device: GPUDevice,
  { width, height }: Size,
  preprocess: Preprocess | null,
  batch = 1,
  channels = 3,
) {
  const network = architecture('pictures', (g) =>
    g.output('tensor', g.input('image', [batch, channels, height, width])),
  );
  return compile(network, { weights: weightsFrom({}), device, preprocess, poison: true });
}

/** A picture's tensor against a resize in float64; the largest difference is measured in colours from 0 to 255. */
export async function checkPicture(device: GPUDevice, given: PictureCase) {
  const { kind, source, output, channels = 3, alpha = false, tolerance = 1.5 } = given;
  const preprocess = { ...plain, ...given.preprocess };
  const pixels = paint(source, { grey: kind === 'HTMLVideoElement', alpha });
  const { picture, close } = await (kinds[kind] as Open)(pixels, device);
  const net = await compilePictures(device, output, preprocess, 1, channels);
  try {
    const { tensor } = await net.run({ image: picture });
    return differences(
      (tensor as NetworkOutput).data,
      resize(pixels, output, preprocess, channels),
      preprocess,
      tolerance,
    );
  } finally {
    net.destroy();
    close?.();
  }
}

/** Two different pictures in a batch, of different kinds and sizes. */
export async function checkBatch(device: GPUDevice) {
  const output = { width: 9, height: 7 };
  const [first, second] = [paint({ width: 31, height: 17 }), paint({ width: 8, height: 12 }, { grey: true })];
  const net = await compilePictures(device, output, plain, 2);
  try {
    const { tensor } = await net.run({ image: [imageData(first), canvasOf(second)] });
    const expected = [...resize(first, output, plain, 3), ...resize(second, output, plain, 3)];
    return differences((tensor as NetworkOutput).data, expected, plain, 1.5);
  } finally {
    net.destroy();
  }
}

/** One network takes pictures of changing sizes, and tensors between them. */
export async function checkChangingPictures(device: GPUDevice) {
  const output = { width: 6, height: 5 };
  const net = await compilePictures(device, output, plain);
  const problems: string[] = [];
  try {
    for (const size of [20, 33, 20, 7]) {
      const pixels = paint({ width: size, height: size + 3 });
      const { tensor } = await net.run({ image: imageData(pixels) });
      problems.push(...differences((tensor as NetworkOutput).data, resize(pixels, output, plain, 3), plain, 1.5));
      const numbers = Float32Array.from({ length: 90 }, (_, index) => index + size);
      const { tensor: same } = await net.run({ image: numbers });
      if (same?.data.join() !== numbers.join()) problems.push('A tensor after a picture is not what was given.');
    }
    return problems;
  } finally {
    net.destroy();
  }
}

/** What is said of inputs that are no picture. */
export async function pictureErrors(device: GPUDevice) {
  const output = { width: 4, height: 4 };
  const net = await compilePictures(device, output, plain);
  const tensorsOnly = await compilePictures(device, output, null);
  const messages: Record<string, string> = {};
  const note = async (what: string, work: () => Promise<unknown>) => {
    const error = await work().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    messages[what] = error instanceof InputError ? error.message : `no InputError: ${error}`;
  };
  const picture = imageData(paint(output));
  await note('an image that is not loaded', () => net.run({ image: new Image() }));
  await note('a video that is not loaded', () => net.run({ image: document.createElement('video') }));
  await note('two pictures', () => net.run({ image: [picture, picture] }));
  await note('no picture', () => net.run({ image: [] }));
  await note('a picture for tensors', () => tensorsOnly.run({ image: picture }));
  await note('an element', () => net.run({ image: document.createElement('div') as unknown as HTMLImageElement }));
  await note('four channels', () => compilePictures(device, output, plain, 1, 4));
  await note('a broken crop', () => compilePictures(device, output, { ...plain, fit: 'cover', crop: 2 }));
  await note('a broken std', () => compilePictures(device, output, { ...plain, std: [1, 0, 1] }));
  const { tensor } = await net.run({ image: picture });
  if (tensor?.data.length !== 48 || !tensor.data.every(Number.isFinite))
    messages.after = 'The network does not work afterwards.';
  net.destroy();
  tensorsOnly.destroy();
  return messages;
}

function differences(
  actual: Float32Array,
  expected: readonly number[],
  { std }: Preprocess,
  tolerance: number,
): string[] {
  if (actual.length !== expected.length) return [`There are ${actual.length} elements instead of ${expected.length}.`];
  const bound = tolerance / 255 / Math.min(...std);
  const wrong = Array.from(actual.keys()).filter(
    (index) => !(Math.abs((actual[index] as number) - (expected[index] as number)) <= bound),
  );
  const [first, last] = [wrong[0] ?? 0, wrong.at(-1) ?? 0];
  if (wrong.length === 0) return [];
  return [
    `${wrong.length} of ${actual.length} are off by more than ${bound}: at ${first} ${actual[first]} instead of ${expected[first]}, at ${last} ${actual[last]} instead of ${expected[last]}`,
  ];
}

/**
 * The documented resize, for the whole picture and by itself for each axis as Pillow does it: a triangle over the source,
 * as wide as a destination pixel and at least as a source pixel; transparency over white; then normalisation.
 */
function resize({ data, width, height }: Pixels, output: Size, preprocess: Preprocess, channels: 1 | 3): number[] {
  const { fit, crop = 1, mean, std } = preprocess;
  const fitting = (fit === 'contain' ? Math.max : Math.min)(width / output.width, height / output.height) * crop;
  const taken =
    fit === 'cover' ? { width: output.width * fitting, height: output.height * fitting } : { width, height };
  const shown =
    fit === 'contain' ? { width: Math.round(width / fitting), height: Math.round(height / fitting) } : output;
  const along = (axis: 'width' | 'height') => {
    const size = { width, height }[axis];
    const scale = taken[axis] / shown[axis];
    const reach = Math.max(scale, 1);
    const before = Math.floor((output[axis] - shown[axis]) / 2);
    return Array.from({ length: output[axis] }, (_, index) => {
      if (index < before || index >= before + shown[axis]) return undefined;
      const centre = (size - taken[axis]) / 2 + (index - before + 0.5) * scale;
      const weights = Array.from({ length: size }, (_, at) => Math.max(0, 1 - Math.abs(at + 0.5 - centre) / reach));
      const sum = weights.reduce((total, weight) => total + weight, 0);
      return weights.flatMap((weight, at) => (weight > 0 ? [{ at, weight: weight / sum }] : []));
    });
  };
  const [columns, rows] = [along('width'), along('height')];
  const colourAt = (x: number, y: number): [number, number, number] => {
    const start = (y * width + x) * 4;
    const alpha = (data[start + 3] as number) / 255;
    const over = (channel: number) => ((data[start + channel] as number) / 255) * alpha + 1 - alpha;
    const [red, green, blue] = [over(0), over(1), over(2)];
    if (channels === 3) return [red, green, blue];
    const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
    return [luma, luma, luma];
  };
  const planes = Array.from({ length: channels }, (_, channel) =>
    rows.flatMap((row) =>
      columns.map((column) => {
        if (!row || !column) return 0;
        let sum = 0;
        for (const { at: y, weight: vertical } of row) {
          for (const { at: x, weight } of column) sum += vertical * weight * (colourAt(x, y)[channel] as number);
        }
        return (sum - (mean[channel] ?? mean[0] ?? 0)) / (std[channel] ?? std[0] ?? 1);
      }),
    ),
  );
  return planes.flat();
}
