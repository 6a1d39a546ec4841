import { loadModel, type SegmentationModel } from 'linnet/models';
import { convert } from 'linnet/tools';

const address = '/mediapipe/selfie_segmentation.tflite';
const preprocess = { fit: 'fill', mean: [0], std: [1] } as const;

/** A person, roughly: something bright on dark. */
async function picture(): Promise<ImageBitmap> {
  const canvas = new OffscreenCanvas(64, 64);
  const context = canvas.getContext('2d') as OffscreenCanvasRenderingContext2D;
  context.fillStyle = 'rgb(30 40 60)';
  context.fillRect(0, 0, 64, 64);
  context.fillStyle = 'rgb(220 170 140)';
  context.beginPath();
  context.arc(32, 22, 12, 0, 7);
  context.fill();
  context.fillRect(14, 34, 36, 30);
  return createImageBitmap(canvas);
}

async function maskOf(model: SegmentationModel): Promise<Float32Array> {
  const { probabilities } = await model.segment(await picture(), {
    output: 'probabilities',
    size: { width: 32, height: 32 },
  });
  model.destroy();
  return probabilities;
}

const furthest = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index] as number))), 0);

/** How far the masks of one TFLite file are apart, by the way in which it is given. */
export async function loadFiles(device: GPUDevice) {
  const file = await (await fetch(address)).blob();
  const card = { task: 'segmentation', preprocess, labels: ['person'] } as const;
  const written = await convert(file, { card });
  const urls = new Map<string, string>();
  for (const name of ['model.safetensors', 'graph.json']) {
    urls.set(name, URL.createObjectURL(new Blob([new Uint8Array(written.get(name) as Uint8Array)])));
  }
  const json = JSON.parse(new TextDecoder().decode(written.get('card.json')));
  const weights = { ...json.weights, file: urls.get('model.safetensors') };
  const options = { device, task: 'segmentation' } as const;
  const named = { schema: 1, name: 'by its card', ...card, weights: { file: address, bytes: file.size } };
  const masks = {
    address: await maskOf(await loadModel(address, { ...options, card })),
    blob: await maskOf(await loadModel(file, { ...options, card })),
    card: await maskOf(await loadModel(named, options)),
    converted: await maskOf(await loadModel({ ...json, weights, graph: urls.get('graph.json') }, options)),
  };
  for (const url of urls.values()) URL.revokeObjectURL(url);
  const { address: first, ...others } = masks;
  return {
    /** From the least to the greatest probability. */
    range: Math.max(...first) - Math.min(...first),
    apart: Object.fromEntries(Object.entries(others).map(([way, mask]) => [way, furthest(first, mask)])),
  };
}
