import { type Architecture, buildGraph } from '../engine/architecture.ts';
import { ArchitectureError, CardError, during, InputError } from '../engine/common/errors.ts';
import { NUMBER, oneOf, optional, POSITIVE_INTEGER } from '../engine/common/kinds.ts';
import { readTable, requireKind, requireKnown } from '../engine/common/options.ts';
import { type CompileOptions, compileGraph } from '../engine/compile.ts';
import type { Graph, Value } from '../engine/graph/graph.ts';
import { type Classification, likeliest } from '../engine/picture/classes.ts';
import { pictures } from '../engine/picture/pictures.ts';
import { createSegmenter, requireMask, type Segmenter } from '../engine/picture/segmenter.ts';
import { lend, ownDevice, sharedDevice } from '../engine/run/device.ts';
import type { RunInput } from '../engine/run/inputs.ts';
import type { Network } from '../engine/run/network.ts';
import { fetchText, watch } from '../engine/weights/fetch.ts';
import { isAddress, type LoadBytesOptions, loadWeights } from '../engine/weights/load.ts';
import type { ModelFile, OpenedModel } from './import/open.ts';
import { importOpener, isModelFile } from './import/opener.ts';
import { ARCHITECTURE_NAMES, architectureOf, type Card, parseJson, readCard } from './model-card.ts';
import { fromTimm } from './timm.ts';

export type { Colour } from '../engine/picture/colours.ts';
export {
  createOverlay,
  type DrawOptions,
  type Overlay,
  type OverlayOptions,
} from '../engine/picture/overlay.ts';
export {
  type ClassMap,
  createSegmenter,
  type ProbabilityMap,
  type Segmenter,
  type SegmentOptions,
} from '../engine/picture/segmenter.ts';
export { ARCHITECTURE_NAMES, architectureOf, type Card, type Classification, readCard };

interface LoadedModel<Outputs extends string = string> {
  readonly card: Card;
  readonly network: Network<Outputs>;
  /** The classes' names in order; `class 281` where the card has none. */
  readonly labels: readonly string[];
  /** Frees everything that `loadModel` made, and the device with the last model that shares it; never the caller's device. */
  destroy(): void;
}

/** Its network's outputs are `logits` and `probabilities`, both [1, classes]. */
export interface ClassificationModel extends LoadedModel<'logits' | 'probabilities'> {
  readonly task: 'classification';
  /** The `topK` likeliest classes (5 unless given) of a picture, the likeliest first. */
  classify(image: RunInput, options?: { topK?: number }): Promise<Classification[]>;
}

/**
 * Its network's output is `mask`, [1, classes, height, width]. Where that holds scores and no probabilities,
 * `probabilities` is there too. With one class, a class map has 0 for the background and 1 for that class, `labels[0]`.
 */
export interface SegmentationModel extends LoadedModel<'mask'>, Segmenter {
  readonly network: Network<'mask'>;
  readonly task: 'segmentation';
}

/** A compiled network together with what its card says; `task` tells which of the two it is. */
export type Model = ClassificationModel | SegmentationModel;

/** A card's address, or the card: what its JSON holds, which is checked. */
export type CardSource = string | URL | Card | Readonly<Record<string, unknown>>;

/** Or an `.onnx` or a `.tflite` file: its address or itself; several are an ONNX model and the files of its data. */
export type ModelSource = CardSource | Blob | readonly File[];

export interface LoadModelOptions<Task extends Card['task'] = Card['task']>
  extends Pick<CompileOptions, 'precision' | 'signal' | 'debug' | 'onProgress' | 'tune'> {
  /** What the model is for; a card for anything else is a `CardError`. */
  task?: Task | undefined;
  /** Of an `.onnx` or a `.tflite` file: what it does not say of itself. */
  card?: Partial<Omit<Card, 'schema' | 'weights'>> | undefined;
  /** Of a card that is given as an object: the address that its file names are relative to; the page's unless given. */
  base?: string | URL | undefined;
  /**
   * The app's own device; `shared`, unless given, for the one of all models that are loaded so, which goes with the last of
   * them; or `own` for one that nobody shares. One that is to come is awaited when the network is planned: meanwhile the card
   * is fetched, or a file opened.
   */
  device?: CompileOptions['device'] | Promise<GPUDevice> | 'shared' | 'own';
  /** Milliseconds without a byte after which a download is given up; 30,000 unless given. */
  stallTimeout?: number | undefined;
}

const OPTIONS = [
  'task',
  'card',
  'base',
  'device',
  'precision',
  'signal',
  'debug',
  'onProgress',
  'tune',
  'stallTimeout',
] as const satisfies (keyof LoadModelOptions)[];

