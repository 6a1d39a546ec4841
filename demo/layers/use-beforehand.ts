import { useEffect, useState } from 'preact/hooks';
import { useStrings } from '../shared/strings.ts';
import { type Beforehand, fetchBeforehand } from './beforehand.ts';

/** What was computed beforehand, once it is wanted. */
export function useBeforehand(wanted: boolean): { beforehand: Beforehand | undefined; error: unknown } {
  const { picture } = useStrings();
  const [beforehand, setBeforehand] = useState<Beforehand>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    if (!wanted || beforehand) return;
    let stale = false;
    fetchBeforehand(picture.undecodable).then(
      (found) => stale || setBeforehand(found),
      (reason) => stale || setError(reason),
    );
    return () => {
      stale = true;
    };
  }, [wanted]);
  return { beforehand: wanted ? beforehand : undefined, error };
}
