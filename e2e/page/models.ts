import { type Architecture, requestDevice, type Shape } from 'linnet';
import { mobileNetV1, type UNetOptions, uNet } from 'linnet/architectures';
import { loadModel } from 'linnet/models';
import { buildGraph } from '../../engine/architecture.ts';
import { float32Tensors, safetensorsFile } from '../../tests/safetensors-file.ts';
import { seededTensor, uniform } from '../../tests/seeded.ts';
import { outcome } from './outcome.ts';
import { as } from './vendor.ts';

/** The guesses of a published model for each of its pictures, and what its card and progress say. */
export async function classifyPictures(
  device: GPUDevice,
  { folder, pictures }: { folder: string; pictures: string[] },
) {
  const stages = new Set<string>();
  const model = await loadModel(`${folder}/model.json`, {
    device,
    task: 'classification',
    onProgress: ({ stage }) => stages.add(stage),
  });
  try {
    const guesses: Record<string, Awaited<ReturnType<typeof model.classify>>> = {};
    for (const name of pictures) {
      const picture = new Image();
      picture.src = `${folder}/inputs/${name}.png`;
      await picture.decode();
      guesses[name] = await model.classify(picture, { topK: 3 });
    }
    return { name: model.card.name, labels: model.labels.length, stages: [...stages], guesses };
  } finally {
    model.destroy();
  }
}

/** Probabilities [classes, height, width] of a published segmenter for its tensor. */
export async function segmentTensor(
  device: GPUDevice,
  { folder, inputSize, tensor }: { folder: string; inputSize: readonly [number, number]; tensor: string },
) {
  const base = new URL(`${folder}/`, location.href);
  const card = await (await fetch(new URL('model.json', base))).json();
  const sized = { ...card, options: { ...card.options, inputSize } };
  const model = await loadModel(sized, { base, device, task: 'segmentation' });
  try {
    const image = new Float32Array(await (await fetch(new URL(tensor, base))).arrayBuffer());
    const { width, height, probabilities } = await model.segment(image, { output: 'probabilities' });
    const { classes } = await model.segment(image);
    return { labels: model.labels, width, height, probabilities: [...probabilities], classes: [...classes] };
  } finally {
    model.destroy();
  }
}

/** A model whose device comes only after its card: what was told until then, and whether it has that device; and one that never comes. */
export async function loadForDeviceToCome(device: GPUDevice) {
  const card = '/demo/models/fashion-mnist-separable/card.json';
  const stages = new Set<string>();
  let give!: (device: GPUDevice) => void;
  const coming = new Promise<GPUDevice>((resolve) => {
    give = resolve;
  });
  const loading = loadModel(card, { device: coming, onProgress: ({ stage }) => stages.add(stage) });
  while (!stages.has('card')) await new Promise((resolve) => setTimeout(resolve, 10));
  await new Promise((resolve) => setTimeout(resolve, 100));
  const before = [...stages];
  give(device);
  const model = await loading;
  const isThere = model.network.device === device;
  model.destroy();
  const failing = Promise.reject(new RangeError('no device'));
  // Whoever asked for it hears of it, too.
  failing.catch(() => {});
  const never = await outcome(loadModel(card, { device: failing }));
  return { before, isThere, never };
}

/** The drawings' segmenter and the clothes' classifier: each on a picture, and called for what the other one is for. */
export async function callForAnotherTask(device: GPUDevice) {
  const picture = new ImageData(new Uint8ClampedArray(4 * 37 * 23).fill(200), 37, 23);
  const options = { device };
  const segmenter = await loadModel('/demo/models/drawings-300/card.json', { ...options, task: 'segmentation' });
  const classifier = await loadModel('/demo/models/fashion-mnist-full/card.json', {
    ...options,
    task: 'classification',
  });
  // As JavaScript sees them.
  const calls = { segmenter, classifier } as unknown as Record<
    string,
    Record<string, (image: ImageData) => Promise<object>>
  >;
  const { width, height, classes } = await segmenter.segment(picture);
  const results = {
    segmenter: `${segmenter.task}: ${width} x ${height}, ${classes.length}`,
    classifier: `${classifier.task}: ${(await classifier.classify(picture)).length}`,
    classify: await outcome(Promise.resolve(calls.segmenter?.classify?.(picture))),
    segment: await outcome(Promise.resolve(calls.classifier?.segment?.(picture))),
  };
  segmenter.destroy();
  classifier.destroy();
  return { ...results, destroyed: await outcome(segmenter.segment(picture)) };
}

