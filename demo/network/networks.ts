import { type Architecture, CardError, type Preprocess, tensorsOf } from 'linnet';
import {
  architectureOf,
  type Card,
  type CardSource,
  type LoadModelOptions,
  type ModelSource,
  readCard,
} from 'linnet/models';
import { type Download, forget, isKept, keptFile } from './kept-weights.ts';

/** What a network is offered for. */
export type Task = 'people' | 'things' | 'garments' | 'drawings';

/** A network that the page offers, as its card describes it; nothing but the card has been fetched. */
export interface Offer {
  readonly id: string;
  readonly task: Task;
  readonly group: 'here' | 'published';
  readonly url: string;
  readonly card: Card;
  /** Undefined where only the weights' file knows it. */
  readonly architecture: Architecture | undefined;
  /** Of the file of weights; where the card does not tell, what its tensors take as float32. */
  readonly bytes: number;
}

const CARDS: readonly Pick<Offer, 'id' | 'task' | 'group' | 'url'>[] = [
  { id: 'people', task: 'people', group: 'here', url: 'models/selfie-segmentation/card.json' },
  { id: 'mobilenet-v2', task: 'things', group: 'published', url: 'cards/mobilenetv2-100.json' },
  { id: 'mobilenet-v1', task: 'things', group: 'published', url: 'cards/mobilenetv1-100.json' },
  { id: 'mobilenet-v3-large', task: 'things', group: 'published', url: 'cards/mobilenetv3-large-100.json' },
  { id: 'mobilenet-v3-small', task: 'things', group: 'published', url: 'cards/mobilenetv3-small-100.json' },
  { id: 'separable', task: 'garments', group: 'here', url: 'models/fashion-mnist-separable/card.json' },
  { id: 'full', task: 'garments', group: 'here', url: 'models/fashion-mnist-full/card.json' },
  { id: 'drawings', task: 'drawings', group: 'here', url: 'models/drawings-300/card.json' },
];

/** The networks whose cards can be read. The cards lie beside the page; their weights may not. */
export async function fetchOffers(): Promise<Offer[]> {
  const offers = await Promise.allSettled(
    CARDS.map(async (entry): Promise<Offer> => {
      const url = new URL(entry.url, document.baseURI).href;
      const response = await fetch(url);
      if (!response.ok) throw new Error(`${url}: ${response.status}`);
      const card = readCard(await response.json());
      const architecture = card.architecture === undefined ? undefined : architectureOf(card);
      const bytes = card.weights.bytes ?? (architecture ? float32Bytes(architecture) : 0);
      return { ...entry, url, card, architecture, bytes };
    }),
  );
  return offers.flatMap((offer) => (offer.status === 'fulfilled' ? [offer.value] : []));
}

function float32Bytes(architecture: Architecture): number {
  const elements = tensorsOf(architecture).map(({ shape }) => shape.reduce((product, size) => product * size, 1));
  return 4 * elements.reduce((sum, count) => sum + count, 0);
}

/** Where a network comes from: a card, its address or a file that is a network; and what to free once another is wanted. */
export interface Request extends Pick<LoadModelOptions, 'card'> {
  readonly name: string;
  /** Of the page's own offers the one. */
  readonly offer?: Offer;
  /** Or what fetches it. */
  readonly source: ModelSource | ((download: Download) => Promise<ModelSource>);
  release?(): void;
  /** It turned out to be no network that can be used. */
  refuse?(): void;
}

/** Where the weights of an offer are. */
const weightsAddress = ({ card, url }: Offer) => new URL(card.weights.file, url).href;

/** Whether nothing has to be downloaded from elsewhere. */
export const isHere = async (offer: Offer): Promise<boolean> =>
  offer.group === 'here' || (await isKept(weightsAddress(offer)));

/** One of the page's own offers. What is published elsewhere is kept for the next visit. */
export function requestOffer(offer: Offer): Request {
  const { card, url, group } = offer;
  if (group === 'here') return { name: card.name, offer, source: url };
  const address = weightsAddress(offer);
  let file: string | undefined;
  const release = () => {
    if (file) URL.revokeObjectURL(file);
  };
  return {
    name: card.name,
    offer,
    async source(download) {
      release();
      file = URL.createObjectURL(
        await keptFile(address, {
          ...download,
          // How large the file is its server need not say; its header is all that the offer does not count.
          onProgress: (progress) => download.onProgress({ ...progress, total: Math.max(progress.loaded, offer.bytes) }),
        }),
      );
      return {
        ...card,
        weights: { ...card.weights, file },
        ...(typeof card.labels === 'string' && { labels: new URL(card.labels, url).href }),
      };
    },
    release,
    refuse: () => void forget(address),
  };
}

