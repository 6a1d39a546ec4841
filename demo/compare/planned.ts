import { planFor, summarizePlan } from 'linnet';
import { useEffect, useState } from 'preact/hooks';
import { CANDIDATES, type Candidate } from './candidates.ts';

/** What a network costs, from its plan for WebGPU's default limits. */
export interface Planned {
  readonly candidate: Candidate;
  readonly parameters: number;
  readonly macs: number;
  /** Bytes of activations where values share memory, and where each has its own. */
  readonly planned: number;
  readonly separate: number;
  readonly dispatches: number;
  readonly pipelines: number;
  readonly weights: number;
}

function plan(candidate: Candidate): Planned {
  const cost = summarizePlan(planFor(candidate.architecture));
  return {
    candidate,
    parameters: cost.parameters,
    macs: cost.macs,
    planned: cost.activationBytes,
    separate: cost.separateBytes,
    dispatches: cost.dispatches,
    pipelines: cost.pipelines,
    weights: cost.weightBytes,
  };
}

const pause = () => new Promise((resolve) => setTimeout(resolve));

/** All plans, once all are made. A phone needs a moment for each, and is left free between them. */
export function usePlans(): readonly Planned[] | undefined {
  const [plans, setPlans] = useState<readonly Planned[]>();
  useEffect(() => {
    let gone = false;
    const make = async () => {
      const made: Planned[] = [];
      for (const candidate of CANDIDATES) {
        await pause();
        if (gone) return;
        made.push(plan(candidate));
      }
      if (!gone) setPlans(made);
    };
    void make();
    return () => {
      gone = true;
    };
  }, []);
  return plans;
}
