import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ViewProps } from './view-props.ts';
import type { View } from './views.ts';

interface LoadedView {
  readonly view?: View;
  readonly Content?: ComponentType<ViewProps>;
  readonly error?: unknown;
}

/** The view that is wanted once its code has come, and until then the one before. */
export function useLoadedView(wanted: View): LoadedView {
  const [loaded, setLoaded] = useState<LoadedView>({});

  useEffect(() => {
    let stale = false;
    wanted.load().then(
      (module) => !stale && setLoaded({ view: wanted, Content: module.default }),
      (error: unknown) => !stale && setLoaded({ view: wanted, error }),
    );
    return () => {
      stale = true;
    };
  }, [wanted]);

  return loaded;
}
