// Files that are networks, as models: what they are called, what becomes of them as Linnet's own files, what is in them.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'playwright/test';
import { convert } from '../architectures/import/convert.ts';
import { formatInspection, inspect } from '../architectures/import/inspect.ts';
import { openCardFile, openModelFile } from '../architectures/import/open.ts';
import { type Card, readCard } from '../architectures/model-card.ts';
import { type Architecture, buildGraph } from '../engine/architecture.ts';
import { CardError, LinnetError, ModelError, WeightsError } from '../engine/common/errors.ts';
import { planFor, tensorsOf } from '../engine/compile.ts';
import { loadWeights } from '../engine/weights/load.ts';
import { type FileModel, type FileNode, onnxFile } from './onnx-file.ts';
import { uniform } from './seeded.ts';

const selfie = readFileSync(
  new URL('../node_modules/@mediapipe/selfie_segmentation/selfie_segmentation.tflite', import.meta.url),
);

const node = (op: string, inputs: string[], output: string): FileNode => ({ op, inputs, outputs: [output] });
const filter = { name: 'w', shape: [5, 3, 1, 1], data: [...uniform('w', 15)] };

/** A model of nodes from `picture`. */
const file = (nodes: readonly FileNode[], rest: Partial<FileModel> = {}) =>
  new Blob([
    new Uint8Array(
      onnxFile({
        nodes,
        inputs: [{ name: 'picture', shape: [1, 3, 4, 6] }],
        outputs: ['result'],
        tensors: [filter],
        ...rest,
      }),
    ),
  ]);

const classifier = [
  node('Conv', ['picture', 'w'], 'map'),
  node('GlobalAveragePool', ['map'], 'mean'),
  node('Flatten', ['mean'], 'scores'),
];

/** Names and shapes of what goes in and comes out. */
function portsOf(architecture: Architecture) {
  const { inputs, outputs } = buildGraph(architecture);
  const shapes = (ports: readonly { name: string; shape: readonly number[] }[]) =>
    Object.fromEntries(ports.map(({ name, shape }) => [name, shape]));
  return { ...shapes(inputs), ...shapes(outputs.map(({ name, value, shape = value.shape }) => ({ name, shape }))) };
}

const errorOf = async (work: Promise<unknown>): Promise<LinnetError> => {
  const error = await work.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(LinnetError);
  return error;
};

test('a classifier has an image and scores, whatever the file calls them', async () => {
  const last = node('Relu', ['scores'], 'result');
  const { card, architecture } = await openModelFile(file([...classifier, last]), undefined, {});
  expect(card).toMatchObject({ schema: 1, task: 'classification', preprocess: null });
  expect(card.architecture).toBeUndefined();
  expect(portsOf(architecture)).toEqual({ image: [1, 3, 4, 6], logits: [1, 5] });
});

test('of probabilities the scores are found, also behind a reshape', async () => {
  const softened = [...classifier, node('Softmax', ['scores'], 'soft'), node('Flatten', ['soft'], 'result')];
  const { architecture } = await openModelFile(file(softened), undefined, {});
  expect(portsOf(architecture)).toEqual({ image: [1, 3, 4, 6], logits: [1, 5], probabilities: [1, 5] });
  const { nodes, outputs } = buildGraph(architecture);
  const [logits, probabilities] = outputs;
  const softmax = nodes.find(({ op }) => op === 'softmax');
  expect(softmax?.inputs[0]?.id).toBe(logits?.value.id);
  expect(softmax?.output.id).toBe(probabilities?.value.id);
});

test('a map of scores is a segmenter', async () => {
  const { card, architecture } = await openModelFile(file([node('Conv', ['picture', 'w'], 'result')]), undefined, {});
  expect(card.task).toBe('segmentation');
  expect(portsOf(architecture)).toEqual({ image: [1, 3, 4, 6], mask: [1, 5, 4, 6] });
});

test('a card says which of several results it is about', async () => {
  const nodes = [...classifier, node('Relu', ['map'], 'other')];
  const both = file(nodes, { outputs: ['other', 'scores'] });
  expect((await openModelFile(both, undefined, {})).card.task).toBe('segmentation');
  const { card, architecture } = await openModelFile(both, { output: 'scores', name: 'mine' }, {});
  expect(card).toMatchObject({ name: 'mine', task: 'classification' });
  expect(portsOf(architecture)).toEqual({ image: [1, 3, 4, 6], logits: [1, 5] });
  const error = await errorOf(openModelFile(both, { output: 'neither' }, {}));
  expect(error.message).toContain("The network has no output 'neither'; it has 'other', 'scores'.");
});

test('what is no model of a picture is refused', async () => {
  const sum = file([node('Add', ['picture', 'second'], 'result')], {
    inputs: ['picture', 'second'].map((name) => ({ name, shape: [1, 3, 4, 6] })),
    tensors: [],
  });
  const opened = async (task?: Card['task']) => {
    const { architecture } = await openModelFile(sum, task && { task }, {});
    return buildGraph(architecture);
  };
  expect(await errorOf(opened())).toBeInstanceOf(CardError);
  const map = file([node('Conv', ['picture', 'w'], 'result')]);
  const asClassifier = async () => buildGraph((await openModelFile(map, { task: 'classification' }, {})).architecture);
  const error = await errorOf(asClassifier());
  expect(error).toBeInstanceOf(CardError);
  expect(error.message).toContain("A class has 24 scores: the task should be 'segmentation'.");
});

