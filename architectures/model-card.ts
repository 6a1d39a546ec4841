import type { Architecture } from '../engine/architecture.ts';
import { ArchitectureError, CardError, during } from '../engine/common/errors.ts';
import {
  FRACTION,
  type Kind,
  listOf,
  OBJECT,
  oneOf,
  optional,
  POSITIVE_INTEGER,
  show,
  TEXT,
} from '../engine/common/kinds.ts';
import type { Preprocess } from '../engine/common/picture.ts';
import { PREPROCESS } from '../engine/picture/preprocess.ts';
import * as architectures from './index.ts';

/** What a page must know of a trained network, as JSON. Addresses are relative to the card's own. */
export interface Card {
  readonly schema: 1;
  readonly name: string;
  readonly task: 'classification' | 'segmentation';
  /** The function's name: `mobileNetV2`, ... Left out where `graph` or the weights' file says what the network is. */
  readonly architecture?: string;
  /** Address of a network as `npx linnet convert` writes it. */
  readonly graph?: string;
  /** What that function takes, or what opens the weights' file. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Of several results of a file: the name of the one that the task is about; the first unless given. */
  readonly output?: string;
  /** Whose names the tensors have, where they are not the architecture's. */
  readonly names?: 'timm';
  readonly weights: {
    /** Address of a safetensors file; or of an `.onnx` or a `.tflite` file, which is the network, too. */
    readonly file: string;
    readonly bytes?: number;
    /** In hexadecimal. */
    readonly sha256?: string;
  };
  /** How a picture becomes a tensor; `null`: only tensors are accepted. */
  readonly preprocess: Preprocess | null;
  /** One for each class (of a mask: for each channel), or the address of a text file with one on each line. */
  readonly labels?: string | readonly string[];
  readonly licence?: string;
  readonly source?: string;
  /**
   * From 0 to 1: the shares of pictures whose class is the first guess, or among the first five; for a segmenter, the
   * intersection of what is found and what is there over their union, as the mean of all pictures or of all at once.
   */
  readonly accuracy?: {
    readonly dataset: string;
    readonly top1?: number;
    readonly top5?: number;
    readonly meanIoU?: number;
    readonly pooledIoU?: number;
  };
}

const ARCHITECTURES: Readonly<Record<string, (options: object) => Architecture>> = architectures;

/** What a card's `architecture` may be. */
export const ARCHITECTURE_NAMES: readonly string[] = Object.keys(ARCHITECTURES);

const SHA256: Kind<string> = {
  expected: '64 hexadecimal digits',
  accepts: (value): value is string => typeof value === 'string' && /^[0-9a-f]{64}$/i.test(value),
};
const TEXTS = listOf(TEXT, 'a list of texts');
const LABELS: Kind<string | readonly string[]> = {
  expected: 'an address or a list of texts',
  accepts: (value): value is string | readonly string[] => TEXT.accepts(value) || TEXTS.accepts(value),
};

/** The fields of a card, and of the objects in it; those of `preprocess` are those that pictures are read with. */
const CARD = {
  schema: oneOf(1),
  name: TEXT,
  task: oneOf('classification', 'segmentation'),
  architecture: optional(TEXT),
  graph: optional(TEXT),
  options: optional(OBJECT),
  output: optional(TEXT),
  names: optional(oneOf('timm')),
  weights: OBJECT,
  labels: optional(LABELS),
  licence: optional(TEXT),
  source: optional(TEXT),
  accuracy: optional(OBJECT),
};
const WEIGHTS = { file: TEXT, bytes: optional(POSITIVE_INTEGER), sha256: optional(SHA256) };
const SHARE = optional(FRACTION);
const ACCURACY = { dataset: TEXT, top1: SHARE, top5: SHARE, meanIoU: SHARE, pooledIoU: SHARE };

/** What a text holds that was fetched. Throws a `CardError` if that is no JSON. */
export function parseJson(what: 'card' | 'graph', text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CardError(`The ${what} is not JSON: ${(cause as Error).message}.`, { cause });
  }
}

/** Checks a card's JSON. Throws a `CardError` that says where it is wrong; fields that it does not know are left out. */
export function readCard(json: unknown): Card {
  return during('reading a model card', () => {
    if (!OBJECT.accepts(json)) throw new CardError(`The card is ${show(json)} instead of an object.`);
    const { accuracy, ...card } = readFields(json, CARD);
    const { file } = readFields(card.weights, WEIGHTS, 'weights.');
    const given = Object.entries({
      architecture: card.architecture,
      graph: card.graph,
      'weights.file': formatOf(file),
    });
    const named = given.filter(([, network]) => network !== undefined).map(([path]) => `'${path}'`);
    if (named.length === 0) {
      throw new CardError(
        `'architecture' is missing; it should be a text, or a 'graph' there or a 'weights.file' of .onnx or .tflite.`,
      );
    }
    if (named.length > 1)
      throw new CardError(`${named.join(' and ')} each say what the network is; one of them should.`);
    return {
      ...card,
      options: card.options ?? {},
      weights: readFields(card.weights, WEIGHTS, 'weights.'),
      preprocess: json.preprocess === null ? null : readPreprocess(readFields(json, { preprocess: OBJECT }).preprocess),
      ...(accuracy && { accuracy: readFields(accuracy, ACCURACY, 'accuracy.') }),
    } as Card;
  });
}

/** By the address's ending: the format of a file that is a network and its weights. */
export const formatOf = (address: string): Format | undefined =>
  /\.(onnx|tflite)(?=$|[?#])/i.exec(address)?.[1]?.toLowerCase() as Format | undefined;

export type Format = 'onnx' | 'tflite';

/** The network that a card names. Throws an `ArchitectureError` if there is none, or if an option is wrong. */
export function architectureOf({ name, architecture = '', options }: Card): Architecture {
  return during(`making the network of the card '${name}'`, () => {
    const make = Object.hasOwn(ARCHITECTURES, architecture) && ARCHITECTURES[architecture];
    if (make) return make(options);
    throw new ArchitectureError(
      `There is no architecture '${architecture}'; there are ${ARCHITECTURE_NAMES.join(', ')}.`,
    );
  });
}

function readPreprocess(json: Readonly<Record<string, unknown>>): Preprocess {
  const kinds = Object.entries(PREPROCESS).map(([name, [kind, byDefault]]): [string, Kind<unknown>] => {
    return [name, byDefault === undefined ? kind : optional<unknown>(kind)];
  });
  const preprocess = readFields(json, Object.fromEntries(kinds), 'preprocess.') as unknown as Preprocess;
  const { fit, crop = 1 } = preprocess;
  if (crop !== 1 && fit !== 'cover') {
    throw new CardError(`'preprocess.crop' is ${crop}, which needs the fit "cover"; 'preprocess.fit' is ${show(fit)}.`);
  }
  return preprocess;
}

type Kinds = Readonly<Record<string, Kind<unknown>>>;

/** The fields of an object whose own path in the card is `scope`. Those that may be left out have no property then. */
function readFields<Table extends Kinds>(
  json: Readonly<Record<string, unknown>>,
  table: Table,
  scope = '',
): { readonly [Name in keyof Table]: Table[Name] extends Kind<infer Value> ? Value : never } {
  const fields = Object.entries(table).flatMap(([name, { accepts, expected }]) => {
    const { [name]: value } = json;
    if (!accepts(value)) {
      const found = value === undefined ? 'missing' : show(value);
      throw new CardError(`'${scope}${name}' is ${found}; it should be ${expected}.`);
    }
    return value === undefined ? [] : [[name, value]];
  });
  return Object.fromEntries(fields);
}