const NETWORK_FILE = /\.(onnx|tflite)$/i;

/** What weights alone do not tell. */
export interface Uncarded {
  architecture: string;
  names: string;
  options: string;
  preprocess: string;
}

export const DEFAULTS: Readonly<Uncarded> = {
  architecture: 'mobileNetV2',
  names: '',
  options: '{ "classes": 1000, "inputSize": [224, 224] }',
  preprocess: '{ "fit": "cover", "crop": 0.875, "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225] }',
};

interface Messages {
  options: string;
  preprocess: string;
  notJson: (what: string, reason: string) => string;
  noFiles: string;
  missingFile: (name: string) => string;
}

/** A network by address: of a card, or of weights that have none. */
export function requestAddress(address: string, uncarded: Uncarded, messages: Messages): Request {
  const url = new URL(address, document.baseURI);
  const name = decodeURIComponent(url.pathname.split('/').at(-1) || url.host);
  if (url.pathname.endsWith('.safetensors')) return { name, source: cardFor(name, url.href, uncarded, messages) };
  return { name, source: url.href, ...(NETWORK_FILE.test(name) && { card: pictureCard(uncarded, messages) }) };
}

/** A network from files: a card with those that it names, weights that have none, or an ONNX or TFLite model. */
export async function requestFiles(files: readonly File[], uncarded: Uncarded, messages: Messages): Promise<Request> {
  const blobs: string[] = [];
  const addressOf = (file: Blob): string => {
    const address = URL.createObjectURL(file);
    blobs.push(address);
    return address;
  };
  const release = () => {
    for (const address of blobs) URL.revokeObjectURL(address);
  };
  const byName = (name: string): string => {
    // A card may say `weights/model.safetensors`; a dropped file has no folder.
    const file = files.find((candidate) => candidate.name === name.split('/').at(-1));
    if (file) return addressOf(file);
    if (/^(https?|blob|data):/.test(name)) return name;
    throw new CardError(messages.missingFile(name));
  };
  const cardFile = files.find(({ name }) => name.endsWith('.json'));
  const weightsFile = files.find(({ name }) => name.endsWith('.safetensors'));
  try {
    if (cardFile) {
      const card = parse(await cardFile.text(), cardFile.name, messages);
      return { name: cardFile.name, source: withAddresses(card, byName), release };
    }
    const networkFile = files.find(({ name }) => NETWORK_FILE.test(name));
    if (networkFile) {
      // The data of an ONNX file may lie in others.
      const source = files.length > 1 ? files : networkFile;
      return { name: networkFile.name, source, card: pictureCard(uncarded, messages), release };
    }
    if (!weightsFile) throw new CardError(messages.noFiles);
    const card = cardFor(weightsFile.name, addressOf(weightsFile), uncarded, messages);
    return { name: weightsFile.name, source: card, release };
  } catch (error) {
    release();
    throw error;
  }
}

/** The same card with addresses in place of file names. What is no card stays what it is: reading it says what is wrong. */
function withAddresses(card: unknown, byName: (name: string) => string): CardSource {
  if (typeof card !== 'object' || card === null) return card as CardSource;
  const { weights, labels } = card as { weights?: { file?: unknown }; labels?: unknown };
  return {
    ...card,
    ...(typeof weights?.file === 'string' && { weights: { ...weights, file: byName(weights.file) } }),
    ...(typeof labels === 'string' && { labels: byName(labels) }),
  };
}

function cardFor(name: string, file: string, uncarded: Uncarded, messages: Messages): CardSource {
  const options = parse(uncarded.options, messages.options, messages);
  return {
    schema: 1,
    name,
    task: uncarded.architecture === 'uNet' ? 'segmentation' : 'classification',
    architecture: uncarded.architecture,
    options,
    ...(uncarded.names && { names: uncarded.names }),
    weights: { file },
    ...pictureCard(uncarded, messages),
  };
}

const pictureCard = ({ preprocess }: Uncarded, messages: Messages) => ({
  preprocess: parse(preprocess, messages.preprocess, messages) as Preprocess,
});

function parse(text: string, what: string, { notJson }: Messages): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CardError(notJson(what, error instanceof Error ? error.message : String(error)));
  }
}
