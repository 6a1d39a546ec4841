import { FetchError } from '../../engine/common/errors.ts';
import { tagOf } from '../../engine/common/kinds.ts';
import { formatOf } from '../model-card.ts';

/** What opens networks that are files: downloaded when the first one comes. */
export async function importOpener(): Promise<typeof import('./open.ts')> {
  try {
    return await import('./open.ts');
  } catch (cause) {
    throw new FetchError('What opens the file could not be downloaded.', { cause });
  }
}

/** Whether a source of `loadModel` is a file that is a network, or its address; of several, the files of its data too. */
export const isModelFile = (source: unknown) =>
  typeof source === 'string' ? formatOf(source) : /^(Blob|File|Array)$/.test(tagOf(source));
