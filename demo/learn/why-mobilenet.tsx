import { useMemo } from 'preact/hooks';
import type { ViewProps } from '../frame/view-props.ts';
import { useWords } from '../shared/strings.ts';
import { Arithmetic } from './arithmetic.tsx';
import { Experiment } from './experiment.tsx';
import { LearnedSteps } from './learned-steps.tsx';
import { TwoSteps } from './two-steps.tsx';
import './why-mobilenet.css';
import { words as bothLanguages } from './why-mobilenet-strings.ts';

/** MobileNet's arithmetic, what a trained one makes of it, and what comes of it in a whole network. */
export default function WhyMobileNet(view: ViewProps) {
  const { offers } = view.networks;
  const words = useWords(bothLanguages);
  const experiment = useMemo(() => offers && <Experiment offers={offers} />, [offers]);
  return (
    <>
      <p class="lead">{words.lead}</p>
      <p class="quiet small">
        {words.paper} <a href="https://arxiv.org/abs/1704.04861">MobileNets, arXiv 1704.04861</a>
      </p>
      <Arithmetic />
      <TwoSteps />
      <LearnedSteps {...view} />
      {experiment}
    </>
  );
}
