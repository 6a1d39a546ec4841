import { type Plan, summarizePlan } from 'linnet';
import { useMemo } from 'preact/hooks';
import { usePlans } from '../network/use-plan.ts';
import { CANDIDATES, type Candidate } from './candidates.ts';

interface Cost {
  readonly parameters: number;
  readonly macs: number;
  /** Bytes of activations where values share memory, and where each has its own. */
  readonly planned: number;
  readonly separate: number;
  readonly dispatches: number;
  readonly pipelines: number;
  readonly weights: number;
}

/** What a network costs, from its plan for WebGPU's default limits. */
export interface Planned extends Cost {
  readonly candidate: Candidate;
}

function costOf(plan: Plan): Cost {
  const cost = summarizePlan(plan);
  return {
    parameters: cost.parameters,
    macs: cost.macs,
    planned: cost.activationBytes,
    separate: cost.separateBytes,
    dispatches: cost.dispatches,
    pipelines: cost.pipelines,
    weights: cost.weightBytes,
  };
}

const ARCHITECTURES = CANDIDATES.map(({ architecture }) => architecture);

/** What all networks cost, once all are planned. */
export function usePlanned(): readonly Planned[] | undefined {
  const costs = usePlans(ARCHITECTURES, costOf);
  return useMemo(() => costs?.map((cost, index) => ({ candidate: CANDIDATES[index] as Candidate, ...cost })), [costs]);
}