/**
 * Fetches a model card, its labels and its weights, and compiles the network.
 *
 * `source` is the card's address or the card itself. An `.onnx` or a `.tflite` file does without a card: it is a segmenter if
 * each class has a map of scores, and takes pictures if it says how they become its input (TFLite's metadata does).
 *
 * The device is there, and the network planned for it, before the weights are fetched (a file that is both comes first). An abort rejects with the signal's reason. What a failure leaves half-made is freed: a `FetchError`
 * tells of the network, a `CardError` of the card and its labels, an `ArchitectureError` of its options, a `WeightsError`
 * of the weights, a `ModelError` of a file that is a network, an `UnsupportedError` of this machine.
 */
export async function loadModel<Task extends Card['task'] = Card['task']>(
  source: ModelSource,
  options: LoadModelOptions<Task> = {},
): Promise<Extract<Model, { task: Task }>> {
  requireKnown(options, OPTIONS);
  const { task, device = 'shared', signal, onProgress, stallTimeout } = options;
  requireKind('task', task, optional(oneOf('classification', 'segmentation')));
  requireKind('stallTimeout', stallTimeout, optional(NUMBER));
  if (typeof device === 'string') requireKind('device', device, oneOf('shared', 'own'));
  let loaded = 0;
  const onBytes = (bytes: number) => {
    loaded += bytes;
    onProgress?.({ stage: 'card', loaded });
  };
  const watched = watch(signal, stallTimeout);
  const textFrom = (address: string) =>
    during(`fetching '${address}'`, async () => {
      const text = await fetchText(address, watched, onBytes);
      if (/^\s*</.test(text)) throw new CardError('The server answers with a web page (HTML) instead of the file.');
      return text;
    });
  const fileOptions = { signal, stallTimeout, onProgress };
  const { card, base, architecture, weights: held } = await openSource(source, options, textFrom, fileOptions);
  return during(`loading the model '${card.name}'`, async () => {
    if (task && task !== card.task) throw new CardError(`The card's task is '${card.task}' instead of '${task}'.`);
    const output = card.task === 'classification' ? 'logits' : 'mask';
    const withScores = withProbabilities(architecture ?? architectureOf(card), output);
    const graph = buildGraph(withScores);
    requireFittingInput(card, graph);
    const { shape } = outputOf(graph, output);
    if (output === 'mask') requireMask(graph.name, shape);
    const labels = await loadLabels(card, base, shape[1], textFrom);
    onProgress?.({ stage: 'card', loaded, total: loaded });

    const weights = async () => {
      const { file, ...known } = card.weights;
      const stored = await loadWeights(addressOf(file, base, 'weights.file'), { ...known, ...fileOptions });
      return card.names === 'timm' ? fromTimm(String(card.architecture), stored) : stored;
    };
    const acquire =
      typeof device === 'object' ? async () => lend(await device) : device === 'own' ? ownDevice : sharedDevice;
    const network: Network<'logits' | 'probabilities' | 'mask'> = await compileGraph(
      graph,
      withScores.ops,
      { ...options, weights: held ?? weights, preprocess: card.preprocess && pictures(card.preprocess) },
      acquire,
    );
    try {
      const make = card.task === 'classification' ? classifierOf : segmenterOf;
      const destroy = () => network.destroy();
      return (await make({ card, network, labels, destroy })) as Extract<Model, { task: Task }>;
    } catch (error) {
      network.destroy();
      throw error;
    }
  });
}

const CLASSIFY_OPTIONS = { topK: [POSITIVE_INTEGER, 5] } as const;

function classifierOf(loaded: LoadedModel<'logits' | 'probabilities'>): ClassificationModel {
  const model = {
    ...loaded,
    task: 'classification',
    segment: refuse(loaded, 'classification', 'classify'),
    async classify(image: RunInput, options: { topK?: number } = {}) {
      const { topK } = readTable(options, CLASSIFY_OPTIONS);
      const { probabilities } = await loaded.network.run({ image });
      return likeliest(probabilities.data, loaded.labels, topK);
    },
  } as const;
  return model;
}

async function segmenterOf(loaded: LoadedModel<'mask'>): Promise<SegmentationModel> {
  const segmenter = await createSegmenter(loaded.network);
  const model = {
    ...loaded,
    ...segmenter,
    task: 'segmentation',
    classify: refuse(loaded, 'segmentation', 'segment'),
  } as const;
  return model;
}

/** What JavaScript meets where types would have said that a model of another task has no such method. */
const refuse =
  ({ card }: LoadedModel, task: Card['task'], method: string) =>
  () =>
    Promise.reject(new InputError(`The model '${card.name}' is for ${task}: call \`${method}\`.`));

