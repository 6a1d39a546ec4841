import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

/** Work that takes long, begun and cancelled by the visitor: whether it goes on, and what went wrong last. */
export function useTask() {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const controller = useRef<AbortController>(undefined);

  const run = useCallback(async (work: (signal: AbortSignal) => Promise<void>) => {
    const own = new AbortController();
    controller.current = own;
    setBusy(true);
    setError(undefined);
    try {
      await work(own.signal);
    } catch (reason) {
      if (!own.signal.aborted) setError(reason);
    }
    setBusy(false);
  }, []);
  const cancel = useCallback(() => controller.current?.abort(), []);
  // A view that is left works no more.
  useEffect(() => () => controller.current?.abort(), []);

  return { busy, error, run, cancel };
}
