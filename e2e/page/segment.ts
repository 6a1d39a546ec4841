import { type Architecture, architecture, compile, type Preprocess, weightsFrom } from 'linnet';
import { createSegmenter } from 'linnet/models';
import { uniform } from '../../tests/seeded.ts';
import { colourSegmenter, type MaskSize, readMask, spread } from './colour-segmenter.ts';
import { featureLevel } from './device.ts';
import { outcome } from './outcome.ts';
import { kinds, type Open, paint, type Size } from './pictures.ts';
import { track } from './track.ts';

export interface SegmentCase {
  readonly kind?: keyof typeof kinds;
  readonly source: Size;
  readonly input: Size;
  readonly preprocess?: Pick<Preprocess, 'fit' | 'crop'>;
  readonly mask?: MaskSize;
  readonly channels?: 1 | 3;
  readonly size?: Size;
}

/** The maps of a picture against the network's own mask, brought to the picture's size in float64. */
export async function checkSegment(device: GPUDevice, given: SegmentCase) {
  const { kind = 'ImageData', source, input, preprocess = { fit: 'fill' }, size = source, channels = 3 } = given;
  const { picture, close } = await (kinds[kind] as Open)(paint(source, { grey: kind === 'HTMLVideoElement' }), device);
  const segmenter = await colourSegmenter(device, input, preprocess, given);
  try {
    const mask = await readMask(segmenter, picture);
    const expected = spread(mask.values, { ...given, preprocess, size }, mask.size, channels);
    const asked = given.size && { size: given.size };
    const map = await segmenter.segment(picture, { output: 'probabilities', ...asked });
    const { classes, ...own } = await segmenter.segment(picture, asked);

    const problems: string[] = [];
    for (const result of [own, map]) {
      if (result.width !== size.width || result.height !== size.height) {
        problems.push(`The map is ${result.width} x ${result.height}.`);
      }
    }
    const pixels = size.width * size.height;
    if (map.probabilities.length !== pixels * channels || classes.length !== pixels) {
      problems.push(`There are ${map.probabilities.length} probabilities and ${classes.length} classes.`);
    }
    const wrong = expected.findIndex(
      (value, index) => !(Math.abs(value - (map.probabilities[index] as number)) <= 1e-5),
    );
    if (wrong >= 0) problems.push(`At ${wrong} is ${map.probabilities[wrong]} instead of ${expected[wrong]}.`);
    const found = new Set(classes);
    for (let pixel = 0; pixel < pixels; pixel++) {
      const of = Array.from({ length: channels }, (_, channel) => expected[channel * pixels + pixel] as number);
      const sorted = of.toSorted((a, b) => b - a) as [number, number];
      const sure = channels === 1 ? Math.abs(sorted[0] - 0.5) : sorted[0] === sorted[1] ? 1 : sorted[0] - sorted[1];
      const right = channels === 1 ? Number(sorted[0] > 0.5) : of.indexOf(sorted[0]);
      if (sure > 1e-5 && classes[pixel] !== right)
        problems.push(`The class at ${pixel} is ${classes[pixel]}, not ${right}.`);
    }
    return {
      problems: problems.slice(0, 5),
      classes: [...found].sort(),
      zeros: expected.filter((value) => value === 0).length,
    };
  } finally {
    segmenter.network.destroy();
    close?.();
  }
}

/** Maps of tensors, whose own size is the network's: of many classes, of equal ones, and at the bounds. */
export async function segmentTensors(device: GPUDevice) {
  const input = { width: 5, height: 3 };
  const pixels = input.width * input.height;
  const segmentOf = async (channels: number, image: Float32Array) => {
    const segmenter = await colourSegmenter(device, input, null, { channels });
    const { classes, ...size } = await segmenter.segment(image);
    const { probabilities } = await segmenter.segment(image, { output: 'probabilities' });
    segmenter.network.destroy();
    return { ...size, classes: [...classes], same: probabilities.join() === image.join() };
  };
  const highest = Array.from({ length: pixels }, (_, pixel) => (pixel * 97) % 256);
  const many = new Float32Array(256 * pixels);
  for (const [pixel, channel] of highest.entries()) many[channel * pixels + pixel] = 0.9;
  // The first class is lower everywhere; the other three are equal.
  const equal = Float32Array.from({ length: 4 * pixels }, (_, index) => (index < pixels ? 0.1 : 0.3));
  const half = Float32Array.from(
    { length: pixels },
    (_, pixel) => [0.5, 0.5000001, 0, 1, 0.4999999][pixel % 5] as number,
  );
  return {
    many: await segmentOf(256, many),
    highest,
    equal: await segmentOf(4, equal),
    half: await segmentOf(1, half),
  };
}

