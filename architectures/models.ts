import { type CompileOptions, compilePlan, type Network, planGraph } from '../engine/compile.ts';
import { capabilitiesOf, requestDevice } from '../engine/device.ts';
import { ArchitectureError, CardError, during, InputError } from '../engine/errors.ts';
import type { NetworkInput } from '../engine/executable.ts';
import { type Architecture, architecture, buildGraph, type Graph, type Value } from '../engine/graph.ts';
import { createSegmenter, requireMask, type Segmenter } from '../engine/segmenter.ts';
import { checkWeights, loadWeights } from '../engine/weights.ts';
import { withoutColourProfile } from '../engine/without-colour-profile.ts';
import { ARCHITECTURE_NAMES, architectureOf, type Card, readCard } from './model-card.ts';
import { fromTimm } from './timm.ts';

export {
  type Colour,
  createOverlay,
  type DrawOptions,
  type Overlay,
  type OverlayOptions,
} from '../engine/overlay.ts';
export {
  type ClassMap,
  createSegmenter,
  type ProbabilityMap,
  type Segmenter,
  type SegmentOptions,
} from '../engine/segmenter.ts';
export { ARCHITECTURE_NAMES, architectureOf, type Card, readCard };

/** A guess: the class's number and name, and the probability from 0 to 1. */
export interface Classification {
  readonly class: number;
  readonly label: string;
  readonly probability: number;
}

interface LoadedModel {
  readonly card: Card;
  readonly network: Network;
  /** The classes' names in order; `class 281` where the card has none. */
  readonly labels: readonly string[];
  /** Frees everything that `loadModel` made; never the caller's device. */
  destroy(): void;
}

/** Its network's outputs are `logits` and `probabilities`, both [1, classes]. */
export interface ClassificationModel extends LoadedModel {
  readonly task: 'classification';
  /** The `topK` likeliest classes (5 unless given) of a picture, the likeliest first. */
  classify(image: NetworkInput, options?: { topK?: number }): Promise<Classification[]>;
}

/**
 * Its network's output is `mask`, [1, classes, height, width]. Where that holds scores and no probabilities,
 * `probabilities` is there too. With one class, a class map has 0 for the background and 1 for that class, `labels[0]`.
 */
export interface SegmentationModel extends LoadedModel, Segmenter {
  readonly task: 'segmentation';
}

/** A compiled network together with what its card says; `task` tells which of the two it is. */
export type Model = ClassificationModel | SegmentationModel;

export interface LoadModelOptions<Task extends Card['task'] = Card['task']>
  extends Pick<CompileOptions, 'device' | 'precision' | 'signal'> {
  /** What the model is for; a card for anything else is a `CardError`. */
  task?: Task | undefined;
  /** How far the stage is: `weights` counts bytes, and knows the total after the first of them; `compile` counts steps. */
  onProgress?:
    | ((progress: { stage: 'card' | 'weights' | 'compile'; done: number; total?: number }) => void)
    | undefined;
}

/** A card's address, or the card with the address that its file names are relative to. */
type ModelSource = string | URL | { card: unknown; base?: string | URL };

/**
 * Fetches a model card, its labels and its weights, and compiles the network.
 *
 * `source` is the card's address; or the card itself, with the address that its file names are relative to (the page's
 * unless given). Without a device one is requested, before the weights are fetched. An abort rejects with the signal's
 * reason. What a failure leaves half-made is freed: a `CardError` tells of the card and its labels, an
 * `ArchitectureError` of its options, a `WeightsError` of the weights, an `UnsupportedError` of this machine.
 */
