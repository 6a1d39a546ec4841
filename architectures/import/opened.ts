import type { Architecture } from '../../engine/architecture.ts';
import { FetchError } from '../../engine/common/errors.ts';
import type { Preprocess } from '../../engine/common/picture.ts';
import type { Weights } from '../../engine/weights/weights.ts';

/** A network of a file of another format, and what that says of itself. */
export interface OpenedNetwork {
  readonly architecture: Architecture;
  readonly weights: Weights;
  /** How a picture becomes its input. */
  readonly preprocess?: Preprocess;
  /** One for each class. */
  readonly labels?: readonly string[];
}

const IMPORTS = {
  onnx: () => import('../onnx.ts'),
  tflite: () => import('../tflite.ts'),
  graph: () => import('./recorded.ts'),
} as const;

/** What opens networks of a kind: it is downloaded when there is one. */
export async function importOpener<Kind extends keyof typeof IMPORTS>(
  kind: Kind,
): Promise<Awaited<ReturnType<(typeof IMPORTS)[Kind]>>> {
  try {
    return (await IMPORTS[kind]()) as Awaited<ReturnType<(typeof IMPORTS)[Kind]>>;
  } catch (cause) {
    throw new FetchError(`What opens a network of the kind '${kind}' could not be downloaded.`, { cause });
  }
}
