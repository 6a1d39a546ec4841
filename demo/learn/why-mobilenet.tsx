import { useMemo } from 'preact/hooks';
import { useWords } from '../strings.ts';
import type { ViewProps } from '../views.ts';
import { Experiment } from './experiment.tsx';
import { words as bothLanguages } from './why-mobilenet-strings.ts';

/** MobileNet's arithmetic, and what comes of it in a whole network. */
export default function WhyMobileNet({ networks: { offers } }: ViewProps) {
  const words = useWords(bothLanguages);
  const experiment = useMemo(() => offers && <Experiment offers={offers} />, [offers]);
  return (
    <>
      <p class="lead">{words.lead}</p>
      {experiment}
    </>
  );
}
