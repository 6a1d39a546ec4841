import { oneOf } from '../../engine/common/kinds.ts';
import { requireKind } from '../../engine/common/options.ts';
import { tensorsOf } from '../../engine/compile.ts';
import { sha256 } from '../../engine/weights/sha256.ts';
import type { Card } from '../model-card.ts';
import { type ModelFile, openModelFile } from './open.ts';
import { record } from './recorded.ts';
import { type StoredAs, writeSafetensors } from './write-safetensors.ts';

export interface ConvertOptions {
  /** How the weights are stored; `float32` unless given. */
  as?: StoredAs | undefined;
  /** What the file does not say of itself: fields of its card. */
  card?: Partial<Omit<Card, 'schema' | 'weights'>> | undefined;
}

/**
 * A network in an ONNX or a TFLite file as Linnet's own: by their names, the files `card.json`, `graph.json` and
 * `model.safetensors`. Rejects with a `ModelError` where the file cannot be opened, and with a `CardError` where it is no model
 * that has a picture and a result.
 */
export async function convert(
  file: ModelFile,
  { as = 'float32', card: said }: ConvertOptions = {},
): Promise<ReadonlyMap<string, Uint8Array>> {
  requireKind('as', as, oneOf('float32', 'float16', 'uint8'));
  const { card, architecture, weights } = await openModelFile(file, said, {});
  const tensors = [];
  for (const { name, shape } of tensorsOf(architecture)) {
    tensors.push({ name, shape, values: await weights.read(name) });
  }
  const model = writeSafetensors(tensors, as);
  const digest = sha256();
  digest.add(model);
  const { options: _, output: __, ...rest } = card;
  const written: Omit<Card, 'options'> = {
    ...rest,
    graph: 'graph.json',
    weights: { file: 'model.safetensors', bytes: model.length, sha256: digest.hex() },
  };
  const json = (content: unknown, space?: number) =>
    new TextEncoder().encode(`${JSON.stringify(content, null, space)}\n`);
  return new Map([
    ['card.json', json(written, 2)],
    ['graph.json', json(record(architecture))],
    ['model.safetensors', model],
  ]);
}
