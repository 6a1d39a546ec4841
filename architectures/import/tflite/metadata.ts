import { FetchError } from '../../../engine/common/errors.ts';
import type { FileValue, Hints } from '../described.ts';
import type { TfliteFile } from './file.ts';
import { rootOf } from './flatbuffer.ts';
import { ASSOCIATED_FILE, metadata, PROCESS_UNIT } from './schema.ts';

/** From TFLite's metadata (https://ai.google.dev/edge/litert/models/metadata), and from how an input is quantized. */
export async function hintsOf(file: TfliteFile, bytes: Uint8Array, inputs: readonly FileValue[]): Promise<Hints> {
  const root = file.metadata && rootOf(file.metadata, 'M001');
  const [described] = root ? metadata(root).subgraphs : [];
  const at = inputs.findIndex(({ shape }) => shape.length === 4 && (shape[1] === 1 || shape[1] === 3));
  const unit = described?.inputs[at]?.processUnits.find(({ type }) => type === PROCESS_UNIT.normalization)?.options;
  const normalization = unit && isSound(unit, inputs[at]) ? unit : ofPixels(file, at);
  const labelFiles = described?.outputs.flatMap(({ associatedFiles }) => associatedFiles) ?? [];
  const labels = labelFiles.find(({ type }) => type === ASSOCIATED_FILE.tensorAxisLabels);
  const text = labels && (await (await importUnzip())(bytes, labels.name));
  return {
    ...(normalization && {
      preprocess: {
        fit: 'fill',
        mean: normalization.mean.map((mean) => mean / 255),
        std: normalization.std.map((std) => std / 255),
      },
    }),
    ...(text && { labels: text.replace(/\r?\n$/, '').split(/\r?\n/) }),
  };
}

/** Few files have labels; what takes them out is downloaded for these. */
async function importUnzip(): Promise<typeof import('./unzip.ts').unzip> {
  try {
    return (await import('./unzip.ts')).unzip;
  } catch (cause) {
    throw new FetchError('What reads the labels of a TFLite file could not be downloaded.', { cause });
  }
}

interface Normalization {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

function isSound({ mean, std }: Normalization, input: FileValue | undefined): boolean {
  const fits = (list: readonly number[]) => list.length === 1 || list.length === input?.shape[1];
  return fits(mean) && fits(std) && mean.every(Number.isFinite) && std.every((value) => value > 0 && value < Infinity);
}

/** A quantized picture's bytes are those of the picture: from 0, or as many less as makes them signed. */
function ofPixels({ tensors, inputs }: TfliteFile, at: number): Normalization | undefined {
  const { type, quantization } = tensors[inputs[at] ?? -1] ?? {};
  const least = { uint8: 0, int8: -128 }[type as string];
  if (least === undefined) return undefined;
  const [scale = 1] = quantization?.scale ?? [];
  const [zero = 0] = quantization?.zeroPoint ?? [];
  return scale > 0 ? { mean: [zero - least], std: [1 / scale] } : undefined;
}
