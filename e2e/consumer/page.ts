// A user's page. package.spec.ts checks its types against the built declarations; nothing runs it.
import { architecture, compile, loadWeights, type Network, type Preprocess, pictureSize, planFor } from 'linnet';
import { mobileNetV2 } from 'linnet/architectures';
import { type ClassMap, createOverlay, loadModel, type Model } from 'linnet/models';
import { openOnnx } from 'linnet/onnx';
import { type Effect, stream } from 'linnet/stream';
import { openTflite } from 'linnet/tflite';
import { inspect } from 'linnet/tools';

export async function label(picture: HTMLImageElement, weightsUrl: string, cardUrl: string): Promise<string> {
  const bytes: number = planFor(mobileNetV2()).arenas.reduce((sum, arena) => sum + arena.bytes, 0);
  const net: Network<'logits'> = await compile(mobileNetV2(), { weights: await loadWeights(weightsUrl) });
  const { logits } = await net.run({ image: new Float32Array(3 * 224 * 224) });
  const scores: Float32Array = logits.data;
  // @ts-expect-error A classifier has no mask.
  void net.outputs.mask;
  net.destroy();

  const model = await loadModel(cardUrl, { task: 'classification' });
  const [best] = await model.classify(picture, { topK: 3 });
  return `${best?.label}: ${best?.probability}, ${scores.length}, ${bytes}`;
}

/** The share of a picture that shows something; or what the picture is, where the model only knows that. */
export async function look(picture: HTMLVideoElement, model: Model): Promise<number | string | undefined> {
  if (model.task === 'classification') return (await model.classify(picture))[0]?.label;
  // @ts-expect-error A segmenter does not classify.
  void model.classify;
  const { classes }: ClassMap = await model.segment(picture, { size: { width: 10, height: 10 } });
  const { probabilities, width } = await model.segment(picture, { output: 'probabilities' });
  return classes.reduce((sum, found) => sum + Math.min(found, 1)) / (probabilities.length / width);
}

/** A network of one's own: one number is enough where two are equal. */
export const tiny = architecture<'features'>('tiny', (g) => {
  const image = g.input('image', [1, 3, 32, 32]);
  const filter = g.tensor('conv.weight', [16, 3, 3, 3]);
  const features = g.relu(g.conv2d(image, filter, { strides: 2, padding: [1, 1, 1, 1] }));
  // @ts-expect-error The option is called strides.
  g.maxPool2d(features, { windowDimensions: 2, stride: 2 });
  // @ts-expect-error relu has no options.
  g.relu(features, { alpha: 0.2 });
  g.hardSigmoid(features, { alpha: 0.2, beta: 0.5 });
  g.output('features', g.averagePool2d(features));
});

/** Draws a camera's frame with what was found in a file before. */
export async function draw(canvas: HTMLCanvasElement, camera: HTMLVideoElement, file: File, cardUrl: string) {
  const model = await loadModel(cardUrl, { task: 'segmentation' });
  const { width }: ClassMap = await model.segment(file);
  const overlay = await createOverlay(model, canvas, { fit: 'cover', size: 'picture' });
  const drawn: Promise<void> = overlay.draw(camera, { mode: 'cutout' });
  await drawn;
  const preprocess: Preprocess = { fit: 'cover', interpolation: 'bicubic', mean: [0.5], std: [0.5] };
  return [width, pictureSize(camera).width, preprocess];
}

/** Shows a camera with its background out of focus, until the signal. */
export async function blurred(camera: HTMLVideoElement, canvas: HTMLCanvasElement, signal: AbortSignal) {
  const effect: Effect = { kind: 'blur', radius: 0.1 };
  const rates: number[] = [];
  const live = stream(camera, canvas, {
    model: loadModel('card.json', { task: 'segmentation' }),
    effect,
    signal,
    onFrame: ({ framesPerSecond }) => rates.push(framesPerSecond),
  });
  // @ts-expect-error An effect has a kind.
  await live.setEffect({ radius: 1 });
  const track: MediaStreamTrack = live.track();
  await live.ended;
  return [track, rates];
}

/** Files that are networks. */
export async function open(file: File): Promise<readonly string[]> {
  const { architecture, weights } = await openOnnx([file], { sizes: { batch: 1 } });
  const net: Network = await compile(architecture, { weights });
  net.destroy();
  const { inputs } = await openTflite(file);
  const { unsupported } = await inspect(file);
  return [...inputs, ...unsupported].map(({ name }) => name);
}
