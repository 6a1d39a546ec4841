import { LinnetError } from 'linnet';

/** How work ends: `no error`, or the error's name and message. */
export const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof LinnetError ? `${error.name}: ${error.message}` : String(error)),
  );
