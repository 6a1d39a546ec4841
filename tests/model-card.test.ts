import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { expect, test } from 'playwright/test';
import { architectureOf, type Card, readCard } from '../architectures/model-card.ts';
import { loadModel } from '../architectures/models.ts';
import { openTflite } from '../architectures/tflite.ts';
import { listen, type Server } from '../e2e/server.ts';
import { type Architecture, buildGraph } from '../engine/architecture.ts';
import { DEFAULT_CAPABILITIES } from '../engine/common/capabilities.ts';
import {
  ArchitectureError,
  CardError,
  FetchError,
  InputError,
  LinnetError,
  UnsupportedError,
} from '../engine/common/errors.ts';
import type { Progress } from '../engine/common/progress.ts';
import { uniform } from './seeded.ts';

const sha256 = '0123456789abcdef'.repeat(4);
const card = {
  schema: 1,
  name: 'MobileNet v1 0.25 64',
  task: 'classification',
  architecture: 'mobileNetV1',
  options: { alpha: 0.25, classes: 3, inputSize: [64, 96], padding: 'same-upper' },
  names: 'timm',
  weights: { file: 'model.safetensors', bytes: 3630000, sha256 },
  preprocess: {
    fit: 'cover',
    crop: 0.875,
    interpolation: 'bicubic',
    colorSpaceConversion: 'default',
    mean: [0.5, 0.4, 0.3],
    std: [0.25],
  },
  labels: ['cat', 'dog', 'bird'],
  licence: 'Apache-2.0',
  source: 'somewhere',
  accuracy: { dataset: 'ImageNet', top1: 0.5, top5: 0.9 },
} satisfies Card;

/** The card with the value at the path replaced, or taken away. */
function edited(path: string, value?: unknown): Readonly<Record<string, unknown>> {
  const copy = structuredClone(card) as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop() as string;
  const holder = keys.reduce((object, key) => object[key] as Record<string, unknown>, copy);
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return copy;
}

const messageOf = (run: () => unknown, kind: new (message: string) => LinnetError): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(kind);
    return (error as LinnetError).message;
  }
  throw new Error('Nothing was thrown.');
};

/** A device that has room and compiles for ever: as much of one as is asked before weights are there. */
function compilingDevice(): GPUDevice {
  // As in the specification; Node has no WebGPU.
  Object.assign(globalThis, {
    GPUBufferUsage: { COPY_SRC: 4, COPY_DST: 8, UNIFORM: 64, STORAGE: 128 },
    GPUTextureUsage: { COPY_DST: 2, TEXTURE_BINDING: 4 },
  });
  return {
    limits: DEFAULT_CAPABILITIES,
    features: new Set(),
    lost: new Promise(() => {}),
    createBuffer: () => ({ destroy() {} }),
    createTexture: () => ({ destroy() {} }),
    createShaderModule: () => ({}),
    createComputePipelineAsync: () => new Promise(() => {}),
    pushErrorScope() {},
    popErrorScope: async () => null,
    queue: { writeBuffer() {} },
  } as unknown as GPUDevice;
}

