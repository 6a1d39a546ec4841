import type { Architecture } from 'linnet';
import { useEffect, useState } from 'preact/hooks';
import type { Offer } from '../network/networks.ts';

/** What an offer's network is: known by its card, or opened from its weights' file, for which no GPU is needed. */
export function useArchitecture(offer: Offer | undefined): { architecture: Architecture | undefined; error?: unknown } {
  const [opened, setOpened] = useState<{ of: Offer; architecture: Architecture | undefined; error?: unknown }>();
  useEffect(() => {
    if (!offer || offer.architecture) return;
    let stale = false;
    const open = async () => {
      const file = new URL(offer.card.weights.file, offer.url).href;
      const { openTflite } = await import('linnet/tflite');
      const { architecture } = await openTflite(file);
      if (!stale) setOpened({ of: offer, architecture });
    };
    open().catch((error) => stale || setOpened({ of: offer, architecture: undefined, error }));
    return () => {
      stale = true;
    };
  }, [offer]);
  if (offer?.architecture) return { architecture: offer.architecture };
  return opened?.of === offer && opened ? opened : { architecture: undefined };
}