/** A converted file, read as `loadModel` does it. */
async function reopened(files: ReadonlyMap<string, Uint8Array>) {
  const text = (name: string) => new TextDecoder().decode(files.get(name));
  const card = readCard(JSON.parse(text('card.json')));
  const opened = await openCardFile(
    card,
    async (address) => text(address),
    (name) => name,
    {},
  );
  const { file: name, ...known } = card.weights;
  return { ...opened, weights: await loadWeights(files.get(name)!, known) };
}

for (const [as, limit] of Object.entries({ float32: 0, float16: 2 ** -11, uint8: 1 / 510 })) {
  test(`a file converted to ${as} has the same plan and the same weights`, async () => {
    const original = await openModelFile(new Blob([selfie]), undefined, {});
    const { card, architecture, weights } = await reopened(
      await convert(new Blob([selfie]), { as: as as 'float32', card: { labels: ['person'] } }),
    );
    expect(card).toMatchObject({ task: 'segmentation', labels: ['person'] });
    expect(planFor(architecture)).toEqual(planFor(original.architecture));
    for (const { name, shape } of tensorsOf(architecture)) {
      const [expected, found] = [await original.weights.read(name), await weights.read(name)];
      const length = expected.length / (shape[0] as number);
      for (let row = 0; row < expected.length; row += length) {
        const numbers = expected.subarray(row, row + length);
        // Of bytes half a step of the row's range, of halves half a step of the number.
        const range = Math.max(0, ...numbers) - Math.min(0, ...numbers);
        for (const [index, value] of numbers.entries()) {
          const isExact = as === 'float32' || (as === 'uint8' && shape.length === 1);
          const allowed = isExact
            ? 0
            : as === 'uint8'
              ? limit * range * 1.0001
              : Math.max(2 ** -25, limit * Math.abs(value));
          const off = Math.abs((found[row + index] as number) - value);
          if (off > allowed) throw new Error(`${name} [${row + index}] is ${found[row + index]} instead of ${value}`);
        }
      }
    }
  });
}

test('what half precision does not have is not written', async () => {
  const large = file([node('Conv', ['picture', 'w'], 'result')], {
    tensors: [{ ...filter, data: filter.data.map((value, index) => (index === 7 ? 1e6 : value)) }],
  });
  const error = await errorOf(convert(large, { as: 'float16' }));
  expect(error).toBeInstanceOf(WeightsError);
  expect(error.message).toContain("Element 7 of tensor 'w' is 1000000; float16 goes to 65504.");
});

test('what 8 bits do not have is not written', async () => {
  for (const wrong of [Infinity, Number.NaN]) {
    const broken = file([node('Conv', ['picture', 'w'], 'result')], {
      tensors: [{ ...filter, data: filter.data.map((value, index) => (index === 7 ? wrong : value)) }],
    });
    const error = await errorOf(convert(broken, { as: 'uint8' }));
    expect(error).toBeInstanceOf(WeightsError);
    expect(error.message).toContain(`Element 7 of tensor 'w' is ${wrong}, which 8 bits do not have.`);
  }
});

test('an inspection tells operators, sizes and costs without a GPU', async () => {
  const found = await inspect(selfie);
  expect(found.format).toBe('TensorFlow Lite');
  expect(found.operators).toMatchObject({ CONV_2D: 43, DEPTHWISE_CONV_2D: 11 });
  expect(found.inputs).toMatchObject([{ name: 'input_1', shape: [1, 3, 256, 256] }]);
  const text = formatInspection(found);
  // As ../shared/models/person-segmenter says: the file's own numbers.
  expect(text).toMatch(/^parameters +106,401$/m);
  expect(text).toMatch(/^multiply-adds +59,\d{3},\d{3}$/m);
  expect(text).toMatch(/^unsupported +none$/m);
});

test('an inspection lists all that cannot be computed', async () => {
  const found = await inspect(
    file([...classifier, node('TopK', ['scores'], 'top'), node('NonZero', ['top'], 'result')]),
  );
  expect(found.plan).toBeUndefined();
  expect(found.unsupported.map(({ operator }) => operator)).toContain('TopK');
  expect(formatInspection(found)).toMatch(/^unsupported +\d of the nodes\n - TopK '/m);
  expect(await errorOf(inspect(new Uint8Array(100)))).toBeInstanceOf(ModelError);
});

test('an address is fetched once, and an ONNX file finds its data beside it', async () => {
  const weights = Buffer.from(Float32Array.from(filter.data).buffer);
  const external = { name: filter.name, shape: filter.shape, external: { location: 'weights.bin' } };
  const model = Buffer.from(await file(classifier, { outputs: ['scores'], tensors: [external] }).arrayBuffer());
  const files: Record<string, Buffer> = {
    '/nets/model.onnx': model,
    '/nets/weights.bin': weights,
    '/nets/model.tflite': selfie,
  };
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    response.writeHead(files[url] ? 200 : 404).end(files[url]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/nets/`;
    expect(await inspect(`${base}model.onnx`)).toMatchObject({ format: 'ONNX', parameters: 15 });
    expect(await inspect(await fetch(`${base}model.onnx`))).toMatchObject({ format: 'ONNX', parameters: 15 });
    expect(await inspect(`${base}model.tflite`)).toMatchObject({ format: 'TensorFlow Lite' });
    // As `loadModel` opens it.
    const opened = await openModelFile(`${base}model.onnx`, undefined, {});
    expect(await opened.weights?.read(filter.name)).toEqual(Float32Array.from(filter.data));
    delete files['/nets/weights.bin'];
    expect((await errorOf(openModelFile(`${base}model.onnx`, undefined, {}))).message).toContain(`${base}weights.bin`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
  const onnx = ['/nets/model.onnx', '/nets/weights.bin'];
  expect(asked).toEqual([...onnx, ...onnx, '/nets/model.tflite', ...onnx, ...onnx]);
});
