import { type Architecture, buildGraph } from '../../engine/architecture.ts';
import { ArchitectureError, CardError } from '../../engine/common/errors.ts';
import { OBJECT, tagOf } from '../../engine/common/kinds.ts';
import type { Preprocess } from '../../engine/common/picture.ts';
import type { Graph, Value } from '../../engine/graph/graph.ts';
import type { GraphBuilder } from '../../engine/graph/graph-builder.ts';
import { sizesOf } from '../../engine/graph/sizes.ts';
import { type LoadBytesOptions, loadBytes } from '../../engine/weights/load.ts';
import type { Weights } from '../../engine/weights/weights.ts';
import { type Card, parseJson, readCard } from '../model-card.ts';
import { replay } from './recorded.ts';
import { isTflite } from './tflite/sign.ts';

/** A network of a file, and what that says of itself. */
export interface OpenedNetwork {
  readonly architecture: Architecture;
  readonly weights: Weights;
  /** How a picture becomes its input. */
  readonly preprocess?: Preprocess;
  /** One for each class. */
  readonly labels?: readonly string[];
}

/** A card and its network, whose input is `image`, and whose output is `logits` or `mask`, as the card's task has it. */
export interface OpenedModel {
  readonly card: Card;
  readonly architecture: Architecture;
  /** Unless they are in a file of their own. */
  readonly weights?: Weights;
}

export type ModelFile = string | Blob | readonly File[];

/** What is known of a file, and what it says of itself. A class has one score, and a map's are those of its pixels. */
export async function openModelFile(
  file: ModelFile,
  said: Partial<Card> | undefined,
  loading: LoadBytesOptions,
): Promise<OpenedModel & Pick<OpenedNetwork, 'weights'>> {
  const { architecture, weights, preprocess, labels } = await openFile(file, said?.options, loading);
  const { name } = architecture;
  const { value } = outputOf(buildGraph(architecture), said?.output);
  const { architecture: _, ...card } = readCard({
    name,
    task: sizesOf(value).pixels === 1 ? 'classification' : 'segmentation',
    preprocess: null,
    ...said,
    ...(preprocess && { preprocess }),
    ...(labels && { labels }),
    schema: 1,
    architecture: name,
    weights: { file: name },
  });
  return { card, architecture: forTask(architecture, card), weights };
}

/** The network of a card that names none: of its graph, or of its weights' file. */
export async function openCardFile(
  card: Card,
  textFrom: (address: string) => Promise<string>,
  addressOf: (name: string, path: string) => string,
  loading: LoadBytesOptions,
): Promise<OpenedModel> {
  const { graph, options, weights: stored } = card;
  if (graph !== undefined) {
    const text = await textFrom(addressOf(graph, 'graph'));
    return { card, architecture: forTask(replay(parseJson('graph', text)), card) };
  }
  const { file, ...known } = stored;
  const { architecture, weights, labels } = await openFile(addressOf(file, 'weights.file'), options, {
    ...known,
    ...loading,
  });
  return {
    card: { ...(labels && { labels }), ...card },
    architecture: forTask(architecture, card),
    weights,
  };
}

async function openFile(file: ModelFile, options: unknown, loading: LoadBytesOptions): Promise<OpenedNetwork> {
  const given = OBJECT.accepts(options) ? options : {};
  // Several are a model and the files of its data, as ONNX has them.
  if (tagOf(file) === 'Array') return (await import('../onnx.ts')).openOnnx(file as readonly File[], given);
  const bytes = await loadBytes(file as string | Blob, loading);
  return isTflite(bytes)
    ? (await import('../tflite.ts')).openTflite(bytes, given)
    : (await import('../onnx.ts')).openOnnx(file as string | Blob, { ...given, ...loading }, bytes);
}

/** By these, probabilities stay what they are: quantized ones are kept within their range. */
const KEEPING = ['clamp', 'flatten', 'identity', 'relu', 'reshape'] as const satisfies (keyof GraphBuilder)[];

/** A file may call its input and its output anything, and a classifier's may be probabilities already. */
function forTask(network: Architecture, { task, output }: Card): Architecture {
  return {
    ...network,
    build(g) {
      const outputs: { name: string; value: Value }[] = [];
      /** What probabilities were made from. */
      const scores = new Map<Value, Value>();
      const soften =
        (method: 'softmax' | 'sigmoid') =>
        (input: Value, ...more: never[]): Value => {
          const result = g[method](input, ...more);
          scores.set(result, input);
          return result;
        };
      const keep = (method: (typeof KEEPING)[number]) => [
        method,
        (input: Value, ...more: never[]) => {
          const result = (g[method] as (input: Value, ...more: never[]) => Value)(input, ...more);
          const from = scores.get(input);
          if (from) scores.set(result, from);
          return result;
        },
      ];
      let image: Value | undefined;
      const own: Partial<GraphBuilder> = {
        ...Object.fromEntries(KEEPING.map(keep)),
        input(name, shape) {
          if (image) throw new CardError(`The network has another input, '${name}'; a model has one, a picture.`);
          image = g.input('image', shape);
          return image;
        },
        output: (name, value) => void outputs.push({ name, value }),
        softmax: soften('softmax'),
        sigmoid: soften('sigmoid'),
      };
      const get = (_: GraphBuilder, method: string | symbol) => {
        const name = method as keyof GraphBuilder;
        return own[name] ?? g[name].bind(g);
      };
      network.build(new Proxy(g, { get }));
      const { value } = outputOf({ outputs }, output);
      if (task === 'segmentation') return g.output('mask', value);
      const { pixels } = sizesOf(value);
      if (pixels > 1) throw new CardError(`A class has ${pixels} scores: the task should be 'segmentation'.`);
      const classes = value.shape.slice(0, 2);
      g.output('logits', scores.get(value) ?? value, classes);
      if (scores.has(value)) g.output('probabilities', value, classes);
    },
  };
}

/** The output of this name, or the first one. */
function outputOf({ outputs }: Pick<Graph, 'outputs'>, name: string | undefined): Graph['outputs'][number] {
  const output = outputs.find((candidate) => candidate.name === (name ?? candidate.name));
  if (output) return output;
  const names = outputs.map((candidate) => `'${candidate.name}'`).join(', ');
  throw new ArchitectureError(`The network has no output '${name}'; it has ${names}.`);
}