/** What is said of what cannot be segmented, and what all of it leaves on the device. */
export async function segmentErrors(device: GPUDevice) {
  const input = { width: 8, height: 6 };
  const picture = new ImageData(20, 10);
  const tracker = track(device);
  const segmenter = await colourSegmenter(device, input, { fit: 'cover' });
  const tensorsOnly = await colourSegmenter(device, input, null);
  const { network } = segmenter;
  const flat = architecture('flat', (g) =>
    g.output('mask', g.flatten(g.averagePool2d(g.input('image', [1, 3, 4, 4])))),
  );
  const nameless = architecture('nameless', (g) => g.output('map', g.input('image', [1, 3, 4, 4])));
  const weights = weightsFrom({});
  const refused = async (made: Architecture) => {
    const compiled = await compile(made, { weights, device });
    const message = await outcome(createSegmenter(compiled));
    compiled.destroy();
    return message;
  };
  const messages = {
    'another output': await outcome(segmenter.segment(picture, { output: 'mask' as 'classes' })),
    'an unknown option': await outcome(segmenter.segment(picture, { outputs: 'classes' } as object)),
    'half a size': await outcome(segmenter.segment(picture, { size: { width: 4 } as Size })),
    'no options': await outcome(segmenter.segment(picture, 'classes' as unknown as object)),
    'a file that is no picture': await outcome(segmenter.segment(new Blob(['no picture']))),
    'no size': await outcome(segmenter.segment(picture, { size: { width: 0, height: 4 } })),
    'too large': await outcome(
      segmenter.segment(picture, { size: { width: 50000, height: 50000 }, output: 'probabilities' }),
    ),
    'a picture for tensors': await outcome(tensorsOnly.segment(picture)),
    'an image that is not loaded': await outcome(segmenter.segment(new Image())),
    'a flat mask': await refused(flat),
    'no mask': await refused(nameless),
  };
  for (let size = 10; size < 15; size++) {
    const pictures = [new ImageData(size, 7), new ImageData(9, size)];
    await Promise.all(pictures.map((each) => segmenter.segment(each)));
    await segmenter.segment(picture, { output: 'probabilities' });
  }
  const overtaken = outcome(segmenter.segment(picture));
  network.destroy();
  tensorsOnly.network.destroy();
  const results = {
    messages,
    overtaken: await overtaken,
    destroyed: await outcome(segmenter.segment(picture)),
    alive: tracker.alive(),
  };
  tracker.stop();
  return results;
}

/** A segmenter whose device is lost, and which goes on with its network on the next one. */
export async function segmentOnNextDevice() {
  const request = async () => {
    const adapter = await navigator.gpu.requestAdapter(featureLevel === 'core' ? {} : { featureLevel });
    return (await adapter?.requestDevice()) as GPUDevice;
  };
  const [first, second] = [await request(), await request()];
  const input = { width: 5, height: 4 };
  const image = Float32Array.from(uniform('image', 60));
  const segmenter = await colourSegmenter(first, input, null);
  const before = await segmenter.segment(image);
  const running = outcome(segmenter.segment(image));
  first.destroy();
  const lost = [await running, await outcome(segmenter.segment(image))];
  await segmenter.network.restore(second);
  const after = await segmenter.segment(image);
  segmenter.network.destroy();
  second.destroy();
  return { lost, same: after.classes.join() === before.classes.join() };
}
