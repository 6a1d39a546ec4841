import { FetchError } from '../common/errors.ts';

/**
 * What creates tuned networks, downloaded when the first one is. If it cannot be, a network that was not asked to be tuned does
 * without.
 */
export async function importTuner(isAsked: boolean): Promise<typeof import('./tuned.ts') | undefined> {
  try {
    return await import('./tuned.ts');
  } catch (cause) {
    if (!isAsked) return undefined;
    throw new FetchError("What tunes a network ('tune') could not be downloaded.", { cause });
  }
}