/** The address of a file with weights for a network. */
function seededFile(architecture: Architecture): string {
  const tensors = Object.fromEntries(
    buildGraph(architecture).tensors.map(({ name, shape }) => [name, { shape, data: seededTensor('', name, shape) }]),
  );
  return URL.createObjectURL(new Blob([safetensorsFile(float32Tensors(tensors))]));
}

/**
 * The milliseconds that a network of 28 x 28 takes for a picture, one call after another; on a `busy` device, to which the
 * app submitted something all the time until the first call.
 */
export async function timeClassify(given: GPUDevice, { calls, busy = false }: { calls: number; busy?: boolean }) {
  const device = busy ? await requestDevice() : given;
  const timer = busy ? setInterval(() => device.queue.submit([]), 4) : undefined;
  const options = { alpha: 0.25, classes: 10, inChannels: 1, inputSize: [28, 28], padding: 'same-upper' } as const;
  const file = seededFile(mobileNetV1(options));
  const card = { schema: 1, name: 'small', task: 'classification', architecture: 'mobileNetV1', options };
  const preprocess = { fit: 'fill', mean: [0.5], std: [0.5] };
  const model = await loadModel({ ...card, weights: { file }, preprocess }, { device, task: 'classification' });
  try {
    const picture = await createImageBitmap(new ImageData(28, 28));
    const times: number[] = [];
    if (busy) await new Promise((resolve) => setTimeout(resolve, 300));
    clearInterval(timer);
    for (let call = 0; call < calls; call++) {
      const start = performance.now();
      await model.classify(picture);
      times.push(performance.now() - start);
    }
    return times;
  } finally {
    model.destroy();
    if (busy) device.destroy();
    URL.revokeObjectURL(file);
  }
}

/** Largest differences of a seeded U-Net's probabilities from those of its mask, in float64; and how many are known. */
export async function segmentScores(device: GPUDevice, { options }: { options: UNetOptions }) {
  const file = seededFile(uNet(options));
  const card = { schema: 1, name: 'scores', task: 'segmentation', architecture: 'uNet', options };
  const model = await loadModel({ ...card, weights: { file }, preprocess: null }, { device, task: 'segmentation' });
  try {
    const { shape } = model.network.plan.inputs.image as { shape: Shape };
    const image = Float32Array.from(
      uniform(
        'image',
        shape.reduce((product, size) => product * size, 1),
      ),
    );
    const { width, height, probabilities } = await model.segment(image, { output: 'probabilities' });
    const { mask: scored } = await model.network.run({ image });
    const [mask, [, classes, maskHeight, maskWidth]] = [scored.data, scored.shape];
    const [left, top] = [(width - (maskWidth as number)) / 2, (height - (maskHeight as number)) / 2];
    let [worst, known] = [0, 0];
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const inside = x >= left && x < width - left && y >= top && y < height - top;
        known += Number(inside);
        const scores = Array.from({ length: classes as number }, (_, channel) =>
          Math.exp(mask[(channel * (maskHeight as number) + y - top) * (maskWidth as number) + x - left] as number),
        );
        const sum = scores.length === 1 ? 1 + (scores[0] as number) : scores.reduce((a, b) => a + b);
        for (const [channel, score] of scores.entries()) {
          const actual = probabilities[(channel * height + y) * width + x] as number;
          worst = Math.max(worst, Math.abs(actual - (inside ? score / sum : 0)));
        }
      }
    }
    return { worst, known, outputs: Object.keys(model.network.outputs) };
  } finally {
    model.destroy();
    URL.revokeObjectURL(file);
  }
}

/** What a network too large for the device ends in, and what was fetched before. */
export async function loadTooLarge(device: GPUDevice) {
  const fetched: string[] = [];
  const fetchOfPage = globalThis.fetch;
  globalThis.fetch = (address, options) => {
    fetched.push(String(address));
    return fetchOfPage(address, options);
  };
  try {
    const card = {
      schema: 1,
      name: 'VGG',
      task: 'classification',
      architecture: 'vgg',
      options: {},
      weights: { file: 'nowhere.safetensors' },
      preprocess: null,
    };
    const small = { vendor: '', architecture: '', maxStorageBufferBindingSize: 2 ** 20 };
    return { outcome: await outcome(as(device, small, () => loadModel(card, { device }))), fetched };
  } finally {
    globalThis.fetch = fetchOfPage;
  }
}