/** The network with its probabilities, unless it has them: those of `logits` are their softmax, as are a mask's where it holds scores. */
function withProbabilities(network: Architecture, output: 'logits' | 'mask'): Architecture {
  const build: Architecture['build'] = (g) => {
    network.build(g);
    const graph = g.finish();
    const scores = outputOf(graph, output);
    const last = graph.nodes.find((node) => node.output === scores);
    const isSigmoid = last?.op === 'activation' && last.activation.kind === 'sigmoid';
    if (output === 'mask' && (isSigmoid || last?.op === 'softmax')) return;
    if (graph.outputs.some(({ name }) => name === 'probabilities')) return;
    // The softmax of one score would be 1 everywhere.
    g.output('probabilities', output === 'mask' && scores.shape[1] === 1 ? g.sigmoid(scores) : g.softmax(scores));
  };
  return { ...network, build };
}

function outputOf({ outputs }: Graph, name: string): Value {
  const output = outputs.find((candidate) => candidate.name === name);
  if (output) return output.value;
  const names = outputs.map((candidate) => `'${candidate.name}'`).join(', ');
  throw new ArchitectureError(`The network has no output '${name}'; it has ${names}.`);
}

/** Checks what only the built network knows, before anything large is fetched. */
function requireFittingInput({ preprocess }: Card, { inputs }: Graph): void {
  const [batch, channels] = inputs[0]!.shape;
  if (batch !== 1) throw new CardError(`'options.batch' is ${batch}; it should be 1.`);
  if (!preprocess) return;
  if (channels !== 1 && channels !== 3) {
    throw new CardError(`A picture has 1 or 3 channels, the network's input ${channels}: 'preprocess' should be null.`);
  }
  for (const field of ['mean', 'std'] as const) {
    const { length } = preprocess[field];
    if (length !== 1 && length !== channels) {
      throw new CardError(`'preprocess.${field}' has ${length} numbers for an input of ${channels} channels.`);
    }
  }
}

/** Fetches a text file that is not HTML. */
type TextFrom = (address: string) => Promise<string>;

/** A card, and its network where that is a file. */
interface Opened extends Partial<OpenedModel> {
  readonly card: Card;
  readonly base: string | undefined;
}

async function openSource(
  source: ModelSource,
  { base: givenBase, card: said }: Pick<LoadModelOptions, 'base' | 'card'>,
  textFrom: TextFrom,
  loading: LoadBytesOptions,
): Promise<Opened> {
  const page: string | undefined = globalThis.document?.baseURI ?? globalThis.location?.href;
  const hasAddress = isAddress(source);
  if (hasAddress && givenBase !== undefined) throw new InputError('A base is given for a card with an address.');
  const address = hasAddress ? addressOf(source, page, 'The address') : undefined;
  if (isModelFile(address ?? source)) {
    const { openModelFile } = await importOpener();
    return { ...(await openModelFile(address ?? (source as ModelFile), said, loading)), base: page };
  }
  if (said) throw new InputError("The option 'card' is for a file that is a network.");
  const base = address ?? (givenBase === undefined ? page : addressOf(givenBase, page, 'base'));
  const card = address === undefined ? readCard(source) : await fetchCard(address, textFrom);
  if (card.architecture !== undefined) return { card, base };
  const { openCardFile } = await importOpener();
  return { ...(await openCardFile(card, textFrom, (name, path) => addressOf(name, base, path), loading)), base };
}

const fetchCard = (address: string, textFrom: TextFrom) =>
  during(`loading the model card '${address}'`, async () => {
    return readCard(parseJson('card', await textFrom(address)));
  });

async function loadLabels(
  { labels }: Card,
  base: string | undefined,
  classes: number,
  textFrom: TextFrom,
): Promise<readonly string[]> {
  if (labels === undefined) return Array.from({ length: classes }, (_, index) => `class ${index}`);
  const names = typeof labels === 'string' ? linesOf(await textFrom(addressOf(labels, base, 'labels'))) : labels;
  if (names.length !== classes) {
    throw new CardError(`'labels' has ${names.length} names for a network of ${classes} classes.`);
  }
  return names;
}

const linesOf = (text: string) => text.replace(/\r?\n$/, '').split(/\r?\n/);

function addressOf(name: string | URL, base: string | undefined, path: string): string {
  try {
    return new URL(name, base).href;
  } catch (cause) {
    throw new CardError(`'${path}' is '${name}', which is no address${base ? ` beside '${base}'` : ''}.`, { cause });
  }
}
