import { useCallback, useState } from 'preact/hooks';
import type { Candidate } from '../compare/candidates.ts';
import { randomWeights, seededNumbers } from '../compare/random-weights.ts';
import { useTask } from '../shared/task.ts';
import { measureMachine } from './machine.ts';
import { describe, measureNetwork, type Report, type Stage } from './measure.ts';

/** What is being measured, and how many of all steps are done. */
export interface Progress {
  readonly stage: Stage | 'machine' | 'done' | 'cancelled';
  readonly name: string;
  readonly done: number;
  readonly steps: number;
}

const STAGES: readonly Stage[] = ['pipelines', 'compile', 'run', 'profile'];

/** Measures the device and then networks, one after another; the report grows with each. */
export function useBench(device: GPUDevice | undefined) {
  const [report, setReport] = useState<Report>();
  const [progress, setProgress] = useState<Progress>();
  const { busy, error, run, cancel } = useTask();

  const start = useCallback(
    async (candidates: readonly Candidate[]) => {
      if (!device) return;
      const steps = 1 + candidates.length * STAGES.length;
      await run(async (signal) => {
        setReport(undefined);
        setProgress({ stage: 'machine', name: '', done: 0, steps });
        try {
          const machine = await measureMachine(device, signal);
          const head = { ...describe(device), platform: navigator.userAgent, machine };
          setReport({ ...head, networks: [] });
          const pipelines = new Map();
          for (const [index, { name, architecture }] of candidates.entries()) {
            const weights = randomWeights(architecture);
            const network = await measureNetwork(device, architecture, {
              name,
              weights,
              imageOf: seededNumbers,
              machine,
              pipelines,
              signal,
              onStage: (stage) =>
                setProgress({ stage, name, done: 1 + index * STAGES.length + STAGES.indexOf(stage), steps }),
            });
            setReport((before) => before && { ...before, networks: [...before.networks, network] });
          }
          setProgress({ stage: 'done', name: '', done: steps, steps });
        } catch (reason) {
          setProgress(signal.aborted ? { stage: 'cancelled', name: '', done: 0, steps } : undefined);
          throw reason;
        }
      });
    },
    [device, run],
  );

  return { report, progress, busy, error, start, cancel };
}
