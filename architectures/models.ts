import { type Architecture, buildGraph } from '../engine/architecture.ts';
import { ArchitectureError, CardError, during, InputError } from '../engine/common/errors.ts';
import { NUMBER, oneOf, optional, POSITIVE_INTEGER, tagOf } from '../engine/common/kinds.ts';
import { readTable, requireKind, requireKnown } from '../engine/common/options.ts';
import { type CompileOptions, compileGraph } from '../engine/compile.ts';
import type { Graph, Value } from '../engine/graph/graph.ts';
import { sizesOf } from '../engine/graph/sizes.ts';
import { pictures } from '../engine/picture/pictures.ts';
import { createSegmenter, requireMask, type Segmenter } from '../engine/picture/segmenter.ts';
import { lend, ownDevice, sharedDevice } from '../engine/run/device.ts';
import type { RunInput } from '../engine/run/inputs.ts';
import type { Network } from '../engine/run/network.ts';
import { fetchText, watch } from '../engine/weights/fetch.ts';
import { type LoadWeightsOptions, loadBytes, loadWeights } from '../engine/weights/load.ts';
import { importOpener, type OpenedNetwork } from './import/opened.ts';
import { ARCHITECTURE_NAMES, architectureOf, type Card, formatOf, readCard } from './model-card.ts';
import { fromTimm } from './timm.ts';