export async function loadModel<Task extends Card['task'] = Card['task']>(
  source: ModelSource,
  { task, device, precision, signal, onProgress }: LoadModelOptions<Task> = {},
): Promise<Extract<Model, { task: Task }>> {
  const { card, base } = await openCard(source, signal);
  return during(`loading the model '${card.name}'`, async () => {
    if (task && task !== card.task) throw new CardError(`The card's task is '${card.task}' instead of '${task}'.`);
    const output = card.task === 'classification' ? 'logits' : 'mask';
    const network = withProbabilities(architectureOf(card), output);
    const graph = buildGraph(network);
    requireFittingInput(card, graph);
    const { shape } = outputOf(graph, output);
    if (output === 'mask') requireMask(graph.name, shape);
    const [, classes] = shape;
    const labels = await loadLabels(card, base, classes as number, signal);
    onProgress?.({ stage: 'card', done: 1, total: 1 });

    const ownDevice = device ? undefined : await requestDevice();
    try {
      // What does not fit into this device's limits is told before anything large is fetched.
      const onDevice = device ?? (ownDevice as NonNullable<typeof ownDevice>);
      const plan = planGraph(graph, capabilitiesOf(onDevice), { precision });
      const { file, bytes, sha256 } = card.weights;
      const stored = await loadWeights(addressOf(file, base, 'weights.file'), {
        bytes,
        sha256,
        signal,
        onProgress: ({ loaded, ...rest }) => onProgress?.({ stage: 'weights', done: loaded, ...rest }),
      });
      const weights = card.names === 'timm' ? fromTimm(card.architecture, stored) : stored;
      checkWeights(weights, graph.tensors, graph.ignored);
      const compiled = await compilePlan(plan, {
        weights,
        device: onDevice,
        precision,
        preprocess: card.preprocess,
        signal,
        onProgress: (progress) => onProgress?.({ stage: 'compile', ...progress }),
      });
      try {
        const make = card.task === 'classification' ? classifierOf : segmenterOf;
        const destroy = () => {
          compiled.destroy();
          ownDevice?.destroy();
        };
        return (await make({ card, network: compiled, labels, destroy })) as Extract<Model, { task: Task }>;
      } catch (error) {
        compiled.destroy();
        throw error;
      }
    } catch (error) {
      ownDevice?.destroy();
      throw error;
    }
  });
}

function classifierOf(loaded: LoadedModel): ClassificationModel {
  const model = {
    ...loaded,
    task: 'classification',
    segment: refuse(loaded, 'classification', 'classify'),
    async classify(given: NetworkInput, { topK = 5 } = {}) {
      if (!Number.isSafeInteger(topK) || topK < 1) {
        throw new InputError(`The number of classes asked for (topK) is ${topK} instead of a positive integer.`);
      }
      return withoutColourProfile(given, async (image) => {
        const { probabilities } = await loaded.network.run({ image });
        return likeliest(probabilities as Float32Array, loaded.labels, topK);
      });
    },
  } as const;
  return model;
}

async function segmenterOf(loaded: LoadedModel): Promise<SegmentationModel> {
  const segmenter = await createSegmenter(loaded.network, loaded.card.preprocess);
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

/** The network with its probabilities: those of `logits` are their softmax, as are a mask's where it holds scores. */
function withProbabilities({ name, build }: Architecture, output: 'logits' | 'mask'): Architecture {
  return architecture(name, (g) => {
    build(g);
    const graph = g.finish();
    const scores = outputOf(graph, output);
    const last = graph.nodes.find((node) => node.output === scores);
    const isSigmoid = last?.op === 'activation' && last.activation.kind === 'sigmoid';
    if (output === 'mask' && (isSigmoid || last?.op === 'softmax')) return;
    // The softmax of one score would be 1 everywhere.
    g.output('probabilities', output === 'mask' && scores.shape[1] === 1 ? g.sigmoid(scores) : g.softmax(scores));
  });
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
  if (batch !== 1) throw new CardError(`'options.batch' is ${batch}; a model takes 1 picture at a time.`);
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

async function openCard(
  source: ModelSource,
  signal: AbortSignal | undefined,
): Promise<{ card: Card; base: string | undefined }> {
  const page: string | undefined = globalThis.document?.baseURI ?? globalThis.location?.href;
  if (typeof source !== 'string' && !(source instanceof URL)) {
    return { card: readCard(source.card), base: source.base === undefined ? page : String(source.base) };
  }
  return during(`loading the model card '${source}'`, async () => {
    const address = addressOf(source, page, 'The address');
    const text = await fetchText(address, signal);
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (cause) {
      throw new CardError(`The card is not JSON: ${(cause as Error).message}.`, { cause });
    }
    return { card: readCard(json), base: address };
  });
}

async function loadLabels(
  { labels }: Card,
  base: string | undefined,
  classes: number,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  if (labels === undefined) return Array.from({ length: classes }, (_, index) => `class ${index}`);
  const names =
    typeof labels === 'string' ? linesOf(await fetchText(addressOf(labels, base, 'labels'), signal)) : labels;
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

async function fetchText(address: string, signal: AbortSignal | undefined): Promise<string> {
  return during(`fetching '${address}'`, async () => {
    try {
      const response = await fetch(address, { signal: signal ?? null });
      if (response.ok) return await response.text();
      throw new CardError(`The server answers with status ${response.status}.`);
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof CardError) throw cause;
      throw new CardError(`The file cannot be fetched: ${(cause as Error).message}.`, { cause });
    }
  });
}

function likeliest(probabilities: Float32Array, labels: readonly string[], topK: number): Classification[] {
  const classes = Array.from(probabilities, (probability, index) => ({
    class: index,
    label: labels[index] as string,
    probability,
  }));
  return classes.sort((a, b) => b.probability - a.probability).slice(0, topK);
}
