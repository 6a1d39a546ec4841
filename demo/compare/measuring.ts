import { compile } from 'linnet';
import { useCallback, useState } from 'preact/hooks';
import type { Enqueue } from '../network/queue.ts';
import { median } from '../shared/median.ts';
import { useTask } from '../shared/task.ts';
import type { Candidate } from './candidates.ts';
import { randomWeights, seededNumbers } from './random-weights.ts';

/** A network is run until there are enough times for a median, or until it takes too long. */
const RUNS = 7;
const PATIENCE_MS = 3000;

export type Time =
  | { readonly kind: 'waiting' | 'compiling' | 'running' }
  | { readonly kind: 'done'; readonly ms: number; readonly runs: number };

/** Which network is being measured, counted from 1. */
export interface Progress {
  readonly number: number;
  readonly of: number;
}

/** Milliseconds of one inference of a network with made-up weights: the median of a few, after one that does not count. */
export async function measure(
  { architecture }: Candidate,
  device: GPUDevice,
  signal: AbortSignal,
  onRunning: () => void,
): Promise<{ ms: number; runs: number }> {
  const network = await compile(architecture, { weights: randomWeights(architecture), device, signal, tune: false });
  try {
    onRunning();
    const { bytes } = network.plan.inputs.image as (typeof network.plan.inputs)[string];
    const image = seededNumbers(bytes / 4);
    await network.run({ image });
    const times: number[] = [];
    const start = performance.now();
    while (times.length < RUNS && (times.length === 0 || performance.now() - start < PATIENCE_MS)) {
      signal.throwIfAborted();
      const before = performance.now();
      await network.run({ image });
      times.push(performance.now() - before);
    }
    return { ms: median(times), runs: times.length };
  } finally {
    network.destroy();
  }
}

/** Measures networks one after another, each freed before the next. */
export function useMeasuring(device: GPUDevice | undefined, enqueue: Enqueue) {
  const [times, setTimes] = useState<Readonly<Record<string, Time>>>({});
  const [progress, setProgress] = useState<Progress>();
  const { busy, error, run, cancel } = useTask();

  const start = useCallback(
    async (candidates: readonly Candidate[]) => {
      if (!device) return;
      const note = (id: string, time: Time) => setTimes((before) => ({ ...before, [id]: time }));
      for (const { id } of candidates) note(id, { kind: 'waiting' });
      await run(async (signal) => {
        try {
          for (const [index, candidate] of candidates.entries()) {
            setProgress({ number: index + 1, of: candidates.length });
            await enqueue(async () => {
              signal.throwIfAborted();
              note(candidate.id, { kind: 'compiling' });
              const measured = await measure(candidate, device, signal, () => note(candidate.id, { kind: 'running' }));
              note(candidate.id, { kind: 'done', ...measured });
            });
          }
        } finally {
          setProgress(undefined);
          setTimes((before) => Object.fromEntries(Object.entries(before).filter(([, { kind }]) => kind === 'done')));
        }
      });
    },
    [device, enqueue, run],
  );

  return { times, progress, busy, error, start, cancel };
}