const failure = async (promise: Promise<unknown>): Promise<LinnetError> => {
  const error = await promise.then(
    () => new Error('Nothing was thrown.'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(LinnetError);
  return error as LinnetError;
};

test('a card is read as it is, without what nobody knows', () => {
  expect(readCard(card)).toEqual(card);
  expect(readCard({ ...card, note: 'new', weights: { ...card.weights, note: 1 } })).toEqual(card);
  const { schema, name, task, architecture } = card;
  const least = { schema, name, task, architecture, weights: { file: 'a' }, preprocess: null };
  expect(readCard(least)).toEqual({ ...least, options: {} });
});

test('a wrong field is a CardError with its path and both values', () => {
  const message = (path: string, value?: unknown) => messageOf(() => readCard(edited(path, value)), CardError);
  const wrong: [path: string, value: unknown, message: string][] = [
    ['schema', 2, "'schema' is 2; it should be 1."],
    ['name', '', '\'name\' is ""; it should be a text of at least one character.'],
    ['task', 'detection', '\'task\' is "detection"; it should be "classification" or "segmentation".'],
    ['architecture', 7, "'architecture' is 7; it should be a text"],
    ['options', [], "'options' is []; it should be an object."],
    ['names', 'keras', '\'names\' is "keras"; it should be "timm".'],
    ['weights', null, "'weights' is null; it should be an object."],
    ['weights.file', {}, "'weights.file' is {}; it should be a text"],
    ['weights.bytes', 1.5, "'weights.bytes' is 1.5; it should be a positive integer."],
    ['weights.sha256', 'abc', '\'weights.sha256\' is "abc"; it should be 64 hexadecimal digits.'],
    ['preprocess', 'none', '\'preprocess\' is "none"; it should be an object.'],
    ['preprocess.fit', 'crop', '\'preprocess.fit\' is "crop"; it should be "cover" or "contain" or "fill".'],
    ['preprocess.crop', 1.1, "'preprocess.crop' is 1.1; it should be a number above 0 and at most 1."],
    [
      'preprocess.fit',
      'fill',
      '\'preprocess.crop\' is 0.875, which needs the fit "cover"; \'preprocess.fit\' is "fill".',
    ],
    [
      'preprocess.interpolation',
      'lanczos',
      '\'preprocess.interpolation\' is "lanczos"; it should be "bilinear" or "bicubic".',
    ],
    [
      'preprocess.colorSpaceConversion',
      true,
      '\'preprocess.colorSpaceConversion\' is true; it should be "none" or "default".',
    ],
    ['preprocess.mean', ['a'], '\'preprocess.mean\' is ["a"]; it should be a list of 1 or 3'],
    ['preprocess.mean', [1, 2], "'preprocess.mean' is [1,2]; it should be a list of 1 or 3"],
    ['preprocess.std', [0], "'preprocess.std' is [0]; it should be a list of 1 or 3"],
    ['preprocess.std', [], "'preprocess.std' is []; it should be a list of 1 or 3"],
    ['labels', [1], "'labels' is [1]; it should be an address or a list of texts."],
    ['licence', 1, "'licence' is 1; it should be a text"],
    ['source', null, "'source' is null; it should be a text"],
    ['accuracy', 0.7, "'accuracy' is 0.7; it should be an object."],
    ['accuracy.top1', 70, "'accuracy.top1' is 70; it should be a number above 0 and at most 1."],
    ['accuracy.meanIoU', '0.9', '\'accuracy.meanIoU\' is "0.9"; it should be a number above 0 and at most 1.'],
  ];
  for (const [path, value, expected] of wrong) expect(message(path, value)).toContain(expected);
  for (const path of ['schema', 'name', 'task', 'architecture', 'weights', 'preprocess', 'weights.file']) {
    expect(message(path)).toContain(`'${path}' is missing; it should be `);
  }
  expect(message('graph', 'graph.json')).toContain("'architecture' and 'graph' each say what the network is");
  expect(message('weights.file', 'a/b.ONNX?c')).toContain("'architecture' and 'weights.file' each say");
  for (const path of ['preprocess.fit', 'preprocess.mean', 'preprocess.std', 'accuracy.dataset']) {
    expect(message(path)).toContain(`'${path}' is missing; it should be `);
  }
  expect(message('schema', 2)).toContain('\n - While reading a model card');
  expect(messageOf(() => readCard([card]), CardError)).toContain('instead of an object.');
  expect(messageOf(() => readCard(null), CardError)).toContain('The card is null instead of an object.');
  expect(messageOf(() => readCard(JSON.parse(`${'['.repeat(1e5)}${']'.repeat(1e5)}`)), CardError)).toContain(
    'is object',
  );
});

test('an unknown architecture or option is an ArchitectureError that names the known ones', () => {
  const message = (path: string, value: unknown) =>
    messageOf(() => architectureOf(readCard(edited(path, value))), ArchitectureError);
  expect(message('architecture', 'mobileNetV4')).toBe(
    "There is no architecture 'mobileNetV4'; there are alexNet, denseNet, googLeNet, mobileNetV1, mobileNetV2, mobileNetV3, " +
      'resNeXt, resNet, uNet, vgg.\n' +
      " - While making the network of the card 'MobileNet v1 0.25 64'",
  );
  expect(message('architecture', 'toString')).toContain("There is no architecture 'toString'");
  expect(message('options.width', 1)).toContain("There is no option 'width'; there are alpha, classes,");
  expect(message('options.alpha', null)).toContain("The option 'alpha' is null; it should be a positive number.");
});

/** The network of a file that the built demo takes from a package. */
async function shipped({ file, bytes, sha256 }: Card['weights']): Promise<Architecture> {
  const folder = new URL('../node_modules/@mediapipe/selfie_segmentation/', import.meta.url);
  const content = readFileSync(new URL(file, folder));
  return (await openTflite(content, { bytes, sha256 })).architecture;
}

test('the cards of the demo are good, and their networks have as many classes as labels', async () => {
  const demo = new URL('../demo/public/', import.meta.url);
  const files = ['cards/', 'models/'].flatMap((folder) => {
    const url = new URL(folder, demo);
    if (!existsSync(url)) return [];
    return readdirSync(url, { recursive: true, encoding: 'utf8' }).map((file) => new URL(file, url));
  });
  const cards = files.filter((file) => file.pathname.endsWith('.json'));
  expect(cards.length).toBeGreaterThanOrEqual(4);
  for (const file of cards) {
    const read = readCard(JSON.parse(readFileSync(file, 'utf8')));
    const network = read.architecture ? architectureOf(read) : await shipped(read.weights);
    const [output] = buildGraph(network).outputs;
    if (read.architecture) {
      expect(output?.name, file.pathname).toBe(read.task === 'classification' ? 'logits' : 'mask');
    }
    const { labels } = read;
    const count = Array.isArray(labels)
      ? labels.length
      : readFileSync(new URL(labels as string, file), 'utf8')
          .trimEnd()
          .split('\n').length;
    expect(output?.value.shape.slice(0, 2), file.pathname).toEqual([1, count]);
  }
});

test('2,000 seeded mutations of a card end in a typed error or in a network', () => {
  const text = JSON.stringify(card);
  const words = [
    'null',
    '[]',
    '{}',
    '-1',
    '0',
    '1e999',
    '"',
    ',',
    ':',
    'true',
    '1e-400',
    '[[',
    '9007199254740993',
    '"\\u0000"',
  ];
  const values = [null, [], {}, -1, 0, 1e308, '', 'x', true, [[]], 2 ** 53, [1, 2, 3], { a: 1 }];
  const paths = leavesOf(card);
  const started = performance.now();
  const ends = { network: 0, error: 0, notJson: 0 };
  for (let round = 0; round < 2000; round++) {
    const random = uniform(`card ${round}`, 8).map((u) => (u + 1) / 2);
    const pick = <Item>(items: readonly Item[], which: number) =>
      items[Math.floor((random[which] as number) * items.length)] as Item;
    let json: unknown;
    if (round % 2) json = edited(pick(paths, 0), pick(values, 1));
    else {
      const at = Math.floor((random[0] as number) * text.length);
      const cut = Math.floor((random[1] as number) * 5);
      const inserted = (random[2] as number) < 0.5 ? pick(words, 3) : '';
      try {
        json = JSON.parse(text.slice(0, at) + inserted + text.slice(at + cut));
      } catch {
        ends.notJson++;
        continue;
      }
    }
    try {
      buildGraph(architectureOf(readCard(json)));
      ends.network++;
    } catch (error) {
      expect(error, `mutation ${round}: ${JSON.stringify(json)}`).toBeInstanceOf(LinnetError);
      ends.error++;
    }
  }
  expect(ends.network).toBeGreaterThan(100);
  expect(ends.error).toBeGreaterThan(500);
  expect(performance.now() - started).toBeLessThan(30_000);
});

/** Paths of everything in an object, lists and objects included. */
function leavesOf(value: object, scope = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = scope + key;
    return typeof inner === 'object' && inner !== null ? [path, ...leavesOf(inner, `${path}.`)] : [path];
  });
}