export {
  type Colour,
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
export { ARCHITECTURE_NAMES, architectureOf, type Card, readCard };

/** A guess: the class's number and name, and the probability from 0 to 1. */
export interface Classification {
  readonly class: number;
  readonly label: string;
  readonly probability: number;
}

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
export type ModelSource = CardSource | Blob | readonly Blob[];

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
   * them; or `own` for one that nobody shares.
   */
  device?: CompileOptions['device'] | 'shared' | 'own';
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
 * each class has a map of scores, and takes pictures if it says how they become its input (TFLite's metadata does); a card whose
 * `weights.file` it is says more.
 *
 * The device is there, and the network planned for it, before the
 * weights are fetched (a file that is both is read before). An abort rejects with the signal's reason. What a failure leaves half-made is freed: a `FetchError`
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
  const { card, base, opened } = await openSource(source, options, textFrom, fileOptions);
  return during(`loading the model '${card.name}'`, async () => {
    if (task && task !== card.task) throw new CardError(`The card's task is '${card.task}' instead of '${task}'.`);
    const architecture = opened?.architecture ?? architectureOf(card);
    const graph = taskGraph(architecture, card);
    requireFittingInput(card, graph);
    const [{ value }] = graph.outputs as [Graph['outputs'][number]];
    if (card.task === 'segmentation') requireMask(graph.name, value.shape);
    const labels = await loadLabels(card, base, value.shape[1], textFrom);
    onProgress?.({ stage: 'card', loaded, total: loaded });

    const weights = async () => {
      const { file, ...known } = card.weights;
      const stored = await loadWeights(addressOf(file, base, 'weights.file'), { ...known, ...fileOptions });
      return card.names === 'timm' ? fromTimm(String(card.architecture), stored) : stored;
    };
    const acquire = typeof device === 'object' ? async () => lend(device) : device === 'own' ? ownDevice : sharedDevice;
    const network: Network<'logits' | 'probabilities' | 'mask'> = await compileGraph(
      graph,
      architecture.ops,
      { ...options, weights: opened?.weights ?? weights, preprocess: card.preprocess && pictures(card.preprocess) },
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

/**
 * The network as its task has it: the input `image`, and the outputs `logits` and `probabilities`, which are their softmax; or
 * `mask`, and its probabilities where it holds scores. A file may call them anything, and may end with the softmax.
 */
function taskGraph(network: Architecture, { task, output, architecture }: Card): Graph {
  const outputs: { name: string; value: Value }[] = [];
  const graph = buildGraph({
    ...network,
    build(g) {
      network.build(g);
      const built = g.finish();
      const { value } = outputOf(built, output ?? (architecture && (task === 'classification' ? 'logits' : 'mask')));
      const last = built.nodes.find((node) => node.output === value);
      const isSoftmax = last?.op === 'softmax';
      const isSigmoid = last?.op === 'activation' && last.activation.kind === 'sigmoid';
      const soften = (scores: Value) =>
        // The softmax of one score would be 1 everywhere.
        ({ name: 'probabilities', value: scores.shape[1] === 1 ? g.sigmoid(scores) : g.softmax(scores) });
      if (task === 'classification') {
        const { pixels } = sizesOf(value);
        if (pixels > 1) throw new CardError(`A class has ${pixels} scores: the task should be 'segmentation'.`);
        const scores = isSoftmax ? (last.inputs[0] as Value) : value;
        outputs.push({ name: 'logits', value: scores }, isSoftmax ? { name: 'probabilities', value } : soften(scores));
      } else {
        outputs.push({ name: 'mask', value }, ...(isSigmoid || isSoftmax ? [] : [soften(value)]));
      }
    },
  });
  const { inputs } = graph;
  if (inputs.length > 1) throw new CardError(`The network has ${inputs.length} inputs; a model has one, a picture.`);
  return { ...graph, inputs: inputs.map((input) => ({ ...input, name: 'image' })), outputs };
}

/** The output of this name, or the first one. */
function outputOf({ outputs }: Graph, name: string | undefined): Graph['outputs'][number] {
  const output = outputs.find((candidate) => candidate.name === (name ?? candidate.name));
  if (output) return output;
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

/** A card, and the network where that comes from a file of its own. */
interface Opened {
  readonly card: Card;
  readonly base: string | undefined;
  readonly opened?: Pick<OpenedNetwork, 'architecture'> & Partial<OpenedNetwork>;
}

async function openSource(
  source: ModelSource,
  { base: givenBase, card: said }: Pick<LoadModelOptions, 'base' | 'card'>,
  textFrom: TextFrom,
  options: Omit<LoadWeightsOptions, 'holdBytes'>,
): Promise<Opened> {
  const page: string | undefined = globalThis.document?.baseURI ?? globalThis.location?.href;
  const isAddress = typeof source === 'string' || tagOf(source) === 'URL';
  if (isAddress && givenBase !== undefined) throw new InputError('A base is given for a card that has an address.');
  const address = isAddress && addressOf(source as string | URL, page, 'The address');
  if (isFile(source) || (address && formatOf(address))) {
    const opened = await openFile(address || (source as Blob), said?.options ?? {}, options);
    return { card: cardFor(opened, said), base: page, opened };
  }
  if (said) throw new InputError("The option 'card' is for a file that is a network; this is a card.");
  const base = address || (givenBase === undefined ? page : addressOf(givenBase, page, 'base'));
  const card = address
    ? await during(`loading the model card '${source}'`, async () => readCard(parse('card', await textFrom(address))))
    : readCard(source);
  const { weights, graph, options: sizes } = card;
  if (graph !== undefined) {
    const { replay } = await importOpener('graph');
    const json = parse('graph', await textFrom(addressOf(graph, base, 'graph')));
    return { card, base, opened: { architecture: replay(json) } };
  }
  if (!formatOf(weights.file)) return { card, base };
  const { file, ...known } = weights;
  const opened = await openFile(addressOf(file, base, 'weights.file'), sizes, { ...known, ...options });
  return { card: { ...(opened.labels && { labels: opened.labels }), ...card }, base, opened };
}

type ModelFile = string | Blob | readonly Blob[];

const isFile = (source: unknown): source is Blob | readonly Blob[] =>
  [source].flat().every((part) => /^(Blob|File)$/.test(tagOf(part)));

async function openFile(
  file: ModelFile,
  options: Readonly<Record<string, unknown>>,
  loading: Omit<LoadWeightsOptions, 'holdBytes'>,
): Promise<OpenedNetwork> {
  // Several are a model and the files of its data, as ONNX has them.
  if (Array.isArray(file)) return (await importOpener('onnx')).openOnnx(file, options);
  const bytes = await loadBytes(file as string | Blob, loading);
  const isTflite = String.fromCharCode(...bytes.subarray(4, 8)) === 'TFL3';
  return isTflite
    ? (await importOpener('tflite')).openTflite(bytes, options)
    : (await importOpener('onnx')).openOnnx(bytes, options);
}

/** What is known of a file, and what it says of itself. A class has one score, and a map's are those of its pixels. */
function cardFor({ architecture, preprocess, labels }: OpenedNetwork, known: LoadModelOptions['card']): Card {
  const { value } = outputOf(buildGraph(architecture), known?.output);
  const { name } = architecture;
  const { architecture: _, ...card } = readCard({
    name,
    task: sizesOf(value).pixels === 1 ? 'classification' : 'segmentation',
    preprocess: preprocess ?? null,
    labels,
    ...known,
    schema: 1,
    architecture: name,
    weights: { file: name },
  });
  return { ...card, ...(preprocess && { preprocess }), ...(labels && { labels }) };
}

function parse(what: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CardError(`The ${what} is not JSON: ${(cause as Error).message}.`, { cause });
  }
}

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

function likeliest(probabilities: Float32Array, labels: readonly string[], topK: number): Classification[] {
  const classes = Array.from(probabilities, (probability, index) => ({
    class: index,
    label: labels[index] as string,
    probability,
  }));
  return classes.sort((a, b) => b.probability - a.probability).slice(0, topK);
}
