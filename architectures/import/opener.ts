import { FetchError } from '../../engine/common/errors.ts';

/** What opens networks that are files: downloaded when the first one comes. */
export async function importOpener(): Promise<typeof import('./open.ts')> {
  try {
    return await import('./open.ts');
  } catch (cause) {
    throw new FetchError('What opens a network that is a file could not be downloaded.', { cause });
  }
}