test.describe('loadModel, up to where a GPU is needed', () => {
  const files = new Map<string, string | Uint8Array>();
  const requested: string[] = [];
  const answer: RequestListener = ({ url = '' }, response) => {
    requested.push(url);
    const file = files.get(url);
    if (url === '/stalls/card.json') response.write('{');
    else response.writeHead(file === undefined ? 404 : 200).end(file);
  };
  let server: Server;
  const at = (path: string) => new URL(path, server.url).href;

  test.beforeAll(async () => {
    server = await listen(answer);
  });
  test.afterAll(() => server.close());
  test.beforeEach(() => {
    files.clear();
    requested.length = 0;
  });

  test('a card that cannot be had', async () => {
    files.set('/list.json', 'no');
    const missing = await failure(loadModel(at('/card.json')));
    expect(missing).toBeInstanceOf(FetchError);
    expect((missing as FetchError).status).toBe(404);
    expect(missing.message).toBe(
      'The server answers with status 404: there is no such file.\n' +
        ` - While fetching '${at('/card.json')}'\n - While loading the model card '${at('/card.json')}'`,
    );
    const notJson = await failure(loadModel(new URL(at('/list.json'))));
    expect(notJson).toBeInstanceOf(CardError);
    expect(notJson.message).toContain('The card is not JSON: ');
    const unreachable = await failure(loadModel('http://127.0.0.1:1/card.json'));
    expect(unreachable).toBeInstanceOf(FetchError);
    expect(unreachable.message).toContain('its server cannot be reached, or lacks the header');
    files.set('/page.json', '\ufeff<!doctype html><title>Log in</title>');
    const page = await failure(loadModel(at('/page.json')));
    expect(page).toBeInstanceOf(CardError);
    expect(page.message).toContain('The server answers with a web page (HTML) instead of the file.');
    const stalled = await failure(loadModel(at('/stalls/card.json'), { stallTimeout: 100 }));
    expect(stalled).toBeInstanceOf(FetchError);
    expect(stalled.message).toContain('The server sends nothing for 0.1 s, after 1 bytes.');
    const wrong = await failure(loadModel(at('/card.json'), { stallTimeout: '1 s' as never }));
    expect(wrong).toBeInstanceOf(InputError);
    expect(wrong.message).toContain('The option \'stallTimeout\' is "1 s"; it should be a number.');
    // A card with a mark of its byte order, and letters beyond ASCII cut by a chunk.
    files.set('/marked.json', `\ufeff${JSON.stringify({ ...card, name: 'Größe'.repeat(30_000), schema: 2 })}`);
    expect((await failure(loadModel(at('/marked.json')))).message).toContain("'schema' is 2; it should be 1.");
    // Node has no page that an address could be relative to.
    expect((await failure(loadModel('card.json'))).message).toContain(
      "'The address' is 'card.json', which is no address.",
    );
  });

  test('labels that do not fit', async () => {
    files.set('/a/card.json', JSON.stringify(edited('labels', '../labels.txt')));
    const missing = await failure(loadModel(at('/a/card.json')));
    expect(missing).toBeInstanceOf(FetchError);
    expect(missing.message).toContain(
      `The server answers with status 404: there is no such file.\n - While fetching '${at('/labels.txt')}'`,
    );
    files.set('/labels.txt', ' <!doctype html>\n<title>Log in</title>\n<p>\n');
    const page = await failure(loadModel(at('/a/card.json')));
    expect(page).toBeInstanceOf(CardError);
    expect(page.message).toContain('a web page (HTML) instead of the file.');
    files.set('/labels.txt', 'cat\r\ndog\r\n');
    const { message } = await failure(loadModel(at('/a/card.json')));
    expect(message).toContain(
      "'labels' has 2 names for a network of 3 classes.\n - While loading the model 'MobileNet",
    );
  });

  test('what only the built network knows', async () => {
    const message = async (path: string, value: unknown) => {
      const error = await failure(loadModel(edited(path, value)));
      expect(error).toBeInstanceOf(CardError);
      return error.message;
    };
    expect(await message('options.batch', 2)).toContain("'options.batch' is 2; it should be 1.");
    expect(await message('options.inChannels', 4)).toContain("the network's input 4: 'preprocess' should be null.");
    expect(await message('options.inChannels', 1)).toContain(
      "'preprocess.mean' has 3 numbers for an input of 1 channels.",
    );
    const unknown = await failure(loadModel(edited('architecture', 'x')));
    expect(unknown).toBeInstanceOf(ArchitectureError);
    expect(unknown.message).toContain("While loading the model 'MobileNet v1 0.25 64'");
  });

  test('a card for another task', async () => {
    const other = await failure(loadModel(card, { task: 'segmentation' }));
    expect(other).toBeInstanceOf(CardError);
    expect(other.message).toContain("The card's task is 'classification' instead of 'segmentation'.");
    const { message } = await failure(loadModel(edited('task', 'segmentation')));
    expect(message).toContain("The network has no output 'mask'; it has 'logits'.");
  });

  test('without WebGPU nothing large is fetched', async () => {
    files.set('/card.json', JSON.stringify(card));
    const labels = 'cat\ndög\nbird\n';
    files.set('/labels.txt', labels);
    files.set('/labelled.json', JSON.stringify(edited('labels', 'labels.txt')));
    for (const [name, others] of [
      ['/card.json', []],
      ['/labelled.json', ['/labels.txt']],
    ] as const) {
      requested.length = 0;
      const progress: Progress[] = [];
      const error = await failure(loadModel(at(name), { onProgress: (state) => progress.push(state) }));
      expect(error).toBeInstanceOf(UnsupportedError);
      expect(requested).toEqual([name, ...others]);
      const bytes = requested.reduce((sum, path) => sum + Buffer.byteLength(files.get(path) as string), 0);
      expect(progress.at(-1)).toEqual({ stage: 'card', loaded: bytes, total: bytes });
      expect(progress.every(({ stage, loaded }) => stage === 'card' && loaded > 0)).toBe(true);
    }
  });

  test('weights that cannot be had, are the wrong ones, or do not fit', async () => {
    const device = compilingDevice();
    const base = at('/x/');
    const missing = await failure(loadModel(card, { base, device }));
    expect(missing).toBeInstanceOf(FetchError);
    expect(missing.message).toBe(
      'The server answers with status 404: there is no such file.\n' +
        ` - While loading weights from '${at('/x/model.safetensors')}'\n` +
        " - While loading the model 'MobileNet v1 0.25 64'",
    );
    const empty = new Uint8Array(10);
    empty.set([2, 0, 0, 0, 0, 0, 0, 0, 123, 125]);
    files.set('/x/model.safetensors', empty);
    expect((await failure(loadModel(card, { base, device }))).message).toContain('10 bytes instead of 3630000.');
    const sized = edited('weights', { file: 'model.safetensors', bytes: 10, sha256 });
    expect((await failure(loadModel(sized, { base, device }))).message).toContain(`instead of ${sha256}.`);
    const bare = edited('weights', { file: 'model.safetensors' });
    expect((await failure(loadModel(bare, { base, device }))).message).toContain('137 tensors are missing');
    const lost = edited('weights.file', 'http://');
    expect((await failure(loadModel(lost, { base, device }))).message).toContain(
      `'weights.file' is 'http://', which is no address beside '${base}'.`,
    );
  });

  test('an abort, before and during', async () => {
    const reason = new Error('enough');
    await expect(loadModel(at('/card.json'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const abort = new AbortController();
    const loading = loadModel(at('/stalls/card.json'), { signal: abort.signal });
    setTimeout(() => abort.abort(reason), 20);
    await expect(loading).rejects.toBe(reason);
  });
});
